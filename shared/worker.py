"""Runs a worker: signals, logs, database, notifications and heartbeats for the loops that a service declares."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import uvloop
from prometheus_client import REGISTRY, Counter, Gauge, start_http_server

from shared import commands, logs
from shared.database import Database
from shared.heartbeat import Heartbeat, LoopProgress
from shared.notifications import Notifier, listen
from shared.poll_loop import Job, NextPoll, PollLoop
from shared.settings import Service, Settings, SettingWrong, settings

log = logs.logger("worker")

JOBS = Counter("motcua_worker_jobs_total", "Jobs that a loop of this worker ended", ["service", "loop", "result"])
STALLED = Gauge(
    "motcua_worker_loop_stalled_seconds",
    "Time since a loop of this worker made progress; 0 while it waits",
    ["service", "loop"],
)


@dataclass(frozen=True, slots=True)
class WorkerLoop:
    """One loop of a worker: a job that is done again and again."""

    name: str
    """Its heartbeat's; unique within the worker."""
    job: Job
    every: float | None = None
    """Poll interval in seconds of a loop that only the clock wakes; None: notifications wake it too."""


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """What the loops of a worker can use."""

    config: Settings
    database: Database
    notifier: Notifier
    name: str
    """Of this process among all workers of the service."""
    stopping: asyncio.Event
    """Set at SIGINT or SIGTERM: long jobs end early."""


Loops = Callable[[WorkerContext], AbstractAsyncContextManager[Sequence[WorkerLoop]]]
"""Opens what the loops need, gives them, and closes it after their end."""


def serve(service: Service, loops: Loops, *, connections: int) -> int:
    """Run a service's worker until it is told to stop, with so many connections at most; its exit code."""
    return commands.serve(service, lambda: uvloop.run(_run(service, loops, connections)))


async def _run(service: Service, loops: Loops, connections: int) -> None:
    config = settings()
    logs.configure(service, config.log_level)
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    _export(config)
    database = Database(config.database_of(service), size=connections, application=f"motcua-{service}-worker")
    heartbeat = Heartbeat(
        database,
        service,
        every=config.heartbeat_seconds,
        worker_timeout=config.worker_timeout_seconds,
        loop_timeout=config.loop_timeout_seconds,
    )
    notifier = Notifier(config.redis_url)
    async with loops(WorkerContext(config, database, notifier, heartbeat.worker, stopping)) as declared:
        progress = [heartbeat.loop(one.name) for one in declared]
        polled = [PollLoop(one.every or config.poll_seconds, loop) for one, loop in zip(declared, progress, strict=True)]
        jobs = [_counted(service, one.job, loop) for one, loop in zip(declared, progress, strict=True)]
        woken = [each for one, each in zip(declared, polled, strict=True) if one.every is None]

        def wake(hint: str) -> None:
            for each in woken:
                each.wake(hint)

        log.info("worker started", worker=heartbeat.worker)
        await asyncio.gather(
            heartbeat.run(stopping),
            listen(config.redis_url, service, wake, stopping),
            *(each.run(job, stopping) for job, each in zip(jobs, polled, strict=True)),
        )
    await notifier.close()
    await database.close()
    log.info("worker stopped", worker=heartbeat.worker)


def _export(config: Settings) -> None:
    """Answer Prometheus from a thread of its own, so that a loop that stands still is seen and not only missed."""
    if not config.worker_metrics_port:
        return
    try:
        start_http_server(config.worker_metrics_port, config.worker_metrics_host, REGISTRY)
    except OSError as error:
        raise SettingWrong(
            f"WORKER_METRICS_HOST and WORKER_METRICS_PORT cannot be right: {config.worker_metrics_host}:"
            f"{config.worker_metrics_port} cannot be listened at ({error.strerror}). Give every worker a port of its own."
        ) from error


def _counted(service: Service, job: Job, loop: LoopProgress) -> Job:
    """The job, counted by its result from 0 on: a counter that is born at 1 hides what it counts first."""
    done, failed = JOBS.labels(service, loop.name, "done"), JOBS.labels(service, loop.name, "failed")
    STALLED.labels(service, loop.name).set_function(loop.seconds_stalled)

    async def run() -> NextPoll | None:
        try:
            again = await job()
        except Exception:
            failed.inc()
            raise
        done.inc()
        return again

    return run
