"""Numbers in which a program that recognises letters took a digit for one: `6.1O8`, `6.l08`. They count nothing. Pure."""

from __future__ import annotations

import re

_MISREAD = re.compile(
    r"(?<![\w.,])(?:"
    r"(?=[\d.]*[OolIBSZ])\d{1,3}(?:\.[\dOolIBSZ]{3})+(?:,\d+)?"  # thousands
    r"|l(?:\.\d{3})+"
    r"|\d+[Ool](?:\d[\dOol]*)?,\d+"  # before a decimal comma
    r"|\d+,\d*[Ool]\d*(?=[ ]?%)"
    r"|\d+[OolI]+\d[\dOolI]*"
    r")(?![\w]|[.,]\d)"
)


def misread_spans(text: str) -> list[tuple[int, int]]:
    """Where such numbers begin and end."""
    return [found.span() for found in _MISREAD.finditer(text)]
