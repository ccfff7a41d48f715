"""Heartbeats of workers, in the database: a worker that was stopped, hangs or fails again and again is noticed.

Each worker writes one row for itself and one for each of its loops, every few seconds, from the event loop that its work runs
in. A row states until when it holds (`alive_until`), so readers need no settings; all instants are by the database's clock, so
that clocks of machines do not matter. The row of a loop is renewed only while its jobs succeed or report progress.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple, Self

import msgspec
import sqlalchemy as sa
from prometheus_client import Gauge
from sqlalchemy.dialects import postgresql as pg

from shared import tables
from shared.database import TRANSIENT_ERRORS, Connection, Database
from shared.errors import Guidance, Unavailable
from shared.languages import Bilingual, bilingual
from shared.logs import logger
from shared.settings import Service
from shared.statements import Statement, begun_at, parameter

log = logger("heartbeat")

PROCESS = ""
"""Name of the row of the worker process itself."""
FORGOTTEN_AFTER = timedelta(minutes=10)
"""After this time the rows of workers that ended without deleting them are deleted by other workers."""

POLL_SECONDS = 5.0
WORKER_SILENT = Gauge(
    "motcua_worker_silent", "1 while no worker of the service is alive, or one of its loops makes no progress", ["service"]
)

_current: ContextVar[LoopProgress | None] = ContextVar("loop", default=None)


class WorkerOutage(msgspec.Struct, frozen=True):
    """Workers of a service, or loops of them, whose heartbeats have run out."""

    loops: list[str]
    """Loops without progress in every worker that is alive; empty: no worker is alive."""
    since: datetime | None
    """Instant of the last heartbeat; null: there was none, or its row was deleted."""


class WorkerSilent(Unavailable):
    """No worker of the service is alive, or one of its loops makes no progress in any of them."""

    type = "worker-silent"
    title = "The service's worker shows no sign of life"
    guidance = Guidance(
        "The operator starts the worker; the service is ready again by itself then.",
        "Tiến trình nền không phản hồi",
        "Không tiến trình nền nào của dịch vụ còn chạy, hoặc một vòng lặp của chúng đứng yên.",
        "Người vận hành khởi động tiến trình nền; dịch vụ tự sẵn sàng trở lại.",
    )

    @classmethod
    def example(cls) -> Self:
        """A loop that hangs."""
        since = datetime(2026, 11, 24, 3, tzinfo=UTC)
        return cls(
            f"The loop alerting of the worker makes no progress since {since.isoformat()}. See the log of "
            "`python -m services.metrics.worker`, and start it (again).",
            members=WorkerOutage(["alerting"], since),
        )


@dataclass(frozen=True, slots=True)
class Beat:
    """The last heartbeat of a worker process (`PROCESS`) or of one of its loops."""

    worker: str
    loop: str
    beat_at: datetime
    alive_until: datetime


class _BeatRow(NamedTuple):
    worker: str
    loop: str
    beat_at: datetime
    alive_until: datetime
    now: datetime


class _Statements:
    """Statements on the heartbeats of one service."""

    def __init__(self, service: Service) -> None:
        table = tables.heartbeat(sa.MetaData(schema=service))
        c = table.c
        instant = sa.DateTime(timezone=True)
        worker = parameter("worker", sa.Text)
        now = sa.func.clock_timestamp(type_=instant).label("now")
        self.read = Statement(sa.select(c.worker, c.loop, c.beat_at, c.alive_until, now), _BeatRow)
        beat = (
            sa.func.unnest(
                parameter("loops", pg.ARRAY(sa.Text)),
                parameter("beats_at", pg.ARRAY(instant)),
                parameter("alive_until", pg.ARRAY(instant)),
            )
            .table_valued("loop", "beat_at", "alive_until")
            .render_derived(name="beat")
        )
        insert = pg.insert(table).from_select(
            [c.worker, c.loop, c.beat_at, c.alive_until],
            sa.select(worker.label("worker"), beat.c.loop, beat.c.beat_at, beat.c.alive_until),
        )
        self.write = Statement[None](
            insert.on_conflict_do_update(
                index_elements=[c.worker, c.loop],
                set_={"beat_at": insert.excluded.beat_at, "alive_until": insert.excluded.alive_until},
            )
        )
        self.leave = Statement[None](sa.delete(table).where(c.worker == worker))
        self.forget = Statement[None](sa.delete(table).where(c.alive_until < parameter("before", instant)))


_statements = cache(_Statements)


def find_outage(beats: Iterable[Beat], now: datetime) -> WorkerOutage | None:
    """Workers or loops of a service whose heartbeats have run out; None when all is well.

    A loop counts only when its heartbeat has run out in every living worker: one that still runs does the work.
    """
    beats = list(beats)
    processes = [beat for beat in beats if beat.loop == PROCESS]
    living = {beat.worker for beat in processes if beat.alive_until >= now}
    if not living:
        return WorkerOutage([], max((beat.beat_at for beat in processes), default=None))
    newest: dict[str, Beat] = {}
    for beat in beats:
        if beat.worker in living and (beat.loop not in newest or newest[beat.loop].alive_until < beat.alive_until):
            newest[beat.loop] = beat
    still = [beat for beat in newest.values() if beat.alive_until < now]
    return WorkerOutage(sorted(beat.loop for beat in still), min(beat.beat_at for beat in still)) if still else None


async def read_outage(connection: Connection, service: Service) -> WorkerOutage | None:
    """As `find_outage`, from the database at this moment."""
    rows = await _statements(service).read.all(connection)
    if not rows:
        return WorkerOutage([], None)
    return find_outage([Beat(row.worker, row.loop, row.beat_at, row.alive_until) for row in rows], rows[0].now)


async def check_worker(connection: Connection, service: Service) -> None:
    """Raise `WorkerSilent` when no worker of the service is alive or a loop makes no progress."""
    found = await read_outage(connection, service)
    if found is not None:
        at = None if found.since is None else found.since.isoformat(timespec="seconds")
        raise WorkerSilent(
            bilingual(
                "{what}{since}. See the log of `python -m services.{service}.worker`, and start it (again).",
                "{what}{since}. Xem nhật ký của `python -m services.{service}.worker` và khởi động lại.",
                what=bilingual(
                    "The loop {loops} of the worker makes no progress",
                    "Vòng lặp {loops} của tiến trình nền không tiến triển",
                    loops=", ".join(found.loops),
                )
                if found.loops
                else Bilingual("No worker is alive", "Không có tiến trình nền nào chạy"),
                since="" if at is None else Bilingual(f" since {at}", f" từ {at}"),
                service=service,
            ),
            members=WorkerOutage(found.loops, found.since),
        )


async def update_gauge(database: Database, service: Service) -> None:
    """Update the gauge `motcua_worker_silent` until cancelled; it is absent while the state is not known."""
    while True:
        try:
            async with asyncio.timeout(2 * POLL_SECONDS), database.connection() as connection:
                WORKER_SILENT.labels(service).set(await read_outage(connection, service) is not None)
        except Exception as error:
            WORKER_SILENT.clear()
            log.warning("heartbeats not read", error=type(error).__name__)
        await asyncio.sleep(POLL_SECONDS)


class LoopProgress:
    """When a loop of a worker last made progress."""

    def __init__(self, name: str) -> None:
        """The loop counts as having made progress now."""
        self.name = name
        self._moved_at = time.monotonic()
        self._waiting = False

    def mark_progress(self) -> None:
        """A job succeeded, or a step of a long one."""
        self._moved_at = time.monotonic()

    @contextmanager
    def working(self) -> Iterator[None]:
        """In the block, and in tasks created in it, `report_progress` applies to this loop."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """In the block the loop waits for work, which counts as progress however long it takes."""
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False
            self.mark_progress()

    def seconds_stalled(self) -> float:
        """Seconds since the last progress; 0 while it waits for work."""
        return 0.0 if self._waiting else time.monotonic() - self._moved_at


def report_progress() -> None:
    """Report that a step of a long job is done. Has no effect outside a loop."""
    loop = _current.get()
    if loop is not None:
        loop.mark_progress()


class Heartbeat:
    """The heartbeat of a worker process and of its loops."""

    def __init__(
        self, database: Database, service: Service, *, every: float, worker_timeout: float, loop_timeout: float
    ) -> None:
        """Writes `every` seconds; a process counts as stopped after `worker_timeout` seconds, a loop after `loop_timeout`."""
        self.worker = f"{socket.gethostname()}:{os.getpid()}"
        self._database, self._statements = database, _statements(service)
        self._every, self._worker_timeout, self._loop_timeout = every, worker_timeout, loop_timeout
        self._loops: list[LoopProgress] = []

    def loop(self, name: str) -> LoopProgress:
        """Add a loop whose heartbeat is written from now on; names are unique within a worker."""
        self._loops.append(LoopProgress(name))
        return self._loops[-1]

    async def run(self, stopping: asyncio.Event) -> None:
        """Write heartbeats until `stopping`; then delete the rows, so that a stopped worker is not taken for a living one."""
        while not stopping.is_set():
            try:
                async with self._database.connection() as connection:
                    await self._beat(connection)
            except TRANSIENT_ERRORS as error:
                log.warning("heartbeat not written", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), self._every)
        with suppress(*TRANSIENT_ERRORS):
            async with self._database.connection() as connection:
                await self._statements.leave.run(connection, worker=self.worker)

    async def _beat(self, connection: Connection) -> None:
        now = await begun_at(connection)
        still = {PROCESS: 0.0, **{loop.name: loop.seconds_stalled() for loop in self._loops}}
        beats = {name: now - timedelta(seconds=seconds) for name, seconds in still.items()}
        limits = {name: self._loop_timeout if name else self._worker_timeout for name in still}
        await self._statements.write.run(
            connection,
            worker=self.worker,
            loops=list(beats),
            beats_at=list(beats.values()),
            alive_until=[at + timedelta(seconds=limits[name]) for name, at in beats.items()],
        )
        forgotten = max(FORGOTTEN_AFTER, timedelta(seconds=2 * self._loop_timeout))
        await self._statements.forget.run(connection, before=now - forgotten)
