"""Groups whose whole stands elsewhere: a total after its parts, examples of a figure before, breakdowns, the items of a list.
Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import takewhile

from services.notices.audit.claims.slips import is_slip, mends
from services.notices.audit.figures import Figure, FigureKind, Mark, ParagraphFigures
from services.notices.audit.frames import is_name
from services.notices.audit.groups import (
    DIVIDING,
    Certainty,
    Group,
    can_be_whole,
    certainty_of,
    compatible,
    inherit,
    is_complete,
    is_rest,
    kind_of_part,
    shared_numbers,
    value_of,
)
from services.notices.audit.markers import RANK, marker
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.steps import Step
from services.notices.audit.vocabulary import vocabulary

_ANY_KIND = frozenset(("việc", "trường", "lượt"))
"""First words of what things of any kind are added up to: `4.215 bản sao, 386 chữ ký, cộng 4.601 việc`."""
_NO_KIND = frozenset(("day", "money", "score", "level", "time", "agency", "person"))
MAX_APART = 4
"""Counts of which the last two, that deny each other, show that they are told side by side."""
ABOVE = 2
"""So many times a whole, counts after it are none of its parts."""


def summed_up(steps: list[Step], found: list[Group], paragraph: ParagraphFigures) -> Iterator[Group]:
    """Totals after their parts: `trực tuyến 75, trực tiếp 25; cộng 100 hồ sơ`."""
    wholes = {id(group.whole) for group in found}
    for place, step in enumerate(steps):
        figure = step.figure
        if figure is None or figure.kind is not FigureKind.count or "total" not in figure.roles or id(figure) in wholes:
            continue
        parts: list[Figure] = []
        any_kind = _is_added_up(step, paragraph) and paragraph.tokens[min(figure.token + 1, figure.last - 1)].norm in _ANY_KIND
        for before in reversed(steps[:place]):
            if before.sentence != step.sentence or before.depth < step.depth:
                break
            one = before.figure
            if one is None or one.depth != figure.depth or not can_be_whole(one):
                continue
            if not compatible(figure, one) and not (any_kind and one.unit not in _NO_KIND):
                continue
            parts.insert(0, one)
        if len(parts) < 2:
            continue
        for dimension in ("stage", "progress", *DIVIDING):
            if is_complete(dimension, [value_of(one, dimension) for one in parts]):
                yield Group(figure, parts, Certainty.sure, dimension)
                break
        else:
            if not any(id(one) in wholes for one in parts):
                meant = _is_added_up(step, paragraph)
                yield Group(figure, parts, Certainty.sure if meant else Certainty.likely, "")


def _is_added_up(total: Step, paragraph: ParagraphFigures) -> bool:
    """Whether `cộng` stands right before a total: what goes before it in its sentence is all of it."""
    assert total.figure is not None
    before = [token.norm for token in paragraph.tokens[max(0, total.figure.token - 2) : total.figure.token]]
    return before[-1:] == ["cộng"] or (before[:1] == ["cộng"] and before[-1] in ("là", "lại", "được", "thành"))


def broken_down(paragraph: ParagraphFigures) -> Iterator[list[Figure]]:
    """The figures of each sentence that divides a whole by something: `Theo lĩnh vực: đất đai 30 hồ sơ, hộ tịch 20 hồ sơ.`"""
    for segment in paragraph.segments:
        leads = [cue for cue in segment.cues if "breakdown" in cue.roles]
        if (
            not leads
            or segment.figures
            or segment.closed is not Mark.colon
            or segment.opened not in (None, Mark.end, Mark.semicolon, Mark.dash)
        ):
            continue
        parts: list[Figure] = []
        for later in paragraph.segments[segment.number + 1 :]:
            if later.sentence != segment.sentence or later.depth < segment.depth:
                break
            if later.depth == segment.depth:
                parts.extend(later.figures)
        if len(parts) > 1:
            yield parts


def is_breakdown(paragraph: ParagraphFigures) -> bool:
    """Whether a paragraph only divides a whole that stands before it: one after it divides the same whole another way."""
    parts = [one for figures in broken_down(paragraph) for one in figures]
    return bool(parts) and paragraph.figures[0] is parts[0]


def of_breakdowns(paragraph: ParagraphFigures, before: ParagraphFigures | None) -> Iterator[Group]:
    for figures in broken_down(paragraph):
        parts = [one for one in figures if one.kind is FigureKind.count]
        while len(parts) > 2 and "total" in parts[-1].roles:
            parts.pop()
        if len(parts) < 2 or any("opener" in one.roles for one in parts[1:]):
            continue  # `Nghỉ theo Nghị định 178: 517 người, trong đó đã có quyết định 468 người`
        wholes = [
            one
            for one in (*(before.figures if before is not None else ()), *paragraph.figures)
            if one.kind is FigureKind.count and one.start < parts[0].start and can_be_whole(one) and compatible(one, parts[0])
        ]
        lead = {name: value for name, value in parts[0].own.items() if name not in parts[0].stated}
        wholes = [one for one in wholes if lead.items() <= one.meaning.items()] or wholes
        total = sum((one.value for one in parts), start=0 * parts[0].value)
        fitting = [one for one in wholes if one.value == total]
        likely = [one for one in reversed(wholes) if one.value * 8 <= total * 10 <= one.value * 13]
        whole = next(iter(fitting), None) or next(iter(likely), None)
        if whole is not None and all(part.value <= whole.value for part in parts):
            for part in parts:
                inherit(whole, part)
            kind = kind_of_part(whole, parts[0])[0]
            yield Group(whole, parts, certainty_of(whole, parts, kind, some=False, examples=False), kind)


def _begins(paragraph: ParagraphFigures, sentence: int) -> bool:
    """Whether a sentence begins with words of examples: `Nhiều nhất như: ...`."""
    first = next(
        (segment for segment in paragraph.segments if segment.sentence == sentence and segment.end > segment.start), None
    )
    return first is not None and any("examples" in cue.roles and cue.start == first.start for cue in first.cues)


def side_by_side(paragraph: ParagraphFigures, wholes: set[int]) -> Iterator[Group]:
    """Counts that stand together without a word between whole and parts, where they add up; or where one is the other's
    denial. `wholes` are the ids of those that are one already; new ones are added."""
    sentences: dict[int, list[Figure]] = {}
    for figure in paragraph.figures:
        if figure.depth == 0 and figure.kind is FigureKind.count:
            sentences.setdefault(figure.sentence, []).append(figure)
    for told in sentences.values():
        inside = [one for one in told if can_be_whole(one)]
        for position, whole in enumerate(inside if 3 <= len(told) <= 12 else ()):
            if id(whole) in wholes:
                continue
            runs = [inside[position + 1 : position + 1 + many] for many in range(2, 6)]
            runs += [inside[max(0, position - many) : position] for many in range(2, 6)]
            for parts in runs:
                if len(parts) > 1 and _adds_up(whole, parts) and all(compatible(whole, one) for one in parts):
                    wholes.add(id(whole))
                    yield Group(whole, parts, Certainty.bound, "")
                    break
            else:
                parts = _apart(told[told.index(whole) + 1 :])
                if (
                    parts
                    and all(compatible(whole, one) for one in parts)
                    and not set(whole.own) & {name for one in parts for name in one.own}
                    and _fails_to_divide(whole, parts)
                ):
                    wholes.add(id(whole))
                    yield Group(whole, parts, Certainty.sure, "")


def _apart(after: Sequence[Figure]) -> list[Figure]:
    """The figures right after a whole of which none is of another: one the other's denial, or each of its own grade."""
    for many in range(2, min(len(after), MAX_APART) + 1):
        if _denied(*after[many - 2 : many]):
            return list(after[:many])
    grades = list(takewhile(lambda one: "grade" in one.own, after))
    return grades if len(grades) > 1 and len({one.own["grade"] for one in grades}) == len(grades) else []


def _fails_to_divide(whole: Figure, parts: Sequence[Figure]) -> bool:
    """Whether parts that share nothing do not make up their whole, by a slip; or are above it, where it is said to be one."""
    added = sum((one.value for one in parts), start=0 * whole.value)
    rest = added - parts[0].value
    if len(parts) > 2 and added > whole.value and parts[0].value * 8 <= rest * 10 <= parts[0].value * 10:
        return False  # `3.415 hộ; tham gia 3.308 hộ; đồng ý 3.197 hộ, không đồng ý 94 hộ`: each is of the one before
    if mends(Equation("sum", Form.total, Term(whole), tuple(Term(one) for one in parts))):
        return True
    divided = {"some", "base", "whole", "opener"} & {*whole.roles, *parts[0].roles}
    above = whole.value < added <= ABOVE * whole.value and all(one.value <= whole.value for one in parts)
    return bool(divided) and above and all(one.exact and one.unit == whole.unit is not None for one in (whole, *parts))


def _adds_up(whole: Figure, parts: Sequence[Figure]) -> bool:
    """Whether the parts make up the whole; whole numbers, as counts are, without fractions."""
    if any(one.value.denominator != 1 for one in (whole, *parts)):
        return sum((one.value for one in parts), start=0 * whole.value) == whole.value
    return sum(one.value.numerator for one in parts) == whole.value.numerator


def complete_sets(paragraph: ParagraphFigures, before: ParagraphFigures | None, grouped: Set[int]) -> Iterator[Group]:
    """Parts that are all there are, after a whole of which no word says so: `1.250 người, 1.187 hài lòng, 46 bình thường và 17
    chưa hài lòng`. `grouped` are the ids of parts of others."""
    inside = [one for one in paragraph.figures if one.depth == 0 and one.counts]
    position = 0
    while position < len(inside):
        run, dimension = _set_at(inside, position)
        position += max(len(run), 1)
        if not run or any(id(one) in grouped for one in run):
            continue
        earlier = [one for one in inside if one.start < run[0].start]
        earlier = earlier or [one for one in (before.figures if before is not None else ()) if one.depth == 0 and one.counts]
        total = sum((one.value for one in run), start=0 * run[0].value)
        whole = next((one for one in earlier if one.value == total), None) or _last_that_holds(earlier, run)
        if whole is not None and dimension == "channel" and whole.meaning.get("stage") in ("handled", "carried"):
            continue  # what was received is divided by how it came
        if whole is None or not can_be_whole(whole) or dimension in whole.meaning:
            continue
        if whole.kind is not FigureKind.count and dimension != "vote":
            continue
        stages = {one.own.get("stage", "") for one in run} - {"", whole.meaning.get("stage", "")}
        stages -= {"resolved", "feedback"} if dimension in ("opinion", "vote") else set()  # `287 người trả lời hài lòng`
        largest = max(one.value for one in run)
        of_forms = {whole.unit, run[0].unit} == {"form", "person"} and dimension == "opinion"
        if (
            (whole.unit != run[0].unit and not of_forms)
            or whole.unit is None
            or stages
            or whole.value < largest
            or whole.period != run[0].period
        ):
            continue
        # `nhận 323 hồ sơ, trực tuyến 188, trực tiếp 44`: right after what came in, its channels are all
        right_before = position > len(run) and inside[position - len(run) - 1] is whole and whole.sentence == run[0].sentence
        all_told = right_before and dimension == "channel" and whole.own.get("stage") in ("received", "new")
        yield Group(whole, run, Certainty.sure if all_told else Certainty.likely, dimension)


def _last_that_holds(earlier: Sequence[Figure], run: Sequence[Figure]) -> Figure | None:
    """The last figure that a set may be of: `Cấp 3.870 phiếu, gồm 2.666 và 1.204. Đúng hạn 3.831 phiếu, chậm 39 phiếu.`"""
    largest = max(one.value for one in run)
    units = {"form", "person"} if "opinion" in run[0].own else {run[0].unit}
    fitting = [one for one in earlier if one.unit in {run[0].unit, *units} and one.value >= largest and can_be_whole(one)]
    return fitting[-1] if fitting else earlier[-1] if earlier else None


def _set_at(inside: Sequence[Figure], position: int) -> tuple[list[Figure], str]:
    """The figures from a place on that are all there are of a dimension."""
    first = inside[position]
    if not first.own:
        return [], ""
    for dimension in DIVIDING:
        if dimension not in first.own:
            continue
        for many in (4, 3, 2):
            run = list(inside[position : position + many])
            values = [one.own.get(dimension, "") for one in run]
            if (
                len(run) == many == len(set(values))
                and is_complete(dimension, values)
                and all(one.sentence == first.sentence and compatible(first, one) for one in run)
            ):
                return run, dimension
    return [], ""


_DENIABLE = frozenset(("đạt", "có", "gửi", "nộp"))
"""What may be denied though it tells nothing by itself: `chưa đạt`, `chưa gửi`."""


def _denied(one: Figure, other: Figure) -> bool:
    """`đạt yêu cầu 456 người, chưa đạt 34 người`"""
    denied = other.words - {"chưa", "không"}
    both = (denied & one.words) - (vocabulary().plain - _DENIABLE)
    new = denied - one.words - vocabulary().plain  # `15 vụ có đúng có sai, 39 vụ không có cơ sở`: of something else
    return denied != other.words and bool(both) and not new and len(denied & one.words) * 2 > len(denied)


def items_summed_up(paragraphs: Sequence[ParagraphFigures]) -> Iterator[Group]:
    """A total that stands after the items of a list: `a) ...: 3.218 việc; b) ...: 406 việc. Cộng: 3.624 việc.`"""
    for number, paragraph in enumerate(paragraphs):
        whole = next((one for one in paragraph.figures[:1] if one.kind is FigureKind.count and "total" in one.roles), None)
        if whole is None:
            continue
        parts: list[Figure] = []
        mark = ""
        for before in reversed(paragraphs[:number]):
            own = marker(before.text)
            first = next((one for one in before.figures if one.depth == 0 and one.kind is FigureKind.count), None)
            if not own or (mark and own != mark) or first is None or not compatible(whole, first):
                break
            mark = own
            parts.insert(0, first)
        if len(parts) > 1:
            added = sum((one.value for one in parts), start=0 * whole.value)
            same = all(one.own == parts[0].own for one in parts)
            if same or added == whole.value or is_slip(whole, added):
                yield Group(whole, parts, Certainty.likely, "")


def examples(steps: list[Step], found: list[Group], paragraph: ParagraphFigures) -> Iterator[Group]:
    """Examples of a figure that stands before: `Các đơn vị trả lại nhiều: xã A 30 hồ sơ; xã B 15 hồ sơ.`"""
    parts_of = {id(part) for group in found for part in group.parts}
    by_sentence: dict[int, list[Step]] = {}
    for step in steps:
        by_sentence.setdefault(step.sentence, []).append(step)
    for sentence, inside in by_sentence.items():
        named: list[Figure] = []
        announced = False
        counted: list[Figure] = []
        for step in inside:
            announced |= "examples" in step.roles and not named
            if not announced and step.figure is not None:
                counted.append(step.figure)
            if (
                announced
                and step.figure is not None
                and step.figure.counts
                and (step.figure.scope or is_name(step.figure.name))
            ):
                named.append(step.figure)
        if len(named) < 2 or id(named[0]) in parts_of:
            continue
        before = [one for one in paragraph.figures if one.counts and (one.sentence < sentence or one in counted)]
        stage = named[0].own.get("stage")
        like = [
            one
            for one in before
            if compatible(one, named[0])
            and (one.meaning.get("stage") == stage if stage is not None else one in counted and one.depth == 0)
        ]
        alone = [one for one in paragraph.figures if one.sentence == sentence - 1 and one.counts]
        if not like and stage is None and len(alone) == 1 and compatible(alone[0], named[0]) and _begins(paragraph, sentence):
            like = alone  # `Hồ sơ trả lại 130 hồ sơ. Nhiều nhất như: ...`
        whole = like[-1] if like else None
        if whole is not None and can_be_whole(whole) and whole.kind is FigureKind.count:
            for part in named:
                inherit(whole, part)
            yield Group(whole, named, Certainty.bound, "name", times=shared_numbers(paragraph, named))


def parents(paragraphs: Sequence[ParagraphFigures]) -> dict[int, ParagraphFigures]:
    """By the number of a paragraph: the one it is an item of."""
    out: dict[int, ParagraphFigures] = {}
    above: list[tuple[int, ParagraphFigures]] = []
    unmarked = RANK[""]
    for paragraph in paragraphs:
        rank = RANK[marker(paragraph.text)]
        if rank == unmarked:
            above = [(unmarked, paragraph)] if paragraph.opens or paragraph.figures else []
            continue
        section = paragraph.heading and not paragraph.opens and rank <= RANK["a)"]
        while (
            above and (above[-1][0] >= rank or section) and not (above[-1][0] == unmarked and not section and len(above) == 1)
        ):
            above.pop()
        if above:
            out[paragraph.number] = above[-1][1]
        if paragraph.opens or paragraph.figures:
            above.append((rank, paragraph))
    return out


def of_items(paragraph: ParagraphFigures, items: Sequence[ParagraphFigures]) -> Iterator[Group]:
    whole = next((one for one in reversed(paragraph.figures) if one.depth == 0 and can_be_whole(one)), None)
    if not paragraph.opens:
        if not marker(paragraph.text):
            return
        whole = next((one for one in paragraph.figures if one.depth == 0 and can_be_whole(one)), None)
    if whole is None or whole.kind is not FigureKind.count:
        return
    parts: list[Figure] = []
    dimension: str | None = None
    seen: set[str] = set()
    for item in items:
        part = next((one for one in item.figures if one.depth == 0 and one.counts), None)
        if part is None or not compatible(whole, part):
            continue
        kind, value = kind_of_part(whole, part)
        if dimension is None:
            dimension = kind
        if kind != dimension and not is_rest(part) and not {kind, dimension} <= {"", "name"}:
            break
        if value in seen and kind not in ("", "name"):
            break
        seen.add(value)
        parts.append(part)
    if not parts or dimension is None:
        return
    last = paragraph.segments[-1] if paragraph.segments else None
    examples = any("examples" in cue.roles for cue in (last.cues if last else ()))
    certainty = certainty_of(whole, parts, dimension, some=False, examples=examples)
    if not paragraph.opens and certainty is Certainty.likely:
        certainty = Certainty.bound
    for part in parts:
        inherit(whole, part)
    yield Group(whole, parts, certainty, dimension)
