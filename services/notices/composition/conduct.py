"""Sentences about what agencies did, from the marks of their evidence: how many did it, and who did not.

Pure. What was not established is not stated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run, TextRun
from services.notices.composition.phrases import before_number, joined, merged, sentence
from services.notices.evidence.aggregates import figure_key
from services.notices.evidence.model import LEVELS, Grade, Measure
from services.notices.figures.model import Figure, Subject
from services.notices.quantities import wording

GRADE_WORDS: dict[Grade, str] = {
    "excellent": "xuất sắc",
    "good": "tốt",
    "fair": "khá",
    "average": "trung bình",
    "weak": "yếu",
}
"""Words for grades."""


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
    rest = [one for one in known if all(one not in group for group in met_by_all.values())]
    for group in _with_the_same_gap(context, rest):
        sentences.append(_with_gap(context, group[0]._replace(done="; ".join(one.done for one in group))))
        named.extend(agency for one in group for agency in short_of(context, one.item))
    runs = merged([*joined([begun(runs) for runs in sentences], ". "), TextRun(".")])
    return [evidence_paragraph(key, runs, agencies=named)]


def _with_the_same_gap(context: CompositionContext, items: Sequence[Conduct]) -> list[list[Conduct]]:
    """Items by what fell short of them: those that the only one who was looked at did not do share a sentence."""
    groups: dict[tuple[object, ...], list[Conduct]] = {}
    for one in items:
        alone = context.measured(one.item, "answered").size == 1
        gap = (context.measured(one.item, "partly").size, _only(context, one.item)) if alone else (one.item,)
        groups.setdefault(gap, []).append(one)
    return list(groups.values())


def short_of(context: CompositionContext, *items: str) -> tuple[Subject, ...]:
    """The agencies that do not meet one of these items, or only partly, in the order of the annexes."""
    answered = [item for item in items if context.is_answered(item)]
    keys = {
        agency.key
        for item in answered
        for agency in context.agencies
        if context.evidence.mark(item, agency.key) in ("partly", "not_met")
    }
    return context.in_order(keys)


def behind(context: CompositionContext, item: str) -> set[str]:
    """Unit keys of the agencies that have not done all of what a share of theirs is of."""
    evidence = context.evidence
    return {
        agency.key
        for agency in context.agencies
        if evidence.number(item, "count", agency.key) < evidence.number(item, "of", agency.key)
    }


def by_about(context: CompositionContext, item: str) -> list[tuple[str, Figure]]:
    """What the answers to an item are about, each with its count: the largest first, without those of nothing."""
    abouts = sorted({one.about for one in context.evidence.of(item) if one.count})
    return sorted(((about, context.measured(item, "count", "", about)) for about in abouts), key=lambda one: -one[1].size)


def listed(context: CompositionContext, agencies: Sequence[Subject]) -> str:
    """Names of agencies as a sentence lists them: all, or the first ones and that there are others."""
    limit = context.thresholds.max_agencies
    names = "; ".join(agency.printed for agency in agencies[:limit])
    return names if len(agencies) <= limit else f"{names} và các cơ quan, đơn vị khác"


def bracketed(context: CompositionContext, agencies: Sequence[Subject]) -> str:
    """Names of agencies in brackets behind what they fall short of; nothing where one alone was inspected."""
    if len(context.agencies) == 1:
        return ""
    everyone = len(agencies) == len(context.agencies)
    return f" ({context.words.everyone if everyone else listed(context, agencies)})"


def all_listed(context: CompositionContext, agencies: Sequence[Subject], form: str = ": {}") -> str:
    """Names behind their number, in `form`; nothing where they are more than a list names: the number says it all."""
    return (
        form.format(listed(context, agencies))
        if 0 < len(agencies) <= context.thresholds.max_agencies and len(context.agencies) > 1
        else ""
    )


def _with_notes(context: CompositionContext, item: str, agencies: Sequence[Subject]) -> str:
    """Names of agencies that fall short, each with what was noted and on what it rests; a note that all have stands once."""
    noted = [_noted(context, item, agency) for agency in agencies]
    if len(agencies) > context.thresholds.max_agencies or not any(noted):
        return all_listed(context, agencies)
    if len(set(noted)) == 1 and len(agencies) > 1:
        return f"{all_listed(context, agencies)} (ghi nhận chung: {noted[0]})"
    names = (agency.printed + (f" ({note})" if note else "") for agency, note in zip(agencies, noted, strict=True))
    return f": {'; '.join(names)}"


def _noted(context: CompositionContext, item: str, agency: Subject) -> str:
    answers = context.evidence.by_subject(item).get(agency.key, ())
    texts = [one.note + (f"{' ' if one.note else ''}theo {one.citation}" if one.citation else "") for one in answers]
    return "; ".join(dict.fromkeys(text for text in texts if text))


def examined(context: CompositionContext, item: str) -> tuple[Run, ...]:
    """Of whom an item was established, in the middle of a sentence: all, a group, one by name, or how many were looked at."""
    answered = context.measured(item, "answered")
    if answered.size == len(context.agencies):
        return sentence(context.words.everyone)
    if answered.size == 1:
        return sentence(_only(context, item))
    who = _group(context, item)
    if who is not None:
        return sentence(wording.lower_first(who))
    return sentence("{n} cơ quan, đơn vị được kiểm tra nội dung này", n=answered)


def counted_at(
    context: CompositionContext, item: str, measure: Measure, agencies: Sequence[Subject], *, about: str | None = None
) -> tuple[Run, ...]:
    """Counts of agencies, in their order: all, or the first ones and the sum of the rest, so that they add up."""
    limit = context.thresholds.max_agencies
    figures = [(agency, context.measured(item, measure, agency.key, about)) for agency in agencies]
    parts = [sentence("{name} {n}", name=before_number(agency.printed), n=figure) for agency, figure in figures[:limit]]
    if len(figures) > limit:
        key = figure_key(item, measure, "", about) + ".rest"
        rest = context.figures.add_sum(key, [figure.key for _, figure in figures[limit:]])
        parts.append(sentence("các cơ quan, đơn vị còn lại {n}", n=rest))
    return joined(parts)


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
        text = "{met}/{answered} cơ quan, đơn vị được kiểm tra nội dung này đều {done}"
        return sentence(text, met=met, answered=answered, done=done)
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
        partly = context.measured(one.item, "partly").size
        text = "{who} thực hiện chưa đầy đủ việc {done}" if partly else "{who} chưa {done}"
        return sentence(text, who=_only(context, one.item), done=one.done)
    if context.measured(one.item, "partly").size == answered.size:
        text = "{who} ({n}/{answered}) thực hiện chưa đầy đủ việc {done}"
        everyone = wording.upper_first(_group(context, one.item) or "các cơ quan, đơn vị được kiểm tra nội dung này")
        return sentence(text, who=everyone, n=context.measured(one.item, "partly"), answered=answered, done=one.done)
    parts: list[tuple[Run, ...]] = []
    if met.size:
        front = sentence(
            "{met}/{answered} cơ quan, đơn vị{among} (đạt {rate}) {done}",
            among="" if answered.size == len(context.agencies) else " được kiểm tra nội dung này",
            met=met,
            answered=answered,
            rate=context.measured(one.item, "met_rate"),
            done=one.done,
        )
        parts.append(front)
    elif context.measured(one.item, "partly").size:
        parts.append(sentence("chưa có cơ quan, đơn vị nào thực hiện đầy đủ việc {done}", done=one.done))
    else:
        among = "" if answered.size == len(context.agencies) else " được kiểm tra nội dung này"
        parts.append(sentence("chưa có cơ quan, đơn vị nào{among} {done}", among=among, done=one.done))
    gaps = []
    for measure, words in (("partly", "thực hiện chưa đầy đủ"), ("not_met", "chưa thực hiện")):
        who = context.in_order(set(context.evidence.subjects(one.item, measure)))  # type: ignore[arg-type]
        who = tuple(agency for agency in who if context.evidence.mark(one.item, agency.key) == measure)
        if who and (met.size or context.measured(one.item, "partly").size):
            count = context.measured(one.item, measure)  # type: ignore[arg-type]
            gaps.append(
                sentence("{n} cơ quan, đơn vị {words}{names}", n=count, words=words, names=_with_notes(context, one.item, who))
            )
    # Of two gaps neither is what is left of the whole.
    parts.extend(sentence("còn {gap}", gap=gap) if len(gaps) == 1 else gap for gap in gaps)
    return joined(parts, "; ")


def _only(context: CompositionContext, item: str) -> str:
    """The only one that an item was established of, in the middle of a sentence."""
    (subject,) = context.evidence.by_subject(item)
    name = next((agency.name for agency in context.agencies if agency.key == subject), None)
    return "cơ quan được kiểm tra" if name is None else wording.in_sentence(name)


def times(context: CompositionContext, item: str, unit: str) -> str:
    """What the counts of an item count: where several agencies answer it, one thing counts once for each (`lượt TTHC`)."""
    return f"lượt {unit}" if len(context.evidence.by_subject(item)) > 1 else unit


def begun(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Words as they begin a sentence."""
    if isinstance(runs[0], TextRun):
        return (TextRun(wording.upper_first(runs[0].text)), *runs[1:])
    return runs
