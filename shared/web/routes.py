"""What each route says of the body that it takes, looked up before FastAPI: the layers outside need it first."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

JSON = "application/json"
ANY = "*/*"
"""In a route's documented media types: whatever the sender calls it."""
KEYLESS = frozenset({"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/oauth2-redirect"})
"""Routes that are answered without a key."""

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Body:
    """What a route takes; the defaults are those of a route whose body is a model."""

    media_types: frozenset[str] = frozenset({JSON})
    """As its OpenAPI documents them."""
    limit: int | None = 1024 * 1024
    """Bytes; None: as much as this process holds (`BODY_LIMIT`)."""
    tokens: int = 20_000
    """Values and brackets of JSON, see `shared.jsontext`: a model that refuses them makes an error of each."""
    apart: bool = False
    """The route judges its records one by one: U+0000 and numbers out of range are left to it."""
    streamed: bool = False
    """The route reads the body as it arrives; it is counted and timed, and neither held nor checked."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route by its template."""

    path: str
    body: Body | None = None
    keyless: bool = False


class Routes:
    """The routes of an application, by method and path."""

    def __init__(self, app: FastAPI) -> None:
        """Of `app`; they are read when the first request comes, since routers are added after the layers."""
        self._app = app
        self._plain: dict[tuple[str, str], Route] = {}
        self._patterns: dict[str, list[tuple[re.Pattern[str], Route]]] = {}

    def _read(self) -> None:
        for one in iter_route_contexts(self._app.routes):
            route = Route(str(one.path_format), _body_of(one), one.path_format in KEYLESS)
            for method in one.methods or ():
                if "{" in route.path:
                    self._patterns.setdefault(method, []).append((one.path_regex, route))
                else:
                    self._plain.setdefault((method, route.path), route)

    def find(self, scope: Any) -> Route | None:
        """The route that will answer, None when none will."""
        if not self._plain:
            self._read()
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        method = scope["method"]
        found = self._plain.get((method, path))
        if found is None:
            found = next((route for pattern, route in self._patterns.get(method, ()) if pattern.match(path)), None)
        return found


def takes(
    *, limit: int | None = 1024 * 1024, tokens: int = 20_000, apart: bool = False, streamed: bool = False
) -> Callable[[F], F]:
    """Declares on an endpoint what body it takes where that is not what a model takes; the words are those of `Body`."""

    def mark(endpoint: F) -> F:
        endpoint.takes = Body(limit=limit, tokens=tokens, apart=apart, streamed=streamed)  # type: ignore[attr-defined]
        return endpoint

    return mark


def _body_of(route: Any) -> Body | None:
    documented = (getattr(route, "openapi_extra", None) or {}).get("requestBody")
    if documented is None and getattr(route, "body_field", None) is None:
        return None
    declared: Body = getattr(route.endpoint, "takes", Body())
    return replace(declared, media_types=frozenset(documented["content"])) if documented else declared
