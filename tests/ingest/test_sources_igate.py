"""The iGate adapter: a walk down a moving list that skips nobody."""

from __future__ import annotations

import contextlib
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from deploy.simulator.app import Portal
from deploy.simulator.clock import PortalClock
from deploy.simulator.faults import Faults
from deploy.simulator.ledger import DAY, History, moment
from deploy.simulator.random_world import RandomWorld, live_world
from deploy.simulator.world import LedgerWorld
from services.ingest.events.model import Reason
from services.ingest.sources.errors import SourceError, SourceMisconfigured
from services.ingest.sources.kinds.igate.cursor import REVISION, ListCursor
from services.ingest.sources.kinds.igate.verification import PassRead
from services.ingest.sources.kinds.igate.walk import Walk
from services.ingest.sources.reader import AdapterPool, open_source
from services.ingest.sources.store.sources import SourceRow
from tests.ingest.igate_reading import Capped, Reading, Seen
from tests.ingest.igate_records import at, record
from tests.ingest.portals import SECRET, Scripted, bound_secret, serving


def lively(dossiers: int, seed: int, *, deleted: int) -> LedgerWorld:
    """A world in which every `deleted`-th dossier will vanish at some moment of the next months."""
    world = live_world(RandomWorld(dossiers=dossiers, seed=seed))
    chance = random.Random(seed)
    ledger: list[History] = []
    for index in range(len(world)):
        one = world.history(index)
        if deleted and index % deleted == 0:
            one = replace(one, deleted_at=world.starts_at + chance.randrange(1, 60 * DAY))
        ledger.append(one)
    return LedgerWorld(
        province=world.province, offices=world.offices, offerings=world.offerings, ledger=ledger, starts_at=world.starts_at
    )


def shown_now(world: LedgerWorld, now: int) -> dict[str, datetime]:
    return {one.history.code: moment(one.updated_at) for one in world.at(now)}


def missing(world: LedgerWorld, now: int, seen: Seen) -> dict[str, datetime]:
    return {code: at for code, at in shown_now(world, now).items() if seen.versions.get(code) != at}


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_a_still_list_is_read_whole_and_proves_itself(concurrency: int) -> None:
    world = live_world(RandomWorld(dossiers=900))
    portal = Portal(world, clock=PortalClock(world.starts_at))
    seen = Seen()
    async with serving(portal) as url:
        reading = Reading(url, concurrency=concurrency)
        await reading.pull(seen)
        assert seen.complete
        assert seen.cursor is not None
        assert seen.cursor["verification"].startswith("counted")
        assert not missing(world, world.starts_at, seen)
        total = len(shown_now(world, world.starts_at))
        # Fewest: the pages, a token, a closing look; windows of eight pages add a look each.
        assert reading.client.total_calls <= -(-total // 20) * (1 if concurrency == 1 else 1.15) + 3
        before = reading.client.total_calls
        await reading.pull(seen)
        assert seen.complete
        assert reading.client.total_calls == before + 1
        await reading.client.close()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("concurrency", [1, 4])
async def test_a_list_that_moves_and_shrinks_while_it_is_read_loses_nobody(seed: int, concurrency: int) -> None:
    world = lively(600, seed, deleted=3)
    clock = PortalClock(world.starts_at)
    portal = Portal(world, clock=clock)
    seen = Seen()
    async with serving(portal) as url:
        reading = Reading(url, concurrency=concurrency)
        for _ in range(3):
            await reading.pull(seen, clock=clock, skip=8 * 3600)
        await reading.pull(seen)
        assert seen.complete
        await reading.client.close()
    assert not missing(world, clock.now(), seen)


async def test_without_going_back_where_the_list_shrank_somebody_would_be_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def forward_only(self: Walk, page: Any) -> bool:
        self._at.total = None
        return advance(self, page)

    async def believed(self: Walk) -> PassRead:
        return PassRead(self._at.total or 0, one_page=True)

    advance = Walk._advance
    monkeypatch.setattr(Walk, "_advance", forward_only)
    monkeypatch.setattr(Walk, "_pass_read", believed)
    lost = 0
    for seed in range(3):
        world = lively(600, seed, deleted=3)
        clock = PortalClock(world.starts_at)
        seen = Seen()
        async with serving(Portal(world, clock=clock)) as url:
            reading = Reading(url, concurrency=1)
            await reading.pull(seen, clock=clock, skip=8 * 3600)
            await reading.pull(seen)
            await reading.client.close()
        lost += len(missing(world, clock.now(), seen))
    assert lost > 0


@pytest.mark.parametrize("seed", range(4))
async def test_a_pull_killed_again_and_again_goes_on_from_its_place(seed: int) -> None:
    world = lively(500, seed, deleted=5)
    clock = PortalClock(world.starts_at)
    seen = Seen()
    chance = random.Random(seed)
    async with serving(Portal(world, clock=clock)) as url:
        reading = Reading(url, concurrency=1 + 3 * (seed % 2))
        for _ in range(40):
            await reading.pull(seen, stop_after=chance.randrange(1, 5), clock=clock, skip=3600)
            if seen.complete and chance.random() < 0.3:
                break
        await reading.pull(seen)
        await reading.pull(seen)
        assert seen.complete
        await reading.client.close()
    assert not missing(world, clock.now(), seen)


async def test_the_proof_of_a_first_pass_reads_what_came_meanwhile_in_large_pages() -> None:
    world = live_world(RandomWorld(dossiers=3_000))
    clock = PortalClock(world.starts_at)
    seen = Seen()
    before = len(shown_now(world, clock.now()))
    async with serving(Portal(world, clock=clock)) as url:
        reading = Reading(url, concurrency=1, page_size=1_000)
        await reading.pull(seen, clock=clock, skip=60 * DAY)
        calls = reading.client.total_calls
        await reading.client.close()
    assert seen.complete
    assert seen.cursor is not None
    newer = len(shown_now(world, clock.now())) - before
    assert newer > 500
    assert calls < newer / 50
    assert not missing(world, clock.now(), seen)


async def test_pages_that_begin_too_late_are_found_by_counting_and_read_again() -> None:
    world = live_world(RandomWorld(dossiers=800))
    faults = Faults(skip=0.2, seed=3)
    portal = Portal(world, clock=PortalClock(world.starts_at), faults=faults)
    seen = Seen()
    async with serving(portal) as url:
        reading = Reading(url, concurrency=1, passes=9)
        await reading.pull(seen)
        await reading.client.close()
    assert seen.cursor is not None
    assert any(msgspec.convert(batch.cursor or {}, ListCursor).number > 1 for batch in seen.batches)
    if seen.cursor["verification"].startswith("counted"):
        assert not missing(world, world.starts_at, seen)


async def test_a_list_that_cannot_be_proven_says_so() -> None:
    world = live_world(RandomWorld(dossiers=800))
    portal = Portal(world, clock=PortalClock(world.starts_at), faults=Faults(skip=0.5))
    seen = Seen()
    async with serving(portal) as url:
        reading = Reading(url, concurrency=1, passes=1)
        await reading.pull(seen)
        await reading.client.close()
    assert seen.complete
    assert seen.cursor is not None
    assert seen.cursor["verification"].startswith("not verified in 1 passes")


async def test_the_worst_day_of_a_portal_changes_nothing_but_the_time() -> None:
    world = live_world(RandomWorld(dossiers=1200))
    faults = Faults(
        p5xx=0.3, p429=0.1, cut=0.1, drip=0.03, repeat=0.05, revoke=0.05, html=0.05, gzip=0.1, drip_seconds=0.05, retry_after=0
    )
    portal = Portal(world, clock=PortalClock(world.starts_at), faults=faults, token_seconds=1)
    seen = Seen()
    async with serving(portal) as url:
        reading = Reading(url, patience_seconds=5)
        for _ in range(20):
            # As the worker does: what ends one pull does not end the next.
            with contextlib.suppress(SourceError):
                await reading.pull(seen)
            if seen.complete:
                break
        await reading.client.close()
    assert seen.complete
    assert not missing(world, world.starts_at, seen)
    assert set(portal.calls.by_fault) >= {"p5xx", "p429", "cut", "repeat"}


async def test_the_agreed_rate_is_never_exceeded() -> None:
    world = live_world(RandomWorld(dossiers=700))
    portal = Portal(world, clock=PortalClock(world.starts_at))
    async with serving(portal) as url:
        reading = Reading(url, rate=40, concurrency=4)
        await reading.pull(Seen())
        await reading.client.close()
    assert len(portal.calls.arrivals) > 20
    assert portal.calls.peak(1) <= 40


async def test_a_time_budget_ends_a_pull_at_a_page_and_the_next_goes_on() -> None:
    world = live_world(RandomWorld(dossiers=400))
    seen = Seen()
    pulls = 0
    async with serving(Portal(world, clock=PortalClock(world.starts_at))) as url:
        while not seen.complete:
            reading = Reading(url, budget_seconds=0.001)
            await reading.pull(seen)
            await reading.client.close()
            pulls += 1
    assert pulls > 2
    assert not missing(world, world.starts_at, seen)


def connected(settings: dict[str, Any]) -> SourceRow:
    due_at = datetime(2026, 3, 1, tzinfo=UTC)
    return SourceRow("x", "30", "igate", settings, SECRET, True, 60, None, due_at, 0, None, None)


async def test_pulls_one_after_another_share_the_token_and_only_ask_for_what_is_new() -> None:
    world = live_world(RandomWorld(dossiers=300))
    clock = PortalClock(world.starts_at)
    portal = Portal(world, clock=clock)
    pool = AdapterPool()
    seen = Seen()
    async with serving(portal) as url:
        settings = {"base_url": url, "rate": 100, "overlap_seconds": 0}
        row = connected(settings)
        calls = []
        with bound_secret(url):
            for _ in range(3):
                async with open_source(row, pool) as reader:
                    async for batch in reader.read(seen.cursor):
                        seen.store(batch)
                calls.append(reader.calls)
                clock.skip(3600)
            async with open_source(connected({**settings, "rate": 99}), pool) as reader:
                async for batch in reader.read(seen.cursor):
                    seen.store(batch)
            assert reader.calls == 2  # other settings: a client, and a token, of its own
        await pool.close()
    # A token, the page and a closing look at the first; then a page each.
    assert calls == [3, 1, 1]
    assert not missing(world, clock.now() - 3600, seen)


async def test_a_source_without_its_password_says_which_variable_is_missing() -> None:
    url = "https://portal"
    with bound_secret(url, value=""), pytest.raises(SourceMisconfigured, match="MOTCUA_SECRET_TEST with the password"):
        async with open_source(connected({"base_url": url})):
            pass


@pytest.mark.parametrize("wanted", [1000, 64, 50, 7])
async def test_a_portal_that_caps_its_pages_is_read_whole(wanted: int) -> None:
    newest = at("06-20T09:00")
    rows = [
        record(id=f"d{number}", code=f"H-{number}", updatedDate=(newest - timedelta(minutes=number)).isoformat())
        for number in range(333)
    ]
    capped = Capped(rows, 50)
    capped.script = Scripted([capped])
    seen = Seen()
    async with capped.script.serving() as url:
        reading = Reading(url, page_size=wanted, without_token=True, concurrency=1)
        await reading.pull(seen)
        assert len(seen.versions) == 333
        # More has happened than the last pass found: small pages grow, and the cap is met on the way.
        known = ListCursor(REVISION, complete=True, since=newest - timedelta(minutes=300), ordered=True, usual=1)
        seen.cursor = known.as_json()
        seen.versions.clear()
        await reading.pull(seen)
        assert len(seen.versions) >= 301
        await reading.client.close()


async def test_dates_in_the_future_do_not_move_the_watermark() -> None:
    rows = [
        record(id="none", code="H-9", updatedDate="9999-12-31T00:00:00.000+0700"),
        record(id="mad", code="H-0", updatedDate="2044-12-31T00:00:00.000+0700"),
        *(
            record(id=f"{n * 7 % 9}", code=f"H-{n * 7 % 9}", updatedDate=f"2023-06-20T09:00:{60 - n}.000+0700")
            for n in range(1, 9)
        ),
    ]
    capped = Capped(rows, 50)
    capped.script = Scripted([capped])
    seen = Seen()
    async with capped.script.serving() as url:
        reading = Reading(url, without_token=True)
        await reading.pull(seen)
        await reading.client.close()
    assert seen.cursor is not None
    assert seen.cursor["since"].startswith("2023-06-20T02:00:59")
    assert next(one.reason for batch in seen.batches for one in batch.rejected) is Reason.date_out_of_range


async def test_a_list_with_nothing_in_it_is_complete() -> None:
    capped = Capped([], 50)
    capped.script = Scripted([capped])
    seen = Seen()
    async with capped.script.serving() as url:
        reading = Reading(url, without_token=True)
        await reading.pull(seen)
        await reading.client.close()
    assert seen.complete
