"""Workbooks: figures as their formats show them, and what no spreadsheet has computed."""

from __future__ import annotations

import io
from datetime import datetime, time, timedelta

import openpyxl
import pytest
import xlsxwriter

from services.notices.audit.documents.files import read_file
from services.notices.audit.documents.number_formats import cell_text
from tests.audit.test_word_documents import changed, strict, texts

DAY = datetime.fromisoformat("2023-06-01")
"""As workbooks give it, without a zone."""


@pytest.mark.parametrize(
    ("value", "format_", "text"),
    [
        (98.5, '0.00"%"', "98,50%"),
        (98.5, "0.00\\%", "98,50%"),
        (0.9889, "[Red]0.00%", "98,89%"),
        (5, '#,##0" hồ sơ"', "5 hồ sơ"),
        (5, '"Xã "0', "Xã 5"),
        (30556, "#\\ ##0", "30 556"),
        (1234567, "#,##0,", "1.235"),
        (0.25, "# ?/?", "0,25"),
        (12345.6, "0.00E+00", "12345,6"),
        (1e16, "0", "10000000000000000"),
        (0, '#,##0;-#,##0;"-"', "-"),
        (0, "0;-0;;@", ""),
        (5, ";;;", ""),
        (-1500, "#,##0;(#,##0)", "-1.500"),
        (-0.4, "0", "0"),
        (5, '_(* #,##0_);_(* \\(#,##0\\);_(* "-"??_);_(@_)', "5"),
        (1500, "[>=1000]#,##0;0", "1.500"),
        (5.0, "0.0#", "5,0"),
        (5, "00", "05"),
        (1500, "#,##0 [$₫-42A]", "1.500 ₫"),
        (DAY, "yyyy", "2023"),
        (DAY, "mmm-yy", "06/2023"),
        (DAY.replace(hour=8), "dd/mm/yyyy hh:mm", "01/06/2023 08:00"),
        (time(7, 30), "h:mm", "07:30"),
        (timedelta(days=1, hours=12), "[h]:mm", "36:00"),
    ],
)
def test_a_value_is_read_as_its_format_shows_it(value: object, format_: str, text: str) -> None:
    assert cell_text(value, format_) == text


def test_formulas_that_nothing_computed_are_named() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (["Xã", "Nhận", "Xong", "Tổng"], ["A", 5, 4, "=B2+C2"], ["B", 5, 4, "=B3+C3"]):
        sheet.append(row)
    book.save(out)
    assert read_file("a.xlsx", out.getvalue()).unread == (
        "2 ô công thức chưa có kết quả: không được đọc; mở bằng Excel, lưu lại rồi gửi",
    )


def test_results_that_a_program_left_to_the_spreadsheet_are_named_and_computed_ones_are_not() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["A", 5, 4])
        sheet.write_formula(0, 3, "=B1+C1", None, 9)
    assert [one.partition(":")[0] for one in read_file("a.xlsx", out.getvalue()).unread] == [
        "1 ô công thức chưa được Excel tính"
    ]
    computed = changed(out.getvalue(), lambda part: part.replace(b' fullCalcOnLoad="1"', b""))
    assert not read_file("a.xlsx", computed).unread


def test_charts_notes_and_headers_with_figures_are_named() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Biểu")
        sheet.write_row(0, 0, ["A", 5, 4])
        sheet.write_comment(0, 1, "đúng ra là 7")
        sheet.set_header("&C&14Số liệu của 14 xã, trang &P")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Biểu!$B$1:$C$1"})
        sheet.insert_chart("F2", chart)
        book.add_worksheet("Khác").set_footer("&L&10Trang &P/&N")
    assert read_file("a.xlsx", out.getvalue()).unread == (
        "1 biểu đồ: không được đọc",
        "ghi chú của ô: có số, không được đọc",
        "đầu trang, chân trang: có số, không được đọc",
    )


def test_a_cell_far_outside_is_read_without_the_empty_ones_before_it() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "Nhận 5 hồ sơ")
        sheet.write_string(1_000_000, 16_000, "Xong 4 hồ sơ")
    assert texts(read_file("a.xlsx", out.getvalue())) == ["Nhận 5 hồ sơ", "Xong 4 hồ sơ"]


def test_cells_in_an_old_font_and_workbooks_of_the_strict_form_are_read() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet().write_string(0, 0, "TiÕp nhËn 30.556 hå s¬", book.add_format({"font_name": ".VnTime"}))
    content = out.getvalue()
    assert texts(read_file("a.xlsx", content)) == ["Tiếp nhận 30.556 hồ sơ"]
    assert texts(read_file("a.xlsx", changed(content, strict))) == ["Tiếp nhận 30.556 hồ sơ"]
