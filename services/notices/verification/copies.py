"""What runs in the child process for a file that has none of our bytes: which issued notice it says it is of.

An office suite writes every part of a document anew when it saves it, and a printer of PDFs every byte: what stays is what
people read, the address of verification in a PDF and the line of an annex that names its notice in DOCX and XLSX.
"""

from __future__ import annotations

import html
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date

import msgspec
import pypdfium2

from services.notices.verification.model import codes_in

_CITED = re.compile(
    r"\(Kèm theo Thông báo số (\S{1,60})\s+ngày (\d{1,2}) tháng (\d{1,2}) năm (\d{4})\s+của ([^()\n]{1,300})\)", re.IGNORECASE
)
_ENDS = re.compile(r"</(?:w:p|si|is|row)>")
_TAG = re.compile(r"<[^<>]*>")
_MAX_PARTS, _MAX_UNPACKED = 60, 48 * 1024 * 1024
"""Parts of a DOCX or XLSX that are read, and bytes of all of them."""
_MAX_PAGES, _MAX_CHARACTERS = 5, 200_000
"""Last pages of a PDF that are read, and characters of each."""
MAX_NAMED = 5


class Citation(msgspec.Struct, frozen=True):
    """A notice as its annexes name it."""

    reference: str
    issued_on: date
    body: str


class NamedNotices(msgspec.Struct, frozen=True):
    """The notices that a file says it is of, the first ones first."""

    codes: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()


def may_be_a_copy(content: bytes) -> bool:
    """Whether it is a PDF, or packed as DOCX and XLSX are."""
    return content.startswith(b"PK\x03\x04") or b"%PDF-" in content[:1024]


def read(order: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The file comes in chunks; `order` is empty. Yields `NamedNotices` in JSON."""
    del order
    yield msgspec.json.encode(named_in(b"".join(chunks)))


def named_in(content: bytes) -> NamedNotices:
    """The notices that a DOCX, an XLSX or a PDF names; none of a file that cannot be read."""
    try:
        if content.startswith(b"PK"):
            return NamedNotices(citations=tuple(dict.fromkeys(_cited(_texts(content))))[:MAX_NAMED])
        return NamedNotices(codes=tuple(codes_in(_last_pages(content).encode(errors="replace"))))
    except (
        zipfile.BadZipFile,
        zlib.error,
        pypdfium2.PdfiumError,
        ValueError,
        OSError,
        EOFError,
        RuntimeError,
    ):
        return NamedNotices()


def _texts(content: bytes) -> Iterator[str]:
    """What is written in the parts of a DOCX or XLSX, however their words are cut into runs."""
    left = _MAX_UNPACKED
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = [one for one in packed.infolist() if one.filename.endswith(".xml")]
        for part in names[:_MAX_PARTS]:
            with packed.open(part) as opened:
                unpacked = opened.read(left)
            left -= len(unpacked)
            words = _TAG.sub("", _ENDS.sub("\n", unpacked.decode(errors="replace")))
            yield unicodedata.normalize("NFC", html.unescape(words))
            if left <= 0:
                return


def _cited(texts: Iterator[str]) -> Iterator[Citation]:
    for text in texts:
        for reference, day, month, year, body in _CITED.findall(text):
            try:
                yield Citation(reference, date(int(year), int(month), int(day)), " ".join(body.split()))
            except ValueError:
                continue  # a day that there is not


def _last_pages(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as opened:
        pages = range(len(opened))[-_MAX_PAGES:]
        return "\n".join(opened[number].get_textpage().get_text_bounded()[:_MAX_CHARACTERS] for number in pages)
