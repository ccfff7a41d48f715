"""Single dossiers: what is known of them, what was said of them, and why they are due when they are."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response

from services.ingest import store
from services.ingest.api.deadlines import explained
from services.ingest.api.feed import Stream
from services.ingest.dating import Assessment, Law, assess, facts_of
from services.ingest.folding import State, fold
from services.ingest.intake import history_of
from shared.access import Principal, require
from shared.errors import NotFound
from shared.fields import Line
from shared.workdays.causes import explain_cause
from shared.workdays.wording import Language

router = APIRouter(prefix="/v1/dossiers", tags=["dossiers"])

Code = Annotated[Line, Path(min_length=1, max_length=100, description="Dossier code", examples=["000.00.19.H23-230105-0042"])]
Reader = Annotated[Principal, Depends(require("dossiers:read"))]


@router.get("/{code:path}/deadline", summary="When the dossier is due, and how that came about, step by step")
async def read_deadline(request: Request, code: Code, stream: Stream, principal: Reader) -> dict[str, Any]:
    """The legal, the extended and the portal's due date apart; the steps in Vietnamese and English, as data and as text."""
    row, state, law = await _found(request, principal, stream, code)
    assessment = assess(state, law)
    facts, due = facts_of(assessment), assessment.deadline
    async with request.app.state.database.connection() as connection:
        computed_by = await store.catalogue.law_of(connection, stream, row.position)
        waiting = await store.catalogue.is_to_be_redated(connection, stream, row.number)
    answer: dict[str, Any] = {
        "stream": stream,
        "code": code,
        "position": row.position,
        "due_on": facts.due_on,
        "due_basis": facts.due_basis,
        "legal_due_on": facts.legal_due_on,
        "extended_due_on": facts.extended_due_on,
        "portal_due_on": facts.portal_due_on,
        "timeliness": facts.timeliness,
        "portal_timeliness": facts.portal_timeliness,
        "cause": facts.cause,
        "cause_explained": _cause_explained(assessment),
        # The version in the feed; while dossiers are being dated anew it can be from before the law that is applied here.
        "version_computed_by": computed_by._asdict() if computed_by is not None else None,
        "to_be_redated": waiting,
    }
    if due is None:
        missing = "no receipt" if state.received_at is None else "no time limit known for its procedure"
        return {**answer, "explained": None, "why_not": f"There is {missing}, so the law cannot be applied."}
    return {
        **answer,
        "calendar_version": due.calendar_version,
        "rule_version": due.rule_version,
        "explained": {language.value: one.model_dump() for language, one in explained(due).items()},
    }


@router.get(
    "/{code:path}",
    summary="One dossier: facts, findings and everything its sources said",
    response_model=dict[str, Any],
)
async def read_dossier(request: Request, code: Code, stream: Stream, principal: Reader) -> Response:
    """`facts` is what is counted; `events` is all that was ever said, in order; `findings` is what does not fit."""
    row, state, law = await _found(request, principal, stream, code)
    # A long history is work for a thread: the others are answered meanwhile.
    body = await asyncio.to_thread(_told, stream, row, state, law)
    return Response(body, media_type="application/json")


def _told(stream: str, row: store.dossiers.DossierRow, state: State, law: Law) -> bytes:
    told = {
        "stream": stream,
        "code": row.code,
        "number": row.number,
        "source": row.source,
        "position": row.position,
        "mapped": row.mapped,
        "facts": msgspec.to_builtins(facts_of(assess(state, law))),
        "findings": [_named(finding) for finding in state.findings],
        "events": [_named(event) for event in history_of(row)],
    }
    return msgspec.json.encode(told)


def _cause_explained(assessment: Assessment) -> dict[str, dict[str, str]] | None:
    account, cause = assessment.account, assessment.cause
    if account is None or cause is None:
        return None
    findings = {language.value: explain_cause(cause, account, language) for language in Language}
    return {language: {"text": one.text, "action": one.action} for language, one in findings.items()}


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


def _named(value: msgspec.Struct) -> dict[str, Any]:
    """Fields by name, without those that say nothing, whatever the form in which the value is kept."""
    named: dict[str, Any] = {}
    for field in value.__struct_fields__:
        one = getattr(value, field)
        if one is None or one == () or one is False:
            continue
        if isinstance(one, msgspec.Struct):
            named[field] = _named(one)
        elif isinstance(one, tuple):
            named[field] = [_named(part) if isinstance(part, msgspec.Struct) else part for part in one]
        else:
            named[field] = msgspec.to_builtins(one)
    return named
