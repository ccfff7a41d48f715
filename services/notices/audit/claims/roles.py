"""Puts every figure in its context, and tells by the words before it what it is: a total, a remainder, a change. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from services.notices.audit.claims.contexts import Context, Role, alike, telling
from services.notices.audit.claims.times import time_of
from services.notices.audit.figures import Figure, FigureKind, ParagraphFigures
from services.notices.audit.frames import CURRENT
from services.notices.audit.vocabulary import Cue, vocabulary
from services.notices.quantities.lexer import Token, TokenKind

_BY_CUE = {
    "increase": Role.rise,
    "decrease": Role.fall,
    "gap": Role.gap,
    "multiple": Role.multiple,
    "each": Role.each,
    "total": Role.total,
}
COMPARED = 8
"""Words between an amount of change and its rate in a bracket."""
REACH = 9
"""Words between a phrase and the figure it speaks of."""


def contexts_of(paragraphs: Sequence[ParagraphFigures], own_period: str) -> list[Context]:
    """Every figure of the paragraphs in its context; `own_period` is the time that the text is about."""
    out: list[Context] = []
    for paragraph in paragraphs:
        out.extend(_of_paragraph(paragraph, len(out), own_period))
    for context in out:
        context.settle()
    return out


def _of_paragraph(paragraph: ParagraphFigures, first: int, own_period: str) -> list[Context]:
    # `cả ba cấp xử lý 642.000 hồ sơ`: who it is of, and no figure beside it.
    figures = [
        one
        for one, after in pairwise((*paragraph.figures, None))
        if one is not None
        and not (one.threshold or _is_of_whom(one))
        and not (after is not None and _is_threshold(one, after))
        and not _is_least(paragraph, one)
    ]
    if not figures:
        return []
    cues = [cue for segment in paragraph.segments for cue in segment.cues]
    starts = [cue.start for cue in cues]
    begins: dict[int, int] = {}
    ends: dict[int, int] = {}
    for segment in paragraph.segments:
        begins.setdefault(segment.sentence, segment.start)
        ends[segment.sentence] = segment.end
    out: list[Context] = []
    for order, figure in enumerate(figures):
        before = figures[order - 1] if order else None
        after = figures[order + 1] if order + 1 < len(figures) else None
        near = before is not None and before.sentence == figure.sentence
        start = before.last if before is not None and near else begins.get(figure.sentence, 0)
        until = (
            after.token if after is not None and after.sentence == figure.sentence else ends.get(figure.sentence, figure.last)
        )
        context = Context(
            figure,
            paragraph,
            first + order,
            paragraph.tokens[start : figure.token],
            cues[bisect_left(starts, start) : bisect_left(starts, figure.token)],
            paragraph.tokens[figure.last : until],
            cues[bisect_left(starts, figure.last) : bisect_left(starts, until)],
        )
        context.roles = {role for cue in context.cues for role in cue.roles}
        context.own_lead = _own_lead(context, before)
        told = ""
        if paragraph.times:
            told = next((token.norm for token in reversed(context.own_lead) if token.kind is TokenKind.period), "")
        context.time = time_of(told or (own_period if figure.period in ("", CURRENT) else figure.period))
        _take_role(context, out[-1] if near and out else None)
        if near and context.role is Role.plain:
            _take_role_beyond(context, out)
        if figure.unit == "score" and context.role.changes and _are_points(figure, figures):
            figure.become(FigureKind.points)
            figure.unit = None
        out.append(context)
    return out


def _own_lead(context: Context, before: Figure | None) -> Sequence[Token]:
    """The words of `lead` without those of the figure before: `3.087 hồ sơ của tháng 5 mang sang và 40.215`."""
    figure = context.figure
    if before is None or before.sentence != figure.sentence or before.segment == figure.segment or figure.depth > before.depth:
        return context.lead
    since = context.paragraph.segments[before.segment].end - (figure.token - len(context.lead))
    own = context.lead[max(0, since) :]
    if before.depth > figure.depth and own[:1] and own[0].text == ")":
        # `tăng 30 người (tăng 5%) so với cùng kỳ năm 2023; nhóm hai là 217 người`: what ends the figure before
        return own[next((place for place, token in enumerate(own) if token.text == ";"), 0) :]
    return own


def _is_of_whom(figure: Figure) -> bool:
    return figure.unit in ("level", "agency") and not figure.text[:1].isdigit()


def _are_points(figure: Figure, figures: Sequence[Figure]) -> bool:
    """Whether `3,5 điểm` is what a rate rose by: no mark is told in its paragraph, and a rate in its sentence."""
    rates = any(one.kind is FigureKind.rate and one.sentence == figure.sentence and one.start < figure.start for one in figures)
    return rates and not any(one.unit == "score" for one in figures if one is not figure)


def _is_least(paragraph: ParagraphFigures, figure: Figure) -> bool:
    """Whether a figure only tells from how many on something counts: `mỗi đoàn có từ 4 người trở lên`."""
    read = paragraph.tokens
    bounded = [token.norm for token in read[figure.last : figure.last + 2]] in (["trở", "lên"], ["trở", "xuống"])
    return bounded and figure.kind is FigureKind.count and figure.token > 0 and read[figure.token - 1].norm == "từ"


def _is_threshold(figure: Figure, after: Figure) -> bool:
    """Whether it only tells what the figure after it counts: `xử lý dưới 24 giờ là 198 phản ánh`."""
    counted = after.counts and after.unit not in (None, "day") and after.segment == figure.segment
    return figure.unit == "day" and not figure.exact and counted


def _take_role(context: Context, before: Context | None) -> None:
    figure = context.figure
    for cue in reversed(context.cues):
        after = [token.text for token in tail_of(context.lead, cue.end - figure.token)]
        summed = after == [":"] and "total" in cue.roles  # `Tổng cộng: 5.000 hồ sơ`
        if figure.token - cue.end > REACH or ({";", ":", "\n"} & {*after} and not summed):
            break
        role = next((_BY_CUE[name] for name in cue.roles if name in _BY_CUE), None)
        if figure.approximate == "over" and cue.end == figure.token and not context.roles & {"against", "prior"}:
            break  # `đã xử lý hơn 8.850 hồ sơ`: no more than anything else
        if "more" in cue.roles and _begins_clause(context, cue):
            role = Role.rise
        if role is not None and role.changes and before is not None and _ends_span(context, cue, before):
            break
        if role is not None and role.changes and _tells_level(context, cue):
            break
        if (
            role is not None
            and role.changes
            and any(token.text == "(" for token in tail_of(context.lead, cue.end - context.figure.token))
        ):
            context.held_against = True  # `thấp hơn nhóm dưới 30 tuổi (96%) 5 điểm`
            break
        if (
            role is not None
            and role.changes
            and any("against" in one.roles and one.start >= cue.end and one.end == figure.token for one in context.cues)
        ):
            context.held_against = True  # `giảm so với 0,5% của cùng kỳ 0,3 điểm`
            break
        if role is not None and role.changes and before is not None and _is_of_fraction(context, before):
            break
        if role is not None:
            later = [one for one in context.cues if one.start >= cue.end]
            if not (role.changes and any("target" in one.roles for one in later)):
                # `tăng 2,8 lần`: as many times as before, or so many times more
                context.role = Role.multiple if role is Role.rise and figure.kind is FigureKind.times else role
            break
        spanned = "decrease" in context.roles or (before is not None and "from" in before.roles)
        if "closed" in cue.roles and before is None and figure.token == cue.end:
            context.role = Role.left  # `Số còn lại là 54 hồ sơ` after another sentence
            break
        if ("missing" in cue.roles and _is_right_before(context, cue)) or (
            cue.measure is not None and cue.measure.get("stage") in ("left", "in_process") and not spanned
        ):
            context.role = Role.left
            break
        if "closed" in cue.roles and figure.kind is FigureKind.count and figure.token - cue.end <= 1:
            context.role = Role.left  # `Số còn lại là 54 hồ sơ`
            break
        if cue.roles & {"to", "from", "opener", "base"}:
            break
    if (
        context.role is Role.plain
        and figure.kind is FigureKind.count
        and (
            (before is not None and before.role is Role.total and figure.own)
            or (before is not None and _is_result_with(context, before))
            or any(
                _is_of_whom(one)
                and one.last <= figure.token
                and figure.token - one.last < REACH
                and one.token >= figure.token - len(context.lead)
                for one in context.paragraph.figures
            )
        )
    ):
        context.role = Role.total
    if before is None:
        return
    if (
        figure.depth
        and figure.depth == before.figure.depth
        and before.earlier
        and not any(token.text == ")" for token in context.lead)
    ):
        context.held_against = True
    if context.role is Role.plain and figure.kind in (FigureKind.rate, FigureKind.points, FigureKind.count):
        if before.role.changes and _is_held_against(context, before):
            context.held_against = True
        elif before.role.changes and (_restates(context) or _compared_to(context, before)):
            context.role, context.same_claim = before.role, True
        elif _carried_over(context, before):
            # `hơn kỳ trước (66,4%) là 3,6 điểm`: what it is more than stands between.
            context.role = next(role for role in (_direction(before.cues),) if role is not None)
    elif context.role.changes and before.role.changes and _joined(context):
        context.same_claim = True


def _is_held_against(context: Context, before: Context) -> bool:
    """Whether a bracket behind a change has what it is held against, not the same again: `cao hơn tháng trước 0,75 điểm (85,40
    điểm)`."""
    figure, change = context.figure, before.figure
    same = figure.unit == change.unit == "score" and figure.depth == change.depth + 1
    # `cao hơn khối xã, phường 1,66 điểm phần trăm (89,76%)`: of whom it is higher than
    turn = next((cue.end for cue in reversed(before.cues) if cue.roles & {"increase", "decrease"}), change.token)
    whom = change.kind is FigureKind.points and figure.kind is FigureKind.rate and change.token - turn > 1
    same |= whom and figure.depth == change.depth + 1
    return same and figure.value > change.value and [token.text for token in context.lead] == ["("]


def _take_role_beyond(context: Context, before: Sequence[Context]) -> None:
    """A change said again behind the figures that it is of: `từ 21 ngày xuống 15 ngày (6 ngày)`, `giảm 41 hồ sơ so với tháng 10
    (1.815 hồ sơ), tương đương 2,3%`."""
    figure = context.figure
    if len(before) < 2:
        return
    one, last = before[-2:]
    inside = (one.figure.paragraph, one.figure.sentence) == (figure.paragraph, figure.sentence)
    if not inside or not figure.exact:
        return
    opened = [token.text for token in context.lead if token.kind is TokenKind.stop]
    if last.figure.depth == figure.depth - 1 == one.figure.depth and opened == ["("]:
        closed = context.tail[:1] and context.tail[0].text == ")"
        span = "from" in one.roles and "to" in last.roles and alike(last.figure, figure) and alike(one.figure, figure)
        if closed and span and last.figure.unit == figure.unit and not telling(context.lead) and not last.role.changes:
            context.role = _direction(last.cues) or _direction(one.cues) or Role.gap
    elif (
        one.role.changes
        and one.figure.counts
        and figure.kind is FigureKind.rate
        and one.figure.depth == figure.depth == last.figure.depth - 1
        and opened[:1] == [")"]
        and _is_repeated(context.lead[1:])
        and alike(one.figure, last.figure)
        and any(cue.roles & {"against", "prior"} for cue in one.following)
    ):
        context.role, context.of_amount = one.role, (one, last)


def _is_result_with(context: Context, before: Context) -> bool:
    """`nhận mới 1.774 hồ sơ, cùng với 84 hồ sơ chuyển sang là 1.858 hồ sơ`"""
    added = [token.norm for token in before.own_lead or before.lead][:3]
    joined = added[1:3] == ["cùng", "với"] if added[:1] == [","] else added[:2] == ["cùng", "với"]
    return joined and alike(before.figure, context.figure) and context.lead[-1].norm in ("là", "thành", "được")


def _begins_clause(context: Context, cue: Cue) -> bool:
    """Whether a phrase stands at the begin of its clause: `, thêm 53 thủ tục`, not `nhận thêm 53 hồ sơ`."""
    start = cue.start - (context.figure.token - len(context.lead))
    before = context.lead[start - 1] if start > 0 else None
    return before is None or before.kind is TokenKind.stop or before.norm in ("nay", "nên", "đã", "được", "vậy", "là")


def _is_right_before(context: Context, cue: Cue) -> bool:
    """`vắng 9 người`, `thiếu khoảng 9 người`; not `trong 9 người vắng thì sáu người có lý do`."""
    between = tail_of(context.lead, cue.end - context.figure.token)
    return len(between) <= 1 and not any(token.norm == "thì" for token in between)


_UP_TO = frozenset(("lên", "xuống", "còn", "đến", "tới", "thành"))


def _ends_span(context: Context, cue: Cue, before: Context) -> bool:
    """`từ 70,0% tăng lên 77,4%`: the figure is what it rose to."""
    start = cue.start - (context.figure.token - len(context.lead))
    words = {token.norm for token in context.lead[start:]}
    return bool(words & _UP_TO) and ("from" in before.roles or words >= {"còn"} or words >= {"xuống"})


def _tells_level(context: Context, cue: Cue) -> bool:
    """`tăng tỷ lệ đúng hạn trong năm nay với 79,1%`: the figure is what there is now."""
    rated = any("rate" in one.roles and one.start >= cue.end for one in context.cues)
    return rated and context.figure.kind is FigureKind.rate and context.lead[-1].norm == "với"


def _is_of_fraction(context: Context, before: Context) -> bool:
    """`2.269/6.974 điều kiện được cắt giảm, tương ứng 32,5%`: the share of a fraction, and no change."""
    if before.figure.kind is not FigureKind.part or context.figure.kind is not FigureKind.rate:
        return False
    start = context.figure.token - len(context.lead)
    comma = max((start + number for number, token in enumerate(context.lead) if token.text == ","), default=None)
    shared = {number for cue in context.cues if "ratio" in cue.roles for number in range(cue.start, cue.end)}
    alone = comma is not None and all(number in shared for number in range(comma + 1, context.figure.token))
    return alone and comma is not None and comma + 1 < context.figure.token


def tail_of(words: Sequence[Token], many: int) -> Sequence[Token]:
    """The last words; `many` is negative, or nothing for none."""
    return words[many:] if many else ()


def _direction(cues: Sequence[Cue]) -> Role | None:
    for cue in reversed(cues):
        for name in ("increase", "decrease", "gap"):
            if name in cue.roles:
                return _BY_CUE[name]
    return None


def _restates(context: Context) -> bool:
    """Whether only words like `tức`, `hay`, `tương đương` stand between a change and another figure."""
    if any(token.norm == "bằng" for token in context.lead) and any(
        cue.roles & {"prior", "against"} for cue in context.following[:1]
    ):
        return False  # `bằng 103,1% kỳ trước` is no change
    words = context.lead
    after = [token.norm for token in context.tail[:1]]
    if [token.text for token in words] == ["("] and after in (["xuống"], ["lên"]):
        return False  # `giảm 118 hồ sơ (1.900 xuống 1.782)`: from what it fell
    if [token.text for token in words] == [";"]:
        return False  # `35 hồ sơ, tăng 26%; 754 giao dịch`
    if len(words) > 1 and words[0].kind is TokenKind.word and words[0].norm not in vocabulary().again:
        # `tăng 16 câu hỏi, tức 20%`: what is counted, up to the comma.
        words = words[next((number for number, token in enumerate(words[:3]) if token.kind is TokenKind.stop), 0) :]
    return _is_repeated(words)


def _compared_to(context: Context, before: Context) -> bool:
    """`giảm 240 hồ sơ so với tháng trước (8,0%)`: an amount and its rate, with what it is held against between them."""
    words = context.lead
    alone = context.tail[:1] and context.tail[0].text == ")" and words and words[-1].text == "("
    if not (alone and before.figure.counts and context.figure.kind is FigureKind.rate and len(words) <= COMPARED):
        return False
    stops = [token for token in words[:-1] if token.kind is TokenKind.stop]
    return not stops and any("against" in cue.roles for cue in before.following)


def _is_repeated(words: Sequence[Token]) -> bool:
    return len(words) <= 6 and all(
        token.norm in vocabulary().again if token.kind is TokenKind.word else token.text in (",", "(", "-", "–", ";", "~")
        for token in words
    )


def _joined(context: Context) -> bool:
    said = {
        number for cue in context.cues if cue.roles & {"increase", "decrease", "gap"} for number in range(cue.start, cue.end)
    }
    start = context.figure.token - len(context.lead)
    words = [token for number, token in enumerate(context.lead, start) if number not in said]
    return not context.earlier and all(
        token.norm in vocabulary().again if token.kind is TokenKind.word else token.text in (",", "(", ")", "-", "–")
        for token in words
    )


def _carried_over(context: Context, before: Context) -> bool:
    figure = context.figure
    if before.role.changes and not before.earlier:
        return False
    if figure.kind is FigureKind.points:
        return _direction(before.cues) is not None
    compared = before.figure.depth == figure.depth + 1
    return (
        compared
        and not (figure.counts and before.figure.kind is FigureKind.rate)  # `đạt và vượt (chiếm 75%), 03 chỉ tiêu`
        and _direction(before.cues) is not None
        and all(token.text in (")", ",") or token.norm in ("là", "khoảng", "gần") for token in context.lead)
    )
