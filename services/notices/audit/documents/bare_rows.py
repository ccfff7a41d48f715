"""Tables of a plain text that lost their lines: rows of values behind a label, one below the other. Pure.

A table copied from a page or a PDF keeps nothing but its rows: `Mức 3 68544 61827 6717 43434 70,3%`. Lines of as many values,
with per cent signs in the same places, are one; its head is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.notices.audit.documents.model import Cell

ROWS = 3
"""Lines that make a table."""
VALUES = 3
"""Values of a line that make a row."""
_WORD = re.compile(r"\S+")
_VALUE = re.compile(r"[-−]?\d+(?:[.,]\d+)*%?|[-–]")
_LETTER = re.compile(r"[^\W\d_]")


def bare_rows_at(lines: Sequence[tuple[int, str]], number: int) -> tuple[tuple[tuple[Cell, ...], ...], int] | None:
    """The rows that begin at a line, of a label and as many values each, and the line after them; None where there are none."""
    rows: list[tuple[Cell, list[Cell]]] = []
    shape: list[bool] = []
    for place in range(number, len(lines)):
        row = _row(*lines[place])
        if row is None:
            break
        own = [cell.text.endswith("%") for cell in row[1]]
        if rows and not _agree(own, shape):
            break
        shape = own if not rows or len(own) < len(shape) else shape
        rows.append(row)
    if len(rows) < ROWS:
        return None
    width = len(shape)
    made = [(_labelled(label, values[:-width]), *values[-width:]) for label, values in rows]
    if sum(any(char.isdigit() for char in cell.text) for row in made for cell in row[1:]) * 2 < len(made) * width:
        return None
    return tuple(made), number + len(made)


def _row(start: int, line: str) -> tuple[Cell, list[Cell]] | None:
    last = line.rstrip()[-1:]
    if not (last.isdigit() or last in ("%", "-", "–")) or line.count(" ") < VALUES:
        return None
    words = list(_WORD.finditer(line))
    first = len(words)
    while first and _VALUE.fullmatch(words[first - 1].group()):
        first -= 1
    label = line[: words[first].start()].strip() if first < len(words) else ""
    if len(words) - first < VALUES or not _LETTER.search(label):
        return None
    place = start + len(line) - len(line.lstrip())
    return Cell(label, place), [Cell(one.group(), start + one.start()) for one in words[first:]]


def _agree(one: Sequence[bool], other: Sequence[bool]) -> bool:
    """Whether two rows, from their ends, have their per cent signs in the same places; a label may end with a number."""
    many = min(len(one), len(other))
    return abs(len(one) - len(other)) <= 1 and list(one[-many:]) == list(other[-many:])


def _labelled(label: Cell, more: Sequence[Cell]) -> Cell:
    return Cell(" ".join((label.text, *(cell.text for cell in more))), label.start) if more else label
