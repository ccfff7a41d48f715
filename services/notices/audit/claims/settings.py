"""Rates and changes where they stand: the figures and phrases before and after, and the count that a rate belongs to. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from services.notices.audit.figures import Figure, FigureKind, Mark, ParagraphFigures
from services.notices.audit.vocabulary import Cue

GOAL = 14
"""Words between a rate and the goal that it is of."""
NEED = 7
"""Words after a rate among which it is said to be of all that is needed."""
BRACKET = 4
"""Words between a rate and the bracket with its count."""
DIRECTIONS = frozenset(("increase", "decrease", "multiple"))


@dataclass(slots=True)
class Setting:
    """A rate where it stands."""

    rate: Figure
    paragraph: ParagraphFigures
    before: list[Figure]
    """The figures before it in its sentence."""
    after: list[Figure]
    cues: list[Cue]
    """The phrases between the figure before and it."""
    following: list[Cue]
    """The phrases between it and the figure after it."""
    marks: list[Mark]
    """The marks between the figure before and it."""


def settings(paragraph: ParagraphFigures, kinds: tuple[FigureKind, ...] = (FigureKind.rate,)) -> Iterator[Setting]:
    """Every rate of a paragraph where it stands."""
    if not any(one.kind in kinds for one in paragraph.figures):
        return
    cues = [cue for segment in paragraph.segments for cue in segment.cues]
    starts = [cue.start for cue in cues]
    figures = [one for one in paragraph.figures if not one.threshold]
    for order, rate in enumerate(figures):
        if rate.kind not in kinds:
            continue
        before = [one for one in figures[:order] if one.sentence == rate.sentence]
        after = [one for one in figures[order + 1 :] if one.sentence == rate.sentence]
        start = (
            before[-1].last if before else next((one.start for one in paragraph.segments if one.sentence == rate.sentence), 0)
        )
        until = after[0].token if after else paragraph.segments[-1].end
        between = cues[bisect_left(starts, start) : bisect_left(starts, rate.token)]
        segment_end = next(
            (one.end for one in paragraph.segments if one.start <= rate.token < max(one.end, one.start + 1)), until
        )
        following = cues[bisect_left(starts, rate.last) : bisect_left(starts, min(until, segment_end))]
        marks = [
            one.opened for one in paragraph.segments if start <= one.start - 1 < rate.token and one.opened and one.start > start
        ]
        yield Setting(rate, paragraph, before, after, between, following, [mark for mark in marks if mark])


def is_change(setting: Setting) -> bool:
    """Whether a rate tells by how much something rose or fell."""
    direction = [cue for cue in setting.cues if cue.roles & DIRECTIONS and not is_rough(cue, setting.rate)]
    if not direction or stands_alone(setting):
        return False
    last = direction[-1]
    between = [cue for cue in setting.cues if cue.start >= last.end]
    if any(cue.roles & {"to"} and cue.measure is None for cue in between) or any(cue.roles & {"rate"} for cue in between):
        return False
    return not any(cue.roles & {"from"} for cue in between)


def is_start(setting: Setting) -> bool:
    """Whether a rate is what another one rose or fell from: `tỷ lệ trực tuyến tăng từ 86,5% lên 90,01%`."""
    begun = any("from" in cue.roles and setting.rate.token - cue.end <= 1 for cue in setting.cues[-1:])
    end = setting.after[0] if setting.after else None
    if not begun or end is None or end.kind is not setting.rate.kind or end.depth != setting.rate.depth:
        return False
    return any("to" in cue.roles and end.token - cue.end <= 1 for cue in setting.following)


def stands_alone(setting: Setting) -> bool:
    """Whether only words of a share stand between the last comma or bracket and a rate, so that what goes before it is of the
    count: `3.071/4.888 thủ tục được cắt giảm, đạt 62,8%`.
    """
    rate, words = setting.rate, setting.paragraph.tokens
    figures = [one.last for one in setting.before]
    start = figures[-1] if figures else rate.token
    comma = next((number for number in range(rate.token - 1, start - 1, -1) if words[number].text in (",", "(")), None)
    if comma is None or comma + 1 >= rate.token:
        return False
    shared = {number for cue in setting.cues if "ratio" in cue.roles for number in range(cue.start, cue.end)}
    return all(number in shared for number in range(comma + 1, rate.token))


def is_rough(cue: Cue, rate: Figure) -> bool:
    """Whether `hơn` only makes a figure rough, and compares nothing: `chiếm hơn 85%`."""
    return bool(rate.roughly) and cue.end == rate.token and "approximate:over" in cue.roles


def is_target(setting: Setting) -> bool:
    """Whether a rate is a goal or a bound and not a result."""
    return any("target" in cue.roles for cue in setting.cues[-2:]) and not any(
        "ratio" in cue.roles for cue in setting.cues[-1:]
    )


def is_threshold(setting: Setting) -> bool:
    """Whether a rate only tells which ones are counted: `98 xã đạt tỷ lệ trực tuyến từ 80% trở lên`."""
    read, rate = setting.paragraph.tokens, setting.rate
    after = [token.norm for token in read[rate.last : rate.last + 2]]
    return after in (["trở", "lên"], ["trở", "xuống"])


def is_of_goal(setting: Setting) -> bool:
    """Whether a rate is of a goal: `đạt 81,2% kế hoạch tỉnh giao`, or of all that is needed: `đạt 54% số giấy cần cấp`."""
    if any("target" in cue.roles and cue.start <= setting.rate.last + 1 for cue in setting.following):
        return True
    return _is_of_need(setting) or _goes_on(setting)


def is_level_of_before(setting: Setting) -> bool:
    """Whether a rate tells what there is of what there was: `số thu của 3 khu vực bằng 89,7% cùng kỳ năm 2022`."""
    before = setting.paragraph.tokens[setting.rate.token - 1].norm
    return before == "bằng" and any("prior" in cue.roles and cue.start == setting.rate.last for cue in setting.following)


def _is_of_need(setting: Setting) -> bool:
    """`đạt 54% số giấy cần cấp`, `đáp ứng 69,5% nhu cầu`, `đạt 81% dân số`: of what is seldom printed."""
    after = [token.norm for token in setting.paragraph.tokens[setting.rate.last : setting.rate.last + NEED]]
    stop = next((place for place, word in enumerate(after) if word in (",", ";", ".", "(", ")")), len(after))
    return "cần" in after[:stop] or after[:2] in (["nhu", "cầu"], ["dân", "số"], ["lực", "lượng"], ["diện", "tích"])


def _goes_on(setting: Setting) -> bool:
    """`Nhóm một: 878 người, đạt 98,1% kế hoạch năm; nhóm hai: 1.107 người, đạt 100%`: of its own plan, too."""
    read, rate = setting.paragraph.tokens, setting.rate
    ends = rate.last >= len(read) or read[rate.last].text in (",", ";", ".", "\n")
    if not ends or read[rate.token - 1].norm != "đạt":
        return False
    targets = {cue.start for segment in setting.paragraph.segments for cue in segment.cues if "target" in cue.roles}
    rated = [one for one in setting.before if one.kind is FigureKind.rate and read[one.token - 1].norm == "đạt"]
    return any({one.last, one.last + 1} & targets for one in rated[-1:])


def goal_of(setting: Setting, part: Figure) -> Figure | None:
    """The goal printed after a rate: `thu 12,46 tỷ đồng, đạt 83,1% dự toán (15 tỷ đồng)`."""
    rate = setting.rate
    goal = setting.after[0] if setting.after else None
    if (
        goal is None
        or goal.kind is not FigureKind.count
        or goal.unit != part.unit
        or goal.depth > rate.depth + 1
        or not is_of_goal(setting)
    ):
        return None
    between = setting.paragraph.tokens[rate.last : goal.token]
    if len(between) > GOAL or any(token.text in (",", ";", ")") for token in between):
        return None
    return goal


def settle_goals(paragraph: ParagraphFigures) -> None:
    """Goals are set in round numbers: `dự toán 15 tỷ đồng` stands for itself."""
    for setting in settings(paragraph):
        part = attached(setting) or attached_amount(setting)
        goal = None if part is None else goal_of(setting, part)
        if goal is not None and goal.decimals == 0 and goal.exact:
            goal.low = goal.high = goal.value


def stands_over(setting: Setting, one: Figure, other: Figure) -> bool:
    """Whether the words between two figures put the second under the first: `trên tổng số`, `của`, `/`."""
    tokens = setting.paragraph.tokens[one.last : other.token]
    words = [token.norm for token in tokens]
    return any(word in words for word in ("trên", "của", "/", "trong", "so")) or words[:1] in (["tổng"], ["số"])


def attached(setting: Setting) -> Figure | None:
    """The count that a rate belongs to: right before it, or in the bracket right after it."""
    rate = setting.rate
    follow = setting.after[0] if setting.after else None
    if (
        follow is not None
        and follow.kind is FigureKind.part
        and follow.depth == rate.depth + 1
        and _in_next_bracket(setting, follow)
    ):
        return follow  # `12 đảng viên, đạt 60% kế hoạch (06/10 tổ chức)`
    # What stands in brackets between was told of the count before them.
    near = [one for one in setting.before if one.depth <= rate.depth and not _is_closed(setting, one)]
    if near:
        part = near[-1]
        if part.counts and part.unit not in ("day", "money", "score") and _belongs(setting, part):
            return part
    carried = _carried_on(setting, near)
    if carried is not None:
        return carried
    if setting.after and (setting.after[0].unit != "money" or attached_amount(setting) is None):
        follow = setting.after[0]
        if (
            follow.counts
            and follow.depth == rate.depth + 1
            and not any(cue.roles & {"against", "prior", "target"} for cue in setting.following)
        ):
            opening = [
                one
                for one in setting.paragraph.segments
                if one.start - 1 >= rate.last and one.start <= follow.token and one.opened is Mark.opening
            ]
            of_base = follow.kind is FigureKind.count and any("base" in cue.roles for cue in setting.following)
            if opening and not of_base and (follow.kind is FigureKind.part or follow.unit is not None) and not follow.period:
                return follow
    return None


def _is_closed(setting: Setting, one: Figure) -> bool:
    """Whether a figure stands in a bracket that is closed before another one opens with the rate."""
    between = setting.paragraph.segments[one.segment : setting.rate.segment + 1] if one.depth else ()
    return any(each.depth < one.depth for each in between)


def first_of_two(setting: Setting, part: Figure) -> Figure | None:
    """What a rate may be of where two units stand beside each other: `giải quyết 4.975 vụ/6.755 bị can, đạt 95,9%`."""
    read = setting.paragraph.tokens
    place = next((number for number, one in enumerate(setting.before) if one is part), 0)
    first = setting.before[place - 1] if place else None
    if first is None or read[part.token - 1].text != "/" or first.kind is not FigureKind.count or first.unit == part.unit:
        return None
    return first if first.depth == part.depth and first.last >= part.token - 1 else None


def opens_with_base(setting: Setting, part: Figure) -> bool:
    """Whether its sentence begins with what a rate is of: `Trong số việc có điều kiện, đã xong 2.095 việc, đạt 84%`."""
    begin = next((one for one in setting.paragraph.segments if one.sentence == part.sentence and one.end > one.start), None)
    if begin is None or begin.figures:
        return False
    return any("base" in cue.roles and cue.start == begin.start for cue in begin.cues)


def _carried_on(setting: Setting, near: list[Figure]) -> Figure | None:
    """The count whose changes stand between it and its share: `579 việc, tăng 7 việc (tăng 1,3%); chiếm 80% tổng số`."""
    plain = list(near)
    while plain and plain[-1].roles & {"increase", "decrease"} and not plain[-1].roles & {"to", "total"}:
        plain.pop()
    if len(plain) == len(near) or not plain:
        return None
    part, rate = plain[-1], setting.rate
    if part.kind is not FigureKind.count or part.unit in ("day", "money", "score") or part.depth != rate.depth:
        return None
    tokens = setting.paragraph.tokens
    start = max((place for place in range(near[-1].last, rate.token) if tokens[place].text in (",", ";")), default=None)
    if start is None or start + 1 >= rate.token:
        return None
    told = {place for cue in setting.cues if "ratio" in cue.roles for place in range(cue.start, cue.end)}
    return part if all(place in told for place in range(start + 1, rate.token)) else None


def is_of_cases(paragraph: ParagraphFigures, figure: Figure) -> bool:
    """Whether a number is of `trường hợp`, which is said of whatever was counted: `119 doanh nghiệp, tăng 37 trường hợp`."""
    return [token.norm for token in paragraph.tokens[figure.token + 1 : figure.last]] == ["trường", "hợp"]


def _in_next_bracket(setting: Setting, figure: Figure) -> bool:
    """Whether only words of a goal stand between a rate and the bracket of a figure."""
    between = setting.paragraph.tokens[setting.rate.last : figure.token]
    return (
        len(between) <= BRACKET
        and between[-1:] != []
        and between[-1].text == "("
        and not any(token.text in (",", ";", ".") for token in between)
    )


def attached_amount(setting: Setting) -> Figure | None:
    """The amount of money that a rate belongs to, right before it."""
    near = [one for one in setting.before if one.depth <= setting.rate.depth]
    while near[-1:] and near[-1].kind is FigureKind.rate and near[-1].exact and is_of_goal(setting):
        near.pop()  # `11.286 tỷ đồng, bằng 104,5% dự toán (10.800 tỷ đồng), bằng 98,1% chỉ tiêu (11.500 tỷ đồng)`
    amount = near[-1] if near else None
    return amount if amount is not None and amount.unit == "money" and _belongs(setting, amount) else None


def _belongs(setting: Setting, part: Figure) -> bool:
    rate = setting.rate
    between = [one for one in setting.paragraph.segments if part.token < one.start <= rate.token]
    marks = [one.opened for one in between if one.depth <= rate.depth and one.opened is not None]
    if part.depth < rate.depth and Mark.opening not in marks:
        return False
    if set(marks) & {Mark.semicolon, Mark.colon, Mark.end} or part.depth < rate.depth - 1:
        return False
    cues = [
        cue
        for one in setting.paragraph.segments
        if one.depth <= rate.depth
        for cue in one.cues
        if part.last <= cue.start < rate.token
    ]
    in_bracket = rate.depth == part.depth + 1
    own = {name: value for name, value in rate.own.items() if name != "stage" or value != "resolved"}
    named = any("rate" in cue.roles for cue in cues)
    if named and any(part.meaning.get(name) != value for name, value in own.items()):
        return False
    if any("opener" in cue.roles for cue in cues):
        return False
    alone = part.kind is FigureKind.part and stands_alone(setting)
    turned = (cue for cue in cues if not is_rough(cue, rate) and not alone)
    if any(cue.roles & {"increase", "decrease", "against", "to"} and cue.measure is None for cue in turned):
        return False
    if in_bracket:
        return not any("prior" in cue.roles for cue in cues) and rate.period == part.period
    plain = [mark for mark in marks if mark is not Mark.closing]
    return any("ratio" in cue.roles for cue in cues) or (not cues and plain in ([Mark.comma], [Mark.dash], []))
