"""`conclusion_memory`: resident megabytes of worker and renderer after 200 conclusions in a row, above those after the 20th.

Each conclusion has figures of its own: a few versions more are counted before each. 20 MB are promised. SIZE=full makes 200 of
them, otherwise 40.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from typing import Any

from services.notices.drafting import orders as ordering
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.metrics_client import Metrics
from services.notices.inspections import service as submissions
from services.notices.inspections.model import Inspection
from services.notices.rendering.renderer import Renderer
from services.notices.worker import draft_next
from shared.database import Database
from tests.bench._rows import parts, row
from tests.bench.conclusion import CHUNK, VERSIONS, _count, _pinned
from tests.metrics.conftest import count_feed
from tests.notices.counted import UNEXPLAINED, district_feed

PROMISED = 20.0
WARM = 20
NOTICES = 200 if os.environ.get("SIZE") == "full" else 40


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
        async with Metrics(api.url, await servers.key("metrics", url)) as metrics, Renderer() as renderer:
            async with database.transaction() as tx:
                number = await submissions.submit(tx, inspection, "bench")
            for turn in range(NOTICES):
                chunk = ahead[turn * CHUNK : (turn + 1) * CHUNK]
                await _count(database, chunk)
                await _pinned(metrics, inspection, chunk[-1].position)
                async with database.transaction() as tx:
                    await ordering.order(tx, number, inspection.province, None, ConfirmedCaveats(), "bench")
                assert await draft_next(database, metrics, renderer, "bench")
                resident.append(_resident())
                if len(resident) % WARM == 0:
                    print(f"{resident[-1]:.0f} MB after {len(resident)} conclusions", file=sys.stderr, flush=True)
        await database.close()
    grown = resident[-1] - resident[WARM - 1]
    return {"conclusion_memory": row([grown], [PROMISED], "MB", "lower")}


def _resident() -> float:
    """Megabytes of this process and of those that render for it."""
    own = [os.getpid()]
    for task in Path(f"/proc/{own[0]}/task").iterdir():
        own += [
            int(child)
            for child in (task / "children").read_text().split()
            if b"rendering" in Path(f"/proc/{child}/cmdline").read_bytes()
        ]
    return sum(_rss(pid) for pid in own)


def _rss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
