"""Every KPI on a small world that was computed by hand, in an empty one, and in a window beside it."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from msgspec import to_builtins

from services.metrics.figures.kpis.catalogue import BALANCES, BY_ID
from services.metrics.figures.kpis.worked_example import EXAMPLE
from shared.contracts.feed import FeedItem
from tests.metrics.conftest import Api

FEED = [FeedItem(number, number, one.facts) for number, one in enumerate(EXAMPLE.dossiers, 1)]

APRIL = {
    "received_new": 0,
    "carried_over": 6,
    "resolved_overdue": 1,
    "resolved": 1,
    "in_process": 5,
    "in_process_overdue": 2,
    "suspended": 1,
    "due_within_5": 0,
    "interlinked_in_process_overdue": 2,
    "online_share": None,
    "satisfaction": None,
    "processing_days_p50": None,
    "overdue_by_portal_only": 1,
    "unmapped": 0,
}


async def ask(api: Api, since: date, to: date) -> dict[str, dict[str, Any]]:
    answer = await api.get("/v1/kpis", scope="10813", since=str(since), to=str(to))
    assert answer["balance"]["ok"] is True
    figures: dict[str, dict[str, Any]] = answer["total"]["kpis"]
    return figures


async def test_every_kpi_equals_what_was_computed_by_hand(api: Api) -> None:
    await api.count(FEED)
    stated = {"province": api.province, "agency": "10813", "on": "2023-03-31", "source": "Báo cáo tháng 3"}
    assert (await api.client.post("/v1/manual-inputs", json={**stated, **EXAMPLE.manual_inputs})).status_code == 201
    figures = await ask(api, EXAMPLE.since, EXAMPLE.until)
    assert set(figures) == set(BY_ID)
    for name, kpi in BY_ID.items():
        assert {part: figures[name][part] for part in ("numerator", "denominator", "value")} == to_builtins(kpi.example), name


def test_the_values_of_examples_are_their_counts_rounded() -> None:
    for name, kpi in BY_ID.items():
        numerator, denominator, value = kpi.example.numerator, kpi.example.denominator, kpi.example.value
        if denominator is None:
            assert value == numerator, name
        elif denominator == 0:
            assert value is None, name
        elif numerator is not None:
            exact = Decimal(numerator) / Decimal(denominator)
            assert value == float(exact.quantize(Decimal(1).scaleb(-kpi.digits), ROUND_HALF_UP)), name


def test_the_balances_hold_in_a_world_computed_by_hand() -> None:
    for balance in BALANCES:
        left, right = (sum(BY_ID[kpi].example.numerator or 0 for kpi in side) for side in (balance.left, balance.right))
        assert left == right if balance.relation == "=" else left <= right, balance.name


async def test_the_window_beside_it_holds_what_went_on(api: Api) -> None:
    await api.count(FEED)
    figures = await ask(api, date(2023, 4, 1), date(2023, 4, 30))
    assert {name: figures[name]["value"] for name in APRIL} == APRIL


async def test_where_nothing_happened_counts_are_nought_and_rates_have_no_value(api: Api) -> None:
    await api.count(FEED)
    for figures in (await ask(api, date(2022, 1, 1), date(2022, 1, 31)), await ask(api, date(2022, 1, 1), date(2022, 1, 1))):
        for name, kpi in BY_ID.items():
            if kpi.denominator is None:
                assert figures[name]["value"] == 0, name
            else:
                assert (figures[name]["denominator"], figures[name]["value"]) == (0, None), name
