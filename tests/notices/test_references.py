"""References are looked for only at words that one may begin with, and none is missed by that."""

from __future__ import annotations

import re
from pathlib import Path

from services.notices.quantities import lexer, references

_ANYWHERE = re.compile(
    rf"\b(?=\w)(?:{references._ADDRESSES}|{references._NUMBERED}|(?=\D{{1,40}}+\d)(?:{references._WORDED})|{references._PERIODS})",
    re.VERBOSE,
)
"""The same patterns, tried at every word."""
_PHRASE = re.compile(r"[A-Za-zÀ-ỹđĐ]+(?:\[ ][A-Za-zÀ-ỹđĐ]+)*")
_TEXTS = Path(__file__).parents[1] / "audit" / "sentences.txt"


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [found.span() for found in pattern.finditer(text)]


def test_every_phrase_of_the_patterns_is_found_where_it_begins_a_reference() -> None:
    phrases = {one.replace("[ ]", " ") for one in _PHRASE.findall(references._WORDED + references._PERIODS)}
    numbered = [
        f"{one}{link}{number}" for one in phrases for link in (" ", " số ", "-") for number in ("5", "2/2023", "34/KH-UBND")
    ]
    for text in [
        one
        for each in (*phrases, *numbered)
        for one in (each, each.capitalize(), each.upper(), f"{each} 2023", f"{each} không")
    ]:
        assert _spans(references.REFERENCE, text) == _spans(_ANYWHERE, text), text


def test_texts_have_the_same_references_as_with_the_patterns_tried_at_every_word() -> None:
    text = _TEXTS.read_text(encoding="utf-8")
    found = _spans(references.REFERENCE, text)
    assert len(found) > 100
    assert found == _spans(_ANYWHERE, text)


def test_no_long_word_is_kept_when_its_text_is_gone() -> None:
    lexer.tokens("a")  # what is at the end of any text is kept
    before = lexer._read.cache_info().currsize
    words = [letter * (lexer.MAX_RETAINED + 1) for letter in "abcdeghiklmnopqrstuvxy"]
    assert [token.text for token in lexer.tokens(" ".join(words))] == words
    assert lexer._read.cache_info().currsize == before
