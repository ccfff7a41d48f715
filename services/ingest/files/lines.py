"""Lines of a delimited text cut into rows of cells, however clerks' software quotes.

Pure. A quotation mark opens a cell only where a cell begins; anywhere else it is a character like any other, such as the
mark of inches. A quoted cell may hold line ends, but it does not swallow what reads as further rows: then its mark was
never meant to open anything, and its line is read with it as a character. So each line is in exactly one row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

MAX_QUOTED_LINES = 200
"""Lines of one row with quoted cells ..."""
MAX_QUOTED = 1024 * 1024
"""... and their characters."""


class CutRow(NamedTuple):
    """A row of cells with its place."""

    line: int
    """Its first line, counted from 1."""
    lines: int
    """How many lines it has."""
    cells: list[str]


class Cutter:
    """Cuts the lines of one text."""

    def __init__(self, delimiter: str, is_row: Callable[[Sequence[str]], bool] | None = None, width: int = 0) -> None:
        """`is_row` says whether the cells of a line by itself read as a row of the list, which has so many columns."""
        self.width = width
        """Columns of the list."""
        self._delimiter = delimiter
        self._is_row = is_row
        self._waiting: list[str] = []
        self._line = 1

    def feed(self, lines: Iterable[str]) -> Iterator[CutRow]:
        """The rows that are whole with these lines."""
        self._waiting += lines
        yield from self._cut(last=False)

    def end(self) -> Iterator[CutRow]:
        """The rows that waited for further lines."""
        yield from self._cut(last=True)

    def skip(self) -> int:
        """Pass over a line that is not cut, after `end`; its number."""
        self._line += 1
        return self._line - 1

    def _cut(self, *, last: bool) -> Iterator[CutRow]:
        lines, delimiter = self._waiting, self._delimiter
        opens = delimiter + '"'
        index = 0
        try:
            while index < len(lines):
                text = lines[index]
                if '"' not in text or (text[:1] != '"' and opens not in text):
                    self._line += 1
                    index += 1
                    yield CutRow(self._line - 1, 1, text.split(delimiter))
                    continue
                found = self._quoted(index, last=last)
                if found is None:
                    return
                count, cells = found
                self._line += count
                index += count
                yield CutRow(self._line - count, count, cells)
        finally:
            del lines[:index]

    def _quoted(self, begin: int, *, last: bool) -> tuple[int, list[str]] | None:
        """The row that begins at a line: how many lines it has, and its cells; None: it may go on in lines to come."""
        lines, delimiter = self._waiting, self._delimiter
        text, count = lines[begin], 1
        while True:
            cells, opened = _cut(text, delimiter)
            if opened is None:
                return count, cells
            is_first = not cells
            closed = False
            while not closed:
                following = begin + count
                if following >= len(lines):
                    if not last and count <= MAX_QUOTED_LINES and len(text) <= MAX_QUOTED:
                        return None
                    return 1, _cut(lines[begin], delimiter, literally=True)[0]
                line = lines[following]
                closed = '"' in line and _closes(line, delimiter)
                strays = '"' in line.replace('""', "") and not closed
                # A line that is no row by itself goes on, and its end may look like one.
                swallows = self._reads_as_row(line, 0)
                if swallows and closed:
                    whole = self._reads_as_row(line, self.width) and self._reads_as_row(lines[begin], self.width)
                    swallows = whole and not is_first
                if strays or swallows or count >= MAX_QUOTED_LINES or len(text) > MAX_QUOTED:
                    return 1, _cut(lines[begin], delimiter, literally=True)[0]
                text = f"{text}\n{line}"
                count += 1

    def _reads_as_row(self, line: str, width: int) -> bool:
        """Whether a line by itself is a row of the list, of so many cells at least."""
        if self._is_row is None:
            return False
        cells = _cut(line, self._delimiter, literally=True)[0]
        return len(cells) >= width and self._is_row(cells)


def _closes(line: str, delimiter: str) -> bool:
    """Whether the first mark of a line that is not doubled ends a cell."""
    place = line.find('"')
    while place >= 0:
        after = line[place + 1 : place + 2]
        if after != '"':
            return after in ("", delimiter)
        place = line.find('"', place + 2)
    return False


def _cut(text: str, delimiter: str, *, literally: bool = False) -> tuple[list[str], int | None]:
    """The cells of a text, and where a cell is opened that does not end in it; `literally`: such a mark is a character."""
    cells: list[str] = []
    begin = 0
    while True:
        if text.startswith('"', begin):
            end, cell = _quoted_cell(text, begin, delimiter)
            if end is None:
                if not literally:
                    return cells, begin
                end, cell = _plain_cell(text, begin, delimiter)
        else:
            end, cell = _plain_cell(text, begin, delimiter)
        cells.append(cell)
        if end >= len(text):
            return cells, None
        begin = end + 1


def _plain_cell(text: str, begin: int, delimiter: str) -> tuple[int, str]:
    end = text.find(delimiter, begin)
    end = len(text) if end < 0 else end
    return end, text[begin:end]


def _quoted_cell(text: str, begin: int, delimiter: str) -> tuple[int | None, str]:
    """Where a quoted cell ends, and what it holds; None: it does not end."""
    place = text.find('"', begin + 1)
    while place >= 0:
        after = text[place + 1 : place + 2]
        if after == '"':
            place = text.find('"', place + 2)
            continue
        if after in ("", delimiter):
            return place + 1, text[begin + 1 : place].replace('""', '"')
        # A mark within it that was not doubled: it is a character, and the cell ends at the next delimiter.
        end, cell = _plain_cell(text, begin, delimiter)
        return end, cell[1:-1].replace('""', '"') if len(cell) > 1 and cell.endswith('"') else cell
    return None, ""
