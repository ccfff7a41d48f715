"""A load of plain HTTP/1.1 requests over kept connections, light enough that the server is what is measured."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass
class Load:
    """What came back."""

    seconds: float
    taken: list[float]
    """Seconds of each answer."""
    statuses: set[int]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.taken) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the answers came."""
        ordered = sorted(self.taken)
        return 1_000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used: what a request costs does not depend on who else is at work on the machine."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Watcher(asyncio.Protocol):
    """A client of server-sent events that notes when each id came."""

    def __init__(self, call: bytes, seen: Callable[[int], None]) -> None:
        """Sends `call`; `seen` is given every id."""
        self._call, self._seen = call, seen

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._call)

    def data_received(self, data: bytes) -> None:
        for line in data.split(b"\n"):
            if line.startswith(b"id: "):
                self._seen(int(line[4:]))


class _Caller(asyncio.Protocol):
    def __init__(self, request: bytes, until: float, load: Load, done: asyncio.Future[None]) -> None:
        self._request, self._until, self._load, self._done = request, until, load, done
        self._buffer = b""
        self._wanted = -1
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._wanted < 0:
            head, found, _ = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            lowered = head.lower()
            at = lowered.find(b"content-length:")
            length = int(lowered[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self._load.statuses.add(int(head[9:12]))
            self._wanted = len(head) + 4 + length
        if len(self._buffer) >= self._wanted:
            now = time.perf_counter()
            self._load.taken.append(now - self._sent)
            self._buffer, self._wanted = b"", -1
            if now < self._until:
                self._send()
            else:
                self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)


def request(url: str, **headers: str) -> bytes:
    """The bytes of a GET."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        *(f"{name.replace('_', '-')}: {text}" for name, text in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def load(url: str, call: bytes, *, seconds: float, connections: int = 8) -> Load:
    """Ask again and again over `connections` kept connections for some seconds."""
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port
    assert host is not None
    assert port is not None
    loop = asyncio.get_running_loop()
    found = Load(0, [], set())
    began = time.perf_counter()
    waits = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(
            lambda done=done: _Caller(call, began + seconds, found, done),  # type: ignore[misc]
            host,
            port,
        )
        waits.append(done)
    await asyncio.gather(*waits)
    found.seconds = time.perf_counter() - began
    return found
