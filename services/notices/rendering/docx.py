"""DOCX of a notice by python-docx: the same tree as the PDF, to be edited in a word processor.

The body is written as WordprocessingML in one go, because building cell by cell costs most of the time; python-docx carries the
package, its styles and the sections.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from itertools import accumulate, pairwise
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.section import Section
from docx.shared import Cm, Mm

from services.notices.composition.model import Annex, Block, HeaderCell, Heading, NoticeDocument, Row
from services.notices.rendering.docx_styles import (
    ABSTRACT,
    ANNEX_BELONGS,
    ANNEX_LINE,
    ANNEX_TITLE,
    ANNEX_UNIT,
    AUTHORITY,
    AUTHORITY_FIRST,
    BODY,
    DATE,
    HEADINGS,
    ISSUER,
    ITEM,
    MOTTO,
    PAGE_NUMBER,
    RECIPIENTS,
    RECIPIENTS_HEAD,
    REFERENCE,
    SIGNATORY,
    STATE,
    SUB_ITEM,
    SUPERIOR,
    TABLE_HEAD,
    TABLE_NOTE,
    TABLE_NUMBER,
    TABLE_TOTAL,
    TABLE_UNIT,
    TITLE,
    ParagraphStyle,
    define_styles,
)
from services.notices.rendering.line_breaks import Part, held_in_heading, parts
from services.notices.rendering.model import leads_in, printed, with_title

HEAD_COLUMNS = (3515, 5556)
"""Widths of the head's two columns, in twentieths of a point: 6,2 and 9,8 cm."""
SIGNATURE_COLUMNS = (4535, 4536)
LANDSCAPE_WIDTH = round((297 - 50) * 56.7)
"""Room for an annex's table, in twentieths of a point."""
CELL_SIDE = 57
"""Room at both sides of a cell's text, in twentieths of a point. Word sets a table out by it, so that its text stands at the
margin; indented as far its lines do, as in the PDF."""
MOTTO_TEXT = "Độc lập - Tự do - Hạnh phúc"
MOTTO_WIDTH = 171 * 20
"""How long it is in bold letters of 14 points, in twentieths of a point: the line below it is as long."""


def docx(notice: NoticeDocument, *, dated_at: datetime) -> bytes:
    """The DOCX; `dated_at` is its only date, so the same tree gives the same bytes."""
    document = Document()
    define_styles(document)
    _properties(document, notice, dated_at)
    body = document.element.body
    section = document.sections[0]
    _page(section, landscape=False)
    for element in [*_head(notice), *_body(notice), _signatures(notice)]:
        body.insert(len(body) - 1, parse_xml(element))
    for annex in notice.annexes:
        section = document.add_section(WD_SECTION.NEW_PAGE)
        _page(section, landscape=True)
        for element in _annex(annex):
            body.insert(len(body) - 1, parse_xml(element))
    _flatten_section_marks(document)
    _drop_template_remains(document)
    packed = io.BytesIO()
    document.save(packed)
    return _undated(packed.getvalue())


def _properties(document: DocxDocument, notice: NoticeDocument, dated_at: datetime) -> None:
    core = document.core_properties
    shown = with_title(notice)
    core.title = shown.title[:255]
    core.author = core.last_modified_by = shown.author[:255]
    core.comments = ""
    core.language = "vi-VN"
    core.created = core.modified = dated_at.replace(tzinfo=None, microsecond=0)


def _page(section: Section, *, landscape: bool) -> None:
    """Margins of decree 30/2020, annex I, I.4; the page number in the top margin from the second page of the section on."""
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.top_margin = section.bottom_margin = section.right_margin = Mm(20)
    section.left_margin = Mm(30)
    section.header_distance = section.footer_distance = Cm(1)
    section.different_first_page_header_footer = True
    section.header.is_linked_to_previous = False
    section.first_page_header.is_linked_to_previous = False
    _write_page_number(section)
    properties = section._sectPr
    for numbering in properties.findall(f"{{{properties.nsmap['w']}}}pgNumType"):
        properties.remove(numbering)  # a copied section brings one along, and two are an error
    # Schema order: pgNumType stands before cols, titlePg and docGrid.
    numbering = parse_xml(f'<w:pgNumType {nsdecls("w")} w:start="1"/>')
    columns = properties.find(f"{{{properties.nsmap['w']}}}cols")
    columns.addprevious(numbering)


def _write_page_number(section: Section) -> None:
    element = section.header._element
    for old in list(element):
        element.remove(old)
    field = "".join(
        f"<w:r>{part}</w:r>"
        for part in (
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve">PAGE</w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>2</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    element.append(parse_xml(f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{PAGE_NUMBER.id}"/></w:pPr>{field}</w:p>'))


def _head(notice: NoticeDocument) -> list[str]:
    """Issuing body, Quốc hiệu and Tiêu ngữ, number, place and date, type and abstract (annex I, II.1-5)."""
    left = _p(notice.superior, SUPERIOR) if notice.superior else ""
    left += "".join(_p(line, ISSUER) for line in notice.issuer)
    left += _rule(HEAD_COLUMNS[0], max(len(line) for line in notice.issuer) * 145 * 0.4)
    right = _p("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", STATE) + _p(MOTTO_TEXT, MOTTO) + _rule(HEAD_COLUMNS[1], MOTTO_WIDTH)
    table = _plain_table(HEAD_COLUMNS, [(left, right), (_p(notice.reference, REFERENCE), _p(notice.locality_and_date, DATE))])
    abstract = "".join(_p(held_in_heading(line), ABSTRACT) for line in notice.abstract)
    ruled = _rule(sum(HEAD_COLUMNS), max(len(line) for line in notice.abstract) * 134 * 0.35)
    gap = '<w:p><w:pPr><w:spacing w:after="80"/><w:rPr><w:sz w:val="12"/></w:rPr></w:pPr></w:p>'
    return [table, *_split(_p(notice.kind, TITLE) + abstract + ruled + gap)]


def _body(notice: NoticeDocument) -> list[str]:
    last = len(notice.body) - 1
    return [_with_namespace(_block(block, with_next=index == last)) for index, block in enumerate(notice.body)]


def _block(block: Block, *, with_next: bool) -> str:
    text = parts(printed(block), is_heading=isinstance(block, Heading))
    if isinstance(block, Heading):
        return _p(text, HEADINGS[block.level - 1])
    style = {"-": ITEM, "+": SUB_ITEM}.get(block.lead, BODY)
    return _p(text, style, italic=block.emphasis, with_next=with_next or leads_in(block))


def _signatures(notice: NoticeDocument) -> str:
    """Recipients at the left, signature block at the right (annex I, II.7 and II.9)."""
    left = _p("Nơi nhận:", RECIPIENTS_HEAD) + "".join(_p(line, RECIPIENTS) for line in notice.recipients)
    right = "".join(_p(line, AUTHORITY if index else AUTHORITY_FIRST) for index, line in enumerate(notice.authority))
    return _plain_table(SIGNATURE_COLUMNS, [(left, right + _p(notice.signatory, SIGNATORY))])


def _annex(annex: Annex) -> list[str]:
    top = (
        _p(annex.label, ANNEX_TITLE)
        + _p(annex.title.upper(), ANNEX_TITLE)
        + _p(annex.subtitle, ANNEX_LINE)
        + _p(annex.belongs, ANNEX_BELONGS)
        + _p(annex.unit, ANNEX_UNIT)
    )
    note = _p(f"Ghi chú: {annex.note}" if annex.note else "", TABLE_NOTE)
    return [*_split(top), _table(annex), *_split(note)]


def _table(annex: Annex) -> str:
    whole = sum(column.width for column in annex.columns)
    edges = [round(LANDSCAPE_WIDTH * part / whole) for part in accumulate(column.width for column in annex.columns)]
    widths = [after - before for before, after in pairwise([0, *edges])]
    numbers = [_p(f"({column.number})", TABLE_NUMBER) for column in annex.columns]
    rows = _header_rows(annex.header, widths)
    rows.append(_header_row("".join(_tc(number, width) for number, width in zip(numbers, widths, strict=True))))
    # A group's row stays with the first of its units, and the last unit with the total.
    after = [row.kind == "total" for row in annex.rows[1:]] + [bool(annex.note)]
    rows.extend(
        _body_row(annex, row, widths, with_next=before_total or row.kind == "group")
        for row, before_total in zip(annex.rows, after, strict=True)
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{LANDSCAPE_WIDTH}" w:type="dxa"/>'
        f'<w:tblInd w:w="{CELL_SIDE}" w:type="dxa"/>{_borders("single")}<w:tblLayout w:type="fixed"/>'
        f'<w:tblCellMar><w:top w:w="28" w:type="dxa"/><w:left w:w="{CELL_SIDE}" w:type="dxa"/>'
        f'<w:bottom w:w="28" w:type="dxa"/><w:right w:w="{CELL_SIDE}" w:type="dxa"/></w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _header_rows(header: tuple[tuple[HeaderCell, ...], ...], widths: list[int]) -> list[str]:
    """Rows of a head with cells over several columns and rows: what a cell covers below it is written as a merged cell."""
    covered: dict[tuple[int, int], HeaderCell] = {}
    rows = []
    for line, cells in enumerate(header):
        waiting = iter(cells)
        index, out = 0, []
        while index < len(widths):
            above = covered.get((line, index))
            cell = above or next(waiting)
            width = sum(widths[index : index + cell.columns])
            merge = "" if cell.rows == 1 else '<w:vMerge w:val="restart"/>' if above is None else "<w:vMerge/>"
            text = _p(cell.text if above is None else "", TABLE_HEAD)
            out.append(_tc(text, width, span=cell.columns, merge=merge))
            if above is None:
                for below in range(line + 1, line + cell.rows):
                    covered[(below, index)] = cell
            index += cell.columns
        rows.append(_header_row("".join(out)))
    return rows


def _header_row(cells: str) -> str:
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"


def _body_row(annex: Annex, row: Row, widths: list[int], *, with_next: bool) -> str:
    styles = TABLE_UNIT if row.kind == "unit" else TABLE_TOTAL
    cells = []
    for index, (cell, column, width) in enumerate(zip(row.cells, annex.columns, widths, strict=True)):
        align = "center" if index > 1 and cell.number is None else column.align
        cells.append(_tc(_p(cell.text, styles[align], with_next=with_next), width))
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _tc(content: str, width: int, *, span: int = 1, merge: str = "") -> str:
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spanned}{merge}<w:vAlign w:val="center"/></w:tcPr>{content}</w:tc>'
    )


def _plain_table(widths: tuple[int, int], rows: list[tuple[str, str]]) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    lines = "".join(
        "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
        + "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{cell}</w:tc>'
            for cell, width in zip(row, widths, strict=True)
        )
        + "</w:tr>"
        for row in rows
    )
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>{_borders("none")}'
        '<w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{lines}</w:tbl>"
    )


def _borders(kind: str) -> str:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    size = 4 if kind == "single" else 0
    edges = "".join(f'<w:{side} w:val="{kind}" w:sz="{size}" w:space="0" w:color="auto"/>' for side in sides)
    return f"<w:tblBorders>{edges}</w:tblBorders>"


def _rule(width: float, length: float) -> str:
    """A centred line of `length` in a column of `width`: an almost empty paragraph with a top border."""
    side = max(0, round((width - length) / 2))
    return (
        f'<w:p><w:pPr><w:pBdr><w:top w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>'
        f'<w:spacing w:before="80" w:after="0" w:line="120" w:lineRule="exact"/><w:ind w:left="{side}" w:right="{side}"/>'
        f'<w:jc w:val="center"/><w:rPr><w:sz w:val="8"/></w:rPr></w:pPr></w:p>'
    )


def _p(
    text: str | tuple[Part, ...],
    style: ParagraphStyle,
    *,
    italic: bool = False,
    with_next: bool = False,
) -> str:
    """A paragraph of a style; of its own it has only that it stays with the next."""
    keep = "<w:keepNext/>" if with_next and not style.with_next else ""
    marks = '<w:rPr><w:rStyle w:val="Emphasis"/></w:rPr>' if italic else ""
    words = (Part(text, whole=False),) if isinstance(text, str) else text
    run = f"<w:r>{marks}{''.join(_words(part) for part in words if part.text)}</w:r>" if text else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style.id}"/>{keep}</w:pPr>{run}</w:p>'


def _words(part: Part) -> str:
    """Text of a run; a hyphen inside what must stay whole is one that no line breaks at."""
    chunks = part.text.split("-") if part.whole else [part.text]
    return "<w:noBreakHyphen/>".join(f'<w:t xml:space="preserve">{escape(chunk)}</w:t>' if chunk else "" for chunk in chunks)


def _split(paragraphs: str) -> list[str]:
    return [_with_namespace(part + "</w:p>") for part in paragraphs.split("</w:p>") if part]


def _with_namespace(element: str) -> str:
    return element.replace("<w:p>", f"<w:p {nsdecls('w')}>", 1)


def _drop_template_remains(document: DocxDocument) -> None:
    """Take out what python-docx's template brings along: a second style sheet that disagrees with ours, and a picture."""
    for holder in (document.part, document.part.package):
        for key, relation in list(holder.rels.items()):
            if relation.reltype.endswith(("/stylesWithEffects", "/thumbnail")):
                del holder.rels[key]


def _flatten_section_marks(document: DocxDocument) -> None:
    """python-docx carries each section's properties in a paragraph of its own; it must not make a line, let alone a page."""
    body = document.element.body
    name = f"{{{body.nsmap['w']}}}"
    for paragraph in body.findall(f"{name}p"):
        properties = paragraph.find(f"{name}pPr")
        if properties is not None and properties.find(f"{name}sectPr") is not None and paragraph.find(f"{name}r") is None:
            properties.insert(
                0, parse_xml(f'<w:spacing {nsdecls("w")} w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>')
            )
            properties.append(parse_xml(f'<w:rPr {nsdecls("w")}><w:sz w:val="2"/></w:rPr>'))
            mark = properties.find(f"{name}rPr")
            section = properties.find(f"{name}sectPr")
            section.addprevious(mark)


def _undated(package: bytes) -> bytes:
    """The same package with the dates of its parts fixed, so that equal documents are equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
