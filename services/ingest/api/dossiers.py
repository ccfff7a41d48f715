"""Single dossiers: what is known of them, what was said of them, and why they are due when they are."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Path, Request, Response
from msgspec import UNSET, UnsetType

from services.ingest import store
from services.ingest.api.deadlines import StepByStep, explained
from services.ingest.api.feed import Stream
from services.ingest.dating import Assessment, Law, assess, facts_of
from services.ingest.events import About, Event
from services.ingest.folding import Finding, State, fold
from services.ingest.intake import history_of
from shared.access import Principal, require
from shared.dossier import Channel, DueBasis, Facts, Status, Timeliness
from shared.errors import NotFound
from shared.fields import Line
from shared.web.answers import answer
from shared.web.operations import Router, operation
from shared.workdays.causes import explain_cause
from shared.workdays.wording import Language

router = Router("dossiers", under="/dossiers")

Code = Annotated[Line, Path(min_length=1, max_length=100, description="Dossier code", examples=["000.00.19.H23-230105-0042"])]
Reader = Annotated[Principal, Depends(require("dossiers:read"))]


class CauseExplained(msgspec.Struct, frozen=True):
    """Why a dossier is late, in one language."""

    text: str
    action: str
    """What to do about it."""


class ComputedBy(msgspec.Struct, frozen=True):
    """The law by which a version of the feed was computed."""

    catalogue: int
    calendar: str
    rules: list[str]
    decided_at: datetime


class DeadlineOut(msgspec.Struct, frozen=True, kw_only=True):
    """When a dossier is due, and why."""

    stream: str
    code: str
    position: int
    due_on: date | None
    """The due date that counts; `due_basis` says which one it is."""
    due_basis: DueBasis | None
    legal_due_on: date | None
    extended_due_on: date | None
    portal_due_on: date | None
    timeliness: Timeliness | None
    portal_timeliness: Timeliness | None
    cause: str | None
    cause_explained: dict[Language, CauseExplained] | None
    version_computed_by: ComputedBy | None
    """Of the version in the feed; while dossiers are being dated anew it can be from before the law that is applied here."""
    to_be_redated: bool
    calendar_version: str | UnsetType = UNSET
    rule_version: str | UnsetType = UNSET
    explained: dict[Language, StepByStep] | None
    """Null where the law cannot be applied."""
    why_not: str | UnsetType = UNSET
    """Why the law cannot be applied."""


class StepOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """The dossier entered `status` at `at`."""

    at: datetime
    status: Status
    proven: bool = False


class PauseOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """The office waited for somebody else."""

    from_at: datetime
    kind: Status
    to_at: datetime | None = None


class AboutOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the dossier is."""

    agency: str | None = None
    procedure: str | None = None
    channel: Channel | None = None
    digitised_intake: bool = False
    digitised_result: bool = False
    fee_required: bool = False
    fee_online: bool = False
    reused: bool = False
    supplements: int | None = None


class CourseOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Its course as a whole, by the source's own dates."""

    status: Status
    received_at: datetime | None = None
    ended_at: datetime | None = None
    delivered_at: datetime | None = None
    ready_at: datetime | None = None


class EventOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a source said at one moment; what it said nothing of is left out."""

    code: str
    source: str
    id: str
    at: datetime
    about: AboutOut | None = None
    due_at: datetime | None = None
    extended_to: datetime | None = None
    extension_letter: str | None = None
    course: CourseOut | None = None
    pauses: tuple[PauseOut, ...] | None = None
    steps: tuple[StepOut, ...] | None = None
    deleted: bool = False


class DossierOut(msgspec.Struct, frozen=True):
    """One dossier: what is counted of it, what does not fit, and all that was ever said of it, in order."""

    stream: str
    code: str
    number: int
    source: str
    """The source that told of it first."""
    position: int
    mapped: bool
    """Whether the catalogue knows its agency and its procedure."""
    facts: Facts
    findings: tuple[Finding, ...]
    events: list[EventOut]


@router.get(
    "/{code:path}/deadline",
    summary="When the dossier is due, and how that came about, step by step",
)
@operation(answer=DeadlineOut)
async def read_deadline(request: Request, code: Code, stream: Stream, principal: Reader) -> Response:
    """The legal, the extended and the portal's due date apart; the steps in Vietnamese and English, as data and as text."""
    row, state, law = await _found(request, principal, stream, code)
    assessment = assess(state, law)
    facts, due = facts_of(assessment), assessment.deadline
    async with request.app.state.database.connection() as connection:
        computed_by = await store.catalogue.law_of(connection, stream, row.position)
        waiting = await store.catalogue.is_to_be_redated(connection, stream, row.number)
    missing = "no receipt" if state.received_at is None else "no time limit known for its procedure"
    return answer(
        DeadlineOut(
            stream=stream,
            code=code,
            position=row.position,
            due_on=facts.due_on,
            due_basis=facts.due_basis,
            legal_due_on=facts.legal_due_on,
            extended_due_on=facts.extended_due_on,
            portal_due_on=facts.portal_due_on,
            timeliness=facts.timeliness,
            portal_timeliness=facts.portal_timeliness,
            cause=facts.cause,
            cause_explained=_cause_explained(assessment),
            version_computed_by=ComputedBy(**computed_by._asdict()) if computed_by is not None else None,
            to_be_redated=waiting,
            calendar_version=due.calendar_version if due is not None else UNSET,
            rule_version=due.rule_version if due is not None else UNSET,
            explained=explained(due) if due is not None else None,
            why_not=f"There is {missing}, so the law cannot be applied." if due is None else UNSET,
        )
    )


@router.get(
    "/{code:path}",
    summary="One dossier: facts, findings and everything its sources said",
)
@operation(answer=DossierOut)
async def read_dossier(request: Request, code: Code, stream: Stream, principal: Reader) -> Response:
    """`facts` is what is counted; `events` is all that was ever said, in order; `findings` is what does not fit."""
    row, state, law = await _found(request, principal, stream, code)
    # A long history is work for a thread: the others are answered meanwhile.
    return await asyncio.to_thread(lambda: answer(_dossier(stream, row, state, law)))


def _dossier(stream: str, row: store.dossiers.DossierRow, state: State, law: Law) -> DossierOut:
    return DossierOut(
        stream=stream,
        code=row.code,
        number=row.number,
        source=row.source,
        position=row.position,
        mapped=row.mapped,
        facts=facts_of(assess(state, law)),
        findings=state.findings,
        events=[_event(one) for one in history_of(row)],
    )


def _event(one: Event) -> EventOut:
    return EventOut(
        code=one.code,
        source=one.source,
        id=one.id,
        at=one.at,
        about=_about(one.about) if one.about is not None else None,
        due_at=one.due_at,
        extended_to=one.extended_to,
        extension_letter=one.extension_letter,
        course=msgspec.convert(one.course, CourseOut | None, from_attributes=True),
        pauses=tuple(PauseOut(pause.from_at, pause.kind, pause.to_at) for pause in one.pauses or ()) or None,
        steps=tuple(StepOut(step.at, step.status, step.proven) for step in one.steps) or None,
        deleted=one.deleted,
    )


def _about(one: About) -> AboutOut:
    return AboutOut(
        agency=one.agency,
        procedure=one.procedure,
        channel=one.channel,
        digitised_intake=bool(one.digitised_intake),
        digitised_result=bool(one.digitised_result),
        fee_required=bool(one.fee_required),
        fee_online=bool(one.fee_online),
        reused=bool(one.reused),
        supplements=one.supplements,
    )


def _cause_explained(assessment: Assessment) -> dict[Language, CauseExplained] | None:
    account, cause = assessment.account, assessment.cause
    if account is None or cause is None:
        return None
    findings = {language: explain_cause(cause, account, language) for language in Language}
    return {language: CauseExplained(one.text, one.action) for language, one in findings.items()}


async def _found(
    request: Request, principal: Principal, stream: str, code: str
) -> tuple[store.dossiers.DossierRow, State, Law]:
    principal.demand_stream(stream)
    async with request.app.state.database.transaction() as tx:
        rows = await store.dossiers.dossiers_by_code(tx, stream, [code])
        law = await request.app.state.laws.of(tx, stream)
    if code not in rows:
        raise NotFound(f"Stream {stream} has no dossier {code}. Look in quarantine (GET /v1/quarantine?code=...) too.")
    row = rows[code]
    return row, await asyncio.to_thread(lambda: fold(history_of(row))), law
