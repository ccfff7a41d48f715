"""Rates of two things side by side: `đạt 65,0% về việc và 30,0% về tiền`, each of the counts of its own unit. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.contexts import Context
from services.notices.audit.claims.slips import holds_exchanged, mends
from services.notices.audit.figures import FigureKind
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.lexer import Token

BEFORE = 12
"""Figures before a rate among which its counts are."""
LEAD = 6
"""Words before a rate among which it is said what it is of."""
_MONEY = frozenset(("tiền", "giá", "vốn", "kinh"))
"""First words of `tiền`, `giá trị`, `kinh phí`."""
_NUMBER = frozenset(("số",))
_UNCOUNTED = frozenset(("day", "score", "level", "money"))


def respects(contexts: Sequence[Context]) -> Iterator[list[Equation]]:
    """The rates that say of which unit they are, over the count that stands before their part."""
    for order, context in enumerate(contexts):
        if context.figure.kind is not FigureKind.rate or context.role.changes or context.figure.wished:
            continue
        unit = unit_of(context)
        if unit is not None and context.figure.value <= 100 and context.figure.exact and not context.earlier:
            yield _readings(context, contexts[max(0, order - BEFORE) : order], unit)


def with_respects(slots: Sequence[Sequence[Equation]], contexts: Sequence[Context]) -> list[Sequence[Equation]]:
    """The slots, with rates that say of which unit they are (`về việc`, `về tiền`) where no other reading holds."""
    rates = {id(readings[0].claimed.figure): readings for readings in respects(contexts) if readings}
    out: list[Sequence[Equation]] = []
    for readings in slots:
        key = id(readings[0].claimed.figure)
        rated = readings[0].kind == "rate" and key in rates
        if rated and any(one.holds() for one in readings):
            del rates[key]
            rated = False
        if not rated:
            out.append(readings)
    return [*out, *rates.values()]


def unit_of(context: Context) -> str | None:
    """What a rate is told of: `về việc` after it, or before it where nothing of the kind follows."""
    after = _respect(context.tail, 0)
    if after is not None:
        return after
    lead = context.own_lead or context.lead
    near = lead[-LEAD:]
    position = max((number for number, token in enumerate(near) if token.norm == "về"), default=None)
    return None if position is None else _respect(near, position)


def _respect(words: Sequence[Token], position: int) -> str | None:
    if len(words) < position + 2 or words[position].norm != "về":
        return None
    first = words[position + 1].norm
    if first in _MONEY or (first in _NUMBER and [one.norm for one in words[position + 2 : position + 3]] == ["tiền"]):
        return "money"
    unit = vocabulary().units.find_at(words, position + 1 + (first in _NUMBER))
    return next((role for role in unit.roles if role not in _UNCOUNTED), None) if unit is not None else None


def _readings(rate: Context, before: Sequence[Context], unit: str) -> list[Equation]:
    figure = rate.figure
    counts = [
        one
        for one in before
        if one.figure.kind is FigureKind.count and one.figure.unit == unit and not (one.role.changes or one.earlier)
    ]
    inside = [one for one in counts if (one.figure.paragraph, one.figure.sentence) == (figure.paragraph, figure.sentence)]
    if not inside or not inside[-1].figure.exact:
        return []
    part = inside[-1]
    wholes = [
        one
        for one in reversed(counts)
        if one is not part
        and one.figure.exact
        and figure.paragraph - one.figure.paragraph <= 1
        and figure.sentence - one.figure.sentence <= 1
        and (one.figure.sentence != figure.sentence or one.figure.own.get("stage") != part.figure.own.get("stage", ""))
    ]
    if not wholes:
        return []
    readings = [_ratio(rate, part, one) for one in wholes]
    if not any(one.holds() for one in readings):
        # A base that is not printed may be meant: `số có điều kiện đã xong 574 việc`. Only a slip shows which one is.
        slipped = next((one for one in readings if mends(one) or holds_exchanged(one)), None)
        if slipped is not None:
            slipped.mistaken = slipped.certain = True
            return [slipped]
    return readings


def _ratio(rate: Context, part: Context, base: Context) -> Equation:
    return Equation("rate", Form.ratio, Term(rate.figure), (Term(part.figure),), (Term(base.figure),), certain=False)
