"""Who has a place among the requests of a process, and who takes none of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from shared.access.principals import Principal
from shared.errors import Unavailable
from shared.web.guard import Guard
from shared.web.load_limit import LoadLimit
from shared.web.routes import ANY, BodySpec, Route

HOLDER = Principal("", "x", frozenset(), None, None)
MAX_REQUESTS = 8


class Working:
    """A route behind the real layers that reads its body and works until it may end."""

    def __init__(self) -> None:
        self.end = asyncio.Event()
        self.working = asyncio.Semaphore(0)
        self.layers = LoadLimit(
            Guard(self._work, limit=1_000_000, together=100_000_000, idle_seconds=60), max_requests=MAX_REQUESTS
        )

    async def _work(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body", False):
            pass
        self.working.release()
        await self.end.wait()

    async def sent(self, key: str | None, spec: BodySpec | None, body: bytes | None = b"[]") -> None:
        """A request; None: its body begins and never comes to its end."""

        async def receive() -> Any:
            if body is not None:
                return {"type": "http.request", "body": body, "more_body": False}
            await asyncio.sleep(0.01)
            return {"type": "http.request", "body": b"[", "more_body": True}

        scope = {
            "type": "http", "method": "POST", "raw_path": b"/", "query_string": b"", "route": Route("/", spec),
            "headers": [(b"content-type", b"application/json"), (b"content-length", b"900000")],
            "state": {"principal": None if key is None else replace(HOLDER, key_id=key)},
        }  # fmt: skip
        await self.layers(scope, receive, None)


@pytest.mark.parametrize("spec", [BodySpec(), BodySpec(frozenset({ANY}), streamed=True)], ids=["whole", "streamed"])
async def test_a_body_that_is_still_arriving_holds_no_place_of_others(spec: BodySpec) -> None:
    route = Working()
    slow = [asyncio.create_task(route.sent(key, spec, None)) for key in "ab" for _ in range(MAX_REQUESTS // 2)]
    await asyncio.sleep(0)
    others = [asyncio.create_task(route.sent(key, BodySpec())) for key in "cd" for _ in range(MAX_REQUESTS // 2)]
    async with asyncio.timeout(5):
        for _ in others:
            await route.working.acquire()  # every place of the process is theirs
    with pytest.raises(Unavailable, match="works on 8 requests"):
        await route.sent("e", BodySpec())
    for one in slow:
        one.cancel()
    refused = [one for one in await asyncio.gather(*slow, return_exceptions=True) if isinstance(one, Unavailable)]
    assert len(refused) == (6 if spec.streamed else 0)
    route.end.set()
    await asyncio.gather(*others)
    await route.sent("a", spec)  # the places of those who went away are free again


async def test_the_files_of_one_key_leave_a_place_for_those_of_another() -> None:
    route = Working()
    files = BodySpec(frozenset({ANY}), streamed=True)
    first = asyncio.create_task(route.sent("a", files, None))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="1 files of this key") as refusal:
        await route.sent("a", files)
    assert refusal.value.headers is not None
    assert refusal.value.headers["RateLimit-Policy"] == '"uploads-of-key";q=1;qu="concurrent-requests"'
    second = asyncio.create_task(route.sent("b", files))
    await route.working.acquire()
    with pytest.raises(Unavailable, match="takes in 2 files"):
        await route.sent("c", files)
    route.end.set()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)


@pytest.mark.parametrize("size", [3_000, 5_000])
async def test_whoever_is_shown_by_a_small_body_is_no_stranger_while_it_is_worked_on(size: int) -> None:
    async def introduced(scope: Any, beginning: bytes) -> bool | None:
        await asyncio.sleep(0)
        if b"known" not in beginning:
            return False if b"false" in beginning else None
        scope["state"]["slot"].introduce("k")
        return True

    route = Working()
    spec = BodySpec(introduced=introduced)
    known = [asyncio.create_task(route.sent(None, spec, b'"known%b"' % (b"x" * size))) for _ in range(2)]
    for _ in known:
        await route.working.acquire()
    # The places of strangers are free still: a login, which names no session, and a message in a false one have them.
    strangers = [asyncio.create_task(route.sent(None, spec, body)) for body in (b'"login"', b'"false"')]
    async with asyncio.timeout(5):
        for _ in strangers:
            await route.working.acquire()
    with pytest.raises(Unavailable, match="works on 2 requests"):
        await route.sent(None, spec, b'"login"')
    route.end.set()
    await asyncio.gather(*known, *strangers)
