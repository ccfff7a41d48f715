"""What the reasons of quarantine mean, in both languages, and what an office or an operator can do about each."""

from __future__ import annotations

from typing import NamedTuple

from services.ingest.events.model import Reason


class Wording(NamedTuple):
    """A sentence on what is wrong and one on what to do."""

    vi: str
    en: str
    todo_vi: str
    todo_en: str


WORDINGS: dict[Reason, Wording] = {
    Reason.unreadable: Wording(
        "Bản ghi không đọc được: không phải JSON hợp lệ.",
        "The record cannot be read: it is no valid JSON.",
        "Báo đơn vị vận hành phần mềm nguồn kiểm tra bản ghi này; nếu là tệp thì sửa dòng đó rồi gửi lại.",
        "Have the operator of the source's software look at this record; in a file correct the line and send it again.",
    ),
    Reason.no_code: Wording(
        "Bản ghi không có mã hồ sơ.",
        "The record has no dossier code.",
        "Bổ sung mã hồ sơ tại phần mềm nguồn, lần đồng bộ sau sẽ nhận lại; nếu là tệp thì điền vào cột mã hồ sơ rồi gửi lại.",
        "Add the code at the source, the next pull takes it in; in a file fill in its column and send it again.",
    ),
    Reason.bad_code: Wording(
        "Nội dung ở ô mã hồ sơ không có dạng của mã hồ sơ; không giữ lại nội dung đó.",
        "What stands in the place of the dossier code does not look like one; nothing of it was kept.",
        "Nếu là mã: thêm mẫu vào mục 'codes' của nguồn rồi đồng bộ hoặc gửi lại; nếu không, sửa tại phần mềm nguồn.",
        "If it is a code, add its pattern to 'codes' of the source and pull or send again; otherwise correct it at the source.",
    ),
    Reason.bad_date: Wording(
        "Ngày giờ không đúng định dạng.",
        "A date is not in the agreed form.",
        "Sửa ngày giờ tại phần mềm nguồn, hoặc ghi lại trong tệp theo dạng dd/mm/yyyy rồi gửi lại; nếu cả tệp"
        " ghi tháng trước ngày"
        " thì đặt 'dates' của nguồn là `mm/dd`.",
        "Correct the date at the source, or write it as dd/mm/yyyy in the file and send it again; where the"
        " whole file writes the"
        " month first, set 'dates' of the source to `mm/dd`.",
    ),
    Reason.date_out_of_range: Wording(
        "Ngày giờ nằm ngoài khoảng hợp lý (trước năm 2001, trong tương lai, hoặc sau năm 2044).",
        "A date lies outside reason (before 2001, in the future, or after 2044).",
        "Kiểm tra ngày trong tệp hoặc ở phần mềm nguồn (và đồng hồ của máy đó), sửa rồi gửi lại.",
        "Check the date in the file or at the source, and the clock there; correct it and send the record again.",
    ),
    Reason.wrong_type: Wording(
        "Một trường có kiểu dữ liệu không đúng thỏa thuận.",
        "A field is not of the agreed type.",
        "Chi tiết nêu tên trường: sửa ô đó trong tệp rồi gửi lại, hoặc báo đơn vị vận hành phần mềm nguồn.",
        "The detail names the field: correct the cell and send the file again, or tell the operator of the source's software.",
    ),
    Reason.unknown_status: Wording(
        "Tên trạng thái hồ sơ chưa được khai báo.",
        "The name of the status is not known.",
        "Thêm tên trạng thái vào mục 'statuses' của nguồn rồi chạy lại các bản ghi hoặc gửi lại tệp; nguồn gửi"
        " theo định dạng của hệ"
        " thống thì sửa giá trị (chi tiết nêu giá trị gần nhất) và gửi lại.",
        "Add the name to 'statuses' in the settings of the source, then replay the records; a source that sends our own shape"
        " corrects the value (the detail names the nearest) and sends the record again.",
    ),
    Reason.unknown_channel: Wording(
        "Tên hình thức nộp hồ sơ chưa được khai báo.",
        "The name of the channel is not known.",
        "Thêm tên hình thức vào mục 'channels' của nguồn rồi chạy lại các bản ghi hoặc gửi lại tệp; nguồn gửi"
        " theo định dạng của hệ"
        " thống thì sửa giá trị (chi tiết nêu giá trị gần nhất) và gửi lại.",
        "Add the name to 'channels' in the settings of the source, then replay the records; a source that sends our own shape"
        " corrects the value (the detail names the nearest) and sends the record again.",
    ),
    Reason.missing_field: Wording(
        "Thiếu một trường bắt buộc.",
        "A field that is needed is missing.",
        "Chi tiết nêu tên trường: bổ sung tại phần mềm nguồn, hoặc điền vào tệp rồi gửi lại.",
        "The detail names the field: add it at the source, or fill it in in the file and send it again.",
    ),
    Reason.unknown_field: Wording(
        "Bản ghi có một trường không thuộc định dạng của hệ thống.",
        "The record has a field that our own shape does not have.",
        "Sửa tên trường (chi tiết nêu tên gần nhất) hoặc bỏ trường đó, rồi gửi lại bản ghi; chạy lại không đủ.",
        "Correct the field's name (the detail names the nearest) or leave it out, and send the record again: a replay cannot"
        " know what stood in it.",
    ),
    Reason.too_long: Wording(
        "Một trường hoặc một danh sách dài quá giới hạn.",
        "A field or a list is longer than any real one.",
        "Chi tiết nêu chỗ quá dài: kiểm tra bản ghi tại phần mềm nguồn, hoặc sửa dòng đó trong tệp rồi gửi lại.",
        "The detail names what is too long: look at the record at the source, or correct the row and send the file again.",
    ),
    Reason.extra_cells: Wording(
        "Dòng có ô dữ liệu nằm ngoài các cột có tiêu đề; có thể các ô đã bị lệch cột.",
        "The row has a filled cell beyond the headings: its cells may have been moved.",
        "Đặt nội dung có dấu phân cách trong dấu ngoặc kép, hoặc lưu danh sách thành XLSX, rồi gửi lại tệp.",
        "Quote the text that holds the delimiter, or save the list as XLSX, and send the file again.",
    ),
    Reason.unknown_headings: Wording(
        "Phía trên dòng này có dòng tiêu đề khác mà không có cột mã hồ sơ, nên không rõ ô nào là nội dung nào.",
        "Above the row stand further headings without one of the dossier code: it is not known what its cells are.",
        "Thêm tên cột mã hồ sơ vào mục 'columns' của nguồn, hoặc tách phần này thành tệp riêng có đủ tiêu đề, rồi gửi lại tệp.",
        "Name its column in 'columns' of the source, or give this part headings of its own, and send the file again.",
    ),
    Reason.unknown_flag: Wording(
        "Từ ghi ở cột có/không chưa được khai báo.",
        "A word in a yes/no column is not known.",
        "Thêm từ đó vào mục 'flags' của nguồn rồi chạy lại các bản ghi, hoặc sửa trong tệp và gửi lại.",
        "Add the word to 'flags' of the source, then replay the records; or correct it and send the file again.",
    ),
    Reason.history_full: Wording(
        "Hồ sơ đã có quá nhiều phiên bản.",
        "The dossier has more events than any real one.",
        "Kiểm tra phần mềm nguồn: có thể hồ sơ bị gửi lặp lại với nội dung thay đổi liên tục.",
        "Check the source: it may send the dossier again and again with other content.",
    ),
    Reason.unforeseen: Wording(
        "Bản ghi làm phần mềm này gặp lỗi; các bản ghi khác vẫn được nhận.",
        "The record makes this software fail; the others were taken in all the same.",
        "Báo đơn vị vận hành phần mềm này kèm số của bản ghi; sau khi sửa, chạy lại bản ghi.",
        "Tell the operator of this software the record's number; once it is mended, replay the record.",
    ),
}


def wording(reason: str) -> Wording:
    """The sentences of a reason; KeyError names one that does not exist."""
    return WORDINGS[Reason(reason)]
