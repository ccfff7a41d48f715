"""The cache of responses that clients poll: a repeated request costs no query of the database.

The key is all that a response depends on besides the state of its province: path, query, accepted format and language, what
the API key may see, and the civil day. A response is valid while the province's revision (which moves with everything that can
change a figure) and the fingerprint of its completeness are those it was made of, and while this process polls both.

`services.metrics.polling.api.CachedResponses` sends valid responses before FastAPI, for keys that were checked a moment ago.
Every other request reaches its route, which validates it and responds through `services.metrics.figures.api.rendering`.

No response is older than one that its client has seen: ETags carry the revision. A request with an ETag of a newer revision
than this process knows goes to the route, which waits until the process has caught up.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict
from urllib.parse import unquote_to_bytes

from services.metrics.polling.positions import Positions
from services.metrics.polling.release import release
from shared.access.principals import Principal
from shared.civil import OFFSET_SECONDS
from shared.web import compression
from shared.web.formats import format_of, language_of
from shared.web.responses import compressed_tag
from shared.web.telemetry import LatencyHistogram

MAX_BYTES = 64 * 1024 * 1024
"""Bytes of cached bodies; the least recently used are dropped first."""

_DAY = 86_400
_JSON = frozenset({b"", b"*/*", b"application/json"})
"""What most clients accept, known without parsing."""
_ETAG = re.compile(rb'"\d{1,18}\.(\d{1,18})-[0-9a-f]+(?:-gzip)?"')


Key = tuple[str, bytes, str, tuple[str, ...] | None, str | None, int]
"""What a response depends on besides the state of its province: path, query, form, the agencies and the province that the key
may see (None: all), and the civil day, which relative periods depend on. It is made for each request: a NamedTuple would cost
more than the look-up."""


class BodyMessage(TypedDict):
    """The ASGI message of a whole body."""

    type: Literal["http.response.body"]
    body: bytes


Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Representation:
    """A response as it is sent, plain or compressed."""

    etag: bytes
    headers: Headers
    not_modified_headers: Headers
    body: BodyMessage


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """A response, plain and compressed, and the state that it was made of."""

    province: str
    revision: int
    fingerprint: str
    """Of its completeness."""
    plain: Representation
    compressed: Representation | None
    """In gzip; the plain one where compressing is not worth it, None until first requested."""
    tallies: tuple[LatencyHistogram, LatencyHistogram]
    """Of its route, for the statuses 200 and 304."""

    @property
    def size(self) -> int:
        """Bytes of its bodies."""
        packed = self.compressed is not None and self.compressed is not self.plain and len(self.compressed.body["body"])
        return len(self.plain.body["body"]) + packed


class Cache:
    """The responses of this process."""

    def __init__(self, positions: Positions) -> None:
        """Empty; `positions` knows the newest states."""
        self._positions = positions
        self._responses: OrderedDict[Key, CachedResponse] = OrderedDict()
        self._size = 0
        self._compressing: dict[tuple[Key, bytes], asyncio.Task[Representation]] = {}
        self.computing: dict[Key, asyncio.Event] = {}
        """Responses that are being computed; the event is set when one is done."""

    def find(self, key: Key, now: float) -> CachedResponse | None:
        """The response under the key, if it is of the newest state that this process knows; `now`: `time.monotonic`."""
        found = self._responses.get(key)
        if found is None or not self._positions.is_current(found.province, found.revision, found.fingerprint, now):
            return None
        self._responses.move_to_end(key)
        return found

    def store(self, key: Key, response: CachedResponse) -> None:
        """Store a response, instead of an older one of the key."""
        old = self._responses.pop(key, None)
        self._responses[key] = response
        self._size += response.size - (old.size if old is not None else 0)
        while self._size > MAX_BYTES and len(self._responses) > 1:
            _, dropped = self._responses.popitem(last=False)
            self._size -= dropped.size

    async def compress(self, key: Key, response: CachedResponse) -> Representation:
        """The compressed form of a response of this key: made once and stored beside the plain one."""
        if response.compressed is not None:
            return response.compressed
        name = (key, response.plain.etag)
        task = self._compressing.get(name)
        if task is None:
            task = self._compressing[name] = asyncio.create_task(self._compress(key, response))
            task.add_done_callback(lambda _: self._compressing.pop(name))
        # A client that disconnects must not cancel it for the others.
        return await asyncio.shield(task)

    async def _compress(self, key: Key, response: CachedResponse) -> Representation:
        plain = response.plain
        body = await compression.compress(plain.body["body"])
        made = Representation(
            compressed_tag(plain.etag),
            compression.compressed_headers(plain.headers, len(body)),
            [(name, compressed_tag(value) if name == b"etag" else value) for name, value in plain.not_modified_headers],
            {"type": "http.response.body", "body": body},
        )
        if self._responses.get(key) is response:
            self.store(key, replace(response, compressed=made))
        return made


def variant_of(headers: Mapping[bytes, bytes], query: bytes) -> str:
    """What a response depends on of the headers that choose its format: for JSON nothing, for a table format and language."""
    # Letters of a name may be written as their numbers.
    by_address = b"format" in (unquote_to_bytes(query) if b"%" in query else query)
    accept = headers.get(b"accept", b"")
    if accept in _JSON and not by_address:
        return "json"
    form = format_of(headers, ("csv", "xlsx"))
    return f"{form}-{language_of(headers)}" if form != "json" or by_address else "json"


def key_for(scope: Any, headers: Mapping[bytes, bytes], principal: Principal) -> Key:
    """The key of the response to a request."""
    day = int(time.time() + OFFSET_SECONDS) // _DAY
    variant = variant_of(headers, scope["query_string"])
    return scope["path"], scope["query_string"], variant, principal.agencies, principal.province, day


def newest_seen(if_none_match: bytes) -> int:
    """The newest revision among our ETags; 0 when there is none."""
    return max(map(int, _ETAG.findall(if_none_match)), default=0)


def etag_of(key: Key, position: int, revision: int, fingerprint: str) -> str:
    """The ETag of a response: the state of its province, and a digest of everything else it depends on."""
    digest = hashlib.blake2s(repr((key, fingerprint, release())).encode(), digest_size=6).hexdigest()
    return f'"{position}.{revision}-{digest}"'
