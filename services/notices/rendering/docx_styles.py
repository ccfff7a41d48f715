"""The styles of a notice in Word: to change how notices look there, change these."""

from __future__ import annotations

from typing import NamedTuple

from docx.document import Document as DocxDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm, Pt

FONT = "Times New Roman"
INDENT = Cm(1.27)
"""Of the first line."""


class ParagraphStyle(NamedTuple):
    """A style of paragraphs, by whose name Word offers it; sizes in points."""

    name: str
    size: float
    bold: bool = False
    italic: bool = False
    align: str = "both"
    before: float = 0
    after: float = 0
    indented: bool = False
    line: float = 1
    with_next: bool = False

    @property
    def id(self) -> str:
        """How paragraphs name it."""
        return self.name.replace(" ", "")


BODY = ParagraphStyle("Body Text", 14, after=6, indented=True, line=1.1)
HEADINGS = tuple(
    ParagraphStyle(f"Heading {level}", 14, bold=level < 3, align="left", after=6, indented=True, line=1.1, with_next=True)
    for level in (1, 2, 3)
)
ITEM, SUB_ITEM = (BODY._replace(name=name) for name in ("List Bullet", "List Bullet 2"))
TITLE = ParagraphStyle("Title", 14, bold=True, align="center", before=16)
ABSTRACT = ParagraphStyle("Subtitle", 14, bold=True, align="center")
ISSUER, SUPERIOR = ParagraphStyle("Issuer", 13, bold=True, align="center"), ParagraphStyle("Superior", 13, align="center")
STATE, MOTTO = ParagraphStyle("State", 13, bold=True, align="center"), ParagraphStyle("Motto", 14, bold=True, align="center")
REFERENCE = ParagraphStyle("Reference Number", 13, align="center")
DATE = ParagraphStyle("Date", 14, italic=True, align="center")
RECIPIENTS_HEAD = ParagraphStyle("Recipients Head", 12, bold=True, italic=True, align="left", before=10, after=3)
RECIPIENTS = ParagraphStyle("Recipients", 11, align="left")
AUTHORITY = ParagraphStyle("Signature", 14, bold=True, align="center")
AUTHORITY_FIRST, SIGNATORY = (
    AUTHORITY._replace(name=name, before=before) for name, before in (("Signature First", 10), ("Signatory", 96))
)
ANNEX_TITLE = ParagraphStyle("Annex Title", 14, bold=True, align="center", after=3)
ANNEX_LINE = ParagraphStyle("Annex Line", 14, align="center", after=3)
ANNEX_BELONGS = ParagraphStyle("Annex Reference", 14, italic=True, align="center", after=6)
ANNEX_UNIT = ParagraphStyle("Annex Unit", 12, italic=True, align="right", after=3)
TABLE_HEAD = ParagraphStyle("Table Head", 11, bold=True, align="center")
TABLE_NUMBER = ParagraphStyle("Table Column Number", 11, italic=True, align="center")
_CELLS = (("Text", "left"), ("Center", "center"), ("Figure", "right"))
TABLE_UNIT, TABLE_TOTAL = (
    {align: ParagraphStyle(f"Table {total}{name}", 11, bold=bool(total), align=align) for name, align in _CELLS}
    for total in ("", "Total ")
)
"""Of cells, by how these are aligned."""
TABLE_NOTE = ParagraphStyle("Table Note", 11, italic=True, before=6)
PAGE_NUMBER = ParagraphStyle("Header", 13, align="center")
STYLES = (
    *(BODY, *HEADINGS, ITEM, SUB_ITEM, TITLE, ABSTRACT, ISSUER, SUPERIOR, STATE, MOTTO, REFERENCE, DATE),
    *(RECIPIENTS_HEAD, RECIPIENTS, AUTHORITY, AUTHORITY_FIRST, SIGNATORY, ANNEX_TITLE, ANNEX_LINE, ANNEX_BELONGS, ANNEX_UNIT),
    *(TABLE_HEAD, TABLE_NUMBER, *TABLE_UNIT.values(), *TABLE_TOTAL.values(), TABLE_NOTE, PAGE_NUMBER),
)
"""Every style in use: to change how notices look in Word, change these."""
_ALIGNED = {
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}


def define_styles(document: DocxDocument) -> None:
    """Declare every style in a document, beside those of python-docx's template."""
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
    for style in STYLES:
        _define(document, style)


def _define(document: DocxDocument, style: ParagraphStyle) -> None:
    """Declare a style, or make the one that Word has by this name look as the form wants."""
    known = {one.name: one for one in document.styles}
    defined = known.get(style.name) or document.styles.add_style(style.name, WD_STYLE_TYPE.PARAGRAPH)
    for properties in ("pPr", "rPr"):
        for old in defined.element.findall(f"{{{defined.element.nsmap['w']}}}{properties}"):
            defined.element.remove(old)
    defined.base_style = document.styles["Normal"]
    defined.quick_style = True
    defined.font.size, defined.font.bold, defined.font.italic = Pt(style.size), style.bold, style.italic
    form = defined.paragraph_format
    form.alignment = _ALIGNED[style.align]
    form.space_before, form.space_after = Pt(style.before), Pt(style.after)
    form.line_spacing, form.keep_with_next = style.line, style.with_next
    form.first_line_indent = INDENT if style.indented else None
    if style in HEADINGS:
        level = HEADINGS.index(style)
        defined.element.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="{level}"/>'))
