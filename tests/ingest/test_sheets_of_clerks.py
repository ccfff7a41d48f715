"""Sheets and dates of lists as clerks export them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from services.ingest.events.model import Reason
from services.ingest.files.classification import RowKind
from services.ingest.files.markup import sheets_of_xml
from services.ingest.sources.kinds.files.dates import DateOrders
from shared.errors import Unreadable
from tests.ingest.lists import day, ended, received, seen, tcvn3, workbook
from tests.ingest.test_lists_of_clerks import HEAD, about

ROWS: list[list[object]] = [list(HEAD), ["H30-1", "10813", date(2023, 6, 15), date(2023, 6, 20)]]


def test_every_visible_sheet_with_headings_is_read_and_the_others_are_named() -> None:
    other: list[list[object]] = [["Mã hồ sơ", "Ngày nhận"], ["H30-2", "16/06/2023"], ["H30-3", "16/06/2023"]]
    found = seen(workbook([["Hướng dẫn nhập"]], ROWS, ROWS, other, [], hidden=[1]))
    assert found.codes == ["H30-1", "H30-2", "H30-3"]
    assert [(one.name, one.read, one.why_not, one.rows) for one in found.summary.sheets] == [
        ("Trang 1", False, "no_headings", 0),
        ("Trang 2", False, "hidden", 0),
        ("Trang 3", True, None, 1),
        ("Trang 4", True, None, 2),
        ("Trang 5", False, "empty", 0),
    ]
    assert found.places == [("Trang 3", 2), ("Trang 4", 2), ("Trang 4", 3)]


def test_a_list_on_a_hidden_sheet_alone_is_not_read_and_that_is_said() -> None:
    with pytest.raises(Unreadable, match="Hidden sheets are not read: 'Trang 2'"):
        seen(workbook([["Hướng dẫn"]], ROWS, hidden=[1]))


@pytest.mark.parametrize(
    ("above", "below", "merged"),
    [
        ("STT;Mã hồ sơ;Đơn vị;Thời gian;;", ";;;Ngày tiếp nhận;Ngày hẹn trả;Ngày kết thúc", True),
        ("STT;Mã hồ sơ;Đơn vị;Ngày;;", ";;;tiếp nhận;hẹn trả;kết thúc", False),
        (";Hồ sơ;;Ngày;;", "STT;Mã hồ sơ;Đơn vị;tiếp nhận;hẹn trả;kết thúc", False),
        ("STT;Mã hồ sơ;Thời gian;;;", ";;Ngày tiếp nhận;Ngày hẹn trả;Ngày kết thúc;Đơn vị", False),
    ],
)
def test_headings_may_stand_in_two_rows(above: str, below: str, merged: bool) -> None:
    upper, lower = above.split(";"), below.split(";")
    values = {"received": "15/06/2023", "due": "20/06/2023", "ended": "19/06/2023"}
    order = ["1", "H30-1", "10813", *values.values()] if upper[2] != "Thời gian" else ["1", "H30-1", *values.values(), "10813"]
    areas = ["A1:A2", "B1:B2", "C1:C2", "D1:F1"] if merged else []
    sheet = [upper, lower, order] if merged else [["DANH SÁCH"], upper, lower, order]
    for body in (workbook(sheet, merged=areas), "\n".join(map(";".join, (upper, lower, order))).encode()):
        (event,) = seen(body).events
        assert (received(event), day(event.due_at), ended(event)) == ("2023-06-15", "2023-06-20", "2023-06-19")
        assert about(event).agency == "10813"


@pytest.mark.parametrize("merged", [["A1:A3", "B1:B3", "C1:C3", "D1:F1", "D2:E2"], []])
def test_headings_may_stand_in_three_rows(merged: list[str]) -> None:
    rows = [
        ["STT", "Mã hồ sơ", "Đơn vị", "Quá trình giải quyết", "", ""],
        ["", "", "", "Thời gian", "", "Kết quả"],
        ["", "", "", "Tiếp nhận", "Hẹn trả", "Ngày có kết quả"],
        ["1", "H30-1", "10813", "15/06/2023", "20/06/2023", "19/06/2023"],
    ]
    for body in (workbook(rows, merged=merged), "\n".join(map(";".join, [*rows[:3], rows[0], rows[3]])).encode()):
        found = seen(body)
        (event,) = found.events
        assert (received(event), day(event.due_at), ended(event)) == ("2023-06-15", "2023-06-20", "2023-06-19")
        assert (found.summary.skipped["heading"], found.reasons) == (3, [])


@pytest.mark.parametrize(
    ("between", "number"),
    [
        (["1", "000.00.19.H30-230615-0042", "01/02/2023", "05/02/2023"], 1),
        (["1", "BN 42", "01/02/2023", "05/02/2023"], 1),
        (["1", "BN 42", "", ""], 1),
        (["1", "", "01/02/2023", "05/02/2023"], 1),
        (["1", 4242, "", ""], 1),
        (["Lĩnh vực đất đai", "", "", ""], 0),
    ],
)
def test_a_row_between_two_rows_of_headings_is_one_of_the_list(between: list[object], number: int) -> None:
    heads = [["STT", "Mã hồ sơ", "Ngày tiếp nhận", last] for last in ("Hạn trả", "Ngày trả kết quả")]
    rows: list[list[object]] = [
        [*heads[0]],
        between,
        [*heads[1]],
        ["2", "000.00.19.H30-230615-0043", "01/02/2023", "02/02/2023"],
    ]
    for body in (workbook(rows), "\n".join(";".join(map(str, row)) for row in rows)):
        found = seen(body)
        assert len(found.read) == number + 1
        assert found.codes[-1] == "000.00.19.H30-230615-0043"


def test_a_row_with_a_date_and_a_word_of_headings_below_the_headings_is_one_of_the_list() -> None:
    rows = [["Mã hồ sơ", "Ngày tiếp nhận", "Ghi chú"], ["", "15/06/2023", "Trạng thái"], ["H30-1", "15/06/2023", ""]]
    found = seen(workbook(rows))
    assert (found.codes, found.reasons) == (["H30-1"], [Reason.no_code])


def test_a_cell_that_is_merged_over_rows_stands_in_each() -> None:
    rows = [["Đơn vị", "Mã hồ sơ", "Ngày tiếp nhận"]]
    rows += [["10813" if number == 1 else "", f"H30-{number}", "15/06/2023"] for number in (1, 2, 3)] + [
        ["", "H30-4", "15/06/2023"]
    ]
    assert [about(one).agency for one in seen(workbook(rows, merged=["A2:A4"])).events] == ["10813", "10813", "10813", None]


def test_rows_that_are_no_dossiers_are_passed_over_by_name() -> None:
    rows = [
        ["DANH SÁCH HỒ SƠ", "", "", ""],
        ["STT", "Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả"],
        ["(1)", "(2)", "(3)", "(4)"],
        ["I", "UBND xã Hồng Lạc", "", ""],
        ["1", "H30-1", "15/06/2023", "20/06/2023"],
        ["", "", "", ""],
        ["STT", "Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả"],
        ["Lĩnh vực đất đai", "", "", ""],
        ["2", "H30-2", "15/06/2023", "20/06/2023"],
        ["", "Tổng cộng: 02 hồ sơ", "", ""],
        ["", "", "Ngày 30 tháng 6 năm 2023", ""],
        ["Người lập biểu", "", "", "THỦ TRƯỞNG ĐƠN VỊ"],
        ["Nguyễn Văn An", "", "", "Trần Thị Bé"],
    ]
    for body in (workbook(rows), "\r\n".join(map(";".join, rows))):
        found = seen(body)
        assert (found.codes, found.reasons) == (["H30-1", "H30-2"], [])
        assert found.summary.skipped == {
            RowKind.above_headings: 1,
            RowKind.heading: 1,
            RowKind.column_numbers: 1,
            RowKind.group: 2,
            RowKind.blank: 1,
            RowKind.repeated_heading: 1,
            RowKind.total: 1,
            RowKind.signature: 3,
        }


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        *(
            (text, RowKind.total)
            for text in (
                "Cộng I: 1",
                "Cộng (I)",
                "Tổng mục A",
                "Tổng cộng I+II",
                "Lũy kế: 3",
                "Tổng số hồ sơ",
                "TỔNG CỘNG A + B",
                "Tổng I",
                "Cộng trong kỳ",
            )
        ),
        *(
            (text, RowKind.note)
            for text in ("Ghi chú: số liệu lấy đến 30/6", "* Hồ sơ được gia hạn", "(*) Lưu ý", "Nguồn: một cửa")
        ),
    ],
)
def test_totals_of_groups_and_notes_below_a_list_are_passed_over(row: str, kind: RowKind) -> None:
    rows = [["STT", "Mã hồ sơ", "Ngày tiếp nhận"], ["1", "H30-1", "15/06/2023"], ["", row, ""], ["2", "H30-2", "15/06/2023"]]
    found = seen(workbook(rows))
    assert (found.codes, found.reasons, found.summary.skipped[kind]) == (["H30-1", "H30-2"], [], 1)


@pytest.mark.parametrize(
    "row",
    [
        *(
            ["3", "", name, "1.001193"]
            for name in ("Tống Lệ", "Tống Vi", "TỐNG ÁI", "Tong Vi", "Tống Văn An", "Tống (bố)", "Công Ái")
        ),
        *(["3", code, text, ""] for code in ("12", "HS 15") for text in ("Tống Vi", "Tổng cộng", "Tổng mục A")),
    ],
)
def test_a_name_is_no_total_and_nothing_is_one_beside_a_code(row: list[str]) -> None:
    rows = [["STT", "Mã hồ sơ", "Người nộp", "Thủ tục", "Ngày tiếp nhận"], ["1", "H30-1", "x", "1.001193", "15/06/2023"], row]
    found = seen(workbook(rows))
    assert (len(found.read), RowKind.total in found.summary.skipped) == (2, False)


@pytest.mark.parametrize(
    "row",
    [["3", "", "15/06/2023", ""], ["4", "H30-9", "", ""], ["5", "", "", "Trần"], ["", "NGUYEN-VAN-THU", "15/06/2023", ""]],
)
def test_a_row_that_may_be_a_dossier_waits_in_quarantine(row: list[str]) -> None:
    rows = [
        ["STT", "Mã hồ sơ", "Ngày tiếp nhận", "Người nộp"],
        ["1", "H30-1", "15/06/2023", "x"],
        row,
        ["2", "H30-2", "15/06/2023", ""],
    ]
    found = seen("\n".join(map(";".join, rows)))
    assert (found.codes, len(found.reasons)) == (["H30-1", "H30-2"], 1)


def test_a_page_in_utf_16_is_read_as_one_in_utf_8() -> None:
    page = "<html><table><tr><td>Mã hồ sơ<td>Ngày tiếp nhận<tr><td>H30-1<td>15/06/2023</table></html>"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert seen(page.encode(encoding)).codes == ["H30-1"]


def test_tables_of_pages_saved_as_workbooks_are_read() -> None:
    cells = "".join(f"<td>{cell}</td>" for cell in ("H30-1", "15/06/2023", "Ống 3&quot; &lt;nhựa&gt;<br>mới"))
    body = (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><style>td {color: red}</style></head><body>'
        "<table><tr><td>Tỉnh A</td></tr></table>"
        "<table><tr><th rowspan=2>Mã hồ sơ</th><th colspan='2'>Thông tin</th></tr>"
        "<tr><th>Ngày tiếp nhận</th><th>Đơn vị</th></tr>"
        f"<tr>{cells}</tr><tr><td>H30-2<td>16/06/2023<td rowspan=2>10813<tr><td>H30-3<td>17/06/2023</table></body></html>"
    )
    found = seen(body, 5)
    assert (found.summary.format, found.codes) == ("html", ["H30-1", "H30-2", "H30-3"])
    assert [about(one).agency for one in found.events] == ['Ống 3" <nhựa> mới', "10813", "10813"]
    assert [one.why_not for one in found.summary.sheets] == ["no_headings", None]
    assert seen(tcvn3("<table><tr><td>Mã hồ sơ<td>Ngày nhận<tr><td>H30-1<td>15/06/2023</table>")).codes == ["H30-1"]


XML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel">{system}
<Worksheet ss:Name="Ẩn"><Table><Row><Cell><Data ss:Type="String">Mã hồ sơ</Data></Cell><Cell>
<Data ss:Type="String">Ngày nhận</Data></Cell></Row></Table>
<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet>
<Worksheet ss:Name="A"><Table><Row><Cell ss:Index="2"><Data ss:Type="String">Mã hồ sơ</Data></Cell><Cell><Data ss:Type="String">
Ngày tiếp nhận</Data></Cell><Cell><Data ss:Type="String">Đơn vị</Data></Cell></Row>
<Row ss:Index="4"><Cell ss:Index="2"><Data ss:Type="String">H30-1</Data></Cell><Cell>
<Data ss:Type="DateTime">2023-06-15T08:00:00.000</Data></Cell>
<Cell ss:MergeDown="1"><Data ss:Type="Number">10813</Data></Cell></Row>
<Row><Cell ss:Index="2"><Data ss:Type="String">H30-2</Data></Cell><Cell><Data ss:Type="Number">{serial}</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


@pytest.mark.parametrize(("system", "serial"), [("", 45092.5), ("<x:ExcelWorkbook><x:Date1904/></x:ExcelWorkbook>", 43630.5)])
def test_the_xml_of_excel_2003_is_read(system: str, serial: float) -> None:
    found = seen(XML.format(system=system, serial=serial))
    assert (found.summary.format, found.codes) == ("xml", ["H30-1", "H30-2"])
    assert [received(one) for one in found.events] == ["2023-06-15 08:00:00", "2023-06-15 12:00:00"]
    assert [about(one).agency for one in found.events] == ["10813", "10813"]
    assert (found.summary.lines, found.summary.skipped) == (5, {"heading": 1, "blank": 2})
    assert [one.why_not for one in found.summary.sheets] == ["hidden", None]


def test_xml_that_defines_entities_is_refused() -> None:
    body = '<!DOCTYPE x [<!ENTITY a "b">]>' + XML.format(system="", serial=1)
    with pytest.raises(Unreadable, match="document type"):
        list(sheets_of_xml(body.removeprefix("").encode()))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"<rss></rss>", "XML"),
        (b"MIME-Version: 1.0", "web archive"),
        (b'[{"code": "H30-1"}]', "JSON array"),
    ],
)
def test_what_is_another_kind_of_file_is_said(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        seen(body + b" " * 100)


@pytest.mark.parametrize("form", ["General", "dd/mm/yyyy", "[$-42A]dd\\-mm\\-yyyy h:mm", "[h]:mm", "0.00", "hh:mm:ss"])
@pytest.mark.parametrize("mac", [False, True])
def test_serial_numbers_of_both_systems_are_dates_in_every_format(form: str, mac: bool) -> None:
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(workbook([HEAD, ["H30-1", "10813", "", ""]], mac=mac)))
    cell = book.worksheets[0]["C2"]
    cell.value, cell.number_format = 45092.5 - (1462 if mac else 0) + 0.4 / 86_400, form
    buffer = io.BytesIO()
    book.save(buffer)
    (event,) = seen(buffer.getvalue()).events
    assert received(event) == "2023-06-15 12:00:00"


def test_times_are_rounded_to_the_second_in_every_kind_of_cell() -> None:
    nearly = datetime(2023, 6, 14, 23, 59, 59, 991_000)  # noqa: DTZ001
    cells: list[object] = [45091.9999999, nearly, timedelta(days=45091, seconds=86_399, microseconds=991_000)]
    cells += ["14/06/2023 23:59:59.991", "2023-06-14 23:59:59.991", "2023-06-14T23:59:59.991000", "45091.9999999"]
    orders = DateOrders()
    orders.settle()
    for cell in cells[:2] + cells[3:]:
        assert day(orders.read(cell, "received_at")) == "2023-06-15", cell
    found = seen(workbook([HEAD, *[[f"H30-{number}", "", cell, ""] for number, cell in enumerate(cells)]]))
    assert [received(one) for one in found.events] == ["2023-06-15"] * len(cells)


@pytest.mark.parametrize(
    "cell",
    ["01/01/1900", "00/01/1900", "1/0/1900", "0", "-", "NULL", "01/01/0001", "00:00:00", "12:00:00 AM", "#N/A", "–", "…"],
)
def test_a_date_that_is_none_says_nothing_and_is_a_reason_where_one_is_needed(cell: str) -> None:
    found = seen(f"Mã hồ sơ;Ngày tiếp nhận;Ngày kết thúc\nH30-1;15/06/2023;{cell}\nH30-2;{cell};{cell}\n")
    assert (found.codes, found.reasons) == (["H30-1"], [Reason.missing_field])
    assert ended(found.events[0]) is None


@pytest.mark.parametrize("cell", ["20/06/0023", "20/06/1023", "0023-06-20", "20/06/2566"])
def test_a_year_that_is_a_slip_waits_and_does_not_open_again_what_is_closed(cell: str) -> None:
    found = seen(f"Mã hồ sơ;Ngày tiếp nhận;Ngày kết thúc\nH30-1;15/06/2023;{cell}\n")
    assert (found.codes, found.reasons) == ([], [Reason.date_out_of_range])


def test_an_error_of_a_formula_names_no_agency_and_no_procedure() -> None:
    lines = "".join(f"H30-{number};15/06/2023;{error};{error}\n" for number, error in enumerate(["#REF!", "#N/A", "#VALUE!"]))
    found = seen(f"Mã hồ sơ;Ngày tiếp nhận;Đơn vị;Mã thủ tục\n{lines}", agency="10813")
    assert [(one.about.agency, one.about.procedure) for one in found.events if one.about is not None] == [("10813", None)] * 3


def test_zero_in_a_cell_that_shows_times_is_no_date() -> None:
    rows: list[list[object]] = [["Mã hồ sơ", "Ngày tiếp nhận", "Ngày kết thúc"], ["H30-1", date(2023, 6, 15), time()]]
    (event,) = seen(workbook(rows)).events
    assert (received(event), ended(event)) == ("2023-06-15", None)


AMERICAN = "Mã hồ sơ,Ngày tiếp nhận,Ngày hẹn trả\nH30-1,6/15/2023 8:00,6/20/2023\nH30-2,6/5/2023 8:00,6/9/2023\n"


def test_a_file_that_proves_month_before_day_is_read_so() -> None:
    found = seen(AMERICAN)
    assert [received(one) for one in found.events] == ["2023-06-15 08:00:00", "2023-06-05 08:00:00"]
    assert [day(one.due_at) for one in found.events] == ["2023-06-20", "2023-06-09"]
    # Proven in one column, it holds for those that prove nothing.
    assert day(seen(AMERICAN.replace("6/20/2023", "6/2/2023")).events[1].due_at) == "2023-06-09"
    assert received(seen("Mã hồ sơ,Ngày nhận\nH30-1,5/6/2023\n").events[0]) == "2023-06-05"
    assert received(seen("Mã hồ sơ,Ngày nhận\nH30-1,5/6/2023\n", dates="mm/dd").events[0]) == "2023-05-06"
    assert seen(AMERICAN, dates="dd/mm").reasons == [Reason.bad_date]


def test_dates_that_prove_both_orders_are_not_believed() -> None:
    orders = DateOrders()
    for text in ("15/06/2023", "6/15/2023"):
        orders.observe("received_at", text)
    orders.settle()
    assert orders.contradicted == "received_at"
    slip = DateOrders()
    for text in ("15/06/2023", "16/06/2023", "17/06/2023", "18/06/2023", "6/19/2023"):
        slip.observe("due_at", text)
    slip.settle()
    assert slip.contradicted is None
    later = DateOrders()
    later.observe("due_at", "5/6/2023")
    later.settle()
    with pytest.raises(Exception, match="no form"):
        later.read("6/15/2023", "due_at")
    assert later.contradicted == "due_at"
