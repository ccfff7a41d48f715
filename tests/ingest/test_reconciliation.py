"""Reconciliation against the stand-in portal: equal totals where all is well, and the right cause where it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from deploy.simulator.app import Portal
from deploy.simulator.clock import PortalClock
from deploy.simulator.faults import Faults
from deploy.simulator.ledger import DAY, civil_day, moment
from deploy.simulator.random_world import RandomWorld, live_world
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.service import history_of
from services.ingest.events.model import Course, Event, Reason, Rejected
from services.ingest.reconciliation import store as reconciliation_store
from services.ingest.reconciliation.model import CAUSES, DifferenceCause, causes_in_state, civil_window, portal_window
from services.ingest.reconciliation.service import plan_night, reconcile_next, year_so_far
from services.ingest.sources.store import sources as sources_store
from shared.database import Database
from shared.dossier import Status
from tests import patience
from tests.conftest import NewDatabase, Processes
from tests.ingest.portals import SECRET, access, serving
from tests.ingest.reconciliation_bench import NOTHING, NOW, PROVINCE, Bench, causes, later, lease, silent
from tests.ingest.reconciliation_bench import bench as bench
from tests.patience import PATIENCE


async def test_everything_pulled_reconciles_to_the_last_dossier(ingest_database: Database) -> None:
    async with bench(ingest_database, dossiers=2500) as one:
        await one.pull()
        row, listed = await one.reconcile()
        assert len(row.totals) > 10
        assert all(agency.equal for agency in row.totals)
        assert sum(agency.source.received or 0 for agency in row.totals) > 200
        # What is in the list are the source's own contradictions and the seven hours, nothing between it and us.
        assert set(causes(listed)) <= {DifferenceCause.status_contradicts_steps.value, DifferenceCause.date_shifted.value}
        shifted = sum(
            abs(getattr(agency.ours, name) - getattr(agency.ours_in_civil_days, name))
            for agency in row.totals
            for name in ("received", "resolved")
        )
        assert shifted > 0
        assert causes(listed)[DifferenceCause.date_shifted.value]


async def test_each_thing_that_goes_wrong_is_listed_with_its_cause_and_mended(ingest_database: Database) -> None:
    async with bench(ingest_database) as one:
        await one.pull()
        codes = await one.codes()
        never, gone = codes[0], codes[20]
        async with one.database.connection() as connection:
            rows = await dossiers_store.dossiers_of_source(connection, PROVINCE, "x", 0, 100_000)
            # As if no pull had ever brought it.
            await connection.execute("DELETE FROM ingest.dossier WHERE code = $1", never)
        states = {row.code: fold(history_of(row)) for row in rows}
        plain = [code for code in codes[1:] if not states[code].pauses and not states[code].findings and code != gone]
        border = moment(one.world.starts_at - 12 * DAY)
        told = {row.code: history_of(row)[-1].at for row in rows}
        ours_ended = next(code for code in plain if states[code].closed_at is None and told[code] < border)
        ours_open = next(code for code in plain if (states[code].closed_at or border) < border)
        after = datetime(2025, 1, 1, tzinfo=UTC)
        await one.say(
            replaced(states[ours_ended], Status.resolved, after, closed_at=border),
            replaced(states[ours_open], Status.processing, after, closed_at=None),
            rejected=(Rejected(Reason.unknown_status, "Nobody knows it.", {"code": "H99-Q"}, "H99-Q"),),
        )
        index = one.world.index_of(gone)
        assert index is not None
        delete(one, index)

        row, listed = await one.reconcile()
        found = causes(listed)
        assert not all(agency.equal for agency in row.totals)
        assert found[DifferenceCause.never_served.value] == {never}
        assert found[DifferenceCause.gone_there.value] == {gone}
        assert found[DifferenceCause.quarantined.value] == {"H99-Q"}
        assert found[DifferenceCause.open_there_finished_here.value] == {ours_ended}
        assert found[DifferenceCause.finished_there_open_here.value] == {ours_open}
        assert set(found) - {DifferenceCause.status_contradicts_steps.value, DifferenceCause.date_shifted.value} == {
            "never_served",
            "gone_there",
            "quarantined",
            "open_there_finished_here",
            "finished_there_open_here",
        }
        async with one.database.connection() as connection:
            there = await dossiers_store.dossiers_by_code(connection, PROVINCE, [never, gone])
        assert never in there
        assert fold(history_of(there[gone])).deleted
        # Once more: what could be mended is, what contradicts stays in the list.
        _, again = await one.reconcile()
        assert set(causes(again)) & {"never_served", "gone_there", "newer_there"} == set()
        assert causes(again)["finished_there_open_here"] == {ours_open}


async def test_what_no_pull_brought_yet_is_newer_there_and_taken_in(ingest_database: Database) -> None:
    async with bench(ingest_database) as one:
        await one.pull()
        one.clock.skip(20 * DAY)
        row, listed = await one.reconcile(until=15)
        found = causes(listed)
        assert found["newer_there"]
        assert all(entry.applied for entry in listed if entry.cause in ("newer_there", "never_served"))
        row, listed = await one.reconcile(until=15)
        assert all(agency.equal for agency in row.totals)
        assert not {"newer_there", "never_served"} & set(causes(listed))


async def test_a_hostile_portal_is_reconciled_all_the_same(ingest_database: Database) -> None:
    faults = Faults(p5xx=0.3, p429=0.1, cut=0.1, repeat=0.05, retry_after=0)
    async with bench(ingest_database, faults=faults) as one:
        await one.pull()
        row, _ = await one.reconcile()
        assert all(agency.equal for agency in row.totals)


async def test_a_source_is_not_pulled_and_reconciled_at_once(ingest_database: Database) -> None:
    async with bench(ingest_database) as one:
        async with one.database.transaction() as tx:
            await reconciliation_store.plan_reconciliation(tx, "x", PROVINCE, date(2022, 1, 1), date(2022, 2, 1), NOW)
            assert await lease(tx) is not None
        assert not await reconcile_next(one.database, one.rulesets, "me", silent, later)
        async with one.database.transaction() as tx:
            await sources_store.release_lease(tx, "x", "puller", NOW)
            assert await reconciliation_store.lease_reconciliation(tx, "reconciler", now=NOW, until=later(60)) is not None
            assert await lease(tx) is None
            await sources_store.release_lease(tx, "x", "reconciler", NOW)
            assert await lease(tx) is not None


async def test_a_lease_that_ran_out_is_anothers_and_its_first_holder_is_told(ingest_database: Database) -> None:
    async with bench(ingest_database) as one, one.database.transaction() as tx:
        assert await lease(tx) is not None
        assert await sources_store.renew_source(tx, "x", "puller", now=NOW, until=later(60))
        assert await lease(tx, "other", later(59)) is None
        assert await lease(tx, "other", later(61)) is not None
        assert not await sources_store.renew_source(tx, "x", "puller", now=later(61), until=later(200))
        await sources_store.release_source(tx, "x", "puller", later(61), next_at=NOW, failed=True, breaker=None)
        await sources_store.release_lease(tx, "x", "puller", later(61))
        source = await sources_store.source(tx, "x")
        assert source is not None
        assert source.attempts == 0
        assert await lease(tx, "third", later(62)) is None


async def test_a_worker_whose_lease_ran_out_writes_nothing_though_nobody_took_its_source(ingest_database: Database) -> None:
    async with bench(ingest_database) as one, one.database.transaction() as tx:
        days = date(2022, 1, 1), date(2022, 2, 1)
        number = await reconciliation_store.plan_reconciliation(tx, "x", PROVINCE, *days, NOW)
        assert number is not None
        taken = await reconciliation_store.lease_reconciliation(tx, "slow", now=NOW, until=later(60))
        assert taken is not None
        late = later(61)
        assert not await reconciliation_store.renew_reconciliation(tx, number, "slow", now=late, until=later(200))
        await reconciliation_store.finish_reconciliation(tx, number, "slow", late, position=1, comparison=NOTHING, examined=1)
        await reconciliation_store.mark_failed(tx, number, "slow", "It was away.", "away", late)
        await reconciliation_store.reschedule(tx, number, "slow", "It was away.", "away", late, again_at=late)
        row = await reconciliation_store.reconciliation(tx, number)
        assert row is not None
        assert (row.state, row.last_error, row.finished_at) == ("running", None, None)
        assert not await sources_store.renew_source(tx, "x", "slow", now=late, until=later(200))
        await sources_store.release_source(tx, "x", "slow", late, next_at=later(900), failed=True, breaker=None)
        source = await sources_store.source(tx, "x")
        assert source is not None
        assert source.attempts == 0
        assert await reconciliation_store.renew_reconciliation(tx, number, "slow", now=later(60), until=later(200))


async def test_who_lost_a_reconciliation_neither_ends_it_nor_keeps_it(ingest_database: Database) -> None:
    async with bench(ingest_database) as one, one.database.transaction() as tx:
        days = date(2022, 1, 1), date(2022, 2, 1)
        number = await reconciliation_store.plan_reconciliation(tx, "x", PROVINCE, *days, NOW)
        assert number is not None
        for worker, now, attempts in (("first", NOW, 1), ("second", later(61), 2)):
            taken = await reconciliation_store.lease_reconciliation(tx, worker, now=now, until=now + timedelta(minutes=1))
            assert taken is not None
            assert (taken.id, taken.attempts) == (number, attempts)
        assert not await reconciliation_store.renew_reconciliation(tx, number, "first", now=later(62), until=later(200))
        await reconciliation_store.mark_failed(tx, number, "first", "It was away.", "away", later(62))
        await reconciliation_store.reschedule(tx, number, "first", "It was away.", "away", later(62), again_at=later(63))
        await reconciliation_store.finish_reconciliation(
            tx, number, "first", later(62), position=1, comparison=NOTHING, examined=1
        )
        row = await reconciliation_store.reconciliation(tx, number)
        assert row is not None
        assert (row.state, row.last_error, row.finished_at) == ("running", None, None)
        assert await reconciliation_store.renew_reconciliation(tx, number, "second", now=later(62), until=later(200))


async def test_a_source_that_is_away_is_tried_again_and_then_given_up(ingest_database: Database) -> None:
    async with bench(ingest_database, secret="wrong") as one:
        number = await one.database.run(
            lambda tx: reconciliation_store.plan_reconciliation(tx, "x", PROVINCE, date(2022, 1, 1), date(2022, 2, 1), NOW)
        )
        assert number is not None
        for _ in range(5):
            async with one.database.transaction() as tx:
                await tx.execute("UPDATE ingest.reconciliation SET not_before = $1", NOW)
            assert await reconcile_next(one.database, one.rulesets, "me", silent, later)
        async with one.database.connection() as connection:
            row = await reconciliation_store.reconciliation(connection, number)
        assert row is not None
        assert row.state == "failed"
        assert "credentials" in (row.last_error or "")
        assert not await reconcile_next(one.database, one.rulesets, "me", silent, later)


async def test_the_worker_pulls_and_reconciles_when_it_is_asked(processes: Processes, new_database: NewDatabase) -> None:
    world = live_world(RandomWorld(dossiers=300, province=PROVINCE))
    url = await new_database("ingest")
    key = await processes.key("ingest", url, "sources:manage")
    async with serving(Portal(world, clock=PortalClock(world.starts_at))) as portal:
        given = access(portal, PROVINCE)
        api = await asyncio.to_thread(processes.api, "ingest", database_url=url, **given)
        await asyncio.to_thread(processes.worker, "ingest", database_url=url, **given)
        async with httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": key}, timeout=PATIENCE) as door:
            body = {"province": PROVINCE, "kind": "igate", "settings": {"base_url": portal, "rate": 100}}
            connected = await door.put("/v1/sources/x", json={**body, "secret": SECRET})
            assert connected.status_code == 200, connected.text
            await until(door, "/v1/pulls?source=x", lambda answer: [one["state"] for one in answer["pulls"]] == ["complete"])
            days = {"from": "2022-01-03", "to": str(civil_day(world.starts_at - DAY))}
            planned = (await door.post("/v1/sources/x/reconcile", json=days)).json()
            done = await until(door, f"/v1/reconciliations/{planned['id']}", lambda answer: answer["state"] == "complete")
    assert done["equal"]
    assert done["examined"] == len([*world.at(world.starts_at)])


async def until(door: httpx.AsyncClient, path: str, good: Callable[[Any], bool]) -> Any:
    """The first answer that is good, once there is one."""

    async def answer() -> Any:
        return (await door.get(path)).json()

    return await patience.until(answer, good)


async def test_the_night_is_planned_once_and_only_at_night(ingest_database: Database) -> None:
    night = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)  # 02:00 of the 2nd in Việt Nam
    async with bench(ingest_database) as one:
        assert not await one.database.run(lambda tx: plan_night(tx, night))  # nothing was pulled yet
        await one.pull()
        assert not await one.database.run(lambda tx: plan_night(tx, NOW))
        assert await one.database.run(lambda tx: plan_night(tx, night))
        assert not await one.database.run(lambda tx: plan_night(tx, night + timedelta(hours=1)))
        async with one.database.connection() as connection:
            (row,) = await reconciliation_store.reconciliations(connection, PROVINCE, "x", None, 10)
    assert (row.from_on, row.to_on, row.nightly_on) == (date(2025, 12, 15), date(2026, 3, 1), date(2026, 3, 2))


def test_the_reporting_year_begins_on_15_december() -> None:
    assert year_so_far(datetime(2026, 12, 15, 10, tzinfo=UTC)) == (date(2025, 12, 15), date(2026, 12, 14))
    assert year_so_far(datetime(2026, 12, 16, 10, tzinfo=UTC)) == (date(2026, 12, 15), date(2026, 12, 15))


def test_the_clients_window_lies_seven_hours_after_the_civil_days() -> None:
    first, last = date(2022, 12, 15), date(2023, 7, 20)
    asked, days = portal_window(first, last, NOW), civil_window(first, last, NOW)
    assert asked.begin == datetime(2022, 12, 15, tzinfo=UTC)
    assert days.begin == datetime(2022, 12, 14, 17, tzinfo=UTC)
    assert asked.end - days.end == timedelta(hours=7)
    # Received at 06:30 on the first day in Việt Nam: inside the civil days, before the window of the clients.
    early = fold(
        [
            Event(
                "H-1",
                "x",
                "1",
                NOW,
                course=Course(Status.processing, datetime(2022, 12, 14, 23, 30, tzinfo=UTC)),
            )
        ]
    )
    assert list(causes_in_state(early, asked, days)) == [DifferenceCause.date_shifted]


def test_every_cause_has_its_sentence_in_both_languages() -> None:
    assert set(CAUSES) == set(DifferenceCause)
    assert all(vi.endswith(".") and en.endswith(".") for vi, en in CAUSES.values())


def replaced(state: Any, status: Status, at: datetime, *, closed_at: datetime | None) -> Event:
    """A later event that says something else of the end."""
    return Event(state.code, "x", "other", at, course=Course(status, state.received_at, closed_at))


def delete(one: Bench, index: int) -> None:
    """Let the portal lose a dossier at its present instant."""
    history = one.world.history(index)
    ledger = [*one.world.histories()]
    ledger[index] = replace(history, deleted_at=one.clock.now())
    one.world._ledger = ledger
    one.portal._listing = one.world.listing()
