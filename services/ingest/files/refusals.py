"""Files that are no lists: what is said to whoever sent one."""

from __future__ import annotations

from collections.abc import Sequence

from services.ingest.files.grids import HEADING_ROWS
from services.ingest.files.headings import KNOWN_HEADINGS, Vocabulary
from services.ingest.files.messages import SheetRead
from shared.errors import Unreadable
from shared.languages import Bilingual, bilingual

PACKED = Bilingual("a packed archive", "tệp nén")
FOREIGN = {
    b"%PDF": Bilingual("a PDF document", "tài liệu PDF"),
    b"{\\rtf": Bilingual("a document of a word processor", "tài liệu soạn thảo văn bản"),
    b"MIME-Version:": Bilingual("a web archive", "tệp lưu trữ trang web (MHTML)"),
    b"Rar!": PACKED,
    b"7z\xbc\xaf": PACKED,
    b"\x1f\x8b": PACKED,
    b'[{"': Bilingual("a JSON array, and not one record a line", "mảng JSON, không phải mỗi dòng một bản ghi"),
}
"""Kinds of files by their first bytes."""
ARCHIVES = {
    "xl/workbook.bin": Bilingual("an Excel Binary Workbook (XLSB)", "bảng tính Excel dạng nhị phân (XLSB)"),
    "content.xml": Bilingual("a document of LibreOffice (ODS or ODT)", "tệp LibreOffice (ODS hoặc ODT)"),
    "word/document.xml": Bilingual("a document of a word processor", "tài liệu soạn thảo văn bản"),
    "ppt/presentation.xml": Bilingual("a presentation", "tệp trình chiếu"),
    "index/document.iwa": Bilingual("a document of Apple Numbers", "tệp Apple Numbers"),
}
"""Kinds of archives by a file that is in them, in small letters."""


_NAME_COLUMNS = Bilingual("Name yours in 'columns' of the source.", "Khai báo tên cột trong 'columns' của nguồn.")
_RENAME = Bilingual("Write the headings so in the file.", "Ghi tiêu đề như vậy trong tệp.")


def foreign_file(what: Bilingual) -> Unreadable:
    """A file of another kind."""
    return Unreadable(
        bilingual(
            "This is {what}. Open it and save the list as XLSX or CSV (UTF-8).",
            "Đây là {what}. Mở tệp và lưu danh sách thành XLSX hoặc CSV (UTF-8).",
            what=what,
        )
    )


def no_headings(words: Vocabulary, sheets: Sequence[SheetRead] = ()) -> Unreadable:
    """A file without headings, or with some on hidden `sheets` alone."""
    hidden = [sheet.name for sheet in sheets if sheet.why_not == "hidden"]
    where = Bilingual("", "")
    if hidden:
        where = bilingual(
            " Hidden sheets are not read: {names}.",
            " Không đọc các trang tính bị ẩn: {names}.",
            names=", ".join(f"'{name}'" for name in hidden[:5]),
        )
    return Unreadable(
        bilingual(
            "No headings were found in the first {n} rows: a column for the code ('{heading}') and one more are needed. {todo}"
            "{where}",
            "Không tìm thấy tiêu đề cột trong {n} dòng đầu: cần cột mã ('{heading}') và ít nhất một cột khác. {todo}{where}",
            n=HEADING_ROWS,
            heading=words.example,
            todo=_NAME_COLUMNS if words.example == KNOWN_HEADINGS["code"][0] else _RENAME,
            where=where,
        )
    )
