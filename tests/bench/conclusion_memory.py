"""`conclusion_memory`: most resident megabytes of worker and renderer in 200 conclusions in a row, above those after the 20th.

Both are the processes of the service; what counts versions for them is this one, and is not measured. Each conclusion has
figures of its own: a few versions more are counted before each. 20 MB are promised. SIZE=full makes 200 of them, otherwise 40.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from typing import Any

from deploy.local.services import Process
from services.notices.drafting import orders as ordering
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.metrics_client import Metrics
from services.notices.inspections import service as submissions
from services.notices.inspections.model import Inspection
from shared.database import Database
from tests.bench._rows import parts, row
from tests.bench.conclusion import CHUNK, VERSIONS, _count, _pinned
from tests.bench.memory import _children, _megabytes
from tests.metrics.conftest import count_feed
from tests.notices.counted import UNEXPLAINED, district_feed

PROMISED = 20.0
WARM = 20
NOTICES = 200 if os.environ.get("SIZE") == "full" else 40
PATIENCE = 300.0
"""Seconds within which one is drafted."""


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """Growth in megabytes, beside the limit; one run, since growth that is too large once is too large."""
    del runs
    inspection = Inspection.model_validate(UNEXPLAINED)
    feed = district_feed(VERSIONS + CHUNK * NOTICES)
    ahead, feed = feed[VERSIONS:], feed[:VERSIONS]
    resident: list[float] = []
    async with parts() as servers:
        url = await servers.database("metrics", "notices")
        database = Database(url, size=2)
        await count_feed(database, feed, random.Random(7), 1_000)
        api = servers.start("api", "metrics", url)
        key = await servers.key("metrics", url)
        worker = servers.start("worker", "notices", url, metrics_url=api.url, metrics_key=key, poll_seconds="0.1")
        async with Metrics(api.url, key) as metrics:
            async with database.transaction() as tx:
                number = await submissions.submit(tx, inspection, "bench")
            for turn in range(NOTICES):
                chunk = ahead[turn * CHUNK : (turn + 1) * CHUNK]
                await _count(database, chunk)
                await _pinned(metrics, inspection, chunk[-1].position)
                async with database.transaction() as tx:
                    order = await ordering.order(tx, number, inspection.province, None, ConfirmedCaveats(), "bench")
                await _until_drafted(database, order.number)
                resident.append(await _resident(worker))
                if len(resident) in (1, 10) or len(resident) % WARM == 0:
                    print(f"{resident[-1]:.0f} MB after {len(resident)} conclusions", file=sys.stderr, flush=True)
        await database.close()
    # The most of all, because after its 200th order the renderer gives way to a new one, and holds nothing.
    grown = max(resident[WARM:]) - resident[WARM - 1]
    return {"conclusion_memory": row([grown], [PROMISED], "MB", "lower")}


async def _until_drafted(database: Database, number: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        async with database.transaction() as tx:
            notice = await notices_store.find(tx, number)
        assert notice is not None
        if notice.state == "draft":
            return
        assert notice.state != "failed", notice.error
        assert time.monotonic() < deadline, notice
        await asyncio.sleep(0.05)


async def _resident(worker: Process) -> float:
    """Megabytes of the worker and of those that render for it, once it is idle."""
    assert worker.child is not None
    await asyncio.sleep(0.3)
    return sum(_megabytes(pid, "VmRSS") for pid in (worker.child.pid, *_children(worker.child.pid)))
