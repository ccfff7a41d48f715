"""Which pages of other origins may call an API from a browser (the Fetch standard's CORS protocol).

Keys travel in headers that a page's script sets, never in cookies: credentials in the sense of CORS are not allowed, so a page
reaches no further than the key that it was given.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.middleware.cors import CORSMiddleware

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
REQUEST_HEADERS = ("Authorization", "X-API-Key", "Content-Type", "If-None-Match", "Idempotency-Key", "X-Correlation-Id")
"""Headers of requests that a page may set, beside those that every page may."""
EXPOSED = (
    "ETag",
    "X-Correlation-Id",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Location",
    "Content-Disposition",
    "Link",
    "Deprecation",
    "Sunset",
)
"""Headers of answers that a page may read, beside those that every page may."""
PREFLIGHT_SECONDS = 600
"""For how long a browser need not ask again."""


def with_cors(app: Any, origins: Collection[str]) -> Any:
    """`app` for pages of these origins too: preflights are answered before it, and its answers say who may read them."""
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=tuple(origins),
        allow_methods=METHODS,
        allow_headers=REQUEST_HEADERS,
        expose_headers=EXPOSED,
        max_age=PREFLIGHT_SECONDS,
    )
