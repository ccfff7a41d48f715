"""`make storm`: everything goes wrong at once, and in the end every dossier and every figure is right.

A hostile portal whose list moves and loses dossiers while it is read; workers, APIs, PostgreSQL and Redis killed at random
moments; answers to COMMIT lost. What is killed when follows from the seed, which is printed. Writes `reports/storm.json`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import redis

from deploy.local.postgres import PostgreSQL
from deploy.local.redis import Redis
from deploy.local.services import ROOT, Process
from deploy.local.stack import Ports, Stack, StackError, portal_access
from deploy.local.stopping import Stopped, stop_on_signals, stopping
from deploy.simulator.ledger import civil_day
from deploy.simulator.random_world import SPAN_DAYS
from deploy.simulator.world import World
from deploy.simulator.worlds import make_world
from tests.faults import ledger, naive
from tests.faults.compare import Compared, compare
from tests.faults.operating import Operator
from tests.faults.proxy import LossyProxy
from tests.forking import ForkedStack

FAULTS = {
    "p5xx": 0.30,
    "p429": 0.10,
    "cut": 0.10,
    "html": 0.02,
    "drip": 0.05,
    "repeat": 0.05,
    "drip_seconds": 0.5,
    "retry_after": 0.2,
}
MANNERS = {"backoff_seconds": 0.1}
"""What of the adapter's patience is not as it is by default (0,5 s): half of all calls fail, so each page would cost a second
more, and a storm has two minutes. Time-outs, attempts, caps, the breaker, the rate and the size of pages are as ever."""
INSISTENCE = {**MANNERS, "attempts": 30, "backoff_cap_seconds": 2.0, "breaker_failures": 60}
"""After the storm, and of a reconciliation, which begins anew when one of its hundreds of calls fails for good: with 8 attempts
one in two hundred does, more where the token has expired too, and after 12 failures in a row the breaker opens."""
LEASE_SECONDS = 1.0
"""Likewise (6 s): a source whose worker was killed lies idle until its lease is over, which would be most of the storm."""
VICTIMS = {
    "ingest-worker": 14,
    "metrics-worker": 28,
    "ingest-api": 18,
    "metrics-api": 8,
    "PostgreSQL": 10,
    "Redis": 7,
    "Redis flushed": 7,
    "control": 8,
}
"""Who is hit how often, in parts of a hundred."""
STOPPING = ("ingest-worker", "PostgreSQL")
"""Without whom nothing is read."""
LONGEST_WAIT = 20.0
"""Seconds until a victim is hit although it has not come back to work."""
SHARE = 0.05
"""Part of the world's days that is over when the storm begins: what a first pass has to read while everybody dies."""
AGENCIES = 30
PROVINCE = "99"
BEFORE_ALL = date(2021, 1, 1)


@dataclass(frozen=True)
class Size:
    """How much weather."""

    name: str
    dossiers: int
    """Each has about five events."""
    kills: int
    seconds: float
    """Over which the kills are spread, where everybody comes back as fast as on a machine with nothing else to do."""
    patience: float
    """Seconds after the storm within which all must be right."""
    deleted_one_in: int
    """The source loses one dossier in so many, each of which costs a call to find out."""


SIZES = {
    "small": Size("small", dossiers=1_500, kills=15, seconds=15.0, patience=60.0, deleted_one_in=100),
    "ci": Size("ci", dossiers=10_200, kills=60, seconds=50.0, patience=900.0, deleted_one_in=400),
    "full": Size("full", dossiers=204_000, kills=500, seconds=600.0, patience=1200.0, deleted_one_in=2_000),
}


def last_whole_day(now: int) -> date:
    """The newest day whose totals no clock changes any more, at the portal's instant `now`.

    Totals are asked for by days of UTC, and until such a day is over, who is overdue is judged by the clock of whoever counts:
    the portal's stands in the years of its world, and ours does not.
    """
    return datetime.fromtimestamp(now, UTC).date() - timedelta(days=1)


@dataclass
class Storm:
    """One storm over one fresh stack."""

    size: Size
    seed: int
    data: Path
    kills: Counter[str] = field(default_factory=Counter)
    phases: dict[str, float] = field(default_factory=dict)
    """Seconds by what they went to."""
    _stored: tuple[int, int] | None = None
    """How far pages were stored at the last death of one without whom nothing is read."""

    def run(self) -> dict[str, Any]:
        """Let it blow, wait for the calm, compare; the report."""
        began = time.monotonic()
        world = self._world()
        stack = self._stack()
        try:
            with self._phase("start"):
                stack.start()
                control = self._control(stack)
                operator = Operator(stack, PROVINCE)
                operator.await_portal()
                self._hurry(stack)
                operator.give(*ledger.catalogue(world))
                operator.connect(MANNERS, every_seconds=0.5)
            with self._phase("storm"):
                now = self._blow(stack, operator)
            with self._phase("calm"):
                last = operator.last_pull()
                # Half of all calls still fail: with the adapter's own patience a reading of all pages may begin anew for long.
                operator.connect(INSISTENCE, every_seconds=0.5)
                self._await(stack, operator, lambda: operator.read_to_the_end(after=last) and operator.all_counted())
            with self._phase("reconciliation"):
                noticed = self._reconcile(stack, operator, now)
            control.kill()
            with self._phase("comparison"):
                present, deleted = ledger.entries(world, now), ledger.deleted(world, now)
                found = compare(stack.url, stack.keys.operator, PROVINCE, list(present), set(deleted))
                recovered = asyncio.run(_recovered(stack.database_url, last))
        finally:
            stopping()
            stack.stop()
        events = sum(step.recorded_at <= now for history in world.histories() for step in history.steps)
        return self._report(found, events, noticed, recovered, time.monotonic() - began)

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.phases[name] = round(time.monotonic() - began, 1)

    def _world(self) -> World:
        """The portal's world once more, in this process."""
        return make_world(
            "random",
            dossiers=self.size.dossiers,
            agencies=AGENCIES,
            seed=self.seed,
            province=PROVINCE,
            live=True,
            share=SHARE,
            deleted_one_in=self.size.deleted_one_in,
        )

    def _stack(self) -> Stack:
        proxies: list[LossyProxy] = []

        def proxy_port(port: int) -> int:
            proxies.append(LossyProxy(port, rate=0.03, seed=self.seed))
            return proxies[0].port

        self._proxies = proxies
        faults = ",".join(f"{name}={rate}" for name, rate in FAULTS.items())
        arguments = (
            f"--world random --live --share {SHARE} --province {PROVINCE} --agencies {AGENCIES} --speed 0 --token-seconds 5"
        )
        arguments += f" --dossiers {self.size.dossiers} --deleted-one-in {self.size.deleted_one_in}"
        arguments += f" --seed {self.seed} --faults {faults}"
        ports = Ports.from_base(0)
        return ForkedStack(
            self.data,
            ports,
            portal=tuple(arguments.split()),
            environment={**portal_access(ports.portal, PROVINCE), "POLL_SECONDS": "0.5"},
            max_pause=0.1,
            proxy_port=proxy_port,
            echo=lambda _: None,
        )

    def _hurry(self, stack: Stack) -> None:
        """Let the ingest worker start anew with the storm's lease."""
        worker = stack.processes["ingest-worker"]
        worker.stop()
        worker.command = [sys.executable, "-m", "tests.faults.hasty_worker", str(LEASE_SECONDS)]
        worker.start()

    def _control(self, stack: Stack) -> Process:
        """The naive consumer, behind the same proxy."""
        asyncio.run(_execute(stack.database_url, naive.TABLES))
        assert stack.postgres
        through = f"postgresql://motcua:{stack.postgres.password}@127.0.0.1:{self._proxies[0].port}/motcua"
        command = [
            sys.executable,
            "-m",
            "tests.faults.naive",
            through,
            stack.url("ingest"),
            stack.keys.operator["ingest"],
            PROVINCE,
        ]
        control = Process("control", command, stack.environment, self.data / "logs" / "control.log")
        stack.run(control)
        return control

    def _blow(self, stack: Stack, operator: Operator) -> int:
        """Kill, one after another, while the rest of the world's days goes by; the portal's instant at the end."""
        dice = random.Random(self.seed)
        moments = [0.0, *sorted(dice.uniform(0.0, self.size.seconds) for _ in range(self.size.kills))]
        # Everybody at least once, then whoever the dice say.
        victims = dice.sample(list(VICTIMS), min(len(VICTIMS), self.size.kills))
        victims += dice.choices(list(VICTIMS), list(VICTIMS.values()), k=self.size.kills - len(victims))
        time_of_day = operator.run_the_clock(0)
        evening = time_of_day + int(SPAN_DAYS * 86_400 * (1 - SHARE))
        began = time.monotonic()
        moving = False
        for number, victim in enumerate(victims):
            self._watch(stack, moments[number + 1] - moments[number])
            self._watch(stack, LONGEST_WAIT, partial(self._at_work, stack, operator, victim))
            if victim in STOPPING:
                self._stored = operator.stored()
            self._hit(stack, victim)
            self.kills[victim] += 1
            # A month goes by in some seconds: too fast for the proof of a first pass, which reads what has come meanwhile until
            # nothing has. The days begin when it is over, and are as long as the storm that is left.
            moving = moving or operator.first_pass_is_over() or number > self.size.kills / 2
            if moving and number + 1 < len(victims):
                seconds_each = (time.monotonic() - began) / (number + 1)
                left = seconds_each * (len(victims) - number - 1)
                time_of_day = operator.run_the_clock(0)
                operator.run_the_clock((evening - time_of_day) / left)
        return operator.skip(max(evening - operator.run_the_clock(0), 0))

    @staticmethod
    def _watch(stack: Stack, seconds: float, reached: Callable[[], bool] = lambda: False) -> None:
        """Start again who has died, for so many seconds, or until something is reached, looked for five times a second."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and not reached():
            looks_again = time.monotonic() + 0.2
            while time.monotonic() < min(looks_again, ends):
                stack.watch()
                time.sleep(0.02)

    def _at_work(self, stack: Stack, operator: Operator, victim: str) -> bool:
        """Whether there is somebody to be hit: who died a moment ago is given the time to come back, and who is needed for
        reading, the time until a page was stored, so that each death cuts work and not only the start after the last one."""
        assert stack.postgres
        assert stack.redis
        servers: dict[str, PostgreSQL | Redis] = {
            "PostgreSQL": stack.postgres,
            "Redis": stack.redis,
            "Redis flushed": stack.redis,
        }
        ended = servers[victim].process.poll() if victim in servers else stack.processes[victim].ended()
        return ended is None and (victim not in STOPPING or operator.stored() not in (None, self._stored))

    def _hit(self, stack: Stack, victim: str) -> None:
        if victim == "PostgreSQL":
            assert stack.postgres
            stack.postgres.kill()
        elif victim == "Redis":
            assert stack.redis
            stack.redis.kill()
        elif victim == "Redis flushed":
            assert stack.redis
            with suppress(redis.RedisError):  # it may be dead already
                redis.Redis.from_url(stack.redis.url).flushall()
        else:
            stack.processes[victim].kill()

    def _reconcile(self, stack: Stack, operator: Operator, now: int) -> dict[str, Any]:
        """Has the deleted ones found out, then the totals compared once more, which must be equal now."""
        # A source is not pulled while it is reconciled, nor the other way round.
        operator.connect(INSISTENCE, every_seconds=3600)
        # An agency that has lost a dossier differs, and is looked through.
        first = operator.reconcile(BEFORE_ALL, civil_day(now))
        self._await(stack, operator, lambda: operator.reconciliation(first)["state"] in ("complete", "failed"))
        second = operator.reconcile(BEFORE_ALL, last_whole_day(now))
        done = lambda: operator.reconciliation(second)["state"] in ("complete", "failed") and operator.all_counted()  # noqa: E731
        self._await(stack, operator, done)
        after = operator.reconciliation(second)
        return {"differences": operator.reconciliation(first)["differences"], "equal_after": after["equal"]}

    def _await(self, stack: Stack, operator: Operator, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self.size.patience
        while not reached():
            if time.monotonic() > deadline:
                raise StackError(f"{self.size.patience:.0f} s after the storm it is not calm: {operator.state()}")
            self._watch(stack, 0.4)

    def _report(
        self, found: Compared, events: int, noticed: dict[str, Any], recovered: Recovered, seconds: float
    ) -> dict[str, Any]:
        return {
            "size": self.size.name,
            "seed": self.seed,
            "events": events,
            "kills": dict(sorted(self.kills.items())),
            "lost_acks": self._proxies[0].lost_acks,
            "lost": found.lost,
            "doubled": found.doubled,
            "differences": found.differences,
            "compared": {"dossiers": found.dossiers, "deleted": found.deleted, "figures": found.figures},
            "examples": found.examples[:20],
            "control": {"doubled": recovered.control_doubled},
            "pulls": recovered.pulls,
            "reconciliation": noticed,
            "seconds": round(seconds, 1),
            "phases": self.phases,
        }


async def _execute(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(script)
    await connection.close()


class Recovered(NamedTuple):
    """What the database tells of the storm."""

    control_doubled: int
    pulls: dict[str, int]
    """Those that began before the storm ended, by state: an interrupted one was cut by a kill and taken up by the next."""


async def _recovered(url: str, last_pull: int) -> Recovered:
    connection = await asyncpg.connect(url)
    doubled: int = await connection.fetchval("SELECT count(*) - count(DISTINCT position) FROM control.counted")
    pulls = await connection.fetch(
        "SELECT state::text, count(*) FROM ingest.pull WHERE id <= $1 GROUP BY state ORDER BY state", last_pull
    )
    await connection.close()
    return Recovered(doubled, {row["state"]: row["count"] for row in pulls})


def main() -> int:
    """Exit code 0 when nothing was lost, doubled or different and the control did count double."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.storm", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="ci")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--reports", type=Path, default=ROOT / "reports")
    words = parser.parse_args()
    print(f"storm of size {words.size}, seed {words.seed}", flush=True)
    stop_on_signals()
    data = Path(tempfile.mkdtemp(prefix="motcua-storm-"))
    data.chmod(0o711)
    try:
        report = Storm(SIZES[words.size], words.seed, data).run()
    except Stopped:
        return 130
    except StackError as error:
        print(f"storm: {error} (seed {words.seed})", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(data, ignore_errors=True)
    words.reports.mkdir(exist_ok=True)
    (words.reports / "storm.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    print(json.dumps(report, ensure_ascii=False, indent=1))
    return 0 if holds(report) else 1


def holds(report: dict[str, Any]) -> bool:
    """Whether nothing was lost, doubled or different, by our own count and the portal's, and the naive one did count double."""
    right = not (report["lost"] or report["doubled"] or report["differences"]) and report["reconciliation"]["equal_after"]
    return bool(right) and report["control"]["doubled"] > 0


if __name__ == "__main__":
    sys.exit(main())
