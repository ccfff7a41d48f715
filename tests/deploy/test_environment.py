"""Which credentials a process of the stack holds: its own, whatever the shell holds and whosever the database is."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from deploy.local.environment import inherited, of_process, with_login
from deploy.local.postgres import PostgreSQL, start_postgres
from deploy.local.redis import Redis
from deploy.local.services import ROOT
from deploy.local.stack import Ports, Stack, StackError, portal_access
from shared.settings import SERVICES
from tests.patience import PATIENCE


@pytest.fixture(scope="module")
def external(folder: Path) -> Iterator[PostgreSQL]:
    """A server of somebody else's that lets nobody in without a password."""
    server = start_postgres(folder / "external")
    yield server
    server.stop()


@pytest.fixture
def data(folder: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    path = folder / f"stack-{request.node.name[:40]}"
    yield path
    shutil.rmtree(path, ignore_errors=True)


def test_each_process_holds_its_own_credentials_only_also_with_a_given_database(
    data: Path, external: PostgreSQL, redis: Redis
) -> None:
    ports = Ports.from_base(0)
    given = {"DATABASE_URL": external.url(), "REDIS_URL": redis.url, "NOBODYS_TOKEN": "not-for-us", "PGPASSWORD": "not-for-us"}
    stack = Stack(data, ports, portal=None, environment=portal_access(ports.portal, "30") | given, echo=lambda _: None)
    try:
        stack.start()
        told = {name: Path(f"/proc/{one.child.pid}/environ").read_text() for name, one in stack.processes.items() if one.child}
        holders = {
            external.password: set(),
            "not-for-us": set(),
            stack.keys.metrics_at_ingest: {"metrics-api", "metrics-worker"},
            stack.keys.notices_at_metrics: {"notices-api", "notices-worker"},
            "MOTCUA_SECRET_PORTAL=motcua": {"ingest-worker"},
            "MOTCUA_SECRET_PORTAL_HOSTS": {"ingest-worker", "ingest-api"},
            **{stack.keys.role_passwords[one]: {f"{one}-api", f"{one}-worker"} for one in SERVICES},
            stack.keys.session_secret: {f"{one}-api" for one in SERVICES},
            **{key: set() for key in stack.keys.operator.values()},
        }
        for secret, expected in holders.items():
            assert {name for name, environment in told.items() if secret in environment} == expected
        assert len(told) == 6
        for service in SERVICES:
            assert httpx.get(f"{stack.url(service)}/readyz", timeout=PATIENCE).status_code in (200, 503)
        assert asyncio.run(_connected(external)) == {f"motcua_{service}" for service in SERVICES}
    finally:
        stack.stop()


async def _connected(server: PostgreSQL) -> set[str]:
    """The accounts under which the services are connected, once all three are."""
    connection = await asyncpg.connect(server.url())
    try:
        for _ in range(3_000):
            rows = await connection.fetch("SELECT usename FROM pg_stat_activity WHERE application_name LIKE 'motcua-%'")
            found = {row["usename"] for row in rows}
            if len(found) >= len(SERVICES):
                break
            await asyncio.sleep(0.1)
        return found
    finally:
        await connection.close()


async def test_an_owner_who_may_not_alter_roles_is_told_which_urls_to_set(
    data: Path, external: PostgreSQL, redis: Redis
) -> None:
    admin = await asyncpg.connect(external.url("postgres"))
    await admin.execute("CREATE ROLE landlord LOGIN PASSWORD 'rent'")
    await admin.execute("CREATE DATABASE let OWNER landlord")
    await admin.close()
    environment = {"DATABASE_URL": external.url("let", user="landlord", password="rent"), "REDIS_URL": redis.url}
    stack = Stack(data, Ports.from_base(0), portal=None, environment=environment)
    try:
        with pytest.raises(StackError, match="set INGEST_DATABASE_URL to the URL of a role") as caught:
            await asyncio.to_thread(stack.start)
    finally:
        stack.stop()
    assert "\n" not in str(caught.value)
    assert "rent" not in str(caught.value)


@pytest.mark.parametrize("module", ["services.ingest.worker", "services.metrics.worker", "services.notices.worker"])
def test_a_service_does_not_run_as_the_owner(module: str) -> None:
    environment = inherited(os.environ) | {"DATABASE_URL": "postgresql://owner:s3cret@127.0.0.1:1/motcua"}
    done = subprocess.run(
        [sys.executable, "-m", module], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert f"{module.split('.')[1].upper()}_DATABASE_URL is not set" in done.stderr
    assert "s3cret" not in done.stderr


def test_a_process_inherits_where_things_lie_and_settings_that_open_nothing() -> None:
    shell = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "PYTHONPATH": "x",
        "POLL_SECONDS": "1",
        "MOTCUA_DATA": "/data",
        "INGEST_KEY": "k",
        "DATABASE_URL": "u",
        "METRICS_DATABASE_URL": "u",
        "REDIS_URL": "u",
        "MOTCUA_SECRET_X": "s",
        "AWS_SECRET_ACCESS_KEY": "s",
        "HTTPS_PROXY": "p",
        "INGEST_URL": "u",
    }
    assert set(inherited(shell)) == {"PATH", "LC_ALL", "PYTHONPATH", "POLL_SECONDS", "MOTCUA_DATA"}
    assert set(of_process("notices", "api", shell, {"REDIS_URL": "r", "INGEST_KEY": "k"})) == {*inherited(shell), "REDIS_URL"}


def test_an_address_is_taken_over_for_another_account_with_everything_else_it_says() -> None:
    assert (
        with_login("postgresql://owner:p%40ss@db.example:5433/motcua?sslmode=require&password=x", "motcua_ingest", "a/b")
        == "postgresql://motcua_ingest:a%2Fb@db.example:5433/motcua?sslmode=require"
    )
    assert with_login("postgresql:///motcua?host=/run", "u", "p") == "postgresql://u:p@/motcua?host=%2Frun"
