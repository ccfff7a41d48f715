"""KPIs: the catalogue and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec
from fastapi import Query, Request, Response

from services.metrics.api.asking import Asked, Reader, StreamName, reach_of, reading
from services.metrics.api.rendering import TABLES, deliver
from services.metrics.completeness import reasons
from services.metrics.figures import answer, answer_by_procedure, written_answer
from services.metrics.kpis import BALANCES, KPIS, LIVE
from services.metrics.kpis.algebra import defined
from shared.agencies import AgencyKind
from shared.contracts.definitions import Agencies, KpiCatalogue
from shared.contracts.kpis import Balance, Figure, Freshness, KpiAnswer, Period, Text, Total, Unit, UnitRow
from shared.web import answers
from shared.web.operations import Router

router = Router("kpis")

EXAMPLE = KpiAnswer[UnitRow](
    stream="30",
    position=41234,
    as_of=datetime(2026, 11, 24, 3, tzinfo=UTC),
    period=Period(since=date(2022, 12, 15), until=date(2023, 7, 20), days=218),
    structure="then",
    scope=Unit(agency="294@2019-12-01", code="294", name=Text("Huyện Thanh Hà", "Thanh Hà district"), kind="district"),
    total=Total(
        {
            "received_online": Figure(
                24458,
                None,
                24458,
                "received_online@1",
                "30~41234~received_online@1~294@2019-12-01~2022-12-15~2023-07-20~then",
            ),
            "online_share": Figure(
                24458,
                30566,
                24458 / 30566,
                "online_share@1",
                "30~41234~online_share@1~294@2019-12-01~2022-12-15~2023-07-20~then",
            ),
        }
    ),
    rows=[],
    balance=Balance(True, []),
    freshness=Freshness(
        head=41234,
        behind=0,
        applied_at=datetime(2026, 11, 24, 3, tzinfo=UTC),
        quarantined=2,
        gap=0,
        missing=[],
        complete=False,
        reasons=reasons({"quarantined": (2, None)}),
    ),
)


def documented(
    forms: Mapping[str, object] = MappingProxyType({}), example: msgspec.Struct | None = None
) -> dict[int | str, dict[str, object]]:
    """OpenAPI of an answer that is sent as made, without a response model; `forms`: in which it comes besides JSON."""
    json: dict[str, object] = {"schema": {"type": "object"}}
    if example is not None:
        json["example"] = msgspec.to_builtins(example)
    return {
        200: {"content": {"application/json": json, **forms}},
        304: {"description": "The client has this answer already"},
    }


@router.get(
    "/kpis",
    summary="KPIs of a scope, its agencies or its interlinked procedures, in a period",
    responses=documented(TABLES, EXAMPLE),
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
    if by == "procedure":
        linked = partial(answer_by_procedure, question=asked.question())
        return await deliver(request, principal, asked.stream, linked, linked)
    question = asked.question(by, level)
    table = partial(answer, question=question) if by == "agency" else None
    return await deliver(request, principal, asked.stream, partial(written_answer, question=question), table)


@router.get(
    "/kpis/catalogue", summary="Every KPI: names, formula, unit, direction, target, source; and what must hold between them"
)
async def read_catalogue(principal: Reader) -> Response:
    """The one list that all figures come from; terms name measures and how they are taken.

    `parts` and `base` are the KPIs that add up to the numerator and to the denominator, where there are such. `balances` hold
    in every scope and period.
    `live` lists what is known of the moment alone: it stands beside the figures of an answer, and has no position.
    """
    catalogue = KpiCatalogue([defined(kpi) for kpi in KPIS], list(BALANCES), list(LIVE))
    return answers.answer(catalogue)


@router.get("/agencies", summary="The units of a stream through time")
async def read_agencies(request: Request, principal: Reader, stream: StreamName) -> Response:
    """Units of all generations with their keys."""
    async with reading(request) as tx:
        units, permitted = await reach_of(request.app.state.units, tx, principal, stream)
    return answers.answer(Agencies(stream, units.listed(permitted)))
