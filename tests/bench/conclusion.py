"""`conclusion`: a whole notice by the service, compared with its renderers alone.

Ours: an order in PostgreSQL is claimed, the catalogue and three responses of metrics are read over HTTP, the tree is composed
and checked, DOCX, PDF and the three annexes are rendered, and all is stored. The baseline renders the same kind of trees. Each
run has figures of its own, because typst remembers what it has set before: a few versions more are counted before each.
"""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import Any

from services.metrics.counting import service as rollup
from services.notices.composition.service import compose
from services.notices.drafting import orders as ordering
from services.notices.drafting import service as drafting
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.metrics_client import Metrics
from services.notices.figures.model import Pinned
from services.notices.inspections import service as submissions
from services.notices.inspections.model import Inspection
from services.notices.rendering.docx import docx
from services.notices.rendering.pdf import pdf
from services.notices.rendering.renderer import Renderer
from services.notices.rendering.xlsx import xlsx
from services.notices.worker import draft_next
from shared.contracts.feed import FeedItem
from shared.database import Connection, Database
from tests.bench._rows import parts, row
from tests.metrics.conftest import count_feed
from tests.notices.counted import UNEXPLAINED, district_feed, mark_complete
from tests.notices.reference import DATED_AT

VERSIONS = 9_000
"""Counted at first: each agency and procedure has figures."""
CHUNK = 30
"""Versions counted before each notice."""


async def _count(database: Database, chunk: list[FeedItem]) -> None:
    async def work(tx: Connection) -> None:
        await rollup.apply(tx, "30", chunk, chunk[-1].position)
        await mark_complete(tx, chunk[-1].position)

    await database.run(work)


async def _pinned(metrics: Metrics, inspection: Inspection, position: int) -> Pinned:
    """The figures of a position, once metrics has heard of it."""
    for _ in range(1_000):
        pinned = await drafting.pin_figures(metrics, inspection, None)
        if pinned.position == position:
            return drafting.add_caveats(pinned, inspection, (), datetime.now(UTC))
    raise AssertionError(f"metrics is never at {position}")


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """Seconds for one conclusion in all its forms."""
    ours, baseline = [], []
    inspection = Inspection.model_validate(UNEXPLAINED)
    feed = district_feed(VERSIONS + 2 * CHUNK * (runs + 1))
    ahead, feed = feed[VERSIONS:], feed[:VERSIONS]
    chunks = [ahead[start : start + CHUNK] for start in range(0, len(ahead), CHUNK)]
    async with parts() as servers:
        url = await servers.database("metrics", "notices")
        database = Database(url, size=2)
        await count_feed(database, feed, random.Random(7), 1_000)
        api = servers.start("api", "metrics", url)
        async with Metrics(api.url, await servers.key("metrics", url)) as metrics, Renderer() as renderer:
            async with database.transaction() as tx:
                number = await submissions.submit(tx, inspection, "bench")
            for turn in range(runs + 1):
                await _count(database, chunks[2 * turn])
                await _pinned(metrics, inspection, chunks[2 * turn][-1].position)
                async with database.transaction() as tx:
                    await ordering.order(tx, number, inspection.province, None, ConfirmedCaveats(), "bench")
                began = time.perf_counter()
                assert await draft_next(database, metrics, renderer, "bench")
                took = time.perf_counter() - began
                await _count(database, chunks[2 * turn + 1])
                pinned = await _pinned(metrics, inspection, chunks[2 * turn + 1][-1].position)
                document, figures = compose(inspection, pinned)
                began = time.perf_counter()
                docx(document, dated_at=DATED_AT)
                pdf(document, figures, dated_at=DATED_AT)
                xlsx(document, dated_at=DATED_AT)
                if turn:  # the first reads fonts and templates
                    ours.append(took)
                    baseline.append(time.perf_counter() - began)
        await database.close()
    return {"conclusion": row(ours, baseline, "s", "lower")}
