"""A page of a PDF: its words with their places, and the lines that are drawn on it."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

MAX_OBJECTS = 20_000
"""Drawn objects of a page that are looked at; tables have some hundreds."""
MAX_WORDS = 50_000
"""Words of a page; a dense one has a thousand."""
_GAP = 0.22
"""Between letters of two words, at least, by the height of the letters."""
_WIDE = 2.2
"""Between two columns, at least, by the height of the letters."""
_APART = "    "
_THIN = 3.0
"""Points: what is drawn no thicker is a line."""
_INDENT = 8.0
"""Points: the first line of a paragraph is indented by more."""


class Word(NamedTuple):
    """Letters without a blank between them; places in points from the lower left corner of the page as it is shown."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


class Line(NamedTuple):
    """A line of text; columns are set apart by wide blanks."""

    text: str
    top: float
    spaced: bool
    """Whether there is more space above it than between the lines of a paragraph."""
    indented: bool
    """Whether it begins further right than the lines around it."""
    columns: bool
    """Whether it is cut by wide blanks."""
    lead: float
    """Points that its first word takes, with a blank."""
    room: float
    """Points that are left behind it, up to where the longest line of the page ends."""
    left: float
    """Where it begins."""


class Ruling(NamedTuple):
    """A horizontal or vertical line that is drawn; `at` is its height or its place from the left."""

    horizontal: bool
    at: float
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Page:
    """What is on a page."""

    words: list[Word]
    rulings: list[Ruling]
    pictured: bool
    """Whether pictures cover half of it."""
    garbled: bool
    """Whether its font tells no characters."""

    def lines(self, words: Sequence[Word]) -> list[Line]:
        """Words of the page as lines, from above."""
        rows = rows_of(words)
        if not rows:
            return []
        heights = [max(word.top - word.bottom for word in row) for row in rows]
        height = median(heights)
        lefts = [row[0].left for row in rows]
        gaps = [above[0].bottom - below[0].bottom for above, below in pairwise(rows)]
        # Paragraphs of one line have none but wide gaps: the narrower ones tell how lines of a paragraph stand.
        usual = sorted(gaps)[len(gaps) // 4] if gaps else height
        margin = max(row[-1].right for row in rows)
        lines = []
        for place, row in enumerate(rows):
            spaced = place > 0 and gaps[place - 1] > max(1.45 * usual, usual + 0.4 * height)
            before = lefts[place] - lefts[place - 1] if place else 0.0
            after = lefts[place] - lefts[place + 1] if place + 1 < len(rows) else _INDENT + 1
            indented = before > _INDENT and after > _INDENT
            text, top = _joined(row), max(word.top for word in row)
            lead = row[0].right - row[0].left + _GAP * height
            lines.append(Line(text, top, spaced, indented, _APART in text, lead, margin - row[-1].right, lefts[place]))
        return lines


def read_page(opened: pypdfium2.PdfDocument, number: int) -> Page:
    """The page of this number, from 0; raises `PdfiumError` for one that cannot be read."""
    page = opened[number]
    try:
        turn = _turned(page)
        text = page.get_textpage()
        try:
            letters, unknown = _letters(text, turn)
        finally:
            text.close()
        words = list(_words(letters))
        rulings, pictured = _drawn(page, turn)
        return Page(words[:MAX_WORDS], rulings, pictured, unknown > 20 and unknown * 5 > len(letters))
    finally:
        page.close()


class _Turn(NamedTuple):
    """How the page is turned when it is shown."""

    degrees: int
    width: float
    height: float

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """A box in the page as it is shown."""
        match self.degrees:
            case 90:
                return bottom, self.width - right, top, self.width - left
            case 180:
                return self.width - right, self.height - top, self.width - left, self.height - bottom
            case 270:
                return self.height - top, left, self.height - bottom, right
        return left, bottom, right, top


def _turned(page: pypdfium2.PdfPage) -> _Turn:
    left, bottom, right, top = page.get_mediabox()
    return _Turn(page.get_rotation(), right - left, top - bottom)


def _letters(text: pypdfium2.PdfTextPage, turn: _Turn) -> tuple[list[Word], int]:
    """The letters in the order in which they are drawn, a blank as an empty text; and how many are unknown."""
    letters: list[Word] = []
    unknown = 0
    box = raw.FS_RECTF()
    reference = ctypes.byref(box)
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
            letters.append(Word(sign, *turn.box(box.left, box.bottom, box.right, box.top)))
    return letters, unknown


_BLANK = Word("", 0, 0, 0, 0)


def _letter_before(letters: Sequence[Word]) -> int | None:
    """Where the last letter stands that a mark after it belongs to, over the blank that its place makes; None: nowhere."""
    return next((place for place in range(len(letters) - 1, max(-1, len(letters) - 3), -1) if letters[place].text), None)


def _words(letters: Sequence[Word]) -> Iterator[Word]:
    parts: list[str] = []
    left = bottom = right = top = 0.0
    for letter in letters:
        if parts:
            height = max(top - bottom, 1.0)
            near = -0.5 * height < letter.left - right < _GAP * height
            level = abs(letter.bottom + letter.top - bottom - top) < height
            if letter.text and near and level:
                parts.append(letter.text)
                right = max(right, letter.right)
                bottom, top = min(bottom, letter.bottom), max(top, letter.top)
                continue
            yield Word("".join(parts), left, bottom, right, top)
            parts = []
        if letter.text:
            parts = [letter.text]
            _, left, bottom, right, top = letter
    if parts:
        yield Word("".join(parts), left, bottom, right, top)


def rows_of(words: Sequence[Word]) -> list[list[Word]]:
    """Words that stand side by side, from above; in each from the left."""
    rows: list[list[Word]] = []
    middle = height = 0.0
    for word in sorted(words, key=lambda word: (-(word.bottom + word.top), word.left)):
        at = (word.bottom + word.top) / 2
        if rows and middle - at < 0.45 * max(height, word.top - word.bottom):
            rows[-1].append(word)
        else:
            rows.append([word])
            middle, height = at, word.top - word.bottom
    for row in rows:
        row.sort(key=lambda word: word.left)
    return rows


def _joined(row: Sequence[Word]) -> str:
    parts = [row[0].text]
    for before, word in pairwise(row):
        height = max(word.top - word.bottom, 1.0)
        parts.append(_APART if word.left - before.right > _WIDE * height else " ")
        parts.append(word.text)
    return "".join(parts)


def text_of(words: Sequence[Word]) -> str:
    """Words of a cell as one line."""
    return " ".join(word.text for row in rows_of(words) for word in row)


def _drawn(page: pypdfium2.PdfPage, turn: _Turn) -> tuple[list[Ruling], bool]:
    rulings: list[Ruling] = []
    covered = 0.0
    kinds = [raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE]
    for place, one in enumerate(page.get_objects(filter=kinds, max_depth=4)):
        if place >= MAX_OBJECTS:
            break
        if one.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = one.get_bounds()
            covered += abs((right - left) * (top - bottom))
        else:
            rulings += _of_path(one, turn)
    return rulings, covered * 2 > turn.width * turn.height


def _of_path(path: pypdfium2.PdfObject, turn: _Turn) -> Iterator[Ruling]:
    count = raw.FPDFPath_CountSegments(path)
    if not 2 <= count <= 4_000:
        return
    left, bottom, right, top = turn.box(*path.get_bounds())
    if right - left <= _THIN or top - bottom <= _THIN:
        yield from _of_box(left, bottom, right, top)
        return
    matrix = path.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    before: tuple[float, float] | None = None
    begun: tuple[float, float] | None = None
    for place in range(count):
        segment = raw.FPDFPath_GetPathSegment(path, place)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = matrix.on_point(x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            begun = point
        elif kind == raw.FPDF_SEGMENT_LINETO and before is not None:
            yield from _between(before, point, turn)
        if raw.FPDFPathSegment_GetClose(segment) and begun is not None:
            yield from _between(point, begun, turn)
        before = point


def _between(one: tuple[float, float], other: tuple[float, float], turn: _Turn) -> Iterator[Ruling]:
    left, right = sorted((one[0], other[0]))
    bottom, top = sorted((one[1], other[1]))
    if min(right - left, top - bottom) <= 1.0:
        yield from _of_box(*turn.box(left, bottom, right, top))


def _of_box(left: float, bottom: float, right: float, top: float) -> Iterator[Ruling]:
    if right - left >= top - bottom and right - left > _THIN:
        yield Ruling(True, (bottom + top) / 2, left, right)
    elif top - bottom > _THIN:
        yield Ruling(False, (left + right) / 2, bottom, top)
