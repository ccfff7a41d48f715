"""HTTP/1.1 as bytes on a connection: what no client library lets one send."""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Iterable, Iterator
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


def parsed(beginning: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer."""
    first, *lines = beginning.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split(" ", 2)[1]), headers


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

    async def flood(self, start: bytes, pieces: Iterable[bytes], *, chunked: bool = False) -> tuple[Answer, int]:
        """Send a head and a body piece by piece until the server answers; its answer, and how many bytes it let us send.

        On a connection of its own, which it reads before it writes: an answer is not lost with a connection that was cut.
        """
        return await asyncio.to_thread(self._flood, start, iter(pieces), chunked)

    def _flood(self, start: bytes, pieces: Iterator[bytes], chunked: bool) -> tuple[Answer, int]:
        sent = -len(start)
        waiting = memoryview(start)
        with socket.create_connection((self._address.hostname or "", self._address.port or 80)) as connection:
            connection.setblocking(False)
            while waiting:
                readable, writable, _ = select.select([connection], [connection], [])
                if readable:
                    break
                try:
                    done = connection.send(waiting) if writable else 0
                except ConnectionError:
                    break
                sent += done
                waiting = waiting[done:]
                if not waiting:
                    piece = next(pieces, None)
                    if piece is not None:
                        waiting = memoryview(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                    elif chunked:
                        waiting, chunked = memoryview(b"0\r\n\r\n"), False
            connection.settimeout(30)
            return self._read(connection), max(sent, 0)

    @staticmethod
    def _read(connection: socket.socket) -> Answer:
        """An answer whose length is stated, as those of refusals are."""
        received = b""
        try:
            while b"\r\n\r\n" not in received:
                if not (piece := connection.recv(65_536)):
                    return CLOSED
                received += piece
            beginning, _, body = received.partition(b"\r\n\r\n")
            status, headers = parsed(beginning)
            while len(body) < int(headers.get("content-length", 0)) and (piece := connection.recv(65_536)):
                body += piece
        except ConnectionError:
            return CLOSED
        return Answer(status, headers, body)

    async def answer(self) -> Answer:
        """The next answer; of a stream of events the head only, after which the connection is let go."""
        reader, _ = await self.opened()
        try:
            status, headers = parsed((await reader.readuntil(b"\r\n\r\n"))[:-4])
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
