"""Sentences about what agencies did, from the marks of their evidence: how many did it, and who did not.

Pure. What was not established is not stated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run, TextRun
from services.notices.composition.phrases import joined, merged, sentence
from services.notices.evidence.model import LEVELS
from services.notices.figures.model import Figure, Subject
from services.notices.quantities import wording


class Conduct(NamedTuple):
    """An item of evidence, and what those did who meet it."""

    item: str
    """Id of the item; it has marks."""
    done: str
    """A verb phrase that stands after the agencies: `niêm yết đầy đủ TTHC`."""


def evidence_paragraph(key: str, runs: Sequence[Run], *, agencies: Sequence[Subject] = (), lead: str = "-") -> Paragraph:
    """A paragraph that states what the team established, with the agencies that it names as falling short."""
    return Paragraph(merged(runs), lead=lead, key=key, source="evidence", agencies=tuple(one.key for one in agencies))


def conduct(context: CompositionContext, key: str, *items: Conduct) -> list[Paragraph]:
    """One paragraph about items that belong together; none where no item was answered.

    Items that all agencies meet share a sentence; each of the others has one of its own, which names those that do not.
    """
    known = [one for one in items if context.is_answered(one.item)]
    if not known:
        return []
    met_by_all: dict[int, list[Conduct]] = {}
    sentences: list[tuple[Run, ...]] = []
    named: list[Subject] = []
    for one in known:
        answered, met = (context.measured(one.item, measure) for measure in ("answered", "met"))
        if met.size == answered.size:
            met_by_all.setdefault(answered.size, []).append(one)
    sentences.extend(_together(context, group) for group in met_by_all.values())
    for one in known:
        if all(one not in group for group in met_by_all.values()):
            sentences.append(_with_gap(context, one))
            named.extend(short_of(context, one.item))
    runs = merged([*joined([_begun(runs) for runs in sentences], ". "), TextRun(".")])
    return [evidence_paragraph(key, runs, agencies=named)]


def short_of(context: CompositionContext, *items: str) -> tuple[Subject, ...]:
    """The agencies that do not meet one of these items, or only partly, in the order of the annexes."""
    keys = {
        agency.key
        for agency in context.agencies
        for item in items
        if context.is_answered(item) and context.evidence.mark(item, agency.key) in ("partly", "not_met")
    }
    return context.in_order(keys)


def by_about(context: CompositionContext, item: str) -> list[tuple[str, Figure]]:
    """What the answers to an item are about, each with its count: the largest first, without those of nothing."""
    abouts = sorted({one.about for one in context.evidence.of(item) if one.count})
    return sorted(((about, context.measured(item, "count", "", about)) for about in abouts), key=lambda one: -one[1].size)


def listed(context: CompositionContext, agencies: Sequence[Subject]) -> str:
    """Names of agencies as a sentence lists them: all, or the first ones and that there are others."""
    limit = context.thresholds.max_agencies
    names = "; ".join(agency.printed for agency in agencies[:limit])
    return names if len(agencies) <= limit else f"{names} và các cơ quan, đơn vị khác"


def _together(context: CompositionContext, items: Sequence[Conduct]) -> tuple[Run, ...]:
    """What all those did who were looked at."""
    done = "; ".join(one.done for one in items)
    first = items[0].item
    answered = context.measured(first, "answered")
    if answered.size == 1:
        return sentence("{who} đã {done}", who=_only(context, first), done=done)
    who = _group(context, first)
    met = context.measured(first, "met")
    if who is None:
        rate = context.measured(first, "met_rate")
        text = "{met}/{answered} cơ quan, đơn vị được kiểm tra nội dung này (đạt {rate}) {done}"
        return sentence(text, met=met, answered=answered, rate=rate, done=done)
    return sentence("{who} ({met}/{answered}) đều {done}", who=who, met=met, answered=answered, done=done)


def _group(context: CompositionContext, item: str) -> str | None:
    """What those are called together of whom an item was established; None where they have no name together."""
    subjects = set(context.evidence.by_subject(item))
    if subjects == {agency.key for agency in context.agencies}:
        return "Các cơ quan, đơn vị"
    for level in LEVELS:
        if subjects == {agency.key for agency in context.agencies if agency.kind == level}:
            return f"Các {wording.lower_first(context.words.groups[level])}"
    visited = "leadership.visited"
    if context.is_answered(visited) and subjects == set(context.evidence.subjects(visited, "met")):
        return "Các cơ quan, đơn vị được kiểm tra trực tiếp"
    return None


def _with_gap(context: CompositionContext, one: Conduct) -> tuple[Run, ...]:
    """How many did it, and who did not or did so only partly."""
    answered, met = (context.measured(one.item, measure) for measure in ("answered", "met"))
    if answered.size == 1:
        return sentence("{who} chưa {done}", who=_only(context, one.item), done=one.done)
    parts: list[tuple[Run, ...]] = []
    if met.size:
        front = sentence(
            "{met}/{answered} cơ quan, đơn vị (đạt {rate}) {done}",
            met=met,
            answered=answered,
            rate=context.measured(one.item, "met_rate"),
            done=one.done,
        )
        parts.append(front)
    else:
        parts.append(sentence("chưa có cơ quan, đơn vị nào {done}", done=one.done))
    for measure, words in (("partly", "thực hiện chưa đầy đủ"), ("not_met", "chưa thực hiện")):
        who = context.in_order(set(context.evidence.subjects(one.item, measure)))  # type: ignore[arg-type]
        who = tuple(agency for agency in who if context.evidence.mark(one.item, agency.key) == measure)
        if who and (met.size or measure == "partly"):
            count = context.measured(one.item, measure)  # type: ignore[arg-type]
            text = "còn {n} cơ quan, đơn vị {words}: {names}"
            parts.append(sentence(text, n=count, words=words, names=listed(context, who)))
    return joined(parts, "; ")


def _only(context: CompositionContext, item: str) -> str:
    """The only one that an item was established of."""
    (subject,) = context.evidence.by_subject(item)
    return next((agency.name for agency in context.agencies if agency.key == subject), "Cơ quan được kiểm tra")


def _begun(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Words as they begin a sentence."""
    if isinstance(runs[0], TextRun):
        return (TextRun(wording.upper_first(runs[0].text)), *runs[1:])
    return runs
