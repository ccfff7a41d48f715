"""What alembic runs: one connection, one transaction per version, a lock so that two upgrades take turns."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


def _run(connection: Connection) -> None:
    service: str = context.config.attributes["service"]
    # Two starting processes must not migrate at once; the lock goes with the session.
    connection.execute(text("SELECT pg_advisory_lock(hashtext('motcua-migrations'))"))
    # Waiting for a lock behind a long read would stop everyone behind us: give up and be run again.
    connection.execute(text("SET lock_timeout = '4s'"))
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {service}"))
    _grant(connection, service)
    connection.commit()
    context.configure(
        connection=connection,
        version_table="schema_version",
        version_table_schema=service,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


def _grant(connection: Connection, service: str) -> None:
    """The service's role may use its tables and no others; without the right to make roles, the operator makes it."""
    role = f"motcua_{service}"
    may = connection.scalar(text("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"))
    there = connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role})
    if not there:
        if not may:
            return
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA {service} TO {role}"))
    for kind, rights in (
        ("TABLES", "SELECT, INSERT, UPDATE, DELETE, TRUNCATE"),
        ("SEQUENCES", "USAGE"),
        ("FUNCTIONS", "EXECUTE"),
    ):
        connection.execute(text(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {service} GRANT {rights} ON {kind} TO {role}"))


async def _online() -> None:
    url = context.config.attributes["url"].replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


asyncio.run(_online())
