"""Turns: whose source is pulled next, and what ends a pull that only waits."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.ingest.inquiries import procedures as offers
from services.ingest.inquiries import service as inquiries
from services.ingest.inquiries.model import ProcedureOffer
from services.ingest.inquiries.store import read_response
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls.service import MAX_SOURCES_PER_PROVINCE
from services.ingest.sources.model import Arrival
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from services.ingest.sources.traits import kinds_that_come
from services.ingest.worker import SOURCES_AT_ONCE
from shared.database import Connection, Database
from tests.conftest import NewDatabase, Processes
from tests.ingest.portals import Scripted, answer
from tests.patience import PATIENCE

PULLED = kinds_that_come(Arrival.pulled)

NOW = datetime(2026, 1, 5, tzinfo=UTC)
EMPTY = answer(200, json.dumps({"content": [], "totalElements": 0, "size": 1_000}).encode())


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def connect(
    tx: Connection, province: str, name: str, url: str = "http://portal", now: datetime = NOW, **limits: object
) -> None:
    await provinces_store.ensure(tx, province)
    settings = {"base_url": url, "without_token": True, **limits}
    await sources_store.put_source(
        tx, name=name, province=province, kind="igate", settings=settings, secret=None, every_seconds=0.5, enabled=True, now=now
    )


async def leased(tx: Connection, worker: str) -> SourceRow | None:
    return await sources_store.lease_due(
        tx,
        worker,
        kinds_that_come(Arrival.pulled),
        max_per_province=MAX_SOURCES_PER_PROVINCE,
        now=NOW + timedelta(hours=1),
        until=NOW + timedelta(hours=2),
    )


async def test_provinces_take_turns_and_none_takes_them_all(ingest_database: Database) -> None:
    async with ingest_database.transaction() as tx:
        for number in range(6):
            await connect(tx, "31", f"many-{number}")
        await connect(tx, "30", "last", now=NOW + timedelta(minutes=1))
    # All at once, as when a ring wakes all turns.
    taken = await asyncio.gather(
        *(ingest_database.run(lambda tx, worker=f"w{n}": leased(tx, worker)) for n in range(6))  # type: ignore[misc]
    )
    assert sorted(source.province for source in taken if source is not None) == ["30", *["31"] * MAX_SOURCES_PER_PROVINCE]

    async with ingest_database.transaction() as tx:
        await tx.execute("UPDATE ingest.source SET lease_by = NULL, lease_until = NULL")
        one_by_one = [await leased(tx, f"w{n}") for n in range(4)]
    # What has been due for longer, then the province of which nothing is read, whenever it came.
    assert [source and source.province for source in one_by_one] == ["31", "30", "31", None]


async def until(fact: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await fact():
            await asyncio.sleep(0.1)


async def test_a_portal_that_never_answers_holds_up_neither_other_provinces_nor_those_who_stop_it(
    processes: Processes, new_database: NewDatabase
) -> None:
    url = await new_database("ingest")
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    connection = await asyncpg.connect(url)
    states = "SELECT source, array_agg(state ORDER BY id) FROM ingest.pull GROUP BY source"

    async def of(state: str) -> list[str]:
        return [name for name, found in await connection.fetch(states) if state in found]

    async def many_hang() -> bool:
        return len(await of("running")) >= MAX_SOURCES_PER_PROVINCE

    async def other_is_pulled() -> bool:
        whole: int = await connection.fetchval("SELECT count(*) FROM ingest.pull WHERE source = 'b' AND state = 'complete'")
        return whole > 2

    async with Scripted([silent]).serving() as hanging, Scripted([EMPTY]).serving() as lively:
        for number in range(SOURCES_AT_ONCE + 1):
            await connect(connection, "31", f"a{number}", hanging, long_ago)
        worker = await asyncio.to_thread(processes.worker, "ingest", database_url=url)
        await until(many_hang)
        await connect(connection, "30", "b", lively, datetime.now(UTC))
        await until(other_is_pulled)

        (first, *_) = [name for name in await of("running") if name != "b"]
        await connection.execute("UPDATE ingest.source SET enabled = false WHERE name = $1", first)

        async def has_ended() -> bool:
            return first in await of("interrupted")

        await until(has_ended)
        await until(many_hang)

        worker.request_stop()
        async with asyncio.timeout(PATIENCE):
            while worker.ended() is None:
                await asyncio.sleep(0.1)
        assert worker.ended() == 0
        assert not await of("running")
        last = await connection.fetchval("SELECT last_error FROM ingest.pull WHERE source <> $1 ORDER BY id LIMIT 1", first)
        assert "worker was stopped" in last
    await connection.close()


async def test_a_pull_whose_worker_is_killed_tells_the_calls_that_it_made(
    processes: Processes, new_database: NewDatabase
) -> None:
    url = await new_database("ingest")
    connection = await asyncpg.connect(url)
    failing = Scripted([answer(500)])
    async with failing.serving() as portal:
        await connect(connection, "31", "a", portal, datetime.now(UTC) - timedelta(hours=1))
        worker = await asyncio.to_thread(processes.worker, "ingest", database_url=url)

        async def has_called() -> bool:
            calls: int | None = await connection.fetchval("SELECT max(calls) FROM ingest.pull WHERE state = 'running'")
            return (calls or 0) > 1

        await until(has_called)
        worker.kill()
    await connection.close()


class Listening:
    """A portal with an empty list that notes when it was called; once it says to come again later."""

    def __init__(self) -> None:
        self.arrivals: list[float] = []
        self.refused_at = 0.0
        self.refuses = False

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        self.arrivals.append(time.monotonic())
        if self.refuses:
            self.refuses, self.refused_at = False, time.monotonic()
            await answer(429, retry_after="2")(writer)
        else:
            await EMPTY(writer)

    def most_within_a_second(self) -> int:
        return max(sum(0 <= other - one < 1 for other in self.arrivals) for one in self.arrivals)


async def test_two_workers_keep_the_rate_of_a_host_and_its_retry_after_together(
    processes: Processes, new_database: NewDatabase
) -> None:
    url = await new_database("ingest")
    connection = await asyncpg.connect(url)
    portal = Listening()
    workers: set[str] = set()
    async with Scripted([portal]).serving() as there:
        for number in range(8):
            await connect(connection, f"{30 + number}", f"s{number}", there, datetime.now(UTC), rate=8)
        for _ in range(2):
            await asyncio.to_thread(processes.worker, "ingest", database_url=url)

        async def both_call() -> bool:
            leases = await connection.fetch("SELECT lease_by FROM ingest.source WHERE lease_by IS NOT NULL")
            workers.update(lease["lease_by"].rpartition(":")[0] for lease in leases)
            return len(workers) > 1

        await until(both_call)
        portal.arrivals.clear()

        async def has_called() -> bool:
            return len(portal.arrivals) > 15

        await until(has_called)
        portal.refuses = True

        async def has_called_again() -> bool:
            return portal.refused_at > 0 and portal.arrivals[-1] > portal.refused_at + 2

        await until(has_called_again)
    # The host gives 9.8 turns a second, and a call that has taken its turn may arrive late: one of each process.
    assert portal.most_within_a_second() <= 10 + 2
    assert sum(0 < arrival - portal.refused_at < 1.9 for arrival in portal.arrivals) <= 2
    await connection.close()


async def test_whoever_waits_for_a_sources_catalogue_is_not_kept_by_a_portal_that_hangs(
    ingest_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "READ_SECONDS", 0.2)
    async with Scripted([silent]).serving() as hanging:
        async with ingest_database.transaction() as tx:
            await connect(tx, "31", "a", hanging)
            number = await inquiries.order(tx, "procedures", "a", datetime.now(UTC))
        async with asyncio.timeout(PATIENCE):
            assert await inquiries.respond_next(ingest_database, "procedures", offers.read_offer, datetime.now(UTC))
    async with ingest_database.connection() as given:
        response = await read_response(given, number, ProcedureOffer)
    assert response is not None
    assert response.failure == "away"
