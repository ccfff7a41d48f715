"""Tokens of Vietnamese administrative prose: words, numbers, stops and references, each with its place.

Pure, and linear in the length of the text. Words are compared by their normal form: lower case, NFC, and the tone mark where
the
newer spelling has it (`hoá` is `hóa`, `kì` is `kỳ`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from enum import Enum
from functools import lru_cache
from itertools import compress, repeat
from operator import is_
from typing import NamedTuple

from services.notices.quantities.references import PERIOD, REFERENCE

MAX_DIGITS = 18
"""Digits of a number; a longer run of digits is an identifier and counts nothing."""
MAX_RETAINED = 40
"""Characters of a token, with the blanks before it, of which what was read is kept for the next time."""


class TokenKind(Enum):
    """What a token is."""

    word = "word"
    number = "number"
    stop = "stop"
    """A punctuation mark, `%` and a line break (`\\n`) included."""
    period = "period"
    """A stretch of time that figures are told for: `năm 2022`, `quý III/2023`, `6 tháng đầu năm`."""
    reference = "reference"
    """Digits that count nothing: a document's number, an article, a day, a telephone number."""


class Token(NamedTuple):
    """A token; `start` and `end` are positions in the text given."""

    kind: TokenKind
    text: str
    norm: str
    """The word in its normal form; for other kinds the text in lower case."""
    start: int
    end: int


_BLANKS = r"[^\S\n]*+"
_WORD = r"[^\W\d_]+"
_NUMBER = r"\d{1,3}(?:[\u00a0\u202f\u2009]\d{3})+(?:,\d+)?(?![\d])|\d+(?:[.,]\d+)*"
_STOP = r"\.{2,}|…|[^\w\s]|_|\n"
_CHUNK = re.compile(rf"{_BLANKS}(?:{_WORD}|{_NUMBER}|{_STOP}|\Z)")
"""A token with the blanks before it, or the blanks at the end: no gap is between them, so that lengths add up to places."""
_PARTS = re.compile(rf"({_BLANKS})(?:({_WORD})|({_NUMBER})|({_STOP})|\Z)")


def tokens(text: str) -> list[Token]:
    """The tokens of a text in NFC."""
    found: list[Token] = []
    position = 0
    for reference in REFERENCE.finditer(text):
        _scan(text, position, reference.start(), found)
        kind = TokenKind.period if PERIOD.fullmatch(reference.group()) else TokenKind.reference
        found.append(Token(kind, reference.group(), reference.group().lower(), reference.start(), reference.end()))
        position = reference.end()
    _scan(text, position, len(text), found)
    return found


def _scan(text: str, start: int, end: int, found: list[Token]) -> None:
    new, until = tuple.__new__, start
    found += [
        new(Token, (kind, plain, norm, until + blanks, until := until + length))
        for kind, plain, norm, blanks, length in map(_read_token, _CHUNK.findall(text, start, end))
        if kind is not None
    ]


def _read_token(chunk: str) -> tuple[TokenKind | None, str, str, int, int]:
    """As `_read`; what is long is not kept: a text may be one word."""
    return _read(chunk) if len(chunk) <= MAX_RETAINED else _read.__wrapped__(chunk)


@lru_cache(maxsize=20_000)
def _read(chunk: str) -> tuple[TokenKind | None, str, str, int, int]:
    """What a chunk of text is: kind, text and normal form of its token, the blanks before that, and the length of both.

    The same few syllables make up a text, so each is looked at once. The kind is None for blanks at the end.
    """
    parts = _PARTS.fullmatch(chunk)
    assert parts is not None
    blanks, word, number, stop = parts.groups()
    kind, plain, norm = None, "", ""
    if word:
        kind, plain, norm = TokenKind.word, word, normal_word(word)
    elif stop:
        kind, plain, norm = TokenKind.stop, stop, stop if len(stop) == 1 else "…"
    elif number:
        long = len(number) > MAX_DIGITS and sum(char.isdigit() for char in number) > MAX_DIGITS
        kind, plain, norm = TokenKind.reference if long else TokenKind.number, number, number
    return kind, plain, norm, len(blanks), len(chunk)


def positions_among(words: Collection[str], norms: Sequence[str]) -> list[int]:
    """Where, in a row of normal forms, one of some words stands."""
    return list(compress(range(len(norms)), map(words.__contains__, norms)))


def positions_of(kind: TokenKind, kinds: Sequence[TokenKind]) -> list[int]:
    """Where, in a row of tokens' kinds, one of a kind stands."""
    return list(compress(range(len(kinds)), map(is_, kinds, repeat(kind))))


_MOVED = {
    unicodedata.normalize("NFC", vowels + mark): unicodedata.normalize("NFC", vowels[0] + mark + vowels[1])
    for vowels in ("oa", "oe", "uy")
    for mark in "\u0300\u0301\u0303\u0309\u0323"
}
"""`oá` as `óa`: where the mark stands in the older spelling, and in the newer."""
_I_AFTER = re.compile(r"^(k|l|m|t|h|qu|s)([iìíĩỉị])$")
_Y_OF_I = str.maketrans("iìíĩỉị", "yỳýỹỷỵ")


def normal_word(word: str) -> str:
    """A syllable in its normal form: lower case, NFC, tone marks and final y as in the newer spelling."""
    lower = unicodedata.normalize("NFC", word).lower()
    if lower[-2:] in _MOVED and not lower.startswith("qu"):
        lower = lower[:-2] + _MOVED[lower[-2:]]
    if match := _I_AFTER.match(lower):
        lower = match.group(1) + match.group(2).translate(_Y_OF_I)
    return lower
