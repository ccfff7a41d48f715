"""What the paragraphs of a document begin with: numbers and letters of headings, dashes of lists. Pure."""

from __future__ import annotations

import re

_NO_MORE = r"(?![.]?\d|[ ]?%)"
"""After the number of a heading: `31.400 hồ sơ`, `98.5%` number none."""
_MARKERS = {
    "roman": r"(?:PHẦN|Phần|[IVX]+)[.)\s]",
    "1.1.1": rf"\d{{1,2}}\.\d{{1,2}}\.\d{{1,2}}{_NO_MORE}",
    "1.1": rf"\d{{1,2}}\.\d{{1,2}}{_NO_MORE}",
    "1.": r"\(?\d{1,2}[.)](?!\d)",
    "a)": r"[a-zđ][.)]\s",
    "-": r"[-–—]",
    "+": r"\+",
    "*": r"[•●▪◦o*·✓➢]\s",
}
_NAMES = tuple(_MARKERS)
_MARKER = re.compile(rf"\s*(?:{'|'.join(f'({pattern})' for pattern in _MARKERS.values())})")
RANK = {"roman": 0, "1.": 1, "1.1": 2, "1.1.1": 3, "a)": 4, "-": 5, "+": 6, "*": 7, "": 9}


def marker(text: str) -> str:
    """What a paragraph begins with: `-`, `+`, `a)`, `1.`, or empty."""
    found = _MARKER.match(text)
    return _NAMES[found.lastindex - 1] if found is not None and found.lastindex is not None else ""
