"""A ticket opens what it was asked for, for a moment, and nothing else: where no header can be sent, as by EventSource."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.metrics.app import app
from shared.access.keys import create_key, list_keys, revoke_key
from shared.access.principals import Access
from shared.database import Database
from shared.errors import Unauthorised
from shared.web.routes import Routes
from shared.web.tickets import ADDRESS, EVENT, Tickets, cut_off, renewal_of, subject_of
from tests.patience import PATIENCE
from tests.web.conftest import QUESTION, SECRET, Metrics

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
TICKETS = Tickets("metrics", SECRET, 60)
WATCH = "/v1/watch?province=30"


class Desk:
    """A key, tickets of it, and an API's door for them."""

    def __init__(self, access: Access, key_id: str, secret_hash: bytes) -> None:
        self.access, self.key_id, self.secret_hash = access, key_id, secret_hash
        self.routes = Routes(app)

    def ticket(self, address: str, reach: str = ADDRESS, now: datetime = NOW, tickets: Tickets = TICKETS) -> str:
        path, _, query = address.partition("?")
        return tickets.issue(self.key_id, self.secret_hash, reach, subject_of(reach, path, query), now)[0]

    def scope(self, address: str, ticket: str, method: str = "GET") -> dict[str, Any]:
        path, _, query = address.partition("?")
        query = "&".join(part for part in (query, f"ticket={ticket}") if part)
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "state": {}}
        return {**scope, "route": self.routes.find(scope)}

    async def admits(
        self, address: str, ticket: str, *, now: datetime = NOW, last: str = "", method: str = "GET", tickets: Tickets = TICKETS
    ) -> bool:
        scope = self.scope(address, ticket, method)
        given = cut_off(scope)
        assert given is not None
        assert b"ticket" not in scope["query_string"]
        try:
            principal = await tickets.admit(self.access, scope, given, last, now)
        except Unauthorised:
            return False
        return principal.key_id == self.key_id


@pytest_asyncio.fixture
async def desk(metrics_database: Database) -> Desk:
    access = Access(metrics_database, "metrics", seconds=60)
    async with metrics_database.transaction() as tx:
        key = await create_key(tx, "metrics", name="page", scopes=["figures:read"], province="30")
    key_id = key.split("_")[1]
    holder = await access.holder(key_id)
    assert holder is not None
    return Desk(access, key_id, holder.secret_hash)


async def test_it_opens_its_address_until_it_ends(desk: Desk) -> None:
    ticket = desk.ticket(QUESTION)
    assert await desk.admits(QUESTION, ticket)
    assert await desk.admits(QUESTION, ticket, now=NOW + timedelta(seconds=59))
    assert not await desk.admits(QUESTION, ticket, now=NOW + timedelta(seconds=60))
    assert await desk.admits("/v1/kpis?province=30&scope=X%20Y&kpi=", desk.ticket("/v1/kpis?province=30&scope=X+Y&kpi="))


async def test_a_ticket_that_opens_counts_as_a_use_of_its_key_and_one_that_does_not_is_none(
    desk: Desk, metrics_database: Database
) -> None:
    async def used_at() -> datetime | None:
        async with metrics_database.connection() as connection:
            (key,) = await list_keys(connection, "metrics")
        return key.last_used_at

    forged = desk.ticket(QUESTION, tickets=Tickets("metrics", SECRET + "!", 60))
    assert not await desk.admits(QUESTION, forged)
    assert not await desk.admits(QUESTION, desk.ticket(QUESTION), now=NOW + timedelta(seconds=60))
    assert await used_at() is None
    assert await desk.admits(QUESTION, desk.ticket(QUESTION))
    first = await used_at()
    assert first is not None
    assert await desk.admits(QUESTION, desk.ticket(QUESTION))
    assert await used_at() == first, "it is stored once a minute"


async def test_it_opens_nothing_else(desk: Desk) -> None:
    ticket = desk.ticket(QUESTION)
    for other in (
        "/v1/kpis/series?province=30&period=7d",
        "/v1/kpis?province=31&period=7d",
        "/v1/kpis?province=30",
        QUESTION + "&kpi=received_new",
        "/v1/kpis?period=7d&province=30",
        "/v1/nothing?province=30&period=7d",
        "/healthz",
    ):
        assert not await desk.admits(other, ticket), other
    assert not await desk.admits(QUESTION, ticket, method="POST")
    assert not await desk.admits(
        "/v1/consistency-checks?province=30", desk.ticket("/v1/consistency-checks?province=30"), method="POST"
    )
    twice = desk.scope(QUESTION + "&ticket=" + ticket, ticket)
    assert cut_off(twice) == ""


async def test_a_ticket_that_was_changed_or_signed_otherwise_opens_nothing(desk: Desk) -> None:
    ticket = desk.ticket(QUESTION)
    key_id, expires, reach, signature = ticket.split(".")
    for changed in (
        f"{key_id}.{int(expires) + 60}.{reach}.{signature}",
        f"{key_id}.{expires}.p2.{signature}",
        f"{key_id}.{expires}.{reach}.{'0' * 64}",
        f"{'0' * 12}.{expires}.{reach}.{signature}",
        ticket + "0",
        "",
        "\u00e9",
        desk.ticket(QUESTION, tickets=Tickets("ingest", SECRET, 60)),
        desk.ticket(QUESTION, tickets=Tickets("metrics", SECRET + "!", 60)),
        desk.ticket(QUESTION, reach=EVENT),
    ):
        assert not await desk.admits(QUESTION, changed), changed
    assert not await desk.admits(QUESTION, ticket, tickets=Tickets("metrics", "", 60))


async def test_one_for_a_path_opens_each_read_below_it_and_not_the_path(desk: Desk) -> None:
    ticket = desk.ticket("/v1/kpis", reach="p2")
    assert await desk.admits("/v1/kpis/series?province=30", ticket)
    assert await desk.admits("/v1/kpis/ranking?province=31", ticket)
    for other in (QUESTION, "/v1/alerts?province=30", "/v1/watch?province=30"):
        assert not await desk.admits(other, ticket), other


async def test_it_ends_with_its_key_at_once(desk: Desk, metrics_database: Database) -> None:
    ticket = desk.ticket(QUESTION)
    assert await desk.admits(QUESTION, ticket)
    async with metrics_database.transaction() as tx:
        await revoke_key(tx, "metrics", desk.key_id, NOW)
    assert not await desk.admits(QUESTION, ticket)


async def test_an_event_stream_is_opened_again_by_the_ids_of_its_events_alone(desk: Desk) -> None:
    later, soon = NOW + timedelta(hours=1), NOW + timedelta(minutes=59, seconds=30)
    first, renewed = desk.ticket(WATCH), desk.ticket(WATCH, reach=EVENT, now=soon)
    assert await desk.admits(WATCH, first, now=later, last=f"41.{renewed}")
    for last in (
        "",
        "41",
        f"41.{first}",
        f"41.{desk.ticket(WATCH, now=soon)}",
        f"41.{desk.ticket(WATCH, reach=EVENT, now=NOW)}",
        f"41.{desk.ticket('/v1/watch?province=31', reach=EVENT, now=soon)}",
    ):
        assert not await desk.admits(WATCH, first, now=later, last=last), last
    assert not await desk.admits(WATCH, renewed, now=soon)
    asked = desk.ticket(QUESTION, reach=EVENT, now=soon)
    assert not await desk.admits(QUESTION, desk.ticket(QUESTION), now=later, last=f"41.{asked}")


async def test_a_page_opens_an_answer_and_an_event_stream_without_a_header(metrics: httpx.AsyncClient, served: Metrics) -> None:
    async with httpx.AsyncClient(base_url=served.process.url, timeout=PATIENCE) as page:
        made = await metrics.post("/v1/tickets", json={"address": QUESTION})
        assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
        answer = await page.get(made.json()["url"])
        assert answer.json() == (await metrics.get(QUESTION)).json()
        assert (await page.head(made.json()["url"])).status_code == 200
        beside = await metrics.get(made.json()["url"])
        assert (beside.status_code, beside.json()["type"]) == (400, "/problems/malformed")
        ticket = made.json()["ticket"]
        assert (await page.get(f"/v1/kpis/series?province=30&period=7d&ticket={ticket}")).status_code == 401
        assert (await page.post(f"/v1/tickets?ticket={ticket}", json={"address": QUESTION})).status_code == 401

        watched = (await metrics.post("/v1/tickets", json={"address": WATCH})).json()["url"]
        async with page.stream("GET", watched) as events:
            event = await anext(events.aiter_text())
        match = re.match(r"id: (1\.[0-9a-f.e]+)\nevent: position\ndata: ", event)
        assert match is not None, event
        async with page.stream("GET", watched, headers={"Last-Event-ID": match[1]}) as again:
            assert again.status_code == 200
    log = served.process.log_path.read_text()
    assert ticket not in log
    assert watched.rpartition("=")[2] not in log


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"address": "/v1/nothing"}, 422), ({"address": "/healthz"}, 422), ({"address": "/v1/rebuilds"}, 422), ({}, 422),
        ({"address": QUESTION, "prefix": "/v1/kpis/"}, 422), ({"address": QUESTION + "&ticket=x"}, 422),
        ({"prefix": "/v1/nothing/"}, 422), ({"prefix": "/docs/"}, 422), ({"prefix": "/v1/kpis"}, 422),
        ({"address": "/v1/consistency-checks?province=30"}, 403), ({"prefix": "/v1/kpis/"}, 201), ({"prefix": "/v1/"}, 422),
        ({"address": "https://evil.example/v1/kpis"}, 422), ({"address": "//evil.example/v1/kpis"}, 422),
        ({"address": "/v1/kpis/"}, 422), ({"address": "/v1/kpis?provnce=30"}, 422),
        ({"address": QUESTION + "&province=30"}, 422),
    ],
)  # fmt: skip
async def test_it_is_given_for_what_the_key_may_read(metrics: httpx.AsyncClient, order: dict[str, str], status: int) -> None:
    answer = await metrics.post("/v1/tickets", json=order)
    assert answer.status_code == status, answer.text
    if status == 201:
        assert answer.json()["url"] is None


async def test_an_event_stream_that_was_opened_with_a_key_keeps_its_ids(metrics: httpx.AsyncClient, desk: Desk) -> None:
    async with metrics.stream("GET", WATCH) as events:
        assert (await anext(events.aiter_text())).startswith("id: 1\nevent: position\n")
    scope = desk.scope(QUESTION, desk.ticket(QUESTION))
    await TICKETS.admit(desk.access, scope, cut_off(scope) or "", "", NOW)
    assert renewal_of(scope) is None
