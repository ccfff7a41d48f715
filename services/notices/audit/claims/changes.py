"""Changes: what rose or fell by how much, against what; `từ A lên B`; the sign, and points against relative growth. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from services.notices.audit.claims.facts import nearest
from services.notices.audit.claims.settings import DIRECTIONS, Setting, is_change, settings
from services.notices.audit.figures import Figure, FigureKind, Mark, ParagraphFigures
from services.notices.audit.frames import PRIOR
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import Cue
from services.notices.quantities.lexer import TokenKind


def changes(paragraph: ParagraphFigures, everything: Sequence[Figure]) -> Iterator[list[Equation]]:
    """The claims of change of a paragraph."""
    every = (FigureKind.rate, FigureKind.points, FigureKind.count, FigureKind.times)
    for setting in settings(paragraph, every):
        if not is_change(setting) or setting.rate.unit in ("day", "score", "level"):
            continue
        down = _direction(setting)
        readings = list(_readings(setting, everything, down=down))
        if readings:
            yield readings
        elif _compared(setting):
            own = Term(setting.rate)
            yield [Equation("change", Form.total, own, (own,), certain=False, constant=own.value + 1)]


def _direction(setting: Setting) -> bool:
    last = [cue for cue in setting.cues if cue.roles & DIRECTIONS][-1]
    return "decrease" in last.roles


def _compared(setting: Setting) -> bool:
    return any(cue.roles & {"against", "prior"} for cue in setting.following) or bool(
        setting.following and any("prior" in cue.roles for cue in setting.following)
    )


def _readings(setting: Setting, everything: Sequence[Figure], *, down: bool) -> Iterator[Equation]:
    change = setting.rate
    pairs = list(_pairs(setting, everything))
    for order, (now, then, certain) in enumerate(pairs):
        yield from _equations(change, now, then, down=down, certain=certain and order == 0)
        if _year(now) == _year(then) and now.period and then.period:
            # Two stretches of one year: nothing says which of the two is of before.
            yield from _equations(change, then, now, down=down, certain=False)


def _pairs(setting: Setting, everything: Sequence[Figure]) -> Iterator[tuple[Figure, Figure, bool]]:
    """The figures compared, the most natural first: now and then."""
    change = setting.rate
    span = _from_to(setting)
    if span is not None:
        yield span[1], span[0], True
        return
    then = _then(setting)
    before = [one for one in reversed(setting.before) if one is not then and one.kind is not FigureKind.points]
    if then is not None:
        candidates = [one for one in before if _alike(one, then) and one.depth <= change.depth]
        if not candidates:
            earlier = [
                one for one in setting.paragraph.figures if one.end <= change.start and _alike(one, then) and one is not then
            ]
            candidates = list(reversed(earlier))
        for order, now in enumerate(candidates[:4]):
            yield now, then, order == 0 and now.sentence == change.sentence
        return
    told = [
        one
        for one in setting.before
        if one.kind in (FigureKind.rate, FigureKind.count, FigureKind.part) and not one.roles & DIRECTIONS
    ]
    if len(told) > 1 and _alike(told[-2], told[-1]) and _is_earlier(setting, told[-2], told[-1]):
        yield told[-2], told[-1], True
        return
    if then is None and told and any(cue.roles & {"against"} for cue in _before(setting, told[-1])):
        # `So với quý I/2024 (75 giấy phép) tăng 20%`: what it is now was told before.
        earlier = [one for one in setting.paragraph.figures if one.sentence < setting.rate.sentence and _alike(one, told[-1])]
        for now in reversed(earlier[-6:]):
            yield now, told[-1], False
        if earlier:
            return
    if told and told[-1].period and told[-1].meaning:
        # `năm 2020 là 31.775 hồ sơ; năm 2021 là 78.020 hồ sơ, tăng 145,5%`
        now = told[-1]
        series = [
            one
            for one in setting.paragraph.figures
            if one.start < now.start
            and _alike(now, one)
            and one.kind == now.kind
            and one.meaning == now.meaning
            and one.period != now.period
        ]
        if series:
            other = series[-1]
            # `51,35 %; năm 2021 đạt 12,08%, tăng 39,27 điểm`: what has no time is of now.
            yield (other, now, True) if _year(now) < _year(other) else (now, other, True)
            return
    if not _compared(setting):
        return
    for now in before[:1]:
        if not now.meaning:
            continue
        others = [
            one
            for one in everything
            if one.kind == now.kind
            and one.meaning == now.meaning
            and one.scope == now.scope
            and one.period != now.period
            and one.period
        ]
        for one in nearest(others, now)[:2]:
            yield now, one, False


def _before(setting: Setting, figure: Figure) -> list[Cue]:
    """The phrases of the sentence before a figure."""
    return [
        cue
        for segment in setting.paragraph.segments
        if segment.sentence == figure.sentence
        for cue in segment.cues
        if cue.start < figure.token
    ]


def _year(figure: Figure) -> int:
    """The year of a figure's period; figures without one are of the report's own time, those of the period before are
    earlier."""
    if figure.period == PRIOR:
        return 0
    found = re.findall(r"(?:19|20)\d{2}", figure.period)
    return int(found[-1]) if found else 9999


def _is_earlier(setting: Setting, now: Figure, then: Figure) -> bool:
    """`61,2%, năm trước 38,7%, tăng 22,5%`; `84,15%, so với năm 2022 (81,90%) tăng 2,25 điểm`: whether the second is of
    before."""
    read = setting.paragraph.tokens
    words = {token.norm for token in read[now.last : then.token]}
    stated = any(token.kind is TokenKind.period for token in [*read[now.last : then.token], *read[then.last : then.last + 3]])
    cues = [cue for one in setting.paragraph.segments for cue in one.cues if now.last <= cue.start < then.token]
    marks = _marks(setting.paragraph, now, setting.rate)
    return (stated or bool(words & {"trước", "kỳ", "ngoái"}) or any(cue.roles & {"against", "prior"} for cue in cues)) and not (
        Mark.semicolon in marks or Mark.end in marks
    )


def _alike(one: Figure, other: Figure) -> bool:
    if one.kind is FigureKind.part:
        return other.kind in (FigureKind.count, FigureKind.part)
    return one.kind == other.kind and (one.unit is None or other.unit is None or one.unit == other.unit)


def _then(setting: Setting) -> Figure | None:
    """The earlier value: `so với năm 2022 (0,34%)`, `(năm 2023 là 60,65%)`, `so với 1.000 hồ sơ cùng kỳ`."""
    change = setting.rate
    for follow in setting.after[:2]:
        marks = _marks(setting.paragraph, change, follow)
        if Mark.semicolon in marks or Mark.end in marks:
            return None
        cues = [
            cue for segment in setting.paragraph.segments for cue in segment.cues if change.last <= cue.start < follow.token
        ]
        if follow.kind is FigureKind.points or any(cue.roles & {"increase", "decrease"} for cue in cues):
            return None
        against = any(cue.roles & {"against", "prior"} for cue in cues)
        bracket = Mark.opening in marks and follow.depth == change.depth + 1
        if any(cue.roles & {"target"} for cue in cues):
            return None
        if follow.kind in (FigureKind.rate, FigureKind.count) and (
            (against and len(marks) <= 2) or (bracket and _has_period(setting.paragraph, change, follow))
        ):
            if Mark.comma in marks and not bracket:
                return None
            return follow
        return None
    # `so với năm 2022 (0,34%) giảm 0,29%`
    return None


def _has_period(paragraph: ParagraphFigures, one: Figure, other: Figure) -> bool:
    span = paragraph.tokens[one.last : other.token + 6]
    return any(token.kind is TokenKind.period for token in span) or any(
        token.norm in ("kỳ", "trước", "ngoái") for token in span
    )


def _marks(paragraph: ParagraphFigures, one: Figure, other: Figure) -> list[Mark]:
    return [
        segment.opened
        for segment in paragraph.segments
        if segment.opened is not None and one.last <= segment.start - 1 and segment.start <= other.token
    ]


def _from_to(setting: Setting) -> tuple[Figure, Figure] | None:
    """`tăng 38,83%, từ 60,06% lên 98,89%`, `từ 60,06% lên 98,89% (tăng 38,83%)`."""
    told = [one for one in setting.before if not one.roles & DIRECTIONS or one.roles & {"from", "to"}]
    for pool in (told[-2:], setting.after[:2]):
        if len(pool) < 2:
            continue
        first, second = pool
        between_them = _marks(setting.paragraph, min(first, setting.rate, key=_at), max(second, setting.rate, key=_at))
        if not _alike(first, second) or Mark.semicolon in between_them or Mark.end in between_them:
            continue
        words = [token.norm for token in setting.paragraph.tokens[max(0, first.token - 6) : first.token]]
        between = [token.norm for token in setting.paragraph.tokens[first.last : second.token]]
        if "từ" in words and any(word in between for word in ("lên", "xuống", "còn", "đến", "thành", "tới")):
            return first, second
    return None


def _at(figure: Figure) -> int:
    return figure.start


def _equations(change: Figure, now: Figure, then: Figure, *, down: bool, certain: bool) -> Iterator[Equation]:
    certain = certain and change.exact and now.exact and then.exact
    up = (Term(then), Term(now, -1)) if down else (Term(now), Term(then, -1))
    if now.kind is FigureKind.rate and then.kind is FigureKind.rate:
        if change.kind in (FigureKind.rate, FigureKind.points):
            yield Equation("change", Form.total, Term(change), up, certain=certain)
        elif change.kind is FigureKind.times:
            yield Equation("change", Form.multiple, Term(change), (Term(now),), (Term(then),), certain=certain)
        return
    if not (now.counts and then.counts):
        return
    if change.kind is FigureKind.count:
        yield Equation("change", Form.total, Term(change), up, certain=certain)
    elif change.kind is FigureKind.rate:
        right_way = now.value <= then.value if down else now.value >= then.value
        if right_way:
            yield Equation("change", Form.growth, Term(change), (Term(now),), (Term(then),), certain=certain)
        else:
            yield Equation("change", Form.total, Term(change), up, certain=certain)
    elif change.kind is FigureKind.times:
        yield Equation("change", Form.multiple, Term(change), (Term(now),), (Term(then),), certain=certain)
