"""Word documents: paragraphs and tables in order, with the numbers and dashes that Word makes by itself.

Text is taken as it would be printed after all changes were accepted: what was deleted is left out. Runs are joined before
anything is read, since Word splits figures between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml

from services.notices.audit.documents.bounds import check_cells
from services.notices.audit.documents.model import Document, DocumentBuilder
from services.notices.audit.documents.plain_text import read_text
from shared.archives import check_contents
from shared.errors import Unreadable
from shared.languages import Bilingual

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PICTURES = ("{http://schemas.openxmlformats.org/drawingml/2006/main}blip", "{urn:schemas-microsoft-com:vml}imagedata")
_SKIPPED = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr", _FALLBACK, f"{_W}txbxContent", f"{_W}instrText"))
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}softHyphen": ""}
_OTHER_PARTS = {
    "header": "đầu trang",
    "footer": "chân trang",
    "footnotes": "chú thích chân trang",
    "endnotes": "chú thích cuối văn bản",
    "comments": "nhận xét bên lề",
}
"""Parts beside the body by their relation to it; what they are called to people."""
_PAGE_NUMBER = re.compile(r"^\W*(?:trang|page)?\W*\d*\s*(?:(?:/|-|trên|của|of)\s*\d+)?\W*$", re.IGNORECASE)
_BULLETS = ("- ", "+ ", "• ")
"""Marks of the levels of a list whose own marks are pictures or letters of a symbol font."""


def read_docx(content: bytes) -> Document:
    """The document of a DOCX file; raises `Unreadable` and `TooLarge`."""
    check_contents(content)
    try:
        opened = docx.Document(BytesIO(content))
        numbering = _Numbering.of(opened)
    except (OpcError, KeyError, ValueError, SyntaxError, AttributeError) as error:
        raise _broken(error) from error
    builder = DocumentBuilder()
    _Body(builder, numbering).read(opened.element.body)
    pictures = sum(1 for _ in opened.element.body.iter(*_PICTURES))
    if pictures and not builder.build().text.strip():
        builder.cannot_read("tài liệu chỉ có hình ảnh, không có chữ (bản quét)")
    elif pictures:
        builder.cannot_read(f"{pictures} hình ảnh: không đọc chữ trong hình")
    for name in _unread_parts(opened):
        builder.cannot_read(f"{name}: có số, không được đọc")
    return builder.build()


def _unread_parts(opened: Any) -> list[str]:
    """The parts beside the body that print figures; a page's own number is none."""
    found = set()
    for relation in opened.part.rels.values():
        name = _OTHER_PARTS.get(relation.reltype.rpartition("/")[2])
        if name is None or relation.is_external:
            continue
        try:
            lines = [_text(one) for one in parse_xml(relation.target_part.blob).iter(f"{_W}p")]
        except SyntaxError as error:
            raise _broken(error) from error
        if any(re.search(r"\d", _PAGE_NUMBER.sub("", line)) for line in lines):
            found.add(name)
    return sorted(found)


@dataclass(slots=True)
class _Body:
    """Reads the children of a body or of a cell."""

    builder: DocumentBuilder
    numbering: _Numbering

    def read(self, parent: Any) -> None:
        tabbed: list[str] = []
        for element in _blocks(parent):
            text = self.numbering.begun(element) + _text(element) if element.tag == f"{_W}p" else ""
            if "\t" in text.strip():
                tabbed.append(text)
                continue
            self._tabbed(tabbed)
            tabbed = []
            if element.tag == f"{_W}p":
                self._paragraph(element, text)
            else:
                self._table(element)
        self._tabbed(tabbed)

    def _tabbed(self, lines: list[str]) -> None:
        """Lines whose columns were made with tabs."""
        for block in read_text("\n".join(lines)).blocks if lines else ():
            if block.rows is None:
                self.builder.paragraph(block.text)
            else:
                self.builder.table([[cell.text for cell in row] for row in block.rows])

    def _paragraph(self, element: Any, text: str) -> None:
        if text.strip():
            self.builder.paragraph(text, heading=self.numbering.is_heading(element))
        for box in _boxes(element):
            self.read(box)

    def _table(self, element: Any) -> None:
        rows: list[list[str]] = []
        merged: dict[tuple[int, int], tuple[int, int]] = {}
        above: dict[int, tuple[int, int]] = {}
        for number, row in enumerate(_rows(element)):
            texts: list[str] = [""] * _skipped(row)
            for cell in _cells(row):
                column = len(texts)
                properties = cell.find(f"{_W}tcPr")
                width = _width(properties)
                continues = _continues(properties) and column in above
                source = above[column] if continues else (number, column)
                texts += ["" if continues else self._cell(cell)] + [""] * (width - 1)
                for place in range(column, column + width):
                    above[place] = source
                    if (number, place) != source:
                        merged[number, place] = source
                check_cells(sum(map(len, rows)) + len(texts))
            rows.append(texts)
        width = max(map(len, rows), default=0)
        if width:
            self.builder.table([[*row, *[""] * (width - len(row))] for row in rows], merged=merged)

    def _cell(self, cell: Any) -> str:
        # A table within a cell is read as its lines: no table of figures is drawn so.
        return "\n".join(text for one in cell.iter(f"{_W}p") if (text := self.numbering.begun(one) + _text(one)).strip())


def _blocks(parent: Any) -> Iterator[Any]:
    """The paragraphs and tables of a body, also within content controls and accepted insertions."""
    waiting = [iter(parent)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag in (f"{_W}p", f"{_W}tbl"):
            yield element
        elif element.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}moveTo", f"{_W}customXml", f"{_W}smartTag"):
            waiting.append(iter(element))


def _rows(table: Any) -> Iterator[Any]:
    for element in table:
        if element.tag == f"{_W}tr":
            yield element
        elif element.tag == f"{_W}sdt":
            yield from element.iter(f"{_W}tr")


def _cells(row: Any) -> Iterator[Any]:
    for element in row:
        if element.tag == f"{_W}tc":
            yield element
        elif element.tag == f"{_W}sdt":
            yield from element.iter(f"{_W}tc")


def _skipped(row: Any) -> int:
    before = row.find(f"{_W}trPr/{_W}gridBefore")
    return min(_number(before, "val", 0), 64) if before is not None else 0


def _width(properties: Any) -> int:
    span = properties.find(f"{_W}gridSpan") if properties is not None else None
    return max(1, min(_number(span, "val", 1), 64)) if span is not None else 1


def _continues(properties: Any) -> bool:
    merge = properties.find(f"{_W}vMerge") if properties is not None else None
    return merge is not None and merge.get(f"{_W}val", "continue") == "continue"


def _number(element: Any, name: str, otherwise: int) -> int:
    value = element.get(f"{_W}{name}", "") if element is not None else ""
    return int(value) if value.isdecimal() and len(value) < 9 else otherwise


def _text(paragraph: Any) -> str:
    parts: list[str] = []
    waiting = [iter(paragraph)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag == f"{_W}t":
            parts.append(element.text or "")
        elif element.tag in _BREAKS:
            parts.append(_BREAKS[element.tag])
        elif element.tag == f"{_W}sym":
            parts.append("•")
        elif element.tag not in _SKIPPED:
            waiting.append(iter(element))
    return "".join(parts)


def _boxes(paragraph: Any) -> Iterator[Any]:
    for box in paragraph.iter(f"{_W}txbxContent"):
        if not any(parent.tag == _FALLBACK for parent in box.iterancestors()):
            yield box


@dataclass(frozen=True, slots=True)
class _Level:
    """A level of a list."""

    format: str
    text: str
    start: int


@dataclass(slots=True)
class _Numbering:
    """What Word prints before paragraphs of lists; it counts while the document is read."""

    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    """By the id of the list, then by level."""
    styles: dict[str, tuple[str | None, int | None]] = field(default_factory=dict)
    """By the id of a style: list and level that it gives its paragraphs."""
    headings: frozenset[str] = frozenset()
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, opened: Any) -> _Numbering:
        """The lists and styles of a document."""
        made = cls()
        headings = set()
        for style in opened.styles.element.iter(f"{_W}style"):
            name = style.find(f"{_W}name")
            identity = style.get(f"{_W}styleId", "")
            if name is not None and name.get(f"{_W}val", "").lower().startswith(("heading", "title")):
                headings.add(identity)
            properties = style.find(f"{_W}pPr/{_W}numPr")
            if properties is not None:
                made.styles[identity] = _list_of(properties)
        made.headings = frozenset(headings)
        part = next((one.target_part for one in opened.part.rels.values() if one.reltype.endswith("/numbering")), None)
        if part is not None:
            made.levels = _lists(part.element)
        return made

    def is_heading(self, paragraph: Any) -> bool:
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        return style is not None and style.get(f"{_W}val") in self.headings

    def begun(self, paragraph: Any) -> str:
        """The number or dash before a paragraph, with a blank; empty for one of no list. Call it once for each, in order."""
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            return ""
        style = properties.find(f"{_W}pStyle")
        given = properties.find(f"{_W}numPr")
        inherited = self.styles.get(style.get(f"{_W}val", ""), (None, None)) if style is not None else (None, None)
        own = _list_of(given) if given is not None else (None, None)
        identity = own[0] or inherited[0]
        depth = own[1] if own[1] is not None else inherited[1] or 0
        level = self.levels.get(identity or "", {}).get(depth)
        if identity is None or level is None or level.format == "none":
            return ""
        if level.format == "bullet":
            return level.text + " " if level.text in ("-", "+", "–", "*") else _BULLETS[min(depth, 2)]
        counts = self.counts.setdefault(identity, {})
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [one for one in counts if one > depth]:
            del counts[deeper]
        text = level.text
        for place, one in self.levels[identity].items():
            text = text.replace(f"%{place + 1}", _written(counts.get(place, one.start), one.format))
        return text.strip() + " " if text.strip() else ""


def _list_of(properties: Any) -> tuple[str | None, int | None]:
    identity, depth = properties.find(f"{_W}numId"), properties.find(f"{_W}ilvl")
    return (
        identity.get(f"{_W}val") if identity is not None else None,
        _number(depth, "val", 0) if depth is not None else None,
    )


def _lists(element: Any) -> dict[str, dict[int, _Level]]:
    abstract: dict[str | None, dict[int, _Level]] = {}
    for one in element.iter(f"{_W}abstractNum"):
        abstract[one.get(f"{_W}abstractNumId")] = {_number(level, "ilvl", 0): _level(level) for level in one.iter(f"{_W}lvl")}
    made: dict[str, dict[int, _Level]] = {}
    for one in element.iter(f"{_W}num"):
        source = one.find(f"{_W}abstractNumId")
        if source is not None:
            made[one.get(f"{_W}numId", "")] = abstract.get(source.get(f"{_W}val"), {})
    return made


def _level(element: Any) -> _Level:
    def value(name: str, otherwise: str) -> str:
        found = element.find(f"{_W}{name}")
        return str(found.get(f"{_W}val", otherwise)) if found is not None else otherwise

    start = value("start", "1")
    return _Level(value("numFmt", "decimal"), value("lvlText", ""), int(start) if start.isdecimal() and len(start) < 9 else 1)


def _written(number: int, format_: str) -> str:
    """A number of a list in its format."""
    if format_ in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 % 4 + 1)
        return letter if format_ == "lowerLetter" else letter.upper()
    if format_ in ("lowerRoman", "upperRoman"):
        roman, left = "", min(number, 3999)
        for value, sign in _ROMAN:
            roman += sign * (left // value)
            left %= value
        return roman if format_ == "upperRoman" else roman.lower()
    return f"{number:02d}" if format_ == "decimalZero" else str(number)


_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
    (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def _broken(error: Exception) -> Unreadable:
    return Unreadable(
        Bilingual(
            f"The Word document cannot be read ({type(error).__name__}). Open it in Word and save it anew as DOCX.",
            f"Không đọc được tài liệu Word ({type(error).__name__}). Mở bằng Word và lưu lại thành DOCX.",
        )
    )
