"""Responses are compressed with gzip for clients that accept it, each under an ETag of its own (RFC 9110, 8.8.3).

Whole text responses from `MIN_COMPRESSED_BYTES` bytes on are compressed here; one that metrics has cached is compressed once,
when it is first requested. Event streams, and formats that are compressed themselves (PDF, XLSX, DOCX), are sent as they are.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Mapping
from typing import Any

from shared.web.responses import compressed_tag, names_tag

MIN_COMPRESSED_BYTES = 1_024
"""Bytes from which a response is compressed."""
HEAVY = 32 * 1_024
"""Bytes from which a response is compressed in a thread: it would block the event loop for too long."""
LEVEL = 6
"""Of gzip: half the size of 1 for twice the time, and 9 takes five times that for a twentieth less."""

_ACCEPTED = re.compile(rb"(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)", re.IGNORECASE)
_TEXT = re.compile(rb"text/(?!event-stream)|application/(?:[a-z.-]+\+)?(?:json|javascript|xml)\b|image/svg")


def accepts_gzip(headers: Mapping[bytes, bytes]) -> bool:
    """Whether `Accept-Encoding` names gzip, and not as unwanted."""
    given = headers.get(b"accept-encoding")
    return given is not None and _ACCEPTED.search(given) is not None


def compressible(media_type: bytes, size: int) -> bool:
    """Whether a response of a media type and a size in bytes is compressed."""
    return size >= MIN_COMPRESSED_BYTES and _TEXT.match(media_type) is not None


async def compress(body: bytes) -> bytes:
    """`body` in gzip; the same bytes for the same body."""
    if len(body) < HEAVY:
        return gzip.compress(body, LEVEL, mtime=0)
    return await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0)


MAX_FIXED = 32
"""Compressed forms of fixed responses that are kept."""
_fixed: dict[bytes, bytes] = {}


async def compressed_once(body: bytes) -> bytes:
    """`body` in gzip, from memory after the first time: of the newest `MAX_FIXED` bodies."""
    found = _fixed.get(body)
    if found is None:
        found = _fixed[body] = await compress(body)
        if len(_fixed) > MAX_FIXED:
            del _fixed[next(iter(_fixed))]
    return found


def fixed(scope: Any) -> None:
    """The response to this request is one of a few that stay the same object: it is compressed once, for all who ask."""
    scope["state"]["fixed"] = True


def compressed_headers(headers: list[tuple[bytes, bytes]], size: int) -> list[tuple[bytes, bytes]]:
    """The headers of a compressed response of `size` bytes."""
    kept = [(name, _tag_of(name, value)) for name, value in headers if name != b"content-length"]
    return [*kept, (b"content-encoding", b"gzip"), (b"content-length", str(size).encode())]


def _tag_of(name: bytes, value: bytes) -> bytes:
    return compressed_tag(value) if name == b"etag" else value


class Compression:
    """ASGI layer: compresses whole responses; a 304 has the ETag of the form that the client has."""

    def __init__(self, app: Any) -> None:
        """`app` is what is wrapped."""
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or not accepts_gzip(dict(scope["headers"])):
            await self._app(scope, receive, send)
            return
        start: Any = None

        async def out(message: Any) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = dict(message.get("headers", ()))
                if message["status"] == 304:
                    message = _as_known(message, scope, headers)
                elif b"content-encoding" not in headers and compressible(
                    headers.get(b"content-type", b""), int(headers.get(b"content-length", 0))
                ):
                    start = message
                    return
            elif start is not None:
                begun, start = start, None
                if not message.get("more_body", False):
                    body = message.get("body", b"")
                    fixed = scope.get("state", {}).get("fixed")
                    body = await (compressed_once(body) if fixed else compress(body))
                    message = {**message, "body": body}
                    begun = {**begun, "headers": _varied(compressed_headers(begun["headers"], len(body)))}
                await send(begun)
            await send(message)

        await self._app(scope, receive, out)


def _as_known(message: Any, scope: Any, headers: Mapping[bytes, bytes]) -> Any:
    """A 304 with the ETag of the compressed form, when the client has that one and not the other."""
    etag = headers.get(b"etag")
    if etag is None or names_tag(scope, etag) or not names_tag(scope, compressed_tag(etag)):
        return message
    return {**message, "headers": [(name, _tag_of(name, value)) for name, value in message["headers"]]}


def _varied(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers with `Accept-Encoding` in `Vary`."""
    if any(name == b"vary" and b"accept-encoding" in value.lower() for name, value in headers):
        return headers
    return [*headers, (b"vary", b"Accept-Encoding")]
