"""Pulls of one list of iGate, and what they saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from deploy.simulator.clock import PortalClock
from services.ingest.events.model import Batch
from services.ingest.sources.http.client import PortalClient
from services.ingest.sources.kinds.igate.record import Decoder
from services.ingest.sources.kinds.igate.settings import Settings
from services.ingest.sources.kinds.igate.walk import Walk
from tests.ingest.igate_records import LATEST
from tests.ingest.portals import Scripted, answer, secret_for


class Seen:
    """What a test has been given so far, like a database: the newest version per dossier, and the last place stored."""

    def __init__(self) -> None:
        self.versions: dict[str, datetime] = {}
        self.cursor: Mapping[str, Any] | None = None
        self.batches: list[Batch] = []

    def store(self, batch: Batch) -> None:
        self.batches.append(batch)
        for one in batch.events:
            self.versions[one.code] = max(one.at, self.versions.get(one.code, one.at))
        if batch.cursor is not None:
            self.cursor = batch.cursor

    @property
    def complete(self) -> bool:
        return bool(self.cursor and self.cursor.get("complete"))


class Unbounded(Settings, frozen=True, kw_only=True):
    """Settings that no caller can make."""

    def __post_init__(self) -> None:
        """Anything goes."""


class Reading:
    """Pulls a portal as the worker does."""

    def __init__(self, url: str, **settings: Any) -> None:
        values = {"rate": 1e6, "page_size": 20, "overlap_seconds": 0.0, "backoff_seconds": 0.001, "attempts": 30, **settings}
        self.settings = Unbounded(base_url=url, breaker_failures=100, **values)
        self.client = PortalClient(url, self.settings.credentials(secret_for(url)), self.settings)

    async def pull(self, seen: Seen, *, stop_after: int | None = None, clock: PortalClock | None = None, skip: int = 0) -> None:
        walk = Walk(self.client, Decoder("x", self.settings, LATEST), self.settings, seen.cursor)
        batches = walk.batches()
        count = 0
        async for batch in batches:
            if clock is not None:
                clock.skip(skip)
            seen.store(batch)
            count += 1
            if count == stop_after:
                break
        await batches.aclose()


class Capped:
    """A list of rows behind a portal that serves pages of at most `largest` rows, whatever is asked for."""

    def __init__(self, rows: Sequence[dict[str, Any]], largest: int) -> None:
        self.rows, self.largest, self.calls = rows, largest, 0

    async def __call__(self, writer: Any) -> None:
        _, target, _, _ = self.script.asked[-1]
        values = dict(part.split("=") for part in target.partition("?")[2].split("&"))
        size = min(int(values["size"]), self.largest)
        begin = int(values["page"]) * size
        body = {"content": self.rows[begin : begin + size], "totalElements": len(self.rows), "size": size}
        await answer(200, msgspec.json.encode(body))(writer)

    script: Scripted
