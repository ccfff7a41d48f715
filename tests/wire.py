"""HTTP/1.1 as bytes on a connection: what no client library lets one send."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

Header = tuple[str | bytes, str | bytes]


@dataclass(frozen=True)
class Answer:
    """What came back; `status` 0: the connection was closed without a word."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def closes(self) -> bool:
        """Whether the server ends the connection after it."""
        return self.status == 0 or self.headers.get("connection", "").lower() == "close"


CLOSED = Answer(0, {}, b"")


def head(method: str, target: str, headers: Iterable[Header] = ()) -> bytes:
    """The head of a request to a server of this machine."""
    lines = [f"{method} {target} HTTP/1.1".encode(), b"host: 127.0.0.1"]
    lines += [_bytes(name) + b": " + _bytes(value) for name, value in headers]
    return b"\r\n".join([*lines, b"", b""])


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


class Wire:
    """One connection to a server, made when it is first needed and anew when the server closed it."""

    def __init__(self, url: str) -> None:
        """`url` is the server's address; its path is left aside."""
        self._address = urlsplit(url)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The two directions of the connection."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._address.hostname, self._address.port)
        return self._streams

    async def ask(self, method: str, target: str, headers: Iterable[Header] = (), body: bytes | None = None) -> Answer:
        """Send a whole request and read the answer."""
        given = [*headers, ("content-length", str(len(body)))] if body is not None else headers
        reused = self._streams is not None
        _, writer = await self.opened()
        try:
            writer.write(head(method, target, given) + (body or b""))
            answer = await self.answer()
        except ConnectionError:
            answer = CLOSED
        if answer.closes:
            self.close()
            if answer.status == 0 and reused:  # it was closed since the answer before
                return await self.ask(method, target, headers, body)
        return answer

    async def answer(self) -> Answer:
        """The next answer; of a stream of events the head only, after which the connection is let go."""
        reader, _ = await self.opened()
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
            status = int(first.split(" ", 2)[1])
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            if headers.get("content-type", "").startswith("text/event-stream"):
                self.close()
                return Answer(status, headers, b"")
            return Answer(status, headers, await self._body(reader, headers) if status not in (204, 304) else b"")
        except (ConnectionError, asyncio.IncompleteReadError):
            self.close()
            return CLOSED

    @staticmethod
    async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return await reader.readexactly(int(headers["content-length"]))
        if headers.get("transfer-encoding") != "chunked":
            return await reader.read()
        pieces = []
        while size := int(await reader.readline(), 16):
            pieces.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return b"".join(pieces)

    def close(self) -> None:
        """Cut the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
