"""What is told of a source that fails: a word to those who watch, a sentence to those who manage, its answer to nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls.service import pull_due
from services.ingest.reconciliation import store as reconciliation_store
from services.ingest.sources.errors import SourceError
from services.ingest.sources.http.client import Credentials, PortalClient
from services.ingest.sources.http.rate_limits import Limits
from services.ingest.sources.kinds.igate import Settings
from services.ingest.sources.kinds.igate.procedures import procedures
from services.ingest.sources.kinds.igate.record import Decoder
from services.ingest.sources.kinds.igate.totals import totals
from services.ingest.sources.store import sources as sources_store
from shared.database import Connection, Database
from tests.conftest import NewDatabase, Processes, url_of
from tests.ingest.igate_records import LATEST
from tests.ingest.portals import Reply, Scripted, answer, secret_for
from tests.patience import PATIENCE

INSIDE = "inside-word"
"""What only the one who answers knows."""


def raw(text: bytes) -> Reply:
    async def reply(writer: Any) -> None:
        writer.write(text)
        await writer.drain()
        writer.close()

    return reply


ANSWERS = {
    "of another protocol": raw(f"-ERR unknown command '{INSIDE}'\r\n".encode()),
    "with a status line of its own": raw(f"HTTP/1.1 404 {INSIDE}\r\nx-{INSIDE}: 1\r\ncontent-length: 0\r\n\r\n".encode()),
    "no JSON": answer(200, f"{INSIDE} is no JSON".encode()),
    "no UTF-8": answer(200, f'{{"{INSIDE}": "\xff"}}'.encode("latin-1")),
    "of another shape": answer(200, json.dumps({INSIDE: INSIDE, "content": INSIDE, "access_token": 1}).encode()),
    "rows of another shape": answer(200, json.dumps([{"agency": {"id": [INSIDE], "code": INSIDE}}]).encode()),
    "to elsewhere": answer(302, location=f"http://{INSIDE}.example/{INSIDE}"),
    "packed": answer(200, INSIDE.encode(), content_encoding=INSIDE),
    "an error": answer(500, INSIDE.encode()),
    "refused": answer(403, INSIDE.encode()),
}


@pytest.mark.parametrize("reply", ANSWERS.values(), ids=ANSWERS)
async def test_no_failure_tells_what_was_answered(reply: Reply) -> None:
    decoder = Decoder("x", Settings(base_url="http://portal"), LATEST)
    asking: list[Callable[[PortalClient], Any]] = [
        lambda client: totals(client, LATEST, LATEST),
        lambda client: procedures(client, 10),
        lambda client: client.fetch("/x", {}, decoder.page),
    ]
    script = Scripted([reply])
    async with script.serving() as url:
        for ask in asking:
            for credentials in (None, Credentials(token_path="/token", client_id="motcua", secret=secret_for(url))):
                client = PortalClient(url, credentials, Limits(attempts=1, rate=100))
                with pytest.raises(SourceError) as caught:
                    await ask(client)
                await client.close()
                assert INSIDE not in str(caught.value)
                assert caught.value.category in ("away", "refuses", "unreadable")


async def test_only_who_manages_sources_sees_more_than_the_word(processes: Processes, new_database: NewDatabase) -> None:
    url = await new_database("ingest")
    database = Database(url_of("ingest", url), size=2)
    refused = Scripted([answer(403)])

    async def connect(tx: Connection) -> int | None:
        await provinces_store.ensure(tx, "30")
        settings = {"base_url": portal, "without_token": True}
        await sources_store.put_source(
            tx,
            name="x",
            province="30",
            kind="igate",
            settings=settings,
            secret=None,
            every_seconds=60,
            enabled=True,
            now=LATEST,
        )
        return await reconciliation_store.plan_reconciliation(tx, "x", "30", LATEST.date(), LATEST.date(), LATEST)

    async def notify() -> None:
        return None

    async with refused.serving() as portal:
        number = await database.run(connect)
        assert number is not None
        assert await pull_due(database, RulesetCache(), "me", asyncio.Event(), notify, lambda: LATEST)

    async def fail(tx: Connection) -> None:
        assert await reconciliation_store.lease_reconciliation(tx, "me", now=LATEST, until=LATEST) is not None
        await reconciliation_store.mark_failed(tx, number, "me", "It answers 403.", "refuses", LATEST)

    await database.run(fail)
    await database.close()
    api = await asyncio.to_thread(processes.api, "ingest", database_url=url)
    for scope, sees in (("sources:manage", True), ("ops:read", False)):
        key = await processes.key("ingest", url, scope)
        async with httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": key}, timeout=PATIENCE) as door:
            (pull,) = (await door.get("/v1/pulls?source=x")).json()["pulls"]
            (listed,) = (await door.get("/v1/reconciliations")).json()["reconciliations"]
            alone = (await door.get(f"/v1/reconciliations/{number}")).json()
            for row in (pull, listed, alone):
                assert row["failure"] == "refuses"
                assert ("403" in (row["last_error"] or "")) is sees
            assert (await door.get("/v1/sources")).status_code == (200 if sees else 403)
    other = await processes.key("ingest", url, "feed:read")
    async with httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": other}, timeout=PATIENCE) as door:
        assert (await door.get("/v1/pulls")).status_code == 403
