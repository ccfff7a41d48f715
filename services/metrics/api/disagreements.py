"""Wrongly overdue: what portal and law disagree about, as a list that an office can act on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

import msgspec
from fastapi import Query, Request, Response

from services.metrics.api.asking import Asked, Reader, reach_of, reading
from services.metrics.api.cache import etag_of, form_of, key_for
from services.metrics.disagreements import After, Side, as_rows, disagreements
from shared.contracts.dossiers import DisagreedCount, DisagreedDossier, Disagreements
from shared.contracts.kpis import Period, Text, Unit
from shared.errors import Invalid
from shared.spreadsheets import CSV_UTF8, to_csv
from shared.web.answers import as_json, tagged
from shared.web.operations import Router
from shared.web.paging import Cursor, CursorParameter
from shared.web.routes import JSON
from shared.workdays.wording import Language

router = Router("figures")
CURSOR = Cursor[After]("disagreements", After)

_THANH_HA = Unit(agency="294@2019-12-01", code="294", name=Text("Huyện Thanh Hà", "Thanh Hà district"), kind="district")
_EXAMPLE = Disagreements(
    stream="30",
    position=41234,
    as_of=datetime(2026, 11, 24, 3, tzinfo=UTC),
    period=Period(since=date(2022, 12, 15), until=date(2023, 7, 20), days=218),
    structure="then",
    scope=_THANH_HA,
    counts={
        "portal_only": DisagreedCount(
            "overdue_by_portal_only",
            214,
            "30~41234~overdue_by_portal_only@1~294@2019-12-01~2022-12-15~2023-07-20~then",
        )
    },
    dossiers=[
        DisagreedDossier(
            number=42,
            code="000.00.19.H23-230428-0042",
            procedure="1.004221",
            status="resolved",
            channel="counter",
            received_on=date(2023, 4, 24),
            due_on=date(2023, 5, 8),
            ended_on=date(2023, 5, 5),
            outcome="resolved",
            timeliness="early",
            portal_timeliness="overdue",
            supplements=0,
            portal_due_on=date(2023, 5, 1),
            agency="10816@2019-12-01",
            side="portal_only",
            agency_name=Text("Ủy ban nhân dân xã Cẩm Chế", "Cẩm Chế commune"),
            cause="days_off_counted",
            text=Text(
                "Phần mềm tính cả ngày nghỉ nên hẹn trả thứ Hai 01/5/2023; hạn đúng luật là thứ Hai 08/5/2023.",
                "The software counted days off and set Monday 2023-05-01; the legal date is Monday 2023-05-08.",
            ),
            action=Text(
                "Cập nhật lịch ngày nghỉ của phần mềm và sửa ngày hẹn trả; không tính là quá hạn.",
                "Bring the software's calendar up to date and correct the appointment; it is not overdue.",
            ),
        )
    ],
    next_cursor=None,
)


@router.get(
    "/disagreements",
    summary="Dossiers that only the portal or only the law calls overdue, each with its cause and what to do",
    responses={
        200: {
            "content": {
                "application/json": {"schema": {"type": "object"}, "example": msgspec.to_builtins(_EXAMPLE)},
                "text/csv": {"schema": {"type": "string"}},
            }
        }
    },
)
async def read_disagreements(
    request: Request,
    principal: Reader,
    asked: Asked,
    side: Annotated[Side | None, Query(description="Missing: both lists, the portal's first")] = None,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
) -> Response:
    """As many lines as the KPIs `overdue_by_portal_only` and `overdue_by_law_only` count at the same position.

    JSON, or CSV in the language of `Accept-Language`. Ask for the following page with `as_of` set to this one's position; in
    CSV it is the header `Link`.
    """
    sides = (side,) if side is not None else tuple(Side)
    async with reading(request) as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, asked.stream)
        page = await disagreements(tx, asked.question(), units, reach, sides=sides, after=_after(cursor, sides), limit=limit)
    following = None if page.ended is None else CURSOR.encode(page.ended)
    found = msgspec.structs.replace(page.answer, next_cursor=following)
    body, media_type, headers = as_json(found), JSON, {}
    accepted = dict(request.scope["headers"])
    key, (form, _, language) = key_for(request.scope, accepted, principal), form_of(accepted).partition("-")
    if form == "csv":
        body, media_type = to_csv(as_rows(found, Language(language))), CSV_UTF8
        headers["Content-Disposition"] = f'attachment; filename="disagreements-{asked.stream}-{found.position}.csv"'
        if following is not None:
            there = request.url.include_query_params(cursor=following, as_of=found.position)
            headers["Link"] = f'<{there.path}?{there.query}>; rel="next"'
    return tagged(request, body, media_type, etag=etag_of(key, found.position, page.generation), headers=headers)


def _after(cursor: str | None, sides: tuple[Side, ...]) -> After | None:
    after = CURSOR.decode(cursor)
    if after is not None and after.side not in sides:
        raise Invalid(f"The cursor goes on with the side {after.side}, which is not asked for. Ask the same question again.")
    return after
