"""Lists of iGate that never end, or whose pages shrink, are left in time and bounded memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from deploy.simulator.app import Portal
from deploy.simulator.clock import PortalClock
from deploy.simulator.habits import Habits
from deploy.simulator.random_world import RandomWorld, live_world
from services.ingest.sources.errors import SourceUnreadable
from services.ingest.sources.kinds.igate import walk_bounds
from services.ingest.sources.kinds.igate.lists import list_dossiers
from services.ingest.sources.kinds.igate.record import Decoder
from tests.ingest.igate_reading import Reading, Seen
from tests.ingest.igate_records import LATEST, at, record
from tests.ingest.portals import Scripted, answer, serving
from tests.ingest.test_sources_igate import missing
from tests.patience import PATIENCE


class Unending:
    """A portal whose list gets longer and newer with each answer, whatever is asked for."""

    def __init__(
        self,
        *,
        size: Callable[[int], int] = lambda asked: asked,
        total: Callable[[int], int] = lambda call: 1 if call == 1 else 2**31 - 1,
    ) -> None:
        """`size` is that of the pages by the one asked for, `total` the rows in the list as of a call."""
        self.script = Scripted([self])
        self.size = size
        self.total = total

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        call = len(self.script.asked)
        asked = int(self.script.asked[-1][1].partition("&size=")[2].partition("&")[0])
        rows = [
            record(
                id=f"{call}-{row}", code=f"{call}-{row}", updatedDate=(at("01-01T00:00") + timedelta(seconds=call)).isoformat()
            )
            for row in range(min(self.size(asked), 20, self.total(call)))
        ]
        page = {"content": rows, "totalElements": self.total(call), "size": self.size(asked)}
        await answer(200, json.dumps(page).encode())(writer)


async def pulled_from(portal: Unending, seen: Seen, **settings: Any) -> None:
    async with asyncio.timeout(PATIENCE), portal.script.serving() as url:
        reading = Reading(url, without_token=True, concurrency=1, **settings)
        try:
            await reading.pull(seen)
        finally:
            await reading.client.close()


async def test_a_list_that_grows_at_its_head_for_ever_is_left_when_the_time_is_over_and_the_next_pull_goes_on() -> None:
    seen = Seen()
    portal = Unending()
    await pulled_from(portal, seen, budget_seconds=0.5)
    assert seen.cursor is not None
    assert not seen.cursor.get("verified")
    before = len(seen.versions)
    await pulled_from(portal, seen, budget_seconds=0.5)
    assert not seen.cursor.get("verified")
    assert len(seen.versions) > before


async def test_what_is_remembered_of_a_list_that_grows_at_its_head_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_bounds, "MAX_ABOVE", 100)
    seen = Seen()
    portal = Unending()
    await pulled_from(portal, seen, page_size=20)
    assert seen.cursor is not None
    assert seen.cursor["verification"].startswith("not verified")
    assert len(portal.script.asked) < 200


async def test_a_portal_whose_pages_get_smaller_with_each_answer_is_unreadable() -> None:
    portal = Unending(size=lambda asked: asked - 1, total=lambda call: 2**31 - 1)
    with pytest.raises(SourceUnreadable, match="smaller with each answer"):
        await pulled_from(portal, Seen(), page_size=1_000)
    assert len(portal.script.asked) < 15


async def test_a_list_that_is_compared_and_never_ends_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(list_dossiers.__globals__, "MAX_NEW", 100)
    portal = Unending(total=lambda call: 40 * call)
    async with asyncio.timeout(PATIENCE), portal.script.serving() as url:
        reading = Reading(url, without_token=True)
        with pytest.raises(SourceUnreadable, match="does not end"):
            async for _ in list_dossiers(reading.client, Decoder("x", reading.settings, LATEST), reading.settings, None):
                pass
        await reading.client.close()


async def test_a_window_of_pages_is_cut_short_when_the_time_is_over() -> None:
    world = live_world(RandomWorld(dossiers=400))
    portal = Portal(world, clock=PortalClock(world.starts_at))
    seen = Seen()
    async with serving(portal) as url:
        while not seen.complete:
            reading = Reading(url, budget_seconds=0.001, concurrency=4)
            await reading.pull(seen)
            assert reading.client.total_calls <= 5
            await reading.client.close()
    assert not missing(world, world.starts_at, seen)


async def test_a_last_page_that_comes_again_shows_no_smaller_pages_behind_a_total_that_is_cut_off() -> None:
    world = RandomWorld(dossiers=453)
    portal = Portal(world, clock=PortalClock(world.starts_at), habits=Habits(last_page_again=True, total_cap=60))
    seen = Seen()
    async with serving(portal) as url:
        reading = Reading(url)
        await reading.pull(seen)
        await reading.client.close()
    assert len(seen.versions) == 453
    # At each smaller page the list was read anew, down to pages of two rows.
    assert len(portal.calls.arrivals) < 40 * reading.settings.passes
