"""Two programs of strangers, typed by what generators make of our documents: they compile, and run against the stack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import copy

import httpx
import pytest_asyncio

from shared.settings import SERVICES
from tests.clients.generating import HERE, MODULES, make_python, make_typescript, run_node
from tests.conftest import NewDatabase, Processes
from tests.notices.reference import inspection_body
from tests.patience import PATIENCE

SCOPES = {
    "ingest": ("events:write", "sources:manage", "feed:read", "catalogue:write"),
    "metrics": ("figures:read",),
    "notices": ("notices:read", "notices:write"),
}
FOUND = {"received_new": 2, "online_share": [1, 2, 0.5], "printed": True}


@pytest_asyncio.fixture
async def stack(processes: Processes, new_database: NewDatabase) -> dict[str, str]:
    """All three services, and what a program is told of them: addresses, keys and an inspection."""
    url = await new_database(*SERVICES)
    ingest = processes.api("ingest", database_url=url)
    told = {"INGEST_URL": ingest.url, "INGEST_KEY": await processes.key("ingest", url, *SCOPES["ingest"])}
    beside = {"ingest_url": ingest.url, "ingest_key": told["INGEST_KEY"]}
    metrics = processes.api("metrics", database_url=url, **beside)
    told |= {"METRICS_URL": metrics.url, "METRICS_KEY": await processes.key("metrics", url, *SCOPES["metrics"])}
    beside |= {"metrics_url": metrics.url, "metrics_key": told["METRICS_KEY"]}
    notices = processes.api("notices", database_url=url, **beside)
    told |= {"NOTICES_URL": notices.url, "NOTICES_KEY": await processes.key("notices", url, *SCOPES["notices"])}
    for service in SERVICES:
        processes.worker(service, database_url=url, **beside)
    async with httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": told["INGEST_KEY"]}, timeout=PATIENCE) as door:
        for kind in ("own", "files"):
            connected = await door.put(f"/v1/sources/{kind}-30", json={"province": "30", "kind": kind, "settings": {}})
            connected.raise_for_status()
        agency = {"code": "294", "name_vi": "Huyện Thanh Hà", "name_en": "Thanh Hà district", "kind": "district"}
        listed = await door.put("/v1/catalogue/30/agencies", json={"agencies": [agency | {"valid_from": "2000-01-01"}]})
        listed.raise_for_status()
    period = {"from": "2023-01-01", "to": "2023-06-30"}
    inspection = inspection_body(findings={}, causes=[], overdue_causes=[], pending_causes=[], comparisons=[]) | {
        "period": period
    }
    return {**os.environ, **told, "INSPECTION": json.dumps(inspection)}


def test_a_front_end_in_typescript_compiles_and_runs(stack: dict[str, str], tmp_path: Path) -> None:
    for name in ("program.ts", "tsconfig.json", "package.json"):
        copy(HERE / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(MODULES)
    (tmp_path / "made").mkdir()
    for service in SERVICES:
        make_typescript(service, tmp_path / "made")
    run_node("typescript/bin/tsc", "-p", tmp_path)
    found = json.loads(run_node(tmp_path / "program.ts", cwd=tmp_path, env=stack).splitlines()[-1])
    assert found | FOUND == found


def test_a_program_in_python_is_typed_and_runs(stack: dict[str, str], tmp_path: Path) -> None:
    for service in SERVICES:
        make_python(service, tmp_path)
    copy(HERE / "program.py", tmp_path)
    words = ("--strict", "--follow-imports=silent", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", "program.py")
    checked = subprocess.run([sys.executable, "-m", "mypy", *words], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert checked.returncode == 0, checked.stdout
    done = subprocess.run([sys.executable, "program.py"], capture_output=True, text=True, cwd=tmp_path, env=stack, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) | FOUND == json.loads(done.stdout)
