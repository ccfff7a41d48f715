"""What stands in records for an agency or a procedure that is named by what may be a person's. Pure."""

from __future__ import annotations

import hmac
import unicodedata

WITHHELD = "(withheld)"
"""Stands for what may be a person's name, number or address, of which nothing may be stored."""
PREFIX = "withheld-"
"""Begin of a code that stands for such a one."""
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
"""Digits might be a person's number in turn."""


class Withholding:
    """Makes codes of what is withheld of one source: the same of the same text, others of others, none of which can be read.

    They are keyed digests: without the key nobody can try whose name one stands for, and those of two sources cannot be
    compared. Spaces and the case of letters make no difference.
    """

    def __init__(self, key: bytes | None = None, source: str = "") -> None:
        """`key` is the database's own; None: all that is withheld is `WITHHELD`."""
        self._key, self._source = key, source

    def code(self, text: str) -> str:
        """The code that stands for `text`."""
        if self._key is None:
            return WITHHELD
        plain = " ".join(unicodedata.normalize("NFC", text).casefold().split())
        named = f"{self._source}\0{plain}".encode(errors="surrogatepass")
        return PREFIX + hmac.digest(self._key, named, "sha256").hex()[:12].translate(_LETTERS)
