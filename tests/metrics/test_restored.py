"""An ingest that was restored from a backup, or exchanged, is not followed silently."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.local.services import Process
from services.metrics.clients import Ingest
from services.metrics.figures import freshness
from services.metrics.following import follow
from services.metrics.store import streams
from shared.database import Database
from tests.conftest import NewDatabase, Processes
from tests.metrics.feed import KEY, Feed, serving
from tests.metrics.worlds import random_feed

QUICK = {"look_seconds": "0.1", "heartbeat_seconds": "0.2"}
PERIOD = {"from": "2023-06-01", "to": "2023-06-30", "kpi": "received_new"}


async def state(database: Database) -> streams.Stream:
    async with database.transaction() as tx:
        known = await streams.stream(tx, "30")
    assert known is not None
    return known


def exchanged(feed: Feed) -> None:
    feed.epoch = "another"


def set_back(feed: Feed) -> None:
    del feed.items[40:]


def caught_up(feed: Feed) -> None:
    feed.items[40:] = random_feed(random.Random(8), 30, 120)[40:]


def gone(feed: Feed) -> None:
    feed.stream, feed.items = "31", []


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (exchanged, "its epoch is another and was first"),
        (set_back, "its head is below that position"),
        (caught_up, "it has another version at that position"),
        (gone, "ingest does not have the stream any more"),
    ],
)
async def test_nothing_of_another_feed_is_counted_until_the_old_one_is_back_or_it_is_begun_anew(
    metrics_database: Database, happens: Callable[[Feed], None], why: str
) -> None:
    async with serving(Feed(random_feed(random.Random(7), 30, 80))) as feed, Ingest(feed.url, KEY) as ingest:
        await follow(metrics_database, ingest)
        own = list(feed.items)
        before = await state(metrics_database)
        assert (before.position, before.restored, freshness(before)["complete"]) == (80, None, True)
        happens(feed)
        for _ in range(2):
            assert not await follow(metrics_database, ingest)
        after = await state(metrics_database)
        assert (after.position, after.restored) == (80, why)
        assert after.generation == before.generation + 1
        (reason,) = freshness(after)["reasons"]
        assert (reason["kind"], reason["count"], reason["since"]) == ("ingest_restored", 1, after.restored_at)
        # The feed that was followed is back, and has gone on meanwhile.
        replaced, stream, epoch = list(feed.items), feed.stream, feed.epoch
        feed.items, feed.stream, feed.epoch = own + random_feed(random.Random(9), 30, 90)[80:], "30", "first"
        assert await follow(metrics_database, ingest)
        again = await state(metrics_database)
        assert (again.position, again.restored, freshness(again)["reasons"]) == (90, None, [])
        # It is exchanged again, and the new one is the one to follow.
        feed.items, feed.stream, feed.epoch = replaced, stream, epoch
        await follow(metrics_database, ingest)
        assert (await state(metrics_database)).restored is not None
        feed.stream = "30"
        assert await metrics_database.run(lambda tx: streams.forget(tx, "30")) == 90
        await follow(metrics_database, ingest)
        anew = await state(metrics_database)
        assert (anew.position, anew.restored, freshness(anew)["complete"]) == (len(replaced), None, True)


async def test_a_stream_counted_before_feeds_could_be_told_apart_is_marked_at_the_next_look(metrics_database: Database) -> None:
    async with serving(Feed(random_feed(random.Random(7), 30, 80))) as feed, Ingest(feed.url, KEY) as ingest:
        await follow(metrics_database, ingest)
        async with metrics_database.transaction() as tx:
            await tx.execute("UPDATE metrics.stream SET epoch = NULL, digest = NULL")
        await follow(metrics_database, ingest)
        caught_up(feed)
        await follow(metrics_database, ingest)
        assert (await state(metrics_database)).restored == "it has another version at that position"


@dataclass
class Stack:
    """Ingest with a database of its own that can be copied and swapped, and metrics, as real processes."""

    ingest: Process
    metrics: Process
    door: httpx.AsyncClient
    watch: httpx.AsyncClient
    admin: Any
    name: str

    async def push(self, stream: str, first: int, last: int) -> None:
        events = [
            {
                "code": f"H{stream}-{number}",
                "id": "1",
                "at": "2023-06-15T09:00:00+07:00",
                "status": "processing",
                "received_at": "2023-06-15T08:00:00+07:00",
                "channel": "online",
            }
            for number in range(first, last + 1)
        ]
        (await self.door.post("/v1/events", params={"source": f"own-{stream}"}, json=events)).raise_for_status()

    async def offline(self, *statements: str) -> None:
        """Run statements while ingest is down."""
        self.ingest.stop()
        for statement in statements:
            await self.admin.execute(statement)
        self.ingest.start()
        await asyncio.to_thread(self.ingest.wait_until_ready)

    async def until(self, stream: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The answer about a stream, once it is so."""
        async with asyncio.timeout(60):
            while True:
                answer = await self.watch.get("/v1/kpis", params={"stream": stream, **PERIOD})
                if answer.status_code == 200 and holds(answer.json()):
                    found: dict[str, Any] = answer.json()
                    return found
                await asyncio.sleep(0.1)

    async def counted(self, stream: str, position: int) -> float:
        """How many dossiers are counted as received, at a position."""
        answer = await self.until(stream, lambda answer: answer["position"] == position)
        value: float = answer["total"]["figures"]["received_new"]["value"]
        return value


@pytest.fixture
async def stack(processes: Processes, new_database: NewDatabase) -> AsyncIterator[Stack]:
    ingest_url, metrics_url = await new_database("ingest"), await new_database("metrics")
    key = await processes.key("ingest", ingest_url, "feed:read", "events:write", "sources:manage")
    reader = await processes.key("metrics", metrics_url, "figures:read", "figures:write", "ops:read")
    ingest = processes.api("ingest", database_url=ingest_url)
    address = {"ingest_url": ingest.url, "ingest_key": key}
    metrics = processes.api("metrics", database_url=metrics_url, **address)
    processes.worker("metrics", database_url=metrics_url, **QUICK, **address)
    admin = await asyncpg.connect(ingest_url.rpartition("/")[0] + "/postgres")
    async with (
        httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": key}, timeout=30) as door,
        httpx.AsyncClient(base_url=metrics.url, headers={"X-API-Key": reader}, timeout=30) as watch,
    ):
        for stream in ("30", "31"):
            source = {"stream": stream, "kind": "own", "settings": {}}
            (await door.put(f"/v1/sources/own-{stream}", json=source)).raise_for_status()
        yield Stack(ingest, metrics, door, watch, admin, ingest_url.rpartition("/")[2])
    await admin.close()


async def test_after_a_restore_nothing_is_counted_wrongly_and_all_say_so_until_it_is_begun_anew(stack: Stack) -> None:
    name = stack.name
    await stack.push("30", 1, 20)
    await stack.push("31", 1, 5)
    assert (await stack.counted("30", 20), await stack.counted("31", 5)) == (20, 5)
    await stack.offline(f"CREATE DATABASE {name}_backup TEMPLATE {name}")
    await stack.push("30", 21, 50)
    assert await stack.counted("30", 50) == 50

    await stack.offline(f"DROP DATABASE {name}", f"ALTER DATABASE {name}_backup RENAME TO {name}")
    await stack.push("30", 1_001, 1_050)
    await stack.push("31", 6, 9)
    assert await stack.counted("31", 9) == 9
    restored = await stack.until("30", lambda answer: not answer["freshness"]["complete"])
    assert (restored["position"], restored["total"]["figures"]["received_new"]["value"]) == (50, 50)
    assert "ingest_restored" in {reason["kind"] for reason in restored["freshness"]["reasons"]}
    ready = await stack.watch.get("/readyz")
    assert (ready.status_code, ready.json()["type"].rpartition("/")[2]) == (503, "ingest-restored")
    assert "POST /v1/streams/30/resync" in ready.json()["detail"]

    answer = await stack.watch.post("/v1/streams/30/resync")
    assert answer.json() == {"stream": "30", "forgotten": 50}
    assert await stack.counted("30", 70) == 70
    assert (await stack.watch.post("/v1/proofs", params={"stream": "30"})).json()["ok"] is True
    assert (await stack.watch.get("/readyz")).status_code == 200
