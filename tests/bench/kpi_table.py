"""At 3 million dossiers, 300 agencies and 400 days, side by side on one database.

`kpi_table_vs_sql`, `kpi_table_vs_duckdb`: all KPIs of all agencies for 30 days, computed anew, against the best indexed SQL
over the dossiers and DuckDB over Parquet. `as_of`: a position of a day ago against now. `open_figure`: a page of 100 dossiers
against a plain indexed select. `rebuild`: all counters from the versions against a plain GROUP BY over the same versions.
`kpi_flat`: 5 million dossiers against 100.000.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from services.metrics.agencies import store as catalogue
from services.metrics.consistency import service as consistency_service
from services.metrics.counting.edges import Edge
from services.metrics.figures import drilldown as drilldown_store
from services.metrics.figures import service as figures
from services.metrics.figures.kpis.catalogue import BY_ID
from services.metrics.figures.query import KpiQuery, key_of_figure, key_of_row
from services.metrics.periods import Period
from shared.contracts.keys import Subtrees
from shared.database import Connection, Database
from tests.bench import _province as dossiers
from tests.bench._rivals import Duck, flow, index_dossiers, of, statement
from tests.bench._rows import parts, row

DOSSIERS = int(os.environ.get("BENCH_DOSSIERS", "3000000"))
LARGE = DOSSIERS * 5 // 3
SMALL = 100_000
A_DAY = 25_000
"""Versions of a day: 2 million dossiers and 10 million events a year."""

PERIOD, YEAR = Period(dossiers.SINCE, dossiers.UNTIL), Period(dossiers.FIRST, dossiers.UNTIL)
Timed = Callable[[], Awaitable[Any]]


async def seconds(work: Timed) -> float:
    """How long it takes."""
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def in_turn(runs: int, *works: Timed) -> list[list[float]]:
    """Seconds of each, measured in turn, after one round that does not count."""
    measured: list[list[float]] = [[] for _ in works]
    for run in range(runs + 1):
        for place, work in enumerate(works):
            taken = await seconds(work)
            if run:
                measured[place].append(taken)
    return measured


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The rows."""
    rows: dict[str, dict[str, Any]] = {}
    async with parts() as made:
        url = await made.database("metrics")
        database, readers = Database(url, size=2), Database(url, size=1, plans="once")  # as the service reads
        await dossiers.write(database, "30", DOSSIERS)
        async with readers.connection() as connection:
            await index_dossiers(connection, "30")
            await connection.execute("VACUUM ANALYZE rival.dossier")
            duck = Duck(made.folder)
            await duck.load(connection)
            rows |= await _table(connection, duck, runs)
            await connection.execute("DROP SCHEMA rival CASCADE")
        news = dossiers.changes(random.Random(1), DOSSIERS + 1, A_DAY, DOSSIERS)
        await dossiers.count_changes(database, "30", news, 1_000)
        async with readers.connection() as connection:
            rows |= await _then(connection, runs)
            rows |= await _dossier(connection, runs)
        rows |= await _rebuilt(database, runs)
        await dossiers.write(database, "small", SMALL, bulk=False)
        async with database.transaction() as tx:
            await tx.execute("DELETE FROM metrics.dossier_version WHERE province = '30' AND position > $1", DOSSIERS)
            await dossiers.write_versions(tx, "30", DOSSIERS + 1, LARGE, LARGE)
            for table in ("agency_day", "agency_month"):  # written anew, as those of the small province
                await tx.execute(f"DELETE FROM metrics.{table} WHERE province = '30'")
            await dossiers.recount(tx, "30", LARGE)
        async with readers.connection() as connection:
            await connection.execute("VACUUM ANALYZE metrics.agency_day, metrics.agency_month")
            ask = {province: await asking(connection, province) for province in ("30", "small")}
            large, small = await in_turn(runs, ask["30"], ask["small"])
            rows["kpi_flat"] = row([1_000 * one for one in large], [1_000 * one for one in small], "ms", "lower")
        await readers.close()
        await database.close()
    return rows


async def asking(connection: Connection, province: str, as_of: int | None = None) -> Timed:
    """What asks for all KPIs of all agencies for 30 days."""
    units = await catalogue.units(connection, province)
    query = KpiQuery(province, PERIOD, by="agency", as_of=as_of)

    async def ask() -> None:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found = (await figures.compute_kpis_as_json(connection, query, units, None)).response
        if len(found.rows) < dossiers.AGENCIES or not found.balance.ok:
            raise RuntimeError("the table is not whole")

    return ask


async def _table(connection: Connection, duck: Duck, runs: int) -> dict[str, dict[str, Any]]:
    text = statement("rival.dossier", str(PERIOD.since), str(PERIOD.until))

    async def sql() -> None:
        await connection.fetch(text)

    async def parquet() -> None:
        duck.ask(str(PERIOD.since), str(PERIOD.until))

    ours, indexed, ducks = await in_turn(runs, await asking(connection, "30"), sql, parquet)

    def rate(taken: list[float]) -> list[float]:
        return [1 / one for one in taken]

    return {
        "kpi_table_vs_sql": row(rate(ours), rate(indexed), "tables/s", "higher"),
        "kpi_table_vs_duckdb": row(rate(ours), rate(ducks), "tables/s", "higher"),
    }


async def _then(connection: Connection, runs: int) -> dict[str, dict[str, Any]]:
    then, now = await in_turn(runs, await asking(connection, "30", as_of=DOSSIERS), await asking(connection, "30"))
    return {"as_of": row([1_000 * one for one in then], [1_000 * one for one in now], "ms", "lower")}


async def _dossier(connection: Connection, runs: int) -> dict[str, dict[str, Any]]:
    units = await catalogue.units(connection, "30")
    position = await connection.fetchval("SELECT position FROM metrics.province WHERE province = '30'")
    key = units.keys[7]
    row_key = key_of_row(KpiQuery("30", YEAR), position, Subtrees((key,)))
    figure = key_of_figure(row_key, BY_ID["resolved_early"])

    async def select_dossiers() -> None:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found = await drilldown_store.drilldown_page(
                connection, figure, units, None, part="numerator", after=None, limit=100
            )
        if len(found.response.dossiers) != 100:
            raise RuntimeError("the page is not whole")

    async def select() -> None:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found = await connection.fetch(
                "SELECT number, code, position, agency_no, procedure, status, channel::text, received_on, due_on, ended_on,"
                " outcome::text, timeliness::text, portal_timeliness::text, cause FROM metrics.dossier_version"
                " WHERE province = '30' AND agency_no = 7 AND ended_on BETWEEN $1 AND $2 AND timeliness = 'early'"
                " AND outcome = 'resolved' ORDER BY ended_on, number LIMIT 100",
                YEAR.since,
                YEAR.until,
            )
        if len(found) != 100:
            raise RuntimeError("the page is not whole")

    ours, plain = await in_turn(max(runs, 50), select_dossiers, select)
    return {"open_figure": row([1_000 * one for one in ours], [1_000 * one for one in plain], "ms", "lower")}


async def _rebuilt(database: Database, runs: int) -> dict[str, dict[str, Any]]:
    async def rebuild() -> None:
        await consistency_service.rebuild(database, "30")

    async def group() -> None:
        async with database.transaction() as tx:
            await tx.execute(_PLAIN)

    async with database.connection() as connection:
        await connection.execute("VACUUM ANALYZE metrics.dossier_version")
        versions = await connection.fetchval("SELECT count(*) FROM metrics.dossier_version WHERE province = '30'")
    ours, plain = [], []
    for _ in range(runs):
        async with database.connection() as connection:
            for table in ("agency_day", "agency_month"):  # all of them are to be made
                await connection.execute(f"DELETE FROM metrics.{table} WHERE province = '30'")
                await connection.execute(f"VACUUM metrics.{table}")
        ours.append(await seconds(rebuild))
        plain.append(await seconds(group))
    return {"rebuild": row([versions / one for one in ours], [versions / one for one in plain], "versions/s", "higher")}


_PLAIN = f"""
CREATE TEMP TABLE plain_received ON COMMIT DROP AS
    SELECT agency_no, received_on, {", ".join(map(flow, of(Edge.received)))} FROM metrics.dossier_version AS dossier
    WHERE province = '30' GROUP BY 1, 2;
CREATE TEMP TABLE plain_ended ON COMMIT DROP AS
    SELECT agency_no, ended_on, {", ".join(map(flow, of(Edge.ended)))} FROM metrics.dossier_version AS dossier
    WHERE province = '30' GROUP BY 1, 2;
"""
"""The flows alone, by agency and day: no stocks, and superseded versions count too. Less than a rebuild has to do."""
