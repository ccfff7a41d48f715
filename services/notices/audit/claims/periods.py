"""Counts of the parts of a year that make up a longer one: quarters, months, halves, `lũy kế`. Pure.

`Quý III giải quyết 1.162 hồ sơ. Lũy kế 3.018 hồ sơ (quý I: 884, quý II: 972)`: what is told of times that follow one another
without a gap makes up what is told of all of them. What holds is told as it is; what fails, where one slip explains it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from services.notices.audit.claims.contexts import Context, Role
from services.notices.audit.claims.slips import mends
from services.notices.audit.figures import FigureKind
from services.notices.audit.solver import Equation, Form, Term

REACH = 2
"""Paragraphs between a whole and its parts."""
AROUND = 24
"""Counts of a time to either side among which the parts of another are."""
MAX_PARTS = 12
_QUARTER = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_NUMBER = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9, "mười": 10}
_MANY = "|".join((*_NUMBER, r"\d{1,2}"))
_TIME = re.compile(
    rf"quý (?P<quarter>iv|iii|ii|i|[1-4])\b(?! ?(?:,|và|-) ?(?:iv|iii|ii|i|[1-4])\b)"
    rf"|(?P<quarters>hai|ba|2|3|02|03) quý đầu(?: năm)?"
    rf"|(?P<first>{_MANY}) tháng(?: đầu năm)?(?! cuối)\b"
    rf"|(?P<last>{_MANY}) tháng cuối năm"
    r"|(?P<half>nửa đầu|nửa cuối) năm"
    r"|tháng (?P<month>1[0-2]|0?[1-9])\b(?!\d)"
    r"|(?P<so_far>lũy kế|luỹ kế|cộng dồn|từ đầu năm)"
    r"|(?P<year>cả năm|12 tháng)"
)
_SO_FAR = frozenset((0,))
"""From the begin of the year to the last time that is told."""


def _months(found: re.Match[str]) -> frozenset[int]:
    """The months that words tell."""
    told = found.groupdict()
    if told["quarter"]:
        last = 3 * _QUARTER[told["quarter"]]
        return frozenset(range(last - 2, last + 1))
    if told["quarters"]:
        return frozenset(range(1, 1 + 3 * (2 if told["quarters"] in ("hai", "2", "02") else 3)))
    for name in ("first", "last"):
        if told[name]:
            many = _NUMBER.get(told[name]) or int(told[name])
            if not 1 < many <= 12:
                return frozenset()
            return frozenset(range(1, many + 1)) if name == "first" else frozenset(range(13 - many, 13))
    if told["half"]:
        return frozenset(range(1, 7) if "đầu" in told["half"] else range(7, 13))
    if told["month"]:
        return frozenset((int(told["month"]),))
    return _SO_FAR if told["so_far"] else frozenset(range(1, 13))


def periods(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """The counts of longer times with those of the times that they are made up of."""
    timed = _timed(contexts)
    for number, (whole, when) in enumerate(timed):
        if whole.figure.kind is not FigureKind.count or not when:
            continue
        beside = timed[max(0, number - AROUND) : number + AROUND]
        near = [
            (one, its)
            for one, its in beside
            if one is not whole
            and abs(one.figure.paragraph - whole.figure.paragraph) <= REACH
            and its != _SO_FAR
            and _same(whole, one)
            and one.figure.value < whole.figure.value
        ]
        parts = _tiles(when, near, whole)
        if len(parts) < 2 or _is_nearer(whole, when, beside, parts[0]):
            continue
        equation = Equation("sum", Form.total, Term(whole.figure), tuple(Term(one.figure) for one in parts))
        if equation.holds():
            equation.guessed = True
            yield [equation]
        elif mends(equation):
            equation.mistaken = True
            yield [equation]


def _is_nearer(whole: Context, when: frozenset[int], timed: Sequence[tuple[Context, frozenset[int]]], first: Context) -> bool:
    """Whether the same total stands nearer to its first part."""
    off = abs(whole.order - first.order)
    return any(
        one is not whole and its == when and one.figure.value == whole.figure.value and abs(one.order - first.order) < off
        for one, its in timed
    )


def _tiles(when: frozenset[int], near: Sequence[tuple[Context, frozenset[int]]], whole: Context) -> list[Context]:
    """Figures whose times follow one another from the first month of a time to its last; nothing where one is missing."""
    by_time: dict[frozenset[int], Context] = {}
    for one, its in sorted(near, key=lambda each: abs(each[0].order - whole.order)):
        by_time.setdefault(its, one)
    month, last = (1, max((max(its) for its in by_time), default=0)) if when == _SO_FAR else (min(when), max(when))
    parts: list[Context] = []
    while month <= last:
        fitting = [its for its in by_time if min(its) == month and max(its) <= last and (its < when or when == _SO_FAR)]
        if not fitting or len(parts) > MAX_PARTS:
            return []
        longest = max(fitting, key=len)
        parts.append(by_time[longest])
        month = max(longest) + 1
    return parts


def _timed(contexts: Sequence[Context]) -> list[tuple[Context, frozenset[int]]]:
    """The counts with the months that their own words tell; a total has those that its sentence begins with."""
    out: list[tuple[Context, frozenset[int]]] = []
    begun: dict[int, tuple[int, frozenset[int]]] = {}
    for before, context in pairwise((None, *contexts)):
        if context is None:
            continue
        figure = context.figure
        words = context.lead
        if before is not None and before.figure.unit == "day" and before.paragraph is context.paragraph:
            words = context.paragraph.tokens[before.figure.token : figure.token]  # `9 tháng thu 2.456 tỷ đồng`
        found = list(_TIME.finditer(" ".join(token.norm for token in words)))
        here = _months(found[-1]) if found else frozenset()
        first = before is None or (before.figure.paragraph, before.figure.sentence) != (figure.paragraph, figure.sentence)
        if first and here:
            begun[figure.paragraph] = (figure.sentence, here)
        elif context.role is Role.total and not here:
            sentence, told = begun.get(figure.paragraph, (-1, frozenset()))
            here = told if sentence == figure.sentence else frozenset()
        plain = figure.counts and figure.exact and not context.role.changes and context.role is not Role.each
        if plain and here and figure.unit != "day" and not figure.wished and not context.roles & {"target", "against"}:
            out.append((context, here))
    return out


def _same(whole: Context, part: Context) -> bool:
    """Whether two figures count the same of different times."""
    one, other = whole.figure, part.figure
    own = {**one.own, "stage": ""}, {**other.own, "stage": ""}
    stages = {one.own.get("stage", ""), other.own.get("stage", "")} - {""}
    return one.unit == other.unit is not None and own[0] == own[1] and len(stages) < 2 and one.scope == other.scope
