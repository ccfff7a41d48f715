"""Inspections: handed in by the team, read by whoever prepares the notice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Body, Depends, Request, Response

from services.notices import ordering, store
from services.notices.api import examples
from services.notices.api.answers import (
    Limit,
    Number,
    StreamName,
)
from services.notices.api.schemas import CreatedInspection, HandedInspection, InspectionPage, InspectionSummary
from services.notices.inspection import Inspection, JSONObject
from services.notices.store.inspections import InspectionRow
from shared.access import Principal, require
from shared.database import Connection
from shared.errors import NotFound
from shared.idempotency import once
from shared.web.answers import answer, tagged_answer
from shared.web.idempotency import IdempotencyKey, keyed
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber

router = Router("inspections")

Reader = Annotated[Principal, Depends(require("notices:read"))]
Writer = Annotated[Principal, Depends(require("notices:write"))]
CURSOR = Cursor[int]("inspections", RowNumber)

EXAMPLE: JSONObject = msgspec.json.decode("""
{
  "stream": "30", "scope": "294", "period": {"from": "2022-12-15", "to": "2023-07-20"}, "year": 2023,
  "issuer": {"name": "Ủy ban nhân dân huyện Thanh Hà", "short_name": "UBND huyện", "place": "Thanh Hà", "territory": "huyện",
             "lines": ["Ủy ban nhân dân", "huyện Thanh Hà"]},
  "inspected": "các phòng chuyên môn thuộc UBND huyện và UBND các xã, thị trấn",
  "plans": [{"kind": "Kế hoạch", "number": "48/KH-UBND", "on": "2023-03-30", "issuer": "Ủy ban nhân dân huyện Thanh Hà",
             "subject": "kiểm tra công tác kiểm soát thủ tục hành chính năm 2023"}],
  "report": {"kind": "Báo cáo", "number": "01/BC-ĐKT", "on": "2023-08-15", "issuer": "Đoàn kiểm tra thủ tục hành chính",
             "subject": "kết quả kiểm tra"},
  "counts": {"published": {"value": 32, "of": 32, "evidence": "Biên bản kiểm tra, mục công khai TTHC"}},
  "findings": {"publication": [{"text": "{published}/{published.of} cơ quan, đơn vị niêm yết đầy đủ danh mục TTHC"}]},
  "overdue_causes": [{"cause": "staff", "text": "Hồ sơ trình nhầm tài khoản người phê duyệt"}],
  "signatory": {"authority": ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"], "name": "Nguyễn Văn A"},
  "recipients": ["- Văn phòng UBND tỉnh;", "- Lưu: VT."]
}
""")


@router.post(
    "/inspections",
    summary="Hand in an inspection",
    status_code=201,
    response_class=Response,
)
@operation(example=CreatedInspection(7, "30", "294"), problems=(NotFound,))
async def create_inspection(
    request: Request,
    principal: Writer,
    inspection: Annotated[
        Inspection, Body(openapi_examples={"conclusion": {"summary": "A district's inspection", "value": EXAMPLE}})
    ],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Words may be written freely, quantities may not: declare each under `counts` and write its name in braces."""
    principal.demand_stream(inspection.stream)
    once_only = await keyed(request, principal, idempotency_key)

    async def hand_in(tx: Connection) -> int:
        return await once(
            tx, "notices", once_only, datetime.now(UTC), int, lambda: ordering.hand_in(tx, inspection, principal.key_id)
        )

    number = await request.app.state.database.run(hand_in)
    created = CreatedInspection(number, inspection.stream, inspection.scope)
    return answer(created, status=201, headers={"Location": f"/v1/inspections/{number}"})


@router.get("/inspections", summary="Inspections, the newest first")
@operation(example=examples.INSPECTIONS, unchanged=True)
async def list_inspections(
    request: Request, principal: Reader, stream: StreamName = None, cursor: CursorParameter = None, limit: Limit = 50
) -> Response:
    """Without their findings."""
    if stream is not None:
        principal.demand_stream(stream)
    async with request.app.state.database.connection() as connection:
        rows = await store.inspections.page(
            connection, stream=stream or principal.stream, before=CURSOR.decode(cursor), limit=limit + 1
        )
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    return tagged_answer(request, InspectionPage([InspectionSummary(*row) for row in page], next_cursor))


@router.get(
    "/inspections/{number}",
    summary="An inspection as it was handed in",
)
@operation(example=HandedInspection(7, examples.HANDED_IN_AT, EXAMPLE), unchanged=True)
async def read_inspection(request: Request, principal: Reader, number: Number) -> Response:
    """With all its findings."""
    async with request.app.state.database.connection() as connection:
        found = await inspection_numbered(connection, principal, number)
    return tagged_answer(request, HandedInspection(found.id, found.created_at, found.body))


async def inspection_numbered(connection: Connection, principal: Principal, number: int) -> InspectionRow:
    """The inspection; raises `NotFound` when there is none or the key may not see it."""
    row = await store.inspections.find(connection, number)
    return principal.visible(row, f"There is no inspection {number}. GET /v1/inspections lists those there are.")
