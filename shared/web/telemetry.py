"""What Prometheus reads of every service, and the correlation id that runs from request through queue to job.

Requests are tallied in plain integers and become series only when Prometheus asks: a labelled counter and a histogram of the
client library cost more than all else that is done to answer a repeat.
"""

from __future__ import annotations

import re
import secrets
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate, count
from typing import Any

import structlog
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric

from shared.access.principals import Principal
from shared.logs import logger
from shared.web.routes import Routes, is_long_lived, template_of

log = logger("web")

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
"""Seconds: the upper bounds of the histogram's buckets, each inside its bucket."""

REFUSALS = frozenset({400, 401, 403, 408, 413, 415, 429, 503})
"""Statuses of answers that are logged here. What was mistyped or looked for in vain is not; a fault of ours is elsewhere."""
READINESS = "/readyz"
"""Its 503 says that a service cannot work; that is no failure of an answer."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PLAIN = re.compile(rb"[A-Za-z0-9_.:-]{8,64}")
_BEGINNING = secrets.token_hex(8).encode()
_numbers = count(1)


def correlation_of(given: bytes | None) -> bytes:
    """The id under which a request is logged: the one that its client gave, when it is plain, else a new one.

    A new one is the process's own random beginning and a number: as unique as a UUID, at a tenth of the price.
    """
    if given is not None and _PLAIN.fullmatch(given):
        return given
    return b"%b%08x" % (_BEGINNING, next(_numbers))


def log_refusal(scope: Any, status: int) -> None:
    """Who was refused what and why; nothing of the address, the headers or the body beyond that."""
    state = scope["state"]
    principal: Principal | None = state.get("principal")
    log.info(
        "refused",
        key=principal.key_id if principal else None,
        method=scope["method"],
        route=template_of(scope),
        status=status,
        type=state.get("problem"),
    )


class LatencyHistogram:
    """How many answers of one route, method and status there were, and how long they took."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        """None so far."""
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count an answer that took so long."""
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


class LatencyHistograms:
    """The tallies of one process, as Prometheus reads them."""

    def __init__(self) -> None:
        """Empty."""
        self._services: set[str] = set()
        self._tallies: dict[tuple[str, str, str, int], LatencyHistogram] = {}

    def begin(self, service: str) -> None:
        """Export the failures of a service from 0 on: a counter that is born at 1 hides the first."""
        self._services.add(service)

    def of(self, service: str, route: str, method: str, status: int) -> LatencyHistogram:
        """The tally of a route's template, made when it is first asked for."""
        key = (service, route, method if method in _METHODS else "other", status)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = LatencyHistogram()
        return tally

    def collect(self) -> Iterator[Metric]:
        """`motcua_requests_total`, `motcua_request_failures_total` and `motcua_request_seconds`."""
        requests = CounterMetricFamily("motcua_requests", "Requests answered", labels=["service", "route", "method", "status"])
        failures = dict.fromkeys(self._services, 0)
        routes: dict[tuple[str, str], list[LatencyHistogram]] = defaultdict(list)
        for (service, route, method, status), tally in self._tallies.items():
            requests.add_metric([service, route, method, str(status)], sum(tally.buckets))
            routes[service, route].append(tally)
            if status >= 500 and route != READINESS:
                failures[service] = failures.get(service, 0) + sum(tally.buckets)
        yield requests
        failed = CounterMetricFamily(
            "motcua_request_failures", "Requests answered with 5xx, without questions about readiness", labels=["service"]
        )
        for service, number in failures.items():
            failed.add_metric([service], number)
        yield failed
        seconds = HistogramMetricFamily(
            "motcua_request_seconds",
            "Time to the end of the answer; of an event stream, to its beginning",
            labels=["service", "route"],
        )
        names = [*(str(float(bound)) for bound in BOUNDS), "+Inf"]
        for labels, tallies in routes.items():
            upto = accumulate(map(sum, zip(*(tally.buckets for tally in tallies), strict=True)))
            seconds.add_metric(labels, list(zip(names, upto, strict=True)), sum(tally.seconds for tally in tallies))
        yield seconds


LATENCIES = LatencyHistograms()
REGISTRY.register(LATENCIES)


class Telemetry:
    """ASGI layer: takes or gives a correlation id, counts and times the answer under its route's template."""

    def __init__(self, app: Any, *, service: str, routes: Routes) -> None:
        """`service` labels all series; `routes` are the application's."""
        self._app = app
        self._service = service
        self._routes = routes
        LATENCIES.begin(service)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        correlation = correlation_of(next((value for name, value in scope["headers"] if name == b"x-correlation-id"), None))
        scope.setdefault("state", {})["correlation"] = correlation.decode()
        scope["route"] = self._routes.find(scope)  # FastAPI puts its own in its place
        status, begun = 500, 0.0

        async def out(message: Any) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                begun = time.perf_counter()
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (b"x-correlation-id", correlation)]}
            await send(message)

        token = structlog.contextvars.bind_contextvars(correlation_id=correlation.decode())
        try:
            await self._app(scope, receive, out)
        finally:
            if status in REFUSALS or "refused" in scope["state"]:
                log_refusal(scope, status)
            structlog.contextvars.reset_contextvars(**token)
            ended = begun if begun and is_long_lived(scope) else time.perf_counter()
            LATENCIES.of(self._service, template_of(scope), scope["method"], status).add(ended - started)
