"""Names that are not known: what is said of one, and the known name that was probably meant.

A misspelt name that is passed over in silence leaves its sender with an answer to another question, so each is refused. What
may stand in a sentence about it is bounded: the names of a foreign record could hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from functools import lru_cache

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")
_LIKENESS = 0.7
"""Of two names, by `difflib`: below it a suggestion is a guess."""
_LISTED = 40
"""Names that a sentence lists."""


def shown(name: str) -> str | None:
    """A name that may be repeated in a sentence: a plain identifier of at most 40 characters; None: any other."""
    return name if _PLAIN.fullmatch(name) else None


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that was probably meant; None where none is like it."""
    return _nearest(name, tuple(known)) if shown(name) is not None else None


@lru_cache(4096)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    by_letters: dict[str, str] = {}
    for one in known:
        by_letters.setdefault(_letters(one), one)
    found = get_close_matches(_letters(name), by_letters, 1, _LIKENESS)
    return by_letters[found[0]] if found else None


def _letters(name: str) -> str:
    """A name as it is compared: `receivedAt`, `Received-At` and `received_at` are the same word."""
    return re.sub(r"[_.-]", "", name).lower()


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """The sentences about a name that is not known: `kind` is what it should name, `known` are the names that there are."""
    written = f"`{name}`" if shown(name) is not None else "of that name, which is no plain identifier"
    return f"There is no {kind} {written}. {meant(name, known)}".rstrip()


def meant(name: str, known: Collection[str]) -> str:
    """The sentences that go on after one about a name: which was probably meant, and which there are."""
    like = nearest(name, known)
    listed = sorted(known)
    sentences = [f"Did you mean `{like}`?"] if like is not None else []
    if not listed:
        sentences.append("None is known here.")
    else:
        more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
        sentences.append(f"Known: {', '.join(f'`{one}`' for one in listed[:_LISTED])}{more}.")
    return " ".join(sentences)
