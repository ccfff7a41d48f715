"""A paragraph as a row of steps: its figures, the words that open parts, and the stops between them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.notices.audit.figures import Figure, FigureKind, Mark, ParagraphFigures, Segment
from services.notices.audit.groups import UNCOUNTED
from services.notices.audit.vocabulary import Cue
from services.notices.quantities.lexer import TokenKind

LABEL = 5
"""Words of a label before a colon."""


@dataclass(slots=True)
class Step:
    """A step through a paragraph: a figure, an opener or a stop."""

    figure: Figure | None
    opener: bool
    mark: Mark | None
    depth: int
    sentence: int
    roles: frozenset[str] = frozenset()
    words: int = 0
    """Of a stop: the words of the segment before it."""


def steps_of(paragraph: ParagraphFigures) -> Iterator[Step]:
    """The steps of a paragraph in order."""
    for segment in paragraph.segments:
        if segment.opened is not None and segment.number:
            before = paragraph.segments[segment.number - 1]
            yield Step(None, False, segment.opened, segment.depth, segment.sentence, words=before.end - before.start)
        inside = [(figure.token, Step(figure, False, None, segment.depth, segment.sentence)) for figure in segment.figures]
        inside += [
            (
                cue.start,
                Step(None, "opener" in cue.roles, None, segment.depth, segment.sentence, _roles(paragraph, segment, cue)),
            )
            for cue in segment.cues
            if cue.roles & {"opener", "examples", "some", "base"}
        ]
        yield from (step for _, step in sorted(inside, key=lambda pair: pair[0]))


def _roles(paragraph: ParagraphFigures, segment: Segment, cue: Cue) -> frozenset[str]:
    """The roles of a phrase; `có` after a name does not say that there is more: `xã A có 30 hồ sơ, xã B có 20 hồ sơ`."""
    named = any(token.text.istitle() or token.kind is TokenKind.number for token in paragraph.tokens[segment.start : cue.start])
    within = any(one.end <= cue.start and "opener" in one.roles for one in segment.cues)
    return cue.roles - {"some"} if "some" in cue.roles and named and within else cue.roles


def opened_at(steps: list[Step], start: int) -> int | None:
    """Where the parts of the figure at `start` begin, when the text announces them."""
    whole = steps[start].figure
    assert whole is not None
    comma = False
    for position in range(start + 1, len(steps)):
        step = steps[position]
        if step.depth > whole.depth:
            continue  # a bracket between
        if step.depth < whole.depth:
            return None
        if step.opener:
            return position + 1
        if "some" in step.roles and not comma and whole.name.lower().lstrip("+-–•*. ").startswith("trong"):
            return position + 1  # `Trong 684 hồ sơ mới có 450 hồ sơ trực tuyến, ...`
        comma |= step.mark in (Mark.comma, Mark.joined)
        if step.mark is Mark.semicolon and not (position + 1 < len(steps) and steps[position + 1].opener):
            return None
        if step.mark is Mark.colon:
            # `24.458 hồ sơ, trực tiếp: 6.108`: a short label's own colon.
            label = comma and step.words <= LABEL and not _opens_list(steps, position, whole)
            return None if label else position + 1
        if step.figure is not None:
            if step.figure.roles & {"increase", "decrease"} and not step.figure.roles & {"to", "total"} and comma:
                continue  # `thụ lý 736 việc, tăng 39 việc so với cùng kỳ, trong đó: ...`: still of the 736
            if _is_next_to(steps, position, whole):
                continue
            if step.figure.counts and step.figure.unit not in UNCOUNTED and "each" not in step.figure.roles:
                return None
            comma = False
        if step.mark is Mark.end:
            following = next((one for one in steps[position + 1 : position + 4] if one.mark is None), None)
            if following is not None and (following.opener or _of_the_whole(steps, position, whole)):
                if following.opener:
                    continue
                return position + 1
            return None
    return None


def _is_next_to(steps: list[Step], position: int, whole: Figure) -> bool:
    """`34 vụ/41 đối tượng, trong đó hải quan 19 vụ`: what follows is counted as the first of the two is."""
    second = steps[position].figure
    part = next((one.figure for one in steps[position + 1 :] if one.figure is not None), None)
    if second is None or part is None or whole.unit is None:
        return False
    return second.token == whole.last + 1 and part.unit == whole.unit != second.unit is not None


def _opens_list(steps: list[Step], colon: int, whole: Figure) -> bool:
    """Whether counts follow a colon of which each says which part it is: `126 đơn khiếu nại, kiến nghị: 98 đơn đã giải quyết,
    28 đơn đang giải quyết`."""
    many = 0
    for step in steps[colon + 1 :]:
        if step.depth > whole.depth:
            continue
        if step.depth < whole.depth or step.mark in (Mark.colon, Mark.semicolon, Mark.end):
            return step.mark is not Mark.colon and many > 1
        if step.figure is not None and step.figure.kind is FigureKind.count:
            if step.figure.unit != whole.unit or step.figure.value > whole.value or not step.figure.own:
                return False
            many += 1
    return many > 1


def _of_the_whole(steps: list[Step], position: int, whole: Figure) -> bool:
    """`Trong số nhận mới có ...`: a sentence that begins with `trong số` and goes on with parts."""
    first = next((one for one in steps[position + 1 :] if one.mark is None), None)
    if first is None or "base" not in first.roles or "total" in first.roles:
        return False  # `Tổng số hồ sơ toàn tỉnh là ...` begins another whole
    figure = next((one.figure for one in steps[position + 1 :] if one.figure is not None), None)
    if figure is None or not figure.counts:
        return False
    stage = figure.own.get("stage")
    return stage is None or stage == whole.meaning.get("stage")


def skip(steps: list[Step], position: int) -> int:
    depth = steps[position].depth
    position += 1
    while position < len(steps) and steps[position].depth >= depth and steps[position].mark is not Mark.closing:
        position += 1
    return position


def steps_index(steps: list[Step], figure: Figure) -> int:
    """The position of a figure among the steps."""
    return next(position for position, step in enumerate(steps) if step.figure is figure)
