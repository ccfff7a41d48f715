"""Issuing a notice, what was issued, and the numbers of a series."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Body, Depends, Query, Request, Response

from services.notices.approval.service import (
    ChangedSinceApproval,
    PersonNeeded,
    SamePerson,
    StepNotPossible,
    demand_person,
)
from services.notices.drafting.api.parameters import NoticeNumber, Reader
from services.notices.drafting.api.visibility import NotDrafted, demand_drafted, notice_tag, step_of_tag, visible_notice
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.metrics_client import MetricsAway, MetricsClosed
from services.notices.issuing import service, store
from services.notices.issuing.api import examples
from services.notices.issuing.api.schemas import IssuedNotice, IssueOrder, OutsideNumber, Series, TakenNumbers, Year
from services.notices.issuing.changes import read_changes
from services.notices.issuing.model import next_number
from services.notices.issuing.service import IssueRequest, NumberTaken
from services.notices.issuing.signer import CertificateNotValid, SigningKeys, SigningNotSet
from services.notices.rendering.pdf import Unprintable
from services.notices.revisions.api.holding import held_notice
from shared import fields
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import NotFound, PreconditionFailed, PreconditionRequired, Unavailable
from shared.idempotency import idempotent
from shared.languages import bilingual
from shared.settings import settings
from shared.web.idempotency import IdempotencyKey, always_keyed
from shared.web.operations import Router, operation
from shared.web.preconditions import IfMatch, demand_match
from shared.web.responses import etag_response, json_response

router = Router("notices")

Issuer = Annotated[Principal, Depends(require("notices:approve"))]


@router.post("/notices/{number}/issue", summary="Issue an approved notice", response_class=Response)
@operation(
    response=IssuedNotice,
    example=examples.ISSUED,
    body_example=examples.ORDER,
    problems=(
        NotDrafted,
        StepNotPossible,
        ChangedSinceApproval,
        PersonNeeded,
        SamePerson,
        SigningNotSet,
        CertificateNotValid,
        Unprintable,
        MetricsAway,
        MetricsClosed,
        Unavailable,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def issue_notice(
    request: Request,
    principal: Issuer,
    number: NoticeNumber,
    order: Annotated[IssueOrder, Body(default_factory=IssueOrder)],
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """It gets the next number of its body, year and series and today's date, is rendered with them and signed by the signatory
    and the body, all in one transaction: when anything fails nothing is issued, and no number is lost. Needs a person's key.

    With `corrects` it takes the place of an issued notice of the same body, cites it, and that one is superseded. An annex
    lists the figures that are others, each with the kinds of dossiers that moved it, which metrics tells.
    """
    once_only = await always_keyed(request, principal, idempotency_key)
    config, state = settings(), request.app.state
    async with state.database.connection() as connection:
        row = await visible_notice(connection, principal, number)  # of another province it says nothing else
        moved = None
        if order.corrects is not None:
            before = await visible_notice(connection, principal, order.corrects)  # nor makes it wait for anything there
            moved = await service.moved_since(connection, row, before)
    demand_person(principal)
    keys = SigningKeys.of(config)
    changes = None if moved is None else await read_changes(state.metrics, row, *moved)
    code = service.new_code()
    address = f"{(config.verification_url or config.notices_url).rstrip('/')}/v/{code}"

    async def issue(tx: Connection) -> None:
        async def effect() -> bool:
            row = await held_notice(tx, principal, number)
            demand_drafted(row)
            demand_match(if_match, notice_tag(row), counted=step_of_tag)
            corrects = None if order.corrects is None else await held_notice(tx, principal, order.corrects)
            content = await notices_store.content(tx, number)
            wanted = IssueRequest(principal, keys, code, address, corrects, changes)
            await service.issue(tx, row, content, wanted, state.renderer, state.signer)
            return True

        await visible_notice(tx, principal, number)
        await idempotent(tx, "notices", once_only, datetime.now(UTC), bool, effect)

    # One at a time: who waits for a series, or for the renderer, holds no connection that others need.
    async with state.issuing:
        await state.database.run(issue)
    async with state.database.transaction(snapshot=True) as tx:
        row = await visible_notice(tx, principal, number)
        return json_response(await _issued(tx, principal, number), etag=notice_tag(row))


@router.get("/notices/{number}/issue", summary="What was issued of a notice")
@operation(response=IssuedNotice, example=examples.ISSUED, unchanged=True)
async def read_issue(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """Its number, date, signatures and files, and whether it is in force; 404 for a notice that is not issued."""
    async with request.app.state.database.transaction(snapshot=True) as tx:
        return etag_response(request, await _issued(tx, principal, number))


async def _issued(tx: Connection, principal: Principal, number: int) -> IssuedNotice:
    notice = await visible_notice(tx, principal, number)
    row = await store.find(tx, number)
    if row is None:
        raise NotFound(
            bilingual(
                "Notice {n} is not issued, its state is {state}.",
                "Thông báo {n} chưa ban hành, trạng thái {state}.",
                n=number,
                state=notice.state,
            )
        )
    correction = await store.find_correction(tx, number)
    digests = await store.digests(tx, number)
    return IssuedNotice.of(row, notice.state, correction.notice_id if correction is not None else None, digests)


@router.post("/taken-numbers", summary="Register a number that was used outside", status_code=201, response_class=Response)
@operation(
    response=TakenNumbers,
    example=examples.NUMBERS,
    body_example=examples.OUTSIDE,
    problems=(NumberTaken, PersonNeeded),
)
async def register_number(request: Request, principal: Issuer, body: Annotated[OutsideNumber, Body()]) -> Response:
    """No notice gets it. A number beyond the next one leaves those between to the notices that come. A body is one
    however its name is spelt: `Uỷ ban`, `ỦY BAN` and `Ủy ban` have one series. Needs a person's key."""
    principal.demand_province(body.province)
    demand_person(principal)
    async with request.app.state.database.transaction() as tx:
        await service.register(tx, **body.model_dump(), principal=principal)
        taken = await _taken(tx, body.province, body.body, body.year, body.series)
    return json_response(taken, status=201)


@router.get("/taken-numbers", summary="The numbers of a series that are taken")
@operation(response=TakenNumbers, example=examples.NUMBERS, unchanged=True)
async def list_taken_numbers(
    request: Request,
    principal: Reader,
    province: Annotated[fields.ProvinceCode, Query(description="Province", examples=["30"])],
    body: Annotated[fields.Line, Query(min_length=1, max_length=300, description="The issuing body, as it names itself")],
    year: Annotated[Year, Query(description="Of the series", examples=[2023])],
    series: Annotated[Series, Query(description="Symbol of the series")] = "TB-UBND",
) -> Response:
    """Each with the notice that has it, or with what it was used for outside, however the body's name was spelt then."""
    principal.demand_province(province)
    async with request.app.state.database.transaction(snapshot=True) as tx:
        return etag_response(request, await _taken(tx, province, body, year, series))


async def _taken(tx: Connection, province: str, body: str, year: int, series: str) -> TakenNumbers:
    found = await store.find_series(tx, province=province, body=body, year=year, series=series)
    rows = await store.taken_rows(tx, found)
    return TakenNumbers.of(body, year, series, rows, next_number(row.number for row in rows))
