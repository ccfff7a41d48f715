"""Words that stand for nothing, as people and software write them into a field that they have nothing for."""

from __future__ import annotations

import re

from shared.vietnamese import unaccented, visible

_NOTHING = frozenset(
    {
        *("null", "nil", "none", "nan", "nat", "undefined", "unknown", "empty", "blank", "n/a", "na", "#n/a", "n.a", "tbd"),
        *("#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "#error!"),
        *("chua co", "chua cap", "chua cap ma", "chua ro", "chua xac dinh"),
        *("khong", "khong co", "khong ro", "trong", "de trong"),
    }
)
"""Without accents and case."""
_MARKS = re.compile(r"[\W_0]*", re.ASCII)
_TYPESET = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2026\u00b7", "---------")
"""Dashes and dots as a word processor sets them."""


def is_empty_word(text: str) -> bool:
    """Whether a text says that there is nothing: blank, marks and zeros alone, or a word such as `NULL`, `N/A`, `chưa có`."""
    text = visible(text).translate(_TYPESET)
    if len(text) > 40:
        return False
    if text.isascii() and _MARKS.fullmatch(text):
        return True
    word = unaccented(text)
    return word in _NOTHING or word.strip("<>()[]{}'\"-. ") in _NOTHING
