"""Pages of two columns: the words of the left one are read before those of the right one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from services.notices.audit.documents.letters import Word

_FEWEST = 10
"""Lines of a column; the heads of letters, side by side, have fewer."""
_FILLED = 0.6
"""Of the width of a column its lines fill, in the middle; cells of tables fill less."""
_STEP = 2.0
"""Points between places that are looked at."""
_MIDDLE = (0.3, 0.7)
"""Part of the width where the blank between two columns stands."""


def columns_of(words: Sequence[Word]) -> list[list[Word]]:
    """The words of a page, part by part in the order of reading: above the columns, the left and the right one, below them."""
    found = _columns(words)
    if found is None:
        return [list(words)]
    at, top, bottom = found
    within = [word for word in words if bottom <= _middle(word) <= top]
    parts = [
        [word for word in words if _middle(word) > top],
        [word for word in within if word.right <= at],
        [word for word in within if word.left >= at],
    ]
    below = columns_of([word for word in words if _middle(word) < bottom])
    return [part for part in (*parts, *below) if part]


def _middle(word: Word) -> float:
    return (word.bottom + word.top) / 2


def _columns(words: Sequence[Word]) -> tuple[float, float, float] | None:
    """Where the blank between two columns stands, from where down to where; None where there are none."""
    if len(words) < 2 * _FEWEST:
        return None
    left, right = min(word.left for word in words), max(word.right for word in words)
    places = int((right - left) / _STEP) + 1
    begun = [0] * (places + 2)
    for word in words:
        begun[int((word.left - left) / _STEP)] += 1
        begun[int((word.right - left) / _STEP) + 1] -= 1
    crossing, count = [], 0
    for step in begun[:places]:
        count += step
        crossing.append(count)
    first, last = (int(places * part) for part in _MIDDLE)
    if last - first < 2:
        return None
    at = left + _STEP * (0.5 + _widest(crossing[first:last]) + first)
    crossed = sorted((_middle(word) for word in words if word.left < at < word.right), reverse=True)
    levels = [max(map(_middle, words)) + 1, *crossed, min(map(_middle, words)) - 1]
    best: tuple[float, float, float] | None = None
    height = median(word.top - word.bottom for word in words)
    for above, below in pairwise(levels):
        if above - below < _FEWEST * height:
            continue
        inner = [word for word in words if below < _middle(word) < above]
        sides = [word for word in inner if word.right <= at], [word for word in inner if word.left >= at]
        if all(map(_is_column, sides)) and (best is None or above - below > best[1] - best[2]):
            best = at, max(map(_middle, inner)), min(map(_middle, inner))
    return best


def _widest(crossing: Sequence[int]) -> int:
    """The middle of the widest stretch that is crossed least."""
    least = min(crossing)
    best, begin = (0, 0), None
    for place, count in enumerate([*crossing, least + 1]):
        if count == least:
            begin = place if begin is None else begin
        elif begin is not None:
            best, begin = max(best, (place - begin, (begin + place) // 2)), None
    return best[1]


def _is_column(words: Sequence[Word]) -> bool:
    """Whether words are lines of running text: as long as their column is wide, most of them letters."""
    rows: dict[int, list[Word]] = {}
    if not words:
        return False
    height = median(word.top - word.bottom for word in words)
    for word in words:
        rows.setdefault(round(_middle(word) / max(height * 0.6, 1.0)), []).append(word)
    width = max(word.right for word in words) - min(word.left for word in words)
    lettered = sum(any(map(str.isalpha, word.text)) for word in words)
    filled = [max(word.right for word in row) - min(word.left for word in row) for row in rows.values()]
    return len(rows) >= _FEWEST and lettered * 3 > len(words) * 2 and median(filled) > _FILLED * width
