"""The cache of answers that are polled: a repeat costs no query, and is answered before all layers and FastAPI.

One cache, one key: path, query, accepted form and language, what the API key may see, and the civil day; that is all an answer
depends on besides the state of its province. An answer holds while the province's generation (which moves with everything that
can change a figure) and its standing (what it says of how complete it is) are what they were, and while this process looks at
both.

`Front` answers what it finds for an API key that was checked a moment ago. Everything else goes the whole way to the route,
which validates, and answers by `services.metrics.figures.api.rendering`: from the cache, or into it.

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
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict
from urllib.parse import unquote_to_bytes

from services.metrics.polling.positions import Positions
from shared.access.principals import Principal
from shared.civil import OFFSET_SECONDS
from shared.web.compression import compress, compressed_headers
from shared.web.formats import format_of, language_of
from shared.web.responses import compressed_tag
from shared.web.telemetry import LatencyHistogram

MAX_BYTES = 64 * 1024 * 1024
"""Bytes of bodies that are kept; the least recently used go first."""

_DAY = 86_400
_JSON = frozenset({b"", b"*/*", b"application/json"})
"""What most clients accept, known without looking into it."""
_ETAG = re.compile(rb'"\d{1,18}\.(\d{1,18})-[0-9a-f]+(?:-gzip)?"')


Key = tuple[str, bytes, str, tuple[str, ...] | None, str | None, int]
"""What an answer depends on besides the state of its province: path, query, form, the agencies and the province that the key
may see (None: all), and the civil day, since questions may say `today`. It is made for each request: a NamedTuple would cost
more than all that is looked up."""


class BodyMessage(TypedDict):
    """The ASGI message of a whole body."""

    type: Literal["http.response.body"]
    body: bytes


Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Representation:
    """An answer as it is sent, plain or packed."""

    etag: bytes
    headers: Headers
    not_modified_headers: Headers
    body: BodyMessage


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """An answer in its forms, and the state that it is from."""

    province: str
    revision: int
    fingerprint: str | None
    """None: it says nothing of how complete it is."""
    plain: Representation
    compressed: Representation | None
    """In gzip; the plain form where that is not worth it, None until it is first asked for."""
    tallies: tuple[LatencyHistogram, LatencyHistogram]
    """Of its route, for the statuses 200 and 304."""

    @property
    def size(self) -> int:
        """Bytes of its bodies."""
        packed = self.compressed is not None and self.compressed is not self.plain and len(self.compressed.body["body"])
        return len(self.plain.body["body"]) + packed


class Cache:
    """The answers of this process."""

    def __init__(self, positions: Positions) -> None:
        """Empty; `positions` says what the newest states are."""
        self._positions = positions
        self._answers: OrderedDict[Key, CachedResponse] = OrderedDict()
        self._size = 0
        self._packing: dict[tuple[Key, bytes], asyncio.Task[Representation]] = {}
        self.computing: dict[Key, asyncio.Event] = {}
        """Answers that are being computed, and what tells those who wait for them."""

    def find(self, key: Key, now: float) -> CachedResponse | None:
        """The answer under the key, if it is of the newest state that this process knows; `now`: `time.monotonic`."""
        found = self._answers.get(key)
        if found is None or not self._positions.is_current(found.province, found.revision, found.fingerprint, now):
            return None
        self._answers.move_to_end(key)
        return found

    def store(self, key: Key, response: CachedResponse) -> None:
        """Keep an answer in place of an older one."""
        old = self._answers.pop(key, None)
        self._answers[key] = response
        self._size += response.size - (old.size if old is not None else 0)
        while self._size > MAX_BYTES and len(self._answers) > 1:
            _, dropped = self._answers.popitem(last=False)
            self._size -= dropped.size

    async def pack(self, key: Key, response: CachedResponse) -> Representation:
        """The packed form of an answer of this key: made once, whoever wait for it, and kept beside the plain one."""
        if response.compressed is not None:
            return response.compressed
        name = (key, response.plain.etag)
        task = self._packing.get(name)
        if task is None:
            task = self._packing[name] = asyncio.create_task(self._pack(key, response))
            task.add_done_callback(lambda _: self._packing.pop(name))
        # Who goes away does not take it from those who wait.
        return await asyncio.shield(task)

    async def _pack(self, key: Key, response: CachedResponse) -> Representation:
        plain = response.plain
        body = await compress(plain.body["body"])
        made = Representation(
            compressed_tag(plain.etag),
            compressed_headers(plain.headers, len(body)),
            [(name, compressed_tag(value) if name == b"etag" else value) for name, value in plain.not_modified_headers],
            {"type": "http.response.body", "body": body},
        )
        if self._answers.get(key) is response:
            self.store(key, replace(response, compressed=made))
        return made


def variant_of(headers: Mapping[bytes, bytes], query: bytes) -> str:
    """What an answer depends on of the headers that choose its form: of JSON nothing, of a table form and language."""
    # Letters of a name may be written as their numbers.
    by_address = b"format" in (unquote_to_bytes(query) if b"%" in query else query)
    accept = headers.get(b"accept", b"")
    if accept in _JSON and not by_address:
        return "json"
    form = format_of(headers, ("csv", "xlsx"))
    return f"{form}-{language_of(headers)}" if form != "json" or by_address else "json"


def key_for(scope: Any, headers: Mapping[bytes, bytes], principal: Principal) -> Key:
    """The key of the answer to a request."""
    day = int(time.time() + OFFSET_SECONDS) // _DAY
    variant = variant_of(headers, scope["query_string"])
    return scope["path"], scope["query_string"], variant, principal.agencies, principal.province, day


def newest_seen(if_none_match: bytes) -> int:
    """The newest generation among ETags of ours; 0 when there is none."""
    return max(map(int, _ETAG.findall(if_none_match)), default=0)


def etag_of(key: Key, position: int, revision: int, fingerprint: str | None = None) -> str:
    """The ETag of an answer: the state of its province, and a digest of what else it depends on."""
    digest = hashlib.blake2s(repr((key, fingerprint)).encode(), digest_size=6).hexdigest()
    return f'"{position}.{revision}-{digest}"'
