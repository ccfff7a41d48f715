"""Files that are ZIP archives, such as DOCX and XLSX: opened only after their table of contents was seen to be harmless."""

from __future__ import annotations

import io
import zipfile

from shared.errors import TooLarge, Unreadable
from shared.languages import Bilingual, bilingual

MAX_ENTRIES = 2_000
"""Files in an archive; a workbook with a hundred sheets and pictures has some hundreds."""
MAX_RATIO = 300
"""Bytes unpacked for one packed; lists reach 60."""
MAX_UNPACKED = 160 * 2**20
"""Bytes that an archive may unpack to."""


def check_contents(body: bytes, max_unpacked: int = MAX_UNPACKED) -> None:
    """Raise `TooLarge` for an archive that would unpack to too much, and `Unreadable` for one that is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, RuntimeError) as error:
        raise Unreadable(
            Bilingual(
                "The file is damaged: it is no whole archive. Save it anew and send that.",
                "Tệp bị hỏng hoặc không đầy đủ. Lưu lại rồi gửi.",
            )
        ) from error
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise TooLarge(
            bilingual(
                "The file holds {n} files; at most {limit} are accepted. Save it anew without what is not needed.",
                "Tệp chứa {n} tệp con; tối đa {limit}. Lưu lại, bỏ phần không cần.",
                n=len(entries),
                limit=MAX_ENTRIES,
            )
        )
    if unpacked > max_unpacked or unpacked > MAX_RATIO * len(body):
        raise TooLarge(
            bilingual(
                "The file unpacks to {n} bytes; at most {limit} are accepted. Save it anew without what is not needed.",
                "Tệp giải nén ra {n} byte; tối đa {limit}. Lưu lại, bỏ phần không cần.",
                n=unpacked,
                limit=min(max_unpacked, MAX_RATIO * len(body)),
            )
        )
