"""Word documents: paragraphs and tables in order, with the numbers and dashes that Word makes by itself.

Text is taken as it would be printed after all changes were accepted: what was deleted is left out. Runs are joined before
anything is read, since Word splits figures between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from docx.opc.exceptions import OpcError
from docx.opc.part import PartFactory
from docx.oxml import parse_xml
from docx.package import Package
from docx.parts.document import DocumentPart

from services.notices.audit.documents.bounds import check_cells
from services.notices.audit.documents.model import Document, DocumentBuilder
from services.notices.audit.documents.plain_text import ITEM, read_text
from services.notices.audit.documents.strict import transitional
from services.notices.audit.documents.word_lists import Numbering, number_of
from services.notices.audit.documents.word_runs import FALLBACK, Runs, W
from shared.archives import check_contents
from shared.errors import Unreadable
from shared.languages import Bilingual

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PICTURES = (f"{_A}blip", "{urn:schemas-microsoft-com:vml}imagedata")
_DIAGRAMS = ("/chart", "/diagram", "/chartex")
"""Ends of the kinds of drawings whose figures stand in parts of their own."""
_OTHER_PARTS = {
    "header": "đầu trang",
    "footer": "chân trang",
    "footnotes": "chú thích chân trang",
    "endnotes": "chú thích cuối văn bản",
    "comments": "nhận xét bên lề",
}
"""Parts beside the body by their relation to it; what they are called to people."""
_PAGE_NUMBER = re.compile(r"^\W*(?:trang|page)?\W*\d*\s*(?:(?:/|-|trên|của|of)\s*\d+)?\W*$", re.IGNORECASE)
_WRAPPERS = frozenset(f"{W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
"""Content controls and accepted insertions: what stands in them is read as if it stood beside them."""
_NUMBERED = re.compile(rf"^(\s*(?:{ITEM.pattern}))\t\s*(?=[^\t]*[^\W\d_][^\t]*$)")
"""The number of an item, set apart by a tab from its words."""

for _kind in ("document.macroEnabled", "template.macroEnabledTemplate"):
    PartFactory.part_type_for[f"application/vnd.ms-word.{_kind}.main+xml"] = DocumentPart
PartFactory.part_type_for["application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"] = DocumentPart


def read_docx(content: bytes) -> Document:
    """The document of a DOCX file, or of one with macros or for templates; raises `Unreadable` and `TooLarge`."""
    check_contents(content)
    try:
        opened = Package.open(BytesIO(transitional(content))).main_document_part.document
        numbering = Numbering.of(opened)
        runs = Runs.of(opened)
    except (OpcError, KeyError, ValueError, SyntaxError, AttributeError) as error:
        raise _broken(error) from error
    builder = DocumentBuilder()
    body = opened.element.body
    _Body(builder, numbering, runs).read(body)
    pictures = sum(1 for _ in body.iter(*_PICTURES))
    if pictures and not builder.build().text.strip():
        builder.cannot_read("tài liệu chỉ có hình ảnh, không có chữ (bản quét)")
    elif pictures:
        builder.cannot_read(f"{pictures} hình ảnh: không đọc chữ trong hình")
    if drawn := sum(one.get("uri", "").endswith(_DIAGRAMS) for one in body.iter(f"{_A}graphicData")):
        builder.cannot_read(f"{drawn} biểu đồ, sơ đồ: không được đọc")
    if inserted := sum(1 for _ in body.iter(f"{W}altChunk")):
        builder.cannot_read(f"{inserted} phần chèn từ tệp khác: không được đọc; mở bằng Word và lưu lại để gộp vào")
    if runs.struck:
        builder.cannot_read(f"{runs.struck} chỗ gạch ngang: không được đọc")
    for name in _unread_parts(opened, runs):
        builder.cannot_read(f"{name}: có số, không được đọc")
    return builder.build()


def _unread_parts(opened: Any, runs: Runs) -> list[str]:
    """The parts beside the body that print figures; a page's own number is none."""
    found = set()
    for relation in opened.part.rels.values():
        name = _OTHER_PARTS.get(relation.reltype.rpartition("/")[2])
        if name is None or relation.is_external:
            continue
        try:
            lines = [runs.text(one) for one in parse_xml(relation.target_part.blob).iter(f"{W}p")]
        except SyntaxError as error:
            raise _broken(error) from error
        if any(re.search(r"\d", _PAGE_NUMBER.sub("", line)) for line in lines):
            found.add(name)
    return sorted(found)


@dataclass(slots=True)
class _Body:
    """Reads the children of a body or of a cell."""

    builder: DocumentBuilder
    numbering: Numbering
    runs: Runs

    def read(self, parent: Any) -> None:
        tabbed: list[str] = []
        for elements, text in self._printed(parent):
            if text is None or "\t" not in text.strip():
                self._lines(tabbed)
                tabbed = []
            if text is None:
                self._table(elements[0])
                continue
            if "\t" in text.strip():
                tabbed.append(text)
            elif "\n" in text.strip() and not self.numbering.is_heading(elements[-1]):
                self._lines([text.strip("\n")])
            elif text.strip():
                heading = self.numbering.is_heading(elements[-1])
                self.builder.paragraph(" ".join(text.split("\n")), heading=heading)
            boxes = [box for element in elements for box in _boxes(element)]
            if boxes:
                self._lines(tabbed)
                tabbed = []
            for box in boxes:
                self.read(box)
        self._lines(tabbed)

    def _printed(self, parent: Any) -> Iterator[tuple[list[Any], str | None]]:
        """The paragraphs as they are printed, of one or more elements and with their text; tables have none."""
        begun: list[Any] = []
        text = ""
        for element in _children(parent, f"{W}p", f"{W}tbl"):
            if element.tag == f"{W}tbl":
                if begun:
                    yield begun, text
                yield [element], None
                begun, text = [], ""
                continue
            before = "" if begun else self.numbering.begun(element)
            begun.append(element)
            text += _NUMBERED.sub(r"\1 ", before + self.runs.text(element))
            if not _runs_on(element):
                yield begun, text
                begun, text = [], ""
        if begun:
            yield begun, text

    def _lines(self, lines: list[str]) -> None:
        """Lines that are broken by hand, or whose columns were made with tabs."""
        for block in read_text("\n".join(lines)).blocks if lines else ():
            if block.rows is None:
                self.builder.paragraph(block.text)
            else:
                self.builder.table([[cell.text for cell in row] for row in block.rows])

    def _table(self, element: Any) -> None:
        if _is_layout(element):
            for row in _children(element, f"{W}tr"):
                for cell in [] if _is_gone(row) else _children(row, f"{W}tc"):
                    self.read(cell)
            return
        rows: list[list[str]] = []
        merged: dict[tuple[int, int], tuple[int, int]] = {}
        above: dict[int, tuple[int, int]] = {}
        shown = (row for row in _children(element, f"{W}tr") if not _is_gone(row))
        for number, row in enumerate(shown):
            texts: list[str] = [""] * _skipped(row)
            for cell in _children(row, f"{W}tc"):
                column = len(texts)
                properties = cell.find(f"{W}tcPr")
                width = _width(properties)
                continues = _continues(properties, "vMerge") and column in above
                source = above[column] if continues else (number, column)
                if column and _continues(properties, "hMerge"):
                    source, continues = merged.get((number, column - 1), (number, column - 1)), True
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
        """The lines of a cell; of a table within it, too small to be one of figures, those of its cells."""
        lines: list[str] = []
        for elements, text in self._printed(cell):
            if text is None:
                lines += [self._cell(one) for one in elements[0].iter(f"{W}tc")]
            else:
                lines.append(text)
                lines += [self._cell(box) for element in elements for box in _boxes(element)]
        return "\n".join(line for line in lines if line.strip())


def _children(parent: Any, *tags: str) -> Iterator[Any]:
    """The elements of these tags in a part, also within wrappers."""
    waiting = [iter(parent)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag in tags:
            yield element
        elif element.tag in _WRAPPERS:
            waiting.append(iter(element))


def _runs_on(paragraph: Any) -> bool:
    """Whether the next paragraph goes on in its line: its end was deleted, or it is a large first letter."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        return False
    frame = properties.find(f"{W}framePr")
    large = frame is not None and frame.get(f"{W}dropCap", "none") != "none"
    return large or any(properties.find(f"{W}rPr/{W}{name}") is not None for name in ("del", "moveFrom"))


def _is_layout(table: Any) -> bool:
    """Whether it has but one column, or holds another table that has more: what stands in it is read in order."""
    if all(len(list(_children(row, f"{W}tc"))) < 2 for row in _children(table, f"{W}tr")):
        return True
    within = (one for one in table.iter(f"{W}tbl") if one is not table)
    return any(sum(len(list(_children(row, f"{W}tc"))) > 1 for row in _children(one, f"{W}tr")) > 1 for one in within)


def _is_gone(row: Any) -> bool:
    """Whether a row was deleted, or is hidden."""
    return any(row.find(f"{W}trPr/{W}{name}") is not None for name in ("del", "hidden"))


def _skipped(row: Any) -> int:
    before = row.find(f"{W}trPr/{W}gridBefore")
    return min(number_of(before, "val", 0), 64) if before is not None else 0


def _width(properties: Any) -> int:
    span = properties.find(f"{W}gridSpan") if properties is not None else None
    return max(1, min(number_of(span, "val", 1), 64)) if span is not None else 1


def _continues(properties: Any, name: str) -> bool:
    """Whether a cell belongs to the one above it (`vMerge`) or before it (`hMerge`)."""
    merge = properties.find(f"{W}{name}") if properties is not None else None
    return merge is not None and merge.get(f"{W}val", "continue") == "continue"


def _boxes(paragraph: Any) -> Iterator[Any]:
    """The text boxes of a paragraph, but for those within another, and for what older programs show in their place."""
    for box in paragraph.iter(f"{W}txbxContent"):
        around = [one.tag for one in box.iterancestors()]
        around = around[: next((place for place, one in enumerate(box.iterancestors()) if one is paragraph), 0)]
        if FALLBACK not in around and f"{W}txbxContent" not in around:
            yield box


def _broken(error: Exception) -> Unreadable:
    return Unreadable(
        Bilingual(
            f"The Word document cannot be read ({type(error).__name__}). Open it in Word and save it anew as DOCX.",
            f"Không đọc được tài liệu Word ({type(error).__name__}). Mở bằng Word và lưu lại thành DOCX.",
        )
    )
