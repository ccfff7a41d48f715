"""Answers that are polled: a repeat comes from memory, before FastAPI, and costs no query.

An answer is remembered under everything that it depends on: path, parameters, accepted form and language, what the key may see,
and the civil day. It holds while the stream's generation (which moves with everything that can change an answer) stays what it
was when the answer was read. The routes stay declared in FastAPI and fill the memory after they validated.

Whoever has seen a newer state elsewhere says so in `If-None-Match`; this process then waits until it has caught up.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from fastapi import Request, Response

from services.metrics.api.positions import Positions
from shared.access import Access, Principal, key_of

SCOPE = "figures:read"
LARGEST = 64 * 1024 * 1024
"""Bytes of bodies that are remembered; the least recently used go first."""

CACHE_CONTROL = "private, no-cache"
"""Keep it, and ask each time whether it is still true: that costs 304 and no query."""

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})\.(\d{1,18})-[0-9a-f]+"')
_VIETNAM = 7 * 3600

Key = tuple[str, bytes, str, tuple[str, ...] | None, str | None, int]


@dataclass(slots=True)
class Remembered:
    """One answer."""

    stream: str
    generation: int
    etag: bytes
    start: dict[str, Any]
    body: dict[str, Any]
    not_modified: dict[str, Any]


class Memory:
    """The remembered answers of this process."""

    def __init__(self) -> None:
        """Empty."""
        self._answers: OrderedDict[Key, Remembered] = OrderedDict()
        self._size = 0

    def find(self, key: Key) -> Remembered | None:
        """The answer under the key, whatever state it belongs to."""
        return self._answers.get(key)

    def keep(self, key: Key, answer: Remembered) -> None:
        """Remember an answer in place of an older one."""
        old = self._answers.pop(key, None)
        if old is not None:
            self._size -= len(old.body["body"])
        self._answers[key] = answer
        self._size += len(answer.body["body"])
        while self._size > LARGEST and len(self._answers) > 1:
            _, dropped = self._answers.popitem(last=False)
            self._size -= len(dropped.body["body"])


def form_of(headers: dict[bytes, bytes]) -> str:
    """The form that a client accepts: `json` unless it asks for a table, then with its language: `csv-vi`, `xlsx-en`."""
    accept = headers.get(b"accept", b"")
    kind = "xlsx" if b"spreadsheetml" in accept else "csv" if b"text/csv" in accept else "json"
    if kind == "json":
        return kind
    return f"{kind}-{'en' if headers.get(b'accept-language', b'').lower().startswith(b'en') else 'vi'}"


def key_for(scope: Any, headers: dict[bytes, bytes], principal: Principal) -> Key:
    """Everything that an answer depends on besides the state of its stream."""
    return (
        scope["path"],
        scope["query_string"],
        form_of(headers),
        principal.agencies,
        principal.stream,
        int(time.time() + _VIETNAM) // 86_400,
    )


class Polled:
    """ASGI layer right before FastAPI: answers repeats from memory, lets everything else pass."""

    def __init__(self, app: Any, *, paths: frozenset[str]) -> None:
        """`paths` are the routes whose answers may be remembered."""
        self._app = app
        self._routes = {path: SimpleNamespace(path=path) for path in paths}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer from memory when the stream has not moved, else pass the request on."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in self._routes:
            await self._app(scope, receive, send)
            return
        state = scope["app"].state
        headers = dict(scope["headers"])
        positions: Positions = state.positions
        seen = headers.get(b"if-none-match")
        if seen is not None:
            await caught_up(positions, seen.decode("latin-1"), scope["query_string"].decode("latin-1"))
        access: Access = state.access
        given = key_of(
            headers.get(b"authorization", b"").decode("latin-1") or None,
            headers.get(b"x-api-key", b"").decode("latin-1") or None,
        )
        principal = access.remembered(given) if given else None
        if principal is not None and SCOPE in principal.scopes:
            found = state.memory.find(key_for(scope, headers, principal))
            if found is not None:
                known = positions.known.get(found.stream)
                if known is not None and known.generation == found.generation:
                    scope["route"] = self._routes[scope["path"]]
                    if seen is not None and found.etag in seen:
                        await send(found.not_modified)
                        await send(_NOTHING)
                    else:
                        await send(found.start)
                        await send(found.body)
                    return
        await self._app(scope, receive, send)


_NOTHING = {"type": "http.response.body", "body": b""}
_STREAM = re.compile(r"(?:^|&)stream=([A-Za-z0-9_-]{1,16})(?:&|$)")


async def caught_up(positions: Positions, seen: str, query: str) -> None:
    """Wait until this process knows at least the state that the client's ETag came from."""
    match, stream = _ETAG.match(seen), _STREAM.search(query)
    if match and stream:
        await positions.reach(stream[1], int(match[2]))


def respond(
    request: Request,
    principal: Principal,
    *,
    stream: str,
    position: int,
    generation: int,
    body: bytes,
    media_type: str,
    **headers: str,
) -> Response:
    """The answer with its ETag, remembered; 304 when the client has it already."""
    raw = dict(request.scope["headers"])
    key = key_for(request.scope, raw, principal)
    digest = hashlib.blake2s(repr(key).encode(), digest_size=6).hexdigest()
    etag = f'"{position}.{generation}-{digest}"'
    common = {"ETag": etag, "Cache-Control": CACHE_CONTROL, "Vary": "Accept, Accept-Language, Authorization", **headers}
    response = Response(body, headers=common, media_type=media_type)
    not_modified = Response(status_code=304, headers=common)
    request.app.state.memory.keep(
        key,
        Remembered(
            stream,
            generation,
            etag.encode(),
            {"type": "http.response.start", "status": 200, "headers": response.raw_headers},
            {"type": "http.response.body", "body": body},
            {"type": "http.response.start", "status": 304, "headers": not_modified.raw_headers},
        ),
    )
    return not_modified if etag in request.headers.get("if-none-match", "") else response
