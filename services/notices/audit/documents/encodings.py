"""The characters of a text, of which nobody says in which encoding it is, or says it wrongly. Pure."""

from __future__ import annotations

import codecs

from services.notices.audit.documents.bounds import check_length
from shared.errors import Unreadable
from shared.languages import Bilingual

_SAMPLE = 4_096
_FEW = 10
"""A text in UTF-8 may have one damaged character among so many letters that are not English."""


def decoded(content: bytes, declared: str | None = None) -> str:
    """A text in UTF-8 or UTF-16; else in what is `declared`, or in the Vietnamese code page 1258.

    Raises `Unreadable` and `TooLarge`.
    """
    text = _text(content, declared)
    if "\0" in text or text.count("\ufffd") * 10 > len(text):
        raise Unreadable(
            Bilingual(
                "This is no text, and no format that is read here. Send text, DOCX, PDF, XLSX or HTML.",
                "Đây không phải văn bản, cũng không phải định dạng đọc được. Gửi văn bản thuần, DOCX, PDF, XLSX hoặc HTML.",
            )
        )
    check_length(len(text))
    return text


def _text(content: bytes, declared: str | None) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    if wide := _wide(content):
        return content.decode(wide, "replace")
    text = content.decode("utf-8-sig", "replace")
    damaged = text.count("\ufffd")
    if damaged and damaged * _FEW > sum(sign > "\x7f" for sign in text):
        return content.decode(_usable(declared), "replace")
    return text


def _wide(content: bytes) -> str | None:
    """Which UTF-16 a text without its mark is in: every second byte of most letters is naught."""
    sample = content[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 10 < len(sample) * 2 or min(even, odd) * 20 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _usable(declared: str | None) -> str:
    """The encoding that is declared, if there is one that is known and not refuted yet."""
    try:
        name = codecs.lookup(declared or "").name
    except (LookupError, ValueError):
        return "cp1258"
    return "cp1258" if name.startswith(("utf", "ascii")) else name
