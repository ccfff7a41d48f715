"""Tables that programs save as `.xls` and that are none: HTML, and the XML of Excel 2003 (SpreadsheetML).

Both are read with the parsers of the standard library; a document type, by which XML could define entities, is refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.parsers import expat

from services.ingest.files.encodings import TextDecoder
from services.ingest.files.grids import Grid, GridRow
from shared.errors import TooLarge, Unreadable
from shared.languages import Bilingual, bilingual

MAX_CELLS = 3_000_000
"""Of a document, blank ones between others included."""
MAX_COLUMNS = 16_384
MAX_SPAN = 1_000_000
_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_EXCEL = "urn:schemas-microsoft-com:office:excel"
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding=["']([\w.-]+)["']""")
_CHARSET = re.compile(rb"""charset=["']?([\w.-]+)""", re.IGNORECASE)


def is_spreadsheet_xml(head: bytes) -> bool:
    """Whether the beginning of a text is that of a workbook in XML."""
    return _SPREADSHEET.encode() in head and re.search(rb"<(?:\w+:)?Workbook\b", head) is not None


def is_html(head: bytes) -> bool:
    """Whether the beginning of a text is that of a page with a table, or may become one."""
    return re.search(rb"<(?:!doctype html|html|table|head|body|meta|style)\b", head, re.IGNORECASE) is not None


def tables_of_html(body: bytes) -> Iterator[Grid]:
    """The tables of a page, in their order."""
    parser = _Tables()
    parser.feed(_text(body, _CHARSET.search(body[:4096])))
    parser.close()
    for number, rows in enumerate(parser.tables, 1):
        yield Grid(f"table {number}", False, iter(rows))


def sheets_of_xml(body: bytes) -> Iterator[Grid]:
    """The sheets of a workbook in XML, in their order; raises `Unreadable` when it is none."""
    workbook = _SpreadsheetXml()
    try:
        workbook.parse(body)
    except expat.ExpatError as error:
        raise Unreadable(
            bilingual(
                "The XML of the spreadsheet is broken in line {line}. Save it anew as XLSX or CSV.",
                "Tệp XML của bảng tính bị lỗi ở dòng {line}. Lưu lại thành XLSX hoặc CSV.",
                line=error.lineno,
            )
        ) from error
    for name, hidden, rows in workbook.sheets:
        yield Grid(name, hidden, iter(rows), since_1904=workbook.since_1904)


def _text(body: bytes, declared: re.Match[bytes] | None) -> str:
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    if declared is not None and declared[1].lower() in (b"utf-16", b"unicode") and b"\0" in body[:200]:
        return body.decode("utf-16", "replace")
    return TextDecoder().decode(body.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n"))


def _too_many() -> TooLarge:
    return TooLarge(
        bilingual(
            "The table has more than {n} cells. Save it as CSV (UTF-8).",
            "Bảng có hơn {n} ô. Lưu thành CSV (UTF-8).",
            n=MAX_CELLS,
        )
    )


class _Rows:
    """Rows in the making: cells go where they belong, also beside those that reach down from rows above."""

    def __init__(self) -> None:
        self.rows: list[GridRow] = []
        self.number = 0
        self._cells: list[object] = []
        self._carried: dict[int, tuple[object, int]] = {}
        self._count = 0

    def begin(self, number: int | None = None) -> None:
        """Begin a row: the next, or one further down."""
        self.number = max(number or 0, self.number + 1)
        self._cells = []

    def add(self, value: object, *, down: int = 0, across: int = 0, column: int | None = None) -> None:
        """Add a cell that reaches over so many further rows and columns; `column` is its index where it is told."""
        if column is None:
            column = len(self._cells)
            while column in self._carried:
                column += 1
        width = column + 1 + min(across, MAX_COLUMNS)
        if width > MAX_COLUMNS:
            raise _too_many()
        self._count += width - len(self._cells)
        if self._count > MAX_CELLS:
            raise _too_many()
        self._cells += [""] * (width - len(self._cells))
        self._cells[column] = value
        if down > 0:
            self._carried[column] = (value, self.number + min(down, MAX_SPAN))

    def end(self) -> None:
        """End the row."""
        for column, (value, bottom) in list(self._carried.items()):
            if self.number > bottom:
                del self._carried[column]
                continue
            if column >= len(self._cells):
                self._count += column + 1 - len(self._cells)
                self._cells += [""] * (column + 1 - len(self._cells))
            if self._cells[column] == "":
                self._cells[column] = value
            if self.number >= bottom:
                del self._carried[column]
        if self._count > MAX_CELLS:
            raise _too_many()
        self.rows.append(GridRow(self.number, self._cells))


class _Tables(HTMLParser):
    """The tables of a page; one within a cell of another is a table of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[GridRow]] = []
        self._open: list[_Rows] = []
        self._in_row: list[bool] = []
        self._cell: list[list[str] | None] = []
        self._spans: list[tuple[int, int]] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script"):
            self._skipped += 1
        elif tag == "table":
            rows = _Rows()
            self.tables.append(rows.rows)
            self._open.append(rows)
            self._in_row.append(False)
            self._cell.append(None)
            self._spans.append((0, 0))
        elif not self._open:
            return
        elif tag == "tr":
            self._end_row()
            self._open[-1].begin()
            self._in_row[-1] = True
        elif tag in ("td", "th"):
            if not self._in_row[-1]:
                self._open[-1].begin()
                self._in_row[-1] = True
            self._end_cell()
            values = dict(attrs)
            self._spans[-1] = (_span(values.get("rowspan")), _span(values.get("colspan")))
            self._cell[-1] = []
        elif tag == "br" and (cell := self._cell[-1]) is not None:
            cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._skipped = max(self._skipped - 1, 0)
        elif not self._open:
            return
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table":
            self._end_row()
            for stack in (self._open, self._in_row, self._cell, self._spans):
                stack.pop()

    def handle_data(self, data: str) -> None:
        if self._cell and not self._skipped and (cell := self._cell[-1]) is not None:
            cell.append(data)

    def close(self) -> None:
        super().close()
        while self._open:
            self.handle_endtag("table")

    def _end_cell(self) -> None:
        cell = self._cell[-1]
        if cell is not None:
            down, across = self._spans[-1]
            self._open[-1].add(" ".join("".join(cell).split()), down=down, across=across)
            self._cell[-1] = None

    def _end_row(self) -> None:
        if self._in_row[-1]:
            self._end_cell()
            self._open[-1].end()
            self._in_row[-1] = False


def _span(text: str | None) -> int:
    """How far a cell reaches beyond its own row or column."""
    return min(max(int(text), 1), MAX_SPAN) - 1 if text and text.isascii() and text.isdigit() and len(text) < 8 else 0


class _SpreadsheetXml:
    """The sheets of SpreadsheetML."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, bool, list[GridRow]]] = []
        self.since_1904 = False
        self._rows = _Rows()
        self._name = ""
        self._hidden = False
        self._attributes: dict[str, str] = {}
        self._type = ""
        self._value: object = ""
        self._text: list[str] | None = None

    def parse(self, body: bytes) -> None:
        declared = _ENCODING.search(body[:200])
        encoding = None
        if declared is not None and declared[1].lower() not in (b"utf-8", b"utf-16", b"us-ascii", b"iso-8859-1"):
            body = TextDecoder().decode(body).encode()
            encoding = "utf-8"
        parser = expat.ParserCreate(encoding, namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        parser.Parse(body, True)

    def _refuse(self, *_: object) -> None:
        raise Unreadable(
            Bilingual(
                "The XML has a document type, which no spreadsheet needs. Save it anew as XLSX or CSV.",
                "Tệp XML có khai báo DOCTYPE, bảng tính không cần. Lưu lại thành XLSX hoặc CSV.",
            )
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        if space == _EXCEL:
            if tag in ("Visible", "Date1904"):
                self._text = []
        elif space != _SPREADSHEET:
            return
        elif tag == "Worksheet":
            self._rows, self._hidden = _Rows(), False
            self._name = attributes.get(f"{_SPREADSHEET} Name", "")[:100]
        elif tag == "Row":
            self._rows.begin(_number(attributes, "Index"))
        elif tag == "Cell":
            self._attributes, self._value, self._type = attributes, "", ""
        elif tag == "Data":
            self._text, self._type = [], attributes.get(f"{_SPREADSHEET} Type", "String")

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, name: str) -> None:
        space, _, tag = name.rpartition(" ")
        text = "".join(self._text or ())
        if space == _EXCEL and tag == "Visible":
            self._hidden, self._text = text.startswith(("SheetHidden", "SheetVeryHidden")), None
        elif space == _EXCEL and tag == "Date1904":
            self.since_1904, self._text = True, None
        elif space != _SPREADSHEET:
            return
        elif tag == "Data":
            self._value, self._text = _typed(text, self._type), None
        elif tag == "Cell":
            index = _number(self._attributes, "Index")
            down, across = _number(self._attributes, "MergeDown") or 0, _number(self._attributes, "MergeAcross") or 0
            self._rows.add(self._value, down=down, across=across, column=None if not index else index - 1)
        elif tag == "Row":
            self._rows.end()
        elif tag == "Worksheet":
            self.sheets.append((self._name, self._hidden, self._rows.rows))


def _number(attributes: dict[str, str], name: str) -> int | None:
    text = attributes.get(f"{_SPREADSHEET} {name}", "")
    return min(int(text), MAX_SPAN) if text.isascii() and text.isdigit() and len(text) < 8 else None


def _typed(text: str, kind: str) -> object:
    if kind == "Number":
        try:
            return float(text)
        except ValueError:
            return text
    return text == "1" if kind == "Boolean" else text
