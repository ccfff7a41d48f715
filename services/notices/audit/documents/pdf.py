"""PDF: lines put together from characters by their places, and tables from the lines that are drawn around their cells.

A page without characters is named as unread, for nothing can be said of it: it is a scan, or letters drawn as shapes.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from services.notices.audit.documents.bounds import check_length, check_pages
from services.notices.audit.documents.grids import Grid
from services.notices.audit.documents.layout import AROUND, LaidOut, laid_out, note_repeated
from services.notices.audit.documents.model import Document, DocumentBuilder
from services.notices.audit.documents.pages import Line, read_page
from services.notices.audit.documents.plain_text import read_text
from services.notices.audit.markers import marker
from shared.errors import Unreadable
from shared.languages import Bilingual

_ENDS = re.compile(r"[.;:!?…]\s*$")
_ITEM = re.compile(r"\S{1,8}\s+[^\W\d_]")
"""A marker with a word after it; in `- 2025` the dash joins two years."""
_LEVEL = 2.0
"""Points between places that are one."""


class PagesRead(NamedTuple):
    """How far a document was read."""

    read: int
    pages: int


def reading_pdf(content: bytes) -> Generator[PagesRead, None, Document]:
    """Reads a PDF page by page, and gives its document at the end; raises `Unreadable` and `TooLarge`."""
    try:
        opened = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise _locked() if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD else _broken() from error
    with opened:
        check_pages(len(opened))
        builder = DocumentBuilder()
        flow = _Flow(builder)
        length = 0
        waiting: list[LaidOut] = []  # what repeats on pages around them is known two pages later
        for number in range(len(opened)):
            try:
                pages = read_page(opened, number)
            except pypdfium2.PdfiumError:
                builder.cannot_read(f"trang {number + 1}: trang bị hỏng")
                continue
            length += sum(len(word.text) + 1 for page in pages for word in page.words)
            check_length(length)
            for page in pages:
                waiting.append(laid_out(number + 1, page))
                note_repeated(waiting)
            while len(waiting) > 2 * AROUND:
                flow.add(waiting.pop(0))
            yield PagesRead(number + 1, len(opened))
        for one in waiting:
            flow.add(one)
        flow.end()
        return builder.build()


@dataclass(slots=True)
class _Flow:
    """Pages one after another: text and tables go on from one to the next."""

    builder: DocumentBuilder
    lines: list[tuple[int, str]] = field(default_factory=list)
    """Page and text of lines that are still to be joined to paragraphs."""
    last: Line | None = None
    """The last of them."""
    begun: float = 0.0
    """Where the paragraph that it belongs to begins."""
    set_in: bool = False
    """Whether the second line of the last paragraph that had one begins elsewhere than its first."""
    turns: list[tuple[int, int, int]] = field(default_factory=list)
    """Where lines go on over a page: the number of the line, the place in its text, and the page that begins there."""
    left_out: bool = False
    """Whether it was said that lines which pages repeat have figures."""
    table: tuple[int, Grid] | None = None
    """The last table and its page, as long as nothing followed it."""

    def add(self, laid: LaidOut) -> None:
        number = laid.number
        for why in laid.unread:
            self.builder.cannot_read(f"trang {number}: {why}")
        for part in laid.parts():
            if part is None:
                self._end_text()
            elif isinstance(part, Grid):
                self._grid(number, part)
            else:
                self._line(number, part)
        if laid.left_out and not self.left_out:
            self.left_out = True
            self.builder.cannot_read("đầu trang, chân trang lặp lại: có số, không được đọc")

    def _line(self, number: int, line: Line) -> None:
        self._end_table()
        if self.last is not None and _goes_on(self.last, line) and not self._begins_alike(line):
            page, text = self.lines[-1]
            if text == self.last.text:
                self.set_in = abs(line.left - self.begun) > _LEVEL
            self.lines[-1] = page, f"{text} {line.text}"
            if number > max((turn for at, _, turn in self.turns if at == len(self.lines) - 1), default=page):
                self.turns.append((len(self.lines) - 1, len(text) + 1, number))
        else:
            self.lines += (
                [(number, ""), (number, line.text)] if (line.spaced or line.indented) and self.lines else [(number, line.text)]
            )
            self.begun = line.left
        self.last = line

    def _begins_alike(self, line: Line) -> bool:
        """Whether a line begins right below the first one of its paragraph where a further line would not.

        Such is the next item of a list, whose last one need not end in a stop; and the next sentence where paragraphs are
        written with their first lines set in, or all but these.
        """
        assert self.last is not None
        if abs(line.left - self.begun) >= _LEVEL:
            return False
        own = _ITEM.match(line.text) and marker(line.text)
        if own and own == marker(self.lines[-1][1]):
            return True
        return self.set_in and _ENDS.search(self.last.text) is not None

    def _grid(self, number: int, grid: Grid) -> None:
        self._end_text()
        if self.table is not None and self.table[0] < number and self.table[1].width == grid.width:
            self.table = number, self.table[1].continued(grid)
            return
        self._end_table()
        self.table = number, grid

    def _end_table(self) -> None:
        if self.table is not None:
            page, grid = self.table
            self.table = None
            self.builder.table(grid.rows, page=page, merged=grid.merged)

    def _end_text(self) -> None:
        if self.lines:
            self._end_table()
            starts: list[int] = []
            place = 0
            for _, line in self.lines:
                starts.append(place)
                place += len(line) + 1
            pages = [page for page, _ in self.lines]
            turns = [(starts[line] + at, page) for line, at, page in self.turns]
            self._paragraphs("\n".join(line for _, line in self.lines), list(zip(starts, pages, strict=True)), turns)
            self.lines.clear()
            self.turns.clear()
            self.last = None

    def _paragraphs(self, text: str, lines: list[tuple[int, int]], turns: list[tuple[int, int]]) -> None:
        """Add the paragraphs and tables of a text; `lines` and `turns` are places in it, with the pages that they are on."""
        pages = sorted([*lines, *turns])
        at = 0
        for block in read_text(text).blocks:
            while at + 1 < len(pages) and pages[at + 1][0] <= block.start:
                at += 1
            page, end = pages[at][1], block.start + len(block.text)
            if block.rows is None:
                further: list[tuple[int, int]] = []
                following = at + 1
                while following < len(pages) and pages[following][0] < end:
                    place, number = pages[following]
                    if number > (further[-1][1] if further else page):
                        further.append((place - block.start, number))
                    following += 1
                self.builder.paragraph(block.text, page=page, turns=further)
            else:
                self.builder.table([[cell.text for cell in row] for row in block.rows], page=page)

    def end(self) -> None:
        self._end_text()
        self._end_table()


def _goes_on(before: Line, line: Line) -> bool:
    """Whether a line continues a paragraph: its first word had no room in the line before."""
    if line.spaced or line.columns or before.columns or before.room > line.lead:
        return False
    # Further right than its neighbours are the first line of a paragraph, and the second one of an item of two lines.
    return not ((line.indented or marker(line.text)) and _ENDS.search(before.text))


def _locked() -> Unreadable:
    return Unreadable(
        Bilingual(
            "The PDF is locked by a password. Save it without one and send that.",
            "Tệp PDF có mật khẩu. Lưu lại không đặt mật khẩu rồi gửi.",
        )
    )


def _broken() -> Unreadable:
    return Unreadable(
        Bilingual(
            "The PDF is damaged and cannot be opened. Print or export it anew and send that.",
            "Tệp PDF bị hỏng, không mở được. Xuất lại tệp PDF rồi gửi.",
        )
    )
