"""An ingest that was restored from a backup, or exchanged, is not followed silently."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from services.metrics.counting.feed_loop import follow
from services.metrics.counting.ingest_client import Ingest
from services.metrics.counting.store import ledgers
from services.metrics.province_status.service import resync
from services.metrics.provinces.completeness import freshness
from services.metrics.provinces.model import Province
from services.metrics.provinces.store import provinces
from shared.database import Database
from tests.metrics.feed import KEY, Feed, serving
from tests.metrics.stack import Stack, kinds_in
from tests.metrics.worlds import random_feed


async def state(database: Database) -> Province:
    async with database.transaction() as tx:
        known = await provinces.province(tx, "30")
    assert known is not None
    return known


def kinds(known: Province) -> list[str]:
    """Why answers are not complete, besides that nobody asked ingest for its heads and qualities here."""
    unasked = ("ingest_unreachable", "sources_unknown")
    return [one.kind for one in freshness(known, None, definition=ledgers.revision()).reasons if one.kind not in unasked]


def exchanged(feed: Feed) -> None:
    feed.epoch = "another"


def set_back(feed: Feed) -> None:
    del feed.items[40:]


def caught_up(feed: Feed) -> None:
    feed.items[40:] = random_feed(random.Random(8), 30, 120)[40:]


def gone(feed: Feed) -> None:
    feed.province, feed.items = "31", []


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (exchanged, "its epoch is another and was first"),
        (set_back, "its head is below that position"),
        (caught_up, "it has another version at that position"),
        (gone, "ingest does not have the province any more"),
    ],
)
async def test_nothing_of_another_feed_is_counted_until_the_old_one_is_back_or_it_is_begun_anew(
    metrics_database: Database, happens: Callable[[Feed], None], why: str
) -> None:
    async with serving(Feed(random_feed(random.Random(7), 30, 80))) as feed, Ingest(feed.url, KEY) as ingest:
        await follow(metrics_database, ingest)
        own = list(feed.items)
        before = await state(metrics_database)
        assert (before.position, before.restored, kinds(before)) == (80, None, [])
        happens(feed)
        for _ in range(2):
            assert not await follow(metrics_database, ingest)
        after = await state(metrics_database)
        assert (after.position, after.restored) == (80, why)
        assert after.revision == before.revision + 1
        (reason,) = [
            one for one in freshness(after, None, definition=ledgers.revision()).reasons if one.kind == "ingest_restored"
        ]
        assert (reason.count, reason.since) == (1, after.restored_at)
        # The feed that was followed is back, and has gone on meanwhile.
        replaced, province, epoch = list(feed.items), feed.province, feed.epoch
        feed.items, feed.province, feed.epoch = own + random_feed(random.Random(9), 30, 90)[80:], "30", "first"
        assert await follow(metrics_database, ingest)
        again = await state(metrics_database)
        assert (again.position, again.restored, kinds(again)) == (90, None, [])
        # It is exchanged again, and the new one is the one to follow.
        feed.items, feed.province, feed.epoch = replaced, province, epoch
        await follow(metrics_database, ingest)
        assert (await state(metrics_database)).restored is not None
        feed.province = "30"
        assert await metrics_database.run(lambda tx: resync(tx, "30")) == 90
        await follow(metrics_database, ingest)
        anew = await state(metrics_database)
        assert (anew.position, anew.restored, kinds(anew)) == (len(replaced), None, [])


async def test_a_province_counted_before_feeds_could_be_told_apart_is_marked_at_the_next_look(
    metrics_database: Database,
) -> None:
    async with serving(Feed(random_feed(random.Random(7), 30, 80))) as feed, Ingest(feed.url, KEY) as ingest:
        await follow(metrics_database, ingest)
        async with metrics_database.transaction() as tx:
            await tx.execute("UPDATE metrics.province SET epoch = NULL, digest = NULL")
        await follow(metrics_database, ingest)
        caught_up(feed)
        await follow(metrics_database, ingest)
        assert (await state(metrics_database)).restored == "it has another version at that position"


async def test_after_a_restore_nothing_is_counted_wrongly_and_all_say_so_until_it_is_begun_anew(stack: Stack) -> None:
    name = stack.name
    await stack.push("30", 1, 20)
    await stack.push("31", 1, 5)
    assert (await stack.counted("30", 20), await stack.counted("31", 5)) == (20, 5)
    await stack.offline(f"CREATE DATABASE {name}_backup TEMPLATE {name}")
    await stack.push("30", 21, 50)
    assert await stack.counted("30", 50) == 50

    await stack.offline(f"DROP DATABASE {name}", f"ALTER DATABASE {name}_backup RENAME TO {name}")
    await stack.push("30", 1_001, 1_050)
    await stack.push("31", 6, 9)
    assert await stack.counted("31", 9) == 9
    restored = await stack.until("30", lambda answer: "ingest_restored" in kinds_in(answer))
    assert (restored["position"], restored["total"]["kpis"]["received_new"]["value"]) == (50, 50)
    assert restored["freshness"]["complete"] is False
    ready = await stack.watch.get("/readyz")
    assert (ready.status_code, ready.json()["type"].rpartition("/")[2]) == (503, "ingest-restored")
    assert "POST /v1/provinces/30/resync" in ready.json()["detail"]
    await stack.until_alerts("30", ["ingest_restored"])
    await stack.until_gauge('motcua_metrics_incomplete{province="30",reason="ingest_restored"} 1.0')
    await stack.until_gauge('motcua_metrics_incomplete{province="31",reason="ingest_restored"} 0.0')

    answer = await stack.watch.post("/v1/provinces/30/resync")
    assert answer.json() == {"province": "30", "forgotten": 50}
    assert await stack.counted("30", 70) == 70
    assert (await stack.watch.post("/v1/consistency-checks", params={"province": "30"})).json()["ok"] is True
    assert (await stack.watch.get("/readyz")).status_code == 200
    await stack.until("30", lambda answer: "ingest_restored" not in kinds_in(answer))
    await stack.until_alerts("30", [])
