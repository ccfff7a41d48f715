"""The same figure said again. Pure.

What is told twice with one value is a claim that holds. What is told twice with two values of which one is a slip of the other
(`29.730` after `27.930`) contradicts itself, where both count the same and the other figures do not speak for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from services.notices.audit.claims.contexts import Context, Role, alike, digits_of, is_later
from services.notices.audit.claims.slips import is_slip_of
from services.notices.audit.claims.subjects import Subjects
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import Dimensions, vocabulary
from services.notices.quantities.exact import Fraction
from services.notices.quantities.lexer import TokenKind

SMALL = 10
"""Smaller numbers are said again by chance."""
NEXT = 4
"""Figures back among which that stands which one time hands over to the next."""
MANY = 4
"""Digits of a count of which one may be left out or typed twice."""
LONG = 5
"""Digits of counts that are not alike by chance."""
APART = 3
"""Words of a sentence among which `riêng` begins it."""
_SAME_STAGE = (
    {"received", "new"},
    {"left", "in_process"},
    {"carried", "in_process"},
    {"carried", "left"},
    {"handled", "received"},
)
"""Stages that stand for one another: what is left is carried over."""


def repetitions(
    contexts: Sequence[Context], subjects: Subjects, totals: Sequence[Figure], slots: Iterable[Sequence[Equation]]
) -> Iterator[list[Equation]]:
    """Figures told again; `totals` are those of tables, `slots` what else is claimed of the figures."""
    explained: set[int] = set()
    for readings in slots:
        holding = next((one for one in readings if one.holds()), None)
        if holding is not None and holding.form is not Form.at_least and holding.kind != "repeat":
            explained |= {id(figure) for figure in holding.figures}
    known = _Known()
    counted = {one.order: before.figure for before, one in pairwise(contexts) if _is_counted(before, one)}
    wholes: set[Fraction] = set()
    by_value: dict[tuple[object, ...], Context | Figure] = {
        (True, total.value): total for total in reversed(totals) if total.value >= SMALL
    }
    for context in contexts:
        figure = context.figure
        if (
            not figure.exact
            or context.role.changes
            or figure.kind not in (FigureKind.count, FigureKind.part, FigureKind.rate)
            or figure.unit == "day"
        ):
            continue
        key = (figure.counts, figure.value)
        first = by_value.get(key)
        again = first is not None and _is_same(first, context)
        near = known.near(context, wanted=not again and _may_be_again(context))
        if first is not None and again:
            told_first = first.figure if isinstance(first, Context) else first
            yield [_again(figure, told_first, certain=False)]
        else:
            near = [one for one in near if not _are_of_two(counted, one, context)]
            told = figure.counts and figure.value in wholes  # `109/139 ý kiến ... nhận 139 ý kiến`
            slipped = None if told else _slipped(context, near, subjects, totals, explained)
            slipped = slipped or _handed_over(context, contexts, explained)
            if slipped is not None:
                yield [slipped]
        by_value.setdefault(key, context)
        if figure.whole is not None:
            wholes.add(figure.whole)


def _is_counted(before: Context, rate: Context) -> bool:
    """Whether a rate stands right behind the count that it is of."""
    near = (before.figure.paragraph, before.figure.sentence) == (rate.figure.paragraph, rate.figure.sentence)
    near = near and not any(token.text == ";" for token in rate.lead)
    return near and rate.figure.kind is FigureKind.rate and before.figure.counts and not before.role.changes


def _are_of_two(counted: Mapping[int, Figure], one: Context, other: Context) -> bool:
    """Whether two rates are of two counts: `17.363 tỷ đồng, đạt 111,6% dự toán`, `16.186 tỷ đồng, đạt 117,6% dự toán`."""
    mine, its = counted.get(one.order), counted.get(other.order)
    return mine is not None and its is not None and mine.value != its.value


class _Known:
    """Figures so far, found again by their digits but for a slip."""

    def __init__(self) -> None:
        self._by: dict[tuple[object, ...], list[Context]] = {}

    def near(self, context: Context, *, wanted: bool) -> list[Context]:
        """Those before a figure that it may be a slip of, the last first; the figure is remembered."""
        counts, digits = context.figure.counts, context.digits
        keys: list[tuple[object, ...]] = [(counts, "".join(sorted(digits)))]
        without = [digits[:number] + digits[number + 1 :] for number in range(len(digits))]
        keys += [(counts, number, rest) for number, rest in enumerate(without)]
        if len(digits) >= MANY and context.figure.own:  # one digit too many or too few
            keys += [(counts, "", one) for one in {digits, *without}]
        found: dict[int, Context] = {}
        for key in keys:
            told = self._by.setdefault(key, [])
            if wanted:
                found.update((one.order, one) for one in told[-20:])
            told.append(context)
        return [found[order] for order in sorted(found, reverse=True)]


def _is_same(first: Context | Figure, context: Context) -> bool:
    figure = context.figure
    if isinstance(first, Figure):
        return True
    one = first.figure
    if (
        (one.paragraph, one.sentence) == (figure.paragraph, figure.sentence)
        and one.depth == figure.depth
        and context.role is not Role.total
    ):
        return False
    if not alike(one, figure):
        return False
    if figure.counts and figure.value >= SMALL * 10:
        return True
    if figure.kind is FigureKind.rate and len(context.digits) > 2 and figure.decimals:
        return not _conflict(first, context)
    return not _conflict(first, context) and (
        (figure.value >= SMALL and figure.counts) or bool(_shared(first, context)) or _same_measure(first, context)
    )


def _slipped(
    context: Context, candidates: Sequence[Context], subjects: Subjects, totals: Sequence[Figure], explained: set[int]
) -> Equation | None:
    """The figure before it of which it is a slip, or which is a slip of it."""
    figure = context.figure
    digits = context.digits
    if not _may_be_again(context) or context.roles & {"prior"} - _carried(context):
        return None
    referring = _refers(context)
    for one in candidates:
        other = one.figure
        if other.counts is not figure.counts or other.value == figure.value:
            continue
        told = _same_measure(one, context) or _same_meaning(one, context)
        if len(one.digits) != len(digits) and (not told or min(len(one.digits), len(digits)) < MANY):
            continue
        if other.scope != figure.scope or (other.paragraph, other.sentence) == (figure.paragraph, figure.sentence):
            continue
        if not alike(other, figure) or not _may_be_again(one):
            continue
        known = (id(figure) in explained) + (id(other) in explained)
        same = _same_measure(one, context) or (known < 2 and (told or _same_share(one, context)))
        handed_over = "from" in context.roles or (
            figure.own.get("stage") == "carried"
            and (other.meaning.get("stage") in ("in_process", "left") or _goes_over(one, context))
        )
        alone = known == 1
        if not _is_slip(
            one.digits, digits, close=same or handed_over or len(_shared(one, context)) > 1 or (referring and alone)
        ):
            continue
        if _conflict(one, context) or (not handed_over and _is_apart(context)):
            continue
        if not handed_over and (is_later(one, context) or is_later(context, one) or one.earlier):
            continue
        if known == 2 and not (_same_meaning(one, context) or (same and sorted(one.digits) == sorted(digits))):
            continue
        if not handed_over and subjects.apart(one, context):
            continue
        if other.own.get("stage") == "carried" and figure.own.get("stage") in ("in_process", "left"):
            continue  # what was left before, and what is left now
        pointing = referring and not _of_other_nouns(one, context)
        if same or pointing or handed_over or len(_shared(one, context)) > 1 or (known == 2 and _same_meaning(one, context)):
            return _again(figure, other, certain=True)
    for total in totals:
        if not figure.counts or id(figure) in explained or not _counts_like(total, figure):
            continue
        if _is_slip(digits_of(total), digits, close=False):
            return _again(figure, total, certain=True)
    return None


def _handed_over(context: Context, contexts: Sequence[Context], explained: set[int]) -> Equation | None:
    """What the sentence before hands over, told with another number: `còn 37 đơn chuyển sang tháng 5. ... cùng với 33 đơn`."""
    figure = context.figure
    if figure.own.get("stage") != "carried" or id(figure) in explained or figure.kind is not FigureKind.count:
        return None
    for one in reversed(contexts[max(0, context.order - NEXT) : context.order]):
        if _goes_over(one, context) and alike(one.figure, figure) and one.figure.paragraph == figure.paragraph:
            near = figure.sentence - one.figure.sentence == 1 and one.figure.scope == figure.scope
            again = _again(figure, one.figure, certain=True)
            again.mistaken = True  # the words say it, however far off it is
            return again if near and one.figure.exact else None
    return None


def _counts_like(total: Figure, figure: Figure) -> bool:
    """Whether a figure of the text counts what the total of a column does."""
    if not total.meaning.keys() - {"level"}:
        return bool(total.meaning) and total.meaning == figure.meaning  # a column of a level, of which nothing else is told
    return all(
        figure.meaning.get(name) == total.meaning.get(name)
        or (name == "stage" and {figure.meaning.get(name, ""), total.meaning.get(name, "")} in _SAME_STAGE)
        for name in {*total.meaning, *figure.meaning} - {"level"}
    )


def _may_be_again(context: Context) -> bool:
    goal = {"target"} if not (context.figure.counts and "current" in context.roles) else set()
    return not context.roles & {*goal, "examples", "every", "against"} and context.role is not Role.each


def _carried(context: Context) -> set[str]:
    """What makes no other time of it: what the time before handed over is of now."""
    return {"prior"} if context.figure.own.get("stage") == "carried" else set()


def _of_other_nouns(one: Context, other: Context) -> bool:
    """Whether one counts what is no unit that is known, and the other something else: `Trong 172 tờ khai`, `272 hồ sơ`."""
    nouns = [_noun(each) for each in (one, other)]
    return all(nouns) and nouns[0] != nouns[1]


def _noun(one: Context) -> str:
    """The unit that is told with a figure, or the first word of what it counts; empty where nothing is."""
    read, place = one.paragraph.tokens, one.figure.token + 1
    if place < one.figure.last:
        return one.figure.unit or ""
    word = read[place].norm if place < len(read) and read[place].kind is TokenKind.word else ""
    return one.figure.unit or "" if not word or word in vocabulary().plain else word


def _refers(context: Context) -> bool:
    """Whether words like `của`, `trong`, `với` before it point back to a figure: `0,5% của 18.200 hồ sơ`."""
    words = [token.norm for token in context.lead[-4:] if token.kind is TokenKind.word]
    return bool({"của", "trong", "với", "từ", "trên"} & set(words)) and not context.roles & {"opener"}


def _is_slip(one: str, other: str, *, close: bool) -> bool:
    if len(one) == len(other) == 2:
        return close and one == other[::-1]
    return is_slip_of(one, other) and (sorted(one) == sorted(other) or len(one) > 3 or close)


def _conflict(one: Context, other: Context) -> bool:
    mine, its = one.figure, other.figure
    if mine.topic != its.topic and mine.topic and its.topic:
        return True
    for name in ("time", "channel", "level", "opinion", "service"):
        one_told, other_told = mine.own.get(name), its.own.get(name)
        if one_told != other_told and ((one_told and other_told) or mine.meaning.get(name) != its.meaning.get(name)):
            return True
    stages = {mine.meaning.get("stage", ""), its.meaning.get("stage", "")}
    return len(stages - {""}) > 1 and stages not in _SAME_STAGE


def _same_measure(one: Context, other: Context) -> bool:
    return _are_same(one.figure.own, other.figure.own)


def _same_meaning(one: Context, other: Context) -> bool:
    """Whether two long counts are of one measure, the stage told with one of them only: `83.228 hồ sơ mới nộp trực tuyến`."""
    divided = one.figure.own.keys() & other.figure.own.keys() - {"stage"}
    counts = one.figure.kind is other.figure.kind is FigureKind.count and len(other.digits) >= LONG
    return counts and bool(divided) and _are_same(one.figure.meaning, other.figure.meaning)


def _goes_over(one: Context, other: Context) -> bool:
    """Whether what one time hands over is told of the time after it: `còn 84 đơn chuyển sang tháng 5`."""
    both = one.figure.own.get("stage") == other.figure.own.get("stage") == "carried"
    return both and "to" in one.roles and one.figure.period != other.figure.period


def _same_share(one: Context, other: Context) -> bool:
    """Whether two rates are of the same by their words or by those of the counts beside them."""
    figures = one.figure, other.figure
    rates = all(figure.kind is FigureKind.rate and figure.meaning.keys() - {"stage"} for figure in figures)
    return rates and figures[0].topic == figures[1].topic and _are_same(figures[0].meaning, figures[1].meaning)


def _are_same(mine: Dimensions, its: Dimensions) -> bool:
    if mine == its:
        return bool(mine)
    if {mine.get("stage", ""), its.get("stage", "")} not in _SAME_STAGE:
        return False
    return {**mine, "stage": ""} == {**its, "stage": ""}


def _is_apart(context: Context) -> bool:
    """Whether a sentence begins with words that take a part out: `Riêng hồ sơ cấp xã ..., chiếm 96,2%`."""
    begin = next((one.start for one in context.paragraph.segments if one.sentence == context.figure.sentence), 0)
    return any(token.norm == "riêng" for token in context.paragraph.tokens[begin : begin + APART])


def _shared(one: Context, other: Context) -> frozenset[str]:
    return one.near(8) & other.near(8)


def _again(figure: Figure, first: Figure, *, certain: bool) -> Equation:
    return Equation("repeat", Form.total, Term(figure), (Term(first),), certain=certain, guessed=True)
