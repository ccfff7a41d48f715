"""Answers that are polled: a repeat comes from memory, before FastAPI, and costs no query.

An answer is remembered under everything that it depends on: path, parameters, accepted form and language, what the key may see,
and the civil day. It holds while the stream's generation (which moves with everything that can change a figure) and its
standing (what answers say of how complete they are) stay what they were when the answer was read, and while this process looks
at both. The routes stay declared in FastAPI and fill the memory after they validated.

Two places answer from it. `Polled`, the innermost layer, works out what a request may be given: its key, its form, whether its
client has seen a newer state elsewhere (in `If-None-Match`; this process then waits until it has caught up). What it worked out
it leaves to `Repeats`, before all layers, which knows the same request again by its bytes and answers with two look-ups, for as
long as the key is believed. Whatever is not exactly such a repeat goes the whole way.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Literal, TypedDict

from fastapi import Request, Response

from services.metrics.api.positions import Positions
from shared.access import Access, Principal, key_of
from shared.civil import OFFSET_SECONDS
from shared.errors import Unauthorised
from shared.web.answers import has_tag, tag_headers
from shared.web.telemetry import TALLIES, correlation_of

SCOPE = "figures:read"
LARGEST = 64 * 1024 * 1024
"""Bytes of bodies that are remembered; the least recently used go first."""
MOST_ASKERS = 4_096
"""Different requests, by their bytes, that are known again."""

_ETAG = re.compile(rb'"\d{1,18}\.(\d{1,18})-[0-9a-f]+"')
_DAY = 86_400

Key = tuple[str, bytes, str, tuple[str, ...] | None, str | None, int]
"""What an answer depends on besides the state of its stream."""
Asker = tuple[str, bytes, bytes | None, bytes | None, bytes | None, bytes | None]
"""The bytes of a request that decide its key."""


class BodyMessage(TypedDict):
    """The ASGI message of a whole body."""

    type: Literal["http.response.body"]
    body: bytes


@dataclass(slots=True)
class Remembered:
    """One answer."""

    stream: str
    generation: int
    standing: str | None
    """Of what it says of how complete it is; None: it says nothing."""
    etag: bytes
    headers: list[tuple[bytes, bytes]]
    body: BodyMessage
    not_modified_headers: list[tuple[bytes, bytes]]


class Memory:
    """The remembered answers of this process, and who was given them."""

    def __init__(self) -> None:
        """Empty."""
        self._answers: OrderedDict[Key, Remembered] = OrderedDict()
        self._size = 0
        self._askers: dict[Asker, tuple[float, Key]] = {}
        self.under_way: dict[Key, asyncio.Event] = {}
        """Answers that are being read and computed, and what tells those who wait for them."""

    def find(self, key: Key) -> Remembered | None:
        """The answer under the key, whatever state it belongs to."""
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

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

    def meet(self, asker: Asker, key: Key, until: float) -> None:
        """Take it that `asker` may be given the answer under `key`, until a moment of `time.monotonic`."""
        if len(self._askers) >= MOST_ASKERS and asker not in self._askers:
            self._askers.clear()
        self._askers[asker] = (until, key)

    def known(self, asker: Asker, now: float) -> Remembered | None:
        """The answer for a request that was met before and is still believed, whatever state it belongs to."""
        met = self._askers.get(asker)
        return self.find(met[1]) if met is not None and met[0] > now else None


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
        int(time.time() + OFFSET_SECONDS) // _DAY,
    )


def asker_of(scope: Any, headers: dict[bytes, bytes]) -> Asker:
    """The bytes that `key_for` and the key check are made from."""
    of = headers.get
    return (
        scope["path"],
        scope["query_string"],
        of(b"x-api-key"),
        of(b"authorization"),
        of(b"accept"),
        of(b"accept-language"),
    )


class Repeats:
    """The front of the API: answers what it knows again by its bytes, with a correlation id and a tally."""

    def __init__(self, memory: Memory, positions: Positions, *, service: str, paths: frozenset[str]) -> None:
        """`paths` are the routes whose answers may be remembered."""
        self._memory, self._positions = memory, positions
        self._tallies = {path: (TALLIES.of(service, path, "GET", 200), TALLIES.of(service, path, "GET", 304)) for path in paths}

    async def __call__(self, scope: Any, send: Any) -> bool:
        """Answer from memory when the stream has not moved and the client has seen no other state; say whether it was so."""
        tallies = self._tallies.get(scope["path"])
        if tallies is None or scope["method"] != "GET":
            return False
        began = time.monotonic()
        headers = dict(scope["headers"])
        found = self._memory.known(asker_of(scope, headers), began)
        seen = headers.get(b"if-none-match")
        if (
            found is None
            or (seen is not None and seen != found.etag)
            or not self._positions.is_current(found.stream, found.generation, found.standing, began)
            # A body is for the guard, a header that came twice for the door.
            or len(headers) != len(scope["headers"])
            or b"content-length" in headers
            or b"transfer-encoding" in headers
        ):
            return False
        correlation = (b"x-correlation-id", correlation_of(headers.get(b"x-correlation-id")))
        if seen is None:
            tally = tallies[0]
            await send({"type": "http.response.start", "status": 200, "headers": [*found.headers, correlation]})
            await send(found.body)
        else:
            tally = tallies[1]
            given = [*found.not_modified_headers, correlation]
            await send({"type": "http.response.start", "status": 304, "headers": given})
            await send(_NOTHING)
        tally.add(time.monotonic() - began)
        return True


class Polled:
    """The innermost ASGI layer, right before FastAPI's routes: answers from memory what is there for this key."""

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
        memory: Memory = state.memory
        seen = headers.get(b"if-none-match")
        access: Access = state.access
        given = key_of(
            headers.get(b"authorization", b"").decode("latin-1") or None,
            headers.get(b"x-api-key", b"").decode("latin-1") or None,
        )
        principal = await _known(access, given)
        if given and principal is not None and SCOPE in principal.scopes:
            if seen is not None:
                await caught_up(positions, principal, seen, scope["query_string"])
            key = key_for(scope, headers, principal)
            found = current(memory, positions, key)
            if found is not None:
                scope["route"] = self._routes[scope["path"]]
                left = _DAY - (time.time() + OFFSET_SECONDS) % _DAY
                memory.meet(asker_of(scope, headers), key, min(access.believed_until(given), time.monotonic() + left))
                if seen is not None and has_tag(scope, found.etag):
                    await send({"type": "http.response.start", "status": 304, "headers": found.not_modified_headers})
                    await send(_NOTHING)
                else:
                    await send({"type": "http.response.start", "status": 200, "headers": found.headers})
                    await send(found.body)
                return
        await self._app(scope, receive, send)


def current(memory: Memory, positions: Positions, key: Key) -> Remembered | None:
    """The answer under the key, if it belongs to the newest state that this process knows."""
    found = memory.find(key)
    if found is not None and positions.is_current(found.stream, found.generation, found.standing, time.monotonic()):
        return found
    return None


_NOTHING = {"type": "http.response.body", "body": b""}
_STREAM = re.compile(rb"(?:^|&)stream=([A-Za-z0-9_-]{1,16})(?:&|$)")


async def _known(access: Access, given: str | None) -> Principal | None:
    """Whose key it is; what is wrong with one is said by the route."""
    try:
        return await access.principal(given)
    except Unauthorised:
        return None


async def caught_up(positions: Positions, principal: Principal, seen: bytes, query: bytes) -> None:
    """Wait until this process knows at least the newest state that the client's ETags came from; not for another's stream."""
    generations, match = [int(number) for number in _ETAG.findall(seen)], _STREAM.search(query)
    stream = match[1].decode() if match else None
    if generations and stream is not None and principal.stream in (None, stream):
        await positions.reach(stream, max(generations))


def respond(
    request: Request,
    principal: Principal,
    *,
    stream: str,
    position: int,
    generation: int,
    standing: str | None,
    body: bytes,
    media_type: str,
    **headers: str,
) -> Response:
    """The answer with its ETag, remembered; 304 when the client has it already."""
    key = key_for(request.scope, dict(request.scope["headers"]), principal)
    digest = hashlib.blake2s(repr((key, standing)).encode(), digest_size=6).hexdigest()
    etag = f'"{position}.{generation}-{digest}"'
    common = {**tag_headers(etag), **headers}
    answer = Remembered(
        stream,
        generation,
        standing,
        etag.encode(),
        Response(body, headers=common, media_type=media_type).raw_headers,
        {"type": "http.response.body", "body": body},
        Response(status_code=304, headers=common).raw_headers,
    )
    request.app.state.memory.keep(key, answer)
    return as_remembered(request, answer)


def as_remembered(request: Request, answer: Remembered) -> Response:
    """A remembered answer as a response; 304 when the client has it already."""
    unchanged = has_tag(request.scope, answer.etag)
    response = Response(status_code=304) if unchanged else Response(answer.body["body"])
    response.raw_headers = list(answer.not_modified_headers if unchanged else answer.headers)
    return response
