"""The backup that the README of deploy describes is made and restored as it is printed there, on another server."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.postgres import program, start_postgres
from deploy.local.servers import free_port
from deploy.local.services import ROOT
from shared.access.scopes import SCOPES
from shared.settings import SERVICES, Service
from tests.conftest import NewDatabase, Processes, url_of
from tests.metrics.stack import AGENCY, PERIOD, PROCEDURE, QUICK, kinds_in
from tests.notices.reference import inspection_body
from tests.patience import PATIENCE

SECTION = (ROOT / "deploy" / "README.md").read_text().partition("### Backups")[2].partition("\n### ")[0]
DUMP, RESTORE = re.findall(r"^```text\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
Clients = dict[Service, httpx.AsyncClient]


async def run(commands: str, url: str, folder: Path, **more: str) -> tuple[int | None, str]:
    """Exit code and output of commands as the README prints them."""
    path = os.pathsep.join([str(Path(sys.executable).parent), str(program("pg_dump").parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "DATABASE_URL": url, "PYTHONPATH": str(ROOT), **more}
    ran = await asyncio.create_subprocess_exec("sh", "-ec", commands, env=environment, cwd=folder, stdout=-1, stderr=-2)
    out, _ = await ran.communicate()
    return ran.returncode, out.decode()


@asynccontextmanager
async def served(processes: Processes, url: str, keys: dict[Service, str]) -> AsyncIterator[Clients]:
    """The three services on a database, without workers of ingest and notices, which have nothing to do here."""
    ports: dict[Service, int] = {service: free_port() for service in SERVICES}
    known = {f"{service}_url": f"http://127.0.0.1:{port}" for service, port in ports.items()}
    known |= {f"{service}_key": keys[service] for service in SERVICES} | QUICK
    before = len(processes.started)
    async with asyncio.TaskGroup() as group:
        for service, port in ports.items():
            group.create_task(asyncio.to_thread(lambda s, p: processes.api(s, p, database_url=url, **known), service, port))
    processes.worker("metrics", database_url=url, **known)
    clients = {
        service: httpx.AsyncClient(base_url=known[f"{service}_url"], headers={"X-API-Key": keys[service]}, timeout=PATIENCE)
        for service in SERVICES
    }
    yield clients
    for client in clients.values():
        await client.aclose()
    for process in processes.started[before:]:
        process.stop()


async def push(clients: Clients, first: int, last: int) -> None:
    about = {"status": "processing", "agency": AGENCY["code"], "procedure": PROCEDURE["code"], "channel": "online"}
    dated = {"at": "2023-06-15T09:00:00+07:00", "received_at": "2023-06-15T08:00:00+07:00"}
    events = [{"code": f"H30-{number}", "id": "1", **dated, **about} for number in range(first, last + 1)]
    (await clients["ingest"].post("/v1/events?source=own", json=events)).raise_for_status()


async def answer(clients: Clients, position: int, reason: str | None = None) -> dict[str, Any]:
    """The KPIs by agency, once that position is counted and the reason is told."""
    async with asyncio.timeout(PATIENCE):
        while True:
            told = await clients["metrics"].get("/v1/kpis", params={"province": "30", "by": "agency", **PERIOD})
            said: dict[str, Any] = told.json()
            if told.is_success and said["position"] == position and (reason is None or reason in kinds_in(said)):
                return said
            await asyncio.sleep(0.1)


def figures(said: dict[str, Any]) -> list[Any]:
    """What is said of the dossiers, without how fresh it is."""
    return [said[name] for name in ("position", "as_of", "total", "rows")]


async def test_a_backup_is_restored_on_another_server_and_an_older_ingest_beside_newer_metrics_is_noticed(
    processes: Processes, new_database: NewDatabase, folder: Path
) -> None:
    url = await new_database()
    keys = {service: await processes.key(service, url, *SCOPES) for service in SERVICES}
    dumps = folder / "dumps"
    dumps.mkdir()
    async with served(processes, url, keys) as clients:
        source = {"province": "30", "kind": "own", "settings": {}}
        (await clients["ingest"].put("/v1/sources/own", json=source)).raise_for_status()
        for kind, row in (("agencies", AGENCY), ("procedures", PROCEDURE)):
            (await clients["ingest"].put(f"/v1/catalogue/30/{kind}", json={kind: [row]})).raise_for_status()
        await push(clients, 1, 20)
        before = await answer(clients, 20)
        assert before["total"]["kpis"]["received_new"]["value"] == 20
        (await clients["notices"].post("/v1/inspections", json=inspection_body(scope=AGENCY["code"]))).raise_for_status()
        inspected = (await clients["notices"].get("/v1/inspections/1")).raise_for_status().json()
        assert await run(DUMP, url, dumps) == (0, "")
        code, _ = await run(DUMP, url_of("metrics", url), folder)
        assert code, "the owner's URL is needed, and that is what is written"

    server = start_postgres(folder / "other-postgres", durable=False)
    try:
        other = server.url()
        code, said = await run(RESTORE, other, dumps)
        assert code == 0, said
        async with served(processes, other, keys) as clients:
            assert figures(await answer(clients, 20)) == figures(before)
            assert (await clients["notices"].get("/v1/inspections/1")).json() == inspected
            await push(clients, 21, 25)
            assert (await answer(clients, 25))["total"]["kpis"]["received_new"]["value"] == 25
            # Ingest alone is set back to the backup, and goes on otherwise than what metrics has counted.
            ingest = next(one for one in processes.started if one.url == str(clients["ingest"].base_url))
            ingest.stop()
            restore = next(line for line in RESTORE.splitlines() if line.endswith("ingest.dump"))
            code, said = await run(f'psql -qc "DROP SCHEMA ingest CASCADE" "$DATABASE_URL"\n{restore}', other, dumps)
            assert code == 0, said
            ingest.start()
            await asyncio.to_thread(ingest.wait_until_ready)
            await push(clients, 101, 109)
            told = await answer(clients, 25, "ingest_restored")
            assert (told["freshness"]["complete"], told["total"]["kpis"]["received_new"]["value"]) == (False, 25)
            assert (await clients["metrics"].get("/readyz")).status_code == 503
    finally:
        server.stop()


@pytest.mark.parametrize("service", SERVICES)
def test_every_schema_is_dumped_and_restored(service: Service) -> None:
    assert f"-n {service} " in DUMP
    assert f" {service}.dump" in RESTORE
