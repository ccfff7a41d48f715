"""What the paragraphs of a document begin with: numbers and letters of headings, dashes of lists. Pure."""

from __future__ import annotations

import re

_NO_MORE = r"(?![.]?\d|[ ]?%)"
"""After the number of a heading: `31.400 hồ sơ`, `98.5%` number none."""
_MARKERS = (
    (re.compile(r"^\s*(?:PHẦN|Phần|[IVX]+)[.)\s]"), "roman"),
    (re.compile(rf"^\s*\d{{1,2}}\.\d{{1,2}}\.\d{{1,2}}{_NO_MORE}"), "1.1.1"),
    (re.compile(rf"^\s*\d{{1,2}}\.\d{{1,2}}{_NO_MORE}"), "1.1"),
    (re.compile(r"^\s*\(?\d{1,2}[.)](?!\d)"), "1."),
    (re.compile(r"^\s*[a-zđ][.)]\s"), "a)"),
    (re.compile(r"^\s*[-–—]"), "-"),
    (re.compile(r"^\s*\+"), "+"),
    (re.compile(r"^\s*[•●▪◦o*·✓➢]\s"), "*"),
)
RANK = {"roman": 0, "1.": 1, "1.1": 2, "1.1.1": 3, "a)": 4, "-": 5, "+": 6, "*": 7, "": 9}


def marker(text: str) -> str:
    """What a paragraph begins with: `-`, `+`, `a)`, `1.`, or empty."""
    return next((name for pattern, name in _MARKERS if pattern.match(text)), "")
