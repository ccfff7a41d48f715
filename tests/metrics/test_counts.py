"""What figures are summed of, by agency and day: whoever adds it up gets the figures of every agency, period and position."""

from __future__ import annotations

import random
from typing import Any

import msgspec

from services.notices.figures.catalogue import Catalogue
from services.notices.figures.counts import counted_days, miscounted
from services.notices.figures.model import Figure, FigureUnit
from shared.contracts.counts import CountsByDay
from tests.metrics.conftest import Api
from tests.metrics.worlds import day, random_feed


def figures_of(answer: dict[str, Any]) -> dict[str, Figure]:
    """The figures of a response by keys as a notice has them, without percentiles."""
    rows = [("", answer["total"]), *((f"@{row['agency'] or 'unmapped'}", row) for row in answer["rows"])]
    found = {}
    for suffix, row in rows:
        for kpi, one in row["kpis"].items():
            if not kpi.startswith("processing_days_p"):
                unit = FigureUnit.count if one["denominator"] is None else FigureUnit.rate
                found[kpi + suffix] = Figure(
                    key=kpi + suffix,
                    unit=unit,
                    numerator=one["numerator"],
                    denominator=one["denominator"],
                    rule=one["rule"],
                    figure_id=one["figure"],
                )
    return found


async def test_the_counts_of_days_add_up_to_every_figure_of_every_agency_now_and_then(api: Api) -> None:
    world = await api.count(random_feed(random.Random(23), 100, 300))
    entry = {
        "province": api.province,
        "agency": "10813",
        "on": str(day(5)),
        "ratings": 9,
        "ratings_satisfied": 8,
        "source": "B",
    }
    assert (await api.client.post("/v1/manual-inputs", json=entry)).status_code == 201
    catalogue = msgspec.convert(await api.get("/v1/kpis/catalogue"), Catalogue)
    for since, until, as_of in (
        (3, 42, None),
        (3, 42, world.ends[-2]),
        (0, 60, world.ends[len(world.ends) // 3]),
        (20, 20, None),
    ):
        asked = {"since": str(day(since)), "to": str(day(until))} | ({} if as_of is None else {"as_of": as_of})
        answer = await api.get("/v1/kpis/counts", **asked)
        counts = counted_days(msgspec.convert(answer, CountsByDay))
        figures = figures_of(await api.get("/v1/kpis", by="agency", **asked))
        assert counts.entries > (300 if since < until else 5)
        assert list(miscounted(counts, figures, catalogue)) == []
        other = next(iter(figures.values()))
        figures[other.key] = msgspec.structs.replace(other, numerator=(other.numerator or 0) + 1)
        assert list(miscounted(counts, figures, catalogue))
