"""Vietnamese words: compared as people mean them, and in alphabetical order.

In that order letters come first (a ă â b c d đ e ê ...), then tones (ngang huyền hỏi ngã sắc nặng).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ALPHABET = {letter: rank for rank, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", start=100)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền hỏi ngã sắc nặng; ngang is 0

_CROSSED = {ord(letter): "d" for letter in "đðɖ"}
_UNSEEN = frozenset({"Mn", "Me", "Cf"})
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0]"
)


def visible(text: str) -> str:
    """Without characters that cannot be seen, and without surrounding space."""
    return text.strip() if text.isascii() else _INVISIBLE.sub("", text).strip()


@lru_cache(maxsize=16_384)
def unaccented(name: str) -> str:
    """Without accents, case and superfluous spacing: `Đã  trả kết quả` in any Unicode form is `da tra ket qua`.

    Letters that look like Đ (Ð, Ɖ) are taken for it; characters that cannot be seen are left out.
    """
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_CROSSED))
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) not in _UNSEEN).split())


@lru_cache(maxsize=16_384)
def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Key for `sorted`: the order of a Vietnamese dictionary, equal to ICU's for names. Case decides last."""
    letters: list[int] = []
    tones: list[int] = []
    for character in unicodedata.normalize("NFC", text):
        tone = 0
        marks = []
        for part in unicodedata.normalize("NFD", character.lower()):
            if part in _TONES:
                tone = _TONES[part]
            else:
                marks.append(part)
        bare = unicodedata.normalize("NFC", "".join(marks))
        letters.append(_ALPHABET.get(bare, ord(bare[0]) if ord(bare[0]) < 100 else 1000 + ord(bare[0])) if bare else 0)
        tones.append(tone)
    return tuple(letters), tuple(tones), text.swapcase()
