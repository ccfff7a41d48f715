"""`make storm`: everything goes wrong at once, and in the end every dossier and every figure is right.

A hostile portal whose list moves while it is read; workers, APIs, PostgreSQL and Redis killed at random moments; answers to
COMMIT lost. What is killed when follows from the seed, which is printed. Writes `reports/storm.json`.
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
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import redis

from deploy.local.services import ROOT, Process
from deploy.local.stack import Ports, Stack, StackError
from deploy.local.stopping import Stopped, stop_on_signals, stopping
from deploy.portal.random_world import SPAN_DAYS
from deploy.portal.world import World
from deploy.portal.worlds import make_world
from tests.faults import ledger, naive
from tests.faults.compare import Compared, compare
from tests.faults.proxy import LossyProxy

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
PATIENCE = {"attempts": 20, "backoff_seconds": 0.05, "backoff_cap_seconds": 1.0, "breaker_seconds": 1.0}
"""The adapter's manners towards this portal: the usual ones would make a storm of two minutes one of two hours."""
VICTIMS = {
    "ingest-worker": 35,
    "metrics-worker": 30,
    "ingest-api": 8,
    "metrics-api": 4,
    "PostgreSQL": 8,
    "Redis": 5,
    "Redis flushed": 5,
    "control": 5,
}
"""Who is hit how often, in parts of a hundred."""
SHARE = 0.2
"""Part of the world's days that is over when the storm begins."""
AGENCIES = 30
STREAM = "99"
SOURCE = "storm"


@dataclass(frozen=True)
class Size:
    """How much weather."""

    name: str
    dossiers: int
    """Each has about five events."""
    kills: int
    seconds: float
    """Over which the kills are spread."""
    patience: float
    """Seconds after the storm within which all must be right."""


SIZES = {
    "small": Size("small", dossiers=1_500, kills=15, seconds=15.0, patience=60.0),
    "ci": Size("ci", dossiers=10_200, kills=60, seconds=45.0, patience=120.0),
    "full": Size("full", dossiers=204_000, kills=500, seconds=600.0, patience=900.0),
}


@dataclass
class Storm:
    """One storm over one fresh stack."""

    size: Size
    seed: int
    data: Path
    kills: Counter[str] = field(default_factory=Counter)

    def run(self) -> dict[str, Any]:
        """Let it blow, wait for the calm, compare; the report."""
        began = time.monotonic()
        world = self._world()
        stack = self._stack()
        try:
            stack.start()
            control = self._control(stack)
            operator = _Operator(stack)
            operator.connect(world)
            # The rest of the world's days happens while it storms.
            operator.run_the_clock(SPAN_DAYS * 86_400 * (1 - SHARE) / self.size.seconds)
            self._blow(stack)
            now = operator.run_the_clock(0)
            events = sum(step.recorded_at <= now for index in range(len(world)) for step in world.history(index).steps)
            self._calm(stack, operator)
            control.kill()
            found = compare(stack.url, stack.keys.operator, STREAM, list(ledger.entries(world, now)))
            doubled_by_control = asyncio.run(_control_doubled(stack.database_url))
        finally:
            stopping()
            stack.stop()
        return self._report(found, events, doubled_by_control, time.monotonic() - began)

    def _world(self) -> World:
        """The portal's world once more, in this process."""
        return make_world(
            "random",
            dossiers=self.size.dossiers,
            agencies=AGENCIES,
            seed=self.seed,
            stream=STREAM,
            live=True,
            share=SHARE,
            deletions=False,
        )

    def _stack(self) -> Stack:
        proxies: list[LossyProxy] = []

        def door(port: int) -> int:
            proxies.append(LossyProxy(port, rate=0.03, seed=self.seed))
            return proxies[0].port

        self._proxies = proxies
        faults = ",".join(f"{name}={rate}" for name, rate in FAULTS.items())
        arguments = f"--world random --live --no-deletions --share {SHARE} --stream {STREAM} --agencies {AGENCIES} --speed 0"
        arguments += f" --dossiers {self.size.dossiers} --seed {self.seed} --token-seconds 5 --faults {faults}"
        return Stack(
            self.data,
            Ports.from_base(0),
            portal=tuple(arguments.split()),
            environment={"PORTAL_SECRET": "motcua", "LOOK_SECONDS": "0.5"},
            longest_pause=0.1,
            door=door,
            say=lambda _: None,
        )

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
            STREAM,
        ]
        control = Process("control", command, stack.environment, self.data / "logs" / "control.log")
        stack.run(control)
        return control

    def _blow(self, stack: Stack) -> None:
        dice = random.Random(self.seed)
        moments = sorted(dice.uniform(1.0, self.size.seconds) for _ in range(self.size.kills))
        # Everybody at least once, then whoever the dice say.
        victims = dice.sample(list(VICTIMS), min(len(VICTIMS), len(moments)))
        victims += dice.choices(list(VICTIMS), list(VICTIMS.values()), k=len(moments) - len(victims))
        began = time.monotonic()
        for moment in [*moments, self.size.seconds]:
            while time.monotonic() - began < moment:
                stack.watch()
                time.sleep(0.02)
            if victims:
                victim = victims.pop(0)
                self._hit(stack, victim)
                self.kills[victim] += 1

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

    def _calm(self, stack: Stack, operator: _Operator) -> None:
        """Waits until the portal was read to its end once more and everything read is counted."""
        deadline = time.monotonic() + self.size.patience
        last = operator.last_pull()
        while not operator.settled(after=last):
            if time.monotonic() > deadline:
                raise StackError(f"{self.size.patience:.0f} s after the storm it is not calm: {operator.state()}")
            stack.watch()
            time.sleep(0.1)

    def _report(self, found: Compared, events: int, control_doubled: int, seconds: float) -> dict[str, Any]:
        return {
            "size": self.size.name,
            "seed": self.seed,
            "events": events,
            "kills": dict(sorted(self.kills.items())),
            "lost_acks": self._proxies[0].lost_acks,
            "lost": found.lost,
            "doubled": found.doubled,
            "differences": found.differences,
            "compared": {"dossiers": found.dossiers, "figures": found.figures},
            "examples": found.examples[:20],
            "control": {"doubled": control_doubled},
            "seconds": round(seconds, 1),
        }


class _Operator:
    """Connects the portal and looks how far things are, patiently."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._http = httpx.Client(timeout=10)

    def connect(self, world: World) -> None:
        agencies, procedures = ledger.catalogue(world)
        self._ask("PUT", "ingest", f"/v1/catalogue/{STREAM}/agencies", json=agencies)
        self._ask("PUT", "ingest", f"/v1/catalogue/{STREAM}/procedures", json=procedures)
        body = {
            "stream": STREAM,
            "kind": "igate",
            "settings": {"base_url": self._stack.url("portal"), "page_size": 1000, **PATIENCE},
            "secret_env": "PORTAL_SECRET",
            "every_seconds": 0.5,
        }
        self._ask("PUT", "ingest", f"/v1/sources/{SOURCE}", json=body)

    def run_the_clock(self, speed: float) -> int:
        """Lets the portal's time pass at this speed from now on; the portal's instant now."""
        answer = self._http.post(f"{self._stack.url('portal')}/_truth/clock", json={"speed": speed})
        return int(answer.json()["now"])

    def last_pull(self) -> int:
        return max((one["id"] for one in self._pulls()), default=0)

    def settled(self, *, after: int) -> bool:
        """Whether a pull that began after pull number `after` is complete and all of the feed is counted."""
        complete = any(one["state"] == "complete" and one["id"] > after for one in self._pulls())
        return complete and self._counted() >= self._head()

    def state(self) -> str:
        names = ("id", "state", "seconds", "pages", "calls", "served", "last_error")
        pulls = [{name: one[name] for name in names} for one in self._pulls()[:3]]
        return f"feed at {self._head()}, counted {self._counted()}, pulls {pulls}"

    def _pulls(self) -> list[dict[str, Any]]:
        pulls: list[dict[str, Any]] = self._ask("GET", "ingest", "/v1/pulls", params={"source": SOURCE, "limit": 20})["pulls"]
        return pulls

    def _head(self) -> int:
        streams = self._ask("GET", "ingest", "/v1/streams")["streams"]
        return next((int(one["head"]) for one in streams if one["stream"] == STREAM), 0)

    def _counted(self) -> int:
        question = {"stream": STREAM, "from": "2022-01-01", "to": "2022-01-01", "kpi": "received_new"}
        return int(self._ask("GET", "metrics", "/v1/kpis", params=question)["position"])

    def _ask(self, method: str, service: str, path: str, **request: Any) -> dict[str, Any]:
        key = self._stack.keys.operator[service]  # type: ignore[index]
        deadline = time.monotonic() + 30
        while True:
            try:
                answer = self._http.request(
                    method, self._stack.url(service) + path, headers={"Authorization": f"Bearer {key}"}, **request
                )
                if answer.is_success:
                    body: dict[str, Any] = answer.json()
                    return body
                reason = f"{answer.status_code} {answer.text[:300]}"
            except httpx.TransportError as error:
                reason = repr(error)
            if time.monotonic() > deadline:
                raise StackError(f"{method} {service}{path} fails: {reason}")
            self._stack.watch()
            time.sleep(0.05)


async def _execute(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(script)
    await connection.close()


async def _control_doubled(url: str) -> int:
    connection = await asyncpg.connect(url)
    doubled: int = await connection.fetchval("SELECT count(*) - count(DISTINCT position) FROM control.counted")
    await connection.close()
    return doubled


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
    """Whether nothing was lost, doubled or different, and the one without precautions did count double."""
    return not (report["lost"] or report["doubled"] or report["differences"]) and report["control"]["doubled"] > 0


if __name__ == "__main__":
    sys.exit(main())
