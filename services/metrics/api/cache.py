"""The cache of answers that are polled: a repeat costs no query, and is answered before all layers and FastAPI.

One cache, one key: path, query, accepted form and language, what the API key may see, and the civil day; that is all an answer
depends on besides the state of its stream. An answer holds while the stream's generation (which moves with everything that can
change a figure) and its standing (what it says of how complete it is) are what they were, and while this process looks at both.

`Front` answers what it finds for an API key that was checked a moment ago. Everything else goes the whole way to the route,
which validates, and answers by `services.metrics.api.rendering`: from the cache, or into it.

No answer is older than one that its client has seen: ETags carry the generation, and one that is newer than what this process
knows sends the request to the route, which waits until the process has caught up.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from fastapi import Request, Response

from services.metrics.api.positions import Positions
from shared.access import Access, Principal, key_of
from shared.civil import OFFSET_SECONDS
from shared.web.answers import has_tag, tag_headers
from shared.web.routes import template_of
from shared.web.telemetry import TALLIES, Tally, correlation_of

SCOPE = "figures:read"
LARGEST = 64 * 1024 * 1024
"""Bytes of bodies that are kept; the least recently used go first."""

_DAY = 86_400
_JSON = frozenset({b"", b"*/*", b"application/json"})
"""What most clients accept, known without looking into it."""
_ETAG = re.compile(rb'"\d{1,18}\.(\d{1,18})-[0-9a-f]+"')


Key = tuple[str, bytes, str, tuple[str, ...] | None, str | None, int]
"""What an answer depends on besides the state of its stream: path, query, form, the agencies and the stream that the API key
may see (None: all), and the civil day, since questions may say `today`. It is made for each request: a NamedTuple would cost
more than all that is looked up."""


class BodyMessage(TypedDict):
    """The ASGI message of a whole body."""

    type: Literal["http.response.body"]
    body: bytes


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer as it is sent, and the state that it is from."""

    stream: str
    generation: int
    standing: str | None
    """None: it says nothing of how complete it is."""
    etag: bytes
    headers: list[tuple[bytes, bytes]]
    not_modified_headers: list[tuple[bytes, bytes]]
    body: BodyMessage
    tallies: tuple[Tally, Tally]
    """Of its route, for the statuses 200 and 304."""

    def response(self, request: Request) -> Response:
        """The answer, or 304 when the client has it."""
        unchanged = has_tag(request.scope, self.etag)
        response = Response(status_code=304) if unchanged else Response(self.body["body"])
        response.raw_headers = list(self.not_modified_headers if unchanged else self.headers)
        return response


class Cache:
    """The answers of this process."""

    def __init__(self, positions: Positions) -> None:
        """Empty; `positions` says what the newest states are."""
        self._positions = positions
        self._answers: OrderedDict[Key, CachedAnswer] = OrderedDict()
        self._size = 0
        self.computing: dict[Key, asyncio.Event] = {}
        """Answers that are being computed, and what tells those who wait for them."""

    def find(self, key: Key, now: float) -> CachedAnswer | None:
        """The answer under the key, if it is of the newest state that this process knows; `now`: `time.monotonic`."""
        found = self._answers.get(key)
        if found is None or not self._positions.is_current(found.stream, found.generation, found.standing, now):
            return None
        self._answers.move_to_end(key)
        return found

    def store(self, key: Key, answer: CachedAnswer) -> None:
        """Keep an answer in place of an older one."""
        old = self._answers.pop(key, None)
        self._answers[key] = answer
        self._size += len(answer.body["body"]) - (len(old.body["body"]) if old is not None else 0)
        while self._size > LARGEST and len(self._answers) > 1:
            _, dropped = self._answers.popitem(last=False)
            self._size -= len(dropped.body["body"])


class Front:
    """Before all layers: answers repeats, each with a correlation id and a tally."""

    def __init__(self, cache: Cache, access: Access) -> None:
        """`access` knows the API keys that were checked a moment ago."""
        self._cache, self._access = cache, access

    async def __call__(self, scope: Any, send: Any) -> bool:
        """Answer from the cache if the client has seen no newer state; say whether it was so."""
        if scope["method"] != "GET":
            return False
        began = time.monotonic()
        headers = dict(scope["headers"])
        given = key_of(headers)
        principal = self._access.remembered(given, began) if given is not None else None
        if principal is None or SCOPE not in principal.scopes:
            return False
        found = self._cache.find(key_for(scope, headers, principal), began)
        if (
            found is None
            # A body is for the guard, a header that came twice for the door.
            or len(headers) != len(scope["headers"])
            or b"content-length" in headers
            or b"transfer-encoding" in headers
        ):
            return False
        seen = headers.get(b"if-none-match")
        unchanged = seen == found.etag
        if seen is not None and not unchanged:
            if newest_seen(seen) > found.generation:
                return False
            unchanged = has_tag(scope, found.etag)
        correlation = (b"x-correlation-id", correlation_of(headers.get(b"x-correlation-id")))
        if unchanged:
            given_headers = [*found.not_modified_headers, correlation]
            await send({"type": "http.response.start", "status": 304, "headers": given_headers})
            await send(_NOTHING)
        else:
            await send({"type": "http.response.start", "status": 200, "headers": [*found.headers, correlation]})
            await send(found.body)
        found.tallies[unchanged].add(time.monotonic() - began)
        return True


_NOTHING: BodyMessage = {"type": "http.response.body", "body": b""}


def form_of(headers: Mapping[bytes, bytes]) -> str:
    """The form that a client accepts: `json` unless it asks for a table, then with its language: `csv-vi`, `xlsx-en`."""
    accept = headers.get(b"accept", b"")
    if accept in _JSON:
        return "json"
    kind = "xlsx" if b"spreadsheetml" in accept else "csv" if b"text/csv" in accept else "json"
    if kind == "json":
        return kind
    return f"{kind}-{'en' if headers.get(b'accept-language', b'').lower().startswith(b'en') else 'vi'}"


def key_for(scope: Any, headers: Mapping[bytes, bytes], principal: Principal) -> Key:
    """The key of the answer to a request."""
    day = int(time.time() + OFFSET_SECONDS) // _DAY
    return scope["path"], scope["query_string"], form_of(headers), principal.agencies, principal.stream, day


def newest_seen(if_none_match: bytes) -> int:
    """The newest generation among ETags of ours; 0 when there is none."""
    return max(map(int, _ETAG.findall(if_none_match)), default=0)


def etag_of(key: Key, position: int, generation: int, standing: str | None = None) -> str:
    """The ETag of an answer: the state of its stream, and a digest of what else it depends on."""
    digest = hashlib.blake2s(repr((key, standing)).encode(), digest_size=6).hexdigest()
    return f'"{position}.{generation}-{digest}"'


def cacheable(
    request: Request,
    key: Key,
    *,
    stream: str,
    position: int,
    generation: int,
    standing: str | None,
    body: bytes,
    media_type: str,
    headers: Mapping[str, str],
) -> CachedAnswer:
    """An answer with its ETag, as it is stored and sent; `headers` are those of its own."""
    etag = etag_of(key, position, generation, standing)
    common = {**tag_headers(etag), **headers}
    route = template_of(request.scope)
    return CachedAnswer(
        stream,
        generation,
        standing,
        etag.encode(),
        Response(body, headers=common, media_type=media_type).raw_headers,
        Response(status_code=304, headers=common).raw_headers,
        {"type": "http.response.body", "body": body},
        (TALLIES.of("metrics", route, "GET", 200), TALLIES.of("metrics", route, "GET", 304)),
    )
