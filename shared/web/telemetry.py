"""What Prometheus reads of every service, and the correlation id that runs from request through queue to job."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram

from shared.logs import logger

log = logger("web")

REQUESTS = Counter("motcua_requests_total", "Requests answered", ["service", "route", "method", "status"])
SECONDS = Histogram(
    "motcua_request_seconds",
    "Time to the end of the answer",
    ["service", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)

_PLAIN = re.compile(rb"[A-Za-z0-9_.:-]{8,64}")


class Telemetry:
    """ASGI layer: takes or gives a correlation id, counts and times the answer under its route's template."""

    def __init__(self, app: Any, *, service: str) -> None:
        """`service` labels all series."""
        self._app = app
        self._service = service
        # Looking up labelled children costs more than counting; routes are few.
        self._children: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        given = next((value for name, value in scope["headers"] if name == b"x-correlation-id"), b"")
        correlation = given if _PLAIN.fullmatch(given) else uuid4().hex.encode()
        scope.setdefault("state", {})["correlation"] = correlation.decode()
        status = 500

        async def out(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (b"x-correlation-id", correlation)]}
            await send(message)

        token = structlog.contextvars.bind_contextvars(correlation=correlation.decode())
        try:
            await self._app(scope, receive, out)
        finally:
            structlog.contextvars.reset_contextvars(**token)
            route = getattr(scope.get("route"), "path", None) or "unmatched"
            key = (route, scope["method"], status)
            child = self._children.get(key)
            if child is None:
                method = scope["method"] if scope["method"] in _METHODS else "other"
                child = self._children[key] = (
                    REQUESTS.labels(self._service, route, method, str(status)),
                    SECONDS.labels(self._service, route),
                )
            child[0].inc()
            child[1].observe(time.perf_counter() - started)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
