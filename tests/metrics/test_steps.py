"""Steps of the internal process by department and by name: as counted by hand, now and then, and opened to their dossiers."""

from __future__ import annotations

import random
from typing import Any, Literal

import pytest

from tests.metrics import by_hand, worlds
from tests.metrics.conftest import Api

SINCE, UNTIL = worlds.day(5), worlds.day(60)


def expected_rows(feed: list[Any], position: int, by: Literal["department", "step"]) -> dict[str | None, dict[str, Any]]:
    """Numerator and denominator of the KPIs of steps, by what they are grouped under."""
    facts = [one for one in worlds.state(feed, position).values() if not one.deleted and one.received_on is not None]
    steps = [step for one in facts for step in one.steps if SINCE <= step.ended_on <= UNTIL]
    return {
        group: by_hand.count_steps([step for step in steps if getattr(step, by) == group])
        for group in {getattr(step, by) for step in steps}
    }


async def everything_behind(api: Api, figure: str, **words: Any) -> int:
    """What the dossiers behind a figure add up to, page by page."""
    added = 0
    cursor: dict[str, str] = {}
    while True:
        page = await api.get(f"/v1/figures/{figure}", limit=50, **cursor, **words)
        added += sum(one["contribution"] for one in page["dossiers"])
        if page["next_cursor"] is None:
            assert added == page["sum"]
            return int(added)
        cursor = {"cursor": page["next_cursor"]}


@pytest.mark.parametrize("by", ["department", "step"])
async def test_rows_equal_a_count_by_hand_add_up_and_open_to_their_dossiers(
    api: Api, by: Literal["department", "step"]
) -> None:
    world = await api.count(worlds.random_feed(random.Random(7), 120, 300))
    for position in (world.ends[-1], world.ends[len(world.ends) // 2]):
        answer = await api.get("/v1/kpis", since=str(SINCE), to=str(UNTIL), by=by, as_of=position)
        expected = expected_rows(world.feed, position, by)
        found = {row["work"]: row["kpis"] for row in answer["rows"]}
        assert {
            group: {kpi: (figure["numerator"], figure["denominator"]) for kpi, figure in kpis.items()}
            for group, kpis in found.items()
        } == expected
        assert answer["rows"][-1]["work"] is None, "what is not known comes last"
        total = answer["total"]["kpis"]
        for kpi in total:
            assert total[kpi]["numerator"] == sum(figures[kpi]["numerator"] for figures in found.values())
        for figures in (total, *found.values()):
            for figure in (figures["steps_overdue"], figures["step_hours_over"]):
                assert await everything_behind(api, figure["figure"]) == figure["numerator"]


async def test_only_kpis_of_steps_have_rows_of_departments(api: Api) -> None:
    await api.count(worlds.random_feed(random.Random(1), 10, 10))
    words = {"province": api.province, "by": "department"}
    refused = await api.client.get("/v1/kpis", params={**words, "kpi": "resolved"})
    assert refused.status_code == 422
    assert "steps_overdue" in refused.json()["detail"]
    table = await api.client.get("/v1/kpis", params={**words, "kpi": "steps_ended", "format": "csv"})
    assert table.status_code == 200
    figure = f"{api.province}~10~resolved@1~all~2023-01-01~2023-02-01~then~department:"
    assert (await api.client.get(f"/v1/figures/{figure}")).status_code == 404
