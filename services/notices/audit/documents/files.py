"""A file: what it is shows in its first bytes, and its name or media type decides between texts. Pure."""

from __future__ import annotations

import codecs
from collections.abc import Generator
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from services.notices.audit.documents.bounds import MAX_BYTES, check_length
from services.notices.audit.documents.model import Document
from services.notices.audit.documents.plain_text import read_text
from shared.errors import TooLarge, Unreadable
from shared.languages import Bilingual, bilingual

SUFFIXES = frozenset((".txt", ".md", ".docx", ".pdf", ".xlsx", ".xlsm", ".html", ".htm"))
"""Endings of the files that can be read."""

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
        from services.notices.audit.documents.html import read_html

        return read_html(content)
    if name.lower().endswith((".docx", ".xlsx", ".xlsm", ".pdf")):
        raise Unreadable(
            Bilingual(
                "The file is not what the end of its name says: it is damaged. Open it and save it again.",
                "Tệp không đúng loại như đuôi tên tệp: tệp bị hỏng. Hãy mở rồi lưu lại.",
            )
        )
    return read_text(_decoded(content))


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
    raise Unreadable(
        Bilingual(
            "The file is damaged, or an archive that is neither DOCX nor XLSX. Send the document itself.",
            "Tệp bị hỏng, hoặc là tệp nén không phải DOCX hay XLSX. Gửi chính tài liệu đó.",
        )
    )


def _decoded(content: bytes) -> str:
    """The text in UTF-8, UTF-16 with its mark, or the Vietnamese code page 1258; raises `Unreadable` and `TooLarge`."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1258", "replace")
    if "\0" in text or text.count("\ufffd") * 10 > len(text):
        raise Unreadable(
            Bilingual(
                "This is no text, and no format that is read here. Send text, DOCX, PDF, XLSX or HTML.",
                "Đây không phải văn bản, cũng không phải định dạng đọc được. Gửi văn bản thuần, DOCX, PDF, XLSX hoặc HTML.",
            )
        )
    check_length(len(text))
    return text
