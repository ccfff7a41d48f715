"""Two provinces in all three services: real databases, real rows, real processes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from deploy.local.postgres import PostgreSQL
from deploy.local.redis import Redis
from shared.access.keys import create_key
from shared.access.scopes import SCOPES
from shared.database import Database
from shared.settings import MIN_SECRET_LENGTH, SERVICES, Service
from tests.access.provinces import CSV, Ask, Things, called, event, numbered
from tests.conftest import Processes
from tests.metrics.conftest import count_feed
from tests.metrics.worlds import random_feed
from tests.notices.reference import inspection_body
from tests.patience import PATIENCE


@dataclass
class Provinces:
    """The APIs of the services with the things of two provinces in them."""

    clients: dict[Service, httpx.Client]
    owner: asyncpg.Connection
    mine: Things
    its: Things
    logs: Path

    async def key(self, service: Service, *, province: str | None = None, agencies: list[str] | None = None) -> str:
        """A key of a person with all scopes; one bound to agencies is made behind the back of what refuses to make it."""
        key = await create_key(self.owner, service, name="x", scopes=list(SCOPES), province=province)
        changed = f"UPDATE {service}.api_key SET agencies = $2, person = true WHERE id = $1"
        await self.owner.execute(changed, key.split("_")[1], agencies)
        return key

    async def digest(self, service: Service) -> str:
        """A digest of every row of a service, whatever time its keys were last used.

        Alerts are opened and closed by the worker alone, when it likes: on a slow machine they tell that it is behind.
        """
        chosen = "SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename <> 'alert' ORDER BY 1"
        tables = await self.owner.fetch(chosen, service)
        rows = " UNION ALL ".join(
            f"SELECT '{name}', md5(string_agg(row, '|' ORDER BY row))"
            f" FROM (SELECT (to_jsonb(t) - 'last_used_at')::text FROM {service}.{name} AS t) AS stored (row)"
            for (name,) in tables
        )
        return str(await self.owner.fetch(rows))

    def call(self, service: Service, route: str, ask: Ask, key: str) -> httpx.Response:
        """The answer to a request."""
        answer: httpx.Response = called(self, service, route, ask, key)
        return answer


@pytest_asyncio.fixture(scope="session")
async def provinces(postgres: PostgreSQL, redis: Redis, folder: Path, _templates: Any) -> AsyncIterator[Provinces]:
    """Province 30, whose keys ask, and province 31, whose things come later and are newer."""
    url = postgres.url(await _templates(SERVICES))
    running = Processes(folder / "provinces-logs", redis.url)
    owner = await asyncpg.connect(url)
    clients: dict[Service, httpx.Client] = {}
    for service in SERVICES:
        more = {}
        if service == "notices":
            figures = await running.key("metrics", url, "figures:read")
            more = {"metrics_url": str(clients["metrics"].base_url), "metrics_key": figures}
        api = await asyncio.to_thread(running.api, service, database_url=url, session_secret="s" * MIN_SECRET_LENGTH, **more)
        clients[service] = httpx.Client(base_url=api.url, timeout=PATIENCE)
    made = Provinces(clients, owner, Things("30", "H30-1"), Things("31", "H31-1"), running.logs)
    operator = {service: await made.key(service) for service in SERVICES}
    for name in ("mine", "its"):
        setattr(made, name, await _filled(made, getattr(made, name), operator, url))
    yield made
    for client in clients.values():
        client.close()
    await owner.close()
    for process in running.started:
        process.kill()


_ISSUED = """
INSERT INTO notices.notice
    (inspection_id, province, key_id, state, position, pinned, figures, document, checks, drafted_at)
VALUES ($1, $2, 'x', 'issued', 1, '{}', '{}', '{}', '[]', now()) RETURNING id
"""
_NUMBERED = """
WITH series AS (
    INSERT INTO notices.number_series (province, body, year, series) VALUES ($2, 'x', 2023, 'x') RETURNING id
), taken AS (
    INSERT INTO notices.taken_number (series_id, number, notice_id, key_id, name, taken_at)
    SELECT id, 1, $1, 'x', 'x', now() FROM series RETURNING series_id, number
)
INSERT INTO notices.issued_notice
    (notice_id, province, series_id, number, reference, body, issued_on, issued_at, code, key_id, name, signatory_certificate,
     body_certificate, timestamped, inspection, evidence)
SELECT $1, $2, series_id, number, 'x', 'x', '2023-01-01', now(), 'x' || $1, 'x', 'x', 'x', 'x', false, '{}', '[]' FROM taken
"""


async def _filled(provinces: Provinces, its: Things, operator: dict[Service, str], url: str) -> Things:
    """The province with one thing of each kind."""

    def did(service: Service, method: str, path: str, **more: Any) -> Any:
        answer = provinces.clients[service].request(method, path, headers={"X-API-Key": operator[service]}, **more)
        assert answer.is_success, (path, answer.text)
        return answer.json()

    for kind in ("own", "national", "files", "igate"):
        settings = {"base_url": "http://127.0.0.1:1"} if kind == "igate" else {}
        body = {"province": its.province, "kind": kind, "settings": settings, "enabled": kind == "igate"}
        did("ingest", "PUT", f"/v1/sources/{its.source(kind)}", json=body)
    did("ingest", "POST", f"/v1/events?source={its.source('own')}", json=[event(its.code), {"code": "unreadable"}])
    (record,) = did("ingest", "GET", f"/v1/quarantine?province={its.province}")["records"]
    sent = Ask(query={"source": its.source("files")}, content=CSV)
    imported = provinces.call("ingest", "POST /v1/imports", sent, operator["ingest"])
    assert imported.is_success, imported.text
    days = {"from": "2023-01-01", "to": "2023-02-01"}
    planned = did("ingest", "POST", f"/v1/sources/{its.source('igate')}/reconcile", json=days)
    async with provinces.owner.transaction():
        await provinces.owner.execute(
            "INSERT INTO ingest.pull (source, province) VALUES ($1, $2)", its.source("igate"), its.province
        )
    database = Database(url, size=2)
    try:
        source = random.Random(1)
        await count_feed(database, random_feed(source, 20, 60), source, largest=20, province=its.province)
    finally:
        await database.close()
    rule = {"province": its.province, "name": f"rule {its.province}", "kpi": "late_share", "above": 0.1}
    ruled = did("metrics", "POST", "/v1/alerts/rules", json=rule)
    inspected = did("notices", "POST", "/v1/inspections", json=inspection_body(province=its.province))
    # Of an agency that has figures in these days, as those are whose notices are ordered by their scope.
    of_town = {"scope": "10813", "period": {"from": "2023-01-20", "to": "2023-03-30"}}
    did("notices", "POST", "/v1/inspections", json=inspection_body(province=its.province) | of_town)
    # As it stands in the table: which figures a notice may be ordered from is another matter.
    notice = await provinces.owner.fetchval(
        "INSERT INTO notices.notice (inspection_id, province, key_id) VALUES ($1, $2, 'x') RETURNING id",
        inspected["id"],
        its.province,
    )
    batch = await provinces.owner.fetchval(
        "INSERT INTO notices.notice_batch (province, position, key_id) VALUES ($1, 1, 'x') RETURNING id", its.province
    )
    audit = await provinces.owner.fetchval(
        "INSERT INTO notices.audit (province, key_id, state, content_type, content) "
        "VALUES ($1, 'x', 'queued', 'text/plain', 'x') RETURNING id",
        its.province,
    )
    async with provinces.owner.transaction():  # in force only with its number, and what it asks is listed with it
        issued = await provinces.owner.fetchval(_ISSUED, inspected["id"], its.province)
        await provinces.owner.execute(_NUMBERED, issued, its.province)
        recommendation = await provinces.owner.fetchval(
            "INSERT INTO notices.recommendation (notice_id, province, scope, key, agency, code, name, text)"
            " VALUES ($1, $2, '294', 'late', '10813@2019-12-01', '10813', 'x', 'x') RETURNING id",
            issued,
            its.province,
        )
    return numbered(
        its,
        record=record["id"],
        imported=imported.json()["id"],
        reconciliation=planned["id"],
        rule=ruled["id"],
        inspection=inspected["id"],
        notice=notice,
        audit=audit,
        batch=batch,
        recommendation=recommendation,
    )
