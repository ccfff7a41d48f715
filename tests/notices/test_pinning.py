"""The figures of one draft stand on one state: read side by side, and what moves or fails meanwhile makes no draft."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from services.notices.drafting.service import pin_figures, read_counts
from services.notices.figures.metrics_client import MetricsAway
from services.notices.inspections.model import Inspection
from shared.errors import NotFound, Unavailable
from shared.side_by_side import side_by_side
from tests.notices.conftest import Workbench
from tests.notices.counted import UNEXPLAINED
from tests.patience import PATIENCE

GROUPINGS = ("agency", "procedure", "department", "step")


async def test_the_first_that_fails_cancels_the_others_and_is_raised_itself() -> None:
    ended = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def failing() -> None:
        await asyncio.sleep(0)
        raise NotFound("There is no such scope.")

    async def all_of_them() -> None:
        async with side_by_side() as group:
            group.create_task(endless())
            group.create_task(failing())
            await endless()

    with pytest.raises(NotFound, match="no such scope"):
        await all_of_them()
    assert ended == ["cancelled", "cancelled"]


async def test_figures_are_read_side_by_side(workbench: Workbench) -> None:
    together = threading.Barrier(len(GROUPINGS))

    def change(path: str, query: dict[str, list[str]], body: dict[str, Any]) -> None:
        if path == "/v1/kpis" and query["by"][0] in GROUPINGS:
            together.wait(PATIENCE)

    workbench.proxy.change = change
    await pin_figures(workbench.client, Inspection.model_validate(UNEXPLAINED), None)
    assert not together.broken


async def test_one_response_that_fails_waits_for_no_other(workbench: Workbench) -> None:
    over = threading.Event()

    def change(path: str, query: dict[str, list[str]], body: dict[str, Any]) -> None:
        if path == "/v1/kpis" and query["by"] == ["step"]:
            body.clear()
        elif path == "/v1/kpis" and query["by"][0] in GROUPINGS:
            over.wait(PATIENCE)

    workbench.proxy.change = change
    try:
        with pytest.raises(MetricsAway, match="break the contract"):
            await pin_figures(workbench.client, Inspection.model_validate(UNEXPLAINED), None)
        assert not over.is_set()
    finally:
        over.set()


@pytest.mark.parametrize("by", GROUPINGS)
async def test_what_was_entered_between_two_responses_makes_no_draft(workbench: Workbench, by: str) -> None:
    def change(path: str, query: dict[str, list[str]], body: dict[str, Any]) -> None:
        if path == "/v1/kpis" and query["by"] == [by]:
            next(iter(body["total"]["kpis"].values()))["numerator"] += 1

    workbench.proxy.change = change
    with pytest.raises(Unavailable, match=r"^\w+ was entered or counted anew while the figures were read"):
        await pin_figures(workbench.client, Inspection.model_validate(UNEXPLAINED), None)


async def test_counts_of_another_position_are_not_those_of_the_figures(workbench: Workbench) -> None:
    inspection = Inspection.model_validate(UNEXPLAINED)
    found = await pin_figures(workbench.client, inspection, None)
    assert await read_counts(workbench.client, inspection, found)

    def change(path: str, query: dict[str, list[str]], body: dict[str, Any]) -> None:
        body["position"] += 1

    workbench.proxy.change = change
    with pytest.raises(Unavailable, match="figures moved while they were read"):
        await read_counts(workbench.client, inspection, found)
