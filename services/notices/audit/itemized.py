"""Lists of items that divide a whole told before: `Theo lĩnh vực: - Đất đai: 41 hồ sơ - Hộ tịch: 12 hồ sơ - Khác: 8 hồ sơ`.
Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from services.notices.audit.claims.slips import mends
from services.notices.audit.figures import Figure, FigureKind, ParagraphFigures
from services.notices.audit.groups import Certainty, Group, can_be_whole, compatible, is_rest
from services.notices.audit.solver import Equation, Form, Term

BEFORE = 8
"""Paragraphs before a list among which its whole is."""
FEWEST = 3
"""Items that show what is divided."""
_OTHERS = "khác"
LEAST = 100
"""A smaller whole is made up by chance."""


def itemized(paragraphs: Sequence[ParagraphFigures], items: Mapping[int, Sequence[ParagraphFigures]]) -> Iterator[Group]:
    """The wholes of lists whose own line has no figure and says by what they divide."""
    for paragraph in paragraphs:
        listed = items.get(paragraph.number, ())
        if paragraph.figures or len(listed) < FEWEST or not _divides(paragraph):
            continue
        parts = [next((one for one in item.figures if one.depth == 0), None) for item in listed]
        told = [one for one in parts if one is not None and one.kind is FigureKind.count and one.exact]
        if len(told) < len(listed) or not all(compatible(told[0], one) for one in told):
            continue
        whole = _whole_of(told, paragraphs[max(0, paragraph.number - BEFORE) : paragraph.number])
        if whole is not None:
            yield Group(whole, told, Certainty.sure, "")


def _divides(paragraph: ParagraphFigures) -> bool:
    return any("breakdown" in cue.roles for segment in paragraph.segments for cue in segment.cues)


def _whole_of(parts: Sequence[Figure], before: Sequence[ParagraphFigures]) -> Figure | None:
    """The nearest count that the parts make up; where the last of them is all others, the nearest but for a slip."""
    wholes = [one for paragraph in reversed(before) for one in reversed(paragraph.figures) if _may_be(one, parts)]
    sums = {id(one): Equation("sum", Form.total, Term(one), tuple(Term(part) for part in parts)) for one in wholes}
    exact = next((one for one in wholes if sums[id(one)].holds_now()), None)
    if exact is not None or not (is_rest(parts[-1]) or _OTHERS in parts[-1].label):
        return exact
    return next((one for one in wholes if mends(sums[id(one)])), None)


def _may_be(one: Figure, parts: Sequence[Figure]) -> bool:
    counts = one.kind is FigureKind.count and one.exact and not one.wished and one.value >= LEAST
    return counts and can_be_whole(one) and one.unit == parts[0].unit and one.value > max(part.value for part in parts)
