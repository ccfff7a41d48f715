"""What a rate is of, found by what stands around it: the count that goes by its name, and what that is a part of. Pure.

`rates` reads a rate whose count and base the words pin down. Here the others: a count after it, a count told sentences before
under the same name, a base that is the whole of a list. Every pair near by is weighed; one that gives the rate was meant,
unless so many were tried that one would by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.notices.audit.claims.contexts import Context, alike, telling
from services.notices.audit.claims.slips import is_slip, mends
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.solver import Equation, Form, Term, rounded
from services.notices.quantities.exact import Fraction
from services.notices.quantities.lexer import Token, TokenKind

BEFORE, AFTER = 36, 2
CHANCE = Fraction(1, 5)
"""How likely it may be that some pair gives a rate by chance."""
TRIED = 14
"""Parts that are tried."""
LEAST = -6
"""Points below which a figure is not tried."""
LARGE = 1_000_000
"""Amounts from here on add up as they were meant to."""
CLOSE = 3
"""Words between an amount and its rate."""
CLEAR = 4
"""Digits of a rate of which two are not exchanged by chance."""
SHORT = 3
"""The same, where the text divides the base."""
NAMED = 5
"""Points from which the words name a figure."""
_VERBS = frozenset(("chiếm", "đạt", "là", "bằng", "gánh"))
_FRONTS = frozenset(("riêng", "tỷ", "lệ", "số", "của", "về", "thì", "còn", "nhóm", "như", "vậy", "và"))
"""Words before the name of what a rate is of."""
_SHARED = frozenset(("time", "channel", "level", "opinion", "service"))
"""Dimensions in which a rate and its count agree."""
_DIVIDED = frozenset(("time", "channel", "level", "opinion"))
"""Dimensions by which the base of a rate is divided."""
_APART = frozenset(("time", "channel", "opinion"))
"""Dimensions of a base that its parts have too."""
_RESULT = frozenset(("resolved", "in_process", "carried"))


class Proportion(NamedTuple):
    """A part and its base."""

    part: Context
    base: Context
    of_part: int
    """How much speaks for the part."""
    of_base: int

    @property
    def points(self) -> int:
        """How much speaks for both."""
        return self.of_part + self.of_base

    @property
    def explicit(self) -> bool:
        """Whether the words name both."""
        return self.of_part >= NAMED and self.of_base >= NAMED


class _Base(NamedTuple):
    """What speaks for a count as the base of a rate, whatever the part is."""

    points: int
    held: bool
    """Whether the rate is held against it: `bằng 60% (tháng 7 là 30 hồ sơ)`."""
    after: bool
    """Whether it stands right after the rate: `60% của 50 hồ sơ`."""
    follows: bool
    """The same, over a stop too."""
    opens: bool
    """Whether words like `trong`, `với` begin with it."""


class Proportions:
    """Finds what rates are of."""

    def __init__(self, contexts: Sequence[Context], sums: Iterable[Equation]) -> None:
        self._contexts = contexts
        self._first_rates: dict[Fraction, int] = {}
        for context in contexts:
            if context.figure.kind is FigureKind.rate:
                self._first_rates.setdefault(context.figure.value, context.order)
        self._wholes: dict[int, list[Figure]] = {}
        for one in sums:
            if one.form in (Form.total, Form.at_least) and all(term.factor > 0 for term in one.terms):
                for term in one.terms:
                    self._wholes.setdefault(id(term.figure), []).append(one.claimed.figure)

    def readings(self, context: Context) -> list[Equation]:
        """The readings of a rate: one that holds, or the one that is meant."""
        rate = context.figure
        if context.role.changes or context.roles & {"target"} or rate.value > 1000:
            return []
        found = self._proportions(context)
        tolerance = (rate.high - rate.low) / 100
        tried = Fraction(0)
        low, high = float(rate.low) - 0.01, float(rate.high) + 0.01
        for one in found:
            tried += tolerance
            part, base = one.part.figure, one.base.figure
            if part.exact and base.exact and not low <= 100 * float(part.value) / float(base.value) <= high:
                continue
            equation = _ratio(context, one)
            if equation.holds() and (one.explicit or tried <= CHANCE) and self._worded(context, one.base) >= 0:
                return [equation]
        best = next((one for one in found if one.explicit), None) or next(
            (
                one
                for one in found[:1]
                if (one.of_part > NAMED and one.of_base > 0 and _is_exchanged(_ratio(context, one), CLEAR))
                or self._is_proved(context, one)
            ),
            None,
        )
        best = best or self._divided(context, found)
        again = self._first_rates.get(rate.value, context.order) < context.order
        if best is None or again:
            return []
        rivals = [one for one in found if one.points >= best.points - 1 and one.base.figure.value != best.base.figure.value]
        equation = _ratio(context, best)
        if rate.own.get("stage") == "resolved" and best.part.figure.own.get("stage") in ("left", "in_process"):
            done = Equation(
                "rate", Form.ratio, Term(rate), (Term(best.base.figure), Term(best.part.figure, -1)), (Term(best.base.figure),)
            )
            return [done] if done.holds() or is_slip(rate, done.computed()) else []
        equation.mistaken = _is_mistaken(context, best) and self._is_of_its_words(context, best)
        exact = rate.exact and best.part.figure.exact and best.base.figure.exact
        # `Quý II tỷ lệ là 96,2%` after the figures of another time: of those that are not printed
        dated = any(token.kind is TokenKind.period for token in context.own_lead)
        apart = dated and rate.period not in ("", best.part.figure.period)
        equation.certain = exact and not (rivals or apart) and (equation.mistaken or self._is_proved(context, best))
        return [equation]

    @staticmethod
    def _is_of_its_words(context: Context, one: Proportion) -> bool:
        """Whether a rate is of a figure of its paragraph, or of one whose words it repeats, more than a syllable."""
        words = _subject(context)
        shared = len(telling(words) & one.part.near(4))
        return one.part.paragraph is context.paragraph or shared > 1 or _goes_by_name(_name(words), one.part)

    def _divided(self, context: Context, found: Sequence[Proportion]) -> Proportion | None:
        """`Có 1.190 đơn vị, trong đó 1.032 đơn vị đã dùng, 158 chưa. Tỷ lệ tham gia đạt 87,6%`: of what was divided before."""
        if "rate" not in context.roles or context.figure.value > 100:
            return None
        for one in found:
            part, base = one.part.figure, one.base.figure
            near = 0 <= context.figure.sentence - part.sentence <= 1 and part.paragraph == context.figure.paragraph
            if near and base in self._wholes.get(id(part), ()) and _is_exchanged(_ratio(context, one), SHORT):
                return one
        return None

    def _is_proved(self, context: Context, one: Proportion) -> bool:
        """Whether an amount with its rate beside it and another one make up the base: `qua thẻ 616 triệu đồng, chiếm 88%`."""
        part, base = one.part.figure, one.base.figure
        beside = one.part.order == context.order - 1 and "ratio" in context.roles and not context.following[:1]
        large = base.value >= LARGE and base in self._wholes.get(id(part), ())
        return beside and large and len(context.lead) <= CLOSE and context.figure.value <= 100

    def _proportions(self, context: Context) -> list[Proportion]:
        near = self._contexts[max(0, context.order - BEFORE) : context.order + 1 + AFTER]
        counts = [
            one
            for one in near
            if one.figure.counts
            and not one.role.changes
            and one.figure.unit not in ("day", "level", "score")
            and one.figure.wished is context.figure.wished
        ]
        words = _subject(context)
        subject = _Subject(telling(words), _name(words))
        parts = [(points, one) for one in counts for points in (self._of_part(context, one, subject),) if points > LEAST]
        parts.sort(key=lambda pair: -pair[0])
        found = []
        known: dict[int, _Base] = {}
        bases = [one for one in counts if one.figure.value and one.figure.kind is not FigureKind.part]
        for of_part, part in parts[:TRIED]:
            for base in bases:
                if (
                    base is part
                    or (base.figure.value < part.figure.value and not _is_held_against(context, base))
                    or not alike(part.figure, base.figure)
                ):
                    continue
                alone = known.get(base.order) or known.setdefault(base.order, self._alone(context, base))
                of_base = self._of_base(context, part, base, alone)
                if of_part + of_base > LEAST:
                    found.append(Proportion(part, base, of_part, of_base))
        return sorted(found, key=lambda one: -one.points)

    def _of_part(self, context: Context, one: Context, subject: _Subject) -> int:
        """How much speaks for a count as the part; nothing where it cannot be."""
        rate, figure = context.figure, one.figure
        points = 0
        shared = len(subject.telling & one.near(4)) if subject.telling else 0
        if subject.name and _goes_by_name(subject.name, one):
            points += 4
            shared = max(shared, 2)
        if one.order > context.order:
            if (figure.paragraph, figure.sentence) != (rate.paragraph, rate.sentence):
                return 0
            words = {token.norm for token in one.lead}
            bracket = figure.depth == rate.depth + 1
            if not (
                bracket or words & {"ứng", "tức", "với", "vì", "do"} or any(token.norm in ("ấy", "đó") for token in one.lead)
            ):
                return 0
            if one.dated or any(cue.roles & {"against", "prior"} for cue in one.cues):
                return 0
            points += 6
        elif (figure.paragraph, figure.sentence) == (rate.paragraph, rate.sentence):
            points += 3
            if one.order == context.order - 1:
                points += 2
        elif figure.paragraph == rate.paragraph:
            points += 1
        points += 3 * min(shared, 2)
        if not shared and one.order < context.order - 1:
            points -= 2
        points += _agreement(context, one)
        if "prior" in context.near_roles and not one.earlier:
            points -= 6
        if figure.depth > rate.depth and one.order < context.order and one.order != context.order - 1:
            points -= 1
        points -= (rate.paragraph - figure.paragraph) * 2 if figure.paragraph != rate.paragraph else 0
        return points

    def _of_base(self, context: Context, part: Context, base: Context, alone: _Base) -> int:
        """How much speaks for a count as the base of a part."""
        rate = context.figure
        one, other = part.figure, base.figure
        if base.order > context.order and not (alone.held or alone.after):
            return -20
        if not alone.held and base.earlier and not part.earlier and other.sentence != one.sentence:
            return -20  # what there was another time
        points = alone.points
        if other in self._wholes.get(id(one), ()):
            points += 5
        if alone.opens and base.order < part.order:
            points += 4 if other.sentence == one.sentence and base.paragraph is part.paragraph else 1
        if (other.paragraph, other.sentence) == (one.paragraph, one.sentence):
            points += 2
        elif other.paragraph != one.paragraph:
            points -= 1
        if base.order > part.order and not alone.follows:
            points -= 1
        if base.earlier and not part.earlier and not alone.held:
            points -= 6
        level = one.own.get("level")
        points += 4 * (level is not None and other.own.get("level") == level and one.paragraph == other.paragraph + 1)
        points += _fits(one, other)
        if rate.value > 1 and base.thousandths > 400 * part.thousandths:
            points -= 4
        return points - (other.scope != one.scope)

    def _alone(self, context: Context, base: Context) -> _Base:
        """What speaks for a base, whatever it is a base of."""
        follows = base.order == context.order + 1 and any(
            token.norm in ("của", "trên", "trong", "số", "tổng") for token in base.lead
        )
        after = follows and not any(token.text in (";", ".") for token in base.lead)
        held = base.order == context.order + 1 and _is_held_against(context, base)
        points = 8 if held else 7 if after else 0
        if any("base" in cue.roles for cue in context.following[:1]):
            points += 3 * min(len(telling(context.tail[:8]) & base.near(3)), 2)
        opens = "base" in base.roles and any(token.norm in ("trong", "với") for token in base.lead)
        return _Base(points + self._worded(context, base), held, after, follows, opens)

    @staticmethod
    def _worded(context: Context, base: Context) -> int:
        """Points for a base of the stage that the words right after the rate tell: `83,05% hồ sơ mới`."""
        for cue in context.following[:1]:
            stage, its = (cue.measure or {}).get("stage"), base.figure.own.get("stage")
            if stage is not None and cue.start - context.figure.last <= 3 and len(cue.measure or {}) == 1:
                return 5 if stage == its else -5 if its is not None and {stage, its} != {"received", "new"} else 0
        return 0


def _is_held_against(context: Context, base: Context) -> bool:
    """`bằng 85,0% cùng kỳ (15.100 tỷ đồng)`, `bằng 60% (tháng 7 là 30 hồ sơ)`: of what there was another time."""
    if base.figure.depth != context.figure.depth + 1 or not any(token.norm in ("bằng", "đạt") for token in context.lead[-3:]):
        return False
    timed = base.dated or any(cue.roles & {"prior", "against"} for cue in context.following)
    return timed and not any(token.text in (",", ";") for token in base.lead)


class _Subject(NamedTuple):
    """What a rate is said to be of."""

    telling: frozenset[str]
    name: list[str]


def _name(subject: Sequence[Token]) -> list[str]:
    """The words before `chiếm`, `đạt`; none where there are too many for a name."""
    words = [token.norm for token in subject]
    stop = next((number for number, word in enumerate(words) if word in _VERBS), len(words))
    name = [word for word in words[:stop] if word.isalpha()]
    while name and name[0] in _FRONTS and name[1:2] != ["hóa"]:  # the `số` of `số hóa` is a part of it
        name.pop(0)
    return [] if len(name) > 5 or stop == len(words) else name


def _goes_by_name(name: list[str], one: Context) -> bool:
    """Whether a name is what stands next to a count: `Chứng thực chiếm 52,3%` of `chứng thực 241 hồ sơ`."""
    near = [token.norm for token in (*one.lead[-6:], *one.tail[:4]) if token.kind is TokenKind.word]
    return any(near[number : number + len(name)] == name for number in range(len(near) - len(name) + 1))


def _subject(context: Context) -> Sequence[Token]:
    """The words that name what a rate is of: of its clause."""
    lead = list(context.lead)
    stop = max((number for number, token in enumerate(lead) if token.text in (";", ")", ".")), default=-1)
    return lead[stop + 1 :]


def _agreement(context: Context, one: Context) -> int:
    """How well a rate and a count agree in what they count."""
    points = 0
    for name, mine in context.figure.own.items():
        if name not in _SHARED:
            continue
        its = one.figure.meaning.get(name)
        points += 3 if mine == its else -3 if its is not None else -1
    return points


def _fits(part: Figure, base: Figure) -> int:
    """How well a count is the base of shares of another's kind."""
    mine, others = part.meaning, base.meaning
    stage, its = mine.get("stage", ""), others.get("stage", "")
    divided = not _DIVIDED.isdisjoint(mine.keys() - others.keys())
    points = 2 * divided
    for name, value in others.items():
        if name in _APART and value != mine.get(name):
            points -= 4
    if stage and stage == its and divided:
        points += 2
    elif stage in _RESULT and its in ("handled", "received", "new") and not divided:
        points += 3
    return points


def _ratio(context: Context, one: Proportion) -> Equation:
    return Equation("rate", Form.ratio, Term(context.figure), (Term(one.part.figure),), (Term(one.base.figure),), certain=False)


def _is_exchanged(equation: Equation, least: int) -> bool:
    """Whether a rate of so many digits is the right one with two of them exchanged."""
    computed, rate = equation.computed(), equation.claimed.figure
    if computed is None or len(str(int(rate.value * 10**rate.decimals))) < least:
        return False
    mine, its = (str(int(rounded(value, rate.decimals) * 10**rate.decimals)) for value in (rate.value, computed))
    return mine != its and sorted(mine) == sorted(its)


def _is_mistaken(context: Context, one: Proportion) -> bool:
    """Whether a usual mistake explains a rate: a slip, or part and base exchanged."""
    rate, part, base = context.figure, one.part.figure.value, one.base.figure.value
    if not part or not base:
        return False
    return mends(_ratio(context, one)) or any(
        rounded(value, rate.decimals) == rate.value for value in (100 * base / part, 100 - 100 * part / base)
    )
