"""Text typed without accents: its words as the vocabulary writes them, found by whole phrases. Pure."""

from __future__ import annotations

import unicodedata
from functools import cache

from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.lexer import Token, TokenKind

FEWEST = 5
"""Words from which a paragraph without a single accent was typed without them."""
_MAX_WORDS = 6


def accented(read: list[Token]) -> list[Token]:
    """The tokens of a paragraph; of one without accents each with the normal form of the phrase that it is a part of."""
    word = TokenKind.word
    if any(kind is word and not text.isascii() for kind, text, _, _, _ in read):
        return read
    if sum(kind is word for kind, _, _, _, _ in read) < FEWEST:
        return read
    known = _phrases()
    out = list(read)
    position = 0
    while position < len(read):
        for many in range(min(_MAX_WORDS, len(read) - position), 0, -1):
            phrase = known.get(tuple(token.norm for token in read[position : position + many]))
            if phrase is not None:
                for number, norm in enumerate(phrase, position):
                    out[number] = read[number]._replace(norm=norm)
                position += many
                break
        else:
            position += 1
    return out


@cache
def _phrases() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Every phrase of the vocabulary by its words without accents; of several the first."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    known = vocabulary()
    for phrases in (known.units, known.phrases, known.agencies):
        for phrase in phrases.all():
            found.setdefault(tuple(map(_bare, phrase)), phrase)
    return found


def _bare(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(char for char in plain if not unicodedata.combining(char))
