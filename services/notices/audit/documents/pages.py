"""A page of a PDF: its words with their places, and the lines that are drawn on it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from services.notices.audit.documents.letters import GAP, MAX_WORDS, Turn, Word, is_unseen, letters_of, turned, words_of

MAX_NOTES = 200
"""Notes of a page that are looked at."""
MAX_NOTE = 500
"""Characters of a note that are looked at."""
MAX_OBJECTS = 20_000
"""Drawn objects of a page that are looked at; tables have some hundreds."""
_WIDE = 2.2
"""Between two columns, at least, by the height of the letters."""
_APART = "    "
_THIN = 3.0
"""Points: what is drawn no thicker is a line."""
_ACROSS = 60
"""Letters that are written across a page and are one of their own; fewer are heads of columns."""
_DIGITS = 10
"""Digits among them, at least; heads of columns have few."""
_INDENT = 8.0
"""Points: the first line of a paragraph is indented by more."""


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
    recognised: bool
    """Whether its letters are not drawn, but laid over a picture."""
    height: float
    """Points."""
    noted: int
    """Notes and fields of a form with figures that lie over it."""

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
            lead = row[0].right - row[0].left + GAP * height
            lines.append(Line(text, top, spaced, indented, _APART in text, lead, margin - row[-1].right, lefts[place]))
        return lines


def read_page(opened: pypdfium2.PdfDocument, number: int) -> list[Page]:
    """The page of this number, from 0, and what is written across it, as a page of its own.

    Raises `PdfiumError` for one that cannot be read.
    """
    page = opened[number]
    try:
        size = _size(page)
        text = page.get_textpage()
        try:
            written, unknown = letters_of(text)
            recognised = is_unseen(text)
        finally:
            text.close()
        counts = {degrees: sum(bool(one.text) for one in letters) for degrees, letters in written.items()}
        main = max(counts, key=lambda degrees: (counts[degrees], -degrees), default=page.get_rotation())
        apart = [one for one in counts if one != main and _is_apart(written[one])]
        rulings, pictured = _drawn(page, Turn(0, *size))
        noted = _noted(page)
        garbled = unknown > 20 and unknown * 5 > sum(counts.values())
        made = []
        for degrees in sorted((main, *apart)):
            turn = Turn(degrees, *size)
            words = list(words_of(turned(written.get(degrees, ()), turn)))
            if degrees == main:
                for other in counts.keys() - {main, *apart}:
                    words += _across(written[other], Turn(other, *size), turn)
            lines = [_ruling(one, turn) for one in rulings]
            first = degrees == main
            made.append(
                Page(
                    words[:MAX_WORDS],
                    lines,
                    first and pictured,
                    first and garbled,
                    recognised,
                    size[degrees % 180 == 0],
                    noted if first else 0,
                )
            )
        return made
    finally:
        page.close()


def _is_apart(letters: Sequence[Word]) -> bool:
    return len(letters) > _ACROSS and sum(one.text.isdecimal() for one in letters) >= _DIGITS


def _noted(page: pypdfium2.PdfPage) -> int:
    """How many notes and fields of a form, which lie over the page, have figures."""
    found = 0
    for place in range(min(raw.FPDFPage_GetAnnotCount(page), MAX_NOTES)):
        note = raw.FPDFPage_GetAnnot(page, place)
        if not note:
            continue
        if raw.FPDFAnnot_GetSubtype(note) in (raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_WIDGET):
            found += any(any(map(str.isdigit, _stated(note, key))) for key in (b"Contents", b"V"))
        raw.FPDFPage_CloseAnnot(note)
    return found


def _stated(note: raw.FPDF_ANNOTATION, key: bytes) -> str:
    buffer = ctypes.create_string_buffer(2 * MAX_NOTE)
    size = raw.FPDFAnnot_GetStringValue(note, key, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), len(buffer))
    return buffer.raw[: min(size, len(buffer))].decode("utf-16-le", "replace")


def _size(page: pypdfium2.PdfPage) -> tuple[float, float]:
    left, bottom, right, top = page.get_mediabox()
    return right - left, top - bottom


def _across(letters: Sequence[Word], own: Turn, turn: Turn) -> Iterator[Word]:
    """Letters that are written across the page, such as the head of a narrow column: each line of them as one word."""
    for row in rows_of(list(words_of(turned(letters, own)))):
        begin = 0
        for place, word in enumerate(row, 1):
            if place < len(row) and row[place].left - word.right < word.top - word.bottom:
                continue
            run, begin = row[begin:place], place
            bottom, top = min(word.bottom for word in run), max(word.top for word in run)
            box = turn.box(*own.back(run[0].left, bottom, run[-1].right, top))
            yield Word(" ".join(word.text for word in run), *box)


def _ruling(one: Ruling, turn: Turn) -> Ruling:
    if one.horizontal:
        left, bottom, right, top = turn.box(one.begin, one.at, one.end, one.at)
    else:
        left, bottom, right, top = turn.box(one.at, one.begin, one.at, one.end)
    across = right - left >= top - bottom
    return Ruling(across, bottom if across else left, left if across else bottom, right if across else top)


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


def _drawn(page: pypdfium2.PdfPage, turn: Turn) -> tuple[list[Ruling], bool]:
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


def _of_path(path: pypdfium2.PdfObject, turn: Turn) -> Iterator[Ruling]:
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


def _between(one: tuple[float, float], other: tuple[float, float], turn: Turn) -> Iterator[Ruling]:
    left, right = sorted((one[0], other[0]))
    bottom, top = sorted((one[1], other[1]))
    if min(right - left, top - bottom) <= 1.0:
        yield from _of_box(*turn.box(left, bottom, right, top))


def _of_box(left: float, bottom: float, right: float, top: float) -> Iterator[Ruling]:
    if right - left >= top - bottom and right - left > _THIN:
        yield Ruling(True, (bottom + top) / 2, left, right)
    elif top - bottom > _THIN:
        yield Ruling(False, (left + right) / 2, bottom, top)
