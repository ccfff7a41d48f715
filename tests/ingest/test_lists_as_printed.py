"""What a print adds to a list, slips in its dates, and files that are no lists: nothing of it is read as a dossier."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from services.ingest.events.model import Reason
from services.ingest.files.classification import RowKind
from services.ingest.imports import page
from services.ingest.sources.kinds.files.dates import DateOrders
from shared.errors import Unreadable
from tests.ingest.lists import received, seen, workbook
from tests.ingest.test_lists_of_clerks import HEAD, about

PAGES = (
    *(
        "Trang 1/2",
        "Trang: 1/2",
        ";;Trang 1 / 2",
        "Page 1 of 2",
        "- 1 -",
        "Trang số 1",
        "Trang 1 trên tổng số 2",
        "Trang;1;/;2",
    ),
    *(
        ";Trang 1/2;31/10/2023 15:30",
        "31/10/2023 15:30;;Trang 1/2",
        "In ngày 31/10/2023;;Trang 1",
        ";;Ngày in: 31/10/2023 10:00",
    ),
)
TOTALS = ("Cộng trang;;2", "Mang sang;;2", "Cộng mang sang;;2", "Chuyển trang sau;;2", ";Số trang trước chuyển sang: 2;")
SIGNED = (
    *(";;An Bình, ngày 31/10/2023", "Người lập biểu;Kế toán;Trưởng phòng;Chủ tịch", "Cán bộ một cửa;;Lãnh đạo phòng"),
    *("Người kiểm tra;;Người duyệt", "Ký bởi: UBND xã An Bình;;", ";;Ngày ký: 31/10/2023 10:00"),
)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        *((line, RowKind.page) for line in PAGES),
        *((line, RowKind.total) for line in TOTALS),
        *((line, RowKind.signature) for line in SIGNED),
        *((line, RowKind.blank) for line in ("-----;-----;-----", "=====", "./.")),
    ],
)
def test_what_a_print_adds_to_its_pages_is_passed_over_by_name(line: str, kind: RowKind) -> None:
    rows = [["STT", "Mã hồ sơ", "Ngày tiếp nhận", "Ghi chú"], ["1", "H30-1", "15/06/2023", ""], line.split(";")]
    rows.append(["2", "H30-2", "15/06/2023", ""])
    for body in (workbook(rows), "\n".join(map(";".join, rows))):
        found = seen(body)
        assert (found.codes, found.reasons, found.summary.skipped) == (["H30-1", "H30-2"], [], {"heading": 1, kind: 1})


def test_each_kind_of_line_that_is_passed_over_has_its_name_on_the_page() -> None:
    assert set(page._SKIPPED) >= set(RowKind)


def test_names_below_a_line_of_many_signatures_are_passed_over_with_it() -> None:
    rows = [["Mã hồ sơ", "Ngày tiếp nhận", "Người nộp", "Ghi chú"], ["H30-1", "15/06/2023", "", ""]]
    rows += [["Người lập biểu", "Kế toán", "Trưởng phòng", "Chủ tịch"], ["Lê C", "Trần B", "Lý E", "Phạm D"]]
    found = seen(workbook(rows))
    assert (found.codes, found.reasons, found.summary.skipped[RowKind.signature]) == (["H30-1"], [], 2)


@pytest.mark.parametrize(
    "row",
    [
        *(["", "", "15/06/2023", "trang 2"], ["3", "", "15/06/2023", "Trang 1/2"], ["3", "", "", "Công Trang"]),
        *(["", "", "ngày 15/06/2023", ""], ["3", "", "", "Chờ lãnh đạo ký"], ["-", "5", "-", ""]),
    ],
)
def test_what_may_be_a_dossier_is_no_line_of_a_print(row: list[str]) -> None:
    rows = [["STT", "Mã hồ sơ", "Ngày tiếp nhận", "Ghi chú"], ["1", "H30-1", "15/06/2023", ""], row]
    found = seen(workbook(rows))
    assert (found.codes[:1], len(found.read)) == (["H30-1"], 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    ("end", "blank"),
    [("\n\x1a", 0), ("\x1a", 0), ("\r\n\x1a\x1a", 0), ("\n\x1a\0\0\0\0", 0), ("\n\x1a\r\n", 1), ("\n\x1aH30-3;;17/06/2023", 0)],
)
def test_the_mark_with_which_dos_ends_a_text_is_no_row_and_in_no_cell(encoding: str, end: str, blank: int) -> None:
    body = f"Mã hồ sơ;Đơn vị;Ngày tiếp nhận\nH30-1;10813;15/06/2023\nH30-2;10813;16/06/2023{end}".encode(encoding)
    for size in (3, 10_000):
        found = seen(body, size)
        assert (found.codes[:2], found.reasons) == (["H30-1", "H30-2"], [])
        assert len(found.codes) == 2 + ("H30-3" in end)
        assert (found.summary.lines, found.summary.skipped.get("blank", 0)) == (len(found.codes) + 1 + blank, blank)


@pytest.mark.parametrize("end", [b"\x1a", b"\n\x1a", b"\n\x1a\n"])
def test_the_mark_with_which_dos_ends_a_text_is_no_record(end: bytes) -> None:
    assert len(seen(b'{"code":"H30-3","id":"1","at":"2023-06-15T08:00:00+07:00"}' + end).events) == 1


DATED = "Mã hồ sơ;Ngày tiếp nhận;Ngày hẹn trả\n"


def rows_of(received_at: str, due_at: str, *, first: int = 1) -> str:
    """Twelve rows of October; `{0}` is the day of one, `{1}` that of the other."""
    days = range(first, first + 12)
    return "".join(f"H30-{day};{received_at.format(day)};{due_at.format(13 + day - first)}\n" for day in days)


def test_a_slip_turns_no_column_where_the_others_prove_the_other_order() -> None:
    october = [f"2023-10-{day:02}" for day in range(1, 13)]
    for plain, other in (("{:02}/10/2023", "10/{:02}/2023"), ("10/{:02}/2023", "{:02}/10/2023")):
        found = seen(DATED + rows_of(plain, plain) + f"H30-13;{other.format(25)};{plain.format(26)}\n")
        assert ([received(one) for one in found.events], found.reasons) == (october, [Reason.bad_date])


def test_a_column_of_which_most_dates_prove_an_order_is_in_it_whatever_the_others_are() -> None:
    found = seen(DATED + rows_of("10/{:02}/2023", "{:02}/10/2023", first=10))
    assert [received(one) for one in found.events] == [f"2023-10-{day:02}" for day in range(10, 22)]


def test_a_slip_after_the_order_was_taken_waits_and_stops_no_file() -> None:
    orders = DateOrders()
    for day in range(1, 13):
        orders.observe("received_at", f"{day:02}/10/2023")
        orders.observe("due_at", f"{day + 12}/10/2023")
    orders.settle()
    with pytest.raises(Exception, match="no form"):
        orders.read("10/25/2023", "received_at")
    assert [(one.order, one.proven) for one in orders.settled()] == [("dd/mm", False), ("dd/mm", True)]
    assert orders.contradicted is None
    for day in range(13, 30):
        with pytest.raises(Exception, match="no form"):
            orders.read(f"10/{day}/2023", "received_at")
    assert orders.contradicted == "received_at"


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in names:
            made.writestr(name, "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("names", "en", "vi"),
    [
        (("mimetype", "content.xml"), "a document of LibreOffice (ODS or ODT)", "tệp LibreOffice (ODS hoặc ODT)"),
        (("[Content_Types].xml", "xl/workbook.bin"), "an Excel Binary Workbook (XLSB)", "bảng tính Excel dạng nhị phân (XLSB)"),
        (("[Content_Types].xml", "word/document.xml"), "a document of a word processor", "tài liệu soạn thảo văn bản"),
        (("danh-sach.xlsx",), "a packed archive", "tệp nén"),
    ],
)
def test_an_archive_of_another_kind_is_refused_with_what_to_save_it_as(names: tuple[str, ...], en: str, vi: str) -> None:
    with pytest.raises(Unreadable) as refused:
        seen(archive(*names))
    assert refused.value.detail == f"This is {en}. Open it and save the list as XLSX or CSV (UTF-8)."
    assert refused.value.detail_vi == f"Đây là {vi}. Mở tệp và lưu danh sách thành XLSX hoặc CSV (UTF-8)."


LOOSE, STRICT = "http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/"
NAMESPACES = {
    f"{LOOSE}spreadsheetml/2006/main": f"{STRICT}spreadsheetml/main",
    f"{LOOSE}officeDocument/2006/relationships": f"{STRICT}officeDocument/relationships",
}


@pytest.mark.parametrize("mac", [False, True])
def test_a_strict_open_xml_workbook_is_read_as_any_other(mac: bool) -> None:
    rows: list[list[object]] = [
        [*HEAD],
        ["H30-1", "10813", date(2023, 6, 15), "20/06/2023"],
        ["H30-2", "", date(2023, 6, 16), ""],
    ]
    buffer = io.BytesIO()
    plain = zipfile.ZipFile(io.BytesIO(workbook(rows, merged=["B2:B3"], mac=mac)))
    with plain, zipfile.ZipFile(buffer, "w") as strict:
        for name in plain.namelist():
            text = plain.read(name).decode()
            for loose, exact in NAMESPACES.items():
                text = text.replace(loose, exact)
            strict.writestr(name, text.replace("<workbook ", '<workbook conformance="strict" ', 1))
    assert [(one.code, about(one).agency, received(one)) for one in seen(buffer.getvalue()).events] == [
        ("H30-1", "10813", "2023-06-15"),
        ("H30-2", "10813", "2023-06-16"),
    ]
