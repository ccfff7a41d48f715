"""Names that are not known: what is said of one, and the known name that was probably meant.

A misspelt name that is passed over in silence leaves its sender with an answer to another question, so each is refused. What
may stand in a sentence about it is bounded: the names of a foreign record could hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from shared.errors import FieldError, Invalid, ValidationDetails

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")
_LIKENESS = 0.7
"""Of two names, by `difflib`: below it a suggestion is a guess."""


def printable(name: str) -> str | None:
    """A name that may be repeated in a sentence: a plain identifier of at most 40 characters; None: any other."""
    return name if _PLAIN.fullmatch(name) else None


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that was probably meant; None where none is like it."""
    return _nearest(name, tuple(known)) if printable(name) is not None else None


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


def unknown_name(kind: str, name: str, known: Collection[str], *, where: str | None = None) -> str:
    """The sentences about a name that is not known: `kind` is what it should name, `known` are the names that there are.

    `where` is a sentence on where they are listed, in place of the list.
    """
    written = f"`{name}`" if printable(name) is not None else "of that name, which is no plain identifier"
    return f"There is no {kind} {written}. {suggestion(name, known, where=where)}"


def suggestion(name: str, known: Collection[str], *, where: str | None = None) -> str:
    """The sentences that go on after one about a name: which was probably meant, and which there are."""
    like = nearest(name, known)
    suggested = f"Did you mean `{like}`? " if like is not None else ""
    listed = f"Known: {', '.join(f'`{one}`' for one in sorted(known))}." if known else "None is known here."
    return f"{suggested}{where or listed}"


def require_known_members(value: object, kind: Any, at: str, what: str = "field") -> None:
    """Raise `Invalid` where an object in `value` has a member that `kind`, a struct or what holds structs, does not have.

    `at` is its place in the request, `what` says what its members are.
    """
    for place, name, known in _strays(value, kind, at):
        message = unknown_name(what, name, known)
        fault = FieldError(f"{place}.{printable(name) or '?'}", message, "unknown_field")
        raise Invalid(f"{fault.at}: {message}", members=ValidationDetails(errors=[fault]))


def _strays(value: object, kind: Any, at: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Members that are not known: the places of their objects, their names, and those that are known there."""
    for one in alternatives(kind):
        if _is_struct(one) and isinstance(value, Mapping):
            known, inner = _members(one)
            if not value.keys() <= known:
                yield at, str(next(name for name in value if name not in known)), known
            for name, type_ in inner:
                if name in value:
                    yield from _strays(value[name], type_, f"{at}.{name}")
        elif get_origin(one) in (list, tuple) and isinstance(value, list | tuple):
            for index, part in enumerate(value):
                yield from _strays(part, get_args(one)[0], f"{at}.{index}")


@cache
def _members(struct: type[msgspec.Struct]) -> tuple[frozenset[str], tuple[tuple[str, Any], ...]]:
    """The names of a struct's members, and those with their types that hold structs themselves."""
    fields = msgspec.structs.fields(struct)
    return frozenset(field.encode_name for field in fields), tuple(
        (field.encode_name, field.type) for field in fields if _holds_struct(field.type)
    )


def _holds_struct(kind: Any) -> bool:
    return any(_is_struct(one) or any(map(_holds_struct, get_args(one))) for one in alternatives(kind))


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def alternatives(kind: Any) -> tuple[Any, ...]:
    """The types that a type allows, without what is only said of them."""
    if get_origin(kind) is Annotated:
        return alternatives(get_args(kind)[0])
    if isinstance(kind, UnionType) or get_origin(kind) is Union:
        return tuple(one for part in get_args(kind) for one in alternatives(part))
    return (kind,)
