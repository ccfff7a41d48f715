"""A file: what it is shows in its first bytes, and its name or media type decides between texts. Pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from services.notices.audit.documents.bounds import MAX_BYTES
from services.notices.audit.documents.encodings import decoded
from services.notices.audit.documents.model import Document
from services.notices.audit.documents.old_fonts import without_old_letters
from services.notices.audit.documents.plain_text import read_text
from services.notices.audit.misread import misread_spans
from shared.errors import TooLarge, Unreadable
from shared.languages import Bilingual, bilingual

SUFFIXES = frozenset((
    ".txt", ".md", ".csv", ".docx", ".docm", ".dotx", ".pdf", ".xlsx", ".xlsm", ".html", ".htm",
    ".doc", ".xls", ".rtf", ".odt", ".ods", ".xlsb", ".mht",
))  # fmt: skip
"""Endings of documents: those that can be read, and those that are refused with what to do."""

if TYPE_CHECKING:
    from services.notices.audit.documents.pdf import PagesRead


def read_file(name: str, content: bytes) -> Document:
    """The document of a file; raises as `reading`."""
    steps = reading(name, content)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            document: Document = end.value
            return document


def reading(name: str, content: bytes) -> Generator[PagesRead, None, Document]:
    """Reads a file, whose name or media type is `name`, and gives its document at the end.

    Raises `Unreadable` and `TooLarge`.
    """
    document = yield from _read(name, content)
    if not document.text.strip() and not document.unread:
        raise Unreadable(
            Bilingual(
                "The document is empty: it holds no text. Send the one with the notice.",
                "Tài liệu trống, không có chữ nào. Gửi tài liệu có nội dung thông báo.",
            )
        )
    if unread := tuple(_damaged(document.text)):
        document = replace(document, unread=(*document.unread, *unread))
    return without_old_letters(document)


def _damaged(text: str) -> Iterator[str]:
    """What of a text are no letters or no figures, though it takes their place."""
    if damaged := text.count("\ufffd"):
        yield f"{damaged} ký tự bị hỏng: không đọc được"
    misread = [text[begin:end] for begin, end in misread_spans(text)]
    if misread:
        named = ", ".join(f"“{one[:_QUOTED]}”" for one in misread[:_NAMED]) + (", …" if len(misread) > _NAMED else "")
        yield f"{len(misread)} số lẫn chữ (nhận dạng sai), không được đọc: {named}"


def _read(name: str, content: bytes) -> Generator[PagesRead, None, Document]:
    if len(content) > MAX_BYTES:
        raise TooLarge(
            bilingual(
                "The file is larger than {n} bytes. Send it in parts.", "Tệp lớn hơn {n} byte. Chia nhỏ rồi gửi.", n=MAX_BYTES
            )
        )
    # Only who reads a format waits for its libraries: each file is read in a process of its own.
    if b"%PDF-" in content[:1024]:
        from services.notices.audit.documents.pdf import reading_pdf

        return (yield from reading_pdf(content))
    if content.startswith(b"PK\x03\x04"):
        return _archive(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            Bilingual(
                "The file is locked by a password, or of Word or Excel before 2007. Save it as DOCX or XLSX without one.",
                "Tệp có mật khẩu, hoặc của Word, Excel trước năm 2007. Lưu lại thành DOCX hoặc XLSX, không đặt mật khẩu.",
            )
        )
    if _is_page(name, content):
        _refuse_other_texts(content)
        from services.notices.audit.documents.html import read_html

        return read_html(content)
    if name.lower().endswith((".docx", ".xlsx", ".xlsm", ".pdf")):
        raise Unreadable(
            Bilingual(
                "The file is not what the end of its name says: it is damaged. Open it and save it again.",
                "Tệp không đúng loại như đuôi tên tệp: tệp bị hỏng. Hãy mở rồi lưu lại.",
            )
        )
    _refuse_other_texts(content)
    text = decoded(content)
    if name.lower().endswith((".csv", "text/csv")):
        from services.notices.audit.documents.separated import read_separated

        return read_separated(text)
    return read_text(text)


_NAMED = 10
"""Damaged numbers that are named one by one."""
_QUOTED = 30
"""Characters of each of them."""
_OTHER_OFFICE = frozenset(("mimetype", "ppt/presentation.xml", "xl/workbook.bin"))
_OTHER_TEXT = re.compile(
    rb"\s*(?:\{\\rtf|<\?xml(?!.{0,500}<html)|(?:MIME-Version|From|Content-Type|Subject):.{0,2000}\bmultipart/)",
    re.DOTALL | re.IGNORECASE,
)
"""RTF, XML of an office, a page or a letter with its pictures in one file: their signs would be read as words."""


def _refuse_other_texts(content: bytes) -> None:
    if _OTHER_TEXT.match(content[:4_096].removeprefix(codecs.BOM_UTF8)):
        raise Unreadable(
            Bilingual(
                "The file is RTF, XML, or a page in one file (MHTML). Open it and save it as DOCX, PDF or HTML.",
                "Tệp là RTF, XML hoặc trang web lưu thành một tệp (MHTML). Hãy mở rồi lưu thành DOCX, PDF hoặc HTML.",
            )
        )


def _is_page(name: str, content: bytes) -> bool:
    if name.lower().endswith((".html", ".htm", "text/html", "application/xhtml+xml")):
        return True
    begun = content[:512].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    return begun.startswith((b"<!doctype html", b"<html"))


def _archive(content: bytes) -> Document:
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = frozenset(archive.namelist())
    except (BadZipFile, ValueError, OSError, RuntimeError):
        names = frozenset()
    if "word/document.xml" in names or "word/document2.xml" in names:
        from services.notices.audit.documents.docx import read_docx

        return read_docx(content)
    if "xl/workbook.xml" in names:
        from services.notices.audit.documents.xlsx import read_xlsx

        return read_xlsx(content)
    if names & _OTHER_OFFICE:
        raise Unreadable(
            Bilingual(
                "The file is an OpenDocument, a presentation or a binary workbook. Save it as DOCX, XLSX or PDF and send that.",
                "Tệp là OpenDocument, bài trình chiếu hoặc bảng tính nhị phân. Lưu thành DOCX, XLSX hoặc PDF rồi gửi.",
            )
        )
    raise Unreadable(
        Bilingual(
            "The file is damaged, or an archive that is neither DOCX nor XLSX. Send the document itself.",
            "Tệp bị hỏng, hoặc là tệp nén không phải DOCX hay XLSX. Gửi chính tài liệu đó.",
        )
    )
