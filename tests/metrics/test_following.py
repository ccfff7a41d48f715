"""The worker that follows the feed, as a real process, against a feed over real HTTP."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.metrics.agencies import store as catalogue
from services.metrics.counting.feed_loop import follow, store_quality
from services.metrics.counting.ingest_client import Ingest, IngestAway
from services.metrics.counting.store import ledgers
from services.metrics.figures.store import sums
from services.metrics.monitoring.ingest_probe import poll_ingest, store_heads
from services.metrics.periods import Period
from services.metrics.provinces.completeness import freshness
from services.metrics.provinces.store import provinces
from shared.contracts.kpis import Freshness
from shared.database import Database
from shared.notifications import Notifier
from tests.conftest import NewDatabase, Processes
from tests.metrics import worlds
from tests.metrics.feed import KEY, Feed, serving
from tests.metrics.test_counters import assert_equal_to_count
from tests.metrics.worlds import random_feed
from tests.patience import PATIENCE


async def position_of(database: Database) -> int:
    async with database.transaction() as tx:
        known = await provinces.province(tx, "30")
    return known.position if known else 0


async def until(database: Database, position: int, within: float = PATIENCE) -> None:
    deadline = time.monotonic() + within
    while await position_of(database) < position:
        assert time.monotonic() < deadline, f"only {await position_of(database)} of {position}"
        await asyncio.sleep(0.02)


async def assert_counted(database: Database, feed: Feed) -> None:
    period = Period(worlds.day(3), worlds.day(50))
    async with database.transaction() as tx:
        units = await catalogue.units(tx, "30")
        found = await sums.now(tx, sums.CounterQuery("30", sorted(units.everything), period, "agency"))
        assert_equal_to_count(found, units, worlds.state(feed.items, len(feed.items)), period)


async def test_it_counts_the_whole_feed_and_takes_the_catalogue(metrics_database: Database) -> None:
    async with serving(Feed(random_feed(random.Random(1), 300, 2_000))) as feed, Ingest(feed.url, KEY) as ingest:
        assert await follow(metrics_database, ingest)
        assert not await follow(metrics_database, ingest)
        await assert_counted(metrics_database, feed)
        async with metrics_database.transaction() as tx:
            units = await catalogue.units(tx, "30")
        assert units.scope(["294"], worlds.day(0), None, None).unit.name.vi == "Huyện Thanh Hà"
        feed.catalogue, feed.agencies = 2, feed.agencies[:3]
        await follow(metrics_database, ingest)
        async with metrics_database.transaction() as tx:
            assert len((await catalogue.units(tx, "30")).structure) == 3


async def test_killed_at_any_moment_it_goes_on_and_counts_everything_once(
    processes: Processes, new_database: NewDatabase
) -> None:
    url = await new_database("metrics")
    database = Database(url, size=2)
    source = random.Random(7)
    async with serving(Feed()) as feed:
        everything = random_feed(source, 400, 6_000)
        worker = processes.worker("metrics", database_url=url, ingest_url=feed.url, ingest_key=KEY, poll_seconds="0.05")
        for piece in range(6):
            feed.items += everything[piece * 1_000 : (piece + 1) * 1_000]
            await asyncio.sleep(source.uniform(0.1, 0.8))
            worker.kill()
            await asyncio.to_thread(worker.start)
        await until(database, 6_000)
        worker.stop()
        await assert_counted(database, feed)
    await database.close()


async def test_an_ingest_that_fails_or_says_nonsense_is_waited_for(metrics_database: Database) -> None:
    async with serving(Feed(random_feed(random.Random(2), 10, 50), status=503)) as feed:
        async with Ingest(feed.url, KEY) as ingest:
            with pytest.raises(IngestAway, match="503"):
                await follow(metrics_database, ingest)
            feed.status = 200
            assert await follow(metrics_database, ingest)
        async with Ingest(feed.url, "mc_wrong_key") as stranger:
            with pytest.raises(IngestAway, match="INGEST_KEY"):
                await follow(metrics_database, stranger)
    async with Ingest("http://127.0.0.1:9", KEY) as nobody:
        with pytest.raises(IngestAway, match="INGEST_URL"):
            await follow(metrics_database, nobody)


async def test_a_province_of_which_nothing_is_answered_keeps_no_other_from_being_followed(metrics_database: Database) -> None:
    feed = Feed(random_feed(random.Random(5), 10, 30), failing=["29"])
    feed.quality |= {"quarantined": 3}
    async with serving(feed), Ingest(feed.url, KEY) as ingest:
        for look in (follow, store_quality):
            with pytest.raises(IngestAway):
                await look(metrics_database, ingest)
    async with metrics_database.transaction() as tx:
        known = await provinces.province(tx, "30")
    assert known is not None
    assert known.quality is not None
    assert (known.position, known.quality.quarantined) == (30, 3)


@pytest.mark.parametrize("status", [401, 503])
async def test_an_ingest_that_refuses_all_the_time_is_told_as_one_that_is_not_reached(
    metrics_database: Database, status: int
) -> None:
    async def until_unreached(unreached: bool) -> None:
        async with asyncio.timeout(PATIENCE):
            while ("ingest_unreachable" in {one.kind for one in (await freshness_of(metrics_database)).reasons}) != unreached:
                await asyncio.sleep(0.02)

    async with serving(Feed(random_feed(random.Random(5), 10, 30))) as feed, Ingest(feed.url, KEY) as ingest:
        await follow(metrics_database, ingest)
        polling = asyncio.create_task(poll_ingest(metrics_database, ingest, 0.02, 0.5))
        await until_unreached(False)
        feed.status = status
        await until_unreached(True)
        feed.status = 200
        await until_unreached(False)
        polling.cancel()


async def test_a_position_is_never_counted_without_what_is_known_to_be_lacking_at_it(metrics_database: Database) -> None:
    items = random_feed(random.Random(5), 10, 30)

    async def reasons_at(count: int, **quality: Any) -> dict[str, int]:
        feed.items, feed.quality = items[:count], feed.quality | quality
        await follow(metrics_database, ingest)
        await store_heads(metrics_database, ingest, timedelta(minutes=1))
        assert await position_of(metrics_database) == count
        return {one.kind: one.count for one in (await freshness_of(metrics_database)).reasons}

    async with serving(Feed(items)) as feed, Ingest(feed.url, KEY) as ingest:
        assert await reasons_at(10) == {}
        assert await reasons_at(20, quarantined=3) == {"quarantined": 3}
        # A newer version may have mended what is counted here: until it is counted too, the counters are behind.
        assert await reasons_at(25, quarantined=0, head=27) == {"behind": 2}
        feed.no_quality = True
        assert await reasons_at(30) == {"sources_unknown": 1}
        feed.no_quality = False
        await store_quality(metrics_database, ingest)
        assert await reasons_at(30) == {}


async def test_an_answer_says_what_its_sources_are_known_to_lack(metrics_database: Database) -> None:
    missing = [{"source": "cong-dvc", "reason": "late", "since": None}]
    async with serving(Feed(random_feed(random.Random(5), 10, 30))) as feed, Ingest(feed.url, KEY) as ingest:
        await follow(metrics_database, ingest)
        no_head_asked = await freshness_of(metrics_database)
        await store_heads(metrics_database, ingest, timedelta(minutes=1))
        await store_quality(metrics_database, ingest)
        whole = await freshness_of(metrics_database)
        feed.quality |= {"quarantined": 3, "missing": missing, "gap": 7}
        await store_quality(metrics_database, ingest)
        partial = await freshness_of(metrics_database)
    assert (whole.complete, whole.reasons, whole.behind) == (True, [], 0)
    assert [(one.kind, one.count) for one in partial.reasons] == [
        ("source_missing", 1),
        ("quarantined", 3),
        ("reconciliation_gap", 7),
    ]
    assert all(one.what_to_do.vi and one.what_to_do.en for one in partial.reasons)
    assert [one.kind for one in no_head_asked.reasons] == ["ingest_unreachable"]
    assert (no_head_asked.behind, no_head_asked.quarantined) == (None, None)
    assert (partial.complete, partial.quarantined, partial.gap) == (False, 3, 7)
    assert msgspec.to_builtins(partial.missing) == missing


async def freshness_of(database: Database) -> Freshness:
    async with database.transaction() as tx:
        known = await provinces.province(tx, "30")
    assert known is not None
    return freshness(known, None, definition=ledgers.revision())


async def test_a_ring_of_the_doorbell_is_answered_long_before_its_own_look(
    processes: Processes, new_database: NewDatabase, redis_url: str
) -> None:
    url = await new_database("metrics")
    database = Database(url, size=2)
    items: list[Any] = random_feed(random.Random(3), 10, 20)
    notifier = Notifier(redis_url)
    async with serving(Feed(items[:10])) as feed:
        worker = processes.worker("metrics", database_url=url, ingest_url=feed.url, ingest_key=KEY, poll_seconds="600")
        await until(database, 10)
        feed.items += items[10:]
        deadline = time.monotonic() + PATIENCE
        while await position_of(database) < 20 and time.monotonic() < deadline:
            await notifier.notify("metrics")
            await asyncio.sleep(0.05)
        assert await position_of(database) == 20
        worker.stop()
    await notifier.close()
    await database.close()
