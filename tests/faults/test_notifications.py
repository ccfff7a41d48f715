"""Whatever lies in Redis, the workers live and do their work: it only rings, and nobody knows who else writes to it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from deploy.local.redis import start_redis
from deploy.local.services import Process
from shared import notifications
from shared.access.scopes import SCOPES
from shared.notifications import Notifier, listen
from shared.settings import SERVICES
from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE

_pack = msgspec.msgpack.encode
JOB: dict[str, Any] = {"t": None, "f": "notify", "a": [""], "k": {}, "et": 1_700_000_000_000}
JOBS: list[bytes] = [
    b"",
    b"\xc1garbage",
    os.urandom(300),
    b"\x80\x04\x95N.",  # what a pickle begins with
    _pack(None),
    _pack(17),
    _pack("notify"),
    _pack([]),
    _pack({}),
    _pack({**JOB, "f": "os.system"}),
    _pack({**JOB, "f": None}),
    _pack({**JOB, "f": ["notify"]}),
    _pack({**JOB, "a": []}),
    _pack({**JOB, "a": ["", "", ""]}),
    _pack({**JOB, "a": 5}),
    _pack({**JOB, "a": [{"no": "hint"}]}),
    _pack({**JOB, "a": ["x" * 3_000_000]}),
    _pack({**JOB, "k": {"unknown": 1}}),
    _pack({**JOB, "k": [1]}),
    _pack({**JOB, "k": None}),
    _pack({**JOB, "t": "seven"}),
    _pack({**JOB, "t": 2**40}),
    _pack({**JOB, "et": "yesterday"}),
    _pack({**JOB, "et": 2**62}),
    _pack({**JOB, "et": -(2**62)}),
    _pack({**JOB, "et": None}),
]
NAMES = [b"plain", b"\xff\xfe not utf-8", b"", b"a\r\nb", b"n" * 2_000, b"%s:%d", "tên".encode()]


@dataclass
class Stack:
    """Ingest and metrics with all workers on one Redis of their own."""

    http: httpx.AsyncClient
    metrics: httpx.AsyncClient
    redis: Redis
    workers: list[Process]
    sent: int = 0

    async def count_one_more(self) -> None:
        """Push an event and wait until it is counted."""
        self.sent += 1
        at = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
        event = {"code": f"000.00.19.H30-230615-{self.sent:04}", "id": str(self.sent), "at": at}
        assert (await self.http.post("/v1/events?source=own", json=[event])).json()["accepted"] == 1
        while True:
            known = (await self.metrics.get("/v1/provinces")).json()["provinces"]
            if known and known[0]["position"] >= self.sent:
                break
            assert self.dead() == []
            await asyncio.sleep(0.05)

    def dead(self) -> list[str]:
        """Workers that ended."""
        return [worker.name for worker in self.workers if worker.ended() is not None]


@pytest_asyncio.fixture
async def stack(folder: Path, processes: Processes, new_database: NewDatabase) -> AsyncIterator[Stack]:
    server = start_redis(folder / "hostile-redis")
    processes.redis_url = server.url
    url = await new_database()
    ingest, metrics = processes.api("ingest", database_url=url), processes.api("metrics", database_url=url)
    env = {"ingest_url": ingest.url, "ingest_key": await processes.key("ingest", url, "feed:read"), "poll_seconds": "1"}
    workers = [processes.worker(service, database_url=url, **env) for service in SERVICES]
    headers = {"Authorization": f"Bearer {await processes.key('ingest', url, *SCOPES)}"}
    theirs = {"Authorization": f"Bearer {await processes.key('metrics', url, *SCOPES)}"}
    redis = Redis.from_url(server.url)
    async with (
        httpx.AsyncClient(base_url=ingest.url, headers=headers, timeout=PATIENCE) as http,
        httpx.AsyncClient(base_url=metrics.url, headers=theirs, timeout=PATIENCE) as reading,
    ):
        assert (await http.put("/v1/sources/own", json={"province": "30", "kind": "own", "settings": {}})).is_success
        made = Stack(http, reading, redis, workers)
        await made.count_one_more()
        yield made
    await redis.aclose()
    server.stop()


async def _taken(stack: Stack, left: Callable[[], Awaitable[int]]) -> None:
    """Wait until nothing of what was laid is left."""
    for _ in range(2_000):
        assert stack.dead() == []
        if not await left():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("never taken")


async def test_the_workers_outlive_whatever_lies_in_redis_and_a_redis_that_refuses(stack: Stack) -> None:
    for queue in SERVICES:
        for number, body in enumerate(JOBS):
            await stack.redis.set(f"arq:job:bad-{queue}-{number}", body)
            await stack.redis.zadd(queue, {f"bad-{queue}-{number}": 1})
        for name in NAMES:
            await stack.redis.set(b"arq:job:" + name, _pack(JOB))
            await stack.redis.zadd(queue, {name: 1})
        await stack.redis.zadd(queue, {f"{queue}:": 2, f"{queue}:gone": float("-inf"), f"{queue}:late": float("inf")})
    for queue in SERVICES:
        await _taken(stack, partial(stack.redis.zcount, queue, 0, 2))
    await stack.count_one_more()
    for queue in SERVICES:
        # Keys of another type than arq's, and counters that are no numbers.
        await stack.redis.delete(queue, f"arq:job:{queue}:")
        await stack.redis.set(queue, "not a sorted set")
        await cast("Awaitable[int]", stack.redis.rpush(f"arq:job:{queue}:", "not a job"))
        await stack.redis.set(f"arq:retry:{queue}:", "not a number")
    for queue in SERVICES:
        await _taken(stack, partial(stack.redis.exists, queue))
    await stack.count_one_more()
    # A Redis that refuses to write: full, and a replica of one that is away.
    await stack.redis.config_set("maxmemory", 1)
    await stack.count_one_more()
    await stack.redis.config_set("maxmemory", 0)
    await stack.redis.replicaof("127.0.0.1", "9")
    await stack.count_one_more()
    await stack.redis.replicaof("NO", "ONE")
    await stack.count_one_more()
    assert stack.dead() == []


class Heard:
    """A listener in this process, and what it heard."""

    def __init__(self, url: str, queue: str) -> None:
        self.hints: asyncio.Queue[str] = asyncio.Queue()
        self.stopping = asyncio.Event()
        self.task = asyncio.create_task(listen(url, queue, self.hints.put_nowait, self.stopping))

    async def stop(self) -> None:
        self.stopping.set()
        async with asyncio.timeout(PATIENCE):
            await self.task


async def _looks(redis: Redis) -> int:
    """How often anybody looked into a queue, by the server's own count."""
    return int((await redis.info("commandstats")).get("cmdstat_zrangebyscore", {"calls": 0})["calls"])


async def test_a_notification_is_taken_at_once_and_none_costs_no_poll(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "POLL_SECONDS", 3_600.0)
    redis, notifier = Redis.from_url(redis_url), Notifier(redis_url)
    heard = Heard(redis_url, "heard")
    async with asyncio.timeout(PATIENCE):
        while await redis.pubsub_numsub("arq:notify:heard") != [(b"arq:notify:heard", 1)]:
            await asyncio.sleep(0.01)
        for number in range(20):
            assert await notifier.notify("heard", str(number))
            assert await heard.hints.get() == str(number)
        before = await _looks(redis)
        await asyncio.sleep(1)
        assert await _looks(redis) - before <= 2  # what the last ring may still bring; a worker that polls looks fifty times
        # The connection that listens is cut: it is made anew, and heard again.
        await redis.client_kill_filter(_type="pubsub")
        while heard.hints.empty():
            assert await notifier.notify("heard", "again")
            await asyncio.sleep(0.05)
    await heard.stop()
    await notifier.close()
    await redis.aclose()


async def test_a_ring_that_nobody_could_hear_is_taken_at_the_next_look(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "POLL_SECONDS", 0.05)
    redis = Redis.from_url(redis_url)
    heard = Heard(redis_url, "unheard")
    async with asyncio.timeout(PATIENCE):
        while await redis.pubsub_numsub("arq:notify:unheard") != [(b"arq:notify:unheard", 1)]:
            await asyncio.sleep(0.01)
        await redis.set("arq:job:silent", _pack({**JOB, "a": ["silent"]}))
        await redis.zadd("unheard", {"silent": 1})
        assert await heard.hints.get() == "silent"
    await heard.stop()
    await redis.aclose()
