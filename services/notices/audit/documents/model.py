"""A document as the audit reads it: paragraphs and tables in order, each with its place in one running text. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.notices.audit.documents.characters import visible


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; one that spans several places stands in each of them."""

    text: str
    start: int
    """Place of its text in the document."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a table."""

    text: str
    """Of a paragraph, in NFC."""
    start: int
    """Place of its text in the document."""
    page: int | None = None
    """From 1; None where the format knows no pages."""
    level: int | None = None
    """How deep a list item is, when the format says so and the text does not."""
    heading: bool = False
    rows: tuple[tuple[Cell, ...], ...] | None = None
    """Of a table: its cells by row and column."""
    headless: bool = False
    """Whether nothing is known of a table but its rows."""
    turns: tuple[tuple[int, int], ...] = ()
    """Of a paragraph that goes on over pages: where each further page begins in the document, and its number."""

    def page_at(self, start: int) -> int | None:
        """The page of a place of the document within it."""
        return max((page for begin, page in self.turns if begin <= start), default=self.page)


@dataclass(frozen=True, slots=True)
class Document:
    """What was read of a file."""

    text: str
    """All of it, in NFC, without characters that take no room; places are positions in it."""
    blocks: tuple[Block, ...]
    unread: tuple[str, ...] = ()
    """What could not be read, for people: `trang 3: không có chữ (bản quét)`."""
    origin: tuple[int, ...] | None = None
    """Of a plain text of which characters were put together or left out: the place of each as given, and the length."""

    def given(self, position: int) -> int:
        """A place in the text as it was given."""
        return position if self.origin is None else self.origin[position]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", visible(text))


@dataclass(slots=True)
class DocumentBuilder:
    """Puts a document together, paragraph by paragraph."""

    _texts: list[str] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)
    _unread: list[str] = field(default_factory=list)
    _length: int = 0

    def _append(self, text: str) -> tuple[str, int]:
        plain = _plain(text)
        start = self._length
        self._texts.append(plain)
        self._length += len(plain) + 1
        return plain, start

    def paragraph(
        self,
        text: str,
        *,
        page: int | None = None,
        level: int | None = None,
        heading: bool = False,
        turns: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Add a paragraph; `turns` are the places in its text where further pages begin, with their numbers."""
        plain, start = self._append(text)
        at = tuple((start + len(_plain(text[:place])), number) for place, number in turns)
        self._blocks.append(Block(plain, start, page, level, heading, turns=at))

    def table(
        self, rows: list[list[str]], *, page: int | None = None, merged: dict[tuple[int, int], tuple[int, int]] | None = None
    ) -> None:
        """Add a table; `merged` names for a covered place the cell (row, column) that covers it."""
        start = self._length
        made: list[list[Cell]] = []
        for number, row in enumerate(rows):
            cells: list[Cell] = []
            for column, text in enumerate(row):
                source = (merged or {}).get((number, column))
                if source is not None and source != (number, column):
                    above, left = source
                    cells.append(cells[left] if above == number else made[above][left])
                    continue
                plain, place = self._append(text)
                cells.append(Cell(plain, place))
            made.append(cells)
        self._blocks.append(Block("", start, page, rows=tuple(tuple(cells) for cells in made)))

    def cannot_read(self, what: str) -> None:
        """Say what could not be read."""
        self._unread.append(what)

    def build(self) -> Document:
        """The document."""
        return Document("\n".join(self._texts), tuple(self._blocks), tuple(self._unread))
