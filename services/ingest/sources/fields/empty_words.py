"""Words that stand for nothing, as people and software write them into a field that they have nothing for."""

from __future__ import annotations

import re

from shared.vietnamese import unaccented

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0]"
)
_NOTHING = frozenset(
    {
        *("null", "nil", "none", "nan", "nat", "undefined", "unknown", "empty", "blank", "n/a", "na", "#n/a", "n.a", "tbd"),
        *("chua co", "chua cap", "chua cap ma", "chua ro", "chua xac dinh"),
        *("khong", "khong co", "khong ro", "trong", "de trong"),
    }
)
"""Without accents and case."""
_MARKS = re.compile(r"[\W_0]*", re.ASCII)


def visible(text: str) -> str:
    """Without characters that cannot be seen, and without surrounding space."""
    return _INVISIBLE.sub("", text).strip()


def is_empty_word(text: str) -> bool:
    """Whether a text says that there is nothing: blank, marks and zeros alone, or a word such as `NULL`, `N/A`, `chưa có`."""
    text = visible(text)
    if len(text) > 40:
        return False
    if text.isascii() and _MARKS.fullmatch(text):
        return True
    word = unaccented(text)
    return word in _NOTHING or word.strip("<>()[]{}'\"-. ") in _NOTHING
