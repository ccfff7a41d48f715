"""Server-sent events: a position moved, an alert opened or closed. They carry no figures: clients request those then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from services.metrics.parameters import ProvinceCode, Reader
from services.metrics.polling.positions import Positions
from services.metrics.provinces.store import provinces
from shared.access.keys import valid_keys
from shared.access.principals import Principal
from shared.contracts.watching import AlertsMoved, PositionMoved
from shared.database import Database
from shared.errors import TooManyRequests, no_province
from shared.logs import logger
from shared.quotas import Quota
from shared.web.operations import Router, operation
from shared.web.responses import NOT_STORED, as_json
from shared.web.routes import long_lived
from shared.web.tickets import renewal_of

log = logger("watch")
router = Router("watching")

QUIET_SECONDS = 15.0
"""A comment is sent after so long a silence, so that proxies keep the connection and a dead client is noticed."""
KEYS_SECONDS = 1.0
"""Seconds between two checks whether the keys of open event streams are valid."""
MAX_WATCHES = 20
"""Event streams of one key that are open at once in a process."""
WATCHES = Quota("event-streams", MAX_WATCHES)


class Watchers:
    """The event streams that are open in this process, by key: how many a key has, and their end when the key ends."""

    def __init__(self) -> None:
        """None is open."""
        self._open: dict[str, set[asyncio.Timeout]] = {}

    @contextmanager
    def watch(self, key_id: str, end: asyncio.Timeout) -> Iterator[int]:
        """Count a stream of the key within the block, which `end` cuts short, and say how many more it may open.

        Raises `TooManyRequests` when the key has enough.
        """
        mine = self._open.setdefault(key_id, set())
        if len(mine) >= MAX_WATCHES:
            raise TooManyRequests(
                f"This key has {MAX_WATCHES} event streams open here. Close one, or share one between your readers.",
                headers=WATCHES.refusal(5),
            )
        mine.add(end)
        try:
            yield MAX_WATCHES - len(mine)
        finally:
            mine.discard(end)
            if not mine:
                self._open.pop(key_id, None)

    async def end_invalid(self, database: Database) -> None:
        """End the streams of keys that were revoked or have expired, until cancelled."""
        while True:
            await asyncio.sleep(KEYS_SECONDS)
            if not self._open:
                continue
            try:
                async with database.connection() as connection:
                    valid = await valid_keys(connection, "metrics", list(self._open))
            except Exception as error:
                log.warning("keys of event streams not looked up", error=type(error).__name__)
                continue
            now = asyncio.get_running_loop().time()
            for end in [end for key_id, ends in self._open.items() if key_id not in valid for end in ends]:
                if end.when() is None:
                    end.reschedule(now)


class Events(Response):
    """A response that is written as a province moves, without a task or a queue per client."""

    media_type = "text/event-stream"

    def __init__(
        self, positions: Positions, watchers: Watchers, principal: Principal, province: str, renew: Callable[[], str] | None
    ) -> None:
        """Events of one province, from its present state on; `renew` makes the tickets in their ids (`shared.web.tickets`)."""
        super().__init__(headers={**NOT_STORED, "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._positions = positions
        self._watchers = watchers
        self._principal = principal
        self._province = province
        self._renew = renew

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Write until the client goes or its key ends."""
        try:
            async with asyncio.timeout(None) as end:
                with self._watchers.watch(self._principal.key_id, end) as left:
                    self.headers.update(WATCHES.headers(left))
                    await self._write(receive, send)
        except TimeoutError:
            if not end.expired():
                raise
            # A client that reads nothing keeps even the end waiting.
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _write(self, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        gone = asyncio.ensure_future(_gone(receive))
        seen: tuple[int, int] | None = None
        try:
            while not gone.done():
                # The waiter is registered before the state is read, or a change in between would be missed.
                moved = self._positions.moved()
                text, seen = self._news(seen)
                if text:
                    moved.cancel()
                    await send({"type": "http.response.body", "body": text, "more_body": True})
                    continue
                await asyncio.wait({moved, gone}, timeout=QUIET_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if not moved.done():
                    moved.cancel()
                    if not gone.done():
                        await send({"type": "http.response.body", "body": self._sign_of_life(), "more_body": True})
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone

    def _sign_of_life(self) -> bytes:
        known = self._positions.known.get(self._province)
        return self._id(known.position) + b"\n" if known and self._renew is not None else b": still here\n\n"

    def _id(self, position: int) -> bytes:
        return b"id: %d\n" % position if self._renew is None else b"id: %d.%b\n" % (position, self._renew().encode())

    def _news(self, seen: tuple[int, int] | None) -> tuple[bytes, tuple[int, int]]:
        known = self._positions.known.get(self._province)
        revision, alerts = known.revision if known else 0, self._positions.alerts.get(self._province, 0)
        text = b""
        if known and (seen is None or seen[0] != revision):
            moved = PositionMoved(self._province, known.position, known.head, revision)
            text += b"%bevent: position\ndata: %b\n\n" % (self._id(known.position), as_json(moved))
        if seen is not None and seen[1] != alerts and self._principal.agencies is None:
            text += b"event: alerts\ndata: %s\n\n" % as_json(AlertsMoved(self._province))
        return text, (revision, alerts)


async def _gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@router.get(
    "/watch",
    summary="Server-sent events: the position moved, alerts opened or closed",
    response_class=StreamingResponse,
)
@operation(events={"position": PositionMoved, "alerts": AlertsMoved})
@long_lived
async def watch(request: Request, principal: Reader, province: ProvinceCode) -> Response:
    """Where no header can be sent, as by EventSource, open it with a ticket (`POST /v1/tickets`).

    `position` events carry the position only; the figures come from the KPI routes, which are cached for it.

    A key bound to agencies gets positions only: whose alerts moved is not stated here.
    """
    principal.demand_province(province)
    state = request.app.state
    if province not in state.positions.known:
        async with state.database.connection() as connection:
            if await provinces.province(connection, province) is None:
                raise no_province(province)
    return Events(state.positions, state.watchers, principal, province, renewal_of(request.scope))
