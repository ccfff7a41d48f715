"""Groups: a total and its parts, what sets the parts apart, and how sure the wording is that they make up the whole. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from services.notices.audit.figures import Figure, Mark, ParagraphFigures, Segment
from services.notices.audit.frames import is_name, names_agency
from services.notices.audit.vocabulary import vocabulary

DIVIDING = ("channel", "time", "change", "opinion", "vote", "grade", "service", "gender", "level")
"""Dimensions that divide a total, the stage apart."""
UNCOUNTED = frozenset(("day", "score", "level"))
"""Units that parts are never counted in."""
LEAST_AMOUNT = 100_000
"""No smaller number is an amount of money of which the unit is left out."""
_REST = frozenset(("khác", "lại"))


class Certainty(Enum):
    """How sure the wording is that the parts make up the whole."""

    sure = "sure"
    """The parts are all there are: `trước hạn`, `đúng hạn`, `quá hạn`."""
    likely = "likely"
    """A list after `trong đó` or a colon, of parts whose kind is not known."""
    bound = "bound"
    """Examples: the parts may not exceed the whole."""


@dataclass(slots=True)
class Group:
    """A total and its parts."""

    whole: Figure
    parts: list[Figure]
    certainty: Certainty
    dimension: str
    """What divides the parts: a dimension, `stage`, `name` or empty."""
    beyond: list[Figure] = field(default_factory=list)
    """Figures after the parts that may be parts too: two ways to divide one whole may stand in one list."""
    times: dict[int, int] = field(default_factory=dict)
    """By the `id` of a part: how many names share its number (`Cẩm Chế, Thanh Cường 6 hồ sơ`)."""


def can_be_whole(figure: Figure) -> bool:
    changed = figure.roles & {"increase", "decrease"} and not figure.roles & {"to", "total"}
    return figure.counts and figure.unit not in UNCOUNTED and not changed and "each" not in figure.roles


KIN = ({"case", "document"}, {"case", "petition"}, {"case", "task"}, {"document", "petition"})
"""Units that one thing is counted in as it goes on: a report of a crime (`tin`) or a petition (`đơn`) becomes a case (`vụ`);
a request to prosecute (`kiến nghị`) is a report, too."""


def compatible(whole: Figure, part: Figure) -> bool:
    """Whether one figure may be a part of the other by their units."""
    if part.unit == "score" and whole.unit != "score":
        return False  # `185.800 chứng từ, gồm ...; tỷ lệ 99,36%, tăng 0,46 điểm`
    if whole.unit == "money" and part.unit is None and part.value < LEAST_AMOUNT <= whole.value:
        return False  # `đã chi 3.905 triệu đồng (xây 52 nhà 3.120 triệu đồng)`: no amount
    if whole.unit == "area" and whole.decimals and part.last == part.token + 1 and not part.decimals:
        return False  # `593.803,20 ha; trong đó 7.844 giấy chứng nhận cho tổ chức`
    return part.unit is None or whole.unit is None or part.unit == whole.unit or {part.unit, whole.unit} in KIN


def are_apart(whole: Figure, part: Figure) -> bool:
    """Whether one figure is of another level or came another way than the other, of which it is no part then."""
    return any(name in whole.own and name in part.own and whole.own[name] != part.own[name] for name in ("level", "channel"))


def kind_of_part(whole: Figure, part: Figure) -> tuple[str, str]:
    """What sets a part apart from its whole: the dimension and its value."""
    for dimension in DIVIDING:
        value = part.own.get(dimension)
        if value is not None and whole.own.get(dimension) != value:
            return dimension, value
    stage = part.own.get("stage")
    if stage is not None and stage != whole.own.get("stage"):
        if stage in ("new", "carried", "received"):
            return "stage", stage
        if stage in ("resolved", "in_process"):
            return "progress", stage
        return "stage:" + stage, stage
    if part.scope != whole.scope or is_name(part.name):
        return "name", part.name.lower()
    return "", part.name.lower()


def is_rest(figure: Figure) -> bool:
    return any(word in _REST for word in figure.name.lower().split())


def inherit(whole: Figure, part: Figure) -> None:
    """A part means what its whole means, and what sets it apart."""
    for name, value in whole.meaning.items():
        if name not in part.own:
            part.meaning[name] = value
            part.inherited.add(name)
            part.inherited.discard("default")
    if not part.period:
        part.period = whole.period
    part.topic = part.topic or whole.topic
    if part.unit is None:
        part.unit = whole.unit


def certainty_of(whole: Figure, parts: Sequence[Figure], dimension: str, *, some: bool, examples: bool) -> Certainty:
    """How sure it is that the parts make up the whole."""
    if examples:
        return Certainty.bound
    if is_complete(dimension, [value_of(part, dimension) for part in parts]):
        return Certainty.sure
    if len(parts) == 1 or some:
        return Certainty.bound
    if dimension in (*DIVIDING, "stage", "progress"):
        return Certainty.likely if any(is_rest(part) for part in parts) else Certainty.bound
    if dimension.startswith("stage:"):
        return Certainty.bound
    return Certainty.likely


def value_of(part: Figure, dimension: str) -> str:
    """The value by which a part differs from its siblings."""
    return part.own.get("stage" if dimension == "progress" else dimension, "")


def is_complete(dimension: str, values: Sequence[str]) -> bool:
    """Whether these values of a dimension are all there are."""
    return len(values) > 1 and frozenset(values) in vocabulary().complete.get(dimension, ())


def shared_numbers(paragraph: ParagraphFigures, parts: Sequence[Figure]) -> dict[int, int]:
    """How many names stand before each number of a list, where there are more than one."""
    times = {}
    for part in parts:
        segment = paragraph.segments[part.segment]
        many, place = 1, segment.number
        while (
            place > 0
            and paragraph.segments[place].opened in (Mark.comma, Mark.joined)
            and not paragraph.segments[place - 1].figures
            and paragraph.segments[place - 1].depth == segment.depth
            and _all_names(paragraph, paragraph.segments[place - 1])
        ):
            many, place = many + 1, place - 1
        if (
            many > 1
            and (is_name(part.name) or part.scope)
            and any(one.figures or one.closed is Mark.semicolon for one in (paragraph.segments[place - 1],) if place)
        ):
            times[id(part)] = many
    return times


def _all_names(paragraph: ParagraphFigures, segment: Segment) -> bool:
    read = paragraph.tokens[segment.start : segment.end]
    return not segment.cues and (is_name(" ".join(token.text for token in read)) or names_agency(read))
