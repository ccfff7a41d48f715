"""Letters of a page of a PDF, by the direction in which they are written, and the words that they make."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from services.notices.audit.documents.characters import raised

MAX_WORDS = 50_000
"""Words of a page; a dense one has a thousand."""
GAP = 0.22
"""Between letters of two words, at least, by the height of the letters."""
_SMALL = 0.8
"""Of the height of the letters around it a mark of a note has less."""
_ABOVE = 0.12
"""Of their height it stands above their line."""
_HIGH = 0.45
"""Of the height of its place a digit that is a mark of a note leaves so much blank below it, and takes less."""
_SAMPLE = 20
"""Letters of a page by which it shows whether they are drawn."""


class Word(NamedTuple):
    """Letters without a blank between them; places in points from the lower left corner of the page as it is shown."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


class Turn(NamedTuple):
    """How the page is turned for its letters to stand upright; degrees clockwise, sides of the page in points."""

    degrees: int
    width: float
    height: float

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """A box in the page as it is turned."""
        match self.degrees:
            case 90:
                return bottom, self.width - right, top, self.width - left
            case 180:
                return self.width - right, self.height - top, self.width - left, self.height - bottom
            case 270:
                return self.height - top, left, self.height - bottom, right
        return left, bottom, right, top

    def back(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """A box of the turned page where it is on the page itself."""
        match self.degrees:
            case 90:
                return self.width - top, left, self.width - bottom, right
            case 180:
                return self.width - right, self.height - top, self.width - left, self.height - bottom
            case 270:
                return bottom, self.height - right, top, self.height - left
        return left, bottom, right, top


def turned(letters: Iterable[Word], turn: Turn) -> Iterator[Word]:
    """The letters with their places on the turned page."""
    for letter in letters:
        yield Word(letter.text, *turn.box(*letter[1:])) if letter.text else letter


def letters_of(text: pypdfium2.PdfTextPage) -> tuple[dict[int, list[Word]], int]:
    """The letters by their direction, in the order in which they are drawn, a blank as an empty text; how many are unknown."""
    written: dict[int, list[Word]] = {}
    unknown = 0
    box = raw.FS_RECTF()
    reference = ctypes.byref(box)
    letters: list[Word] = []
    for place in range(min(text.count_chars(), 8 * MAX_WORDS)):
        code = raw.FPDFText_GetUnicode(text, place)
        if code in (0xFFFE, 0x02, 0xAD):
            code = 0x2D
        if code == 0 or code == 0xFFFD or 0xD800 <= code < 0xE000 or 0xE000 <= code < 0xF900:
            unknown += code not in (0, 0xF0B7, 0xF02D, 0xF0A7, 0xF0D8, 0xF0FC)
            code = 0x2022 if code >= 0xF000 else 0
        sign = chr(code)
        if code and unicodedata.combining(sign) and (base := _letter_before(letters)) is not None:
            # A mark that is drawn by itself stands over its letter, and seems to be a word of its own.
            letters[base] = letters[base]._replace(text=unicodedata.normalize("NFC", letters[base].text + sign))
            del letters[base + 1 :]
        elif not code or sign.isspace():
            letters.append(_BLANK)
        elif raw.FPDFText_GetLooseCharBox(text, place, reference):
            turned = -round(raw.FPDFText_GetCharAngle(text, place) * 2 / math.pi) % 4
            letters = written.setdefault(90 * turned, [])
            if not turned and sign.isdecimal() and _is_high(text, place, box):
                sign = raised(sign)
            letters.append(Word(sign, box.left, box.bottom, box.right, box.top))
    return written, unknown


def _is_high(text: pypdfium2.PdfTextPage, position: int, box: raw.FS_RECTF) -> bool:
    """Whether a digit is drawn in the upper half of its place: some fonts have marks of notes as signs of their own."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not raw.FPDFText_GetCharBox(text, position, *map(ctypes.byref, (left, right, bottom, top))):
        return False
    height = box.top - box.bottom
    return bool(bottom.value - box.bottom > _HIGH * height) and top.value - bottom.value < _HIGH * height


def is_unseen(text: pypdfium2.PdfTextPage) -> bool:
    """Whether the letters are not drawn: a program recognised them in a picture, and laid them over it."""
    count = text.count_chars()
    looked = [raw.FPDFText_GetTextObject(text, place) for place in range(0, count, max(1, count // _SAMPLE))]
    drawn = [raw.FPDFTextObj_GetTextRenderMode(one) for one in looked if one]
    return bool(drawn) and sum(mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE for mode in drawn) * 2 > len(drawn)


_BLANK = Word("", 0, 0, 0, 0)


def _letter_before(letters: Sequence[Word]) -> int | None:
    """Where the last letter stands that a mark after it belongs to, over the blank that its place makes; None: nowhere."""
    return next((place for place in range(len(letters) - 1, max(-1, len(letters) - 3), -1) if letters[place].text), None)


def words_of(letters: Iterable[Word]) -> Iterator[Word]:
    """The words, with the marks of notes told from figures."""
    return _marked(_joined(letters))


def _joined(letters: Iterable[Word]) -> Iterator[Word]:
    parts: list[str] = []
    left = bottom = right = top = 0.0
    last = _BLANK
    for letter in letters:
        if parts and letter.text:
            height = max(top - bottom, 1.0)
            near = -0.5 * height < letter.left - right < GAP * height
            level = abs(letter.bottom + letter.top - bottom - top) < height
            tied = letter[1:] == last[1:]  # one sign for several letters
            if tied or (
                near
                and level
                and not _is_raised(letter, height, bottom)
                and not _is_raised_before(letter, parts, height, bottom)
            ):
                parts.append(letter.text)
                right = max(right, letter.right)
                bottom, top = min(bottom, letter.bottom), max(top, letter.top)
                last = letter
                continue
        if parts:
            yield Word("".join(parts), left, bottom, right, top)
            parts = []
        if letter.text:
            parts = [letter.text]
            _, left, bottom, right, top = last = letter
    if parts:
        yield Word("".join(parts), left, bottom, right, top)


def _is_raised(letter: Word, height: float, bottom: float) -> bool:
    """Whether a digit is small and stands above the line of the letters before it: the mark of a note."""
    return letter.text.isdecimal() and letter.top - letter.bottom < _SMALL * height and letter.bottom > bottom + _ABOVE * height


def _is_raised_before(letter: Word, parts: Sequence[str], height: float, bottom: float) -> bool:
    tall = letter.top - letter.bottom
    return height < _SMALL * tall and bottom > letter.bottom + _ABOVE * tall and all(map(str.isdecimal, parts))


def _marked(words: Iterable[Word]) -> Iterator[Word]:
    """Words with the marks of notes told from figures; each belongs to the word before it, or stands before its note."""
    before: Word | None = None
    noted = False  # whether a mark ends it: a stop may follow
    for word in words:
        if before is None:
            before = word
            continue
        height = before.top - before.bottom
        tall = max(height, word.top - word.bottom, 1.0)
        blank = word.left - before.right
        level = abs(word.bottom - before.bottom) < _ABOVE * tall
        if -0.5 * tall < blank < tall and _is_raised(word, height, before.bottom):
            before = Word(before.text + raised(word.text), before.left, before.bottom, word.right, before.top)
            noted = True
        elif -0.5 * tall < blank < tall and _is_raised_before(word, before.text, height, before.bottom):
            before = Word(raised(before.text) + word.text, before.left, word.bottom, word.right, word.top)
        elif noted and level and -0.5 * tall < blank < GAP * tall:
            before = Word(before.text + word.text, before.left, before.bottom, word.right, before.top)
            noted = False
        else:
            yield before
            before, noted = word, False
    if before is not None:
        yield before
