"""A list with headings and words of an office's own: the rehearsal says which nobody knows, and what to do about each."""

from __future__ import annotations

from services.ingest.events.model import Reason
from services.ingest.events.reasons import wording
from services.ingest.imports.page import page_of
from services.ingest.imports.rehearsal import RehearsedWord, rehearse
from shared.sandbox.parent import Sandbox
from tests.ingest.lists import workbook
from tests.ingest.test_files import NOW, SOURCE, pieces

HEAD = ["STT", "Số biên nhận", "Họ và tên", "Tên thủ tục", "Ngày nhận", "Hẹn trả", "Ngày trả KQ", "Tình trạng", "Bộ phận"]
ROWS = [
    [1, "H30.12-230601-0001", "Nguyễn Văn A", "Chứng thực", "01/06/2023", "02/06/2023", "01/06/2023", "Xong", "Tư pháp"],
    [2, "H30.12-230602-0002", "Trần B", "Khai sinh", "02/06/2023", "02/06/2023", "02/06/2023", "Xong", "Tư pháp"],
    [3, "H30.12-230605-0003", "Lê C", "Hôn nhân", "05/06/2023", "08/06/2023", "", "Đang làm", "Tư pháp"],
    [4, "15/BN", "Phạm D", "Kết hôn", "Ngày 6/6/2023", "", "", "", "Tư pháp"],
]


async def test_a_list_of_its_own_words_is_told_with_what_to_do() -> None:
    book = workbook([["SỔ THEO DÕI"], HEAD, *ROWS], [["Hướng dẫn", "nhập"]], [HEAD], hidden=[2])
    seen = await rehearse(Sandbox(), SOURCE, pieces(book), NOW)
    assert seen.missing_fields == ["agency", "procedure", "channel"]
    assert seen.unknown_words == [
        RehearsedWord("status", "Xong", "statuses", 2),
        RehearsedWord("status", "Đang làm", "statuses", 1),
    ]
    page = page_of(seen, "vi")
    for words in (
        "Không có cột nào cho: đơn vị, thủ tục, hình thức nộp.",
        "Chưa rõ từ \"Xong\" (trạng thái), 2 dòng: khai nghĩa trong 'statuses' của nguồn",
        "(15/BN), ô ngày tiếp nhận: Ngày giờ không đúng định dạng.",
        "ghi lại trong tệp theo dạng dd/mm/yyyy rồi gửi lại",
        "'Trang 2': không đọc vì không có tiêu đề cột",
        "'Trang 3': không đọc vì bị ẩn",
        "đặt 'dates' của nguồn là `mm/dd`",
    ):
        assert words in page
    assert "Nguyễn" not in page
    assert 'Nobody knows the word "Xong" (status), 2 rows' in page_of(seen, "en")


async def test_a_page_says_from_which_line_on_other_headings_count() -> None:
    later = [["Số biên nhận", "Ngày trả KQ", "Ngày nhận"], ["H30.12-230606-0005", "07/06/2023", "06/06/2023"]]
    seen = await rehearse(Sandbox(), SOURCE, pieces(workbook([HEAD, *ROWS[:1], *later])), NOW)
    assert "Dòng 'Trang 1' 3: có tiêu đề khác; các dòng bên dưới được đọc theo tiêu đề này" in page_of(seen, "vi")


async def test_a_file_of_one_agency_and_records_of_our_own_shape_miss_no_column() -> None:
    own = SOURCE._replace(settings={"agency": "10813", "columns": {"Tên thủ tục": "procedure"}})
    seen = await rehearse(Sandbox(), own, pieces(workbook([HEAD, *ROWS])), NOW)
    assert seen.missing_fields == ["channel"]
    record = b'{"code":"H30-3","id":"1","at":"2023-06-15T08:00:00+07:00"}\n'
    assert (await rehearse(Sandbox(), SOURCE, pieces(record), NOW)).missing_fields == []


def test_every_reason_says_in_vietnamese_what_to_do() -> None:
    for reason in Reason:
        words = wording(reason)
        for text in words:
            assert text[0].isupper()
            assert text.endswith(".")
        assert words.todo_vi.split()[0] in {"Báo", "Bổ", "Chi", "Đặt", "Kiểm", "Nếu", "Sửa", "Thêm"}, words.todo_vi
