"""Single dossiers: their facts, findings and events, and how their due dates came about."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Path, Request, Response
from msgspec import UNSET, UnsetType

from services.ingest.catalogue.model import Ruleset
from services.ingest.catalogue.store import catalogue as catalogue_store
from services.ingest.catalogue.store import redatings as redatings_store
from services.ingest.deadlines.api import StepByStep, explained
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.api.examples import DEADLINE, DOSSIER
from services.ingest.dossiers.api.schemas import DossierOut, event_out, source_words
from services.ingest.dossiers.dating.assessment import Assessment, assess
from services.ingest.dossiers.dating.facts import facts_of
from services.ingest.dossiers.folding import DossierState, fold
from services.ingest.dossiers.service import history_of
from services.ingest.parameters import Province
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.dossier import CONTRADICTIONS, Contradiction, DueBasis, Timeliness
from shared.errors import NotFound
from shared.fields import Line
from shared.web.operations import Router, operation
from shared.web.responses import json_response
from shared.workdays.causes import explain_cause
from shared.workdays.wording import Language

router = Router("dossiers", under="/dossiers")

Code = Annotated[Line, Path(min_length=1, max_length=100, description="Dossier code", examples=["000.00.19.H23-230105-0042"])]
Reader = Annotated[Principal, Depends(require("dossiers:read"))]


class CauseExplained(msgspec.Struct, frozen=True):
    """Why a dossier is late, in one language."""

    text: str
    """Why, in a sentence."""
    action: str
    """What to do about it."""


class ComputedBy(msgspec.Struct, frozen=True):
    """The ruleset by which a version of the feed was computed."""

    catalogue: int
    """Version of the catalogue."""
    calendar: str
    """Version of the calendar."""
    rules: list[str]
    """Policies that it knew."""
    decided_at: datetime
    """When that ruleset was put together."""


class ContradictionExplained(msgspec.Struct, frozen=True):
    """What cannot all be true of a dossier, in one language."""

    text: str
    """What contradicts what, in a sentence."""
    action: str
    """What to correct, and where."""


class ContradictionOut(Contradiction, frozen=True, gc=False):
    """One thing that contradicts another in what the sources say of a dossier, and what to correct."""

    explained: dict[Language, ContradictionExplained]
    """In Vietnamese and English."""


class DeadlineOut(msgspec.Struct, frozen=True, kw_only=True):
    """When a dossier is due, and why."""

    province: str
    """The province."""
    code: str
    """Code of the dossier."""
    position: int
    """Of its newest version in the feed."""
    due_on: date | None
    """The due date that counts; `due_basis` says which one it is. None counts for a contradictory dossier."""
    due_basis: DueBasis | None
    """Null where there is no due date that counts."""
    legal_due_on: date | None
    """By the procedure's limit, calendar and policy of the day of receipt; null without a receipt or a known limit."""
    extended_due_on: date | None
    """As a letter of apology set it anew; null without one."""
    portal_due_on: date | None
    """By its source; null where there is none, or one that cannot be a due date."""
    timeliness: Timeliness | None
    """By the due date that counts; null while it is in process."""
    portal_timeliness: Timeliness | None
    """By the source's own due and end dates; null while it is in process."""
    cause: str | None
    """Why it is overdue, or why portal and law differ; null where it is in time."""
    cause_explained: dict[Language, CauseExplained] | None
    """The same in Vietnamese and English."""
    contradictions: list[ContradictionOut]
    """What cannot all be true of it: then it is neither early nor late, and has no cause. Empty: nothing."""
    version_computed_by: ComputedBy | None
    """Of the version in the feed; while dossiers are being dated anew it can be older than the ruleset that is applied here."""
    to_be_redated: bool
    """The worker is about to date it anew."""
    calendar_version: str | UnsetType = UNSET
    """The calendar that is applied here; absent where the ruleset cannot be applied."""
    rule_version: str | UnsetType = UNSET
    """The policy that is applied here; absent where the ruleset cannot be applied."""
    explained: dict[Language, StepByStep] | None
    """Null where the ruleset cannot be applied."""
    why_not: str | UnsetType = UNSET
    """Why the ruleset cannot be applied."""


@router.get(
    "/{code:path}/deadline",
    summary="When the dossier is due, and how that came about, step by step",
)
@operation(response=DeadlineOut, example=DEADLINE)
async def read_deadline(request: Request, code: Code, province: Province, principal: Reader) -> Response:
    """The legal, the extended and the portal's due date apart; the steps in Vietnamese and English, as data and as text."""
    row, state, ruleset = await _found(request, principal, province, code)
    assessment = assess(state, ruleset)
    facts, due = facts_of(assessment), assessment.deadline
    async with request.app.state.database.connection() as connection:
        computed_by = await catalogue_store.ruleset_of(connection, province, row.position)
        waiting = await redatings_store.is_to_be_redated(connection, province, row.number)
    missing = "no receipt" if state.received_at is None else "no time limit known for its procedure"
    return json_response(
        DeadlineOut(
            province=province,
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
            contradictions=[_contradiction(one) for one in facts.contradictions],
            version_computed_by=ComputedBy(**computed_by._asdict()) if computed_by is not None else None,
            to_be_redated=waiting,
            calendar_version=due.calendar_version if due is not None else UNSET,
            rule_version=due.rule_version if due is not None else UNSET,
            explained=explained(due) if due is not None else None,
            why_not=f"There is {missing}, so no due date can be computed." if due is None else UNSET,
        )
    )


@router.get(
    "/{code:path}",
    summary="One dossier: facts, findings and all of its events",
)
@operation(response=DossierOut, example=DOSSIER)
async def read_dossier(request: Request, code: Code, province: Province, principal: Reader) -> Response:
    """`facts` is what is counted; `events` are all that its sources sent, in order; `findings` what does not fit."""
    row, state, ruleset = await _found(request, principal, province, code)
    # A long history is work for a thread: the others are answered meanwhile.
    return await asyncio.to_thread(lambda: json_response(_dossier(province, row, state, ruleset)))


def _dossier(province: str, row: dossiers_store.DossierRow, state: DossierState, ruleset: Ruleset) -> DossierOut:
    events = history_of(row)
    return DossierOut(
        province=province,
        code=row.code,
        number=row.number,
        source=row.source,
        position=row.position,
        mapped=row.mapped,
        facts=facts_of(assess(state, ruleset)),
        findings=state.findings,
        sources=source_words(events, ruleset),
        events=[event_out(one) for one in events],
    )


def _cause_explained(assessment: Assessment) -> dict[Language, CauseExplained] | None:
    account, cause = assessment.account, assessment.cause
    if account is None or cause is None:
        return None
    findings = {language: explain_cause(cause, account, language) for language in Language}
    return {language: CauseExplained(one.text, one.action) for language, one in findings.items()}


def _contradiction(one: Contradiction) -> ContradictionOut:
    means, correct = CONTRADICTIONS[one.kind]
    return ContradictionOut(
        one.kind,
        one.source,
        {
            language: ContradictionExplained(means.in_language(language.value), correct.in_language(language.value))
            for language in Language
        },
    )


async def _found(
    request: Request, principal: Principal, province: str, code: str
) -> tuple[dossiers_store.DossierRow, DossierState, Ruleset]:
    principal.demand_province(province)
    async with request.app.state.database.transaction() as tx:
        rows = await dossiers_store.dossiers_by_code(tx, province, [code])
        ruleset = await request.app.state.rulesets.of(tx, province)
    if code not in rows:
        raise NotFound(f"Province {province} has no dossier {code}. Look in quarantine (GET /v1/quarantine?code=...) too.")
    row = rows[code]
    return row, await asyncio.to_thread(lambda: fold(history_of(row), ruleset.sources)), ruleset
