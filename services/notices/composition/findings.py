"""What the team found, as paragraphs: its texts with the counts that it declared, and the agencies that it names. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.notices.composition.context import Matter
from services.notices.composition.model import Bound, Paragraph, Run, Words
from services.notices.composition.phrases import merged
from services.notices.figures.model import Subject
from services.notices.inspections.model import PLACEHOLDER, Finding, Inspection
from shared.errors import Invalid


def evidence(matter: Matter, text: str, path: str) -> tuple[Run, ...]:
    """A text of the team, its placeholders bound to the counts it declared."""
    runs: list[Run] = []
    at = 0
    for found in PLACEHOLDER.finditer(text):
        runs.append(Words(text[at : found.start()]))
        figure = matter.figures[f"count.{found.group(1)}{found.group(2) or ''}"]
        runs.append(Bound(figure.prose(), figure.key))
        at = found.end()
    runs.append(Words(text[at:]))
    return merged(runs)


def findings(matter: Matter, found: Sequence[Finding], section: str) -> list[Paragraph]:
    """Findings as paragraphs: each with its examples, its finer points below it."""
    paragraphs = []
    for number, finding in enumerate(found):
        runs = [*evidence(matter, _open_ended(finding.text), f"{section}.{number}")]
        if finding.agencies:
            names = [_agency(matter.agencies, code, section).printed for code in finding.agencies]
            runs.append(Words(", như: " + "; ".join(names)))
        runs.append(Words(":" if finding.items else "."))
        paragraphs.append(Paragraph(merged(runs), lead="-", source="evidence"))
        for place, item in enumerate(finding.items):
            end = "." if place == len(finding.items) - 1 else ";"
            text = merged([*evidence(matter, _open_ended(item), f"{section}.{number}.{place}"), Words(end)])
            paragraphs.append(Paragraph(text, lead="+", source="evidence"))
    return paragraphs


def _open_ended(text: str) -> str:
    return text.rstrip(" .;:,")


def demand_agencies(inspection: Inspection, agencies: Sequence[Subject]) -> None:
    """Raise `Invalid` when the findings name an agency that is not among those inspected."""
    sections: list[tuple[str, Sequence[Finding]]] = [*inspection.findings.items()]
    for section, found in (*sections, ("causes", inspection.causes), ("recommendations", inspection.recommendations)):
        for finding in found:
            for code in finding.agencies:
                _agency(agencies, code, section)


def _agency(agencies: Sequence[Subject], code: str, section: str) -> Subject:
    for agency in agencies:
        if code in (agency.code, agency.key):
            return agency
    raise Invalid(
        f"The findings of section '{section}' name the agency {code}, which is not among those inspected. Correct the code in "
        "the inspection."
    )
