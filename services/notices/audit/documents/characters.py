"""Characters that look like others, or like none: blanks of no width, digits of full width, thin and fixed blanks. Pure."""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
    "|(?<!m)[\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207d\u207e]+"
    "|(?<=[^\\W_])\u00ad(?=[^\\W_])|(?<=\\d[.,])\u00ad(?=\\d)|(?<=\\d)\u00ad(?=[.,]\\d)"
)
"""What takes no room, and raised marks of notes, which are no part of a figure or a word before them; `m²` is a unit. A soft
hyphen that stands elsewhere is the dash of an item."""
_SHAPES = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x00AD: 0x2D}
_SHAPES |= dict.fromkeys((0x2002, 0x2003, 0x3000), 0x20)
_SHAPES |= dict.fromkeys((0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x200A, 0x205F), 0x2009)
"""Characters of full width, and blanks that stand between thousands, by what they are read as."""
_ODD = re.compile(
    "[\u00ad\u00b9\u00b2\u00b3\u2070\u2074-\u2079\u207d\u207e\u2002-\u2008\u200a-\u200f\u202a-\u202e\u205f-\u2064\u2066-\u2069\u3000\ufe00-\ufe0f\ufeff\uff01-\uff5e]"
)


_MARK = re.compile(r"\s*[\[(]?\d{1,3}[\])]?\s*")
_RAISED = str.maketrans(
    "0123456789[]()", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207d\u207e\u207d\u207e"
)


def visible(text: str) -> str:
    """A text with the characters that its reader sees."""
    return shaped(_UNSEEN.sub("", text)) if _ODD.search(text) else text


def shaped(text: str) -> str:
    """A text with each character that looks like a usual one replaced by it."""
    return text.translate(_SHAPES) if _ODD.search(text) else text


def unseen(text: str) -> frozenset[int]:
    """Places of the characters that are left out of a text."""
    if not _ODD.search(text):
        return frozenset()
    return frozenset(place for one in _UNSEEN.finditer(text) for place in range(*one.span()))


def raised(text: str) -> str:
    """Letters that stand above the line; the mark of a note in characters of its own, for it is no digit of a figure."""
    return text.translate(_RAISED) if _MARK.fullmatch(text) else text
