"""Text of files in the encodings of Vietnamese offices: UTF-8, UTF-16, windows-1258, and TCVN3 (ABC) of the fonts `.VnTime`.

Pure. A file pasted together from two systems has lines of several encodings, so what is no UTF-8 is judged line by line, and of
the two old code pages the one is taken whose words are Vietnamese syllables.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "windows-1258", "tcvn3"]

END_MARK = "\x1a"
"""Ctrl-Z, with which DOS ended a text, also in the middle of one that was put together from several."""
_TCVN3 = (
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ"
    "\xa0ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴ"
    "ẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịò"
    "ỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
"""Letters of the bytes 0x80 to 0xff in TCVN 5712."""
_OF_BYTE = {0x80 + place: letter for place, letter in enumerate(_TCVN3)}
_OF_WESTERN = {ord(bytes([byte]).decode("cp1252", "replace")): letter for byte, letter in _OF_BYTE.items()}
_OF_WESTERN |= {byte: letter for byte, letter in _OF_BYTE.items() if byte < 0xA0}
_OF_WESTERN.pop(0xFFFD, None)
_WORD = re.compile(r"[^\W\d_]+")
_SYLLABLE = re.compile(
    r"(?:ngh|ng|gh|gi|nh|ch|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?", re.IGNORECASE
).fullmatch
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_MARKS = _TONES | frozenset("\u0302\u0306\u031b")
"""With those of â, ă and ơ: all marks that letters of Vietnamese have (đ is a letter of its own)."""


class TextDecoder:
    """Decodes whole lines of one file. Line ends are `\\n` in all of them."""

    def __init__(self, *, western: bool = False) -> None:
        """`western`: the text is TCVN3 that was taken for windows-1252 on its way, as in a workbook with the font `.VnTime`."""
        self._western = western
        self.seen: dict[Encoding, None] = {"tcvn3": None} if western else {}
        """Encodings of lines that are more than ASCII, in the order of their first one."""
        self._evidence: Counter[Encoding] = Counter()
        """Syllables that the lines so far make in each of the old code pages."""

    def decode(self, block: bytes) -> str:
        """The text of a block of lines, composed, and without what no text holds."""
        if block.isascii():
            text = block.decode()
        else:
            try:
                text = block.decode()
                self.seen.setdefault("tcvn3" if self._western else "utf-8")
            except UnicodeDecodeError:
                text = "\n".join(self._lines(block.split(b"\n")))
            text = composed(tcvn3_of_western(text) if self._western else text)
        if END_MARK in text:
            text = text.replace(END_MARK, "")
        return text.replace("\0", "\ufffd") if "\0" in text else text

    def _lines(self, lines: list[bytes]) -> Iterator[str]:
        """The lines decoded; what a line leaves open is decided by all lines so far, those of its block included."""
        judged = [_judged(line) for line in lines]
        for one in judged:
            if not isinstance(one, str):
                self._evidence.update({encoding: score for encoding, (score, _) in one.items()})
        for line, one in zip(lines, judged, strict=True):
            if isinstance(one, str):
                if not line.isascii():
                    self.seen.setdefault("utf-8")
                yield one
            else:
                encoding = self._likelier(one)
                self.seen.setdefault(encoding)
                yield one[encoding][1]

    def _likelier(self, texts: _Texts) -> Encoding:
        most = max(map(self._evidence.__getitem__, _OLD))

        def weight(encoding: Encoding) -> int:
            return texts[encoding][0] + _DOUBT * (self._evidence[encoding] == most)

        return max(_OLD, key=weight)


def composed(text: str) -> str:
    """The text in the Unicode form NFC."""
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def tcvn3_of_western(text: str) -> str:
    """The Vietnamese text that TCVN3 shows as `M· hå s¬` where it is taken for windows-1252."""
    return text.translate(_OF_WESTERN)


def utf16_of(head: bytes) -> str | None:
    """The codec of a text whose beginning has a mark of UTF-16, or every other byte of which is zero; None: it is another."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    some = head[: len(head) // 2 * 2]
    if len(some) < 8:
        return None
    even, odd = some[::2].count(0), some[1::2].count(0)
    half = len(some) // 2
    if odd > half // 2 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > half // 2 and not odd else None


_OLD: tuple[Encoding, ...] = ("windows-1258", "tcvn3")
_DOUBT = 2
"""So many syllables more must speak for another code page than that of the other lines."""
_Texts = dict[Encoding, tuple[int, str]]
"""Score and text of a line in each of the old code pages."""


def _judged(line: bytes) -> str | _Texts:
    """The text of a line that is UTF-8, else what it is in each of the old code pages."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        # The tones of windows-1258 are marks of their own.
        western, tcvn3 = composed(line.decode("cp1258", "replace")), composed(line.decode("latin-1").translate(_OF_BYTE))
        return {"windows-1258": (_syllables(western), western), "tcvn3": (_syllables(tcvn3), tcvn3)}


def _syllables(text: str) -> int:
    """Words with accents that are Vietnamese syllables, less those that are none, and less characters of no language."""
    score = 0
    for word in _WORD.findall(text):
        if not word.isascii():
            letters = unicodedata.normalize("NFD", word)
            marks = [letter for letter in letters if unicodedata.combining(letter)]
            bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
            spelt = len(bare) <= 7 and _SYLLABLE(bare) and _MARKS.issuperset(marks)
            score += 1 if spelt and sum(letter in _TONES for letter in marks) <= 1 else -1
    return score - sum(not (letter.isascii() or letter.isalpha() or unicodedata.combining(letter)) for letter in text)
