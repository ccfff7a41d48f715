"""Cached responses as they are sent: before FastAPI where the cache has them, and by routes that put them there."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from services.metrics.polling.cache import (
    BodyMessage,
    Cache,
    CachedResponse,
    Key,
    Representation,
    etag_of,
    key_for,
    newest_seen,
)
from shared.access.principals import Access, key_of
from shared.web.compression import accepts_gzip, compressible
from shared.web.responses import has_tag, tag_headers
from shared.web.routes import template_of
from shared.web.telemetry import LATENCIES, correlation_of

SCOPE = "figures:read"


class CachedResponses:
    """The fast path before FastAPI: sends repeated requests their cached response, with a correlation id and a latency."""

    def __init__(self, cache: Cache, access: Access) -> None:
        """`access` knows the API keys that were checked a moment ago."""
        self._cache, self._access = cache, access

    async def __call__(self, scope: Any, send: Any) -> bool:
        """Send the cached response if there is one and the client has seen no newer state; returns whether it was sent."""
        if scope["method"] != "GET":
            return False
        began = time.monotonic()
        headers = dict(scope["headers"])
        if b"x-api-key" in headers and b"authorization" in headers:
            return False  # whether they are the same key is checked by the layers behind
        given = key_of(headers)
        principal = self._access.remembered(given, began) if given is not None else None
        if principal is None or SCOPE not in principal.scopes:
            return False
        found = self._cache.find(key_for(scope, headers, principal), began)
        if (
            found is None
            # Requests with a body or a repeated header are judged by the layers that check them.
            or len(headers) != len(scope["headers"])
            or b"content-length" in headers
            or b"transfer-encoding" in headers
        ):
            return False
        form = found.compressed if accepts_gzip(headers) else found.plain
        if form is None:
            return False
        seen = headers.get(b"if-none-match")
        unchanged = seen == form.etag
        if seen is not None and not unchanged:
            if newest_seen(seen) > found.revision:
                return False
            unchanged = has_tag(scope, form.etag)
        correlation = (b"x-correlation-id", correlation_of(headers.get(b"x-correlation-id")))
        if unchanged:
            given_headers = [*form.not_modified_headers, correlation]
            await send({"type": "http.response.start", "status": 304, "headers": given_headers})
            await send(_NOTHING)
        else:
            await send({"type": "http.response.start", "status": 200, "headers": [*form.headers, correlation]})
            await send(form.body)
        found.tallies[unchanged].add(time.monotonic() - began)
        return True


_NOTHING: BodyMessage = {"type": "http.response.body", "body": b""}


def respond(request: Request, form: Representation) -> Response:
    """The response, or 304 when the client has it."""
    unchanged = has_tag(request.scope, form.etag)
    response = Response(status_code=304) if unchanged else Response(form.body["body"])
    response.raw_headers = list(form.not_modified_headers if unchanged else form.headers)
    return response


def cacheable(
    request: Request,
    key: Key,
    *,
    province: str,
    position: int,
    revision: int,
    fingerprint: str,
    body: bytes,
    media_type: str,
    headers: Mapping[str, str],
) -> CachedResponse:
    """A response with its ETag, as it is stored and sent; `headers`: its own, besides those of every cached response."""
    etag = etag_of(key, position, revision, fingerprint)
    common = {**tag_headers(etag), **headers}
    route = template_of(request.scope)
    plain = Representation(
        etag.encode(),
        Response(body, headers=common, media_type=media_type).raw_headers,
        Response(status_code=304, headers=common).raw_headers,
        {"type": "http.response.body", "body": body},
    )
    return CachedResponse(
        province,
        revision,
        fingerprint,
        plain,
        None if compressible(media_type.encode(), len(body)) else plain,
        (LATENCIES.of("metrics", route, "GET", 200), LATENCIES.of("metrics", route, "GET", 304)),
    )
