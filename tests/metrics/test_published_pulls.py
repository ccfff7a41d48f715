"""Published scores are pulled from addresses in the settings, whatever the portal does meanwhile, and stored as published."""

from __future__ import annotations

import codecs
import gzip
import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from deploy.simulator.app import Portal
from deploy.simulator.clock import PortalClock
from deploy.simulator.worlds import make_world
from services.metrics.indices.portal_client import PublishingPortal, PullFailed
from services.metrics.indices.published import PROGRESS, read_published
from services.metrics.indices.pulling import SETTLING, body_of, periods_of
from services.metrics.indices.pulls import order_pulls, pull_next
from services.metrics.periods import Period, named
from shared.database import Database
from shared.errors import Conflict, Invalid, NotFound
from shared.settings import PublishedUnit, ScoresEndpoint, Settings
from tests.ingest.portals import Reply, Scripted, answer, broken_off, serving
from tests.metrics.conftest import Api, count_feed
from tests.patience import until

NOW = datetime(2026, 9, 20, 3, tzinfo=UTC)
DAY = timedelta(days=1)
BODY: dict[str, str | int | bool | None] = {name: f"{{{name}}}" for name in ("province", "year", "quarter", "month")}
MONTHS: frozenset[PublishedUnit] = frozenset(("month",))


def endpoint(url: str, **more: Any) -> ScoresEndpoint:
    return ScoresEndpoint(**{"name": "progress", "url": url, "body": BODY, "periods": MONTHS, **more})


def progress(on_time: int | None, received: int | None, score: float | None, **more: Any) -> bytes:
    whole = {"totalReceived": received, "totalOnTime": on_time, "score": score, "maxScore": 20}
    return json.dumps({"data": {"parent": whole, **more}}).encode()


def test_an_address_is_asked_for_running_periods_and_for_those_that_may_still_change() -> None:
    every = endpoint("http://portal.example/", periods=frozenset(("month", "quarter", "year")))

    def names(day: date) -> list[str | None]:
        return [one.name for one in periods_of(every, day)]

    assert names(date(2026, 9, 20)) == ["C2026-M09", "C2026-M08", "C2026-Q3", "C2026"]
    assert names(date(2026, 1, 1) + SETTLING) == ["C2026-M02", "C2026-M01", "C2026-Q1", "C2026"]
    assert names(date(2025, 12, 31) + SETTLING) == ["C2026-M02", "C2026-M01", "C2026-Q1", "C2025-Q4", "C2026", "C2025"]


def test_the_body_is_filled_in_by_what_the_period_has() -> None:
    asks = endpoint("http://portal.example/", body={**BODY, "days": "{from}/{to}", "procedure": None, "top": 5})
    asks = ScoresEndpoint(asks.name, asks.url, asks.body, MONTHS, {"30": "H23"})
    quarter = {"province": "H23", "year": 2026, "quarter": 3, "month": None, "procedure": None, "top": 5}
    assert body_of(asks, "30", named("C2026-Q3", NOW.date())) == {**quarter, "days": "2026-07-01/2026-09-30"}
    assert body_of(asks, "30", named("C2026-M09", NOW.date()))["month"] == 9
    assert body_of(asks, "30", named("C2026", NOW.date()))["quarter"] is None
    with pytest.raises(Invalid):
        body_of(asks, "30", Period(date(2026, 9, 1), date(2026, 9, 20)))


@pytest.mark.parametrize(
    "value",
    [
        "[",
        '{"name": "a"}',
        '[{"name": "a", "url": "ftp://x", "body": {}}]',
        '[{"name": "A b", "url": "http://x", "body": {}}]',
        '[{"name": "a", "url": "http://x", "bodi": {}}]',
        json.dumps([{"name": "a", "url": "http://x", "body": {}}] * 2),
    ],
)
def test_addresses_that_cannot_be_right_are_refused_at_the_start(value: str) -> None:
    with pytest.raises(ValueError, match="addresses"):
        Settings(published_scores=value)


@pytest.mark.parametrize(
    ("reply", "wanted", "hold"),
    [
        (answer(503, b"<html>", retry_after="7"), "503", 7),
        (answer(429, retry_after="Sun, 20 Sep 2026 03:01:00 GMT", date="Sun, 20 Sep 2026 03:00:00 GMT"), "429", 60),
        (answer(404), "PUBLISHED_SCORES", None),
        (answer(302, location="/maintenance"), "302", None),
        (answer(200, b"<!DOCTYPE html><html>", content_type="text/html"), "page for people", None),
        (answer(200, gzip.compress(b" " * 17_000_000), content_encoding="gzip"), "larger", None),
        (answer(200, gzip.compress(b"{}" * 500)[:-9], content_encoding="gzip"), "cut off", None),
        (answer(200, b"{}", content_encoding="br"), "not asked for", None),
        (broken_off(b'{"data": {}'), "fails", None),
    ],
)
async def test_a_failure_says_what_to_do_and_for_how_long_to_wait(reply: Reply, wanted: str, hold: float | None) -> None:
    async with Scripted([reply]).serving() as url, PublishingPortal() as portal:
        with pytest.raises(PullFailed, match=wanted) as failure:
            await portal.read(endpoint(url), {})
    assert failure.value.retry_after == hold
    assert failure.value.error.vi != failure.value.error.en


async def test_json_is_read_whatever_it_is_called_and_however_it_is_packed() -> None:
    body = progress(3, 5, 12.0)
    replies = [
        answer(200, codecs.BOM_UTF8 + body, content_type="text/html"),
        answer(200, gzip.compress(body), content_encoding="gzip"),
        answer(200, gzip.compress(body[:9]) + gzip.compress(body[9:]), content_encoding="gzip"),
    ]
    scripted = Scripted(replies)
    async with scripted.serving() as url, PublishingPortal() as portal:
        for _ in replies:
            assert await portal.read(endpoint(url), {"month": 9}) == body
    method, _, headers, sent = scripted.asked[0]
    assert (method, headers["content-type"], json.loads(sent)) == ("POST", "application/json", {"month": 9})


async def _rows(database: Database) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [
            tuple(row)
            for row in await connection.fetch(
                "SELECT code, unit, numerator, denominator, points, published_on FROM metrics.published_score ORDER BY id"
            )
        ]


async def test_what_is_published_is_stored_by_its_day_and_every_change_is_a_version(metrics_database: Database) -> None:
    await count_feed(metrics_database, [], random.Random(1))
    child = {"departmentCode": "H23.1", "totalReceived": 5, "totalOnTime": 3, "score": None}
    one, other = progress(9, 10, 17.68, children=[child]), progress(9, 11, 16.36, children=[child])
    scripted = Scripted(
        [answer(429, retry_after="300"), answer(200, b"{}"), *(answer(200, body) for body in (one, one, other, other))]
    )
    async with scripted.serving() as url, PublishingPortal() as portal:
        asks = [endpoint(url, periods=frozenset({"year"}))]
        at = NOW

        async def pull(now: datetime) -> bool:
            return await pull_next(metrics_database, portal, asks, DAY / 4, now)

        assert await pull(at)  # 429: not before what it says is over
        assert not await pull(at + timedelta(seconds=299))
        assert await pull(at := at + timedelta(seconds=300))  # no scores: asked again after two minutes, since it failed twice
        assert not await pull(at + timedelta(seconds=119))
        assert await _rows(metrics_database) == []
        assert await pull(at := at + timedelta(seconds=120))
        today, whole = date(2026, 9, 20), (PROGRESS, None, 9, 10, 17.68, date(2026, 9, 20))
        unit = (PROGRESS, "H23.1", 3, 5, None, today)
        assert await _rows(metrics_database) == [whole, unit]
        assert not await pull(at + DAY / 4 - timedelta(seconds=1))
        assert await pull(at := at + DAY / 4)  # the same on the same day
        assert await _rows(metrics_database) == [whole, unit]
        assert await pull(at := at + DAY / 4)  # another value on the same day, and no other of the unit
        changed = (PROGRESS, None, 9, 11, 16.36, today)
        assert (await _rows(metrics_database))[2:] == [changed]
        assert await pull(at + DAY)  # the same on another day
        assert [row[-1] for row in (await _rows(metrics_database))[3:]] == [date(2026, 9, 21)] * 2
    assert [json.loads(body)["year"] for *_, body in scripted.asked] == [2026] * 6


async def test_a_failing_pull_is_told_beside_the_scores_and_an_ordered_one_is_not_repeated(api: Api) -> None:
    await api.count([])
    asks = [endpoint("http://127.0.0.1:9/", name=f"of-{api.province}", periods=frozenset(), provinces={api.province: "H23"})]
    period = named("C2023-M02", NOW.date())
    async with api.database.transaction() as tx:
        assert await order_pulls(tx, asks, api.province, period, NOW) == [asks[0].name]
        with pytest.raises(Conflict):
            await order_pulls(tx, [], api.province, period, NOW)
        with pytest.raises(NotFound):
            await order_pulls(tx, [endpoint("http://127.0.0.1:9/")], "none", period, NOW)
    async with PublishingPortal() as portal:
        assert await pull_next(api.database, portal, asks, DAY, NOW)
        query = {"since": "2023-02-01", "to": "2023-02-28"}
        (told,) = (await until(lambda: api.get("/v1/indices/766/published", **query), lambda one: one["pulls"]))["pulls"]
        assert told["endpoint"] == asks[0].name
        assert told["pulled_at"] is None
        assert told["failing_since"] is not None
        assert "PUBLISHED_SCORES" in told["error"]["vi"]
        async with Scripted([answer(200, progress(1, 2, 10.0))]).serving() as url:
            mended = [endpoint(url, name=asks[0].name, periods=frozenset(), provinces=asks[0].provinces)]
            assert await pull_next(api.database, portal, mended, DAY, NOW + timedelta(minutes=1))
        good = await until(
            lambda: api.get("/v1/indices/766/published", **query), lambda one: one["pulls"][0]["failing_since"] is None
        )
        assert good["pulls"][0]["error"] is good["pulls"][0]["next_at"] is None
        assert [(row["numerator"], row["denominator"], row["points"]) for row in good["rows"]] == [(1, 2, 10.0)]
        assert not await pull_next(api.database, portal, mended, DAY, NOW + timedelta(days=90))
    refused = await api.client.post("/v1/indices/766/published/pulls", json={"province": api.province, "period": "C2023-M02"})
    assert refused.status_code == 409, refused.text
    assert "PUBLISHED_SCORES" in refused.text


async def test_the_stand_in_publishes_its_world_and_differs_where_that_is_planted() -> None:
    world = make_world("random", dossiers=300, agencies=8, seed=3, dirt=0.0, province="99", live=False, share=1.0)
    simulator = Portal(world, clock=PortalClock(world.starts_at, 0.0))
    async with serving(simulator) as url, PublishingPortal() as portal:
        year = {"province": "99", "year": civil_year(world.starts_at), "quarter": None, "month": None}

        async def scores(group: str) -> dict[tuple[str, str | None], tuple[float | None, float | None]]:
            found = read_published(await portal.read(endpoint(f"{url}/published/{group}", name=group), year))
            return {(one.code, one.unit): (one.numerator, one.denominator) for one in found}

        before = {name: await scores(name) for name in ("progress", "payment", "digitisation")}
        units = sorted(unit for code, unit in before["progress"] if unit)
        assert len(units) > 5
        assert before["progress"][PROGRESS, None] != (0, 0)
        async with httpx.AsyncClient(base_url=url) as client:
            late = next(unit for unit in units if len(set(before["progress"][PROGRESS, unit])) > 1)
            chosen = [late, *(unit for unit in units if unit != late)][:3]
            plants = dict(zip(("judged_otherwise", "not_synchronised", "unmapped_unit"), chosen, strict=True))
            assert (await client.post("/_truth/plants", json=plants)).status_code == 200
            assert (await client.post("/_truth/plants", json={"other": "x"})).status_code == 400
            assert (await client.post("/published/other", json=year)).status_code == 404
        after = await scores("progress")
        moved = {unit for (_, unit) in before["progress"] if after.get((PROGRESS, unit)) != before["progress"][PROGRESS, unit]}
        assert moved == set(chosen)
        assert (PROGRESS, f"X{chosen[-1]}") in after


def civil_year(instant: int) -> int:
    return datetime.fromtimestamp(instant, UTC).year
