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
from docx.shared import Cm, Mm, Pt

from services.notices.composition.model import Annex, Block, HeaderCell, Heading, NoticeDocument, Row, words
from services.notices.rendering.model import with_title

FONT = "Times New Roman"
INDENT = round(1.27 * 567)
"""Of the first line, in twentieths of a point."""
HEAD_COLUMNS = (3515, 5556)
"""Widths of the head's two columns, in twentieths of a point: 6,2 and 9,8 cm."""
SIGNATURE_COLUMNS = (4535, 4536)
LANDSCAPE_WIDTH = round((297 - 40) * 56.7)
"""Room for an annex's table, in twentieths of a point."""


def docx(notice: NoticeDocument, *, dated_at: datetime) -> bytes:
    """The DOCX; `dated_at` is its only date, so the same tree gives the same bytes."""
    document = Document()
    _style(document)
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


def _style(document: DocxDocument) -> None:
    normal = document.styles["Normal"]
    normal.font.name = FONT
    normal.font.size = Pt(14)
    properties = normal.element.get_or_add_rPr()
    fonts = properties.rFonts
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(f"{{{fonts.nsmap['w']}}}{script}", FONT)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(f"{{{fonts.nsmap['w']}}}{theme}", None)
    # The template declares a language of its own: one element, with ours.
    for language in properties.findall(f"{{{fonts.nsmap['w']}}}lang"):
        properties.remove(language)
    properties.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="vi-VN" w:eastAsia="vi-VN"/>'))
    spacing = normal.paragraph_format
    spacing.space_before = spacing.space_after = Pt(0)
    spacing.widow_control = True


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
    section.left_margin = Mm(20 if landscape else 30)
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
        f"<w:r>{_r_pr(13)}{part}</w:r>"
        for part in (
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve">PAGE</w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>2</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    element.append(parse_xml(f'<w:p {nsdecls("w")}><w:pPr><w:jc w:val="center"/></w:pPr>{field}</w:p>'))


def _head(notice: NoticeDocument) -> list[str]:
    """Issuing body, Quốc hiệu and Tiêu ngữ, number, place and date, type and abstract (annex I, II.1-5)."""
    left = _p(_run(notice.superior, 13), "center") if notice.superior else ""
    left += "".join(_p(_run(line, 13, bold=True), "center") for line in notice.issuer)
    left += _rule(HEAD_COLUMNS[0], max(len(line) for line in notice.issuer) * 145 * 0.4)
    motto = "Độc lập - Tự do - Hạnh phúc"
    right = (
        _p(_run("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 13, bold=True), "center")
        + _p(_run(motto, 14, bold=True), "center")
        + _rule(HEAD_COLUMNS[1], len(motto) * 134)
    )
    number = _p(_run(notice.reference, 13), "center")
    dated = _p(_run(notice.locality_and_date, 14, italic=True), "center")
    table = _plain_table(HEAD_COLUMNS, [(left, right), (number, dated)])
    abstract = "".join(_p(_run(line, 14, bold=True), "center") for line in notice.abstract)
    width = sum(HEAD_COLUMNS)
    ruled = _rule(width, max(len(line) for line in notice.abstract) * 134 * 0.35)
    kind = _p(_run(notice.kind, 14, bold=True), "center", before=16)
    return [table, *_split(kind + abstract + ruled + _p("", "center", after=4, size=6))]


def _body(notice: NoticeDocument) -> list[str]:
    last = len(notice.body) - 1
    return [_with_namespace(_block(block, with_next=index == last)) for index, block in enumerate(notice.body)]


def _block(block: Block, *, with_next: bool) -> str:
    if isinstance(block, Heading):
        text = f"{block.label} {block.text}"
        run = _run(text, 14, bold=block.level < 3)
        return _p(run, "both", before=0, after=6, indent=INDENT, line=264, with_next=True, level=block.level)
    lead = f"{block.lead} " if block.lead else ""
    run = _run(lead + words(block), 14, italic=block.emphasis)
    return _p(run, "both", after=6, indent=INDENT, line=264, with_next=with_next)


def _signatures(notice: NoticeDocument) -> str:
    """Recipients at the left, signature block at the right (annex I, II.7 and II.9)."""
    left = _p(_run("Nơi nhận:", 12, bold=True, italic=True), "left", before=10, after=3)
    left += "".join(_p(_run(line, 11), "left") for line in notice.recipients)
    right = "".join(
        _p(_run(line, 14, bold=True), "center", before=0 if index else 10) for index, line in enumerate(notice.authority)
    )
    right += _p("", "center", before=80) + _p(_run(notice.signatory, 14, bold=True), "center")
    return _plain_table(SIGNATURE_COLUMNS, [(left, right)])


def _annex(annex: Annex) -> list[str]:
    top = (
        _p(_run(annex.label, 14, bold=True), "center", after=3)
        + _p(_run(annex.title.upper(), 14, bold=True), "center", after=3)
        + _p(_run(annex.subtitle, 14), "center", after=3)
        + _p(_run(annex.belongs, 14, italic=True), "center", after=6)
        + _p(_run(annex.unit, 12, italic=True), "right", after=3)
    )
    note = _p(_run(f"Ghi chú: {annex.note}", 11, italic=True) if annex.note else "", "both", before=6)
    return [*_split(top), _table(annex), *_split(note)]


def _table(annex: Annex) -> str:
    whole = sum(column.width for column in annex.columns)
    edges = [round(LANDSCAPE_WIDTH * part / whole) for part in accumulate(column.width for column in annex.columns)]
    widths = [after - before for before, after in pairwise([0, *edges])]
    numbers = [_p(_run(f"({column.number})", 11, italic=True), "center") for column in annex.columns]
    rows = _header_rows(annex.header, widths)
    rows.append(_header_row("".join(_tc(number, width) for number, width in zip(numbers, widths, strict=True))))
    rows.extend(_body_row(annex, row, widths) for row in annex.rows)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{LANDSCAPE_WIDTH}" w:type="dxa"/>{_borders("single")}'
        '<w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:top w:w="28" w:type="dxa"/><w:left w:w="57" w:type="dxa"/>'
        '<w:bottom w:w="28" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar>'
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
            text = _p(_run(cell.text, 11, bold=True) if above is None else "", "center", size=11)
            out.append(_tc(text, width, span=cell.columns, merge=merge))
            if above is None:
                for below in range(line + 1, line + cell.rows):
                    covered[(below, index)] = cell
            index += cell.columns
        rows.append(_header_row("".join(out)))
    return rows


def _header_row(cells: str) -> str:
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"


def _body_row(annex: Annex, row: Row, widths: list[int]) -> str:
    bold = row.kind != "unit"
    cells = []
    for index, (cell, column, width) in enumerate(zip(row.cells, annex.columns, widths, strict=True)):
        align = "center" if index > 1 and cell.number is None else column.align
        cells.append(_tc(_p(_run(cell.text, 11, bold=bold), align), width))
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
        f'<w:spacing w:before="40" w:after="0" w:line="120" w:lineRule="exact"/><w:ind w:left="{side}" w:right="{side}"/>'
        f'<w:jc w:val="center"/><w:rPr><w:sz w:val="8"/></w:rPr></w:pPr></w:p>'
    )


def _p(
    content: str,
    align: str,
    *,
    before: int = 0,
    after: int = 0,
    indent: int = 0,
    line: int = 240,
    with_next: bool = False,
    level: int = 0,
    size: int = 0,
) -> str:
    """A paragraph; `before` and `after` in points, `indent` of the first line in twentieths, `line` in 240ths of a line."""
    keep = "<w:keepNext/>" if with_next else ""
    first = f'<w:ind w:firstLine="{indent}"/>' if indent else ""
    outline = f'<w:outlineLvl w:val="{level - 1}"/>' if level else ""
    mark = f'<w:rPr><w:sz w:val="{size * 2}"/></w:rPr>' if size else ""
    return (
        f'<w:p><w:pPr>{keep}<w:spacing w:before="{before * 20}" w:after="{after * 20}" w:line="{line}" w:lineRule="auto"/>'
        f'{first}<w:jc w:val="{align}"/>{outline}{mark}</w:pPr>{content}</w:p>'
    )


def _run(text: str, size: int, *, bold: bool = False, italic: bool = False) -> str:
    return f'<w:r>{_r_pr(size, bold=bold, italic=italic)}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _r_pr(size: int, *, bold: bool = False, italic: bool = False) -> str:
    marks = ("<w:b/>" if bold else "") + ("<w:i/>" if italic else "")
    return f'<w:rPr>{marks}<w:sz w:val="{size * 2}"/><w:szCs w:val="{size * 2}"/></w:rPr>'


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
