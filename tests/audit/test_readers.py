"""Readers of documents: the same notice in every format gives the same claims, and nothing unread is passed over."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from typing import Any

import docx
import msgspec
import pytest
import typst
import xlsxwriter
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from services.notices.audit.documents.bounds import MAX_CHARACTERS
from services.notices.audit.documents.files import read_file
from services.notices.audit.documents.model import Document
from services.notices.audit.documents.number_formats import cell_text
from services.notices.audit.engine import audit, audit_text
from services.notices.audit.model import Audit, Verdict
from shared.errors import TooLarge, Unreadable
from tests.audit import notices
from tests.audit.documents import LAYOUTS, document, pdf
from tests.audit.keys import corpus


def claims(document: Document) -> list[tuple[str, str, str]]:
    """What an audit says, without places."""
    return sorted((one.verdict.value, one.kind.value, one.equation) for one in audit(document).claims)


def texts(document: Document) -> list[object]:
    """Paragraphs, and rows of tables."""
    return [
        block.text if block.rows is None else [[cell.text for cell in row] for row in block.rows] for block in document.blocks
    ]


@pytest.mark.parametrize("name", notices.FORMATS)
def test_the_same_notice_gives_the_same_claims_in_every_format(name: str) -> None:
    expected = claims(read_file("notice.txt", notices.as_text()))
    assert ("contradicted", "sum", "30.556 = 24.458 + 6.108") in expected
    assert any("260" in equation for verdict, _, equation in expected if verdict == "contradicted")
    assert claims(read_file(f"notice.{name}", notices.FORMATS[name]())) == expected


@pytest.mark.parametrize("format_", ["docx", "html", "xlsx"])
def test_texts_of_the_corpus_are_contradicted_alike_in_every_format(format_: str) -> None:
    # Tabs make columns in plain text alone.
    texts_ = [text for text in corpus("fourth") if text.name.endswith("-sai") and "\t" not in text.text]
    for text in texts_[["docx", "html", "xlsx"].index(format_) :: 3]:
        key = msgspec.structs.replace(text.key, format=format_)
        document_ = read_file(f"notice.{format_}", document(text._replace(key=key)))
        assert _contradicted(audit(document_)) == _contradicted(audit_text(text.text)) != [], text.name


FLOWING = {
    "before": (
        "33-huyen-quan-lang-nfd-sai",
        "46-tinh-vinh-chau-so-nganh-sai",
        "67-huyen-cam-khe-hai-bang",
        "76-ubnd-phuong-hai-cap-sai",
    ),
    "after": ("51-bao-cao-het-han-tuyet-doi-sai", "59-hop-bao-dai-loi-ke-sai"),
    "third": ("28-bang-nhom-chu-hoa-sai", "16-benh-vien-bao-hiem-sai", "36-van-phong-dang-ky-dat-dai-sai"),
    "fourth": ("23-cap-xa-can-doi-cuoi-ky-sai",),
}
"""Texts by which pages are hard to put together: marks apart, tables below one another, figures that begin a line, items
without a stop, last lines as long as the longest."""


NOT_TOLD = {
    "small pages, wide lines": "67-huyen-cam-khe-hai-bang",
    "all but first lines set in": "51-bao-cao-het-han-tuyet-doi-sai",
    "rules between rows": "36-van-phong-dang-ky-dat-dai-sai",
}
"""By layout the text of which pages do not tell all: a word is wider than its cell, paragraphs fill their last lines."""


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pages_of_any_layout_claim_what_their_text_does(layout: str) -> None:
    asked = {(half, name) for half, names in FLOWING.items() for name in names}
    for half in FLOWING:
        for text in corpus(half):
            if (half, text.name) in asked and text.name != NOT_TOLD.get(layout):
                read = read_file("notice.pdf", pdf(text.text, LAYOUTS[layout]))
                assert claims(read) == claims(read_file("notice.txt", text.text.encode())), text.name


@pytest.mark.parametrize(
    ("line", "paragraphs"),
    [
        ("31.400 qua mạng, còn lại là trực tiếp.", 1),
        ("98.5% trước hạn, còn lại là đúng hạn.", 1),
        ("2.1. Công khai thủ tục", 2),
        ("3) Công khai thủ tục", 2),
    ],
)
def test_a_figure_at_the_begin_of_a_line_numbers_no_heading(line: str, paragraphs: int) -> None:
    begun = "Trong sáu tháng đầu năm quận đã tiếp nhận tổng cộng 44.000 hồ sơ các loại:"
    further = "\nđể nói thêm rằng các phường đều đã báo cáo và không nơi nào\nchậm quá hai ngày so với ngày phải gửi."
    assert len(read_file("a.txt", f"{begun}\n{line}{further}".encode()).blocks) == paragraphs


def _contradicted(found: Audit) -> list[tuple[str, str, str]]:
    return sorted((one.kind.value, one.claimed, one.computed) for one in found.claims if one.verdict is Verdict.contradicted)


@pytest.mark.parametrize("name", notices.FORMATS)
def test_what_a_file_is_shows_whatever_it_is_called(name: str) -> None:
    content = notices.FORMATS[name]()
    assert texts(read_file("document", content)) == texts(read_file(f"notice.{name}", content))


def test_places_are_those_of_the_text_as_it_was_given() -> None:
    given = unicodedata.normalize("NFD", notices.as_text().decode()).replace("\n", "\r\n")
    found = audit(read_file("notice.txt", given.encode())).contradictions[0]
    assert given[found.at.start : found.at.end].startswith("30.556")


def test_a_page_without_characters_is_named() -> None:
    document = read_file("scan.pdf", notices.scanned_pdf())
    assert document.unread == ("trang 2: không có chữ (bản quét)",)
    assert {block.page for block in document.blocks} == {1}
    assert audit(document).contradictions
    assert audit(document).unread == document.unread


def test_pictures_in_a_word_document_are_named() -> None:
    opened, out = docx.Document(), io.BytesIO()
    opened.add_paragraph("Tiếp nhận 5 hồ sơ.")
    opened.add_picture(io.BytesIO(notices.picture()))
    opened.save(out)
    assert read_file("a.docx", out.getvalue()).unread == ("1 hình ảnh: không đọc chữ trong hình",)


def test_figures_beside_the_body_of_a_word_document_are_named() -> None:
    opened, out = docx.Document(), io.BytesIO()
    opened.add_paragraph("Tiếp nhận 5 hồ sơ.")
    opened.sections[0].header.paragraphs[0].text = "Trang 2/4"
    opened.sections[0].footer.paragraphs[0].text = "Số liệu của 14 xã, phường"
    opened.save(out)
    assert read_file("a.docx", out.getvalue()).unread == ("chân trang: có số, không được đọc",)


def test_pictures_of_a_page_are_named_but_for_signs() -> None:
    page = "<p>Tiếp nhận 5 hồ sơ.<img src=bieu-do.png><img src=icon.png width=16 height=16><img hidden src=c.png></p>"
    assert read_file("a.html", page.encode()).unread == ("1 hình ảnh, khung nhúng: không đọc chữ trong đó",)
    assert not read_file("a.html", b"<p>5</p>").unread


def test_what_is_drawn_over_cells_and_hidden_sheets_are_named() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Tổng hợp")
        sheet.write(0, 0, "Tiếp nhận 5 hồ sơ.")
        sheet.insert_image(3, 0, "a.png", {"image_data": io.BytesIO(notices.picture())})
        sheet.insert_textbox(9, 0, "Quá hạn 3 hồ sơ")
        book.add_worksheet("Nháp").hide()
    assert read_file("a.xlsx", out.getvalue()).unread == (
        "trang tính ẩn Nháp: không được đọc",
        "1 hình ảnh: không đọc chữ trong hình",
        "1 ô chữ vẽ trên trang tính: không được đọc",
    )


def test_numbers_that_word_makes_are_read() -> None:
    opened, out = docx.Document(), io.BytesIO()
    opened.add_heading("Kết quả", 1)
    for style in ("List Number", "List Number", "List Bullet", "List Bullet 2"):
        opened.add_paragraph(style, style=style)
    opened.save(out)
    document = read_file("a.docx", out.getvalue())
    assert texts(document) == ["Kết quả", "1. List Number", "2. List Number", "- List Bullet", "- List Bullet 2"]
    assert [block.heading for block in document.blocks] == [True, False, False, False, False]


def test_deleted_words_are_not_read_and_inserted_ones_are() -> None:
    opened, out = docx.Document(), io.BytesIO()
    paragraph: Any = opened.add_paragraph("Tiếp nhận ")
    for change, text, tag in (("w:del", "10", "w:delText"), ("w:ins", "12", "w:t")):
        changed, run, words = OxmlElement(change), OxmlElement("w:r"), OxmlElement(tag)
        words.text = text
        run.append(words)
        changed.append(run)
        paragraph._p.append(changed)
    paragraph.add_run(" hồ sơ")
    assert qn("w:del") in {one.tag for one in paragraph._p}
    opened.save(out)
    assert texts(read_file("a.docx", out.getvalue())) == ["Tiếp nhận 12 hồ sơ"]


def test_columns_made_with_tabs_are_a_table() -> None:
    opened, out = docx.Document(), io.BytesIO()
    for row in (notices.HEAD, *notices.ROWS):
        opened.add_paragraph("\t".join(row))
    opened.save(out)
    assert texts(read_file("a.docx", out.getvalue())) == [[list(row) for row in (notices.HEAD, *notices.ROWS)]]


def test_cells_that_span_several_places_stand_in_each_of_them() -> None:
    page = (
        "<table><tr><th rowspan=2>Đơn vị<th colspan=2>Hồ sơ</tr><tr><th>đúng hạn<th>quá hạn</tr>"
        "<tr><td>Xã A<td>5<td>1</tr></table>"
    )
    assert texts(read_file("a.html", page.encode())) == [
        [["Đơn vị", "Hồ sơ", "Hồ sơ"], ["Đơn vị", "đúng hạn", "quá hạn"], ["Xã A", "5", "1"]]
    ]


def test_a_table_goes_on_over_pages_without_its_repeated_head() -> None:
    rows = [f"Xã {number}" for number in range(60)]
    cells = ", ".join(f"[{name}], [{number + 1}]" for number, name in enumerate(rows))
    source = f'#set page(paper: "a5", numbering: "1")\n#table(columns: 2, table.header([Đơn vị], [Hồ sơ]), {cells})'
    document = read_file("a.pdf", bytes(typst.compile(source.encode())))
    assert texts(document) == [[["Đơn vị", "Hồ sơ"], *([name, str(number + 1)] for number, name in enumerate(rows))]]


@pytest.mark.parametrize(
    ("value", "format_", "text"),
    [
        (30566, "General", "30566"),
        (30566, "#,##0", "30.566"),
        (0.80175, "0.00%", "80,18%"),
        (98.5, "General", "98,5"),
        (98.5, "0.00", "98,50"),
        (0.1 + 0.2, "General", "0,3"),
        (True, "General", ""),
        (None, "General", ""),
    ],
)
def test_figures_of_a_workbook_are_read_as_they_are_shown(value: object, format_: str, text: str) -> None:
    assert cell_text(value, format_) == text


def _locked_pdf() -> bytes:
    pypdf = pytest.importorskip("pypdf")
    out = io.BytesIO()
    writer = pypdf.PdfWriter(io.BytesIO(notices.as_pdf()))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a PDF with a password": (_locked_pdf, "locked by a password"),
    "a damaged PDF": (lambda: b"%PDF-1.7\nnothing", "damaged"),
    "an old or locked file of Office": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "before 2007"),
    "another archive": (lambda: notices.archive(readme=b"x"), "neither DOCX nor XLSX"),
    "a cut archive": (lambda: notices.as_docx()[:4_000], "damaged"),
    "a DOCX of nothing": (lambda: notices.archive(word__document_xml=b"x").replace(b"_xml", b".xml"), "cannot be read"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "no text"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_told_in_both_languages(name: str) -> None:
    made, told = REFUSED[name]
    with pytest.raises(Unreadable, match=told) as refused:
        read_file("file", made())
    assert refused.value.detail_vi


def _bomb() -> bytes:
    return notices.archive(**{"word__document.xml": b"<a/>" * 6_000_000})


def _far_cells() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(20):
            sheet.write_number(row * 50_000, 16_000, 1)
    return out.getvalue()


def _many_pages() -> bytes:
    """A PDF of ten thousand pages in 120 kB: all of them one object."""
    kids = b"4 0 R " * 10_000
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 10000/Kids[" + kids + b"]>>endobj\n"
        b"4 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )


TOO_LARGE: dict[str, Callable[[], bytes]] = {
    "ten thousand pages": _many_pages,
    "unpacks to too much": _bomb,
    "cells far outside": _far_cells,
    "ten million digits": lambda: b"1234567890" * 1_000_000,
    "a table that spans without end": lambda: (
        b"<html><table>" + b"<tr><td rowspan=200 colspan=200>1</td><td>2</td></tr>" * 2_000 + b"</table></html>"
    ),
    "elements within elements": lambda: b"<html>" + b"<div>" * 100_000 + b"5" + b"</div>" * 100_000,
    "characters": lambda: b"<html><p>" + b"1 " * (MAX_CHARACTERS // 2 + 1),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_refused(name: str) -> None:
    with pytest.raises(TooLarge) as refused:
        read_file("file", TOO_LARGE[name]())
    assert refused.value.detail_vi


def test_brackets_within_brackets_are_read() -> None:
    depth = 100_000
    assert read_file("a.html", b"<html>" + b"<div>" * 1_000 + b"5" + b"</div>" * 1_000).text == "5"
    assert len(read_file("a.txt", b"(" * depth + b"5" + b")" * depth).text) == 2 * depth + 1
