"""The parts of the services' responses that the journey reads; other fields are ignored."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from shared.contracts.kpis import KpiResponse, UnitRow, WorkRow

Kpis = KpiResponse[UnitRow]
WorkKpis = KpiResponse[WorkRow]


class PortalHealth(msgspec.Struct, frozen=True):
    """The stand-in portal's health check."""

    dossiers: int


class Pull(msgspec.Struct, frozen=True):
    """A pull of a source."""

    id: int
    state: Literal["running", "complete", "interrupted", "failed"]
    served: int
    accepted: int
    known: int
    superseded: int
    quarantined: int
    verification: str | None
    last_error: str | None


class Pulls(msgspec.Struct, frozen=True):
    """Newest first."""

    pulls: list[Pull]


class PullsOrdered(msgspec.Struct, frozen=True):
    """Published scores that are pulled."""

    endpoints: list[str]


class PublishedPull(msgspec.Struct, frozen=True):
    """How an address of published scores stands."""

    endpoint: str
    pulled_at: datetime | None
    next_at: datetime | None
    failing_since: datetime | None


class PublishedScore(msgspec.Struct, frozen=True):
    """A published score, and why it may differ from ours."""

    unit: str | None
    code: str
    cause: str | None


class Published(msgspec.Struct, frozen=True):
    """Published scores beside ours."""

    rows: list[PublishedScore]
    pulls: list[PublishedPull]


class NationalReply(msgspec.Struct, frozen=True):
    """What a sender in the national format is answered."""

    error_code: int
    message: str


class OpenedDossier(msgspec.Struct, frozen=True):
    """A dossier behind a figure, and what it contributes."""

    code: str
    contribution: int


class Opened(msgspec.Struct, frozen=True):
    """The first page of the dossiers behind a figure."""

    dossiers: list[OpenedDossier]


class Disagreement(msgspec.Struct, frozen=True):
    """A dossier that is overdue only by the portal's due date or only by the legal one."""

    side: str
    cause: str | None


class Disagreements(msgspec.Struct, frozen=True):
    """A page of them; `next_cursor` is the `cursor` of the following one."""

    dossiers: list[Disagreement]
    next_cursor: str | None


class Preview(msgspec.Struct, frozen=True):
    """What a change of the catalogue would do to dossiers, so far."""

    id: int
    finished_at: datetime | None
    dossiers: int
    due_dates: int


class PreviewedNotice(msgspec.Struct, frozen=True):
    """A notice that stands on figures that would move."""

    id: int


class NoticePreview(msgspec.Struct, frozen=True):
    """The notices that the change would touch."""

    notices: list[PreviewedNotice]
    figures: int


class NoticeListed(msgspec.Struct, frozen=True):
    """A notice in the list."""

    id: int
    position: int | None


class Notices(msgspec.Struct, frozen=True):
    """Newest first."""

    notices: list[NoticeListed]


class Check(msgspec.Struct, frozen=True):
    """An equation or rule by which a notice was checked."""

    name: str
    ok: bool
    detail: str


class Paragraph(msgspec.Struct, frozen=True):
    """A paragraph of a notice."""

    key: str
    text: str
    typed: list[str] = []
    """Numbers that a person typed by hand."""


class Section(msgspec.Struct, frozen=True):
    """A heading of a notice with what is below."""

    paragraphs: list[Paragraph]


class Notice(msgspec.Struct, frozen=True):
    """One notice."""

    id: int
    state: str
    inspection: int = 0
    position: int | None = None
    error: str | None = None
    checks: list[Check] = []
    sections: list[Section] = []

    def paragraph(self, key: str) -> Paragraph | None:
        """The paragraph of a key; None where there is none."""
        return next((one for section in self.sections for one in section.paragraphs if one.key == key), None)


class Outcome(msgspec.Struct, frozen=True):
    """What composing a notice anew did to a paragraph."""

    key: str
    outcome: str
    edited: bool


class Revision(msgspec.Struct, frozen=True):
    """A revision of a notice."""

    revision: int
    state: str
    error: str | None = None
    outcomes: list[Outcome] = []


class Inspection(msgspec.Struct, frozen=True):
    """An inspection as stored."""

    id: int


class Reason(msgspec.Struct, frozen=True):
    """Why figures must be confirmed before a conclusion may use them."""

    kind: str
    detail: str


class Unconfirmed(msgspec.Struct, frozen=True):
    """The problem document of an order that needs confirmations."""

    reasons: list[Reason]


class Refusal(msgspec.Struct, frozen=True):
    """A problem document."""

    type: str


class Obstacle(msgspec.Struct, frozen=True):
    """Something that stands against an approval."""

    id: str
    kind: str


class Review(msgspec.Struct, frozen=True):
    """What stands against the approval of a notice."""

    obstacles: list[Obstacle]


class Decided(msgspec.Struct, frozen=True):
    """A decision on a notice."""

    step: str
    person: bool


class Life(msgspec.Struct, frozen=True):
    """The state of a notice, and the decisions on it."""

    state: str
    steps: list[Decided]


class Issued(msgspec.Struct, frozen=True):
    """What was issued of a notice."""

    state: str
    reference: str
    corrects: int | None
    code: str


class Referenced(msgspec.Struct, frozen=True):
    """An issued notice as it is cited."""

    reference: str


class Moved(msgspec.Struct, frozen=True):
    """A figure that is counted otherwise now."""

    key: str
    by: int | None


class Verified(msgspec.Struct, frozen=True):
    """What is known of a file."""

    ours: bool
    file: str | None
    state: str | None
    superseded_by: Referenced | None
    moved: list[Moved] | None
