"""Totals and their parts as the text puts them: after `trong đó`, in brackets, after a colon, in the items below, in words.
Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from services.notices.audit.figures import Figure, FigureKind, Mark, ParagraphFigures
from services.notices.audit.groups import (
    Certainty,
    Group,
    are_apart,
    can_be_whole,
    certainty_of,
    compatible,
    inherit,
    is_rest,
    kind_of_part,
    shared_numbers,
)
from services.notices.audit.lists import examples as examples_of
from services.notices.audit.lists import of_breakdowns, of_items, summed_up
from services.notices.audit.parts import is_closed, is_over, is_rest_of_fraction, makes_up, overlap
from services.notices.audit.steps import Step, opened_at, skip, steps_index, steps_of
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.lexer import TokenKind

MONTHS = 3
"""Months of a quarter."""
BRACKETED = 3
"""Names with a count in a bracket each that make a list."""
YEAR = 4
"""Digits of a year."""
_BODIES = frozenset(("nghiệp", "tổ", "hộ"))
"""Words of what is counted among units though it is counted as persons are: `doanh nghiệp`, `tổ chức`."""


def groups(
    paragraph: ParagraphFigures,
    items: Sequence[ParagraphFigures],
    before: ParagraphFigures | None = None,
    divided: ParagraphFigures | None = None,
) -> list[Group]:
    """The groups of a paragraph; `items` are the paragraphs that are its items, `before` is the one before it, `divided` the
    last one that is more than a way to divide what was told before."""
    if not paragraph.figures:
        return []
    steps = list(steps_of(paragraph))
    found: list[Group] = []
    taken: set[int] = set()
    first = next((position for position, step in enumerate(steps) if step.mark is None), None)
    if first is not None and steps[first].opener and before is not None and not before.opens and not _begins_opened(before):
        wholes = [one for one in before.figures if one.depth == 0 and one.kind is FigureKind.count and can_be_whole(one)]
        if wholes:
            _parts(steps, first + 1, wholes[-1], found, paragraph, taken)
    for position, step in enumerate(steps):
        figure = step.figure
        if figure is None or not can_be_whole(figure) or id(figure) in taken:
            continue
        start = opened_at(steps, position)
        if start is not None:
            if any(step.mark is Mark.end for step in steps[position:start]):
                _bracketed(steps, position, figure, found, paragraph)  # what the next sentence divides is divided here, too
            _parts(steps, start, figure, found, paragraph, taken)
        if start is None or steps[start - 1].depth == figure.depth:
            # `47 văn bản (3 kế hoạch, 26 công văn, 18 quyết định), trong đó có 9 văn bản về ...`: divided twice
            _bracketed(steps, position, figure, found, paragraph)
    found = [one for one in found if not (_of_two(paragraph, one) or _of_fraction(one))]
    found.extend(summed_up(steps, found, paragraph))
    found.extend(examples_of(steps, found, paragraph))
    found.extend(of_breakdowns(paragraph, divided))
    if items:
        found.extend(of_items(paragraph, items))
    return found


def _of_two(paragraph: ParagraphFigures, group: Group) -> bool:
    """`274 đơn khiếu nại và 105 đơn tố cáo; trong đó có 179 đơn khiếu nại sai`: the parts are not of the last alone."""
    added = sum((one.value for one in group.parts), start=0 * group.whole.value)
    if added <= group.whole.value or len(group.parts) < 2 or group.whole.paragraph != paragraph.number:
        return False
    segment = paragraph.segments[group.whole.segment]
    before = paragraph.segments[segment.number - 1] if segment.number else None
    if before is None or before.sentence != segment.sentence or segment.opened not in (Mark.joined, Mark.comma):
        return False
    # `32/52 vụ khiếu nại, 63/78 vụ tố cáo. Trong đó ...`: a comma joins what is told in one way.
    fractions = segment.opened is Mark.joined or group.whole.kind is FigureKind.part
    kinds = (FigureKind.count, FigureKind.part) if segment.opened is Mark.joined else (FigureKind.part,)
    return fractions and any(one.kind in kinds and compatible(one, group.whole) for one in before.figures)


def _of_fraction(group: Group) -> bool:
    """`trong đó đã giải quyết 238/316 vụ, còn lại 78 vụ`: the rest is of the 316."""
    return any(one.kind is FigureKind.part for one in group.parts) and any(is_rest(one) for one in group.parts)


def _names_year(paragraph: ParagraphFigures, figure: Figure) -> bool:
    """Whether the time before a figure in its bracket is told with its year."""
    start = paragraph.segments[figure.segment].start
    told = [token.norm for token in paragraph.tokens[start : figure.token] if token.kind is TokenKind.period]
    return any(any(part.isdigit() and len(part) == YEAR for part in one.replace("/", " ").split()) for one in told)


def _begins_opened(paragraph: ParagraphFigures) -> bool:
    """Whether a paragraph begins with an opener itself: its figures are parts."""
    first = next((step for step in steps_of(paragraph) if step.mark is None), None)
    return first is not None and first.opener


def _parts(
    steps: list[Step], start: int, whole: Figure, found: list[Group], paragraph: ParagraphFigures, taken: set[int]
) -> int:
    """Take the parts of a whole from `start` on, and the groups within them; returns where they end."""
    depth = steps[start].depth if start < len(steps) else 0
    sentence = steps[start].sentence if start < len(steps) else 0
    parts: list[Figure] = []
    seen: set[str] = set()
    dimension: str | None = None
    some = False
    examples = _by_examples(steps, start)
    position = parted = start
    while position < len(steps):
        step = steps[position]
        if step.depth < depth or step.sentence > sentence:
            break
        if step.mark is Mark.semicolon and len(parts) > 1 and is_closed(paragraph, parts):
            break  # `gồm 52 công chức và 26 viên chức; hiện có mặt 71 người`
        if step.mark is Mark.opening:
            position = skip(steps, position)
            continue
        some |= "some" in step.roles and not parts
        examples |= "examples" in step.roles
        if step.mark is Mark.dots:
            examples = True
        figure = step.figure
        if (
            figure is None
            or not figure.counts
            or figure.depth != depth
            or (parts and _tells_change(paragraph, figure, dimension))
        ):
            position += 1
            continue
        if are_apart(whole, figure) or (parts and (is_rest_of_fraction(whole, figure) or is_over(figure, whole))):
            break
        if not compatible(whole, figure):
            if parts and figure.unit not in ("agency", "person", "day", "time", "level", "score"):
                break
            position += 1
            continue
        kind, value = kind_of_part(whole, figure)
        if dimension is None:
            dimension = kind
        elif kind != dimension and not is_rest(figure) and ("" not in (kind, dimension) or _own_whole(steps, position, figure)):
            break
        elif dimension == "" and value == "resolved" and len(parts) > 1 and _after_semicolon(steps, parted, position):
            break  # `67 kiến nghị, trong đó 52 về hành vi, 15 về quy định; đã xử lý 64`: what was done with all
        if value in seen and kind not in ("", "name") and not kind.startswith("stage:"):
            break
        seen.add(value)
        if figure.roles & {"total"} and parts:
            break
        parts.append(figure)
        parted = position
        taken_by = opened_at(steps, position)
        if taken_by is not None and len(parts) > 1 and _after_semicolon(steps, position, taken_by):
            taken.add(id(figure))
            position = _parts(steps, taken_by, whole, found, paragraph, taken)
            break
        if taken_by is not None and _nested(steps, taken_by, figure, whole, paragraph):
            taken.add(id(figure))
            position = _parts(steps, taken_by, figure, found, paragraph, taken)
        else:
            _bracketed(steps, position, figure, found, paragraph)
            taken.add(id(figure))
            position += 1
    bracketed = [] if parts or start >= len(steps) else _in_brackets(steps, start, whole)
    parts = parts or bracketed
    beyond = []
    for step in steps[position:]:
        if step.sentence > sentence or step.depth < depth:
            break
        if step.figure is not None and step.figure.counts and step.figure.depth == depth and compatible(whole, step.figure):
            beyond.append(step.figure)
    _add(
        found,
        whole,
        parts,
        dimension or "",
        paragraph,
        some=some,
        examples=examples,
        exhaustive=_is_exhaustive(steps, start) and not bracketed,
        beyond=beyond[:3],
    )
    return position


def _in_brackets(steps: list[Step], start: int, whole: Figure) -> list[Figure]:
    """`gồm: Email (14 lượt), Zalo (106 lượt), ứng dụng (39 lượt)`: each part in a bracket of its own."""
    depth, sentence = steps[start].depth, steps[start].sentence
    found: list[list[Figure]] = []
    for step in steps[start:]:
        if step.sentence != sentence or step.depth < depth:
            break
        if step.mark is Mark.opening and step.depth == depth + 1:
            found.append([])
        elif step.figure is not None and step.figure.counts:
            if step.depth == depth or not found:
                return []
            found[-1].append(step.figure)
    parts = [one[0] for one in found if len(one) == 1 and one[0].unit == whole.unit is not None]
    return parts if len(parts) == len(found) >= BRACKETED else []


def _tells_change(paragraph: ParagraphFigures, figure: Figure, dimension: str | None) -> bool:
    """Whether a figure behind a part tells by how much that changed: `579 việc, tăng 7 việc` is one part."""
    if dimension == "change":
        return False
    cues = (cue for cue in paragraph.segments[figure.segment].cues if cue.end == figure.token)
    return any(cue.roles & {"increase", "decrease"} and "to" not in cue.roles for cue in cues)


def _nested(steps: list[Step], start: int, figure: Figure, whole: Figure, paragraph: ParagraphFigures) -> bool:
    """Whether an opener after a part opens that part: what follows divides it by something else than its siblings are."""
    following = next((one.figure for one in steps[start:] if one.figure is not None and one.figure.counts), None)
    return following is not None and following.sentence == figure.sentence


def _by_examples(steps: list[Step], start: int) -> bool:
    """Whether words of examples stand between the whole and its parts: `260 hồ sơ, nhiều nhất gồm: ...`."""
    for step in reversed(steps[:start]):
        if step.figure is not None and step.figure.counts:
            return False
        if "examples" in step.roles:
            return True
    return False


def _is_exhaustive(steps: list[Step], start: int) -> bool:
    """Whether the words that open the parts say that they are all: `gồm`, not `trong đó`."""
    opener = next((step for step in reversed(steps[:start]) if step.opener), None)
    return opener is not None and "exhaustive" in opener.roles and steps.index(opener) >= start - 2


def _after_semicolon(steps: list[Step], start: int, end: int) -> bool:
    return any(step.mark is Mark.semicolon and step.depth == steps[start].depth for step in steps[start:end])


def _own_whole(steps: list[Step], position: int, figure: Figure) -> bool:
    return opened_at(steps, position) is not None


def _passes(figure: Figure | None, whole: Figure) -> bool:
    """Whether a bracket after it may still be of the whole: `100 hồ sơ của hai phòng (...)`."""
    return figure is None or (not compatible(whole, figure) and figure.unit in ("agency", "person"))


def _after_rate(steps: list[Step], position: int, whole: Figure) -> int:
    """The place after a rate of a figure: `1.225 đơn, chiếm 34% (khiếu nại 979 đơn, tố cáo 246 đơn)`."""
    comma = position < len(steps) and steps[position].mark is Mark.comma and steps[position].depth == whole.depth
    rate = steps[position + comma].figure if position + comma < len(steps) else None
    return position + comma + 1 if rate is not None and rate.kind is FigureKind.rate and rate.depth == whole.depth else position


def _bracketed(steps: list[Step], start: int, whole: Figure, found: list[Group], paragraph: ParagraphFigures) -> None:
    """The parts in the bracket right after a figure."""
    position = rated = _after_rate(steps, start + 1, whole)
    while (
        position < len(steps)
        and _passes(steps[position].figure, whole)
        and steps[position].mark is None
        and steps[position].depth == whole.depth
    ):
        position += 1
    if position >= len(steps) or steps[position].mark is not Mark.opening or steps[position].depth != whole.depth + 1:
        return
    end = skip(steps, position)
    inside = steps[position:end]
    sentence = whole.sentence
    parts = [
        one.figure for one in inside if one.figure is not None and one.figure.counts and one.figure.depth == whole.depth + 1
    ]
    told = [one for one in parts if one.sentence == sentence]
    parts = [one for one in told if compatible(whole, one) and not are_apart(whole, one)]
    mixed = len(parts) < len(told) and whole.unit == "agency"
    if mixed and all(one.unit in ("agency", "person") for one in told):
        # `21 đơn vị (6 sở, 12 xã, 3 doanh nghiệp)`: the last are some of them, `30 cán bộ` are not
        added = sum((one.value for one in told), start=0 * whole.value)
        bodies = all(one in parts or _BODIES & one.words for one in told)
        mixed = added != whole.value and not bodies
        parts = parts if mixed else told
    if not parts or any("against" in one.roles or "prior" in one.roles for one in parts):
        return
    if rated > start + 1 and len(parts) == 1:
        return  # `chiếm 90% (450 hồ sơ)`: what the rate is of
    if any(one.figure is not None and "against" in one.figure.roles for one in inside):
        return
    if (
        parts[0].period not in ("", whole.period)
        and len({one.period for one in parts}) == 1
        and _names_year(paragraph, parts[0])
    ):
        return  # `giảm 166 lượt (6 tháng đầu năm 2019 có 12 đoàn/241 lượt)`: what there was then
    nested = [one for one in parts if opened_at(steps, steps_index(steps, one)) is not None]
    if nested and nested[0] is parts[0]:
        return
    kinds = [kind_of_part(whole, one)[0] for one in parts]
    examples = mixed or any("examples" in one.roles or one.mark is Mark.dots for one in inside)
    some = any("some" in one.roles for one in inside)
    if "" in kinds and (len(kinds) > 2 or (len(kinds) == 2 and makes_up(whole, parts))):
        kinds = [""]
    if len(set(kinds)) > 1 and not set(kinds) <= {"", "name"}:
        first = kinds[0]
        parts = [one for one, kind in zip(parts, kinds, strict=True) if kind == first]
        kinds = [first]
    _add(found, whole, parts, kinds[0], paragraph, some=some, examples=examples)


def _are_months(paragraph: ParagraphFigures, whole: Figure, parts: Sequence[Figure]) -> bool:
    """Whether the parts are told of three months of a quarter: `Cả quý có 90 lượt, trong đó tháng 1 có 20 lượt, ...`."""
    start = paragraph.segments[whole.segment].start
    quarter = any(token.norm.split()[:1] == ["quý"] for token in paragraph.tokens[start : whole.token])
    told = [_time_of(paragraph, one) for one in parts]
    return quarter and len({*told}) == len(parts) == MONTHS and all(one.startswith("tháng ") for one in told)


def _time_of(paragraph: ParagraphFigures, figure: Figure) -> str:
    start = paragraph.segments[figure.segment].start
    told = (token.norm for token in paragraph.tokens[start : figure.token] if token.kind is TokenKind.period)
    return next(told, "")


def _leaves_others(paragraph: ParagraphFigures, last: Figure) -> bool:
    """Whether others are named after the last part of a list, and not counted: `..., còn lại là các loại khác.`"""
    if any(one.token > last.token and one.sentence == last.sentence and one.depth == last.depth for one in paragraph.figures):
        return False
    rest = [one for one in paragraph.segments[last.segment :] if one.sentence == last.sentence and one.depth == last.depth]
    words = [token.norm for one in rest for token in paragraph.tokens[max(one.start, last.last) : one.end]]
    return ("còn", "lại") in pairwise(words)


def _add(
    found: list[Group],
    whole: Figure,
    parts: list[Figure],
    dimension: str,
    paragraph: ParagraphFigures,
    *,
    some: bool,
    examples: bool,
    exhaustive: bool = False,
    beyond: list[Figure] | None = None,
) -> None:
    parts = [one for one in parts if dimension or not _is_of_another(paragraph, whole, one)]
    if not parts or whole in parts:
        return
    if overlap(parts) and sum(one.value for one in parts) != whole.value:
        found.extend(Group(whole, [one], Certainty.bound, dimension) for one in parts)
        return
    times = {} if dimension not in ("name", "") else shared_numbers(paragraph, parts)
    examples |= _leaves_others(paragraph, parts[-1])
    some = some and not _are_months(paragraph, whole, parts)
    certainty = certainty_of(whole, parts, dimension, some=some, examples=examples)
    if exhaustive and certainty is Certainty.likely and len(parts) > 1:
        certainty = Certainty.sure
    for part in parts:
        inherit(whole, part)
        part.qualified |= dimension in ("", "name") and not part.scope
    if certainty is Certainty.bound and _goes_on(whole, parts):
        # `giải quyết 13 việc, trong đó có điều kiện 9 việc; đã xong 4 việc`: the last are some of those before them
        found += [Group(whole, parts[:1], certainty, dimension), Group(parts[0], parts[1:], certainty, dimension)]
        return
    found.append(Group(whole, list(parts), certainty, dimension, beyond or [], times))


def _is_of_another(paragraph: ParagraphFigures, whole: Figure, part: Figure) -> bool:
    """Whether a number above its whole is told with a noun that is no unit: `66 vụ án; trong đó triệt xóa 131 tụ điểm`."""
    if part.value <= whole.value or part.last > part.token + 1 or whole.unit is None or part.last >= len(paragraph.tokens):
        return False
    noun = paragraph.tokens[part.last]
    told = noun.kind is TokenKind.word and noun.norm not in vocabulary().plain
    return told and not any(cue.start == part.last for cue in paragraph.segments[part.segment].cues)


def _goes_on(whole: Figure, parts: Sequence[Figure]) -> bool:
    """Whether the second of two parts is what came of the first, and no part beside it."""
    if len(parts) != 2 or parts[0].value + parts[1].value <= whole.value:
        return False
    first, second = parts
    came_of = second.own.get("stage") in ("resolved", "in_process") and "stage" not in first.own
    return came_of and second.value <= first.value <= whole.value
