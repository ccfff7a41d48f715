"""Answers admit what they do not know: each process is stopped in turn, and polls that still say `complete: true` are counted.

Written to reports/answers.json. `SIZE=full` takes the settings that are shipped and their 30 s; else timeouts are a tenth
of those, and the bar is what a loaded machine needs with them.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import httpx
import msgspec

from deploy.local.services import ROOT, Process
from tests.conftest import NewDatabase, Processes
from tests.metrics.stack import PERIOD, Stack, running
from tests.patience import PATIENCE, until
from tests.quick import FULL

REPORT = ROOT / "reports" / "answers.json"
SETTINGS: Mapping[str, str] = (
    {}
    if FULL
    else {"poll_seconds": "0.2", "heartbeat_seconds": "0.2", "worker_timeout_seconds": "2", "ingest_poll_seconds": "0.3"}
)
LIMIT: Final = 30.0 if FULL else 6.0
"""Seconds after which no poll may say any more that figures are complete."""
ANSWER_SECONDS: Final = 1.0
"""A poll or readiness check that takes longer has no answer: the process that it is sent to is stopped."""
NEEDED: Final = ("ingest_api", "ingest_worker", "metrics_api", "metrics_worker")
"""What figures need; nothing of notices."""


MEANING: Final = {
    "stopped": "Each process in turn is frozen (SIGSTOP) while figures are polled, and then goes on (SIGCONT).",
    "limit_seconds": "30 with SIZE=full; else all timeouts are shorter, and so is this limit.",
    "wrong_after_limit": "Polls later than the limit that still called figures complete which need the process. Bar: 0.",
    "said_after_seconds": "When a poll first did not call them complete; null: they do not need it, or nobody can answer.",
    "readyz": "Its service's /readyz meanwhile: 503 where a worker stands still; null: its API is frozen and answers nothing.",
    "back_after_seconds": "After it went on: when figures were complete and its service ready again, without anybody's help.",
}
"""For who reads the report alone."""


class Stopped(msgspec.Struct, kw_only=True):
    """What was seen while a process was stopped, and after it went on."""

    polls: int = 0
    """Polls for figures while it was stopped."""
    wrong_after_limit: int = 0
    """Of those sent later than the limit, how many called figures complete that need this process."""
    said_after_seconds: float | None = None
    """When figures were first not called complete; null: they have no reason not to be."""
    readyz: int | None = None
    """Status of its service's /readyz after the limit; null: it does not answer."""
    back_after_seconds: float | None = None
    """After it went on: when figures were complete and its service ready again."""


async def ask(client: httpx.AsyncClient, path: str, **params: str) -> httpx.Response | None:
    try:
        return await client.get(path, params=params, timeout=ANSWER_SECONDS)
    except httpx.TimeoutException:
        return None


async def is_complete(watch: httpx.AsyncClient) -> bool | None:
    answer = await ask(watch, "/v1/kpis", province="30", **PERIOD)
    return None if answer is None else answer.json()["freshness"]["complete"]


async def readiness(client: httpx.AsyncClient) -> int | None:
    answer = await ask(client, "/readyz")
    return None if answer is None else answer.status_code


async def seen_while_stopped(
    watch: httpx.AsyncClient, stopped: Mapping[str, tuple[Process, httpx.AsyncClient]]
) -> dict[str, Stopped]:
    """What is seen while all of these are stopped, each with a client of its service, and until they are back."""
    found = {name: Stopped() for name in stopped}
    for process, _ in stopped.values():
        send(process, signal.SIGSTOP)
    began = time.monotonic()
    try:
        while (sent := time.monotonic() - began) < LIMIT + 1:
            complete = await is_complete(watch)
            for name, one in found.items():
                one.polls += 1
                one.wrong_after_limit += name in NEEDED and complete is True and sent > LIMIT
                if complete is False and one.said_after_seconds is None:
                    one.said_after_seconds = round(time.monotonic() - began, 2)
            await asyncio.sleep(0.05)
        for one, (_, api) in zip(found.values(), stopped.values(), strict=True):
            one.readyz = await readiness(api)
    finally:
        for process, _ in stopped.values():
            send(process, signal.SIGCONT)
    began = time.monotonic()
    await until(lambda: is_complete(watch), lambda complete: complete)
    for one, (_, api) in zip(found.values(), stopped.values(), strict=True):
        await until(lambda api=api: readiness(api), lambda status: status == 200)  # type: ignore[misc]
        one.back_after_seconds = round(time.monotonic() - began, 2)
    return found


def send(process: Process, number: int) -> None:
    assert process.child is not None
    os.kill(process.child.pid, number)


@asynccontextmanager
async def notices(
    processes: Processes, new_database: NewDatabase, stack: Stack
) -> AsyncIterator[tuple[Process, Process, httpx.AsyncClient]]:
    """The API and the worker of notices beside the stack, and a client of them."""
    url = await new_database("notices")
    given = {"metrics_url": stack.metrics.url, "metrics_key": stack.watch.headers["X-API-Key"], **SETTINGS}
    api = await asyncio.to_thread(processes.api, "notices", database_url=url, **given)
    worker = processes.worker("notices", database_url=url, **given)
    async with httpx.AsyncClient(base_url=api.url, timeout=PATIENCE) as client:
        await until(lambda: readiness(client), lambda status: status == 200)
        yield api, worker, client


async def test_no_poll_calls_figures_complete_while_a_process_that_they_need_is_stopped(
    processes: Processes, new_database: NewDatabase
) -> None:
    async with (
        running(processes, new_database, SETTINGS) as stack,
        notices(processes, new_database, stack) as (notices_api, notices_worker, notices_door),
    ):
        await stack.push("30", 1, 6)
        await until(lambda: is_complete(stack.watch), lambda complete: complete)
        turns: list[dict[str, tuple[Process, httpx.AsyncClient]]] = [
            {"notices_worker": (notices_worker, notices_door)},
            {"ingest_api": (stack.ingest, stack.door)},
            {"ingest_worker": (stack.ingest_worker, stack.door)},
            {"metrics_worker": (stack.worker, stack.watch)},
            {"metrics_api": (stack.metrics, stack.watch), "notices_api": (notices_api, notices_door)},
        ]
        report: dict[str, Stopped] = {}
        for stopped in turns:
            report |= await seen_while_stopped(stack.watch, stopped)
    REPORT.parent.mkdir(exist_ok=True)
    measured = {"meaning": MEANING, "limit_seconds": LIMIT, "full": FULL, "stopped": report}
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(measured), indent=1) + b"\n")

    assert {name: one.wrong_after_limit for name, one in report.items()} == dict.fromkeys(report, 0)
    said = {name for name, one in report.items() if one.said_after_seconds is not None}
    assert said == set(NEEDED) - {"metrics_api"}, "a stopped API says nothing, and notices nothing of figures"
    ready = {name: one.readyz for name, one in report.items()}
    assert ready == {name: None if name.endswith("api") else 503 for name in report}
