"""The doorbell: arq carries "there is work" and at most an id, never the work.

PostgreSQL remembers what is to be done. A ring that is lost costs one interval of the worker's own look; a Redis that is away
costs the same, and nothing else. Bodies are msgpack, so whoever writes to Redis cannot run code here.

arq's own worker polls its queue. Ours sleeps until a ring is published on the queue's channel, so that it costs nothing while
nobody rings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum
from typing import Any, cast

import msgspec
from arq import func
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.heartbeat import Loop
from shared.logs import logger

log = logger("doorbell")

LOOK_SECONDS = 5.0
"""How often a queue is looked into without a ring: what was enqueued while nobody could hear it is taken then."""
REST_SECONDS = 0.02
"""Least time between two looks: whoever rings more often is answered once for all of it."""

_encode = msgspec.msgpack.Encoder(enc_hook=str).encode
_decode = msgspec.msgpack.Decoder().decode


def _redis(url: str) -> RedisSettings:
    parsed = RedisSettings.from_dsn(url)
    parsed.conn_retries = 0
    parsed.conn_timeout = 1
    return parsed


def _channel(queue: str) -> str:
    return f"arq:ring:{queue}"


class Doorbell:
    """Rings other services' workers. Ringing never fails and never waits long: it is only a hint."""

    def __init__(self, url: str) -> None:
        """`url` is the Redis URL; nothing is connected yet."""
        self._url = url
        self._pool: ArqRedis | None = None
        self._away_until = 0.0

    async def ring(self, queue: str, hint: str = "") -> bool:
        """Tell the workers of `queue` that there is work; say whether the bell could be reached."""
        clock = asyncio.get_running_loop().time
        if clock() < self._away_until:
            return False
        try:
            async with asyncio.timeout(1):
                if self._pool is None:
                    self._pool = await create_pool(
                        _redis(self._url), job_serializer=_encode, job_deserializer=_decode, default_queue_name=queue
                    )
                # The fixed id folds many rings into one while nobody has answered.
                await self._pool.enqueue_job("ring", hint, _job_id=f"{queue}:{hint}", _queue_name=queue, _expires=60)
                await self._pool.publish(_channel(queue), b"")
                return True
        except Exception as error:
            log.warning("doorbell not reached", queue=queue, error=type(error).__name__)
            self._away_until = clock() + 5
            await self.close()
            return False

    async def close(self) -> None:
        """Let go of the connection."""
        pool, self._pool = self._pool, None
        if pool is not None:
            with suppress(Exception):
                await pool.aclose()


class _Listener(Worker):
    """arq's worker without its polling: it looks into its queue when a ring was published, and now and then without one."""

    async def main(self) -> None:
        """Take rings until cancelled; raises what arq and Redis raise."""
        pool = self._pool = await create_pool(
            self.redis_settings, job_serializer=_encode, job_deserializer=_decode, default_queue_name=self.queue_name
        )
        rung = asyncio.Event()
        async with pool.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(_channel(self.queue_name))
            hearing = asyncio.ensure_future(_hear(subscription, rung))
            hearing.add_done_callback(lambda _: rung.set())
            try:
                while not hearing.done():
                    rung.clear()
                    await self._take()
                    await asyncio.sleep(REST_SECONDS)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(rung.wait(), LOOK_SECONDS)
                hearing.result()
            finally:
                hearing.cancel()
                await asyncio.wait({hearing})

    async def _take(self) -> None:
        """Take everything that is due; raises what a job that cannot be read raised."""
        await self._poll_iteration()
        while self.tasks:
            await asyncio.wait(self.tasks.values())
            await self._poll_iteration()


async def _hear(subscription: PubSub, rung: asyncio.Event) -> None:
    """Tell of each message; many that come at once pile up nowhere."""
    while True:
        if await subscription.get_message(timeout=None) is not None:
            rung.set()


async def answer(url: str, queue: str, on_ring: Callable[[str], None], stopping: asyncio.Event) -> None:
    """Listen at the bell of `queue` until `stopping`; come back by itself whenever Redis comes back.

    `on_ring` is called with the hint and must not wait: it wakes a loop that finds its work in PostgreSQL. Whatever lies in
    Redis, this goes on: what arq cannot digest would be met again at every start, so all that hangs at the bell is dropped,
    and `on_ring` called once for all rings among it.
    """

    async def ring(_: object, hint: str) -> None:
        on_ring(hint)

    pause = 0.2
    while not stopping.is_set():
        worker = None
        try:
            worker = _Listener(
                functions=[func(cast(Any, ring), name="ring", timeout=5, keep_result=0)],
                queue_name=queue,
                redis_settings=_redis(url),
                handle_signals=False,
                keep_result=0,
                max_tries=1,
                health_check_interval=3600,
                job_serializer=_encode,
                job_deserializer=_decode,
            )
            task = asyncio.ensure_future(worker.async_run())
            stop = asyncio.ensure_future(stopping.wait())
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            if task.done() and not task.cancelled():
                task.result()
            task.cancel()
            await asyncio.wait({task})
            pause = 0.2
        except (OSError, TimeoutError, RedisConnectionError, RedisTimeoutError, NoPermissionError) as error:
            log.warning("doorbell away", queue=queue, error=type(error).__name__)
            pause = min(5.0, pause * 2)
        except Exception as error:
            log.warning("doorbell broken", queue=queue, error=type(error).__name__, detail=str(error)[:200])
            pause = 0.2 if await _clear(url, queue) else min(5.0, pause * 2)
            on_ring("")
        finally:
            if worker is not None:
                await _close(worker)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)


async def _close(worker: Worker) -> None:
    """End a worker, whatever became of it: a job that it cancels takes arq's own closing with it, before the connections."""
    closing = asyncio.ensure_future(worker.close())
    await asyncio.wait({closing}, timeout=2)
    if not closing.cancel() and not closing.cancelled():
        closing.exception()
    pool = worker._pool
    if pool is not None:
        with suppress(Exception):
            await pool.aclose(close_connection_pool=True)


async def _clear(url: str, queue: str) -> bool:
    """Drop everything that hangs at the bell of `queue`; False where Redis does not let us."""
    try:
        async with asyncio.timeout(2):
            pool = await create_pool(_redis(url))
            try:
                await pool.delete(queue)
                async for key in pool.scan_iter(match=f"arq:*:{queue}:*", count=1_000):
                    await pool.delete(key)
            finally:
                await pool.aclose(close_connection_pool=True)
    except Exception:
        return False
    return True


class Again(Enum):
    """What a job answers when there may be more to do at once; one that answers nothing waits for a ring or for its time."""

    AT_ONCE = "at once"

    @classmethod
    def when(cls, found: bool) -> Again | None:
        """For jobs that take one piece of work after the other: again if there was one."""
        return cls.AT_ONCE if found else None


Job = Callable[[], Awaitable[Again | None]]


class Rounds:
    """A worker's round: work until there is none, then wait for a ring or for the interval, whichever comes first."""

    def __init__(self, seconds: float, loop: Loop) -> None:
        """`seconds` is the interval of the worker's own look; `loop` is told whenever a round ended well."""
        self._seconds = seconds
        self._loop = loop
        self._rung = asyncio.Event()

    def wake(self, _: str = "") -> None:
        """Start the next round at once."""
        self._rung.set()

    async def go(self, job: Job, stopping: asyncio.Event) -> None:
        """Call `job` until `stopping`; a failing round is logged and tried again."""
        pause = 0.1
        while not stopping.is_set():
            self._rung.clear()
            try:
                with self._loop.working():
                    again = await job()
                self._loop.moved()
                pause = 0.1
            except Exception as error:
                log.warning("round failed", error=type(error).__name__, detail=str(error)[:300], exc_info=True)
                pause = min(5.0, pause * 2)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), pause)
                continue
            if again is Again.AT_ONCE:
                continue
            waits = [asyncio.ensure_future(self._rung.wait()), asyncio.ensure_future(stopping.wait())]
            with self._loop.waiting():
                await asyncio.wait(waits, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
