"""The notices that a change of the catalogue would touch."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Path, Query, Request, Response

from services.notices.drafting.api.parameters import Reader
from services.notices.drafting.model import NoticeState
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.metrics_client import MetricsAway, MetricsClosed
from services.notices.previews import examples, service
from services.notices.previews.model import NoticePreview, as_rows
from shared import fields
from shared.contracts.previews import PreviewOutdated, PreviewUnfinished
from shared.errors import NotFound
from shared.fields import RowId
from shared.spreadsheets import CSV, to_csv
from shared.web.formats import PAGE_HEADERS, CsvFormat, table_headers
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.responses import NOT_STORED, json_response

router = Router("notices")

UNISSUED: tuple[NoticeState, ...] = ("draft", "in_review", "approved")
"""States of notices whose figures may still be replaced by newer ones."""
CURSOR = Cursor[int]("catalogue-previews", RowNumber)


@router.get("/catalogue-previews/{number}", summary="The notices that a change of the catalogue would touch")
@operation(
    response=NoticePreview,
    example=examples.PREVIEW,
    media=(CSV,),
    headers=PAGE_HEADERS,
    problems=(PreviewUnfinished, PreviewOutdated, NotFound, MetricsAway, MetricsClosed),
)
async def read_notice_preview(
    request: Request,
    number: Annotated[RowId, Path(description="`id` of the preview, as ingest gave it", examples=[3])],
    principal: Reader,
    province: Annotated[fields.ProvinceCode, Query(description="Province", examples=["30"])],
    wanted: CsvFormat,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=20, description="Drafted notices that a page looks at")] = 20,
) -> Response:
    """Each notice with its figures that would move: as it states them, as they are now, and as they would be.

    Of the whole scope, and by agency, interlinked procedure and department. A notice keeps what it states: one that is to state
    the new figures is ordered anew once the change is applied. As CSV a row for each figure. Needs a key with figures:read too.
    """
    principal.demand("figures:read")
    principal.demand_province(province)
    database = request.app.state.database
    async with database.connection() as connection:
        rows = await notices_store.page(
            connection, province=province, states=UNISSUED, before=CURSOR.decode(cursor), limit=limit + 1
        )
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    found = await service.preview_notices(database, request.app.state.metrics, province, number, page)
    found = msgspec.structs.replace(found, next_cursor=next_cursor)
    if wanted.format != "csv":
        return json_response(found)
    headers = NOT_STORED | table_headers(f"notices-{number}-{province}", "csv", found.freshness.incompleteness)
    if next_cursor is not None:
        there = request.url.include_query_params(cursor=next_cursor)
        headers["Link"] = f'<{there.path}?{there.query}>; rel="next"'
    return Response(to_csv(as_rows(found, wanted.language), wanted.dialect), 200, headers, wanted.media_type)
