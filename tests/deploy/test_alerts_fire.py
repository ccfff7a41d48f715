"""A real Prometheus beside real processes: a healthy stack fires nothing and fills the panels, a broken one fires alerts."""

from __future__ import annotations

import asyncio
import math
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.local.servers import free_port
from deploy.local.services import Process
from deploy.simulator.app import Portal
from deploy.simulator.clock import PortalClock
from deploy.simulator.faults import Faults
from deploy.simulator.random_world import RandomWorld
from tests.certificates import signing_settings
from tests.conftest import NewDatabase, Processes
from tests.deploy.alerting import Prometheus, address, configuration, named, panels, program, prometheus, rules
from tests.faults.ledger import catalogue
from tests.ingest.portals import access, serving
from tests.metrics.stack import QUICK, Stack, running
from tests.patience import PATIENCE, until

SHORTENED = {r"for: \w+": "for: 1s", r"stalled_seconds\) > 300": "stalled_seconds) > 3", r"\[5m\]": "[1m]"}
"""Of the rules, for a test that is not to wait: patterns and what stands there instead."""
NOT_BROKEN = {"NothingIsScraped", "MetricsDoesNotLook", "CertificateEndsSoon", "CertificateHasEnded"}
"""By promtool alone: the first needs another configuration, the second half a minute; certificates are read once an hour."""
NEED_INGEST = {"QuarantineGrows", "PortalDiffers", "SourceIsMissing"}
"""Of which nothing is known while ingest cannot be asked."""
WITHOUT_INGEST = {"IngestIsNotReached", "ProofIsOld"}
WAITING_NOTICE = """
WITH made AS (
    INSERT INTO notices.inspection (province, scope, period_from, period_to, body, key_id)
    VALUES ('30', '294', '2023-06-01', '2023-06-30', '{}', 'test') RETURNING id
)
INSERT INTO notices.notice (inspection_id, province, key_id, ordered_at, checks)
SELECT id, '30', 'test', now() - interval '1h', '[{"ok": false}]' FROM made
"""
"""Ordered an hour ago, with a check that failed."""
REASONS = {"behind", "ingest_restored", "quarantined", "reconciliation_gap", "source_missing", "pull_unverified"}
ALL = {rule["alert"] for rule in rules()}


def portal(province: str, faults: Faults | None = None) -> Portal:
    """A small one that stands still, without contradictions of its own."""
    world = RandomWorld(dossiers=60, agencies=3, province=province, dirt=0)
    return Portal(world, clock=PortalClock(world.starts_at), faults=faults)


def freeze(process: Process) -> None:
    assert process.child is not None
    process.child.send_signal(signal.SIGSTOP)


async def execute(url: str, *statements: str) -> None:
    """Somebody writes to a database past its service."""
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


@asynccontextmanager
async def locked(url: str, table: str) -> AsyncIterator[None]:
    """Nobody else can use the table in the block."""
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute(f"LOCK TABLE {table}")
        yield
    await connection.close()


@asynccontextmanager
async def failing_slowly(url: str, client: httpx.AsyncClient) -> AsyncIterator[None]:
    """In the block, answers of notices wait longer than a second for a table and then do not find it, again and again."""
    ended = asyncio.Event()

    async def fail() -> None:
        connection = await asyncpg.connect(url)
        while not ended.is_set():
            async with connection.transaction():
                await connection.execute("ALTER TABLE notices.inspection RENAME TO gone")
                answers = [asyncio.create_task(client.get("/v1/inspections")) for _ in range(10)]
                await asyncio.sleep(1.5)
            assert {(await answer).status_code for answer in answers} == {500}
            await connection.execute("ALTER TABLE notices.gone RENAME TO inspection")
        await connection.close()

    async with asyncio.TaskGroup() as group:
        group.create_task(fail())
        try:
            yield
        finally:
            ended.set()


async def connect_portal(stack: Stack, province: str, portal: Portal, url: str, **settings: object) -> None:
    """A province is read from a portal, and was."""
    agencies, procedures = catalogue(portal.world)
    for kind, listed in (("agencies", agencies), ("procedures", procedures)):
        (await stack.door.put(f"/v1/catalogue/{province}/{kind}", json={kind: listed})).raise_for_status()
    impatient = {"attempts": 1, "backoff_seconds": 0.001, "rate": 100}
    source = {"province": province, "kind": "igate", "settings": {"base_url": url, **impatient, **settings}}
    body = {**source, "secret": f"PORTAL_{province}", "every_seconds": 3600}
    answer = await stack.door.put(f"/v1/sources/portal-{province}", json=body)
    assert answer.status_code == 200, answer.text

    async def pulls() -> Any:
        return (await stack.door.get("/v1/pulls", params={"source": f"portal-{province}"})).json()

    await until(pulls, lambda answer: [one["state"] for one in answer["pulls"]] == ["complete"])


async def reconcile(stack: Stack, province: str) -> int:
    """How many dossiers differ from the portal."""
    days = {"from": "2021-12-15", "to": "2024-12-14"}
    planned = (await stack.door.post(f"/v1/sources/portal-{province}/reconcile", json=days)).json()

    async def reconciliation() -> Any:
        return (await stack.door.get(f"/v1/reconciliations/{planned['id']}")).json()

    differences: int = (await until(reconciliation, lambda answer: answer["state"] == "complete"))["differences"]
    return differences


async def differ(stack: Stack, province: str) -> None:
    """Leaves a dossier of the portal that differs and that no reading mends."""
    await reconcile(stack, province)
    await execute(
        stack.ingest_url,
        "INSERT INTO ingest.difference (reconciliation, code, cause, applied) SELECT max(r.id), 'H-1', 'told_otherwise', false"
        f" FROM ingest.reconciliation r WHERE r.source = 'portal-{province}' AND r.state = 'complete'",
    )


async def break_data(stack: Stack, sound: Portal, skipping: Portal, skipping_url: str) -> None:
    """Counters and a feed that somebody wrote to, versions that cannot be stored, records that cannot be read, a source that
    differs from what is here, one that skips and one that fails, and published scores that could not be read.
    """
    await execute(
        stack.metrics_url,
        "UPDATE metrics.agency_day SET received_online = received_online + 1 WHERE province = '30'",
        "UPDATE metrics.agency_month SET received_online = received_online + 1 WHERE province = '30'",
        "UPDATE metrics.province SET applied_at = applied_at - interval '2 days' WHERE province = '31'",
        "INSERT INTO metrics.published_pull (province, endpoint, since, until, failures)"
        " VALUES ('30', 'national', '2023-01-01', '2024-01-01', 1)",
        "ALTER TABLE metrics.dossier_version ADD CHECK (province <> '31') NOT VALID",
    )
    await stack.push("31", 7, 9)
    (await stack.watch.get("/v1/kpis", params={"province": "30", "from": "2023-06-02", "to": "2023-06-29"})).raise_for_status()
    (await stack.watch.post("/v1/consistency-checks", params={"province": "30"})).raise_for_status()
    unreadable = [{"code": f"X-{number}", "id": "1", "at": "never"} for number in range(101)]
    (await stack.door.post("/v1/events", params={"source": "own-30"}, json=unreadable)).raise_for_status()
    await differ(stack, "99")
    await connect_portal(stack, "98", skipping, skipping_url, passes=1, page_size=10)
    sound.faults.change({"p5xx": 1})
    (await stack.door.post("/v1/sources/portal-99/pull")).raise_for_status()
    await execute(stack.ingest_url, "UPDATE ingest.feed SET recorded_at = recorded_at - interval '1s' WHERE province = '30'")


@pytest.fixture(scope="module", autouse=True)
def needed() -> None:
    """Skips or fails before anything is started where Prometheus is missing."""
    program("prometheus")


async def test_a_healthy_stack_fires_nothing_and_fills_every_panel_and_a_broken_one_fires(
    processes: Processes, new_database: NewDatabase, tmp_path: Path
) -> None:
    notices_url = await new_database("notices")
    config = tmp_path / "prometheus"
    config.mkdir()
    sound, skipping = portal("99"), portal("98", Faults(skip=1))
    async with serving(sound) as sound_url, serving(skipping) as skipping_url:
        secrets = [(access(sound_url, "99"), "99"), (access(skipping_url, "98"), "98")]
        portals = {
            name.replace("TEST", f"PORTAL_{province}"): value for one, province in secrets for name, value in one.items()
        }
        async with running(processes, new_database, portals=portals) as stack:
            metrics = {
                "metrics_url": stack.metrics.url,
                "metrics_key": await processes.key("metrics", stack.metrics_url, "figures:read"),
            }
            signing = signing_settings(tmp_path)
            port = {"worker_metrics_port": str(free_port())}
            notices = await asyncio.to_thread(processes.api, "notices", database_url=notices_url, **QUICK, **metrics, **signing)
            notices_worker = processes.worker("notices", database_url=notices_url, **QUICK, **metrics, **port)
            targets = {
                "motcua": [address(one) for one in (stack.ingest, stack.metrics, notices)],
                "motcua-workers": [address(one) for one in (stack.ingest_worker, stack.worker, notices_worker)],
            }
            server = prometheus(config, configuration(config, targets, SHORTENED))
            server.url, url = "", server.url  # it has no /healthz of ours
            processes.run(server)
            watched = Prometheus(url)
            await stack.push("30", 1, 6)
            await stack.push("31", 1, 6)
            await connect_portal(stack, "99", sound, sound_url)
            assert await reconcile(stack, "99") == 0
            for province in ("30", "31", "99"):
                await stack.until(province, lambda answer: answer["position"] and answer["freshness"]["complete"])
                (await stack.watch.post("/v1/consistency-checks", params={"province": province})).raise_for_status()

            # Healthy.
            await until(lambda: ready(watched), bool)
            await until(lambda: watched.query("up == 1"), lambda up: len(up) == 6)
            await stack.push("30", 7, 12)
            for title, expression in panels():
                await watched.until_query(expression, numbers, f"the panel `{title}` is empty")
            for name in named(*(rule["expr"] for rule in rules()), *(query for _, query in panels())):
                assert await watched.query(name), name
            assert all(float(one["value"][1]) == 0 for one in await watched.query("motcua_metrics_balance_breaks_total"))
            await until(watched.open, lambda open_: not open_)

            # Broken, while ingest answers.
            freeze(notices_worker)
            await execute(notices_url, WAITING_NOTICE)
            key = await processes.key("notices", notices_url, "notices:read")
            async with (
                locked(stack.ingest_url, "ingest.preview"),
                httpx.AsyncClient(base_url=notices.url, headers={"X-API-Key": key}, timeout=PATIENCE) as reader,
                failing_slowly(notices_url, reader),
            ):
                await break_data(stack, sound, skipping, skipping_url)
                await watched.until_firing(ALL - NOT_BROKEN - WITHOUT_INGEST)
                incomplete = 'ALERTS{alertname="AnswersAreIncomplete", alertstate="firing"}'
                await watched.until_query(incomplete, lambda open_: reasons(open_) >= REASONS, f"the reasons are {REASONS}")

                # Broken, and ingest is dead.
                stack.ingest.kill()
                freeze(stack.worker)
                await execute(stack.metrics_url, "UPDATE metrics.consistency_check SET checked_at = checked_at - interval '2h'")
                await watched.until_firing(ALL - NOT_BROKEN - NEED_INGEST)
                down = await watched.query('ALERTS{alertname="ProcessIsDown", alertstate="firing"}')
                dead = {address(one) for one in (stack.ingest, stack.worker, notices_worker)}
                assert {one["metric"]["instance"] for one in down} == dead


async def ready(watched: Prometheus) -> bool:
    """Whether Prometheus answers."""
    try:
        return bool(await watched.query("up"))
    except (httpx.HTTPError, ValueError):
        return False


def reasons(samples: list[dict[str, Any]]) -> set[str]:
    """Of alerts that say that answers are incomplete."""
    return {one["metric"]["reason"] for one in samples}


def numbers(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The samples that are numbers."""
    return [one for one in samples if not math.isnan(float(one["value"][1]))]
