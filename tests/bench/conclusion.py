"""`conclusion`: a whole notice by the service beside its renderers alone.

Ours: an order in PostgreSQL is claimed, the catalogue and three answers of metrics are read over HTTP, the tree is composed and
checked, DOCX, PDF and the three annexes are drawn, and all is stored. The floor draws the same trees. Each run has figures of
its own, because typst remembers what it has set before.
"""

from __future__ import annotations

import time
from typing import Any

from services.notices.composition.service import compose
from services.notices.drafting import orders as ordering
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.metrics_client import Metrics
from services.notices.inspections import service as submissions
from services.notices.rendering.docx import docx
from services.notices.rendering.pdf import pdf
from services.notices.rendering.xlsx import xlsx
from services.notices.worker import draft_next
from shared.database import Database
from tests.bench._rows import parts, row
from tests.notices import answers
from tests.notices.metrics_stand_in import metrics_stand_in
from tests.notices.reference import DATED_AT, inspection, pinned


def _world(run: int) -> dict[str, dict[str, Any]]:
    """The reference answers at another position with a few more dossiers: every page of the notice differs."""
    made = answers.reference()
    for answer in made.values():
        answer["position"] += run
        for figures in [answer["total"]["kpis"], *(one["kpis"] for one in answer["rows"])]:
            for figure in figures.values():
                figure["numerator"] += run
                if figure["denominator"] is not None:
                    figure["denominator"] += run
    return made


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """Seconds for one conclusion in all its forms."""
    ours, floor = [], []
    handed_in = inspection()
    with metrics_stand_in() as stand_in:
        async with parts() as servers, Metrics(stand_in.url, stand_in.key) as metrics:
            database = Database(await servers.database("notices"), size=2)
            async with database.transaction() as tx:
                number = await submissions.submit(tx, handed_in, "bench")
            for turn in range(runs + 1):
                stand_in.answers = _world(2 * turn)
                async with database.transaction() as tx:
                    await ordering.order(tx, number, handed_in.province, None, ConfirmedCaveats(), "bench")
                began = time.perf_counter()
                assert await draft_next(database, metrics, "bench")
                took = time.perf_counter() - began
                document, figures = compose(handed_in, pinned(_world(2 * turn + 1)))
                began = time.perf_counter()
                docx(document, dated_at=DATED_AT)
                pdf(document, figures, dated_at=DATED_AT)
                xlsx(document, dated_at=DATED_AT)
                if turn:  # the first reads fonts and templates
                    ours.append(took)
                    floor.append(time.perf_counter() - began)
            await database.close()
    return {"conclusion": row(ours, floor, "s", "lower")}
