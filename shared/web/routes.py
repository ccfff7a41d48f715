"""The routes of an application with what the layers before FastAPI need of them: body, scopes, query parameters."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from shared.web.queries import parameters_of

JSON = "application/json"
ANY = "*/*"
"""In the media types of a route: any."""
KEYLESS = frozenset(
    {
        "/",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/docs",
        "/docs/{name}",
        "/problems",
        "/problems/{slug}",
        "/v/{code}",
    }
)
"""Routes that are answered without a key."""

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class BodySpec:
    """What body a route accepts; the defaults are those of a route whose body is a model."""

    media_types: frozenset[str] = frozenset({JSON})
    """As its OpenAPI documents them."""
    limit: int | None = 1024 * 1024
    """Bytes; None: as much as this process holds (`BODY_LIMIT`)."""
    tokens: int = 20_000
    """Values and brackets of JSON, see `shared.jsontext`: a model that refuses them makes an error of each."""
    apart: bool = False
    """The route checks its records one by one, for U+0000 and numbers out of range too."""
    streamed: bool = False
    """The route reads the body as it arrives: its bytes are counted and timed, but not checked."""
    introduced: Callable[[Any, bytes], Awaitable[bool | None]] | None = None
    """For a route whose sender stands in its body: given the scope and the body's beginning, whether the sender is known; None
    while the beginning does not tell. Without a key in a header at most `UNKNOWN` bytes are read until it says yes."""


UNKNOWN = 1024 * 1024
INTRODUCTION = 4 * 1024
"""Bytes of a body that are read of anyone, where a route learns its sender from the body."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route by its template."""

    path: str
    body: BodySpec | None = None
    keyless: bool = False
    long_lived: bool = False
    """Its response lasts as long as the client stays, as an event stream does."""
    scopes: tuple[str, ...] = ()
    """One of them is enough."""
    parameters: Mapping[str, bool] | None = None
    """Query parameters that it declares, and whether each may be repeated; None: it takes any."""


class Routes:
    """The routes of an application, by method and path."""

    def __init__(self, app: FastAPI) -> None:
        """Of `app`; they are read when the first request comes, since routers are added after the layers."""
        self._app = app
        self._plain: dict[tuple[str, str], Route] = {}
        self._patterns: dict[str, list[tuple[re.Pattern[str], Route]]] = {}

    def _read(self) -> None:
        for one in iter_route_contexts(self._app.routes):
            dependant = getattr(one, "dependant", None)
            is_open = getattr(getattr(one.endpoint, "operation", None), "open_query", False)
            route = Route(
                str(one.path_format),
                _body_of(one),
                one.path_format in KEYLESS,
                getattr(one.endpoint, "long_lived", False),
                scopes_of(dependant),
                None if dependant is None or is_open else parameters_of(dependant),
            )
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

    def methods_at(self, scope: Any) -> tuple[str, ...]:
        """The methods of a request's address, with those that every address has; none where nothing is."""
        if not self._plain:
            self._read()
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        found = {method for method, plain in self._plain if plain == path}
        found |= {method for method, patterns in self._patterns.items() if any(pattern.match(path) for pattern, _ in patterns)}
        return tuple(sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set()))) if found else ()

    def below(self, path: str) -> list[Route]:
        """The routes that read what may stand below a path without a slash at its end."""
        if not self._plain:
            self._read()
        parts = path.split("/")
        routes = [route for (method, _), route in self._plain.items() if method == "GET"]
        routes += [route for _, route in self._patterns.get("GET", ())]
        return [
            route
            for route in routes
            if len(own := route.path.split("/")) > len(parts)
            and all(one in (part, "") or one.startswith("{") for one, part in zip(own, parts, strict=False))
        ]


def scopes_of(dependant: Any) -> tuple[str, ...]:
    """The scopes of the key check that a route depends on; one of them is enough."""
    for one in dependant.dependencies if dependant is not None else ():
        scopes = getattr(one.call, "scopes", None) or scopes_of(one)
        if scopes:
            return tuple(scopes)
    return ()


def is_long_lived(scope: Any) -> bool:
    """Whether the route of a request answers for as long as its client stays; FastAPI's own says so by its endpoint."""
    route = scope.get("route")
    return bool(getattr(route, "long_lived", getattr(getattr(route, "endpoint", None), "long_lived", False)))


def template_of(scope: Any) -> str:
    """The template of the route that a request is for; `unmatched` when there is none."""
    return str(getattr(scope.get("route"), "path", None) or "unmatched")


def accepts(
    *,
    limit: int | None = 1024 * 1024,
    tokens: int = 20_000,
    apart: bool = False,
    streamed: bool = False,
    introduced: Callable[[Any, bytes], Awaitable[bool | None]] | None = None,
) -> Callable[[F], F]:
    """Declares the `BodySpec` of an endpoint whose body is not a model; the parameters are its fields."""

    def mark(endpoint: F) -> F:
        endpoint.accepts = BodySpec(  # type: ignore[attr-defined]
            limit=limit, tokens=tokens, apart=apart, streamed=streamed, introduced=introduced
        )
        return endpoint

    return mark


def long_lived(endpoint: F) -> F:
    """Declares that the response of an endpoint lasts as long as its client stays."""
    endpoint.long_lived = True  # type: ignore[attr-defined]
    return endpoint


def _body_of(route: Any) -> BodySpec | None:
    documented = (getattr(route, "openapi_extra", None) or {}).get("requestBody")
    if documented is None and getattr(route, "body_field", None) is None:
        return None
    declared: BodySpec = getattr(route.endpoint, "accepts", BodySpec())
    return replace(declared, media_types=frozenset(documented["content"])) if documented else declared
