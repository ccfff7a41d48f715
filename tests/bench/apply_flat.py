"""`apply_flat`: the cost of counting a version when 5 million dossiers are there, against 100.000; live batches of 1.000.

Cost is the CPU time of the database session and of this process, so that a busy disk or neighbour does not speak into it.
"""

from __future__ import annotations

import os
import random
import time
from typing import Any

from services.metrics.counting import service as rollup
from shared.database import Connection, Database
from tests.bench import _province as dossiers
from tests.bench._load import cpu_seconds
from tests.bench._rows import parts, row

LARGE = int(os.environ.get("BENCH_DOSSIERS", "3000000")) * 5 // 3
SMALL = 100_000
BATCH_SIZE = 1_000
VERSIONS = 10_000


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The row."""
    costs: dict[str, list[float]] = {"large": [], "small": []}
    async with parts() as made:
        database = Database(await made.database("metrics"), size=1)
        reached = {"small": SMALL, "large": LARGE}
        for province, size in reached.items():
            await dossiers.write(database, province, size, bulk=province == "small")
        source = random.Random(1)
        for turn in range(runs + 1):
            for province in costs:
                items = dossiers.changes(source, reached[province] + 1, VERSIONS, SMALL if province == "small" else LARGE)
                reached[province] += VERSIONS
                cost = await _cost(database, province, items)
                if turn:
                    costs[province].append(1e6 * cost / VERSIONS)
        await database.close()
    return {"apply_flat": row(costs["large"], costs["small"], "µs of CPU per version", "lower")}


async def _cost(database: Database, province: str, items: list[Any]) -> float:
    async with database.connection() as connection:
        session = await connection.fetchval("SELECT pg_backend_pid()")
        ours, theirs = time.process_time(), cpu_seconds(session)
        for start in range(0, len(items), BATCH_SIZE):
            await _apply(connection, province, items[start : start + BATCH_SIZE])
        return time.process_time() - ours + cpu_seconds(session) - theirs


async def _apply(connection: Connection, province: str, items: list[Any]) -> None:
    async with connection.transaction():
        await rollup.apply(connection, province, items, items[-1].position)
