"""Composes a notice of an inspection and its figures: head, preamble, numbered sections, signature, annexes.

Pure. A section in which there is nothing to state is left out, and the numbering closes up.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from services.notices.composition.annexes import BLANK, annexes, label_of
from services.notices.composition.causes import counts_of_pinned, demand_supported
from services.notices.composition.context import CompositionContext
from services.notices.composition.derived import derive
from services.notices.composition.findings import demand_inspected, findings
from services.notices.composition.followed import FollowedNotice
from services.notices.composition.kpis import demand_comparable
from services.notices.composition.model import Heading, NoticeDocument, Paragraph, Recommendation, Run, TextRun, words
from services.notices.composition.phrases import abbreviated, merged, renamed_blocks, renamed_words, without_repetition
from services.notices.composition.recommendations import recommended
from services.notices.composition.sections import WORDING, Wording
from services.notices.composition.sections.preamble import preamble
from services.notices.composition.shortcomings import shortcomings_of
from services.notices.evidence.model import EvidenceSet
from services.notices.evidence.templates import template_of
from services.notices.figures.model import Figure, FigureSet, Pinned
from services.notices.inspections import outline
from services.notices.inspections.model import Inspection, TeamFinding
from services.notices.inspections.outline import Section, demand_sections
from services.notices.quantities import wording


def compose(
    inspection: Inspection, pinned: Pinned, evidence: EvidenceSet | None = None, followed: FollowedNotice | None = None
) -> tuple[NoticeDocument, dict[str, Figure]]:
    """The notice, and every figure that it may print.

    `evidence`: what the team established; None: nothing. `followed`: the earlier notice whose recommendations it followed up.

    Raises `Unavailable` when a needed figure is missing, and `Invalid` when the findings are for no section, name an unknown
    agency or state a cause that the counts do not bear, or what is compared is no share.
    """
    demand_sections(inspection)
    demand_supported(inspection, counts_of_pinned(pinned))
    demand_comparable(inspection, pinned.catalogue)
    context = context_of(inspection, pinned, evidence, followed)
    demand_inspected(context.evidence.items, context.agencies)
    issuer = inspection.issuer
    renamed = context.evidence.template.renamed
    body = abbreviated(without_repetition(renamed_blocks([*preamble(inspection, pinned), *_numbered(context)], renamed)))
    notice = NoticeDocument(
        superior=(issuer.superior or "").upper(),
        issuer=tuple(line.upper() for line in issuer.lines),
        reference=f"Số: {BLANK}/TB-{issuer.symbol}",
        locality_and_date=f"{issuer.place_of_issue}, ngày {BLANK} tháng {BLANK} năm {inspection.year}",
        kind="THÔNG BÁO",
        abstract=inspection.subject or _subject(inspection),
        body=ended(body),
        authority=tuple(line.upper() if line.isupper() else line for line in inspection.signatory.authority),
        signatory=inspection.signatory.name,
        recipients=inspection.recipients,
        annexes=annexes(context),
        shortcomings=tuple(one.shortcoming for one in shortcomings_of(context)),
        recommendations=(
            *(msgspec.structs.replace(one, text=renamed_words(one.text, renamed)) for one, _ in recommended(context)),
            *_of_team(context),
        ),
    )
    return notice, context.figures.all()


def context_of(
    inspection: Inspection, pinned: Pinned, evidence: EvidenceSet | None = None, followed: FollowedNotice | None = None
) -> CompositionContext:
    """What the sections are composed from, with every derived figure."""
    known = evidence or EvidenceSet.empty(template_of(inspection.period.end))
    context = CompositionContext(inspection, FigureSet(pinned), known.with_keys(pinned.agencies), followed)
    derive(context)
    return context


def _of_team(context: CompositionContext) -> list[Recommendation]:
    """The recommendations in the team's own words."""
    paragraphs = findings(context, context.inspection.recommendations, "recommendations")
    return [
        Recommendation(key=paragraph.key, shortcoming=None, addressees=paragraph.agencies, deadline=None, text=words(paragraph))
        for paragraph in paragraphs
        if paragraph.lead == "-"
    ]


def _subject(inspection: Inspection) -> tuple[str, ...]:
    return (
        "Kết luận kiểm tra công tác kiểm soát thủ tục hành chính",
        "và thực hiện cơ chế một cửa, một cửa liên thông",
        f"tại {inspection.inspected}",
    )


def _numbered(context: CompositionContext) -> list[Heading | Paragraph]:
    """The sections that have something to state, their headings numbered as decree 30/2020 does."""
    sections = outline.SECTIONS
    contents = {section.id: content(context, section) for section in sections}
    # Of shortcomings and causes one alone is stated under its own title: `a)` without `b)` would stand below a heading of both.
    filled = [section for section in _subtree(sections, _index_of("wanting")) if contents[section.id]]
    absorbing = {"wanting": filled[0]} if len(filled) == 1 else {}
    absorbed = {section.id for section in absorbing.values()}
    blocks: list[Heading | Paragraph] = []
    numbers = [0, 0, 0]
    for index, section in enumerate(sections):
        if not any(contents[below.id] for below in _subtree(sections, index)):
            continue
        if section.id in absorbed:
            blocks.extend(contents[section.id])
            continue
        numbers[section.level - 1] += 1
        numbers[section.level :] = [0] * (3 - section.level)
        shown = absorbing.get(section.id, section)
        title = shown.title.upper() if section.level == 1 else shown.title
        blocks.append(Heading(section.level, label(section.level, numbers[section.level - 1]), title, shown.id))
        blocks.extend(contents[section.id])
    return blocks


def _index_of(section: str) -> int:
    return next(index for index, one in enumerate(outline.SECTIONS) if one.id == section)


def label(level: int, number: int) -> str:
    """What stands before a heading: `II.`, `2.`, `b)`."""
    return (f"{wording.ROMAN[number - 1]}.", f"{number}.", f"{wording.POINTS[number - 1]})")[level - 1]


def _subtree(sections: Sequence[Section], index: int) -> Sequence[Section]:
    """A section and those below it."""
    end = index + 1
    while end < len(sections) and sections[end].level > sections[index].level:
        end += 1
    return sections[index:end]


def content(context: CompositionContext, section: Section) -> list[Paragraph]:
    """What stands under the heading of a section; empty where there is nothing to state."""
    wanted = WORDING.get(section.id, Wording())
    before, after = (paragraphs(context) if paragraphs else [] for paragraphs in (wanted.before, wanted.after))
    stated = [*before, *findings(context, _team_input(context.inspection, section), section.id), *after]
    if wanted.annex and (before or after) and (named := label_of(context, wanted.annex)) is not None:
        reference: tuple[Run, ...] = (TextRun(f"(Chi tiết tại {named} kèm theo)"),)
        stated.append(Paragraph(reference, key="annex", emphasis=True))
    return _keyed(stated, section.id)


def _keyed(stated: Sequence[Paragraph], section: str) -> list[Paragraph]:
    """The paragraphs of a section with its id before their keys; the same text stated twice gets two keys."""
    used: dict[str, int] = {}
    result = []
    for paragraph in stated:
        used[paragraph.key] = count = used.get(paragraph.key, 0) + 1
        key = f"{section}.{paragraph.key}" + (f".{count}" if count > 1 else "")
        result.append(msgspec.structs.replace(paragraph, section=section, key=key))
    return result


def _team_input(inspection: Inspection, section: Section) -> Sequence[TeamFinding]:
    match section.team_input:
        case "findings":
            return inspection.findings.get(section.id, ())
        case "causes":
            return inspection.causes
        case "recommendations":
            return inspection.recommendations
        case None:
            return ()


END = "./."
"""After the last word of a notice."""


def ended(body: tuple[Heading | Paragraph, ...]) -> tuple[Heading | Paragraph, ...]:
    """The body with `./.` after its last word."""
    last = body[-1]
    assert isinstance(last, Paragraph)
    final = last.runs[-1]
    runs = (
        (*last.runs[:-1], TextRun(final.text.rstrip(".;/") + END)) if isinstance(final, TextRun) else (*last.runs, TextRun(END))
    )
    return (*body[:-1], msgspec.structs.replace(last, runs=merged(runs)))
