"""The page that anyone may read answers each client so often in a minute, and keeps nobody else waiting."""

from __future__ import annotations

import asyncio

import asyncpg
import httpx

from deploy.local import services
from deploy.local.servers import free_port
from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE

PAGE = f"/v/{'A' * 26}"
A_MINUTE = 30


async def asked(http: httpx.AsyncClient, *forwarded: str) -> list[int]:
    """What requests are answered with that say that they were forwarded for these addresses."""
    return [(await http.get(PAGE, headers={"X-Forwarded-For": one})).status_code for one in forwarded]


async def test_a_client_is_who_a_trusted_proxy_says_and_nobody_else(processes: Processes, new_database: NewDatabase) -> None:
    url = await new_database("notices")
    behind_proxy = services.api(
        "notices", free_port(), processes.environment("notices", url, database_pool="2"), processes.logs
    )
    behind_proxy.command = [word for word in behind_proxy.command if word != "--no-proxy-headers"]
    processes.run(behind_proxy)
    key = await processes.key("notices", url, "notices:read")
    async with httpx.AsyncClient(base_url=behind_proxy.url, timeout=PATIENCE) as http:
        assert await asked(http, *["198.51.100.7"] * A_MINUTE) == [404] * A_MINUTE
        refused = await http.get(PAGE, headers={"X-Forwarded-For": "198.51.100.7"})
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 61
        assert refused.headers["RateLimit-Policy"] == f'"verification-page";q={A_MINUTE};qu="requests"'
        # What the sender wrote before the proxy is nobody's word.
        assert await asked(http, "203.0.113.1, 198.51.100.7", "198.51.100.7, 203.0.113.1") == [429, 404]
        assert await asked(http, *(f"2001:db8::{number:x}" for number in range(A_MINUTE))) == [404] * A_MINUTE
        assert await asked(http, "2001:db8::ffff:1", "2001:db8:0:1::1", "::ffff:198.51.100.7") == [429, 404, 429]

        owner = await asyncpg.connect(url)
        async with owner.transaction():
            await owner.execute("LOCK TABLE notices.issued_notice")  # each page takes as long as this
            pages = [asyncio.create_task(asked(http, f"192.0.2.{number}")) for number in range(20)]
            while not await owner.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
            assert (await http.get("/v1/inspections", headers={"X-API-Key": key})).status_code == 200
        assert {status for page in await asyncio.gather(*pages) for status in page} <= {404, 503}
        await owner.close()

    alone = processes.api("notices", database_url=url)
    async with httpx.AsyncClient(base_url=alone.url, timeout=PATIENCE) as http:
        statuses = await asked(http, *(f"198.51.100.{number}" for number in range(A_MINUTE + 1)))
        assert statuses == [404] * A_MINUTE + [429]
