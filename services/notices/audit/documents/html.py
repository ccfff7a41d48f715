"""Web pages: paragraphs, lists and tables as a browser shows them, without scripts and what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree
from lxml import html as parsing

from services.notices.audit.documents.bounds import MAX_CELLS, MAX_CHARACTERS, check_cells, check_length
from services.notices.audit.documents.characters import raised
from services.notices.audit.documents.encodings import decoded
from services.notices.audit.documents.model import Document, DocumentBuilder
from services.notices.audit.documents.plain_text import read_text
from shared.errors import TooLarge, Unreadable
from shared.languages import Bilingual

_HIDDEN = frozenset(
    ("script", "style", "head", "noscript", "template", "svg", "iframe", "object", "select", "button", "textarea")
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCKS = _HEADINGS | frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "ul",
))  # fmt: skip
_PICTURES = ("img", "svg", "canvas", "iframe", "object", "embed", "video")
_SMALL = 48
"""Pixels of a picture that is but a sign beside words."""
_DASHES = ("- ", "+ ", "• ")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_HEAD = 4_096
"""Bytes within which a page says its encoding."""
_STRUCK = frozenset(("del", "s", "strike"))
_UNSEEN_STYLE = re.compile(r"display:none|visibility:hidden|font-size:0(?![.\d])")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_BREAK = "\x1f"
"""A line break that the page asks for, among the blanks of its source."""
_MAX_SPAN = 200


def read_html(content: bytes) -> Document:
    """The document of a page; raises `Unreadable` and `TooLarge`."""
    said = _CHARSET.search(content[:_HEAD])
    parser = parsing.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = parsing.document_fromstring(decoded(content, said and said.group(1).decode()).encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise Unreadable(
            Bilingual(
                "The page cannot be read: it holds no HTML. Save it anew, or send its text.",
                "Không đọc được trang: không có nội dung HTML. Lưu lại, hoặc gửi phần chữ của trang.",
            )
        ) from error
    if any(one.type_name == "ERR_RESOURCE_LIMIT" for one in parser.error_log):
        raise TooLarge(
            Bilingual(
                "The page cannot be read: its elements stand too deep within one another. Send its text.",
                "Không đọc được trang: các phần tử lồng nhau quá sâu. Hãy gửi phần chữ của trang.",
            )
        )
    builder = DocumentBuilder()
    page = _Page(builder)
    page.read(root)
    struck = sum(any(map(str.isdigit, one.text_content())) for one in root.iter(*_STRUCK))
    if struck:
        builder.cannot_read(f"{struck} chỗ gạch ngang: không được đọc")
    pictures = sum(1 for one in root.iter(*_PICTURES) if not _is_small(one))
    if pictures:
        builder.cannot_read(f"{pictures} hình ảnh, khung nhúng: không đọc chữ trong đó")
    return builder.build()


class _Page:
    """Walks through the elements in order; never deeper than its own stack."""

    def __init__(self, builder: DocumentBuilder) -> None:
        self._builder = builder
        self._line: list[str] = []
        self._mark = ""
        self._heading = False
        self._length = 0

    def read(self, root: Any) -> None:
        skipped: Any = None
        lists: list[tuple[str, int]] = []
        for event, element in etree.iterwalk(root, events=("start", "end")):
            tag = element.tag if isinstance(element.tag, str) else ""
            if skipped is not None:
                if event == "end" and element is skipped:
                    skipped = None
                    self._add(element.tail)
                continue
            if event == "start":
                if tag in _HIDDEN or tag in _STRUCK or _is_hidden(element):
                    skipped = element
                    continue
                if tag == "sup":
                    self._add(raised(element.text_content()))
                    skipped = element
                    continue
                if (tag == "table" and _is_of_figures(element)) or tag == "pre":
                    self._end()
                    (self._table if tag == "table" else self._drawn)(element)
                    skipped = element
                    continue
                if tag in _BLOCKS:
                    self._end()
                self._begin(tag, element, lists)
                self._add(element.text)
            else:
                if tag == "br":
                    self._line.append(_BREAK)
                if tag in _BLOCKS:
                    self._end()
                    self._heading = False
                if tag in ("ul", "ol") and lists:
                    lists.pop()
                self._add(element.tail)
        self._end()

    def _begin(self, tag: str, element: Any, lists: list[tuple[str, int]]) -> None:
        if tag in _HEADINGS:
            self._heading = True
        elif tag in ("ul", "ol"):
            start = element.get("start", "1")
            lists.append((tag, int(start) if start.isdecimal() and len(start) < 6 else 1))
        elif tag == "li" and lists:
            kind, number = lists[-1]
            self._mark = f"{number}. " if kind == "ol" else _DASHES[min(len(lists), len(_DASHES)) - 1]
            lists[-1] = kind, number + 1

    def _add(self, text: str | None) -> None:
        if text:
            self._length += len(text)
            check_length(self._length)
            self._line.append(text)

    def _end(self) -> None:
        lines = [_BLANKS.sub(" ", line).strip() for line in "".join(self._line).split(_BREAK)]
        self._line.clear()
        if not any(lines):
            return
        # A heading is broken where its line would be too long; elsewhere it shows by the lines which of them go on.
        broken = "\n".join(lines).strip("\n")
        texts = [" ".join(filter(None, lines))] if self._heading else list(self._paragraphs(broken))
        for text in texts:
            # Pages often write the dash of an item beside that of the list.
            marked = self._mark if not text.startswith(("-", "+", "•", "–", "*")) else ""
            self._builder.paragraph(marked + text, heading=self._heading)
            self._mark = ""

    def _paragraphs(self, broken: str) -> Iterator[str]:
        """The paragraphs of lines; tables that are drawn in them are built."""
        if "\n" not in broken:
            yield broken
            return
        for block in read_text(broken).blocks:
            if block.rows is None:
                yield block.text
            else:
                self._builder.table([[cell.text for cell in row] for row in block.rows])

    def _drawn(self, text: Any) -> None:
        """A text that keeps its blanks and line breaks."""
        for paragraph in self._paragraphs(str(text.text_content()).rstrip("\n") + "\n"):
            if paragraph.strip():
                self._builder.paragraph(paragraph)

    def _table(self, table: Any) -> None:
        for caption in table.iterchildren("caption"):
            if text := _text(caption):
                self._builder.paragraph(" ".join(text.split()))
        grid: dict[tuple[int, int], str] = {}
        merged: dict[tuple[int, int], tuple[int, int]] = {}
        width = 0
        height = 0
        for number, row in enumerate(_rows(table)):
            column = 0
            height = max(height, number + 1)
            for cell in row.iterchildren("td", "th"):
                if _is_hidden(cell):
                    continue
                while (number, column) in grid:
                    column += 1
                across, down = _span(cell, "colspan"), _span(cell, "rowspan")
                check_cells(len(grid) + across * down)
                text = _text(cell)
                self._length += len(text)
                check_length(self._length)
                for below in range(number, number + down):
                    for beside in range(column, column + across):
                        grid.setdefault((below, beside), text)
                        if (below, beside) != (number, column):
                            merged[below, beside] = number, column
                column += across
                width = max(width, column)
        check_cells(width * height)
        rows = [[grid.get((row, column), "") for column in range(width)] for row in range(height)]
        kept = {place: source for place, source in merged.items() if place[0] < height and place[1] < width}
        if width:
            self._builder.table(rows, merged=kept)


def _is_hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or _UNSEEN_STYLE.search(style) is not None


def _is_small(picture: Any) -> bool:
    """Whether a picture is a sign of the page, too small for figures, or is not shown."""
    sides = [(picture.get(name) or "").removesuffix("px").strip() for name in ("width", "height")]
    small = any(side.isdecimal() and len(side) < 5 and int(side) <= _SMALL for side in sides)
    return small or any(_is_hidden(one) for one in (picture, *picture.iterancestors()))


def _is_of_figures(table: Any) -> bool:
    """Whether it has cells beside one another and no other table that has: the rest is layout, and is read in order."""
    if any(_is_wide(one) for one in table.iterdescendants("table")):
        return False
    return _is_wide(table)


def _is_wide(table: Any) -> bool:
    return any(next(cell.itersiblings("td", "th"), None) is not None for cell in islice(table.iter("td", "th"), MAX_CELLS))


def _rows(table: Any) -> Iterator[Any]:
    """Its rows as they are shown: those of the foot, which may be written before the others, at the end."""
    rows = [row for row in table.iter("tr") if not _is_hidden(row) and next(row.iterancestors("table")) is table]
    return iter(sorted(rows, key=lambda row: ("thead", "tr", "tfoot").index(_part(row))))


def _part(row: Any) -> str:
    tag = row.getparent().tag
    return str(tag) if tag in ("thead", "tfoot") else "tr"


def _span(cell: Any, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return max(1, min(int(value), _MAX_SPAN)) if value.isdecimal() and len(value) < 6 else 1


def _text(cell: Any) -> str:
    parts: list[str] = []
    skipped: Any = None
    for event, one in etree.iterwalk(cell, events=("start", "end")):
        tag = one.tag if isinstance(one.tag, str) else ""
        if skipped is None and event == "start":
            if one is not cell and (tag == "br" or tag in _BLOCKS):
                parts.append("\n")
            if tag == "sup":
                parts.append(raised(one.text_content()))
            if tag in _HIDDEN or tag in _STRUCK or tag == "sup" or (one is not cell and _is_hidden(one)):
                skipped = one
            else:
                parts.append(one.text or "")
        elif event == "end" and skipped in (None, one):
            skipped = None
            if one is not cell:
                parts.append(one.tail or "")
        if len(parts) > MAX_CHARACTERS:
            break
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)
