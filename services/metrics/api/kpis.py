"""KPIs: the catalogue and its figures."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from services.metrics.api.asking import Asked, Reader, StreamName, reach_of, reading
from services.metrics.api.rendering import TABLES, deliver
from services.metrics.completeness import reasons
from services.metrics.figures import answer
from services.metrics.kpis import BALANCES, KPIS, LIVE
from services.metrics.kpis.algebra import described, described_balance, described_live
from shared.agencies import AgencyKind

router = APIRouter(prefix="/v1", tags=["kpis"])

EXAMPLE: dict[str, Any] = {
    "stream": "30",
    "position": 41234,
    "as_of": "2026-11-24T03:00:00Z",
    "period": {"from": "2022-12-15", "to": "2023-07-20", "days": 218},
    "structure": "then",
    "scope": {
        "agency": "294@2019-12-01",
        "code": "294",
        "name": {"vi": "Huyện Thanh Hà", "en": "Thanh Hà district"},
        "kind": "district",
    },
    "total": {
        "figures": {
            "received_online": {
                "numerator": 24458,
                "denominator": None,
                "value": 24458,
                "rule": "received_online@1",
                "figure": "30~41234~received_online@1~294@2019-12-01~2022-12-15~2023-07-20~then",
            },
            "online_share": {
                "numerator": 24458,
                "denominator": 30566,
                "value": 0.8001701236668193,
                "rule": "online_share@1",
                "figure": "30~41234~online_share@1~294@2019-12-01~2022-12-15~2023-07-20~then",
            },
        }
    },
    "rows": [],
    "balance": {"ok": True, "breaks": []},
    "freshness": {
        "head": 41234,
        "behind": 0,
        "applied_at": "2026-11-24T03:00:00Z",
        "quarantined": 2,
        "gap": 0,
        "missing": [],
        "complete": False,
        "reasons": reasons({"quarantined": (2, None)}),
    },
}


def documented(example: Any) -> dict[int | str, dict[str, Any]]:
    """OpenAPI of an answer that is sent as made, without a response model."""
    return {
        200: {"content": {"application/json": {"schema": {"type": "object"}, "example": example}, **TABLES}},
        304: {"description": "The client has this answer already"},
    }


@router.get(
    "/kpis", summary="KPIs of a scope, its agencies or its interlinked procedures, in a period", responses=documented(EXAMPLE)
)
async def read_kpis(
    request: Request,
    principal: Reader,
    asked: Asked,
    by: Annotated[Literal["none", "agency", "procedure"], Query(description="Rows of the answer")] = "none",
    level: Annotated[
        AgencyKind | None, Query(description="With by=agency: rows are the units of this kind, with all below")
    ] = None,
) -> Response:
    """Counts carry their count in `value`; rates carry numerator, denominator and value, `null` for 0/0.

    `balance` tells whether received + carried over = resolved + in process in every row; `freshness` what may be missing,
    why (`reasons`) and what to do about it.
    """
    ask = partial(answer, question=asked.question(by, level), written=True)
    return await deliver(request, principal, asked.stream, ask, tabular=by != "none")


@router.get(
    "/kpis/catalogue", summary="Every KPI: names, formula, unit, direction, target, source; and what must hold between them"
)
async def read_catalogue(principal: Reader) -> dict[str, list[dict[str, Any]]]:
    """The one list that all figures come from; terms name measures and how they are taken.

    `parts` and `base` are the KPIs that add up to the numerator and to the denominator, where there are such. `balances` hold
    in every scope and period.
    `live` lists what is known of the moment alone: it stands beside the figures of an answer, and has no position.
    """
    return {
        "kpis": [described(kpi) for kpi in KPIS],
        "balances": [described_balance(one) for one in BALANCES],
        "live": [described_live(one) for one in LIVE],
    }


@router.get("/agencies", summary="The units of a stream through time")
async def read_agencies(request: Request, principal: Reader, stream: StreamName) -> dict[str, Any]:
    """Units of all generations with their keys."""
    async with reading(request) as tx:
        units, permitted = await reach_of(request.app.state.units, tx, principal, stream)
    return {"stream": stream, "agencies": units.described(permitted)}
