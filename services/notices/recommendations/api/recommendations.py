"""What conclusions in force ask of whom: listed, answered by whom they ask, and judged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Body, Depends, Path, Query, Request, Response

from services.notices.inspections.api.parameters import Limit, ProvinceCode
from services.notices.recommendations import service, store
from services.notices.recommendations.api import examples
from services.notices.recommendations.api.schemas import (
    ListedRecommendation,
    RecommendationHistory,
    RecommendationJudgement,
    RecommendationPage,
    RecommendationReply,
    TakenStep,
)
from services.notices.recommendations.model import RecommendationState
from services.notices.recommendations.service import JudgedAlready
from shared import fields
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.civil import civil_day
from shared.database import Connection
from shared.errors import Forbidden
from shared.fields import RowId
from shared.idempotency import idempotent
from shared.web.idempotency import IdempotencyKey, always_keyed
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.responses import etag_response, json_response

router = Router("notices")

CURSOR = Cursor[int]("recommendations", RowNumber)

Reader = Annotated[
    Principal, Depends(require("recommendations:answer", "recommendations:enter", "notices:read", agencies="enforced"))
]
Addressee = Annotated[Principal, Depends(require("recommendations:answer", "recommendations:enter", agencies="enforced"))]
Judge = Annotated[Principal, Depends(require("notices:write"))]
RecommendationNumber = Annotated[RowId, Path(description="`id` of a recommendation", examples=[41])]


@router.get("/recommendations", summary="What conclusions in force ask of whom, the newest first")
@operation(response=RecommendationPage, example=examples.PAGE, unchanged=True)
async def list_recommendations(
    request: Request,
    principal: Reader,
    province: ProvinceCode = None,
    agency: Annotated[
        fields.Line | None, Query(max_length=80, description="Code or unit key of whom it asks", examples=["10864"])
    ] = None,
    state: Annotated[RecommendationState | None, Query(description="In this state only")] = None,
    notice: Annotated[RowId | None, Query(description="Of this notice only")] = None,
    cursor: CursorParameter = None,
    limit: Limit = 50,
) -> Response:
    """Each recommendation of an issued notice once for each agency that it asks. A key that is bound to agencies sees theirs,
    and those of inspections of all that is below one of them. What was withdrawn or superseded asks for nothing."""
    if province is not None:
        principal.demand_province(province)
    today = civil_day(datetime.now(UTC))
    async with request.app.state.database.connection() as connection:
        rows = await store.page(
            connection,
            province=province or principal.province,
            agency=agency,
            state=state,
            notice=notice,
            permitted=principal.agencies,
            today=today,
            before=CURSOR.decode(cursor),
            limit=limit + 1,
        )
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    return etag_response(request, RecommendationPage([ListedRecommendation.of(row, today) for row in page], next_cursor))


@router.get("/recommendations/{recommendation}", summary="A recommendation, and what became of it")
@operation(response=RecommendationHistory, example=examples.HISTORY, unchanged=True)
async def read_recommendation(request: Request, principal: Reader, recommendation: RecommendationNumber) -> Response:
    """With every answer and judgement, the first one first; of a conclusion that was corrected that of the corrected one."""
    async with request.app.state.database.transaction(snapshot=True) as tx:
        return etag_response(request, await _history(tx, principal, recommendation))


@router.post("/recommendations/{recommendation}/answers", summary="Answer a recommendation", response_class=Response)
@operation(
    response=RecommendationHistory, example=examples.HISTORY, body_example=examples.REPLY, problems=(JudgedAlready, Forbidden)
)
async def reply_to_recommendation(
    request: Request,
    principal: Addressee,
    recommendation: RecommendationNumber,
    body: Annotated[RecommendationReply, Body()],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """By whom it asks, with a key that is bound to that agency; one bound to what is above it only reads. What came on paper is
    entered with a key of the scope recommendations:enter, whose name the history states. Until it is judged a further answer
    takes its place; every one stays in the history. Of a conclusion that was corrected meanwhile the answer is one to the same
    recommendation of the corrected one, which the response states."""

    async def effect(tx: Connection) -> None:
        await service.reply(
            tx,
            principal,
            recommendation,
            text=body.text,
            dated=body.on,
            reference=body.reference,
            now=datetime.now(UTC),
        )

    return await _once(request, principal, recommendation, idempotency_key, effect)


@router.post("/recommendations/{recommendation}/judgements", summary="Judge an answer", response_class=Response)
@operation(response=RecommendationHistory, example=examples.HISTORY, body_example=examples.JUDGEMENT, problems=(JudgedAlready,))
async def judge_reply(
    request: Request,
    principal: Judge,
    recommendation: RecommendationNumber,
    body: Annotated[RecommendationJudgement, Body()],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """By the body that issued the conclusion: accepted, the recommendation is done; else another answer is awaited."""

    async def effect(tx: Connection) -> None:
        await service.judge(
            tx,
            principal,
            recommendation,
            answered=body.number,
            accepted=body.accepted,
            reason=body.reason,
            now=datetime.now(UTC),
        )

    return await _once(request, principal, recommendation, idempotency_key, effect)


async def _once(
    request: Request,
    principal: Principal,
    number: int,
    idempotency_key: IdempotencyKey,
    effect: Callable[[Connection], Awaitable[None]],
) -> Response:
    """The response to a step that is taken once, however often the request comes with its key."""
    once_only = await always_keyed(request, principal, idempotency_key)

    async def step(tx: Connection) -> RecommendationHistory:
        async def taken() -> bool:
            await effect(tx)
            return True

        await service.visible(tx, principal, number)
        await idempotent(tx, "notices", once_only, datetime.now(UTC), bool, taken)
        return await _history(tx, principal, number)

    return json_response(await request.app.state.database.run(step))


async def _history(tx: Connection, principal: Principal, number: int) -> RecommendationHistory:
    row = await service.visible(tx, principal, number)
    steps = await store.steps(tx, row.id)
    listed = ListedRecommendation.of(row, civil_day(datetime.now(UTC)))
    return RecommendationHistory(listed, [TakenStep.of(one) for one in steps])
