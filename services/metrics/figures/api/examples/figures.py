"""Examples of responses with figures."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from services.metrics.figures.api.examples.scene import (
    BALANCED,
    CAM_CHE,
    COMMUNE,
    COMPLETE,
    CONTEXT,
    DISTRICT,
    LACKING,
    LIEN_MAC,
    NOTHING,
    THANH_HA,
    figures,
    key,
)
from services.metrics.figures.comparisons import difference
from services.metrics.figures.kpis.algebra import CounterRow, counter_row, defined
from services.metrics.figures.kpis.catalogue import BALANCES, BY_ID
from services.metrics.figures.kpis.live import LIVE
from services.metrics.figures.kpis.worked_example import EXAMPLE
from shared.contracts.comparisons import (
    ComparedFigure,
    ComparedRow,
    ComparedTotal,
    Comparison,
    Distance,
    Earlier,
    Point,
    RankedRow,
    Ranking,
    Series,
    UnrankedRow,
)
from shared.contracts.counts import AgencyCounts, CountsByDay, DailyCounts, Formula
from shared.contracts.definitions import KpiCatalogue
from shared.contracts.kpis import KpiResponse, Kpis, Period, Total, Unit, UnitRow


def _unit(unit: Unit, kpis: Kpis) -> UnitRow:
    return UnitRow(agency=unit.agency, code=unit.code, name=unit.name, kind=unit.kind, kpis=kpis)


_TOTAL = Total(figures(DISTRICT, key(THANH_HA), "received_online", "online_share", "in_time_share"))

KPIS = KpiResponse[UnitRow](
    **CONTEXT,
    total=_TOTAL,
    rows=[
        _unit(CAM_CHE, figures(COMMUNE, key(CAM_CHE), "received_online", "online_share", "in_time_share")),
        _unit(LIEN_MAC, figures(NOTHING, key(LIEN_MAC), "received_online", "online_share", "in_time_share")),
    ],
    balance=BALANCED,
    freshness=LACKING,
)

CATALOGUE = KpiCatalogue(
    [defined(BY_ID["received_new"]), defined(BY_ID["online_share"]), defined(BY_ID["processing_days_p50"])],
    list(BALANCES[:1]),
    replace(EXAMPLE, dossiers=EXAMPLE.dossiers[:2]),
    list(LIVE),
)

_JULY = Period(since=date(2023, 7, 1), until=date(2023, 7, 20), days=20)
SERIES = Series(
    **CONTEXT,
    step="month",
    points=[Point(_JULY, figures(DISTRICT, key(THANH_HA, since=_JULY.since), "received_new", "in_time_share"))],
    freshness=COMPLETE,
)

_COUNTED = DailyCounts(0, [0, 1, 4], [3, 1, 2])
COUNTS = CountsByDay(
    **CONTEXT,
    formulas=[Formula(one.rule, one.numerator, one.denominator) for one in map(defined, (BY_ID["online_share"],))],
    rows=[
        AgencyCounts(
            agency=CAM_CHE.agency,
            code=CAM_CHE.code,
            name=CAM_CHE.name,
            kind=CAM_CHE.kind,
            measures={"received_online": _COUNTED, "received_counter": DailyCounts(0, [2], [1])},
            manual_inputs={},
        )
    ],
    freshness=COMPLETE,
)

_YEAR_BEFORE = Period(since=date(2021, 12, 15), until=date(2022, 7, 20), days=218)


def _compared(unit: Unit, now: CounterRow, then: CounterRow | None) -> dict[str, ComparedFigure]:
    earlier = key(unit, since=_YEAR_BEFORE.since, until=_YEAR_BEFORE.until)
    one = figures(now, key(unit), "online_share")["online_share"]
    before = None if then is None else figures(then, earlier, "online_share")["online_share"]
    moved = None if before is None else difference(BY_ID["online_share"], one.value, before.value)
    return {
        "online_share": ComparedFigure(
            one.numerator, one.denominator, one.value, one.rule, one.figure, before=before, difference=moved
        )
    }


_DISTRICT_BEFORE = counter_row({"received_online": 9_310, "received_counter": 20_122}, {}, {}, {})
COMPARISON = Comparison(
    **CONTEXT,
    against=Earlier("year_before", _YEAR_BEFORE),
    like_for_like=False,
    total=ComparedTotal(_compared(THANH_HA, DISTRICT, _DISTRICT_BEFORE)),
    rows=[
        ComparedRow(
            agency=CAM_CHE.agency,
            code=CAM_CHE.code,
            name=CAM_CHE.name,
            kind=CAM_CHE.kind,
            kpis=_compared(CAM_CHE, COMMUNE, None),
        )
    ],
    balance=BALANCED,
    freshness=COMPLETE,
)

_SHARE = BY_ID["online_share"]
RANKING = Ranking(
    **CONTEXT,
    kpi="online_share",
    better="higher",
    target=_SHARE.target,
    minimum=1,
    total=Total(figures(DISTRICT, key(THANH_HA), "online_share")),
    rows=[
        RankedRow(
            agency=CAM_CHE.agency,
            code=CAM_CHE.code,
            name=CAM_CHE.name,
            kind=CAM_CHE.kind,
            kpis=figures(COMMUNE, key(CAM_CHE), "online_share"),
            volume=500,
            to_target=Distance(30.4, "points", True),
            rank=1,
        )
    ],
    unranked=[
        UnrankedRow(
            agency=LIEN_MAC.agency,
            code=LIEN_MAC.code,
            name=LIEN_MAC.name,
            kind=LIEN_MAC.kind,
            kpis=figures(NOTHING, key(LIEN_MAC), "online_share"),
            volume=0,
            to_target=None,
        )
    ],
    balance=BALANCED,
    freshness=COMPLETE,
)
