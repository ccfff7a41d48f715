"""What the routes of notices answer, as clients read it.

Instants carry an offset, days are civil days in Asia/Ho_Chi_Minh. A number of a sentence is a run with the key of the figure
that it prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from services.notices.audit.bound import Check
from services.notices.caveats import ShownCaveat, shown
from services.notices.figures import Derivation, Figure, Pinned, Unit
from services.notices.inspection import JSONObject
from services.notices.lifecycle import State
from services.notices.store.notices import Form, NoticeRow
from services.notices.tree import Annex, Bound, Heading, Notice, Paragraph, Run, words

FILES: dict[Form, str] = {"pdf": "document.pdf", "docx": "document.docx", "xlsx": "annexes.xlsx"}


class CreatedInspection(msgspec.Struct, frozen=True):
    """An inspection that was taken in."""

    id: int
    stream: str
    scope: str


class InspectionSummary(msgspec.Struct, frozen=True):
    """An inspection without its findings."""

    id: int
    stream: str
    scope: str
    period_from: date
    period_to: date
    created_at: datetime


class InspectionPage(msgspec.Struct, frozen=True):
    """Inspections, the newest first."""

    inspections: list[InspectionSummary]
    next_cursor: str | None


class HandedInspection(msgspec.Struct, frozen=True):
    """An inspection as it was handed in."""

    id: int
    created_at: datetime
    inspection: JSONObject


class Period(msgspec.Struct, frozen=True):
    """Both days counted."""

    start: date = msgspec.field(name="from")
    end: date = msgspec.field(name="to")


class Confirmation(msgspec.Struct, frozen=True):
    """Which caveats whoever ordered a notice has confirmed, and why."""

    kinds: list[str]
    reason: str | None


class NoticeSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How a notice stands."""

    id: int
    inspection: int
    stream: str
    scope: str
    period: Period
    state: State
    position: int | None
    """Of the feed, at which its figures are pinned; null until it is made."""
    error: str | None
    attempts: int
    next_attempt_at: datetime | None
    confirmed: Confirmation
    revision: int
    asked_at: datetime
    made_at: datetime | None
    documents: dict[Form, str]
    """Where its files are; empty until it is made."""

    @staticmethod
    def of(row: NoticeRow) -> NoticeSummary:
        """As stored."""
        return NoticeSummary(
            id=row.id,
            inspection=row.inspection_id,
            stream=row.stream,
            scope=row.scope,
            period=Period(row.period_from, row.period_to),
            state=row.state,
            position=row.position,
            error=row.error,
            attempts=row.attempts,
            next_attempt_at=row.next_attempt_at,
            confirmed=Confirmation(row.confirmed, row.confirmed_because),
            revision=row.revision,
            asked_at=row.asked_at,
            made_at=row.made_at,
            documents={form: f"/v1/notices/{row.id}/{file}" for form, file in FILES.items()} if row.made_at else {},
        )


class NoticePage(msgspec.Struct, frozen=True):
    """Notices without their text."""

    notices: list[NoticeSummary]
    next_cursor: str | None


class UnmadeNotice(NoticeSummary, frozen=True, kw_only=True):
    """A notice that is still to be made, or has failed."""

    checks: list[Check] = []


class ShownFigure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A figure: how it is printed, what it is worth, and where it comes from; see `services.notices.figures.Figure`."""

    key: str
    unit: Unit
    numerator: int | None = None
    denominator: int | None = None
    stated: str | None = None
    opened_by: str | None = None
    rule: str | None = None
    entered_at: str | None = None
    evidence: str | None = None
    derived: Derivation | None = None
    value: float | None
    """Count, per cent or points as printed; null for 0/0."""
    printed: str
    """In running text."""

    @staticmethod
    def of(figure: Figure) -> ShownFigure:
        """As pinned, entered or derived."""
        value = figure.value
        return ShownFigure(
            **msgspec.structs.asdict(figure), value=None if value is None else float(value), printed=figure.prose()
        )


class OpenedFigure(ShownFigure, frozen=True, kw_only=True):
    """A figure and all that it follows from."""

    inputs: list[ShownFigure]


def opened(figure: Figure, inputs: Sequence[Figure]) -> OpenedFigure:
    """A figure with what it follows from."""
    shown_alone = msgspec.structs.asdict(ShownFigure.of(figure))
    return OpenedFigure(**shown_alone, inputs=[ShownFigure.of(one) for one in inputs])


class Figures(msgspec.Struct, frozen=True):
    """Every figure of a notice."""

    figures: list[ShownFigure]


class Head(msgspec.Struct, frozen=True):
    """The head of the document."""

    superior: str
    issuer: tuple[str, ...]
    reference: str
    place_and_date: str
    kind: str
    abstract: tuple[str, ...]


class ShownParagraph(msgspec.Struct, frozen=True):
    """A paragraph, whole and in runs."""

    section: str
    source: str
    """`figures`, `evidence` or `form`."""
    lead: str
    text: str
    runs: tuple[Run, ...]


class Section(msgspec.Struct, frozen=True):
    """A heading with the paragraphs below it."""

    level: int
    label: str
    title: str
    paragraphs: list[ShownParagraph]


class Signature(msgspec.Struct, frozen=True):
    """Who signs, and for whom."""

    authority: tuple[str, ...]
    signatory: str


class MadeNotice(NoticeSummary, frozen=True, kw_only=True):
    """A notice with all that it says."""

    as_of: datetime | None
    """When the position of its figures was counted."""
    freshness: object
    """What metrics said about the completeness of its sources."""
    caveats: list[ShownCaveat]
    checks: list[Check]
    head: Head
    sections: list[Section]
    signature: Signature
    recipients: tuple[str, ...]
    annexes: tuple[Annex, ...]
    figures: dict[str, ShownFigure]
    """Those that the text prints, and all that they follow from, by key."""


def made(row: NoticeRow, notice: Notice, figures: dict[str, Figure], pinned: Pinned, checks: list[Check]) -> MadeNotice:
    """A notice with its text."""
    printed = {
        run.figure for block in notice.body if isinstance(block, Paragraph) for run in block.runs if isinstance(run, Bound)
    }
    return MadeNotice(
        **msgspec.structs.asdict(NoticeSummary.of(row)),
        as_of=pinned.as_of,
        freshness=pinned.freshness,
        caveats=[shown(caveat) for caveat in pinned.caveats],
        checks=checks,
        head=Head(notice.superior, notice.issuer, notice.reference, notice.place_and_date, notice.kind, notice.abstract),
        sections=_sections(notice),
        signature=Signature(notice.authority, notice.signatory),
        recipients=notice.recipients,
        annexes=notice.annexes,
        figures={key: ShownFigure.of(figures[key]) for key in sorted(with_inputs(printed, figures))},
    )


def unmade(row: NoticeRow) -> UnmadeNotice:
    """A notice without text."""
    return UnmadeNotice(**msgspec.structs.asdict(NoticeSummary.of(row)))


def with_inputs(keys: set[str], figures: dict[str, Figure]) -> set[str]:
    """The keys and all that they follow from."""
    found: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            derived = figures[key].derived
            waiting.extend(derived.inputs if derived else ())
    return found


def _sections(notice: Notice) -> list[Section]:
    """Headings with the paragraphs below each; what stands before the first heading comes first, without one."""
    sections = [Section(0, "", "", [])]
    for block in notice.body:
        if isinstance(block, Heading):
            sections.append(Section(block.level, block.label, block.text, []))
        else:
            paragraph = ShownParagraph(block.section, block.source, block.lead, words(block), block.runs)
            sections[-1].paragraphs.append(paragraph)
    return sections
