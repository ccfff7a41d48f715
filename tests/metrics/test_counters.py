"""The counters against a count by hand: day by day, in plain Python, through corrections, reopenings, moves and deletions."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.metrics.agencies import store as catalogue
from services.metrics.agencies.model import Units
from services.metrics.counting import service as rollup
from services.metrics.counting.service import FeedGap
from services.metrics.figures.kpis.algebra import EMPTY, CounterRow
from services.metrics.figures.kpis.catalogue import BALANCE, BY_ID, KPIS
from services.metrics.figures.service import formulas_of
from services.metrics.figures.store import drilldown as drilldown_store
from services.metrics.figures.store import sums
from services.metrics.periods import Period
from services.metrics.provinces.store import batches, provinces
from shared.contracts.feed import FeedItem
from shared.database import Connection, Database
from shared.dossier import Facts, Status
from tests.metrics import by_hand, worlds
from tests.metrics.conftest import World

Counted = Callable[..., Awaitable[World]]
FORMULAS = formulas_of(KPIS)


def figures(row: CounterRow) -> dict[str, tuple[int | None, int | None]]:
    counts = FORMULAS.counts(row)
    return {kpi.id: (counts[2 * place], counts[2 * place + 1]) for place, kpi in enumerate(KPIS)}


async def rows(tx: Connection, units: Units, period: Period, position: int) -> dict[int, CounterRow]:
    return await sums.as_of(tx, sums.CounterQuery("30", sorted(units.everything), period, "agency"), position)


def assert_equal_to_count(found: dict[int, CounterRow], units: Units, state: dict[int, Facts], period: Period) -> int:
    compared = 0
    for number in units.everything:
        key = units.keys.get(number)
        expected = by_hand.kpis([facts for facts in state.values() if facts.agency == key], period.since, period.until)
        got = figures(found.get(number, EMPTY))
        assert {name: got[name] for name in expected} == expected, (key, period)
        compared += len(expected)
    return compared


@pytest.mark.parametrize("seed", range(6))
async def test_every_kpi_of_every_agency_equals_a_count_by_hand_now_and_as_it_was_known(
    counted: Counted, metrics_database: Database, seed: int
) -> None:
    world = await counted(seed)
    source = random.Random(seed)
    compared = 0
    async with metrics_database.transaction() as tx:
        units = await catalogue.units(tx, "30")
        for position in (world.ends[-1], *source.sample(world.ends, 4)):
            state = worlds.state(world.feed, position)
            for length in (0, 6, 29, 64):
                since = worlds.day(source.randint(-5, 95))
                period = Period(since, since + (worlds.day(length) - worlds.day(0)))
                compared += assert_equal_to_count(await rows(tx, units, period, position), units, state, period)
    assert compared > 4_000


async def test_a_position_inside_a_batch_answers_as_of_the_batch_before(counted: Counted, metrics_database: Database) -> None:
    world = await counted(11, versions=200)
    inside = next(end for end, after in zip(world.ends, world.ends[1:], strict=False) if after > end + 1)
    async with metrics_database.transaction() as tx:
        assert await batches.batch_at(tx, "30", inside + 1) == inside
        assert await batches.batch_at(tx, "30", inside) == inside
        assert await batches.batch_at(tx, "30", 0) == 0


async def test_batches_of_any_size_give_the_same_counters(
    counted: Counted, metrics_database: Database, new_database: Any
) -> None:
    world = await counted(5, versions=300)
    other = Database(await new_database("metrics"), size=2)

    async def at_once(tx: Connection) -> None:
        await rollup.apply(tx, "30", world.feed, len(world.feed))

    await other.run(at_once)
    query = "SELECT counter.*, key FROM metrics.agency_day AS counter LEFT JOIN metrics.agency USING (province, agency_no)"
    counts = []
    for database in (metrics_database, other):
        async with database.transaction() as tx:
            cells = {(row["key"], row["day"]): row for row in await tx.fetch(query)}
            kept = {
                place: {name: value for name, value in row.items() if value and not name.endswith("_no")}
                for place, row in cells.items()
            }
            counts.append({place: row for place, row in kept.items() if len(row) > 4})
    await other.close()
    assert counts[0]
    assert counts[0] == counts[1]


async def test_the_same_piece_of_the_feed_twice_counts_once(counted: Counted, metrics_database: Database) -> None:
    world = await counted(3, versions=120)

    async def again(tx: Connection) -> tuple[int, list[Any]]:
        reached = await rollup.apply(tx, "30", world.feed[-20:], len(world.feed))
        return reached, await tx.fetch("SELECT * FROM metrics.agency_day ORDER BY 1, 2, 3, 4")

    async with metrics_database.transaction() as tx:
        before = await tx.fetch("SELECT * FROM metrics.agency_day ORDER BY 1, 2, 3, 4")
    reached, after = await metrics_database.run(again)
    assert reached == world.ends[-1]
    assert before == after


async def test_a_gap_in_the_feed_is_refused_and_counts_nothing(counted: Counted, metrics_database: Database) -> None:
    world = await counted(4, versions=50)
    item = FeedItem(world.ends[-1] + 2, 1, Facts(code="x", status=Status.received, received_on=worlds.day(1)))

    async def skip(tx: Connection) -> None:
        await rollup.apply(tx, "30", [item], item.position)

    with pytest.raises(FeedGap, match="up to 50"):
        await metrics_database.run(skip)
    async with metrics_database.transaction() as tx:
        known = await provinces.province(tx, "30")
    assert known is not None
    assert known.position == 50


async def test_received_and_carried_over_equal_resolved_and_in_process_in_every_cell(
    counted: Counted, metrics_database: Database
) -> None:
    await counted(8)
    left, right = BALANCE
    async with metrics_database.transaction() as tx:
        units = await catalogue.units(tx, "30")
        for offset in range(0, 90, 7):
            period = Period(worlds.day(offset), worlds.day(offset + 13))
            for row in (await rows(tx, units, period, 10**9)).values():
                assert row.of(left) == row.of(right)


async def test_interlinked_procedures_add_up_to_the_interlinked_figures(counted: Counted, metrics_database: Database) -> None:
    world = await counted(9)
    period = Period(worlds.day(5), worlds.day(60))
    state = worlds.state(world.feed, world.ends[-1])
    async with metrics_database.transaction() as tx:
        units = await catalogue.units(tx, "30")
        read = await drilldown_store.by_procedure(tx, "30", sorted(units.everything), period, world.ends[-1])
        found = {code: figures(row) for code, row in read.items()}
    assert set(found) == set(worlds.PROCEDURES)
    for code, got in found.items():
        of_it = [facts for facts in state.values() if facts.interlinked and facts.procedure == code]
        expected = by_hand.kpis(of_it, period.since, period.until)
        assert {name: got[name] for name in expected} == expected


def test_the_oracle_counts_every_kpi_but_percentiles_and_what_people_enter() -> None:
    counted = set(by_hand.kpis([], worlds.day(0), worlds.day(1)))
    percentiles = {kpi.id for kpi in KPIS if kpi.percentile is not None}
    assert set(BY_ID) - counted == percentiles | {"satisfaction", "feedback_in_time_share", "petitions_satisfied_share"}
    assert counted <= set(BY_ID)


async def test_few_columns_are_read_as_all_of_them_are(counted: Counted, metrics_database: Database) -> None:
    world = await counted(10, versions=200)
    period = Period(worlds.day(5), worlds.day(45))
    async with metrics_database.transaction() as tx:
        units = await catalogue.units(tx, "30")
        for position in (world.ends[-1], world.ends[-2], world.ends[0]):
            whole = await sums.as_of(tx, sums.CounterQuery("30", sorted(units.everything), period), position)
            for kpi in KPIS:
                columns = frozenset(formulas_of((kpi,)).columns)
                few = await sums.as_of(tx, sums.CounterQuery("30", sorted(units.everything), period, columns=columns), position)
                counts = formulas_of((kpi,)).counts
                assert counts(few.get(0, EMPTY)) == counts(whole.get(0, EMPTY)), kpi.id
