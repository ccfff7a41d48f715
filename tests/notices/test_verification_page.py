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
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


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
        strange = ("abc", "a" * 26, "A" * 8_000, "%0A" + "A" * 26, "%E1%BA%A0" * 26, "%ff%fe", "%3Cscript%3E")
        told = [await http.get(f"/v/{one}", headers=BROWSER | {"Accept-Language": "vi"}) for one in strange]
        assert {(one.status_code, one.headers["Content-Type"], one.headers["Cache-Control"]) for one in told} == {
            (404, "text/html; charset=utf-8", "no-store")
        }
        assert len({one.text for one in told}) == 1  # it repeats nothing of what was asked
        assert "Đối chiếu lại với trang cuối" in told[0].text
        assert (await http.head(PAGE, headers=BROWSER)).status_code == 404
        asked_so_far = len(strange) + 1
        statuses = await asked(http, *(f"198.51.100.{number}" for number in range(A_MINUTE + 1 - asked_so_far)))
        assert statuses == [404] * (A_MINUTE - asked_so_far) + [429]
        refused = await http.get("/v/abc", headers=BROWSER | {"Accept-Language": "en"})
        assert (refused.status_code, "Try again in a minute" in refused.text) == (429, True)
        assert int(refused.headers["Retry-After"]) > 0
