"""Whatever dies while counting, everything counts once; whoever dies while answering, nobody is shown the past again."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any, cast

import asyncpg
import httpx
import orjson
import pytest

from deploy.local.postgres import start_postgres
from migrations.upgrade import upgrade
from services.metrics.agencies import store as catalogue
from services.metrics.counting import service as rollup
from services.metrics.figures.store import sums
from services.metrics.periods import Period
from services.metrics.provinces.store import batches
from shared.database import TRANSIENT_ERRORS, Connection, Database
from tests.conftest import Processes
from tests.metrics import worlds
from tests.metrics.conftest import Api
from tests.metrics.test_counters import assert_equal_to_count
from tests.metrics.test_kpis_api import count_more, received_now
from tests.metrics.worlds import random_feed
from tests.patience import PATIENCE, until

STATEMENTS = {"execute", "executemany", "fetch", "fetchrow", "fetchval", "copy_records_to_table"}


class Dying:
    """A session that the server ends just before its n-th statement."""

    def __init__(self, connection: Connection, killer: Connection, at: int) -> None:
        self._connection, self._killer, self._left = connection, killer, at
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        if name not in STATEMENTS:
            return found

        async def counted(*words: Any, **named: Any) -> Any:
            self.asked += 1
            if self.asked == self._left:
                await self._killer.execute("SELECT pg_terminate_backend($1)", self._connection.get_server_pid())
                await asyncio.sleep(0.02)
            return await found(*words, **named)

        return counted


async def test_dead_at_any_statement_of_a_batch_it_counts_the_batch_once(metrics_database: Database) -> None:
    feed = random_feed(random.Random(61), 60, 900)
    done = deaths = 0
    async with metrics_database.connection() as killer:
        for statement in range(1, 60):
            batch = feed[done : done + 25]
            sessions: list[Dying] = []

            async def work(tx: Connection, batch: Any = batch, at: int = statement, sessions: list[Dying] = sessions) -> None:
                sessions.append(Dying(tx, killer, at))
                await rollup.apply(cast(Connection, sessions[-1]), "30", batch, len(feed))

            try:
                await metrics_database.run(work, attempts=1)
            except (*TRANSIENT_ERRORS, asyncpg.PostgresError):
                deaths += 1
                await metrics_database.run(lambda tx, batch=batch: rollup.apply(tx, "30", batch, len(feed)))  # type: ignore[misc]
            else:
                break
            done += len(batch)
        done += len(batch)
    assert deaths >= 8
    assert deaths == sessions[-1].asked
    period = Period(worlds.day(3), worlds.day(50))
    async with metrics_database.transaction() as tx:
        units = await catalogue.units(tx, "30")
        found = await sums.now(tx, sums.CounterQuery("30", sorted(units.everything), period, "agency"))
        assert_equal_to_count(found, units, worlds.state(feed, done), period)


async def test_two_workers_at_once_count_every_version_once(metrics_database: Database) -> None:
    feed = random_feed(random.Random(62), 60, 400)

    async def worker() -> None:
        done = 0
        while done < len(feed):
            batch = feed[done : done + 40]
            done = max(done, await metrics_database.run(lambda tx, batch=batch: rollup.apply(tx, "30", batch, 400)))  # type: ignore[misc]

    await asyncio.gather(worker(), worker(), worker())
    period = Period(worlds.day(3), worlds.day(50))
    async with metrics_database.transaction() as tx:
        units = await catalogue.units(tx, "30")
        found = await sums.now(tx, sums.CounterQuery("30", sorted(units.everything), period, "agency"))
        assert_equal_to_count(found, units, worlds.state(feed, 400), period)


class Line:
    """A kept connection that asks one question; httpx would take longer to ask than the server to answer."""

    def __init__(self, url: str, target: str, key: str) -> None:
        self.url = url
        self._host = httpx.URL(url).netloc.decode()
        self._head = f"GET {target} HTTP/1.1\r\nHost: {self._host}\r\nX-API-Key: {key}\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, etag: str) -> tuple[int, str, bytes]:
        """Status, ETag and body; raises `OSError` or `EOFError` when nobody is there."""
        try:
            if self._streams is None:
                host, _, port = self._host.partition(":")
                self._streams = await asyncio.open_connection(host, int(port))
            reader, writer = self._streams
            seen = f"If-None-Match: {etag}\r\n" if etag else ""
            writer.write(f"{self._head}{seen}\r\n".encode())
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        except (OSError, EOFError):
            self.close()
            raise
        return int(first.split()[1]), headers.get("etag", ""), body

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def test_ten_thousand_reads_over_two_processes_of_which_one_dies_are_never_older_than_seen(
    api: Api, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, readers = 10_000, 10
    await api.count([received_now(1, 1)])

    async def lost(_tx: Any, _province: str) -> None:
        """Nobody is told: each process finds out by its own look, one up to a second after the other."""

    monkeypatch.setattr(batches, "announce", lost)
    other = processes.api("metrics", database_url=api.owner_url)
    words = {"province": api.province, "from": str(worlds.day(0)), "to": str(worlds.day(60)), "kpi": "received_new"}
    target = f"/v1/kpis?{httpx.QueryParams(words)}"
    answered: Counter[tuple[str, int]] = Counter()
    older: list[tuple[int, int]] = []
    refused = 0
    everything = asyncio.Event()

    written_so_far = 0

    async def read(source: random.Random) -> None:
        nonlocal refused
        lines = [Line(url, target, api.key) for url in (str(api.client.base_url), other.url)]
        etag, seen = "", 0
        while not everything.is_set():
            line = source.choice(lines)
            try:
                status, given, body = await line.ask(etag)
            except (OSError, EOFError):
                refused += 1  # the one that was killed: ask again
                await asyncio.sleep(0)
                continue
            answered[line.url, status] += 1
            if status == 200:
                etag, position = given, orjson.loads(body)["position"]
                if position < seen:
                    older.append((seen, position))
                seen = position
            if answered.total() >= reads and written_so_far > 20:
                everything.set()
        for line in lines:
            line.close()

    async def write() -> int:
        nonlocal written_so_far
        position = 1
        while not everything.is_set():
            position += 1
            written_so_far += 1
            await count_more(api, [received_now(position, position)])
            await asyncio.sleep(0.03)
            if other.ended() is None and answered.total() >= reads // 2:
                other.kill()
        return position

    writing = asyncio.create_task(write())
    await asyncio.gather(writing, *(read(random.Random(number)) for number in range(readers)))
    assert older == []
    assert {status for _, status in answered} == {200, 304}
    assert sum(count for (url, _), count in answered.items() if url == other.url) > reads // 6
    assert refused >= readers
    assert writing.result() > 20


async def test_a_database_that_restarts_is_followed_again_by_itself(folder: Any, redis: Any) -> None:
    server = start_postgres(folder / "restarting", durable=True)
    running = Processes(folder / "restarting-logs", redis.url)
    try:
        await asyncio.to_thread(upgrade, "metrics", server.url())
        process = running.api("metrics", database_url=server.url())
        key = await running.key("metrics", server.url(), "figures:read")
        database = Database(server.url(), size=2)
        api = Api(
            httpx.AsyncClient(base_url=process.url, headers={"X-API-Key": key}, timeout=PATIENCE),
            database,
            server.url(),
            key,
            "30",
        )
        await api.count([received_now(1, 1)])
        await api.until(1, "/v1/kpis", kpi="received_new")
        server.kill()
        server = start_postgres(folder / "restarting", durable=True, port=server.port)
        await count_more(api, [received_now(2, 2)])

        async def response() -> httpx.Response:
            found = await api.client.get("/v1/kpis", params={"province": "30", "kpi": "received_new"})
            assert found.status_code in (200, 503)
            return found

        await until(response, lambda one: one.status_code == 200 and one.json()["position"] == 2)
        await api.client.aclose()
        await database.close()
    finally:
        for started in running.started:
            started.kill()
        server.stop()
