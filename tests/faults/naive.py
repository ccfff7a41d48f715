"""The control: a consumer of the feed as one writes it without thinking of faults.

It counts first and remembers its place afterwards, in a transaction of its own, and tries again whatever failed. The storm
has to make it count double, or the storm would prove nothing about the consumer that does not.
"""

from __future__ import annotations

import asyncio
import sys

import asyncpg
import httpx

TABLES = """
CREATE SCHEMA control;
CREATE TABLE control.counted (position bigint NOT NULL);
CREATE TABLE control.place (position bigint NOT NULL);
INSERT INTO control.place VALUES (0);
"""


async def main(database_url: str, ingest_url: str, key: str, province: str) -> None:
    """Counts for ever."""
    async with httpx.AsyncClient(base_url=ingest_url, headers={"Authorization": f"Bearer {key}"}, timeout=10) as ingest:
        while True:
            try:
                await _count(database_url, ingest, province)
            except (OSError, httpx.HTTPError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, KeyError):
                await asyncio.sleep(0.1)


async def _count(database_url: str, ingest: httpx.AsyncClient, province: str) -> None:
    connection = await asyncpg.connect(database_url, timeout=5, command_timeout=10)
    try:
        while True:
            after = await connection.fetchval("SELECT position FROM control.place")
            page = (await ingest.get("/v1/feed", params={"province": province, "after": after, "limit": 20})).json()
            positions = [(item["position"],) for item in page["items"]]
            if not positions:
                await asyncio.sleep(0.1)
                continue
            async with connection.transaction():
                await connection.executemany("INSERT INTO control.counted VALUES ($1)", positions)
            async with connection.transaction():
                await connection.execute("UPDATE control.place SET position = $1", positions[-1][0])
    finally:
        connection.terminate()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
