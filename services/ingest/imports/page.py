"""A rehearsal as a page of text that a clerk can read, and that can be sent on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from services.ingest.events.reasons import wording
from services.ingest.files.classification import RowKind
from services.ingest.imports.rehearsal import Rehearsal
from shared.languages import Bilingual, Language, bilingual, joined

MAX_LINES = 20
_FIELDS: Mapping[str, Bilingual] = {
    "code": Bilingual("dossier code", "mã hồ sơ"),
    "procedure": Bilingual("procedure", "thủ tục"),
    "agency": Bilingual("agency", "đơn vị"),
    "channel": Bilingual("channel", "hình thức nộp"),
    "status": Bilingual("status", "trạng thái"),
    "received_at": Bilingual("received", "ngày tiếp nhận"),
    "due_at": Bilingual("due", "ngày hẹn trả"),
    "ended_at": Bilingual("ended", "ngày kết thúc"),
    "delivered_at": Bilingual("delivered", "ngày trả"),
    "updated_at": Bilingual("updated", "ngày cập nhật"),
    "digitised_intake": Bilingual("papers digitised", "số hóa hồ sơ"),
    "digitised_result": Bilingual("result digitised", "số hóa kết quả"),
    "fee_online": Bilingual("fee paid online", "thanh toán trực tuyến"),
    "result_coded": Bilingual("result with code and link", "kết quả có mã và đường dẫn"),
    "from_storage": Bilingual("from the storage", "lấy từ kho dữ liệu"),
    "account_verified": Bilingual("identity verified", "xác thực VNeID"),
}
_FORMATS: Mapping[str, Bilingual] = {
    "csv": Bilingual("a text with a delimiter (CSV)", "tệp văn bản có dấu phân cách (CSV)"),
    "ndjson": Bilingual("NDJSON, a record a line", "NDJSON, mỗi dòng một bản ghi"),
    "sheet": Bilingual("a workbook", "bảng tính"),
    "html": Bilingual("a web page saved as a workbook", "trang web lưu với đuôi bảng tính"),
    "xml": Bilingual("a workbook in XML (Excel 2003)", "bảng tính XML (Excel 2003)"),
}
_SKIPPED: Mapping[str, Bilingual] = {
    "title": Bilingual("above the headings", "nằm trên dòng tiêu đề"),
    "heading": Bilingual("headings", "tiêu đề cột"),
    "repeated_heading": Bilingual("repeated headings", "tiêu đề cột lặp lại"),
    "further_heading": Bilingual("headings that name other columns", "tiêu đề có các cột khác"),
    "column_numbers": Bilingual("numbers of columns", "đánh số cột"),
    "page": Bilingual("numbers of printed pages", "số trang in"),
    "group": Bilingual("groups", "tên nhóm"),
    "total": Bilingual("totals", "tổng cộng"),
    "signature": Bilingual("for signatures", "phần ký tên"),
    "note": Bilingual("notes", "ghi chú dưới danh sách"),
    "blank": Bilingual("blank", "dòng trống"),
    "continued": Bilingual("further lines of a cell", "dòng tiếp theo trong một ô"),
}
_WHY_NOT: Mapping[str, Bilingual] = {
    "hidden": Bilingual("not read: hidden; show it if it holds dossiers", "không đọc vì bị ẩn; nếu có hồ sơ thì bỏ ẩn"),
    "empty": Bilingual("not read: empty", "không đọc vì trống"),
    "no_headings": Bilingual(
        "not read: no headings that are known; if it holds dossiers, name its columns in 'columns' of the source",
        "không đọc vì không có tiêu đề cột đã biết; nếu có hồ sơ thì khai tên cột trong 'columns' của nguồn",
    ),
}
_DELIMITERS: Mapping[str, Bilingual] = {"\t": Bilingual("tab", "tab")}
_CODES: Mapping[str, Bilingual] = {"agency": Bilingual("agency", "đơn vị"), "procedure": Bilingual("procedure", "thủ tục")}


def page_of(seen: Rehearsal, language: Language) -> str:
    """The page in one language; nothing stands in it that the rehearsal as JSON does not have."""
    return "\n".join(line.vi if language == "vi" else line.en for line in _lines(seen)) + "\n"


def _lines(seen: Rehearsal) -> Iterator[Bilingual]:
    yield Bilingual("REHEARSAL: nothing was stored", "KẾT QUẢ ĐỌC THỬ: chưa lưu gì")
    yield bilingual("File: {what}", "Tệp: {what}", what=_FORMATS.get(seen.format or "", _plain("-")))
    for sheet in seen.sheets:
        state = _WHY_NOT.get(sheet.why_not or "") or bilingual("{n} rows", "{n} dòng", n=sheet.rows)
        yield bilingual("  Sheet '{name}': {state}", "  Trang tính '{name}': {state}", name=sheet.name, state=state)
    if seen.delimiter is not None:
        mark = _DELIMITERS.get(seen.delimiter, _plain(seen.delimiter))
        yield bilingual("Delimiter: {mark}", "Dấu phân cách: {mark}", mark=mark)
    if seen.encodings:
        yield bilingual("Encoding: {names}", "Bảng mã: {names}", names=", ".join(seen.encodings))
    for one in seen.dates:
        how = (
            Bilingual("shown by the dates or set", "do chính các ngày hoặc thiết lập cho biết")
            if one.proven
            else Bilingual(
                "assumed: no day above 12; if the month comes first, set 'dates' of the source to `mm/dd`",
                "giả định vì không có ngày nào lớn hơn 12; nếu tệp ghi tháng trước thì đặt 'dates' của nguồn là `mm/dd`",
            )
        )
        yield bilingual(
            "Dates of {field}: {order} ({how})",
            "Ngày ở cột {field}: {order} ({how})",
            field=_field(one.field),
            order=one.order,
            how=how,
        )
    yield _plain("")
    yield bilingual(
        "Lines: {lines} = {rows} rows of the list + {skipped} passed over",
        "Số dòng: {lines} = {rows} dòng của danh sách + {skipped} dòng bỏ qua",
        lines=seen.lines,
        rows=seen.rows,
        skipped=sum(seen.skipped.values()),
    )
    for kind, count in seen.skipped.items():
        yield bilingual("  {count} {kind}", "  {count} {kind}", count=count, kind=_SKIPPED.get(kind, _plain(kind)))
    for row in seen.skipped_rows:
        if row.kind == RowKind.further_heading:
            yield bilingual(
                "  Line {place}: further headings; the rows below are read by them",
                "  Dòng {place}: có tiêu đề khác; các dòng bên dưới được đọc theo tiêu đề này",
                place=_position(row.sheet, row.line),
            )
    yield bilingual(
        "Rows: {rows} = {readable} can be read + {others} would wait in quarantine",
        "Danh sách: {rows} dòng = {readable} dòng đọc được + {others} dòng sẽ vào vùng chờ xử lý",
        rows=seen.rows,
        readable=seen.readable,
        others=seen.rows - seen.readable,
    )
    if seen.changes is not None:
        yield bilingual(
            "An import would add {new} dossiers and change {changed}; {known} rows are known already.",
            "Nếu nhập: thêm {new} hồ sơ, thay đổi {changed} hồ sơ; {known} dòng đã có từ trước.",
            new=seen.changes.new_dossiers,
            changed=seen.changes.changed_dossiers,
            known=seen.changes.known_rows,
        )
    yield _plain("")
    yield Bilingual("Columns:", "Các cột:")
    for heading, field in seen.columns.items():
        used = _field(field) if field is not None else Bilingual("not used", "không dùng")
        yield bilingual("  {heading} -> {used}", "  {heading} -> {used}", heading=heading or "-", used=used)
    if seen.missing_fields:
        yield bilingual(
            "  No column gives: {names}. If one does under another heading, name it in 'columns' of the source.",
            "  Không có cột nào cho: {names}. Nếu có cột nhưng tên khác thì khai tên cột đó trong 'columns' của nguồn.",
            names=joined((_field(one) for one in seen.missing_fields), ", "),
        )
    for duplicate in seen.duplicates:
        yield bilingual(
            "  Two columns for one field ({field}): {headings}; the first goes before, unless it is empty.",
            "  Hai cột cho một nội dung ({field}): {headings}; lấy cột đầu, nếu trống thì lấy cột sau.",
            field=_field(duplicate.field),
            headings=", ".join(duplicate.headings),
        )
    yield from _codes(seen)
    yield from _unreadable(seen)


def _codes(seen: Rehearsal) -> Iterator[Bilingual]:
    if seen.corrected:
        yield Bilingual("Codes that a spreadsheet had shortened:", "Mã bị bảng tính rút gọn, đã sửa:")
    for one in seen.corrected[:MAX_LINES]:
        yield bilingual(
            "  {kind} {written} -> {taken}: {count} rows",
            "  {kind} {written} -> {taken}: {count} dòng",
            kind=_CODES[one.kind],
            written=one.written,
            taken=one.taken,
            count=one.count,
        )
    if seen.unmapped:
        yield Bilingual(
            "Not in the catalogue; these dossiers count under no agency, or have no due date by law, until the"
            " code stands in the"
            " catalogue or, for a name, in 'agencies' of the source:",
            "Chưa có trong danh mục; các hồ sơ này chưa tính cho đơn vị nào, hoặc chưa có hạn theo luật, cho đến"
            " khi mã có trong"
            " danh mục (hoặc tên đơn vị được khai trong 'agencies' của nguồn):",
        )
    for unknown in seen.unmapped[:MAX_LINES]:
        meant = (
            bilingual(" (did you mean {code}?)", " (có phải {code}?)", code=unknown.nearest)
            if unknown.nearest is not None
            else _plain("")
        )
        yield bilingual(
            "  {kind} {code}: {count} rows{meant}",
            "  {kind} {code}: {count} dòng{meant}",
            kind=_CODES[unknown.kind],
            code=unknown.code,
            count=unknown.count,
            meant=meant,
        )


def _unreadable(seen: Rehearsal) -> Iterator[Bilingual]:
    if seen.reasons:
        yield Bilingual("Rows that cannot be read:", "Các dòng không đọc được:")
    for reason, count in seen.reasons.items():
        words = wording(reason)
        yield bilingual(
            "  {count} x {what} {todo}",
            "  {count} x {what} {todo}",
            count=count,
            what=Bilingual(words.en, words.vi),
            todo=Bilingual(words.todo_en, words.todo_vi),
        )
    for unknown in seen.unknown_words[:MAX_LINES]:
        where = Bilingual("correct it in the file", "sửa trong tệp")
        if unknown.setting is not None:
            where = bilingual(
                "say what it means in '{setting}' of the source, or correct it in the file",
                "khai nghĩa trong '{setting}' của nguồn, hoặc sửa trong tệp",
                setting=unknown.setting,
            )
        yield bilingual(
            '  Nobody knows the word "{word}" ({field}), {count} rows: {where}.',
            '  Chưa rõ từ "{word}" ({field}), {count} dòng: {where}.',
            word=unknown.word,
            field=_field(unknown.field),
            count=unknown.count,
            where=where,
        )
    for problem in seen.problems[:MAX_LINES]:
        words = wording(problem.reason)
        yield bilingual(
            "  Line {place}{code}: {what}",
            "  Dòng {place}{code}{field}: {what}",
            place=_position(problem.sheet, problem.line),
            code=f" ({problem.code})" if problem.code is not None else "",
            field=_cell(problem.detail),
            what=Bilingual(problem.detail.removesuffix(f" {words.vi}"), words.vi),
        )


def _position(sheet: str | None, line: int) -> str:
    return str(line) if sheet is None else f"'{sheet}' {line}"


def _field(name: str) -> Bilingual:
    return _FIELDS.get(name, _plain(name))


def _cell(detail: str) -> Bilingual:
    """The field that a detail begins with, as where a date is none."""
    name, _, _ = detail.partition(" ")
    return bilingual(", {field}", ", ô {field}", field=_FIELDS[name]) if name in _FIELDS else _plain("")


def _plain(text: str) -> Bilingual:
    return Bilingual(text, text)
