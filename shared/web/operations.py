"""What an endpoint declares of its operation: type of the response, other media types, problems, examples.

When the return annotation of an endpoint is a `msgspec.Struct`, the response is that struct as JSON with `no-store`. An
endpoint that makes its response itself (stored bytes, 304, tables) declares by `operation(response=...)` what is in it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, TypeVar

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.dependencies.utils import get_typed_return_annotation
from fastapi.routing import APIRoute

from shared.errors import Problem
from shared.web.queries import parameters_of, require_known
from shared.web.responses import json_response
from shared.web.routes import JSON

E = TypeVar("E", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A deprecated operation (RFC 9745 and RFC 8594)."""

    since: datetime
    """From when on, with an offset."""
    sunset: datetime | None = None
    """When it ends, if that is known; with an offset."""
    see: str | None = None
    """Address of a page that states why, and what to use instead."""

    def headers(self) -> dict[str, str]:
        """The headers of each of its answers."""
        found = {"Deprecation": f"@{int(self.since.timestamp())}"}
        if self.sunset is not None:
            found["Sunset"] = format_datetime(self.sunset.astimezone(UTC), usegmt=True)
        if self.see is not None:
            found["Link"] = f'<{self.see}>; rel="deprecation"'
        return found


@dataclass(frozen=True, slots=True)
class Operation:
    """What the documents say of an endpoint beyond its signature."""

    response: Any = None
    """Type of the JSON answer, or a union of structs; None: by the return annotation, or no JSON."""
    media: Sequence[str] = ()
    """Other media types of the answer: tables and files."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of the answer, and what each says."""
    problems: tuple[type[Problem], ...] = ()
    """Problems of its own, besides those that follow from key, parameters and body."""
    example: Any = None
    """An answer as it may come, with its nulls."""
    body: Any = None
    """Type of the JSON body, where the endpoint reads the bytes itself; a tuple: one of these."""
    body_media: Mapping[str, str] = field(default_factory=dict)
    """Other media types of the body, and what is in each: tables and files."""
    body_example: Any = None
    """A JSON body as it may come."""
    body_examples: Mapping[str, object] = field(default_factory=dict)
    """Several of them, by a few words on each."""
    unchanged: bool = False
    """It has an ETag, and answers 304 to a client that has it already."""
    deprecated: Deprecated | None = None
    """It is to be left: its answers say since when, until when, and what to read."""
    open_query: bool = False
    """Undeclared query parameters are ignored: the format of its senders is not ours."""
    events: Mapping[str, type[msgspec.Struct]] = field(default_factory=dict)
    """Of a stream of server-sent events: the type of `data` by the name of the event."""


def operation(**declared: Any) -> Callable[[E], E]:
    """Declares an `Operation` on an endpoint; the words are those of its fields."""

    def mark(endpoint: E) -> E:
        endpoint.operation = Operation(**declared)  # type: ignore[attr-defined]
        return endpoint

    return mark


def operation_of(endpoint: Any) -> Operation:
    """What was declared on an endpoint."""
    declared: Operation = getattr(endpoint, "operation", None) or Operation()
    return declared


def headers_of(endpoint: Any) -> dict[str, str]:
    """The headers of all answers of an endpoint: those that say that it is deprecated."""
    deprecated = operation_of(endpoint).deprecated
    return deprecated.headers() if deprecated is not None else {}


class TypedRoute(APIRoute):
    """A route that answers structs as JSON, and refuses parameters of the query that it does not declare."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """`options` are those of FastAPI."""
        response = get_typed_return_annotation(endpoint)
        if isinstance(response, type) and issubclass(response, msgspec.Struct):
            options["response_model"] = None
            endpoint = _encoding(endpoint, response, options.get("status_code") or 200)
        declared = operation_of(endpoint)
        taken = [*([JSON] if declared.body is not None else []), *declared.body_media]
        if taken:
            options["openapi_extra"] = {"requestBody": {"required": True, "content": {media: {} for media in taken}}}
        if declared.deprecated is not None:
            options["deprecated"] = True
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own, behind the check of the query."""
        handle = super().get_route_handler()
        if operation_of(self.endpoint).open_query:
            return handle
        known = parameters_of(self.dependant)
        told = headers_of(self.endpoint)

        async def strict(request: Request) -> Response:
            require_known(request.query_params, known)
            response = await handle(request)
            response.headers.update(told)
            return response

        return strict


def _encoding(endpoint: Callable[..., Any], response: type[msgspec.Struct], status: int) -> Callable[..., Any]:
    @functools.wraps(endpoint)
    async def respond(*args: Any, **values: Any) -> Response:
        return json_response(await endpoint(*args, **values), status=status)

    respond.response_type = response  # type: ignore[attr-defined]
    return respond


class Router(APIRouter):
    """Routes of one capability under `/v1`: their answers are typed, and their names are the ids of operations."""

    def __init__(self, tag: str, *, under: str = "") -> None:
        """`tag` groups them in the documents; their paths begin with `/v1` and `under`."""
        super().__init__(
            prefix="/v1" + under, tags=[tag], route_class=TypedRoute, generate_unique_id_function=lambda route: str(route.name)
        )
