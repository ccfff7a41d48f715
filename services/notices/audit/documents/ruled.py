"""Tables with lines between their rows only, or with none: what stands below one another in all rows is a column. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from services.notices.audit.documents.bounds import check_cells
from services.notices.audit.documents.grids import Grid
from services.notices.audit.documents.letters import Word
from services.notices.audit.documents.pages import Ruling, rows_of

_NEAR = 3.0
"""Points by which lines of one table may begin or end apart."""
_FEWEST_LINES = 3
"""Above the head, below it, and at the end."""
_FEWEST_COLUMNS = 3
_BLANK = 0.5
"""Between two columns in every row, at least, by the height of the letters; blanks between words are narrower."""
_APART = 0.8
"""Between two cells of a row in a table without lines, by the height of the letters; what is justified seldom stands so far
apart, and never below one another."""
_WRAPPED = 0.93
"""Lines of one cell stand nearer than rows, at most by so much of their distance."""
_MAX_RULES = 1_600
"""Horizontal lines of a page; each is held against all others."""
_MAX_GAP = 300.0
"""Points between two lines of one table: of three rules around many rows."""


def ruled_tables(rulings: Sequence[Ruling], words: Sequence[Word]) -> Iterator[Grid]:
    """The tables of a page that only horizontal lines tell; `words` are those that no other table has."""
    across = [one for one in rulings if one.horizontal]
    if len(across) > _MAX_RULES:
        return  # a drawing
    for lines in _stacks(across):
        left, right = min(one.begin for one in lines), max(one.end for one in lines)
        bands = [
            [word for word in words if _is_within(word, left, right, above.at, below.at)] for above, below in pairwise(lines)
        ]
        grid = _grid(bands, lines[0].at)
        if grid is not None:
            yield grid


def unruled_tables(words: Sequence[Word]) -> Iterator[Grid]:
    """The tables of a page that no line tells, but rows of figures below one another."""
    lines = rows_of(words)
    place = 0
    while place < len(lines):
        begin = place
        place += 1
        if _counts(lines[begin]) < 2:
            continue
        left = _first_figure(lines[begin])
        while place < len(lines) and (_counts(lines[place]) > 1 or _is_label(lines[place], left)):
            left = min(left, _first_figure(lines[place])) if _counts(lines[place]) > 1 else left
            place += 1
        while not _counts(lines[place - 1]):
            place -= 1  # what stands below belongs to the text
        if sum(_counts(line) > 1 for line in lines[begin:place]) < _FEWEST_LINES:
            continue
        while begin > 0 and _is_label(lines[begin - 1], left):
            begin -= 1  # of the first group
        head = begin
        while head > 0 and _is_of_head(lines[head - 1], left):
            head -= 1
        bands = [[word for line in lines[head:begin] for word in line], *_bands(lines[begin:place])]
        grid = _grid(bands, max(word.top for word in lines[head]))
        if grid is not None:
            yield grid


def _bands(lines: Sequence[Sequence[Word]]) -> list[list[Word]]:
    """The words of each row: lines of one cell stand nearer to one another than rows."""
    pitches = [_gap(above, below) for above, below in pairwise(lines) if _counts(above) > 1 and _counts(below) > 1]
    pitch = median(pitches) if pitches else 0.0
    bands = [list(lines[0])]
    for above, below in pairwise(lines):
        if _counts(below) > 1 or _gap(above, below) >= _WRAPPED * pitch:
            bands.append(list(below))
        else:
            bands[-1] += below
    return bands


def _first_figure(line: Sequence[Word]) -> float:
    return min(run[0].left for run in _runs(line, _APART)[1:] if run[0].text[:1].isdigit())


def _is_label(line: Sequence[Word], figures: float) -> bool:
    """Whether a line stands left of all figures: it goes on with a name, or is that of a group."""
    return line[-1].right < figures and not any(word.text[:1].isdigit() for word in line)


def _is_of_head(line: Sequence[Word], figures: float) -> bool:
    """Whether a line above figures is one of their headings: cut into cells, or the end of one above figures alone."""
    apart = len(_runs(line, _APART)) > 1 or line[0].left > figures - (line[0].top - line[0].bottom)
    return apart and not _counts(line)


def _gap(above: Sequence[Word], below: Sequence[Word]) -> float:
    return above[0].bottom - below[0].bottom


def _counts(line: Sequence[Word]) -> int:
    return sum(run[0].text[:1].isdigit() for run in _runs(line, _APART)[1:])


def _runs(line: Sequence[Word], blank: float) -> list[list[Word]]:
    """The words of a line, cut where so much is blank, by the height of the letters."""
    out = [[line[0]]]
    for before, word in pairwise(line):
        if word.left - before.right >= blank * (word.top - word.bottom):
            out.append([word])
        else:
            out[-1].append(word)
    return out


def _stacks(across: Sequence[Ruling]) -> Iterator[list[Ruling]]:
    """Lines below one another that begin and end alike, from above."""
    waiting = sorted(across, key=lambda one: -one.at)
    while waiting:
        first, *others = waiting
        stack, waiting = [first], []
        for one in others:
            last = stack[-1]
            alike = abs(one.begin - first.begin) <= _NEAR and abs(one.end - first.end) <= _NEAR
            if alike and last.at - one.at <= _MAX_GAP:
                if last.at - one.at > _NEAR:
                    stack.append(one)
            else:
                waiting.append(one)
        if len(stack) >= _FEWEST_LINES:
            yield stack


def _is_within(word: Word, left: float, right: float, top: float, bottom: float) -> bool:
    across, down = (word.left + word.right) / 2, (word.bottom + word.top) / 2
    return left - _NEAR <= across <= right + _NEAR and bottom < down < top


def _grid(bands: Sequence[Sequence[Word]], top: float) -> Grid | None:
    words = [word for band in bands for word in band]
    if not words or not all(bands[:2]):
        return None
    blank = _BLANK * median(word.top - word.bottom for word in words)
    counted = [line for band in bands[1:] for line in rows_of(band) if _counts(line) > 1]
    columns = _columns([word for line in counted for word in line], blank)
    if len(columns) < _FEWEST_COLUMNS:
        return None
    head, *body = bands
    texts = [_head(head, columns, blank)]
    for band in body:
        texts += _rows(band, columns)
    check_cells(len(texts) * len(columns))
    return Grid(texts, {}, top, words) if len(texts) > 1 else None


def _columns(words: Sequence[Word], blank: float) -> list[tuple[float, float]]:
    """From where to where words stand that no row leaves blank."""
    out: list[tuple[float, float]] = []
    for word in sorted(words, key=lambda word: word.left):
        if out and word.left - out[-1][1] < blank:
            out[-1] = out[-1][0], max(out[-1][1], word.right)
        else:
            out.append((word.left, word.right))
    return out


def _head(words: Sequence[Word], columns: Sequence[tuple[float, float]], blank: float) -> list[str]:
    """The headings; one that stands over several columns belongs to each of them."""
    cells: list[list[str]] = [[] for _ in columns]
    for line in rows_of(words):
        run: list[Word] = []
        for word, following in pairwise((*line, None)):
            assert word is not None
            run.append(word)
            if following is None or following.left - word.right >= blank:
                for place in _below(run[0].left, run[-1].right, columns):
                    cells[place].append(" ".join(one.text for one in run))
                run = []
    return [" ".join(cell) for cell in cells]


def _below(left: float, right: float, columns: Sequence[tuple[float, float]]) -> list[int]:
    """The columns below a heading: those whose middle it covers, or the nearest one."""
    middles = [(begin + end) / 2 for begin, end in columns]
    covered = [place for place, middle in enumerate(middles) if left <= middle <= right]
    return covered or [min(range(len(columns)), key=lambda place: abs(middles[place] - (left + right) / 2))]


def _rows(words: Sequence[Word], columns: Sequence[tuple[float, float]]) -> list[list[str]]:
    """The rows between two lines: one whose cells are wrapped, or as many as have figures."""
    lines: list[list[str]] = []
    for line in rows_of(words):
        cells: list[list[str]] = [[] for _ in columns]
        for word in line:
            middle = (word.left + word.right) / 2
            place = min(
                range(len(columns)), key=lambda number: max(columns[number][0] - middle, middle - columns[number][1], 0.0)
            )
            cells[place].append(word.text)
        lines.append([" ".join(cell) for cell in cells])
    counted = [sum(cell[:1].isdigit() for cell in line[1:]) for line in lines]
    if sum(count > 1 for count in counted) > 1:
        return lines
    return [[" ".join(filter(None, cells)) for cells in zip(*lines, strict=True)]] if lines else []
