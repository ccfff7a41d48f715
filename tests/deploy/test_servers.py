"""The embedded PostgreSQL and Redis: real ones, which die with whoever started them."""

from __future__ import annotations

import asyncpg

from deploy.local.servers import PostgreSQL


async def test_the_tests_run_on_a_real_postgresql(postgres: PostgreSQL) -> None:
    connection = await asyncpg.connect(postgres.url())
    assert (await connection.fetchval("SHOW server_version")).startswith("18.")
    await connection.close()
