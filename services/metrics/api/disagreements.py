"""Wrongly overdue: what portal and law disagree about, as a list that an office can act on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.metrics.api.asking import Asked, Reader, as_json, reach_of, reading
from services.metrics.api.polled import form_of, respond
from services.metrics.disagreements import After, Side, as_rows, disagreements
from shared.errors import Invalid
from shared.spreadsheets import CSV_UTF8, to_csv
from shared.web.paging import Cursor, CursorParameter
from shared.workdays.wording import Language

router = APIRouter(prefix="/v1", tags=["figures"])
CURSOR = Cursor[After]("disagreements", After)

_EXAMPLE: dict[str, Any] = {
    "stream": "30",
    "position": 41234,
    "period": {"from": "2022-12-15", "to": "2023-07-20", "days": 218},
    "scope": {"agency": "294@2019-12-01", "code": "294", "name": {"vi": "Huyện Thanh Hà", "en": "Thanh Hà district"}},
    "counts": {
        "portal_only": {
            "kpi": "overdue_by_portal_only",
            "value": 214,
            "figure": "30~41234~overdue_by_portal_only@1~294@2019-12-01~2022-12-15~2023-07-20~then",
        }
    },
    "dossiers": [
        {
            "side": "portal_only",
            "code": "000.00.19.H23-230428-0042",
            "agency": "10816@2019-12-01",
            "due_on": "2023-05-08",
            "portal_due_on": "2023-05-01",
            "ended_on": "2023-05-05",
            "cause": "days_off_counted",
            "text": {
                "vi": "Phần mềm tính cả ngày nghỉ nên hẹn trả thứ Hai 01/5/2023; hạn đúng luật là thứ Hai 08/5/2023.",
                "en": "The software counted days off and set Monday 2023-05-01; the legal date is Monday 2023-05-08.",
            },
            "action": {
                "vi": "Cập nhật lịch ngày nghỉ của phần mềm và sửa ngày hẹn trả; không tính là quá hạn.",
                "en": "Bring the software's calendar up to date and correct the appointment; it is not overdue.",
            },
        }
    ],
    "next_cursor": None,
}


@router.get(
    "/disagreements",
    summary="Dossiers that only the portal or only the law calls overdue, each with its cause and what to do",
    responses={
        200: {
            "content": {
                "application/json": {"schema": {"type": "object"}, "example": _EXAMPLE},
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
        found, ended, generation = await disagreements(
            tx, asked.question(), units, reach, sides=sides, after=_after(cursor, sides), limit=limit
        )
    found["next_cursor"] = None if ended is None else CURSOR.encode(ended)
    body, media_type, headers = as_json(found), "application/json", {}
    form, _, language = form_of(dict(request.scope["headers"])).partition("-")
    if form == "csv":
        body, media_type = to_csv(as_rows(found, Language(language))), CSV_UTF8
        headers["Content-Disposition"] = f'attachment; filename="disagreements-{asked.stream}-{found["position"]}.csv"'
        if found["next_cursor"] is not None:
            following = request.url.include_query_params(cursor=found["next_cursor"], as_of=found["position"])
            headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return respond(
        request,
        principal,
        stream=asked.stream,
        position=found["position"],
        generation=generation,
        standing=None,
        body=body,
        media_type=media_type,
        **headers,
    )


def _after(cursor: str | None, sides: tuple[Side, ...]) -> After | None:
    after = CURSOR.decode(cursor)
    if after is not None and after.side not in sides:
        raise Invalid(f"The cursor goes on with the side {after.side}, which is not asked for. Ask the same question again.")
    return after
