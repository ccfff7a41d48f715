"""What the front may answer from the cache, and what it must leave to the route."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio

from services.metrics.alerts.store import newest as newest_alerts
from services.metrics.polling import cache as cache_module
from services.metrics.polling.api import CachedResponses
from services.metrics.polling.cache import MAX_BYTES, Cache, CachedResponse, Representation, etag_of, key_for
from services.metrics.polling.positions import MAX_POLL_AGE_SECONDS, Positions
from shared.access.keys import create_key
from shared.access.principals import Access
from shared.database import Connection, Database
from shared.web.telemetry import LatencyHistogram

ETAG = b'"41.7-ab"'


async def look(_: Connection) -> None:
    """Nothing else is looked at here."""


class Ground:
    """A cache before FastAPI with a response of the revision 7 in its cache, and keys that were checked a moment ago."""

    def __init__(self, database: Database, keys: Mapping[str, str], access: Access) -> None:
        self.positions = Positions(database, newest_alerts, "")
        self.cache, self.keys, self.access = Cache(self.positions), keys, access
        self.fast_path = CachedResponses(self.cache, access)

    def known(self, revision: int, fingerprint: str = "whole", seconds_ago: float = 0) -> None:
        self.positions.known = {"30": SimpleNamespace(revision=revision)}  # type: ignore[dict-item]
        self.positions.fingerprints = {"30": fingerprint}
        self.positions.polled_at = time.monotonic() - seconds_ago

    def scope(self, key: str, *headers: tuple[bytes, bytes], method: str = "GET") -> dict[str, Any]:
        own = [(b"x-api-key", self.keys[key].encode()), *headers]
        return {"type": "http", "method": method, "path": "/v1/kpis", "query_string": b"province=30", "headers": own}

    async def store(self, key: str, body: bytes = b"{}", query: bytes = b"province=30") -> CachedResponse:
        scope = {**self.scope(key), "query_string": query}
        principal = await self.access.principal(self.keys[key])
        plain = Representation(ETAG, [(b"etag", ETAG)], [(b"etag", ETAG)], {"type": "http.response.body", "body": body})
        answer = CachedResponse("30", 7, "whole", plain, None, (LatencyHistogram(), LatencyHistogram()))
        self.cache.store(key_for(scope, dict(scope["headers"]), principal), answer)
        return answer

    async def asked(self, key: str, *headers: tuple[bytes, bytes], **words: str) -> int | None:
        """The status of the front's answer; None when it leaves the request to the route."""
        statuses: list[int] = []

        async def send(message: Any) -> None:
            statuses.extend([message["status"]] if "status" in message else [])

        answered = await self.fast_path(self.scope(key, *headers, **words), send)
        assert answered == bool(statuses)
        return statuses[0] if statuses else None


@pytest_asyncio.fixture
async def ground(metrics_database: Database) -> Ground:
    async with metrics_database.transaction() as tx:
        scopes = ["figures:read"]
        keys = {
            "whole": await create_key(tx, "metrics", name="a", scopes=scopes),
            "same": await create_key(tx, "metrics", name="b", scopes=scopes),
            "town": await create_key(tx, "metrics", name="c", scopes=scopes, agencies=["10813"]),
            "other province": await create_key(tx, "metrics", name="d", scopes=scopes, province="31"),
            "blind": await create_key(tx, "metrics", name="e", scopes=["ops:read"]),
        }
    access = Access(metrics_database, "metrics", seconds=60)
    for key in keys.values():
        await access.principal(key)
    made = Ground(metrics_database, keys, access)
    made.known(7)
    await made.store("whole")
    return made


async def test_a_repeat_is_answered_for_every_key_that_may_see_the_same(ground: Ground) -> None:
    asked = {key: await ground.asked(key) for key in ground.keys}
    assert asked == {"whole": 200, "same": 200, "town": None, "other province": None, "blind": None}


async def test_what_is_no_plain_repeat_is_left_to_the_route(ground: Ground) -> None:
    assert await ground.asked("whole", method="POST") is None
    assert await ground.asked("whole", (b"accept", b"text/csv")) is None
    assert await ground.asked("whole", (b"x-api-key", b"twice")) is None
    assert await ground.asked("whole", (b"content-length", b"2")) is None


async def test_no_answer_is_older_than_what_the_client_has_seen(ground: Ground) -> None:
    for tags, status in ((ETAG, 304), (b"W/" + ETAG, 304), (b'"40.6-ab", ' + ETAG, 304), (b'"40.6-ab"', 200), (b'"x"', 200)):
        assert await ground.asked("whole", (b"if-none-match", tags)) == status
    for newer in (b'"42.8-ab"', b'"40.6-ab", W/"42.8-ab"', ETAG + b', "42.8-ab"'):
        assert await ground.asked("whole", (b"if-none-match", newer)) is None


async def test_an_answer_of_another_state_or_of_one_that_is_not_looked_at_is_not_given(ground: Ground) -> None:
    ground.known(8)
    assert await ground.asked("whole") is None
    ground.known(7, fingerprint="lacking")
    assert await ground.asked("whole") is None
    ground.known(7, seconds_ago=MAX_POLL_AGE_SECONDS)
    assert await ground.asked("whole") is None
    ground.known(7)
    assert await ground.asked("whole") == 200


def test_a_database_that_was_restored_is_believed_though_its_revision_went_back() -> None:
    positions = Positions(None, newest_alerts, "")  # type: ignore[arg-type]
    began = datetime(2026, 11, 20, tzinfo=UTC)

    def taken(revision: int, seconds: float) -> int:
        found = SimpleNamespace(revision=revision, read_at=began + timedelta(seconds=seconds))
        positions._take({"30": found})  # type: ignore[dict-item]
        return positions.known["30"].revision

    # The second was overtaken by the first.
    assert [taken(7, 0), taken(6, 1), taken(8, 2), taken(3, 13)] == [7, 7, 8, 3]


def test_a_response_of_another_release_is_no_response_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    key = ("/v1/kpis", b"", "json", None, None, 1)
    before = etag_of(key, 7, 7, "whole")
    assert etag_of(key, 7, 7, "whole") == before
    monkeypatch.setattr(cache_module, "release", lambda: "another")
    assert etag_of(key, 7, 7, "whole") != before


async def test_a_key_that_is_not_believed_any_more_is_left_to_the_route(ground: Ground) -> None:
    ground.fast_path = CachedResponses(ground.cache, Access(ground.positions._database, "metrics", seconds=60))
    assert await ground.asked("whole") is None


async def test_the_least_recently_used_answers_go_when_the_cache_is_full(ground: Ground) -> None:
    half = bytes(MAX_BYTES // 2)
    await ground.store("whole", half, b"province=30&kpi=a")
    await ground.store("whole", b"", b"province=30&kpi=b")
    assert await ground.asked("whole") == 200
    await ground.store("whole", half, b"province=30&kpi=c")
    assert await ground.asked("whole") == 200


async def test_a_packed_form_is_made_once_for_all_who_wait_and_kept_beside_the_plain_one(ground: Ground) -> None:
    body = b'{"kpis": [' + b"0, " * 30_000 + b"0]}"
    answer = await ground.store("whole", body)
    gzip_too = (b"accept-encoding", b"br, gzip")
    assert await ground.asked("whole", gzip_too) is None
    scope = ground.scope("whole")
    key = key_for(scope, dict(scope["headers"]), await ground.access.principal(ground.keys["whole"]))
    forms = await asyncio.gather(*(ground.cache.compress(key, answer) for _ in range(4)))
    assert all(form is forms[0] for form in forms)
    assert gzip.decompress(forms[0].body["body"]) == body
    assert (b"content-encoding", b"gzip") in forms[0].headers
    assert forms[0].etag == b'"41.7-ab-gzip"'
    assert await ground.asked("whole", gzip_too) == 200
    for tag in (ETAG, forms[0].etag):
        for accepted in (gzip_too, (b"accept-encoding", b"gzip;q=0")):
            assert await ground.asked("whole", accepted, (b"if-none-match", tag)) == 304
    ground.known(8)
    assert await ground.asked("whole", gzip_too) is None
