"""Consistency checks, alerts, manual inputs, and the events of /v1/watch."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from services.metrics.alerts import service as alerting
from services.metrics.consistency import service as consistency_service
from services.metrics.consistency import store as checks
from services.metrics.counting.store import recounting
from services.metrics.manual_inputs import store as manual_inputs
from services.metrics.provinces.model import UNMARKED
from services.metrics.provinces.store import provinces
from shared.access.keys import create_key
from shared.contracts.feed import FeedItem
from shared.database import TRANSIENT_ERRORS, Database
from shared.dossier import Channel, Facts, Status
from shared.errors import Conflict
from tests.metrics.conftest import Api
from tests.metrics.test_kpis_api import count_more, received_now
from tests.metrics.worlds import day, random_feed
from tests.patience import PATIENCE

TOWN = "10813@2019-12-01"


async def test_counters_counted_anew_from_the_versions_equal_the_ones_that_grew(api: Api) -> None:
    await api.count(random_feed(random.Random(41), 150, 600))
    answer = (await api.client.post("/v1/consistency-checks", params={"province": api.province})).json()
    assert answer["ok"] is True
    assert answer["cells"] > 500
    found = await api.get("/v1/consistency-checks")
    assert found["checks"][0]["whole"] is True
    assert found["checks"][0]["differences"] == 0


@pytest.mark.parametrize("table", ["agency_day", "agency_month", "ledger"])
async def test_a_counter_that_was_tampered_with_is_found_and_a_rebuild_mends_it(
    counted: Any, metrics_database: Database, table: str
) -> None:
    await counted(42, versions=200)

    async def differences(agency: int | None = None) -> int:
        async with metrics_database.transaction() as tx:
            return (await checks.compare(tx, "30", agency)).differences

    assert await differences() == 0
    async with metrics_database.transaction() as tx:
        where = f"ctid = (SELECT ctid FROM metrics.{table} WHERE agency_no = 1 LIMIT 1)"
        await tx.execute(f"UPDATE metrics.{table} SET resolved_early = coalesce(resolved_early, 0) + 1 WHERE {where}")
    assert await differences() == 1
    assert await differences(agency=1) == 1
    assert await differences(agency=2) == 0
    if table != "ledger":
        async with metrics_database.transaction() as tx:
            await checks.rebuild(tx, "30")
        assert await differences() == 0


@pytest.mark.parametrize("at_once", [7, 1_000])
async def test_counters_lost_or_invented_are_mended_from_the_versions(
    counted: Any, metrics_database: Database, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    await counted(45, versions=200)
    monkeypatch.setattr(recounting, "MAX_CHUNK", at_once)
    async with metrics_database.transaction() as tx:
        before = await tx.fetch("SELECT * FROM metrics.agency_day ORDER BY agency_no, day")
        await tx.execute("DELETE FROM metrics.agency_day WHERE agency_no = 1")
        await tx.execute("DELETE FROM metrics.agency_month WHERE agency_no = 2")
        await tx.execute("UPDATE metrics.agency_day SET returned = returned + 1 WHERE agency_no = 3")
        await tx.execute(
            "INSERT INTO metrics.agency_day (province, agency_no, day, returned) VALUES ('30', 1, '2031-01-01', 5)"
        )
        assert (await checks.compare(tx, "30", None)).differences > 20
    assert await consistency_service.rebuild(metrics_database, "30") > 20
    async with metrics_database.transaction() as tx:
        assert (await checks.compare(tx, "30", None)).differences == 0
        cells = "SELECT * FROM metrics.agency_day ORDER BY agency_no, day"
        nothing = [row for row in before if not any(tuple(row)[3:])]  # the batches leave cells that came to nought
        assert await tx.fetch(cells) == [row for row in before if row not in nothing]
    assert await consistency_service.rebuild(metrics_database, "30") == 0


async def test_a_rebuild_that_loses_its_second_connection_changes_nothing(
    counted: Any, metrics_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await counted(46, versions=200)
    monkeypatch.setattr(recounting, "MAX_CHUNK", 7)
    async with metrics_database.transaction() as tx:
        await tx.execute("UPDATE metrics.agency_day SET returned = returned + 1 WHERE agency_no = 1")
    async with metrics_database.connection() as killer:
        count = recounting._SecondConnection.count

        async def killed(recount: Any, pieces: Any) -> None:
            await killer.execute("SELECT pg_terminate_backend($1)", recount._connection.get_server_pid())
            await count(recount, pieces)

        monkeypatch.setattr(recounting._SecondConnection, "count", killed)
        with pytest.raises(TRANSIENT_ERRORS):
            await consistency_service.rebuild(metrics_database, "30")
        monkeypatch.setattr(recounting._SecondConnection, "count", count)
    async with metrics_database.transaction() as tx:
        assert (await checks.compare(tx, "30", None)).differences > 0
    assert await consistency_service.rebuild(metrics_database, "30") > 0


async def test_a_second_rebuild_is_refused_while_one_is_at_work(counted: Any, metrics_database: Database) -> None:
    await counted(47, versions=50)
    async with metrics_database.transaction() as batch:
        await batch.execute("SELECT FROM metrics.province WHERE province = '30' FOR UPDATE")
        first = asyncio.ensure_future(consistency_service.rebuild(metrics_database, "30"))
        while not await batch.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"):
            await asyncio.sleep(0.01)
        with pytest.raises(Conflict, match="is being rebuilt"):
            await asyncio.wait_for(consistency_service.rebuild(metrics_database, "30"), PATIENCE)
    await first
    await consistency_service.rebuild(metrics_database, "30")


async def test_a_rebuild_is_asked_for_by_those_who_may_write(api: Api) -> None:
    await api.count([FeedItem(1, 1, Facts(code="R", status=Status.processing, received_on=day(1)))])
    async with api.database.transaction() as tx:
        await tx.execute("DELETE FROM metrics.agency_day WHERE province = $1", api.province)
    answer = await api.client.post("/v1/rebuilds", params={"province": api.province})
    assert answer.json() == {"province": api.province, "mended": 1}
    answer = await api.client.post("/v1/rebuilds", params={"province": "none"})
    assert answer.status_code == 404, answer.text
    async with api.database.transaction() as tx:
        key = await create_key(tx, "metrics", name="reading", scopes=["figures:read", "ops:read"])
    answer = await api.client.post(
        "/v1/rebuilds", params={"province": api.province}, headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 403, answer.text


async def test_the_running_proof_takes_the_agencies_in_turn(counted: Any, metrics_database: Database) -> None:
    await counted(43, versions=200)
    for _ in range(5):
        await consistency_service.check_next(metrics_database)
    async with metrics_database.transaction() as tx:
        made = await checks.latest(tx, "30")
        summary = await checks.summary(tx)
    assert len({check.agency_no for check in made}) == 5
    assert summary["30"].failed == 0


async def test_what_is_recorded_while_a_batch_is_counted_is_known_from_its_end(
    counted: Any, metrics_database: Database
) -> None:
    """Figures as of the batch before were told without it."""
    world = await counted(49, versions=200)
    last = world.ends[-1]
    async with metrics_database.connection() as counting, metrics_database.connection() as entering:
        batch = counting.transaction()
        await batch.start()
        await provinces.advance(counting, "30", last + 1, last + 1, last + 1, UNMARKED)
        async with entering.transaction():
            task = asyncio.ensure_future(manual_inputs.add(entering, "30", 1, day(3), {"ratings": 5}, "survey", "somebody"))
            while not await counting.fetchval("SELECT cardinality(pg_blocking_pids($1))", entering.get_server_pid()):
                await asyncio.sleep(0.01)
            await batch.commit()
            await task
        assert await counting.fetchval("SELECT position FROM metrics.manual_input") == last + 1


async def test_an_alert_opens_when_a_threshold_is_crossed_and_closes_when_it_is_not(api: Api) -> None:
    today = day(30)
    late = Facts(
        code="L",
        status=Status.processing,
        agency=TOWN,
        channel=Channel.online,
        received_on=day(10),
        due_on=day(15),
        late_from=day(16),
    )
    await api.count([FeedItem(1, 1, late)])
    rule = {
        "province": api.province,
        "name": "Quá hạn",
        "kpi": "late_share",
        "scope": ["294"],
        "above": 0.1,
        "each_agency": True,
    }
    response = await api.client.post("/v1/alerts/rules", json=rule)
    assert response.status_code == 201, response.text
    silence = {"province": api.province, "name": "Im lặng", "kind": "silence", "above": 2}
    assert (await api.client.post("/v1/alerts/rules", json=silence)).status_code == 201
    now = datetime.now(UTC)

    async def look(at: datetime) -> list[dict[str, Any]]:
        async with api.database.transaction() as tx:
            await alerting.watch(tx, at, today)
        alerts: list[dict[str, Any]] = (await api.get("/v1/alerts"))["alerts"]
        return [one for one in alerts if one["reason"] is None]

    (alert,) = await look(now)
    assert (alert["name"], alert["agency"], alert["value"], alert["closed_at"]) == ("Quá hạn", TOWN, 1.0, None)
    # Nobody asks ingest here, and the day is long ago: that of the figure is said with it.
    assert {"sources_unknown", "ingest_unreachable"} <= set(alert["incomplete"])
    assert len(await look(now)) == 1
    open_now = [(one["name"], one["incomplete"]) for one in await look(now + timedelta(hours=3))]
    assert open_now == [("Im lặng", None), ("Quá hạn", alert["incomplete"])]
    await count_more(api, [FeedItem(2, 1, Facts(code="L", status=Status.processing, deleted=True))])
    alerts = await look(now)
    assert all(one["closed_at"] for one in alerts)
    assert [one for one in (await api.get("/v1/alerts", only_open=True))["alerts"] if one["reason"] is None] == []
    for one in (await api.get("/v1/alerts/rules"))["rules"]:
        response = await api.client.delete(f"/v1/alerts/rules/{one['id']}", params={"province": api.province})
        assert response.status_code == 204
    assert [one for one in (await api.get("/v1/alerts/rules"))["rules"] if one["reason"] is None] == []


async def test_a_rule_that_fails_for_a_fault_of_ours_stops_no_other(api: Api) -> None:
    await api.count([received_now(1, 1)])
    for name in ("broken", "whole"):
        rule = {"province": api.province, "name": name, "kpi": "online_share", "below": 1, "above": 0, "days": 60}
        assert (await api.client.post("/v1/alerts/rules", json=rule)).status_code == 201
    async with api.database.transaction() as tx:
        # No calendar reaches so far.
        await tx.execute("UPDATE metrics.alert_rule SET days = 2147483647 WHERE name = 'broken'")
        await alerting.watch(tx, datetime.now(UTC), day(30))
    assert [one["name"] for one in (await api.get("/v1/alerts"))["alerts"] if one["kpi"]] == ["whole"]


async def test_a_threshold_is_crossed_by_the_counts_and_not_by_a_value_that_is_rounded(api: Api) -> None:
    await api.count(
        [received_now(number, number) for number in (1, 2)]
        + [FeedItem(3, 3, Facts(code="C", status=Status.received, agency=TOWN, channel=Channel.counter, received_on=day(10)))]
    )
    rule = {"province": api.province, "name": "trực tuyến", "kpi": "online_share", "above": 0.66666, "days": 60}
    assert (await api.client.post("/v1/alerts/rules", json=rule)).status_code == 201
    rule |= {"name": "chưa", "above": 0.66667}
    assert (await api.client.post("/v1/alerts/rules", json=rule)).status_code == 201
    async with api.database.transaction() as tx:
        await alerting.watch(tx, datetime.now(UTC), day(30))
    alerts = [one for one in (await api.get("/v1/alerts"))["alerts"] if one["kpi"]]
    assert [(one["name"], one["value"]) for one in alerts] == [("trực tuyến", 0.6667)]


async def test_a_manual_input_counts_from_the_position_it_was_recorded_at(api: Api) -> None:
    await api.count([received_now(1, 1)])
    words = {"since": str(day(0)), "to": str(day(20)), "scope": "294", "kpi": "satisfaction"}
    before = (await api.get("/v1/kpis", **words))["total"]["kpis"]["satisfaction"]
    assert (before["denominator"], before["value"]) == (0, None)
    await count_more(api, [received_now(2, 2)])
    entry = {
        "province": api.province,
        "agency": "10813",
        "on": str(day(5)),
        "ratings": 40,
        "ratings_satisfied": 38,
        "source": "BC 12",
    }
    response = await api.client.post("/v1/manual-inputs", json=entry)
    assert response.status_code == 201, response.text
    now = await api.get("/v1/kpis", as_of=2, by="agency", **words)
    assert now["total"]["kpis"]["satisfaction"]["value"] == 0.95
    assert [row["kpis"]["satisfaction"]["value"] for row in now["rows"] if row["code"] == "10813"] == [0.95]
    then = (await api.get("/v1/kpis", as_of=1, **words))["total"]["kpis"]["satisfaction"]
    assert then["value"] is None
    wrong = {**entry, "ratings_satisfied": 41}
    assert (await api.client.post("/v1/manual-inputs", json=wrong)).status_code == 422


async def test_a_watcher_is_told_of_every_move_and_of_alerts(api: Api) -> None:
    await api.count([received_now(1, 1)])
    events: list[tuple[str, dict[str, Any]]] = []
    ready = asyncio.Event()

    async def watch() -> None:
        async with api.client.stream("GET", "/v1/watch", params={"province": api.province}) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            kind = ""
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: "):
                    events.append((kind, orjson.loads(line[6:])))
                    ready.set()
                    # Alerts of this API open by themselves too: nobody asks its ingest.
                    if kind == "alerts" and any(data.get("position") == 5 for _, data in events):
                        return

    watching = asyncio.create_task(watch())
    await asyncio.wait_for(ready.wait(), PATIENCE)
    for position in range(2, 6):
        await count_more(api, [received_now(position, position)])
        await asyncio.sleep(0.05)
    rule = {"province": api.province, "name": "Mọi hồ sơ", "kpi": "received_new", "above": 0}
    assert (await api.client.post("/v1/alerts/rules", json=rule)).status_code == 201
    async with api.database.transaction() as tx:
        await alerting.watch(tx, datetime.now(UTC), day(20))
    await asyncio.wait_for(watching, PATIENCE)
    positions = [data["position"] for kind, data in events if kind == "position"]
    assert positions == sorted(positions)
    assert positions[-1] == 5
    assert set(events[0][1]) == {"province", "position", "head", "revision"}
