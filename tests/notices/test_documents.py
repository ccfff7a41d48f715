"""The drawn documents: the form of decree 30/2020, equal bytes, fonts inside, and the same numbers in all of them."""

from __future__ import annotations

import io
import re
import zipfile
from itertools import pairwise
from pathlib import Path

import lxml.html
import msgspec
import openpyxl
import pypdf
import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length
from openxml_audit import OpenXmlValidator
from PIL import Image
from pypdf.generic import DictionaryObject

from services.notices.audit.documents.files import read_file
from services.notices.audit.engine import audit
from services.notices.composition.model import FigureRun, Heading, NoticeDocument, Paragraph, TextRun, words
from services.notices.figures.model import Figure
from services.notices.rendering import pages as pages_of
from services.notices.rendering.docx import docx
from services.notices.rendering.html import html
from services.notices.rendering.model import printed
from services.notices.rendering.pdf import Unprintable, pdf
from services.notices.rendering.xlsx import xlsx
from shared.printing import PRINTABLE
from tests.notices.reference import DATED_AT, composed

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CM = 72 / 2.54


@pytest.fixture(scope="module")
def made() -> tuple[NoticeDocument, dict[str, Figure]]:
    return composed()


@pytest.fixture(scope="module")
def pages(made: tuple[NoticeDocument, dict[str, Figure]]) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf(*made, dated_at=DATED_AT)))


def millimetres(length: Length | None) -> int:
    assert length is not None
    return round(float(length.mm))


def test_the_same_tree_gives_the_same_bytes_in_every_form(made: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    notice, figures = made
    again, figures_again = composed()
    assert pdf(notice, figures, dated_at=DATED_AT) == pdf(again, figures_again, dated_at=DATED_AT)
    assert docx(notice, dated_at=DATED_AT) == docx(again, dated_at=DATED_AT)
    assert xlsx(notice, dated_at=DATED_AT) == xlsx(again, dated_at=DATED_AT)


@pytest.mark.parametrize("suffix", ["docx", "pdf"])
def test_a_notice_read_from_its_file_is_contradicted_nowhere(
    made: tuple[NoticeDocument, dict[str, Figure]], suffix: str
) -> None:
    notice, figures = made
    content = docx(notice, dated_at=DATED_AT) if suffix == "docx" else pdf(notice, figures, dated_at=DATED_AT)
    found = audit(read_file(f"notice.{suffix}", content))
    assert found.figures > 900
    assert found.equations > 450
    assert [one.equation for one in found.claims if one.verdict.value != "holds"] == []


def test_the_pdf_embeds_liberation_serif_and_nothing_else(pages: pypdf.PdfReader) -> None:
    fonts = {}
    for page in pages.pages:
        resources = page["/Resources"]
        assert isinstance(resources, DictionaryObject)
        used = resources["/Font"]
        assert isinstance(used, DictionaryObject)
        for font in used.values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            fonts[below["/BaseFont"]] = below["/FontDescriptor"].get_object()
    assert {name.split("+")[-1] for name in fonts} == {
        "LiberationSerif",
        "LiberationSerif-Bold",
        "LiberationSerif-Italic",
        "LiberationSerif-BoldItalic",
    }
    assert all("/FontFile2" in one or "/FontFile3" in one for one in fonts.values())


def test_the_pdf_is_an_archive_file_that_carries_its_figures(pages: pypdf.PdfReader) -> None:
    metadata = pages.xmp_metadata
    assert metadata is not None
    assert "pdfaid:part" in metadata.stream.get_data().decode()
    attached = msgspec.json.decode(pages.attachments["figures.json"][0])
    handled = next(figure for figure in attached if figure["key"] == "handled")
    assert handled["numerator"] == 30938


def test_pages_are_a4_and_each_annex_numbers_its_own_from_the_second_on(pages: pypdf.PdfReader) -> None:
    numbers = []
    for page in pages.pages:
        width, height = float(page.mediabox.width), float(page.mediabox.height)
        assert sorted((round(width), round(height))) == [595, 842]
        first = page.extract_text().strip().splitlines()[0].strip()
        numbers.append((width > height, int(first) if first.isdigit() else None))
    upright = [number for landscape, number in numbers if not landscape]
    assert upright == [None, *range(2, len(upright) + 1)]
    lying = [number for landscape, number in numbers if landscape]
    assert lying.count(None) == 3
    for before, after in pairwise(lying):
        assert after in (None, (before or 1) + 1)


def test_the_pdf_says_every_paragraph_of_the_tree(
    pages: pypdf.PdfReader, made: tuple[NoticeDocument, dict[str, Figure]]
) -> None:
    text = "".join(re.sub(r"^\s*\d+\s*$", "", page.extract_text(), count=1, flags=re.M) for page in pages.pages)
    packed = re.sub(r"\s", "", text)
    for block in made[0].body:
        said = words(block) if isinstance(block, Paragraph) else block.text
        assert re.sub(r"\s", "", said) in packed


def test_the_head_and_the_signature_have_all_parts_of_the_form(pages: pypdf.PdfReader) -> None:
    first = pages.pages[0].extract_text()
    for part in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "ỦY BAN NHÂN DÂN", "HUYỆN THANH HÀ"):
        assert part in first
    assert re.search(r"Số:\s+/TB-UBND", first)
    assert re.search(r"Thanh Hà, ngày\s+tháng\s+năm 2023", first)
    text = "\n".join(page.extract_text() for page in pages.pages)
    for part in ("Nơi nhận:", "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Hoàng Thị Thúy Hà"):
        assert part in text


def test_sizes_and_weights_in_the_pdf_are_those_of_the_decree(pages: pypdf.PdfReader) -> None:
    found: dict[str, tuple[str, float]] = {}

    def see(text: str, _: object, matrix: list[float], font: dict[str, str] | None, size: float) -> None:
        if text.strip() and font:
            found.setdefault(text.strip()[:24], (font["/BaseFont"].split("+")[-1], round(size)))

    for page in pages.pages:
        page.extract_text(visitor_text=see)
    assert found["THÔNG BÁO"] == ("LiberationSerif-Bold", 14)
    assert found["Nơi nhận:"] == ("LiberationSerif-BoldItalic", 12)
    assert found["- Văn phòng UBND tỉnh;"] == ("LiberationSerif", 11)
    assert found["CỘNG HÒA XÃ HỘI CHỦ NGHĨ"] == ("LiberationSerif-Bold", 13)


def test_a_letter_that_the_fonts_lack_is_refused_and_not_left_blank(made: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    notice, figures = made
    odd = msgspec.structs.replace(notice, body=(Paragraph((TextRun("漢"),)), *notice.body))
    with pytest.raises(Unprintable, match="cannot be printed"):
        pdf(odd, figures, dated_at=DATED_AT)


def test_every_character_that_an_inspection_may_hold_can_be_printed(made: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    notice, figures = made
    letters = "".join(chr(code) for code in range(0x20, 0x2100) if PRINTABLE.fullmatch(chr(code)))
    assert "ỹ" in letters
    rich = msgspec.structs.replace(notice, body=(Paragraph((TextRun(" ".join(letters)),)), *notice.body))
    assert pdf(rich, figures, dated_at=DATED_AT).startswith(b"%PDF")


def test_word_would_open_the_docx_without_repair(made: tuple[NoticeDocument, dict[str, Figure]], tmp_path: Path) -> None:
    path = tmp_path / "notice.docx"
    path.write_bytes(docx(made[0], dated_at=DATED_AT))
    result = OpenXmlValidator().validate(path)
    assert result.is_valid, result.errors


def test_the_docx_has_the_margins_and_sections_of_the_form(made: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    document = Document(io.BytesIO(docx(made[0], dated_at=DATED_AT)))
    first, *annexes = document.sections
    sides = (first.top_margin, first.bottom_margin, first.left_margin, first.right_margin)
    assert [millimetres(side) for side in sides] == [20, 20, 30, 20]
    sheets = [(millimetres(one.page_width), millimetres(one.page_height)) for one in (first, *annexes)]
    assert sheets == [(210, 297)] + [(297, 210)] * 3
    for section in document.sections:
        numbering = section._sectPr.findall(f"{W}pgNumType")
        assert [one.get(f"{W}start") for one in numbering] == ["1"]
        assert section.different_first_page_header_footer
        assert "PAGE" in section.header._element.xml
    assert document.styles["Normal"].font.name == "Times New Roman"


def test_the_docx_says_what_the_tree_says_with_justified_indented_paragraphs_and_headings_at_the_left(
    made: tuple[NoticeDocument, dict[str, Figure]],
) -> None:
    notice = made[0]
    document = Document(io.BytesIO(docx(notice, dated_at=DATED_AT)))
    by_text = {paragraph.text.replace("\u00a0", " "): paragraph for paragraph in document.paragraphs}
    for block in notice.body:
        paragraph = by_text[printed(block).replace("\u00a0", " ")]
        assert paragraph.style is not None
        form = paragraph.style.paragraph_format
        assert form.first_line_indent.cm == pytest.approx(1.27, abs=0.01)
        assert form.space_after.pt == 6
        # A heading of two lines has none of its words drawn apart.
        assert form.alignment == (WD_ALIGN_PARAGRAPH.LEFT if isinstance(block, Heading) else WD_ALIGN_PARAGRAPH.JUSTIFY)


def test_every_paragraph_of_the_docx_has_a_style_that_says_what_it_is_and_none_of_its_own(
    made: tuple[NoticeDocument, dict[str, Figure]],
) -> None:
    document = Document(io.BytesIO(docx(made[0], dated_at=DATED_AT)))
    styles = {block.level: f"Heading {block.level}" for block in made[0].body if isinstance(block, Heading)}
    by_text = {paragraph.text.replace("\u00a0", " "): paragraph for paragraph in document.paragraphs}
    for block in made[0].body:
        lead = {"-": "List Bullet", "+": "List Bullet 2", "": "Body Text"}
        wanted = styles[block.level] if isinstance(block, Heading) else lead[block.lead]
        style = by_text[printed(block).replace("\u00a0", " ")].style
        assert style is not None
        assert style.name == wanted
    declared = {style.style_id for style in document.styles}
    headers = (part.header._element for part in document.sections if not part.header.is_linked_to_previous)
    for element in (one for root in (document.element.body, *headers) for one in root.iter(f"{W}p")):
        if element.find(f"{W}r") is not None:
            named = element.find(f"{W}pPr/{W}pStyle")
            assert named is not None
            assert named.get(f"{W}val") in declared
            # That it stays with the next is of its place, not of its look.
            assert {own.tag for own in element.find(f"{W}pPr")} <= {f"{W}pStyle", f"{W}keepNext"}
            marks = element.findall(f"{W}r/{W}rPr/*")
            assert {own.tag for own in marks} <= {f"{W}rStyle"}
            assert {own.get(f"{W}val") for own in marks} <= declared


def test_cells_and_signatures_look_in_word_as_they_are_aligned_by_their_styles(
    made: tuple[NoticeDocument, dict[str, Figure]],
) -> None:
    document = Document(io.BytesIO(docx(made[0], dated_at=DATED_AT)))
    total = document.tables[2].rows[-1].cells
    assert [(cell.paragraphs[0].style.name, cell.paragraphs[0].style.paragraph_format.alignment) for cell in total[:3]] == [
        ("Table Total Center", WD_ALIGN_PARAGRAPH.CENTER),
        ("Table Total Text", WD_ALIGN_PARAGRAPH.LEFT),
        ("Table Total Figure", WD_ALIGN_PARAGRAPH.RIGHT),
    ]
    signed = [one for one in document.tables[1].rows[0].cells[1].paragraphs if one.text]
    assert (signed[0].style.name, signed[-1].style.name) == ("Signature First", "Signatory")
    emphasised = document.styles["Emphasis"]
    assert emphasised.font.italic


def test_word_breaks_no_line_in_a_reference_number(made: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    document = Document(io.BytesIO(docx(made[0], dated_at=DATED_AT)))
    (cited,) = [one for one in document.paragraphs if "895/QĐ" in one.text]
    assert "số\u00a0895/QĐ-UBND" in cited.text
    assert "895/QĐ</w:t>" in cited._p.xml
    assert "<w:noBreakHyphen/>" in cited._p.xml


def test_tables_of_the_docx_begin_at_the_margin_and_lines_of_the_head_keep_off_the_letters_above(
    made: tuple[NoticeDocument, dict[str, Figure]],
) -> None:
    document = Document(io.BytesIO(docx(made[0], dated_at=DATED_AT)))
    for table in document.tables[2:]:
        properties = table._tbl.tblPr
        # By as much as cells are wider than their text, by which Word sets the table out.
        (indented,) = (one.get(f"{W}w") for one in properties.findall(f"{W}tblInd"))
        (side,) = (one.get(f"{W}w") for one in properties.findall(f"{W}tblCellMar/{W}left"))
        assert indented == side
        assert [one.tag.removeprefix(W) for one in properties][:3] == ["tblW", "tblInd", "tblBorders"]
    ruled = [one for one in document.element.body.iter(f"{W}p") if one.find(f"{W}pPr/{W}pBdr") is not None]
    assert [one.find(f"{W}pPr/{W}spacing").get(f"{W}before") for one in ruled] == ["80"] * 3


def test_the_tables_of_the_docx_hold_the_rows_of_the_annexes(made: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    notice = made[0]
    document = Document(io.BytesIO(docx(notice, dated_at=DATED_AT)))
    for annex, table in zip(notice.annexes, document.tables[2:], strict=True):
        rows = table._tbl.findall(f"{W}tr")
        head = [row for row in rows if row.find(f"{W}trPr/{W}tblHeader") is not None]
        assert len(head) == len(annex.header) + 1
        last = ["".join(text.text or "" for text in cell.iter(f"{W}t")) for cell in rows[-1].findall(f"{W}tc")]
        assert last == [cell.text for cell in annex.rows[-1].cells]
        grid = len(annex.columns)
        for row in rows:
            spans = [cell.find(f"{W}tcPr/{W}gridSpan") for cell in row.findall(f"{W}tc")]
            assert sum(1 if span is None else int(span.get(f"{W}val")) for span in spans) == grid


def test_the_workbook_holds_the_numbers_of_the_annexes_as_numbers_and_no_formula(
    made: tuple[NoticeDocument, dict[str, Figure]],
) -> None:
    notice = made[0]
    book = openpyxl.load_workbook(io.BytesIO(xlsx(notice, dated_at=DATED_AT)))
    assert book.sheetnames == [annex.label for annex in notice.annexes]
    for annex, sheet in zip(notice.annexes, book, strict=True):
        top = 5 + len(annex.header) + 2
        for line, row in enumerate(annex.rows, top):
            for place, cell in enumerate(row.cells, 1):
                value = sheet.cell(line, place).value
                assert value == (float(cell.number) if cell.number is not None else cell.text)
        assert not [cell for row in sheet for cell in row if cell.data_type == "f"]
        assert sheet.oddHeader is not None
        page, margins = sheet.oddHeader.center, sheet.page_margins
        assert (page.text, page.font, page.size) == ("&P", "Times New Roman,Regular", 13)
        edges = [round(side * 25.4) for side in (margins.left, margins.right, margins.top, margins.bottom)]
        assert edges == [30, 20, 20, 20]


def test_a_name_that_looks_like_a_formula_stays_a_name(made: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    notice = made[0]
    annex = notice.annexes[0]
    evil = msgspec.structs.replace(annex.rows[1].cells[1], text='=HYPERLINK("http://x","y")')
    row = msgspec.structs.replace(annex.rows[1], cells=(annex.rows[1].cells[0], evil, *annex.rows[1].cells[2:]))
    changed = msgspec.structs.replace(annex, rows=(annex.rows[0], row, *annex.rows[2:]))
    book = openpyxl.load_workbook(
        io.BytesIO(xlsx(msgspec.structs.replace(notice, annexes=(changed, *notice.annexes[1:])), dated_at=DATED_AT))
    )
    assert [cell.data_type for cell in book.worksheets[0][11]][1] == "s"


def test_the_packages_hold_no_date_of_the_moment(made: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    for package in (docx(made[0], dated_at=DATED_AT), xlsx(made[0], dated_at=DATED_AT)):
        with zipfile.ZipFile(io.BytesIO(package)) as parts:
            assert {part.date_time[0] for part in parts.infolist()} == {1980}
            assert "2023-08-01T00:00:00Z" in parts.read("docProps/core.xml").decode()


def test_the_preview_has_every_word_and_every_figure_of_the_tree(made: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    notice, figures = made
    root = lxml.html.fragment_fromstring(html(notice, figures), create_parent="div")
    text = " ".join(root.text_content().split())
    for block in notice.body:
        assert " ".join(printed(block).split()) in text
    numbers = {(one.get("data-figure"), one.text): one for one in root.iter("data")}
    runs = [run for block in notice.body if isinstance(block, Paragraph) for run in block.runs if isinstance(run, FigureRun)]
    cells = [cell for annex in notice.annexes for row in annex.rows for cell in row.cells if cell.figure]
    assert {(run.figure, run.text) for run in runs} | {(cell.figure, cell.text) for cell in cells} == set(numbers)
    share = numbers["online_share", "80,02\u00a0%"]
    assert (share.get("value"), share.get("title")) == ("80.02", "24.458 : 30.566")


def test_the_preview_shows_markup_in_a_text_as_text(made: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    evil = msgspec.structs.replace(made[0], body=(Paragraph((TextRun("<script>alert(1)</script>"),)), *made[0].body))
    assert "<script" not in html(evil, made[1])


def test_pages_are_pictures_of_the_resolution_that_is_wanted(made: tuple[NoticeDocument, dict[str, Figure]]) -> None:
    document = pdf(*made, dated_at=DATED_AT)
    picture = pages_of.picture(document, 1, resolution=72)
    assert picture is not None
    with Image.open(io.BytesIO(picture)) as opened:
        assert opened.size == (596, 842)
    assert pages_of.picture(document, pages_of.count(document) + 1, resolution=72) is None
