"""Servers for tests of sources: the stand-in portal in this process, and one that answers exactly what a test says."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager

import uvicorn

from deploy.simulator.app import Portal
from services.ingest.sources.http.addresses import address_of
from services.ingest.sources.http.rate_limits import Limits
from services.ingest.sources.http.secrets import Secret


class Unbounded(Limits, frozen=True, kw_only=True):
    """Limits that no caller can set, for tests that need no patience."""

    def __post_init__(self) -> None:
        """Anything goes."""


SECRET = "TEST"
"""Name of the secret that `bound_secret` binds."""


def access(url: str, province: str = "30", value: str = "motcua") -> dict[str, str]:
    """The variables that bind the secret `SECRET` to a source of `province` at `url`."""
    prefix = f"MOTCUA_SECRET_{SECRET}"
    return {prefix: value, f"{prefix}_PROVINCE": province, f"{prefix}_HOSTS": url.partition("//")[2]}


@contextlib.contextmanager
def bound_secret(url: str, province: str = "30", value: str = "motcua") -> Iterator[None]:
    """This process holds the secret `SECRET` for a source of `province` at `url`."""
    before = dict(os.environ)
    os.environ.update(access(url, province, value))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def secret_for(url: str, value: str = "motcua") -> Secret:
    """A secret that may be sent to `url` alone."""
    address = address_of(url)
    return Secret(value, frozenset({(address.host, address.port)}))


Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(portal: Portal) -> AsyncIterator[str]:
    """The portal on a free port; gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(portal.app(), log_level="critical", lifespan="off"))
    # The socket takes connections from here on; they wait until the server is up.
    running = asyncio.create_task(server.serve([listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await running


def answer(status: int = 200, body: bytes = b"{}", /, **headers: str) -> Reply:
    """A whole answer; `headers` with `_` for `-`."""
    lines = {"content-type": "application/json", "content-length": str(len(body))}
    lines.update({name.replace("_", "-"): value for name, value in headers.items()})
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + b"\r\n" + body)

    return reply


def broken_off(body: bytes) -> Reply:
    """An answer that promises more than it sends before the connection closes."""
    whole = answer(200, body, content_length=str(len(body) + 100))

    async def reply(writer: asyncio.StreamWriter) -> None:
        await whole(writer)
        await writer.drain()
        writer.close()

    return reply


def dripping(body: bytes, *, pause: float) -> Reply:
    """An answer a byte at a time."""
    begun = answer(200, b"", content_length=str(len(body)))

    async def reply(writer: asyncio.StreamWriter) -> None:
        await begun(writer)
        for place in range(len(body)):
            writer.write(body[place : place + 1])
            await writer.drain()
            await asyncio.sleep(pause)

    return reply


class Scripted:
    """Answers the n-th call with the n-th reply and goes on with the last one; remembers what it was asked."""

    def __init__(self, replies: Iterable[Reply]) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        """Method, target, headers, body."""

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        """The server, by default on a free port; gives its address."""
        server = await asyncio.start_server(self._talk, host, port, ssl=tls)
        yield f"http{'s' if tls else ''}://{host}:{server.sockets[0].getsockname()[1]}"
        server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                method, target, _ = head[0].split(" ")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                number = len(self.asked)
                self.asked.append((method, target, headers, body))
                await self.replies[min(number, len(self.replies) - 1)](writer)
                await writer.drain()
        writer.close()
