"""Event streams end with their keys, and no key holds more of them than agreed."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.metrics.event_stream.api import KEYS_SECONDS, MAX_WATCHES
from shared.access.keys import create_key, revoke_key
from tests.metrics.conftest import Api
from tests.metrics.test_kpis_api import received_now
from tests.patience import PATIENCE


async def key_of(api: Api, **more: Any) -> dict[str, str]:
    async with api.database.transaction() as tx:
        key = await create_key(tx, "metrics", name="watching", scopes=["figures:read"], **more)
    return {"Authorization": f"Bearer {key}"}


async def until_the_end(response: httpx.Response) -> None:
    assert response.status_code == 200, await response.aread()
    async for _ in response.aiter_bytes():
        pass


@pytest.mark.parametrize("how", ["revoked", "expired"])
async def test_the_event_streams_of_a_key_end_with_it_and_those_of_others_do_not(api: Api, how: str) -> None:
    await api.count([received_now(1, 1)])
    ending, staying = await key_of(api, expires_at=datetime.now(UTC) + timedelta(hours=1)), await key_of(api)
    address = f"/v1/watch?province={api.province}"
    async with AsyncExitStack() as open_:
        ended = [
            asyncio.create_task(
                until_the_end(await open_.enter_async_context(api.client.stream("GET", address, headers=ending)))
            )
            for _ in range(3)
        ]
        stays = asyncio.create_task(
            until_the_end(await open_.enter_async_context(api.client.stream("GET", address, headers=staying)))
        )
        assert not [one.exception() for one in ended if one.done()]
        number = ending["Authorization"].split("_")[1]
        async with api.database.transaction() as tx:
            if how == "revoked":
                await revoke_key(tx, "metrics", number, datetime.now(UTC))
            else:
                await tx.execute("UPDATE metrics.api_key SET expires_at = now() WHERE id = $1", number)
        await asyncio.wait_for(asyncio.gather(*ended), PATIENCE)
        assert not stays.done()
        stays.cancel()
    assert KEYS_SECONDS <= 1, "a revoked key's streams end within 2 s"


async def test_a_key_opens_so_many_event_streams_and_no_more(api: Api) -> None:
    await api.count([received_now(1, 1)])
    headers, other = await key_of(api), await key_of(api)
    address = f"/v1/watch?province={api.province}"
    opened = []
    async with AsyncExitStack() as open_:
        for _ in range(MAX_WATCHES):
            response = await open_.enter_async_context(api.client.stream("GET", address, headers=headers))
            assert response.status_code == 200
            assert response.headers["ratelimit-policy"] == f'"event-streams";q={MAX_WATCHES};qu="concurrent-requests"'
            opened.append(response.headers["ratelimit"])
        assert opened == [f'"event-streams";r={left}' for left in reversed(range(MAX_WATCHES))]
        async with api.client.stream("GET", address, headers=headers) as refused:
            assert refused.status_code == 429
            assert refused.headers["content-type"] == "application/problem+json"
            assert (refused.headers["retry-after"], refused.headers["ratelimit"]) == ("5", '"event-streams";r=0;t=5')
        async with api.client.stream("GET", address, headers=other) as response:
            assert response.status_code == 200

    async def status() -> int:
        async with api.client.stream("GET", address, headers=headers) as response:
            return response.status_code

    async with asyncio.timeout(PATIENCE):
        while await status() != 200:
            await asyncio.sleep(0.05)


async def test_an_unknown_province_cannot_be_watched(api: Api) -> None:
    async with api.client.stream("GET", "/v1/watch", params={"province": "nowhere"}) as response:
        assert response.status_code == 404
    await api.count([received_now(1, 1)])
    async with api.client.stream("GET", "/v1/watch", params={"province": api.province}) as response:
        assert response.status_code == 200
