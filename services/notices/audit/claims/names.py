"""Counts of names: `Có 05 đơn vị gửi báo cáo chậm: xã A; xã B; ...`; and a count over its own base: `1.010/1.000`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from services.notices.audit.claims.slips import mends
from services.notices.audit.figures import Figure, FigureKind, Mark, ParagraphFigures
from services.notices.audit.groups import Group
from services.notices.audit.solver import Equation, Form, Term
from services.notices.quantities.exact import Fraction

AFTER = 3
"""Figures after a part over its whole, among which what is left may be."""


def fractions(paragraph: ParagraphFigures) -> Iterator[list[Equation]]:
    """A part that is above its whole."""
    for order, figure in enumerate(paragraph.figures):
        if figure.kind is not FigureKind.part or figure.whole is None:
            continue
        if not _is_of_goal(paragraph, order):
            yield [Equation("bound", Form.at_least, Term(figure, whole=True), (Term(figure),))]
        rest = _rest_after(paragraph, order)
        if rest is not None:
            yield [Equation("sum", Form.total, Term(figure, whole=True), (Term(figure), Term(rest)))]
        others = _of_other_grades(paragraph, order)
        if others:
            graded = Equation("sum", Form.total, Term(figure, whole=True), (Term(figure), *map(Term, others)), certain=False)
            added = sum((term.value for term in graded.terms), start=Fraction(0))
            graded.mistaken = graded.certain = mends(graded) or added > graded.claimed.value
            yield [graded]


def _of_other_grades(paragraph: ParagraphFigures, order: int) -> list[Figure]:
    """`61/102 xã xếp loại tốt (59,8%), 33 xã loại khá và 8 xã loại trung bình`: the counts of the other grades."""
    figure = paragraph.figures[order]
    out: list[Figure] = []
    seen = {figure.own.get("grade")}
    for one in paragraph.figures[order + 1 :]:
        if one.sentence != figure.sentence or "grade" not in figure.own or "opener" in one.roles:
            break
        if one.depth > figure.depth or one.kind is FigureKind.rate:
            continue
        grade = one.own.get("grade")
        if one.kind is not FigureKind.count or one.unit != figure.unit or grade is None or grade in seen:
            break
        seen.add(grade)
        out.append(one)
    return out if len(out) > 1 else []


def _is_of_goal(paragraph: ParagraphFigures, order: int) -> bool:
    """Whether what was done stands over what was planned, above it: `15.366/13.273 lượt, đạt 115,8% kế hoạch`."""
    figure = paragraph.figures[order]
    after = paragraph.figures[order + 1] if order + 1 < len(paragraph.figures) else None
    rated = after is not None and after.kind is FigureKind.rate and after.sentence == figure.sentence and after.value > 100
    return rated and figure.whole is not None and figure.value > figure.whole


def _rest_after(paragraph: ParagraphFigures, order: int) -> Figure | None:
    """What is left of a part over its whole: `giải quyết 19/33 vụ, 14 vụ còn lại đang giải quyết`."""
    figure, *later = paragraph.figures[order : order + 1 + AFTER]
    rest = next((one for one in later if one.counts and one.sentence == figure.sentence), None)
    if rest is None or rest.kind is not FigureKind.count or not rest.exact or rest.depth != figure.depth:
        return None
    if figure.unit is not None and rest.unit is not None and figure.unit != rest.unit:
        return None
    segment = paragraph.segments[rest.segment]
    words = [token.norm for token in paragraph.tokens[segment.start : segment.end]]
    return rest if ("còn", "lại") in pairwise(words) and not {"khác", "và"} & {*words} else None


def exclusions(paragraph: ParagraphFigures, grouped: Sequence[Group]) -> Iterator[list[Equation]]:
    """`46 hồ sơ, đều trong hạn, trong đó quá hạn 02`: what the words leave no room for."""
    told = [(cue, segment.sentence) for segment in paragraph.segments for cue in segment.cues]
    cues = [cue for cue, _ in told]
    for order, (cue, sentence) in enumerate(told[:-1]):
        if "all_in" not in cue.roles or cues[order + 1].measure is None or cues[order + 1].start > cue.end + 3:
            continue
        stated = (cues[order + 1].measure or {}).get("time")
        for group in grouped:
            if group.whole.paragraph != paragraph.number or group.whole.token > cue.start or stated is None:
                continue
            if group.whole.sentence != sentence:
                continue  # `quá hạn 8 hồ sơ. Đang giải quyết 88 hồ sơ, đều trong hạn`
            for part in group.parts:
                other = part.own.get("time")
                if (
                    other is not None
                    and (other == "overdue") != (stated == "overdue")
                    and part.sentence == group.whole.sentence
                ):
                    yield [Equation("sum", Form.total, Term(part), (), certain=True)]


def listed(paragraph: ParagraphFigures) -> Iterator[list[Equation]]:
    """A number of things whose names follow."""
    for order, figure in enumerate(paragraph.figures):
        if not figure.counts or figure.unit not in ("agency", "person", "document", "place", "task", None):
            continue
        later = [one for one in paragraph.figures[order + 1 :] if one.sentence == figure.sentence]
        names = _names(paragraph, figure, later)
        if names is None or (figure.unit is None and figure.own):
            continue
        many, open_ended = names
        values = sorted(many)
        readings = []
        for value in values:
            counted = Figure(
                FigureKind.count,
                Fraction(value),
                Fraction(value),
                Fraction(value),
                0,
                f"{value} tên",
                figure.start,
                figure.end,
                figure.token,
                figure.last,
                counted=True,
            )
            form = Form.at_least if open_ended else Form.total
            readings.append(Equation("list", form, Term(figure), (Term(counted),), certain=figure.exact))
        yield readings


def _names(paragraph: ParagraphFigures, figure: Figure, later: list[Figure]) -> tuple[set[int], bool] | None:
    """How many names follow, in every way to divide them; and whether the list is left open."""
    opened: int | None = None
    bracket = False
    examples = False
    read = paragraph.tokens
    closed = (
        figure.last < len(read) and read[figure.last].text == ")" and figure.token > 0 and read[figure.token - 1].text == "("
    )
    depth_of_list = figure.depth - closed  # `chưa báo cáo (04 đơn vị): Sở Y tế, ...`
    for segment in paragraph.segments:
        if segment.start <= figure.token:
            continue
        if segment.sentence != figure.sentence:
            break
        if segment.opened is Mark.colon and segment.depth == depth_of_list:
            opened = segment.start
            break
        if segment.opened is Mark.opening and segment.depth == figure.depth + 1:
            opened, bracket = segment.start, True
            break
    if opened is None:
        openers = [
            cue for segment in paragraph.segments for cue in segment.cues if "opener" in cue.roles and cue.start >= figure.last
        ]
        same = [cue for cue in openers if not any(token.text == "." for token in paragraph.tokens[figure.last : cue.start])]
        if same and not any(one.token < same[0].start for one in later):
            opened = same[0].end
    if opened is None:
        place = next(
            (
                place
                for place in range(figure.last, len(paragraph.tokens))
                if paragraph.tokens[place].norm in ("là", ".", ";", ":")
            ),
            None,
        )
        if place is not None and paragraph.tokens[place].norm == "là":
            opened = place + 1
    if opened is None:
        return None
    before = [cue for segment in paragraph.segments for cue in segment.cues if figure.last <= cue.start < opened]
    # `vùng cao là ...` names them all, `các xã như ...` does not.
    examples = any("examples" in cue.roles and paragraph.tokens[cue.start].norm == "như" for cue in before)
    examples |= any("examples" in cue.roles and cue.end - cue.start > 1 for cue in before)
    if any(one.token < opened for one in later):
        return None
    end = opened
    depth = 1 if bracket else 0
    while end < len(paragraph.tokens):
        text = paragraph.tokens[end].text
        depth += text == "("
        depth -= text == ")"
        if (bracket and depth == 0) or (not bracket and paragraph.tokens[end].start >= 0 and _ends(paragraph, end)):
            break
        end += 1
    inside = [one.token for one in later if opened <= one.token < end]
    if inside and not bracket:
        # `hai đơn vị tốt là xã A và xã B; hai đơn vị khá là ...`
        end = max((position for position in range(opened, inside[0]) if paragraph.tokens[position].text == ";"), default=opened)
    if end == opened:
        return None
    start_at, end_at = paragraph.tokens[opened].start, paragraph.tokens[end - 1].end
    words = paragraph.text[start_at:end_at]
    if "…" in words or "..." in words or "v.v" in words:
        examples = True
        words = re.sub(r"[;,]?\s*(?:…|\.\.\.|v\.v\.?).*", "", words)
    plain = re.sub(r"\([^()]*\)", "", words)
    if re.search(r"(?:,|;|\bvà)\s+các\s", plain):
        return None  # `Cổng của tỉnh và các trang của sở, ban, ngành`: nobody tells how many
    if not re.search(r"[;,]| và ", plain):
        return None
    if any(opened <= one.token < end for one in later):
        return None
    entries = [one.strip() for one in re.split(r";", plain) if re.search(r"\w", one)]
    if len(entries) > 1:
        last = re.split(r"\s+và\s+(?=(?:[xX]ã|[pP]hường|[sS]ở|[pP]hòng|[tT]hị|UBND|[A-ZĐÂÔƠƯ]))", entries[-1])
        return {len(entries), len(entries) - 1 + len(last)} if len(last) > 1 else {len(entries)}, examples
    entries = [one.strip() for one in re.split(r",", plain) if re.search(r"\w", one)]
    capital = sum(bool(re.search(r"[A-ZĐÀ-Ỹ]", entry)) for entry in entries)
    if capital < len(entries):
        return None
    if not entries:
        return None
    joined = re.split(r"\s+và\s+", entries[-1])
    ways = {len(entries)}
    if len(joined) == 2:
        ways = {len(entries) + 1} if not _one_name(entries[-1]) else {len(entries), len(entries) + 1}
    ambiguous = sum(" và " in entry for entry in entries[:-1])
    if ambiguous:
        ways |= {many + ambiguous for many in ways}
    return ways, examples


def _one_name(entry: str) -> bool:
    return bool(
        re.search(
            r"(?:HĐND|Tài nguyên|Nông nghiệp|Kinh tế|Lao động|Văn hóa|Giáo dục|Tài chính|Khoa học|Thông tin|Công nghiệp)", entry
        )
    )


def _ends(paragraph: ParagraphFigures, position: int) -> bool:
    token = paragraph.tokens[position]
    if token.text != ".":
        return token.norm == "\n"
    following = paragraph.tokens[position + 1] if position + 1 < len(paragraph.tokens) else None
    return following is None or (following.start > token.end and following.text[:1].isupper())
