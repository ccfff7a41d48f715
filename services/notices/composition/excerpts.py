"""What a notice states of one agency, with the dossiers that it has to look into. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from services.notices.composition.model import FigureRun, Heading, NoticeDocument, Paragraph, Recommendation, words
from services.notices.figures.model import Figure, Pinned, Subject

LISTED = ("resolved_overdue", "in_process_overdue", "returned", "refused", "suspended", "contradictory")
"""KPIs whose dossiers an agency has to look into."""


class ExcerptParagraph(msgspec.Struct, frozen=True):
    """A paragraph that concerns the agency."""

    key: str
    """Which paragraph of the notice it is."""
    section: str
    """Id of its section."""
    text: str
    """The whole text."""


class ExcerptRow(msgspec.Struct, frozen=True):
    """The agency's line of an annex."""

    annex: str
    """Id of the annex."""
    label: str
    """As the notice calls it: `Biểu số 01`."""
    cells: tuple[str, ...]
    """From left to right, as printed."""


class Worklist(msgspec.Struct, frozen=True):
    """Dossiers that the agency has to look into."""

    figure: str
    """Key of the figure: `resolved_overdue@10864@2019-12-01`."""
    name: str
    """What they are, in Vietnamese."""
    count: int
    """How many."""
    figure_id: str
    """Id of the figure at metrics: `GET /v1/figures/{id}` there lists the dossiers."""


class Excerpt(msgspec.Struct, frozen=True):
    """What a notice states of one agency."""

    agency: str
    """Its unit key."""
    code: str
    """Its code."""
    name: str
    """Its name in Vietnamese."""
    paragraphs: tuple[ExcerptParagraph, ...]
    """Paragraphs that name it or state a figure of its own, with those that lead to them, in reading order; without the
    recommendations."""
    recommendations: tuple[Recommendation, ...]
    """What it is asked to do: those addressed to it, and those addressed to all."""
    rows: tuple[ExcerptRow, ...]
    """Its lines of the annexes."""
    worklist: tuple[Worklist, ...]
    """The dossiers that it has to look into; empty: none."""


def excerpt(notice: NoticeDocument, figures: Mapping[str, Figure], pinned: Pinned, agency: Subject) -> Excerpt:
    """What a notice states of an agency of its figures."""
    suffix = f"@{agency.key}"
    own = {key for key in figures if suffix in key}
    paragraphs = [ExcerptParagraph(one.key, one.section, words(one)) for one in _concerning(notice, agency.key, own)]
    rows = [
        ExcerptRow(annex.id, annex.label, tuple(cell.text for cell in row.cells))
        for annex in notice.annexes
        for row in annex.rows
        if any(cell.figure in own for cell in row.cells)
    ]
    return Excerpt(
        agency=agency.key,
        code=agency.code,
        name=agency.name,
        paragraphs=tuple(paragraphs),
        recommendations=tuple(one for one in notice.recommendations if _asks(one, agency.key)),
        rows=tuple(rows),
        worklist=tuple(_worklist(figures, pinned, suffix)),
    )


def _asks(one: Recommendation, key: str) -> bool:
    return key in one.addressees if one.addressees else not one.outside


def _concerning(notice: NoticeDocument, key: str, own: set[str]) -> Iterator[Paragraph]:
    """The paragraphs that concern an agency, each sub-item below the paragraph that leads to it."""
    above: Paragraph | None = None
    for block in notice.body:
        if isinstance(block, Heading) or block.section == "recommendations":
            above = None
            continue
        concerns = _concerns(block, key, own)
        if block.lead != "+":
            above = None if concerns else block
        elif concerns and above is not None:
            yield above
            above = None
        if concerns:
            yield block


def _concerns(paragraph: Paragraph, key: str, own: set[str]) -> bool:
    return key in paragraph.agencies or any(isinstance(run, FigureRun) and run.figure in own for run in paragraph.runs)


def _worklist(figures: Mapping[str, Figure], pinned: Pinned, suffix: str) -> list[Worklist]:
    found = []
    for kpi in LISTED:
        figure = figures.get(kpi + suffix)
        if figure is not None and figure.size and figure.figure_id:
            found.append(Worklist(figure.key, pinned.catalogue[kpi].name.vi, figure.size, figure.figure_id))
    return found
