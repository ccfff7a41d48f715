"""What the examples speak of: a district of two communes, one of which received nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec.structs import asdict, replace

from services.metrics.figures.kpis.algebra import CounterRow, counter_row
from services.metrics.figures.kpis.catalogue import BY_ID, CONTRADICTORY
from services.metrics.figures.service import ContextFields, figures_of, formulas_of
from services.metrics.provinces.completeness import reasons
from shared.contracts.freshness_examples import complete_figures, complete_province
from shared.contracts.keys import RowKey, Subtrees
from shared.contracts.kpis import Balance, FigureFreshness, KpiFigure, Period, Text, Unit

COUNTED_AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
PERIOD = Period(since=date(2022, 12, 15), until=date(2023, 7, 20), days=218)
THANH_HA = Unit(agency="294@2019-12-01", code="294", name=Text("Huyện Thanh Hà", "Thanh Hà district"), kind="district")
CAM_CHE = Unit(
    agency="10816@2019-12-01", code="10816", name=Text("Ủy ban nhân dân xã Cẩm Chế", "Cẩm Chế commune"), kind="commune"
)
LIEN_MAC = Unit(
    agency="10813@2019-12-01", code="10813", name=Text("Ủy ban nhân dân xã Liên Mạc", "Liên Mạc commune"), kind="commune"
)
DISTRICT = counter_row(
    {"received_online": 24_458, "received_counter": 6_108, "resolved_early": 25_300, "resolved_to_the_day": 4_150,
     "resolved_overdue": 102}, {"open": 1_654}, {"open": 2_668}, {},
)  # fmt: skip
COMMUNE = counter_row(
    {"received_online": 402, "received_counter": 98, "resolved_early": 450, "resolved_overdue": 3},
    {"open": 12},
    {"open": 47},
    {},
)
NOTHING = counter_row({}, {}, {}, {})


def key(unit: Unit, position: int = 41234, since: date = PERIOD.since, until: date = PERIOD.until) -> RowKey:
    assert unit.agency is not None
    return RowKey(province="30", position=position, scope=Subtrees((unit.agency,)), since=since, until=until, structure_on=None)


_DOUBTFUL = BY_ID[CONTRADICTORY].rule.join(key(THANH_HA).around())
COMPLETE = complete_figures(COUNTED_AT, _DOUBTFUL)
PROVINCE_LACKING = replace(
    complete_province(COUNTED_AT), quarantined=2, gap=0, complete=False, reasons=reasons({"quarantined": (2, None)})
)
LACKING = FigureFreshness(**asdict(PROVINCE_LACKING), doubtful=3, doubtful_figure=_DOUBTFUL)
BALANCED = Balance(True, [])


def figures(row: CounterRow, key: RowKey, *ids: str) -> dict[str, KpiFigure]:
    return figures_of(formulas_of(tuple(BY_ID[id] for id in ids)), row, key)


CONTEXT = ContextFields(province="30", position=41234, as_of=COUNTED_AT, period=PERIOD, structure="then", scope=THANH_HA)
