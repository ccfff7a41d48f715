"""The reference conclusion for tests: its inspection, its pinned figures, its tree; and small changes of them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import msgspec

from deploy.local.services import ROOT
from services.notices.composition.model import FigureRun, Heading, NoticeDocument, Paragraph
from services.notices.composition.service import compose
from services.notices.drafting.service import RenderedNotice, document_date
from services.notices.evidence.entries import EvidenceEntry, check_entries
from services.notices.evidence.model import EvidenceSet
from services.notices.evidence.templates import template_named
from services.notices.figures.catalogue import Catalogue
from services.notices.figures.model import Figure, Pinned
from services.notices.figures.pinning import pin
from services.notices.inspections.model import Inspection
from services.notices.rendering.documents import RenderingOrder
from services.notices.rendering.documents import rendered as checked_and_rendered
from shared.contracts.kpis import KpiResponse, ProcedureRow, UnitRow, WorkRow
from tests.notices import answers

DATED_AT = datetime(2023, 8, 1, tzinfo=UTC)


def inspection_body(**changes: Any) -> dict[str, Any]:
    """The body that the demo hands in."""
    body: dict[str, Any] = json.loads((ROOT / "deploy" / "demo" / "reference_inspection.json").read_text())
    return body | changes


def inspection(**changes: Any) -> Inspection:
    """The reference inspection."""
    return Inspection.model_validate(inspection_body(**changes))


def pinned(made: dict[str, dict[str, Any]] | None = None, catalogue: dict[str, Any] | None = None) -> Pinned:
    """The figures of the reference period by the real catalogue, or of other answers, or by another catalogue."""
    made = made or answers.reference()
    known = msgspec.convert(catalogue or answers.catalogue(), Catalogue)
    whole, by_agency = (msgspec.convert(made[name], KpiResponse[UnitRow]) for name in ("total", "agency"))
    by_procedure = msgspec.convert(made["procedure"], KpiResponse[ProcedureRow])
    by_department, by_step = (msgspec.convert(made[name], KpiResponse[WorkRow]) for name in ("department", "step"))
    return pin(known, whole, by_agency, by_procedure, by_department, by_step)


@cache
def reference_evidence() -> EvidenceSet:
    """The evidence that the demo hands in, as version 1."""
    body = json.loads((ROOT / "deploy" / "demo" / "reference_evidence.json").read_text())
    template = template_named(2023)
    entries = [EvidenceEntry.model_validate(one) for one in body["items"]]
    found = check_entries(entries, template, pinned().agencies, reported_on=date(2023, 8, 15))
    assert not found.faults, found.faults
    return EvidenceSet(1, template, found.items)


def composed(
    made: dict[str, dict[str, Any]] | None = None, evidence: EvidenceSet | None = None, **changes: Any
) -> tuple[NoticeDocument, dict[str, Figure]]:
    """The tree and its figures; by the evidence that the demo hands in, or by other."""
    return compose(inspection(**changes), pinned(made), evidence or reference_evidence())


def without(*topics: str) -> EvidenceSet:
    """The evidence that the demo hands in, without some topics."""
    whole = reference_evidence()
    return EvidenceSet(1, whole.template, tuple(one for one in whole.items if one.item.partition(".")[0] not in topics))


def rendered(given: Inspection, figures: Pinned) -> RenderedNotice:
    """A notice with its files, made in this process."""
    document, used = compose(given, figures)
    made = checked_and_rendered(RenderingOrder(document, used, figures, document_date(figures, given)))
    return RenderedNotice(figures, document, used, made.checks, made.files)


def marked(notice: NoticeDocument) -> str:
    """The notice as text in which every number shows its figure: `⟦30.938 handled⟧`."""
    lines = [notice.superior, *notice.issuer, notice.reference, notice.locality_and_date, notice.kind, *notice.abstract]
    for block in notice.body:
        if isinstance(block, Heading):
            lines.append(f"{'#' * block.level} {block.label} {block.text}")
        else:
            lines.append(f"{block.lead} {marked_paragraph(block)}".strip() + f"  <{block.key} {block.source}>")
    lines += [*notice.authority, notice.signatory, *notice.recipients]
    for annex in notice.annexes:
        lines += [f"= {annex.label} {annex.title}", annex.belongs]
        lines += ["| " + " | ".join(cell.text for cell in row.cells) for row in annex.rows]
        lines.append(annex.note)
    return "\n".join(line.replace("\u00a0", "~") for line in lines) + "\n"


def marked_paragraph(paragraph: Paragraph) -> str:
    """A paragraph in the same way."""
    return "".join(f"⟦{run.text} {run.figure}⟧" if isinstance(run, FigureRun) else run.text for run in paragraph.runs)


def sentences(notice: NoticeDocument, section: str) -> str:
    """What a section says, as one text."""
    found = [block for block in notice.body if isinstance(block, Paragraph) and block.section == section]
    return "\n".join("".join(run.text for run in block.runs) for block in found).replace("\u00a0", " ")


def altered(notice: NoticeDocument, text: str, to: str) -> NoticeDocument:
    """The notice with the first number `text` of its figures changed, as a slip of the pen would."""
    body = []
    done = False
    for block in notice.body:
        if isinstance(block, Paragraph) and block.source == "figures" and not done:
            runs = []
            for run in block.runs:
                if not done and isinstance(run, FigureRun) and run.text == text:
                    run, done = FigureRun(to, run.figure), True
                runs.append(run)
            block = msgspec.structs.replace(block, runs=tuple(runs))
        body.append(block)
    assert done, f"{text} is not printed"
    return msgspec.structs.replace(notice, body=tuple(body))


if __name__ == "__main__":
    # Writes the golden document anew after the wording was changed on purpose; read the difference before committing it.
    (ROOT / "tests" / "notices" / "golden.txt").write_text(marked(composed()[0]))


def nothing_of(*kpis: str) -> dict[str, dict[str, Any]]:
    """The reference answers without some counts, in all places."""
    made = answers.reference()
    for answer in made.values():
        for figures in [answer["total"]["kpis"], *(row["kpis"] for row in answer["rows"])]:
            for kpi in kpis:
                if kpi in figures:
                    figures[kpi]["numerator"] = 0
                    if figures[kpi]["denominator"] is not None:
                        figures[kpi]["denominator"] = 0
    return made


def not_stated(*kpis: str, agencies: int | None = None) -> dict[str, dict[str, Any]]:
    """The reference answers where no source states what some KPIs count: in all places, or at the first few agencies."""
    made = answers.reference()
    for name, answer in made.items():
        whole = [answer["total"]["kpis"]] if agencies is None else []
        rows = answer["rows"] if agencies is None else answer["rows"][:agencies] if name == "agency" else []
        for figures in [*whole, *(row["kpis"] for row in rows)]:
            for kpi in kpis:
                if kpi in figures:
                    figures[kpi] |= {"numerator": None, "value": None}
    return made
