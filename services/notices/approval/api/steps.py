"""Deciding on a notice, and the decisions there were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Body, Depends, Request, Response

from services.notices.approval import service, store
from services.notices.approval.api import examples
from services.notices.approval.api.schemas import DecidedStep, NoticeReview, StepHistory, StepOrder
from services.notices.approval.model import Obstacle
from services.notices.approval.service import NotApprovable, PersonNeeded, SamePerson, StepNotPossible
from services.notices.drafting.api.parameters import NoticeNumber, Reader
from services.notices.drafting.api.visibility import NotDrafted, demand_drafted, notice_tag, step_of_tag, visible_notice
from services.notices.drafting.store import counts as counts_store
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store.notices import NoticeRow
from services.notices.revisions.api.holding import held_notice
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import Forbidden, PreconditionFailed, PreconditionRequired
from shared.idempotency import idempotent
from shared.web.idempotency import IdempotencyKey, always_keyed
from shared.web.operations import Router, operation
from shared.web.preconditions import IfMatch, demand_match
from shared.web.responses import etag_response, json_response

router = Router("notices")

Decider = Annotated[Principal, Depends(require("notices:write", "notices:approve"))]


@router.get("/notices/{number}/review", summary="What stands against the approval of a notice")
@operation(response=NoticeReview, example=examples.REVIEW, problems=(NotDrafted,))
async def read_review(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """The text is audited as a stranger's would be; contradictions, failed checks, and figures that are incomplete, doubtful or
    outdated are listed with the ids under which an approval waives them. The ETag is that of the notice, for `If-Match`."""
    row, found = await _reviewed(request, principal, number)
    return json_response(NoticeReview(row.id, row.text_revision, found), etag=notice_tag(row))


@router.post("/notices/{number}/steps", summary="Decide on a notice", response_class=Response)
@operation(
    response=StepHistory,
    example=examples.HISTORY,
    body_example=examples.APPROVAL,
    problems=(
        NotDrafted,
        StepNotPossible,
        NotApprovable,
        PersonNeeded,
        SamePerson,
        Forbidden,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def decide(
    request: Request,
    principal: Decider,
    number: NoticeNumber,
    body: Annotated[StepOrder, Body()],
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Submit a draft, return it, approve it, or withdraw what was issued, under the ETag of `GET /v1/notices/{number}`.

    Whoever writes submits and returns what is in review. To approve, to return what is approved and to withdraw needs
    notices:approve; to approve and to withdraw also a person's key, and whoever drafted the notice or edited it last does not
    approve it. In review and later it cannot be edited. An approval audits the text; what stands against it is mended, or
    waived with a reason that is stored for good.
    """
    once_only = await always_keyed(request, principal, idempotency_key)
    found: list[Obstacle] = []
    audited: NoticeRow | None = None
    if body.step == "approve":
        principal.demand("notices:approve")
        audited, found = await _reviewed(request, principal, number)
    reasons = {one.id: one.reason for one in body.waive}

    async def step(tx: Connection) -> NoticeRow:
        async def effect() -> bool:
            row = await held_notice(tx, principal, number)
            demand_drafted(row)
            demand_match(if_match, notice_tag(row), counted=step_of_tag)
            now = datetime.now(UTC)
            if audited is not None:
                # What was audited is what is approved, also where `If-Match` takes whatever there is.
                demand_match(notice_tag(audited), notice_tag(row))
                await service.approve(tx, row, found, reasons, principal, body.reason, now)
                return True
            if body.step == "withdraw" or row.state == "approved" or "notices:write" not in principal.scopes:
                principal.demand("notices:approve")
            if body.step == "withdraw":
                service.demand_person(principal)
            await service.take(tx, row, body.step, principal, body.reason, now)
            return True

        await visible_notice(tx, principal, number)
        await idempotent(tx, "notices", once_only, datetime.now(UTC), bool, effect)
        return await visible_notice(tx, principal, number)

    database = request.app.state.database
    row = await database.run(step)
    async with database.connection() as connection:
        steps = await store.steps(connection, number)
    history = StepHistory(row.id, row.state, [DecidedStep.of(one) for one in steps])
    return json_response(history, etag=notice_tag(row))


@router.get("/notices/{number}/steps", summary="The decisions on a notice")
@operation(response=StepHistory, example=examples.HISTORY, unchanged=True)
async def list_steps(request: Request, principal: Reader, number: NoticeNumber) -> Response:
    """Who decided what, when, why, on which text, and what was waived; the first one first."""
    async with request.app.state.database.transaction() as tx:
        row = await visible_notice(tx, principal, number)
        steps = await store.steps(tx, number)
    return etag_response(request, StepHistory(row.id, row.state, [DecidedStep.of(one) for one in steps]))


async def _reviewed(request: Request, principal: Principal, number: int) -> tuple[NoticeRow, list[Obstacle]]:
    """A drafted notice, and what stands against its approval."""
    async with request.app.state.database.transaction(snapshot=True) as tx:
        row = await visible_notice(tx, principal, number)
        demand_drafted(row)
        content = await notices_store.content(tx, number)
        counts = await counts_store.find(tx, number)
    return row, await service.obstacles(request.app.state.sandbox.of(principal.key_id), row, content, counts)
