"""The tables as they are declared and the tables as the migrations make them are the same tables."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import re
import subprocess
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy.local.postgres import PostgreSQL, program
from shared.settings import SERVICES, Service
from tests.conftest import NewDatabase

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def dumped(url: str, service: Service) -> list[str]:
    """The catalogue of a schema as `pg_dump` writes it, each object a text, in a fixed order; alembic's own table left out."""
    text = subprocess.run(
        [program("pg_dump"), "--schema-only", "--no-owner", "--no-privileges", f"--schema={service}", url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    text = text.partition("\n--\n-- PostgreSQL database dump complete")[0]
    objects = re.split(r"\n--\n-- Name: .*\n--\n", text)[1:]
    return sorted(one.strip() for one in objects if "schema_version" not in one)


async def created(postgres: PostgreSQL, name: str, service: Service) -> str:
    """The address of a database in which the declared tables were made."""
    admin = await asyncpg.connect(postgres.url("postgres"))
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    url = postgres.url(name)
    package = importlib.import_module(f"services.{service}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)  # wherever a table is declared
    metadata: sa.MetaData = importlib.import_module(f"services.{service}.tables").METADATA
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(sa.schema.CreateSchema(service))
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    return url


@pytest.mark.parametrize("service", SERVICES)
async def test_the_declared_tables_are_those_that_the_migrations_make(
    postgres: PostgreSQL, new_database: NewDatabase, service: Service
) -> None:
    migrated = await asyncio.to_thread(dumped, await new_database(service), service)
    declared = await asyncio.to_thread(dumped, await created(postgres, f"declared_{service}", service), service)
    assert declared == migrated


def test_migrations_import_no_living_code() -> None:
    for path in MIGRATIONS.glob("*/[0-9]*.py"):
        imported = re.findall(r"^(?:from|import) (\S+)", path.read_text(), re.MULTILINE)
        assert set(imported) <= {"alembic", "sqlalchemy", "__future__"}, path.name
