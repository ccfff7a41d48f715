"""The body guard: what reaches a route is bounded, whole and strict JSON, or was refused with a reason.

FastAPI's own parser takes NaN and UTF-16, dies on a lone surrogate, and uvicorn sets neither a size nor a time for a body
(engineering.md, "Hostile input").
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import orjson

from shared.errors import Malformed, Problem, TooLarge, UnsupportedMedia

MAX_DEPTH = 32
RECEIVE_SECONDS = 60.0

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class TooSlow(Problem):
    """The body did not arrive in time."""

    status = 408
    type = "too-slow"
    title = "The body did not arrive in time"


def check_json(body: bytes) -> None:
    """Raise `Malformed` or `TooLarge` unless `body` is UTF-8 JSON without NaN, NUL, surrogates or deep nesting."""
    if depth_of(body) > MAX_DEPTH:
        raise TooLarge(f"The JSON is nested deeper than {MAX_DEPTH} levels. Send flatter data.")
    if _NUL.search(body):
        raise Malformed("The JSON holds the character U+0000, which no text here may hold. Remove it.")
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON in UTF-8: {error}.") from error


def depth_of(body: bytes) -> int:
    """How deep the brackets of a JSON text nest, strings left aside."""
    depth = deepest = 0
    for bracket in _STRING.sub(b"", body).translate(None, _NOT_BRACKETS):
        if bracket in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


class Guard:
    """ASGI layer: buffers a JSON body under the limit, checks it and hands it on; streams others under the same limit."""

    def __init__(self, app: Any, *, limit: int) -> None:
        """`limit` is the largest JSON body in bytes; uploads that stream are bounded by their route."""
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on, or raise a `Problem` that the layer above answers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if b"%00" in scope.get("raw_path", b"") or b"%00" in scope["query_string"]:
            raise Malformed("The address holds the character U+0000. Remove it.")
        headers = dict(scope["headers"])
        length = headers.get(b"content-length")
        if length is None and b"transfer-encoding" not in headers:
            await self._app(scope, receive, send)
            return
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise UnsupportedMedia("Compressed bodies are not taken. Send it without Content-Encoding.")
        media = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        if not (media == b"" or media == b"application/json" or media.endswith(b"+json")):
            await self._app(scope, receive, send)
            return
        if length is not None and length.isdigit() and int(length[:12]) > self._limit:
            raise self._too_large()
        body = await self._buffered(receive)
        if body:
            check_json(body)
        sent = False

        async def replay() -> Any:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    async def _buffered(self, receive: Any) -> bytes:
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(RECEIVE_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Malformed("The connection closed before the body was whole.")
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size > self._limit:
                        raise self._too_large()
                    chunks.append(chunk)
                    if not message.get("more_body", False):
                        return b"".join(chunks)
        except TimeoutError as error:
            raise TooSlow(f"The body did not arrive within {RECEIVE_SECONDS:.0f} s. Send it again.") from error

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The body is larger than {self._limit} bytes. Send smaller batches, or upload a file.")
