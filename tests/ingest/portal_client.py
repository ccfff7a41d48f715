"""A client of portals over loopback, with a time of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from services.ingest.sources.errors import (
    SourceUnreadable,
)
from services.ingest.sources.http.client import Credentials, PortalClient
from shared.languages import Bilingual
from tests.ingest.portals import Reply, Scripted, Unbounded, answer

GOOD = answer(200, b'{"a":1}')


HTML = answer(200, b"<html>bao tri</html>", content_type="text/html; charset=utf-8")


TOKEN = answer(200, b'{"access_token":"one","expires_in":300}')


class Time:
    """A clock that only sleeping moves, and a coin that always falls the same."""

    def __init__(self, chance: float = 1.0) -> None:
        self.at = 1000.0
        self.slept: list[float] = []
        self._chance = chance

    def clock(self) -> float:
        return self.at

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.at)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)

    def chance(self) -> float:
        return self._chance


def client(url: str, time: Time | None = None, credentials: Credentials | None = None, **limits: Any) -> PortalClient:
    time = time or Time()
    return PortalClient(
        url,
        credentials,
        Unbounded(**{"rate": 1e6, **limits}),
        clock=time.clock,
        now=time.now,
        sleep=time.sleep,
        chance=time.chance,
    )


def parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise SourceUnreadable(Bilingual("no JSON", "không phải JSON")) from error


async def asked(replies: list[Reply], decode: Callable[[bytes], Any] = parsed, time: Time | None = None, **limits: Any) -> Any:
    script = Scripted(replies)
    async with script.serving() as url:
        one = client(url, time, **limits)
        try:
            return await one.fetch("/x", {}, decode), one, script
        finally:
            await one.close()
