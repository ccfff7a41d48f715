"""How much of a document is read. Pure."""

from __future__ import annotations

from shared.errors import TooLarge
from shared.languages import bilingual

MAX_BYTES = 16 * 2**20
"""Bytes of a file."""
MAX_CHARACTERS = 2_000_000
"""Characters of a document: some six hundred pages."""
MAX_PAGES = 1_000
MAX_CELLS = 200_000
"""Cells of a table."""


def check_cells(count: int) -> None:
    """Raise `TooLarge` for a table of more cells than are read."""
    if count > MAX_CELLS:
        raise TooLarge(
            bilingual(
                "A table has more than {n} cells. Send the sheets and tables of the notice alone.",
                "Có bảng quá {n} ô. Chỉ gửi các bảng của thông báo.",
                n=MAX_CELLS,
            )
        )


def check_pages(count: int) -> None:
    """Raise `TooLarge` for a document of more pages than are read."""
    if count > MAX_PAGES:
        raise TooLarge(
            bilingual(
                "The document has {given} pages; at most {n} are read. Send it in parts.",
                "Tài liệu có {given} trang; tối đa {n} trang. Chia nhỏ rồi gửi.",
                given=count,
                n=MAX_PAGES,
            )
        )


def check_length(characters: int) -> None:
    """Raise `TooLarge` for a text of more characters than are read."""
    if characters > MAX_CHARACTERS:
        raise TooLarge(
            bilingual(
                "The text has {given} characters; at most {n} are read. Send it in parts.",
                "Văn bản có {given} ký tự; tối đa {n}. Chia nhỏ rồi gửi.",
                given=characters,
                n=MAX_CHARACTERS,
            )
        )
