"""The loop of a worker around one job: it runs the job when notified, and at the poll interval."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from enum import Enum

from shared.errors import Problem
from shared.heartbeat import LoopProgress
from shared.logs import logger

log = logger("poll_loop")


class NextPoll(Enum):
    """What a job returns when there may be more to do; after None its loop waits for a notification or the poll interval."""

    IMMEDIATELY = "immediately"

    @classmethod
    def when(cls, found: bool) -> NextPoll | None:
        """For jobs that do one item at a time: again if there was one."""
        return cls.IMMEDIATELY if found else None


Job = Callable[[], Awaitable[NextPoll | None]]


async def each(name: str, values: Iterable[str], job: Callable[[str], Awaitable[object]]) -> None:
    """Do `job` for every value: one that fails is logged as `name` and stops no other. Raises the last failure at the end."""
    failure: Exception | None = None
    for value in values:
        try:
            await job(value)
        except Exception as error:
            log.warning("one of several failed", what=name, value=value, error=type(error).__name__, detail=str(error)[:300])
            failure = error
    if failure is not None:
        raise failure


class PollLoop:
    """Calls a job until there is no work, then waits for a notification or the poll interval, whichever comes first."""

    def __init__(self, seconds: float, loop: LoopProgress) -> None:
        """`seconds` is the poll interval; `loop` is marked whenever the job succeeded."""
        self._seconds = seconds
        self._loop = loop
        self._woken = asyncio.Event()

    def wake(self, _: str = "") -> None:
        """End the wait."""
        self._woken.set()

    async def run(self, job: Job, stopping: asyncio.Event) -> None:
        """Call `job` until `stopping`; a failing job is logged and tried again."""
        pause = 0.1
        while not stopping.is_set():
            self._woken.clear()
            try:
                with self._loop.working():
                    again = await job()
                self._loop.mark_progress()
                pause = 0.1
            except Exception as error:
                # A problem says itself what is the matter: where it was raised helps nobody.
                unforeseen = not isinstance(error, Problem)
                log.warning("job failed", error=type(error).__name__, detail=str(error)[:300], exc_info=unforeseen)
                pause = min(5.0, pause * 2)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), pause)
                continue
            if again is NextPoll.IMMEDIATELY:
                continue
            waits = [asyncio.ensure_future(self._woken.wait()), asyncio.ensure_future(stopping.wait())]
            with self._loop.waiting():
                await asyncio.wait(waits, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
