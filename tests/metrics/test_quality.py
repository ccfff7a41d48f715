"""Quality of the synchronisation: what has a position is a figure, what has none is told of the moment."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.metrics.agencies import store as catalogue
from services.metrics.consistency import store as checks
from services.metrics.figures.kpis.algebra import CounterRow
from services.metrics.figures.store import sums
from services.metrics.figures.store.sums import CounterQuery
from services.metrics.periods import Period
from services.metrics.provinces.store import provinces
from shared.database import Connection, Database
from tests.metrics import worlds
from tests.metrics.conftest import Api, World
from tests.metrics.stack import kinds_in
from tests.patience import until

Counted = Callable[..., Awaitable[World]]


async def unmapped(tx: Connection, position: int) -> dict[int, CounterRow]:
    units = await catalogue.units(tx, "30")
    asked = CounterQuery("30", sorted(units.everything), Period(worlds.day(-5), worlds.day(90)), "agency")
    return await sums.as_of(tx, asked, position)


async def test_dossiers_counted_before_the_measure_was_are_counted_by_the_migration_at_every_position(
    counted: Counted, metrics_database: Database
) -> None:
    world = await counted(21)
    migration = importlib.import_module("migrations.metrics.0006_unmapped")
    async with metrics_database.transaction() as tx:
        before = [await unmapped(tx, end) for end in world.ends[::3]]
        await tx.execute("UPDATE metrics.ledger SET received_unmapped = NULL")
        for table in ("agency_day", "agency_month"):
            await tx.execute(f"UPDATE metrics.{table} SET received_unmapped = 0")
        assert [await unmapped(tx, end) for end in world.ends[::3]] != before
        for statement in migration.FILL:
            await tx.execute(statement.replace("stream", "province"))  # as the column has been called since
        assert [await unmapped(tx, end) for end in world.ends[::3]] == before
        differences = (await checks.compare(tx, "30", None)).differences
    assert differences == 0


@pytest.mark.parametrize("quarantined", [0, 3])
async def test_what_is_known_of_the_moment_alone_stands_where_the_catalogue_says(api: Api, quarantined: int) -> None:
    await api.count([])
    live = (await api.get("/v1/kpis/catalogue"))["live"]
    assert {one["id"]: one["available"] for one in live} == {"quarantined": "live only", "freshness_seconds": "live only"}
    await api.database.run(lambda tx: provinces.set_quality(tx, api.province, worlds.quiet_quality(quarantined)))
    answer = await until(
        lambda: api.get("/v1/kpis", since="2023-01-01", to="2023-01-31"),
        lambda answer: "sources_unknown" not in kinds_in(answer),
    )
    told: dict[str, Any] = {}
    for one in live:
        block, name = one["read_in"].split(".")
        assert name in answer[block]
        told[one["id"]] = answer[block][name]
    # Nobody asks ingest here, so what it said last does not hold any more: it is null, and never 0.
    assert told == {"quarantined": None, "freshness_seconds": None}
    kinds = {one["kind"]: one["count"] for one in answer["freshness"]["reasons"]}
    assert kinds.get("quarantined", 0) == quarantined
