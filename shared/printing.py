"""What a document can print: the letters and signs that every name, and every other text that reaches a document, is made of.

Pure. Bidi marks, zero-width and control characters, emoji, full-width forms and private signs have no place in an official
document: they change how a line reads, or print as an empty box.
"""

from __future__ import annotations

import re
import unicodedata

from shared.languages import Bilingual, bilingual

PRINTABLE = re.compile(
    r"[\u0020-\u007e\u00a0-\u00ac\u00ae-\u024f\u1ea0-\u1ef9\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u20ab]*"
)
"""Latin with Vietnamese, and punctuation: what the fonts of a document hold. No control or format character is among them."""
_BLANKS = re.compile(r"[\t\r\n ]+")


class Unprintable(ValueError):
    """A text that no document can print; `message` states why and what to do."""

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message)
        self.message = message


def printed(text: str) -> str:
    """The text as a document prints it: NFC, runs of blanks and line ends as one blank, none around it.

    Raises `Unprintable` for an empty text, and for a character that cannot be printed.
    """
    folded = _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if not folded:
        raise Unprintable(Bilingual("The text is empty.", "Văn bản trống."))
    if not PRINTABLE.fullmatch(folded):
        odd = next(char for char in folded if not PRINTABLE.fullmatch(char))
        raise Unprintable(
            bilingual(
                "The character U+{code:04X} cannot be printed in an official document; remove it.",
                "Ký tự U+{code:04X} không in được trong văn bản hành chính; xóa ký tự đó.",
                code=ord(odd),
            )
        )
    return folded


def without_unprintable(text: str) -> str:
    """What of a text can be printed: for names that a machine gives and nobody can correct; empty where nothing can."""
    folded = _BLANKS.sub(" ", unicodedata.normalize("NFC", text))
    return _BLANKS.sub(" ", "".join(char for char in folded if PRINTABLE.fullmatch(char))).strip()
