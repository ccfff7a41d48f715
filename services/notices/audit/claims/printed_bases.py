"""Bases that the wording puts right beside a rate's count: over it, before it as a plan, behind the rate as a goal. Pure."""

from __future__ import annotations

from services.notices.audit.claims.named_rates import ratio
from services.notices.audit.claims.settings import Setting, goal_of, is_of_goal, stands_over
from services.notices.audit.claims.slips import mends
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.solver import Equation, Term

LEAST_NAME = 3
"""Words and the bracket that name a base."""
_OF_ALL = frozenset(("tổng", "của", "số", "trong", "trên"))


def over(setting: Setting, base: Figure) -> list[Equation]:
    """`80 hồ sơ trên tổng số 100 hồ sơ, đạt 80%`, `1.234,5 tỷ đồng/1.650 tỷ đồng kế hoạch, đạt 74,8%`."""
    order = setting.before.index(base) if base in setting.before else 0
    # `176 đơn (160 khiếu nại, 16 tố cáo)/221 đơn`: what stands in brackets between was told of the part
    part = next((one for one in reversed(setting.before[:order]) if one.depth <= base.depth), None)
    if part is None:
        return []
    words = setting.paragraph.tokens
    slash = words[base.token - 1]
    divided = slash.text == "/" and slash.start == words[base.token - 2].end and part.unit == base.unit is not None
    cues = (cue for segment in setting.paragraph.segments for cue in segment.cues if part.last <= cue.start < base.token)
    stands = divided or (any("base" in cue.roles for cue in cues) and stands_over(setting, part, base))
    if not (
        stands
        and part.counts
        and (base.value >= part.value or (divided and setting.rate.value > 100))
        and (part.unit == "money") == (base.unit == "money")
    ):
        return []
    told = ratio(setting.rate, (Term(part),), (Term(base),))
    if base.unit == "money" and is_of_goal(setting):
        told.certain = told.certain and mends(told)  # the goal may be another amount, which is not printed
    return [told]


def planned(setting: Setting, part: Figure) -> list[Equation]:
    """`kế hoạch 12 tỷ đồng, thực hiện 10,8 tỷ đồng, đạt 90%`"""
    order = setting.before.index(part) if part in setting.before else 0
    if order == 0 or is_of_goal(setting) or not {"ratio"} & {role for cue in setting.cues for role in cue.roles}:
        return []
    goal = setting.before[order - 1]
    planned = "target" in goal.roles and "target" not in part.roles and goal.kind is FigureKind.count
    same = goal.unit == part.unit is not None and goal.depth == part.depth == setting.rate.depth
    return [ratio(setting.rate, (Term(part),), (Term(goal),))] if planned and same and goal.value else []


def of_amount(setting: Setting, amount: Figure) -> list[Equation]:
    """What a rate of money is of: `1.876/2.400 tỷ đồng, bằng 78,2% dự toán`, and as the other ways have it."""
    if amount.kind is FigureKind.part:
        return [ratio(setting.rate, (Term(amount),), (Term(amount, whole=True),))]
    told = over(setting, amount) or planned(setting, amount) or targeted(setting, amount)
    return told or bracketed(setting, amount)


def targeted(setting: Setting, part: Figure) -> list[Equation]:
    goal = goal_of(setting, part)
    return [] if goal is None else [ratio(setting.rate, (Term(part),), (Term(goal),))]


def level_of(setting: Setting, part: Figure) -> Figure | None:
    """What a count is told to be so many per cent of, in the bracket behind: `bằng 53% so với kỳ trước (7.699 cuộc)`."""
    rate = setting.rate
    then = setting.after[0] if setting.after else None
    words = [token.norm for token in setting.paragraph.tokens[part.last : rate.token]]
    if then is None or words[-1:] != ["bằng"] or not any("against" in cue.roles for cue in setting.following):
        return None
    told = then.kind is FigureKind.count and then.exact and then.depth == rate.depth + 1 and then.unit == part.unit
    between = setting.paragraph.tokens[rate.last : then.token]
    return then if told and between[-1].text == "(" and not any(token.text in (",", ";", ")") for token in between) else None


def bracketed(setting: Setting, part: Figure) -> list[Equation]:
    """`tiết kiệm 12,4 tỷ đồng, bằng 28% tổng chi phí trước khi đơn giản hóa (44,3 tỷ đồng)`"""
    rate = setting.rate
    base = setting.after[0] if setting.after else None
    if base is None or base.kind is not FigureKind.count or base.unit != part.unit or base.depth != rate.depth + 1:
        return []
    between = setting.paragraph.tokens[rate.last : base.token]
    other = any("against" in cue.roles or "prior" in cue.roles for cue in setting.following)
    if other or len(between) < LEAST_NAME or between[-1].text != "(" or any(one.text in (",", ";", ")") for one in between):
        return []
    told = ratio(rate, (Term(part),), (Term(base),))
    told.certain = told.certain and (between[0].norm in _OF_ALL or mends(told))
    return [told]
