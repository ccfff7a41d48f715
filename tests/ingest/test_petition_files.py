"""Files of petitions as offices keep them: what each row says, what is set aside and why, and what of a person never leaves."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import openpyxl
import pytest

from services.ingest.files import rows as reader
from services.ingest.files.messages import ListSummary, RowBatch, unpacked
from services.ingest.petition_files.service import OPTIONS, understood
from services.ingest.petition_files.vocabulary import KNOWN_HEADINGS
from shared.contracts.petitions import PetitionFile
from shared.errors import Unreadable
from tests.ingest.lists import tcvn3

LATEST = datetime(2026, 11, 1, tzinfo=UTC)


def read(body: str | bytes, dates: Any = None) -> PetitionFile:
    """A file as the route understands it, without the process around the reader; every line of it is a row or passed over."""
    body = body.encode() if isinstance(body, str) else body
    messages = [unpacked(one) for one in reader.read(msgspec.json.encode(OPTIONS), iter([body]))]
    summary = messages[-1]
    assert isinstance(summary, ListSummary)
    found = understood([one for one in messages if isinstance(one, RowBatch)], summary, LATEST, dates)
    assert found.reading.lines == found.reading.rows + sum(found.reading.skipped.values())
    assert found.reading.rows == len(found.petitions) + len(found.rejected)
    return found


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEADINGS: list[object] = [
    *("STT", "Mã phản ánh, kiến nghị", "Họ và tên", "Số điện thoại", "Địa chỉ", "Nội dung", "Loại PAKN", "Cơ quan xử lý"),
    *("Ngày tiếp nhận", "Kết quả xử lý", "Ngày xử lý", "Đã công khai", "Ngày công khai", "Mức độ hài lòng", "Trùng/lặp lại"),
]


def test_a_workbook_of_an_office_is_read_and_nothing_of_a_person_leaves_it() -> None:
    person = ["Nguyễn Văn An", "0912345678", "12 Trần Phú", "Cán bộ thu phí sai quy định"]
    cells: list[list[object]] = [
        ["UBND TỈNH HẢI DƯƠNG"],
        ["BẢNG TỔNG HỢP PHẢN ÁNH, KIẾN NGHỊ THÁNG 9 NĂM 2026"],
        [],
        HEADINGS,
        [f"({number})" for number in range(1, 16)],
        ["I", "Lĩnh vực đất đai"],
        [1, "PAKN-2026-0001", *person, "Hành vi hành chính", "UBND xã Liên Mạc", date(2026, 9, 1), "Đã xử lý",
         "15/09/2026 16:30", "Có", "16/9/2026", "Rất hài lòng", "Không"],
        [2, "PAKN-2026-0002", *person, "Quy định hành chính", "10816", 46266, "Từ chối", "03/09/2026", "", None, "", ""],
        [3, "PAKN-2026-0003", *person, "hành vi hành chính", "Liên Mạc", "05-09-2026", "Đang xử lý", "", "Chưa", "", "-", "x"],
        [4, "PAKN-2026-0004", *person, "Hành vi", "10813", "2026-09-07", "Đã công khai", "09.09.2026", "10/09/2026", "",
         "Bình thường", "Lặp lại"],
        ["", "Tổng cộng: 4"],
        [None] * 9 + ["Hải Dương, ngày 30 tháng 9 năm 2026"],
        [None] * 9 + ["NGƯỜI LẬP BIỂU"],
        [None] * 9 + ["Trần Thị Bình"],
    ]  # fmt: skip
    found = read(workbook({"Tháng 9": cells, "Ghi chú": [["Số liệu tạm tính"]]}))
    assert found.rejected == []
    a, b, c, d = found.petitions
    assert (a.line, a.sheet, a.code, a.agency, a.subject) == (7, "Tháng 9", "PAKN-2026-0001", "UBND xã Liên Mạc", "conduct")
    assert (a.received_on, a.handled_on, a.published_on) == (date(2026, 9, 1), date(2026, 9, 15), date(2026, 9, 16))
    assert (a.liked, a.repeated) == (True, False)
    # One column for the day, whatever the result.
    assert (b.received_on, b.refused_on, b.handled_on, b.subject) == (date(2026, 9, 1), date(2026, 9, 3), None, "rule")
    assert (c.handled_on, c.liked, c.repeated, c.received_on) == (None, None, True, date(2026, 9, 5))
    # The day stands where others say yes; who is neither pleased nor displeased dislikes nothing.
    assert (d.handled_on, d.published_on, d.liked, d.repeated) == (date(2026, 9, 9), date(2026, 9, 10), None, True)
    reading = found.reading
    assert reading.dropped == ["STT", "Họ và tên", "Số điện thoại", "Địa chỉ", "Nội dung"]
    assert [(one.name, one.read, one.rows) for one in reading.sheets] == [("Tháng 9", True, 4), ("Ghi chú", False, 0)]
    assert (reading.rows, reading.format, set(reading.dates.values())) == (4, "sheet", {"dd/mm"})
    text = msgspec.json.encode(found).decode()
    assert not [one for one in ("Nguyễn", "0912345678", "Trần Phú", "thu phí", "Trần Thị Bình") if one in text]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "tcvn3"])
def test_text_in_every_encoding_of_offices_says_the_same(encoding: str) -> None:
    heads = "Mã PAKN;Đơn vị xử lý;Loại phản ánh;Ngày nhận;Đánh giá"
    text = f"{heads}\nPA-2026-1;Xã Liên Mạc;Hành vi hành chính;01/09/2026;Không hài lòng\n"
    body = tcvn3(text) if encoding == "tcvn3" else text.encode(encoding)
    (one,) = read(body).petitions
    assert (one.code, one.agency, one.subject, one.received_on, one.liked) == (
        "PA-2026-1",
        "Xã Liên Mạc",
        "conduct",
        date(2026, 9, 1),
        False,
    )


@pytest.mark.parametrize(
    ("cells", "reason", "said"),
    [
        ({"Mã PAKN": ""}, "no_code", "mã phản ánh"),
        ({"Mã PAKN": "0912345678"}, "bad_code", "số của cá nhân"),
        ({"Mã PAKN": "Nguyễn Văn An"}, "bad_code", "không giữ lại"),
        ({"Ngày tiếp nhận": "31/02/2026"}, "bad_date", "Ngày tiếp nhận"),
        ({"Ngày tiếp nhận": "01/09/2062"}, "date_out_of_range", "tương lai"),
        ({"Ngày tiếp nhận": ""}, "missing_field", "ngày tiếp nhận"),
        ({"Ngày xử lý": "hôm qua"}, "bad_date", "dd/mm/yyyy"),
        ({"Kết quả": "Đã xử lý", "Ngày xử lý": ""}, "missing_field", "ngày xử lý"),
        ({"Kết quả": "Từ chối", "Ngày xử lý": ""}, "missing_field", "ngày từ chối"),
        ({"Kết quả": "Đang xử lý"}, "contradictory", "mâu thuẫn"),
        ({"Kết quả": "Lưu hồ sơ"}, "unknown_word", "'Lưu hồ sơ'"),
        ({"Kết quả": "Đã mời ông Nguyễn Văn An, số điện thoại 0912345678, đến làm việc"}, "unknown_word", "một đoạn văn bản"),
        ({"Đã công khai": "Có"}, "missing_field", "ngày công khai"),
        ({"Hài lòng": "tạm"}, "unknown_word", "Không hài lòng"),
        ({"Cơ quan xử lý": "Nguyễn Văn An"}, "unknown_agency", "không giữ lại"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_with_what_to_do_and_without_a_person(
    cells: dict[str, str], reason: str, said: str
) -> None:
    sound = {"Mã PAKN": "PA-2026-2", "Ngày tiếp nhận": "01/09/2026", "Cơ quan xử lý": "10813", "Ngày xử lý": "02/09/2026"}
    columns = [*sound, "Kết quả", "Đã công khai", "Hài lòng"]
    lines = [columns, *([{**sound, **more}.get(name, "") for name in columns] for more in (cells, {"Mã PAKN": "PA-2026-3"}))]
    found = read("\n".join(",".join(f'"{cell}"' for cell in line) for line in lines))
    (one,) = found.rejected
    assert (one.line, one.reason) == (2, reason)
    assert said in one.what.vi, one.what
    assert "Nguyễn" not in str(one)
    assert "0912345678" not in str(one)
    assert [one.code for one in found.petitions] == ["PA-2026-3"]  # it never stops the rows beside it


def test_the_order_of_day_and_month_is_what_the_file_proves_and_else_what_is_said() -> None:
    head = "Mã PAKN,Ngày tiếp nhận,Ngày xử lý\n"
    american = read(head + "PA-1,9/13/2026,9/14/2026\nPA-2,9/2/2026,9/3/2026\n")
    assert [one.received_on for one in american.petitions] == [date(2026, 9, 13), date(2026, 9, 2)]
    assert american.reading.dates == {"received_on": "mm/dd", "handled_on": "mm/dd"}
    assert [one.received_on for one in read(head + "PA-2,9/2/2026,\n").petitions] == [date(2026, 2, 9)]
    assert [one.received_on for one in read(head + "PA-2,9/2/2026,\n", "mm/dd").petitions] == [date(2026, 9, 2)]
    with pytest.raises(Unreadable, match="prove both orders"):
        read(head + "PA-1,9/13/2026,\nPA-2,13/9/2026,\n")


def test_a_file_that_is_no_list_of_petitions_is_refused_with_the_heading_that_it_needs() -> None:
    for body in (b"a,b\n1,2\n", b"%PDF-1.7", workbook({"Trang 1": [["Họ tên", "Tuổi"], ["A", 1]]})):
        with pytest.raises(Unreadable) as refused:
            read(body)
        assert b"%PDF" in body or "Mã phản ánh" in refused.value.text.vi


def test_every_field_of_the_vocabulary_is_read_under_each_of_its_headings() -> None:
    said: dict[str, tuple[str, object]] = {
        **dict.fromkeys(("received_on", "passed_on", "handled_on", "published_on"), ("02/09/2026", date(2026, 9, 2))),
        **dict.fromkeys(("refused_on", "supplement_requested_on"), ("02/09/2026", date(2026, 9, 2))),
        "code": ("PA-2026-9", "PA-2026-9"),
        "agency": ("10813", "10813"),
        "subject": ("Quy định", "rule"),
        "liked": ("Không hài lòng", False),
        "repeated": ("Trùng", True),
        "result": ("Đang xử lý", None),
        "published": ("Chưa", None),
    }
    needed = {"Mã PAKN": "PA-2026-1", "Ngày nhận": "01/09/2026"}
    for field, headings in KNOWN_HEADINGS.items():
        for heading in headings:
            written, meant = said[field]
            row = {name: one for name, one in needed.items() if name not in headings} | {heading: written}
            found = read(",".join(f'"{name}"' for name in row) + "\n" + ",".join(row.values()) + "\n")
            assert found.reading.columns[heading] == field
            assert meant is None or getattr(found.petitions[0], field) == meant, heading
