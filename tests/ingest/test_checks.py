"""A source is tried before it is read: step by step what works, with the setting to change where it does not."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest
import pytest_asyncio

from deploy.simulator.app import Portal
from deploy.simulator.clock import PortalClock
from deploy.simulator.habits import Habits
from deploy.simulator.random_world import RandomWorld
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.checks import service
from services.ingest.checks.model import CheckResult, works
from services.ingest.inquiries import service as inquiries
from services.ingest.inquiries.store import read_response
from services.ingest.provinces import store as provinces_store
from services.ingest.sources.checks import MAX_CALLS, CheckedStep, CheckOutcome, CheckStep
from services.ingest.sources.http import client
from services.ingest.sources.http.addresses import Permitted
from services.ingest.sources.store import sources as sources_store
from shared.database import Database
from tests.conftest import NewDatabase, Processes
from tests.ingest import igate_records
from tests.ingest.portals import SECRET, Reply, Scripted, access, answer, bound_secret, serving
from tests.patience import PATIENCE

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TOKEN = answer(200, b'{"access_token":"one","expires_in":300}')
NOTHING = answer(404, b"not here")
STATISTICS = answer(200, json.dumps([{"agency": {"id": "a", "code": "10813"}, "received": 1}]).encode())


def page(*records: dict[str, Any], total: int | None = None) -> Reply:
    """The list with these records."""
    body = {"content": list(records), "totalElements": len(records) if total is None else total, "size": 20}
    return answer(200, json.dumps(body).encode())


class Outcome(NamedTuple):
    """What a check found, by step."""

    result: CheckResult

    def of(self, step: CheckStep) -> CheckOutcome:
        (found,) = [one.outcome for one in self.result.steps if one.step is step]
        return found

    @property
    def failing(self) -> tuple[CheckStep, list[str]] | None:
        failing = [(one.step, one.change) for one in self.result.steps if one.outcome is CheckOutcome.fails]
        assert len(failing) <= 1
        return failing[0] if failing else None


async def checked(database: Database, url: str, secret: str | None = SECRET, **settings: Any) -> Outcome:
    """The check of a source that is not enabled."""

    async def ordered(tx: Any) -> int:
        await provinces_store.ensure(tx, "30")
        given = {"base_url": url, "rate": 100, **settings}
        await sources_store.put_source(
            tx, name="x", province="30", kind="igate", settings=given, secret=secret, every_seconds=60, enabled=False, now=NOW
        )
        return await inquiries.order(tx, "check", "x", datetime.now(UTC))

    number = await database.run(ordered)
    with bound_secret(url.partition("/api")[0]):
        assert await service.check_next(database, RulesetCache(), datetime.now(UTC))
    async with database.connection() as connection:
        result = await read_response(connection, number, CheckResult)
    assert result is not None
    assert result.calls <= MAX_CALLS
    assert [one.step for one in result.steps] == list(CheckStep)
    assert all(one.en.endswith(".") and one.vi.endswith(".") for one in result.steps)
    foreign = [one.vi for one in result.steps if re.search(r"\b(?:the|is|not|of|answers?)\b", one.vi, re.IGNORECASE)]
    assert not foreign, "clerks read these in Vietnamese"
    return Outcome(result)


@pytest_asyncio.fixture
async def portal() -> AsyncIterator[str]:
    world = RandomWorld(dossiers=40)
    async with serving(Portal(world, clock=PortalClock(world.starts_at))) as url:
        yield url


async def test_a_first_page_that_is_the_second_one_is_found(ingest_database: Database, portal: str) -> None:
    found = await checked(ingest_database, portal, first_page=1)
    assert found.failing == (CheckStep.list, ["settings.first_page"])
    world = RandomWorld(dossiers=40)
    async with serving(Portal(world, clock=PortalClock(world.starts_at), habits=Habits(first_page=1))) as url:
        assert (await checked(ingest_database, url, first_page=1)).failing is None


async def test_a_source_that_is_set_right_works_step_by_step_before_it_is_enabled(
    ingest_database: Database, portal: str
) -> None:
    found = await checked(ingest_database, portal)
    assert {one.outcome for one in found.result.steps} == {CheckOutcome.works}, found.result.steps
    assert found.result.calls == 3
    record = found.result.record
    assert record is not None
    assert record.rejected == 0
    assert {"code", "status", "agency", "procedure", "channel"} <= record.fields.keys()
    assert not record.fields.keys() & set(record.not_stated)
    assert record.unmapped == ["agency", "procedure"], "the catalogue is empty"
    # Nothing of a person is in what is stored: neither of this record nor of the others that were read.
    async with httpx.AsyncClient(base_url=portal) as http:
        form = {"grant_type": "client_credentials", "client_id": "motcua", "client_secret": "motcua"}
        token = (await http.post("/auth/realms/digo/protocol/openid-connect/token", data=form)).json()["access_token"]
        rows = (await http.get("/pa/dossier/search?size=40", headers={"Authorization": f"Bearer {token}"})).json()["content"]
    stored = msgspec.json.encode(found.result).decode()
    people = {str(value) for row in rows for value in row["applicant"]["data"].values()}
    assert len(people) > 40
    assert not [one for one in people if one in stored]
    async with ingest_database.connection() as connection:
        row = await sources_store.source(connection, "x")
    assert row is not None
    assert (row.cursor, row.breaker, row.enabled) == (None, None, False)


async def test_what_is_wrong_is_told_by_the_setting_to_change(ingest_database: Database, portal: str) -> None:
    async def failing(url: str = portal, **settings: Any) -> tuple[CheckStep, list[str]] | None:
        return (await checked(ingest_database, url, **settings)).failing

    below = await checked(ingest_database, f"{portal}/api")
    assert below.failing == (CheckStep.token, ["settings.base_url", "settings.realm"]), "a wrong path is no wrong password"
    assert below.of(CheckStep.address) is CheckOutcome.works
    assert below.of(CheckStep.list) is CheckOutcome.not_tried
    assert await failing(client_id="stranger") == (CheckStep.token, ["secret", "settings.client_id", "settings.grant"])
    assert await failing(grant="password", username="nobody") == (
        CheckStep.token,
        ["secret", "settings.username", "settings.grant"],
    )
    assert await failing(without_token=True) == (CheckStep.list, ["settings.without_token"])
    assert await failing(secret="NOBODYS") == (CheckStep.settings, ["settings.base_url", "secret"])


@pytest.mark.parametrize(
    ("replies", "step", "change", "told"),
    [
        ([TOKEN, answer(403)], CheckStep.list, ["settings.client_id"], "right to read dossiers"),
        ([TOKEN, answer(401)], CheckStep.list, ["settings.client_id"], "right to read dossiers"),
        ([TOKEN, NOTHING], CheckStep.list, ["settings.base_url"], "/pa/dossier/search"),
        (
            [TOKEN, answer(200, b"<html></html>", content_type="text/html")],
            CheckStep.list,
            ["settings.base_url"],
            "HTML pages",
        ),
        ([answer(200, b"<html></html>", content_type="text/html")], CheckStep.token, ["settings.base_url"], "HTML pages"),
        ([answer(503)], CheckStep.token, [], "503"),
        ([TOKEN, page(igate_records.record()), NOTHING], CheckStep.statistics, [], "nonetheless"),
        (
            [TOKEN, page(igate_records.record(dossierStatus={"name": "Chờ ông Nguyễn"}))],
            CheckStep.record,
            ["settings.statuses"],
            "0 of 1 records",
        ),
        (
            [TOKEN, page(igate_records.record(acceptedDate="2023-06-15T08:00:00"))],
            CheckStep.record,
            ["settings.clock"],
            "`vietnam` or `utc`",
        ),
    ],
)
async def test_each_fault_of_a_portal_is_told_for_what_it_is(
    ingest_database: Database, replies: list[Reply], step: CheckStep, change: list[str], told: str
) -> None:
    async with Scripted([*replies, *([STATISTICS] if step is CheckStep.record else [])]).serving() as url:
        found = await checked(ingest_database, url)
    assert found.failing == (step, change), found.result.steps
    assert told in next(one.en for one in found.result.steps if one.step is step)


async def test_words_that_nobody_knows_are_listed_with_their_setting_and_without_persons(ingest_database: Database) -> None:
    records = [
        igate_records.record(dossierStatus={"name": "Chờ liên thông"}),
        igate_records.record(paymentMethod={"name": "Ví điện tử"}),
        igate_records.record(paymentMethod={"name": "Chuyển cho 0912345678"}),
        igate_records.record(paymentMethod={"name": "Nguyễn Thị Thử"}),
        igate_records.record(applyMethod={"name": "Qua zalo"}, dossierReceivingKind={"name": "Trực tuyến"}),
    ]
    async with Scripted([TOKEN, page(*records), STATISTICS]).serving() as url:
        found = await checked(ingest_database, url)
        record = found.result.record
        assert record is not None
        words = {(one.setting, one.word) for one in record.unknown_words}
        assert words == {
            ("statuses", "Chờ liên thông"),
            ("paid_online", "Ví điện tử"),
            ("paid_online", "(withheld)"),
            ("channels", "Qua zalo"),
        }
        assert "0912345678" not in msgspec.json.encode(found.result).decode()
        assert "Nguyễn Thị Thử" not in msgspec.json.encode(found.result).decode()
        assert (record.records, record.rejected) == (5, 2)


async def test_a_portal_that_is_silent_or_not_there_is_told_in_time(
    ingest_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service.CHECK_SECONDS < 20
    monkeypatch.setitem(service.CALL_LIMITS, "call_seconds", 0.2)

    async def silent(_: Any) -> None:
        """Nothing is answered."""

    async with Scripted([silent]).serving() as url:
        found = await checked(ingest_database, url)
        assert found.failing == (CheckStep.address, ["settings.base_url"])
        assert "in time" in found.result.steps[1].en
    gone = await checked(ingest_database, url)
    assert gone.failing == (CheckStep.address, ["settings.base_url"])
    assert "No connection" in gone.result.steps[1].en
    monkeypatch.setattr(service, "CHECK_SECONDS", 0.1)
    async with Scripted([TOKEN, silent]).serving() as url:
        cut = await checked(ingest_database, url, rate=1)
    assert cut.failing is None
    assert cut.of(CheckStep.list) is CheckOutcome.not_tried
    assert not works(cut.result.steps)
    assert not works(gone.result.steps)


@pytest.mark.parametrize("secret", [SECRET, None])
async def test_an_address_that_may_not_be_called_is_not_told_to_answer(
    ingest_database: Database, monkeypatch: pytest.MonkeyPatch, secret: str | None
) -> None:
    # That a name leads to a network of ours shows only when it is resolved.
    monkeypatch.setattr(client, "default_permitted", lambda: Permitted(""))
    found = await checked(ingest_database, "https://localhost", secret=secret, without_token=secret is None)
    assert found.failing == (CheckStep.address, ["settings.base_url"]), found.result.steps
    assert "public addresses" in found.result.steps[1].en


def test_a_source_works_where_every_step_was_tried_and_none_fails() -> None:
    def steps(**other: CheckOutcome) -> list[CheckedStep]:
        outcomes = {one: other.get(one, CheckOutcome.works) for one in CheckStep}
        return [CheckedStep(step=one, outcome=outcome, en="", vi="") for one, outcome in outcomes.items()]

    assert works(steps())
    assert works(steps(token=CheckOutcome.not_needed, record=CheckOutcome.not_tried))
    assert not works(steps(statistics=CheckOutcome.not_tried))
    assert not works(steps(list=CheckOutcome.fails))
    assert not works([])
    for missing in CheckStep:
        assert not works([one for one in steps() if one.step is not missing]), missing


async def test_whoever_asks_at_the_api_is_answered_by_the_worker(
    processes: Processes, new_database: NewDatabase, portal: str
) -> None:
    url, given = await new_database("ingest"), access(portal)
    processes.worker("ingest", database_url=url, **given)
    del given[f"MOTCUA_SECRET_{SECRET}"]
    api = processes.api("ingest", database_url=url, **given)
    key = await processes.key("ingest", url, "sources:manage")
    async with httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": key}, timeout=PATIENCE) as http:
        body = {"province": "30", "kind": "igate", "secret": SECRET, "settings": {"base_url": portal}, "enabled": False}
        (await http.put("/v1/sources/portal", json=body)).raise_for_status()
        response = await http.post("/v1/sources/portal/check")
        while response.status_code == 503:  # the worker is still starting
            response = await http.post("/v1/sources/portal/check")
        found = response.json()
        assert (found["ok"], found["enabled"], found["source"]) == (True, False, "portal"), found
        assert (await http.post("/v1/sources/nobody/check")).status_code == 404
        (await http.put("/v1/sources/desk", json={"province": "30", "kind": "own", "settings": {}})).raise_for_status()
        sends = (await http.post("/v1/sources/desk/check")).json()
        assert (sends["ok"], sends["calls"], sends["record"]) == (True, 0, None)
        assert "POST /v1/events?source=desk" in sends["steps"][1]["en"]
