"""What the tests fork is a process as one that was started: its own number, group, end, environment and random beginnings."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import httpx

from deploy.local.services import Process
from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE


def pid_of(process: Process) -> int:
    assert process.child
    return process.child.pid


async def test_a_forked_process_is_a_child_with_a_group_an_environment_and_an_end_of_its_own(
    processes: Processes, new_database: NewDatabase
) -> None:
    url = await new_database("ingest")
    first = processes.api("ingest", database_url=url, cors_origins="https://one.example")
    second = processes.api("ingest", database_url=url, cors_origins="https://two.example")
    worker = processes.worker("ingest", database_url=url)
    for one in (first, second, worker):
        parent, group = Path(f"/proc/{pid_of(one)}/stat").read_text().rpartition(")")[2].split()[1:3]
        assert (int(parent), int(group)) == (os.getpid(), pid_of(one))

    async with httpx.AsyncClient(headers={"Origin": "https://two.example"}, timeout=PATIENCE) as client:
        said = [(await client.get(one.url + "/healthz")).headers for one in (first, second)]
    assert [one.get("Access-Control-Allow-Origin") for one in said] == [None, "https://two.example"]
    beginnings = {one["X-Correlation-Id"][:16] for one in said}
    assert len(beginnings) == 2, "ids of requests are those of one process"

    for one in (first, second, worker):
        assert [line for line in one.log_path.read_text().splitlines() if not line.startswith("{")] == []

    first.kill()
    assert first.ended() == -signal.SIGKILL
    assert (second.ended(), worker.stop(within=60.0)) == (None, 0)
    first.start()
    first.wait_until_ready(120.0)
