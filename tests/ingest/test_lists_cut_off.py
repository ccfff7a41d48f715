"""Lists that a portal cuts off are read in parts by the day of receipt; where it does not heed that, it is said."""

from __future__ import annotations

import dataclasses

import pytest

from deploy.simulator import app as simulator
from deploy.simulator.app import Portal
from deploy.simulator.clock import PortalClock
from deploy.simulator.filters import Filters, filters_of
from deploy.simulator.habits import Habits
from deploy.simulator.random_world import RandomWorld, live_world
from deploy.simulator.rendering import agency_id
from services.ingest.sources.errors import SourceUnreadable
from services.ingest.sources.kinds.igate.lists import list_dossiers
from services.ingest.sources.kinds.igate.record import Decoder
from tests.ingest.igate_reading import Reading, Seen
from tests.ingest.igate_records import LATEST
from tests.ingest.portals import serving

CAP = 100
TOP = agency_id(0)


def cut_off(**more: object) -> Portal:
    world = live_world(RandomWorld(dossiers=330), share=1)
    habits = Habits()
    habits.change({"list_cap": CAP, "total_cap": CAP, **more})
    return Portal(world, clock=PortalClock(world.starts_at), habits=habits)


async def listed(portal: Portal, agency: str | None, *, left_often: bool = False) -> Seen:
    """What a list gives; with `left_often` left after each part, and taken up again from the place stored."""
    seen = Seen()
    async with serving(portal) as url:
        reading = Reading(url, page_size=CAP)
        decoder = Decoder("x", reading.settings, LATEST)
        try:
            while True:
                async for batch in list_dossiers(reading.client, decoder, reading.settings, agency, seen.cursor):
                    seen.store(batch)
                    if left_often and batch.cursor is not None and "parts" in batch.cursor:
                        break
                else:
                    return seen
        finally:
            await reading.client.close()


def received(portal: Portal) -> set[str]:
    return {one.history.code for one in portal.world.at(portal.clock.now()) if one.received_at is not None}


@pytest.mark.parametrize(("agency", "more"), [(None, {}), (TOP, {}), (TOP, {"total_cap": 0, "without_total": True})])
async def test_a_list_that_is_cut_off_is_read_in_parts_by_the_day_of_receipt(
    agency: str | None, more: dict[str, object]
) -> None:
    portal = cut_off(**more)
    there = received(portal)
    assert len(there) > 3 * CAP
    assert not there - (await listed(portal, agency)).versions.keys()


async def test_a_list_in_parts_goes_on_where_it_was_left() -> None:
    portal = cut_off()
    assert not received(portal) - (await listed(portal, TOP, left_often=True)).versions.keys()


async def test_of_a_portal_that_does_not_heed_days_of_receipt_what_it_lists_of_an_agency_is_taken_and_no_whole_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def heedless(query: object, renderer: object) -> Filters:
        return dataclasses.replace(filters_of(query, renderer), accepted=None)  # type: ignore[arg-type]

    monkeypatch.setattr(simulator, "filters_of", heedless)
    portal = cut_off()
    assert len((await listed(portal, TOP)).versions) == CAP
    assert len(portal.calls.arrivals) < 20
    with pytest.raises(SourceUnreadable, match="cannot be read to an end"):
        await listed(portal, None)
