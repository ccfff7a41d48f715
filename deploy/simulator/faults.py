"""Faults of real portals, injected at given rates.

Which call gets which fault depends on the seed and the number of the call only.
"""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deploy.simulator.calls import Calls
from deploy.simulator.rendering import mix

_HTML = (
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>Hệ thống đang bảo trì</h1></center><hr><center>nginx</center></body></html>"
).encode()


@dataclass(slots=True)
class Faults:
    """Shares of calls, each from 0 to 1, that go wrong; together at most 1."""

    p5xx: float = 0.0
    """500, 502, 503 or 504, some with an HTML page."""
    p429: float = 0.0
    """Too many requests, Retry-After in seconds or as an HTTP date by turns."""
    html: float = 0.0
    """Status 200 and an HTML page in place of JSON."""
    cut: float = 0.0
    """The body ends in the middle, half of the time with the connection."""
    drip: float = 0.0
    """The body comes in small pieces over `drip_seconds`."""
    repeat: float = 0.0
    """A page holds rows of the page before it once more, as when the list moved."""
    skip: float = 0.0
    """A page begins some rows too late, as when rows before it left the list."""
    revoke: float = 0.0
    """401 although the token is still good."""
    bomb: float = 0.0
    """A small gzip body that unpacks to `bomb_bytes` of blanks."""
    gzip: float = 0.0
    """A correct answer compressed with gzip, if the client accepts it."""
    drip_seconds: float = 2.0
    bomb_bytes: int = 300_000_000
    retry_after: float = 1.0
    seed: int = 1
    bombs: bytes = field(default=b"", repr=False, init=False)

    KINDS = ("p5xx", "p429", "html", "cut", "drip", "repeat", "skip", "revoke", "bomb", "gzip")

    def chosen(self, call: int) -> tuple[str | None, int]:
        """The fault of call number `call`, and random bits to vary it by."""
        bits = mix(self.seed, call, 77)
        share = (bits >> 11) / (1 << 53)
        for kind in self.KINDS:
            share -= getattr(self, kind)
            if share < 0:
                return kind, mix(bits)
        return None, 0

    def change(self, values: Mapping[str, float]) -> None:
        """Set new rates; ValueError names what is not a rate."""
        known = {one.name for one in fields(self) if one.init}
        for name, value in values.items():
            good = not isinstance(value, bool) and isinstance(value, int | float) and value >= 0
            if name not in known or not good or (name in self.KINDS and value > 1):
                raise ValueError(f"unknown fault or bad rate: {name}={value!r}; known are {', '.join(sorted(known))}")
        for name, value in values.items():
            setattr(self, name, value)

    def bomb_body(self) -> bytes:
        """300 MB of blanks in 0,3 MB; made once."""
        if not self.bombs:
            packer = zlib.compressobj(6, zlib.DEFLATED, 31)
            blanks = b" " * 1_000_000
            chunks = [packer.compress(blanks) for _ in range(self.bomb_bytes // len(blanks))]
            self.bombs = b"".join(chunks) + packer.flush()
        return self.bombs


class FaultMiddleware:
    """ASGI layer that counts calls and applies the faults, except to `/_truth` and the health check."""

    def __init__(self, app: ASGIApp, *, faults: Faults, calls: Calls, now: Callable[[], float], max_per_second: int) -> None:
        self._app = app
        self._faults = faults
        self._calls = calls
        self._now = now
        self._max_per_second = max_per_second
        self._recent: list[float] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_truth") or scope["path"] == "/healthz":
            await self._app(scope, receive, send)
            return
        call = len(self._calls.arrivals)
        arrival = self._now()
        self._calls.arrived(arrival, scope["path"])

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._calls.by_status[str(message["status"])] += 1
            await send(message)

        if self._max_per_second and self._too_many(arrival):
            self._calls.by_fault["over_limit"] += 1
            await _respond(counted, 429, b'{"error":"rate limit"}', [(b"retry-after", b"1")])
            return
        fault, bits = self._faults.chosen(call)
        if fault == "revoke" and "/openid-connect/" in scope["path"]:
            fault = None
        if fault is not None:
            self._calls.by_fault[fault] += 1
        match fault:
            case "p5xx":
                status = (500, 502, 503, 504)[bits % 4]
                if bits & 16:
                    await _respond(counted, status, _HTML, [], b"text/html; charset=utf-8")
                else:
                    await _respond(counted, status, b'{"timestamp":"","status":%d,"error":"error"}' % status, [])
            case "p429":
                await _respond(counted, 429, b'{"error":"too many requests"}', [(b"retry-after", self._retry_after(bits))])
            case "html":
                await _respond(counted, 200, _HTML, [], b"text/html; charset=utf-8")
            case "revoke":
                await _respond(counted, 401, b'{"error":"invalid_token"}', [(b"www-authenticate", b"Bearer")])
            case "bomb":
                await _respond(counted, 200, self._faults.bomb_body(), [(b"content-encoding", b"gzip")])
            case "repeat" | "skip":
                scope["moved"] = (1 if fault == "repeat" else -1) * (1 + bits % 7)
                await self._app(scope, receive, counted)
            case "cut" | "drip" | "gzip":
                start, body = await _collect_response(self._app, scope, receive)
                await self._send_damaged(fault, bits, scope, start, body, counted)
            case _:
                await self._app(scope, receive, counted)

    def _too_many(self, arrival: float) -> bool:
        self._recent = [one for one in self._recent if one > arrival - 1]
        self._recent.append(arrival)
        return len(self._recent) > self._max_per_second

    def _retry_after(self, bits: int) -> bytes:
        seconds = self._faults.retry_after
        if bits & 8:
            # An HTTP date has whole seconds: the next one that is at least so far away.
            return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds + 1), usegmt=True).encode()
        return b"%d" % max(round(seconds), 0)

    async def _send_damaged(self, fault: str, bits: int, scope: Scope, start: Message, body: bytes, send: Send) -> None:
        headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        if fault == "gzip":
            accepted = any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
            if accepted:
                body = gzip.compress(body, 1)
                headers.append((b"content-encoding", b"gzip"))
            await send({**start, "headers": [*headers, (b"content-length", b"%d" % len(body))]})
            await send({"type": "http.response.body", "body": body})
            return
        if fault == "cut":
            shorter = body[: len(body) * (10 + bits % 80) // 100]
            if bits & 128:
                # The promised length is kept and the connection is not: uvicorn closes it.
                await send({**start, "headers": [*headers, (b"content-length", b"%d" % len(body))]})
                await send({"type": "http.response.body", "body": shorter, "more_body": True})
                raise ConnectionAbortedError("cut by the faults that were asked for")
            await send({**start, "headers": [*headers, (b"content-length", b"%d" % len(shorter))]})
            await send({"type": "http.response.body", "body": shorter})
            return
        await send({**start, "headers": [*headers, (b"content-length", b"%d" % len(body))]})
        chunks = 8
        size = len(body) // chunks + 1
        for begin in range(0, len(body), size):
            await asyncio.sleep(self._faults.drip_seconds / chunks)
            more = begin + size < len(body)
            await send({"type": "http.response.body", "body": body[begin : begin + size], "more_body": more})


async def _respond(
    send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]], kind: bytes = b"application/json"
) -> None:
    head = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def _collect_response(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    start: Message = {}
    chunks: list[bytes] = []

    async def collect(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
        else:
            chunks.append(message.get("body", b""))

    await app(scope, receive, collect)
    return start, b"".join(chunks)
