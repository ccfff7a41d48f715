"""Notifications between services: arq carries "there is work" and at most an id, never the work.

The work is rows of PostgreSQL. A lost notification, or a Redis that is away, costs one poll interval of the worker and nothing
else. Bodies are msgpack, so whoever writes to Redis cannot run code here.

arq's own worker polls its queue. Ours sleeps until a notification is published on the channel of its queue, and costs nothing
while idle.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import msgspec
from arq import func
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.logs import logger

log = logger("notifications")

POLL_SECONDS = 5.0
"""Poll interval of a queue: what was enqueued while nobody listened is taken then."""
MIN_POLL_SECONDS = 0.02
"""Least time between two polls: notifications that come faster are taken together."""

_encode = msgspec.msgpack.Encoder(enc_hook=str).encode
_decode = msgspec.msgpack.Decoder().decode


def _redis(url: str) -> RedisSettings:
    parsed = RedisSettings.from_dsn(url)
    parsed.conn_retries = 0
    parsed.conn_timeout = 1
    return parsed


def _channel(queue: str) -> str:
    return f"arq:notify:{queue}"


class Notifier:
    """Notifies other services' workers. Never fails and never waits long: a notification is only a hint."""

    def __init__(self, url: str) -> None:
        """`url` is the Redis URL; nothing is connected yet."""
        self._url = url
        self._pool: ArqRedis | None = None
        self._away_until = 0.0

    async def notify(self, queue: str, hint: str = "") -> bool:
        """Tell the workers of `queue` that there is work; returns whether Redis was reached."""
        clock = asyncio.get_running_loop().time
        if clock() < self._away_until:
            return False
        try:
            async with asyncio.timeout(1):
                if self._pool is None:
                    self._pool = await create_pool(
                        _redis(self._url), job_serializer=_encode, job_deserializer=_decode, default_queue_name=queue
                    )
                # The fixed id folds many notifications into one until a worker takes it.
                await self._pool.enqueue_job("notify", hint, _job_id=f"{queue}:{hint}", _queue_name=queue, _expires=60)
                await self._pool.publish(_channel(queue), b"")
                return True
        except Exception as error:
            log.warning("notification not sent", queue=queue, error=type(error).__name__)
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
    """arq's worker without its polling: it takes its queue when a notification was published, and at the poll interval."""

    async def main(self) -> None:
        """Take notifications until cancelled; raises what arq and Redis raise."""
        pool = self._pool = await create_pool(
            self.redis_settings, job_serializer=_encode, job_deserializer=_decode, default_queue_name=self.queue_name
        )
        notified = asyncio.Event()
        async with pool.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(_channel(self.queue_name))
            listening = asyncio.ensure_future(_receive(subscription, notified))
            listening.add_done_callback(lambda _: notified.set())
            try:
                while not listening.done():
                    notified.clear()
                    await self._take()
                    await asyncio.sleep(MIN_POLL_SECONDS)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(notified.wait(), POLL_SECONDS)
                listening.result()
            finally:
                listening.cancel()
                await asyncio.wait({listening})

    async def _take(self) -> None:
        """Take everything that is due; raises what a job that cannot be read raised."""
        await self._poll_iteration()
        while self.tasks:
            await asyncio.wait(self.tasks.values())
            await self._poll_iteration()


async def _receive(subscription: PubSub, notified: asyncio.Event) -> None:
    """Set the event at each message; many at once are one."""
    while True:
        if await subscription.get_message(timeout=None) is not None:
            notified.set()


async def listen(url: str, queue: str, on_notify: Callable[[str], None], stopping: asyncio.Event) -> None:
    """Listen for notifications of `queue` until `stopping`; reconnects whenever Redis comes back.

    `on_notify` is called with the hint and must not wait: it wakes a loop that finds its work in PostgreSQL. Whatever lies in
    Redis, this goes on: what arq cannot digest would be met again at every start, so everything in the queue is dropped,
    and `on_notify` called once for all of it.
    """

    async def notify(_: object, hint: str) -> None:
        on_notify(hint)

    pause = 0.2
    while not stopping.is_set():
        worker = None
        try:
            worker = _Listener(
                functions=[func(cast(Any, notify), name="notify", timeout=5, keep_result=0)],
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
            log.warning("notifications away", queue=queue, error=type(error).__name__)
            pause = min(5.0, pause * 2)
        except Exception as error:
            log.warning("notifications broken", queue=queue, error=type(error).__name__, detail=str(error)[:200])
            pause = 0.2 if await _clear(url, queue) else min(5.0, pause * 2)
            on_notify("")
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
    """Drop everything in `queue`; False where Redis does not let us."""
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
