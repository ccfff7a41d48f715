"""Lists as clerks export them, kind of dirt by kind of dirt: nothing is lost, and nothing is read as what it is not."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from services.ingest.events.model import Event, Reason, Rejected
from services.ingest.files.classification import RowKind
from shared.dossier import Channel, Status
from tests.ingest.lists import day, ended, received, seen, tcvn3, workbook

HEAD = ["Mã hồ sơ", "Đơn vị", "Ngày tiếp nhận", "Ngày hẹn trả"]


def about(event: Event) -> Any:
    assert event.about is not None
    return event.about


# --- lines and cells -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_every_kind_of_line_end_ends_a_line(end: str, size: int) -> None:
    found = seen(f"Mã hồ sơ,Ngày tiếp nhận{end}H30-1,15/06/2023{end}H30-2,16/06/2023{end}", size)
    assert (found.codes, found.summary.lines, [place[1] for place in found.places]) == (["H30-1", "H30-2"], 3, [2, 3])


def test_line_ends_of_several_kinds_in_one_file_end_lines() -> None:
    found = seen("Mã hồ sơ;Ngày tiếp nhận\r\nH30-1;15/06/2023\rH30-2;15/06/2023\n\r\nH30-3;15/06/2023", 3)
    assert (found.codes, found.summary.lines, found.summary.skipped) == (
        ["H30-1", "H30-2", "H30-3"],
        5,
        {"heading": 1, "blank": 1},
    )


@pytest.mark.parametrize("text", ['Ống 3" nhựa', '3" x 4"', 'a "b" c', '"Ống 3" nhựa', '"Ống" 3"'])
def test_a_quotation_mark_within_a_cell_is_a_character(text: str) -> None:
    lines = "".join(f"H30-{number};{text if number % 2 else 'x'};15/06/2023\n" for number in range(5_000))
    found = seen("Mã hồ sơ;Trích yếu;Ngày tiếp nhận\n" + lines)
    assert len(found.codes) == 5_000
    assert not found.reasons


def test_a_quoted_cell_may_hold_line_ends_delimiters_and_marks() -> None:
    note = '"dòng một;\r\ndòng ""hai"",\r\n\r\nH30; 15/06"'
    found = seen(f"Mã hồ sơ;Ghi chú;Ngày tiếp nhận\nH30-1;{note};15/06/2023\n{note};x;y\nH30-2;;16/06/2023\n")
    assert found.codes == ["H30-1", "H30-2"]
    assert found.summary.skipped["continued"] == 6


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_mark_that_is_never_closed_swallows_no_row(place: int) -> None:
    broken = ["H30-x", "ghi chú", "15/06/2023"]
    broken[place] = '"' + broken[place]
    rows = [f'H30-{number};"ghi; ""chú""";15/06/2023' for number in range(300)]
    body = "\n".join(["Mã hồ sơ;Ghi chú;Ngày tiếp nhận", *rows[:100], ";".join(broken), *rows[100:]])
    found = seen(body)
    assert [code for code in found.codes if code != "H30-x"] == [f"H30-{number}" for number in range(300)]
    assert len(found.read) == 301


@pytest.mark.parametrize("size", [900, 60_000])
def test_a_large_file_loses_as_little_as_a_small_one(size: int) -> None:
    lines = "".join(f'H30-{number};{"x" * (number % 40)} 4" ống;15/06/2023\r' for number in range(size))
    found = seen("Mã hồ sơ;Trích yếu;Ngày tiếp nhận\r" + lines, 65_536)
    assert (len(found.codes), found.summary.lines) == (size, size + 1)


def test_the_delimiter_is_the_one_that_gives_the_headings() -> None:
    head = "Mã hồ sơ;Đơn vị;Ngày tiếp nhận;Ghi chú (lý do, nơi giữ, người giữ, ngày, số quyển)"
    assert seen(f"{head}\nH30-1;10813;15/06/2023;a,b\n").codes == ["H30-1"]
    assert seen(f"Báo cáo, tháng 6, xã A, huyện B, tỉnh C\n{head}\nH30-1;10813;15/06/2023;\n").summary.delimiter == ";"
    assert seen("Mã hồ sơ|Ghi chú, lý do; nơi giữ|Ngày nhận\nH30-1|a;b,c|15/06/2023\n").codes == ["H30-1"]


def test_a_row_with_a_filled_cell_beyond_the_headings_is_set_aside() -> None:
    rows = ["H30-1,15/06/2023,giao,,19/06/2023", 'H30-2,15/06/2023,"giao,",19/06/2023', "H30-3,15/06/2023,giao,19/06/2023,,"]
    found = seen("\n".join(["Mã hồ sơ,Ngày tiếp nhận,Ghi chú,Ngày kết thúc", *rows]))
    assert (found.codes, found.reasons) == (["H30-2", "H30-3"], [Reason.extra_cells])
    assert [ended(one) for one in found.events] == ["2023-06-19", "2023-06-19"]
    (aside,) = [one for one in found.read if isinstance(one, Rejected)]
    assert (aside.fields, aside.code) == ({}, None)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        *((heading, "due_at") for heading in ("Hạn trả", "Hạn xử lý hồ sơ", "Hẹn trả kết quả", "Ngày phải trả")),
        *((heading, "delivered_at") for heading in ("Ngày trả KQ thực tế", "Ngày thực trả")),
        *((heading, "ended_at") for heading in ("Ngày xử lý xong", "Ngày hoàn thành hồ sơ")),
        *((heading, "agency") for heading in ("Tên đơn vị", "Đơn vị thụ lý", "Cơ quan xử lý hồ sơ", "Mã định danh đơn vị")),
        *((heading, "procedure") for heading in ("Mã số TTHC", "Mã TT")),
        *((heading, None) for heading in ("Ngày nộp", "Đơn vị tiếp nhận", "Tên thủ tục", "Hình thức nhận kết quả", "Thời hạn")),
    ],
)
def test_headings_of_several_programs_are_known_and_what_may_mean_another_thing_is_not(heading: str, field: str | None) -> None:
    assert seen(f"Mã số HS;Ngày tiếp nhận HS;{heading}\nH30-1;15/06/2023;\n").summary.columns[heading] == field


# --- headings further down ------------------------------------------------------------------------------------------------

DATED = ["Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả"]
FIRST = ["H30-1", "15/06/2023", "20/06/2023", "19/06/2023"]


def as_files(rows: list[list[str]]) -> list[bytes]:
    return [workbook(rows), "\n".join(map(";".join, rows)).encode()]


@pytest.mark.parametrize(
    "rows",
    [
        # Columns that changed places, another width, two rows of headings, all of them words of their own.
        [["Mã hồ sơ", "Ngày tiếp nhận", "Ngày trả", "Ngày hẹn trả"], ["H30-2", "15/06/2023", "18/06/2023", "21/06/2023"]],
        [["Ngày trả", "Ngày hẹn trả", "Mã HS", "Ngày nhận"], ["18/06/2023", "21/06/2023", "H30-2", "15/06/2023"]],
        [["STT", "Họ tên", *DATED], ["1", "", "H30-2", "15/06/2023", "21/06/2023", "18/06/2023"]],
        [
            ["Mã hồ sơ", "Ngày", "", ""],
            ["", "trả", "tiếp nhận", "hẹn trả"],
            ["H30-2", "18/06/2023", "15/06/2023", "21/06/2023"],
        ],
        [
            ["Hồ sơ", "", "", "Ngày"],
            ["Số HS", "Ngày nhận", "Ngày trả KQ", "hẹn trả"],
            ["H30-2", "15/06/2023", "18/06/2023", "21/06/2023"],
        ],
    ],
)
def test_what_stands_below_headings_of_other_columns_is_read_by_them(rows: list[list[str]]) -> None:
    again = [[*DATED], ["H30-3", "15/06/2023", "20/06/2023", "19/06/2023"]]
    for body in as_files([DATED, FIRST, *rows, *again]):
        for size in (7, 10_000):
            found = seen(body, size)
            assert found.codes == ["H30-1", "H30-2", "H30-3"]
            dates = [(received(one), day(one.due_at), day(one.course.delivered_at)) for one in found.events if one.course]
            assert dates == [
                ("2023-06-15", "2023-06-20", "2023-06-19"),
                ("2023-06-15", "2023-06-21", "2023-06-18"),
                ("2023-06-15", "2023-06-20", "2023-06-19"),
            ]
            lines = [one.line for one in found.summary.skipped_rows if one.kind == RowKind.further_heading]
            assert (lines[-1], len(lines) >= 2) == (3 + len(rows), True)


def test_rows_below_headings_of_other_columns_without_one_of_the_code_wait() -> None:
    strange = [["Số phiếu", "Ngày tiếp nhận", "Ngày trả", "Ngày hẹn trả"], ["H30-2", "15/06/2023", "18/06/2023", "21/06/2023"]]
    for body in as_files([DATED, FIRST, *strange, DATED, ["H30-3", *FIRST[1:]]]):
        found = seen(body)
        assert (found.codes, set(found.reasons), len(found.reasons)) == (["H30-1", "H30-3"], {Reason.unknown_headings}, 2)


def test_headings_that_stand_there_again_are_no_other_ones() -> None:
    two = [["STT", "Mã hồ sơ", "Ngày", ""], ["", "", "tiếp nhận", "hẹn trả"]]
    row = ["1", "H30-1", "15/06/2023", "20/06/2023"]
    for body in as_files([*two, row, *two, row, two[0], row]):
        found = seen(body)
        assert [(one.code, received(one), day(one.due_at)) for one in found.events] == [
            ("H30-1", "2023-06-15", "2023-06-20")
        ] * 3
        assert (found.summary.skipped["repeated_heading"], found.reasons) == (3, [])


# --- encodings -----------------------------------------------------------------------------------------------------------

TEXT = "Mã hồ sơ;Ngày tiếp nhận;Trạng thái;Hình thức nộp\nH30-1;15/06/2023;Đã trả kết quả;Qua bưu điện\n"


def windows_1258(text: str) -> bytes:
    made = b""
    for letter in text:
        try:
            made += letter.encode("cp1258")
        except UnicodeEncodeError:
            decomposed = unicodedata.normalize("NFD", letter)
            base, marks = decomposed[0], decomposed[1:]
            tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
            made += unicodedata.normalize("NFC", base + "".join(mark for mark in marks if mark not in tones)).encode("cp1258")
            made += b"".join(tone.encode("cp1258") for tone in tones)
    return made


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("utf-8", TEXT.encode()),
        ("utf-8", unicodedata.normalize("NFD", TEXT).encode()),
        ("utf-16", TEXT.encode("utf-16")),
        ("utf-16", TEXT.encode("utf-16-le")),
        ("utf-16", TEXT.encode("utf-16-be")),
        ("windows-1258", windows_1258(TEXT)),
        ("tcvn3", tcvn3(TEXT)),
        ("tcvn3", tcvn3(TEXT).decode("cp1252").encode()),
    ],
)
def test_an_encoding_is_known_by_the_text(encoding: str, body: bytes) -> None:
    found = seen(body, 11)
    assert found.summary.encodings == [encoding]
    (event,) = found.events
    assert event.course is not None
    assert (event.course.status, about(event).channel) == (Status.delivered, Channel.post)


@pytest.mark.parametrize("old", [windows_1258, tcvn3])
def test_words_below_plain_headings_are_read_in_the_old_code_pages(old: Any) -> None:
    body = (
        b"MaHoSo;NgayTiepNhan;TrangThaiHoSo\nH30-1;15/06/2023;" + old("Đang xử lý") + b"\nH30-2;15/06/2023;" + "Đã rút".encode()
    )
    statuses = [event.course.status for event in seen(body).events if event.course is not None]
    assert statuses == [Status.processing, Status.withdrawn]


def test_a_workbook_with_the_old_fonts_is_read() -> None:
    rows = [
        [tcvn3(cell).decode("cp1252") for cell in row]
        for row in (["Mã hồ sơ", "Ngày nhận", "Trạng thái"], ["H30-1", "15/06/2023", "Đã xử lý xong"])
    ]
    (event,) = seen(workbook(rows)).events
    assert event.course is not None
    assert event.course.status is Status.resolved


# --- headings ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading",
    [
        *("Mã hồ sơ:", "* Mã hồ sơ (*)", "(1) Mã hồ sơ", "2. Mã hồ sơ", "Mã hồ sơ\u200b", "\ufeffMã\u00a0hồ  sơ", "MÃ HỒ SƠ"),
        *("Ma\u0303 ho\u0302\u0300 so\u031b", '"Mã\nhồ sơ"', "'Mã hồ sơ", '="Mã hồ sơ"', "Mã hồ sơ [bắt buộc]", "ma_ho_so"),
    ],
)
def test_a_heading_is_known_whatever_is_written_around_it(heading: str) -> None:
    assert seen(f"{heading};Ngày tiếp nhận\nH30-1;15/06/2023\n").codes == ["H30-1"]


@pytest.mark.parametrize("begin", ["Ngày", "Thời gian", "Thời điểm", "Ngày giờ"])
def test_a_heading_of_dates_may_begin_otherwise(begin: str) -> None:
    (event,) = seen(f"Mã hồ sơ;{begin} nhận hồ sơ;{begin} hẹn trả kết quả\nH30-1;15/06/2023;20/06/2023\n").events
    assert (received(event), day(event.due_at)) == ("2023-06-15", "2023-06-20")


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u00ad", "\u200e", "\u2060"])
def test_characters_that_cannot_be_seen_are_left_out_of_every_cell(unseen: str) -> None:
    rows = [
        ["Mã hồ sơ", "Ngày tiếp nhận", "Đơn vị", "Số hóa hồ sơ"],
        ["H30-1", "15/06/2023", "10813", "x"],
        ["H30-2", "", "", ""],
    ]
    rows = [[f"{unseen}{cell}{unseen}" for cell in row] for row in rows]
    for body in (workbook(rows), "\n".join(map(";".join, rows))):
        found = seen(body)
        assert (found.codes, found.reasons) == (["H30-1"], [Reason.missing_field])
        assert (received(found.events[0]), about(found.events[0]).agency) == ("2023-06-15", "10813")


def test_letters_that_look_like_the_crossed_d_are_it() -> None:
    for letter in "ĐÐƉđðɖ":
        (event,) = seen(f"Mã hồ sơ,Ngày tiếp nhận,Trạng thái,{letter}ơn vị\nH30-1,15/06/2023,{letter}ang xử lý,10813\n").events
        assert event.course is not None
        assert (event.course.status, about(event).agency) == (Status.processing, "10813")


def test_of_two_columns_for_one_field_the_better_named_goes_before_and_a_filled_one_before_an_empty_one() -> None:
    rows = [["STT", "Số hồ sơ", "Mã hồ sơ", "Ngày trả", "Ngày trả kết quả", "Ngày nhận"]]
    rows += [
        ["1", "12", "H30-1", "", "20/06/2023", "15/06/2023"],
        ["2", "13", "H30-2", "21/06/2023", "22/06/2023", "15/06/2023"],
    ]
    rows += [["3", "14", "", "", "20/06/2023", "15/06/2023"]]
    for body in (workbook(rows), "\n".join(map(";".join, rows))):
        found = seen(body)
        assert found.codes == ["H30-1", "H30-2"]
        assert [day(one.course.delivered_at) for one in found.events if one.course] == ["2023-06-20", "2023-06-21"]
        assert found.reasons == [Reason.no_code]
        assert {one.field: one.headings for one in found.summary.duplicates} == {
            "code": ["Mã hồ sơ", "Số hồ sơ"],
            "delivered_at": ["Ngày trả", "Ngày trả kết quả"],
        }


# --- words and codes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "value"),
    [
        *((word, True) for word in ("Đã số hóa", "Có số hóa", "Y", "V", "x", "✓", "Rồi", "1.0", "TRUE", "có ", "Ðã số hóa")),
        *((word, False) for word in ("Không", "Chưa số hóa", "N", "0", "0.0", "false", "Chưa", "không có")),
        *((word, None) for word in ("", "-", "N/A", "–", "…")),
    ],
)
def test_words_for_yes_and_no_are_known(word: str, value: bool | None) -> None:
    (event,) = seen(f"Mã hồ sơ,Ngày tiếp nhận,Số hóa hồ sơ\nH30-1,15/06/2023,{word}\n").events
    assert about(event).digitised_intake is value


def test_any_other_word_of_yes_and_no_is_a_reason_and_never_a_silent_no() -> None:
    body = "Mã hồ sơ,Ngày tiếp nhận,Kết quả điện tử,Thanh toán trực tuyến\n"
    found = seen(f"{body}H30-1,15/06/2023,Một phần,x\nH30-2,15/06/2023,x,Trực tuyến\nH30-3,15/06/2023,x,Tiền mặt\n")
    assert (found.reasons, [about(one).fee_online for one in found.events]) == ([Reason.unknown_flag], [True, False])
    assert about(seen(f"{body}H30-1,15/06/2023,Một phần,x\n", flags={"một phần": False}).events[0]).digitised_result is False


def test_what_is_written_around_a_cell_to_save_its_zeros_is_left_out() -> None:
    rows = [
        '="000.00.19.H30-230615-0042";="01273"',
        "'000.00.19.H30-230615-0043;'01273",
        '"=""000.00.19.H30-230615-0044""";01273',
    ]
    found = seen("Mã hồ sơ;Đơn vị;Ngày tiếp nhận\n" + "".join(f"{row};15/06/2023\n" for row in rows))
    assert found.codes == [f"000.00.19.H30-230615-004{number}" for number in (2, 3, 4)]
    assert [about(one).agency for one in found.events] == ["01273"] * 3


def test_a_code_with_slashes_is_read() -> None:
    assert seen("Mã hồ sơ;Ngày tiếp nhận\n123/2023/BN;15/06/2023\n").codes == ["123/2023/BN"]
