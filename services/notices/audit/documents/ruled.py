"""Tables with lines between their rows only: what stands below one another in all rows is a column. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from services.notices.audit.documents.bounds import check_cells
from services.notices.audit.documents.grids import Grid
from services.notices.audit.documents.pages import Ruling, Word, rows_of

_NEAR = 3.0
"""Points by which lines of one table may begin or end apart."""
_FEWEST_LINES = 3
"""Above the head, below it, and at the end."""
_FEWEST_COLUMNS = 3
_BLANK = 0.5
"""Between two columns in every row, at least, by the height of the letters; blanks between words are narrower."""
_MAX_GAP = 300.0
"""Points between two lines of one table: of three rules around many rows."""


def ruled_tables(rulings: Sequence[Ruling], words: Sequence[Word]) -> Iterator[Grid]:
    """The tables of a page that only horizontal lines tell; `words` are those that no other table has."""
    for lines in _stacks([one for one in rulings if one.horizontal]):
        left, right = min(one.begin for one in lines), max(one.end for one in lines)
        bands = [
            [word for word in words if _is_within(word, left, right, above.at, below.at)] for above, below in pairwise(lines)
        ]
        grid = _grid(bands, lines[0].at)
        if grid is not None:
            yield grid


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
    columns = _columns([word for band in bands[1:] for word in band], blank)
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
