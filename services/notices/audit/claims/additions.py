"""What figures that stand near one another add up to: wholes and parts, remainders and balances that nothing but the numbers
and their neighbourhood tells. Pure.

The words for a sum are without number, so here the figures are asked: a run of them that makes up another one near by was meant
to. Only what holds is found; what is claimed and fails is told by the words (`sums`, `totals`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from services.notices.audit.claims.contexts import Context, Role, alike
from services.notices.audit.claims.stages import sign_of
from services.notices.audit.figures import FigureKind
from services.notices.audit.solver import Equation, Form, Term

NEAR = 8
"""Figures between a whole and the run of its parts."""
REACH = 6
"""Figures between a whole and two that make it up; twice as many where it is huge."""
MAX_PARTS = 12
"""Parts of a run."""
UNIT = 1000
"""Values are compared in thousandths: `14,5 tỷ`."""
SMALL = 10
"""Smaller numbers add up by chance."""
CLEAR = 100
"""From here on two numbers that add up to a third far away were meant to."""
HUGE = 1_000_000
"""Amounts from here on never add up by chance."""
FAR = 4
"""Paragraphs between such amounts."""
_ORIGINS = frozenset(("new", "carried", "received"))
_OUTCOMES = frozenset(("resolved", "in_process"))
_TURNS = frozenset(("opener", "total", "examples", "against", "base", "whole"))
"""Phrases that begin something else than the next part of a list."""


def additions(contexts: Sequence[Context]) -> Iterator[Equation]:
    """The sums that hold among neighbours."""
    told = [one for one in contexts if one.figure.counts and one.figure.exact and not one.role.changes]
    flat = [one for one in told if one.figure.depth == 0]
    for row in (told, flat) if len(flat) != len(told) else (told,):
        yield from _runs(row)
    yield from _pairs(told)
    yield from _balances(told)


def _runs(row: Sequence[Context]) -> Iterator[Equation]:
    values = [one.thousandths for one in row]
    runs = [_Runs(values, step) for step in (1, 2, 3)]
    for position, whole in enumerate(row):
        value = values[position]
        if value < SMALL * UNIT or whole.figure.kind is not FigureKind.count:
            continue
        for run in runs:
            step = run.step
            reach = NEAR if step == 1 else 2 * step
            for start in range(position + 1, min(position + reach, len(row))):
                end = run.up_from(start, value) if 0 < values[start] < value else None
                if end is not None:
                    parts = row[start : end + 1 : step]
                    if _fits(whole, parts, start - position) and (step > 1 or _is_whole_list(row, start, end)):
                        yield _sum(whole, parts)
            for start in range(position - 1, max(position - reach, -1), -1):
                end = run.down_from(start, value) if 0 < values[start] < value else None
                if end is not None:
                    parts = row[end : start + 1 : step]
                    if _fits(whole, parts, position - start) and (step > 1 or _is_whole_list(row, end, start)):
                        yield _sum(whole, parts)


class _Runs:
    """Runs of values, each so many places after the one before it: what a run adds up to is the difference of two sums from the
    beginning, so that a run of a given sum is looked up."""

    def __init__(self, values: Sequence[int], step: int) -> None:
        self.step = step
        self._before = [0] * step
        """By place: what the values of its row before it add up to; of the places behind the last, all of theirs."""
        for place, value in enumerate(values):
            self._before.append(self._before[place] + value)
        self._first: dict[tuple[int, int], int] = {}
        self._last: dict[tuple[int, int], int] = {}
        for place, added in enumerate(self._before):
            self._first.setdefault((place % step, added), place)
            self._last[place % step, added] = place

    def up_from(self, start: int, wanted: int) -> int | None:
        """The first place where a run upwards from `start` makes up `wanted`; None where it does not."""
        behind = self._first.get((start % self.step, self._before[start] + wanted))
        return None if behind is None or behind > start + self.step * MAX_PARTS else behind - self.step

    def down_from(self, start: int, wanted: int) -> int | None:
        """The same downwards."""
        behind = start + self.step
        end = self._last.get((start % self.step, self._before[behind] - wanted))
        return None if end is None or behind > end + self.step * MAX_PARTS else end


def _fits(whole: Context, parts: Sequence[Context], distance: int) -> bool:
    if not all(alike(whole.figure, one.figure) for one in parts):
        return False
    stages = {one.figure.meaning.get("stage", "") for one in parts}
    if stages & _ORIGINS and stages & _OUTCOMES:
        return False
    far = max(abs(one.figure.paragraph - whole.figure.paragraph) for one in parts)
    if far > 1 and not (whole.role is Role.total or len(parts) > 2):
        return False
    return not (whole.figure.value < CLEAR and (far or distance > 3))


def _is_whole_list(row: Sequence[Context], start: int, end: int) -> bool:
    """Whether a run is a list as it stands, and no piece of one."""
    first, last = row[start].figure, row[end].figure
    before = row[start - 1] if start else None
    after = row[end + 1] if end + 1 < len(row) else None
    if (first.paragraph, first.sentence) != (last.paragraph, last.sentence) and before is not None:
        one = before.figure
        if (one.paragraph, one.sentence, one.depth) == (first.paragraph, first.sentence, first.depth) and not row[
            start
        ].roles & _TURNS:
            return False
    if after is not None and (after.figure.paragraph, after.figure.sentence, after.figure.depth) == (
        last.paragraph,
        last.sentence,
        last.depth,
    ):
        return bool(
            after.roles & _TURNS
            or after.role is not Role.plain
            or after.figure.own.get("stage") != last.own.get("stage")
            or not alike(last, after.figure)
            or any(token.text in (";", ":") for token in after.lead)
        )
    return True


def _pairs(row: Sequence[Context]) -> Iterator[Equation]:
    """Two figures on either side, or apart, that make up a third: `trả 1.159 hồ sơ; 2 hồ sơ muộn, thành ra 1.157 hồ sơ`."""
    values = [one.thousandths for one in row]
    for position, whole in enumerate(row):
        wanted = values[position]
        if wanted < SMALL * UNIT or whole.figure.kind is not FigureKind.count:
            continue
        clear = wanted >= CLEAR * UNIT
        huge = wanted >= HUGE * UNIT
        reach = REACH * 2 if huge else REACH
        near = [
            number
            for number in range(max(0, position - reach), min(len(row), position + reach + 1))
            if 0 < values[number] < wanted
        ]
        by_value = {values[number]: row[number] for number in reversed(near)}
        for number in near:
            one, other = row[number], by_value.get(wanted - values[number])
            if other is None or other.order <= one.order:
                continue
            if not (alike(whole.figure, one.figure) and alike(whole.figure, other.figure)):
                continue
            span = {whole.figure.paragraph, one.figure.paragraph, other.figure.paragraph}
            if max(span) - min(span) > (FAR if huge else 1 if clear else 0):
                continue
            if not clear and len({each.figure.sentence for each in (whole, one, other)}) > 2:
                continue
            yield _sum(whole, (one, other))


def _balances(row: Sequence[Context]) -> Iterator[Equation]:
    """`đầu kỳ 46, nhận 1.187, trả 1.159, rút 21, cuối kỳ 53`: what is left of several figures before it."""
    for position, left in enumerate(row):
        if left.role not in (Role.left, Role.total) and not any(
            (cue.measure or {}).get("stage") in ("in_process", "carried", "left", "handled") for cue in left.cues
        ):
            continue
        for many in (3, 4, 5):
            for start in range(position - many, max(position - many - 4, -1), -1):
                found = _signed(row[start : start + many], left)
                if found is not None:
                    yield found
                    break


def _signed(terms: Sequence[Context], left: Context) -> Equation | None:
    values = [one.thousandths for one in terms]
    wanted = left.thousandths
    if max(values) < 2 * SMALL * UNIT or left.figure.paragraph - terms[0].figure.paragraph > 1 or _has_sum(values):
        return None
    known = [sign_of(one) for one in terms]
    added = sum(values)
    if wanted > added or (wanted - added) % 2:
        return None  # a sum less twice what is taken away
    for signs in range(1, 2 ** len(values) - 1):
        if any(sign == (1 if signs >> position & 1 else -1) for position, sign in enumerate(known)):
            continue
        added = sum(-value if signs >> position & 1 else value for position, value in enumerate(values))
        if added == wanted and all(alike(left.figure, one.figure) for one in terms):
            told = tuple(Term(one.figure, -1 if signs >> position & 1 else 1) for position, one in enumerate(terms))
            return Equation("sum", Form.total, Term(left.figure), told, guessed=True, certain=False)
    return None


def _has_sum(values: Sequence[int]) -> bool:
    """Whether one of them is the sum of two others: a whole with its parts, of which every balance follows."""
    return any(one + other in values for one, other in combinations(values, 2))


def _sum(whole: Context, parts: Sequence[Context]) -> Equation:
    terms = tuple(Term(one.figure) for one in parts)
    return Equation("sum", Form.total, Term(whole.figure), terms, guessed=True, certain=False)
