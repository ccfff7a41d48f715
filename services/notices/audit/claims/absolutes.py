"""All in time, said beside a number that was late: `100% hồ sơ trả đúng hạn ..., 12 hồ sơ quá hạn`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.notices.audit.claims.contexts import Context, telling
from services.notices.audit.figures import FigureKind
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.lexer import TokenKind

BEFORE, AFTER = 8, 4
"""Figures before and after a rate among which the late ones are."""
REACH = 8
"""Words between a rate and `đúng hạn`."""
_IN_TIME = frozenset(("early", "on_time", "in_time"))
_PARTIAL = frozenset(
    ("riêng", "lĩnh", "vực", "đối", "tại", "ở", "cấp", "các", "một", "khối", "trong", "nhóm", "loại", "của", "những", "khi")
)
"""Words that make a rate one of a part of the whole."""
_PLAIN = frozenset(("giữ", "vững", "duy", "trì", "luôn", "thành", "tích", "đảm", "bảo", "kỷ", "lục"))
"""Words that tell nothing of whom or when: other ones before a rate name a unit, a group, a time."""


def with_absolutes(slots: Sequence[Sequence[Equation]], contexts: Sequence[Context]) -> list[Sequence[Equation]]:
    """The slots, with what is wrong of `100%` in time where some were late; other readings of such a rate give way."""
    found = list(_absolutes(contexts))
    wrong = {id(one.claimed.figure) for one in found}
    out = [readings for readings in slots if id(readings[0].claimed.figure) not in wrong]
    return [*out, *([one] for one in found)]


def _absolutes(contexts: Sequence[Context]) -> Iterator[Equation]:
    for context in contexts:
        rate = context.figure
        if rate.kind is not FigureKind.rate or rate.value != 100 or not rate.exact or not _is_of_all(context):
            continue
        before = contexts[context.order - 1].figure if context.order else None
        if before is not None and before.unit == "agency" and before.sentence == rate.sentence:
            continue  # `11 xã có 100% hồ sơ đúng hạn`
        near = contexts[max(0, context.order - BEFORE) : context.order + 1 + AFTER]
        near = [one for one in near if one.paragraph is context.paragraph and _counts_same(context, one)]
        late = [one for one in near if one.figure.own.get("time") == "overdue" and one.figure.value > 0]
        if len(late) != 1:
            continue
        here = [
            one for one in near if one.figure.sentence == late[0].figure.sentence and one.figure.depth == late[0].figure.depth
        ]
        kept = tuple(Term(one.figure) for one in here if one.figure.own.get("time") in _IN_TIME)
        if kept:
            yield Equation("rate", Form.ratio, Term(rate), kept, (*kept, Term(late[0].figure)))


def _is_of_all(context: Context) -> bool:
    """Whether a rate says of all that is counted, and of nothing narrower, that it was in time."""
    if context.figure.own.get("time") not in _IN_TIME or context.roles & {"target", "prior", "against"}:
        return False
    dated = any(token.kind is TokenKind.reference for token in context.lead)  # `ngày 15/9 trả 100% hồ sơ`
    if context.figure.wished or dated or telling(context.lead) - _PLAIN:
        return False
    cue = next((one for one in context.following if (one.measure or {}).get("time") in _IN_TIME), None)
    if cue is None or cue.start - context.figure.last > REACH or _unit_after(context) is None:
        return False
    words = context.tail[: cue.start - context.figure.last]
    narrower = {token.norm for token in context.lead if token.kind is TokenKind.word} & _PARTIAL
    known = {token.norm for one in context.following for token in context.paragraph.tokens[one.start : one.end]}
    return not narrower and not telling(words) - known and not any(token.kind is TokenKind.stop for token in words)


def _unit_after(context: Context) -> str | None:
    unit = vocabulary().units.find_at(context.paragraph.tokens, context.figure.last)
    return None if unit is None else next(iter(unit.roles))


def _counts_same(context: Context, one: Context) -> bool:
    rate, figure = context.figure, one.figure
    return (
        figure.kind is FigureKind.count
        and figure.exact
        and figure.unit == _unit_after(context)
        and not one.role.changes
        and not one.earlier
        and (figure.named_scope, figure.period, figure.topic) == (rate.named_scope, rate.period, rate.topic)
        and figure.meaning.get("level") == rate.meaning.get("level")
        and figure.meaning.get("stage") != "in_process"
    )
