"""A stream of server-sent events: a position moved, an alert opened or closed. It carries no figures: ask for them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from services.metrics.api.asking import Reader, StreamName
from services.metrics.api.positions import Positions

router = APIRouter(prefix="/v1", tags=["watching"])

QUIET_SECONDS = 15.0
"""A comment is sent after so long a silence, so that proxies keep the connection and a dead client is noticed."""


class Events(Response):
    """An answer that is written as the streams move, without a task or a queue per client."""

    media_type = "text/event-stream"

    def __init__(self, positions: Positions, stream: str) -> None:
        """Events of one stream, from its present state on."""
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._positions = positions
        self._stream = stream

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Write until the client goes."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        gone = asyncio.ensure_future(_gone(receive))
        seen: tuple[int, int] | None = None
        try:
            while not gone.done():
                # The waiter is registered before the state is looked at, or a change in between would be missed.
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
                        await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone

    def _news(self, seen: tuple[int, int] | None) -> tuple[bytes, tuple[int, int]]:
        known = self._positions.known.get(self._stream)
        generation, alerts = known.generation if known else 0, self._positions.alerts.get(self._stream, 0)
        text = b""
        if known and (seen is None or seen[0] != generation):
            moved = {"stream": self._stream, "position": known.position, "head": known.head, "generation": generation}
            text += b"id: %d\nevent: position\ndata: %s\n\n" % (known.position, orjson.dumps(moved))
        if seen is not None and seen[1] != alerts:
            text += b"event: alerts\ndata: %s\n\n" % orjson.dumps({"stream": self._stream})
        return text, (generation, alerts)


async def _gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@router.get(
    "/watch",
    summary="Server-sent events: the position moved, alerts opened or closed",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def watch(request: Request, principal: Reader, stream: StreamName) -> Response:
    """`position` events carry the position only; the figures come from the KPI routes, which answer it from memory."""
    principal.demand_stream(stream)
    return Events(request.app.state.positions, stream)
