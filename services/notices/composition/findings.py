"""What the team found, as paragraphs: its texts with the counts that it declared, and the agencies that it names. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import FigureRun, Paragraph, Run, TextRun
from services.notices.composition.phrases import merged
from services.notices.evidence.model import EvidenceItems
from services.notices.figures.model import Subject
from services.notices.inspections.model import PLACEHOLDER, Inspection, TeamFinding
from shared.errors import Invalid
from shared.languages import bilingual


def team_text(context: CompositionContext, text: str) -> tuple[Run, ...]:
    """A text of the team, its placeholders bound to the counts it declared."""
    runs: list[Run] = []
    at = 0
    for match in PLACEHOLDER.finditer(text):
        runs.append(TextRun(text[at : match.start()]))
        figure = context.figures[f"count.{match.group(1)}{match.group(2) or ''}"]
        runs.append(FigureRun(figure.prose(), figure.key))
        at = match.end()
    runs.append(TextRun(text[at:]))
    return merged(runs)


def findings(context: CompositionContext, items: Sequence[TeamFinding], section: str) -> list[Paragraph]:
    """Findings as paragraphs: each with its examples, and with its items as paragraphs of their own."""
    paragraphs = []
    for finding in items:
        runs = [*team_text(context, _open_ended(finding.text))]
        named = [agency_of(context.agencies, code, section) for code in finding.agencies]
        if named:
            runs.append(TextRun(", như: " + "; ".join(agency.printed for agency in named)))
        runs.append(TextRun(":" if finding.items else "."))
        key = f"found.{_digest(finding.text)}"
        paragraphs.append(
            Paragraph(merged(runs), lead="-", key=key, source="findings", agencies=tuple(agency.key for agency in named))
        )
        for index, item in enumerate(finding.items):
            end = "." if index == len(finding.items) - 1 else ";"
            text = merged([*team_text(context, _open_ended(item)), TextRun(end)])
            paragraphs.append(Paragraph(text, lead="+", key=f"{key}.{_digest(item)}", source="findings"))
    return paragraphs


def _digest(text: str) -> str:
    """By which a text of the team is known again, wherever it stands among the others."""
    return f"{zlib.crc32(text.encode()):08x}"


def _open_ended(text: str) -> str:
    return text.rstrip(" .;:,")


def demand_agencies(inspection: Inspection, agencies: Sequence[Subject]) -> None:
    """Raise `Invalid` when the findings name an agency that is not among those inspected."""
    sections: list[tuple[str, Sequence[TeamFinding]]] = [*inspection.findings.items()]
    for section, found in (*sections, ("causes", inspection.causes), ("recommendations", inspection.recommendations)):
        for finding in found:
            for code in finding.agencies:
                agency_of(agencies, code, section)
    for followed in inspection.follow_ups:
        for code in followed.agencies:
            agency_of(agencies, code, "follow_ups")


def demand_inspected(items: EvidenceItems, agencies: Sequence[Subject]) -> None:
    """Raise `Invalid` when evidence is of agencies that are not among those inspected: they left the scope since."""
    known = {name for agency in agencies for name in (agency.key, agency.code)}
    outside = sorted({one.agency for one in items if one.agency is not None and one.agency not in known})
    if outside:
        raise Invalid(
            bilingual(
                "The evidence is of agencies that are not among those inspected: {agencies}. PATCH the evidence of the"
                " inspection to remove what is of them.",
                "Kết quả kiểm tra có của cơ quan, đơn vị không thuộc phạm vi kiểm tra: {agencies}. Bỏ các nội dung này khỏi kết"
                " quả kiểm tra (PATCH evidence).",
                agencies=", ".join(outside),
            )
        )


def agency_of(agencies: Sequence[Subject], code: str, section: str) -> Subject:
    """The agency of a code or unit key; raises `Invalid`, naming the section, where it is not among those inspected."""
    for agency in agencies:
        if code in (agency.code, agency.key):
            return agency
    raise Invalid(
        f"The findings of section '{section}' name the agency {code}, which is not among those inspected. Correct the code in "
        "the inspection."
    )
