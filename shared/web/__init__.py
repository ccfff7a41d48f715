"""What every API of motcua has in common: problem+json, the body guard, health, telemetry and its OpenAPI."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from shared import logs
from shared.access import Access
from shared.database import PASSING, Database
from shared.doorbell import Doorbell
from shared.errors import Problem, Unavailable
from shared.settings import Service, settings
from shared.web.guard import Guard
from shared.web.telemetry import Telemetry

PROBLEM_TYPES = "https://motcua.example/problems/"
"""Prefix of the stable `type` of problems; the slug after it is the contract."""

log = logs.logger("web")

_PROBLEM_SCHEMA = {
    "description": "A problem document (RFC 9457): `detail` says what happened and what to do",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "instance": {"type": "string"},
                },
            }
        }
    },
}


class Api(FastAPI):
    """FastAPI with a front: what it answers passes none of the layers."""

    front: Callable[[Any, Any], Awaitable[bool]] | None = None
    """Given an HTTP request's scope and `send`, says whether it answered; for services that answer repeats from memory."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer by the front, else the whole way."""
        if self.front is None or scope["type"] != "http" or not await self.front(scope, send):
            await super().__call__(scope, receive, send)


def create_app(
    service: Service,
    *,
    title: str,
    description: str,
    ready: Callable[[FastAPI], Awaitable[dict[str, Any]]],
    lifespan: Callable[[Api], AbstractAsyncContextManager[None]] | None = None,
    plan_once: bool = False,
) -> Api:
    """An API with `app.state.database`, `.access` and `.doorbell` ready for its routes.

    `ready` returns what `/readyz` shows when the service can work and raises a `Problem` when it cannot; `lifespan` adds the
    service's own resources after the common ones are there. `plan_once` is said to the `Database`.
    """
    config = settings()
    logs.configure(service, config.log_level)

    @asynccontextmanager
    async def living(app: Api) -> AsyncIterator[None]:
        application = f"motcua-{service}-api"
        database = Database(
            config.database_of(service), size=config.database_pool, application=application, plan_once=plan_once
        )
        app.state.database = database
        app.state.access = Access(database, service, seconds=config.key_seconds)
        app.state.doorbell = Doorbell(config.redis_url)
        # Modules, models and routes stay to the end. A full collection would walk them each time: 40 ms without an answer.
        gc.collect()
        gc.freeze()
        try:
            if lifespan is None:
                yield
            else:
                async with lifespan(app):
                    yield
        finally:
            await app.state.doorbell.close()
            await database.close()

    app = Api(
        title=title,
        description=description,
        version="1",
        lifespan=living,
        openapi_url="/openapi.json",
        docs_url="/docs",
        redoc_url=None,
        responses={"default": _PROBLEM_SCHEMA},
    )
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)
    # The last added is the outermost. The guard raises problems, so it stands inside the layer that answers them.
    app.add_middleware(Problems)
    app.add_middleware(Telemetry, service=service)

    @app.get("/healthz", tags=["health"], summary="The process is alive")
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "service": service}

    @app.get("/readyz", tags=["health"], summary="The service can work: database, migrations, lag")
    async def readyz() -> dict[str, Any]:
        await app.state.database.ping()
        return {"status": "ok", "service": service, **await ready(app)}

    @app.get("/metrics", tags=["health"], summary="For Prometheus", response_class=Response)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app


class Problems:
    """ASGI layer: guards the body, and answers the problems that are raised outside FastAPI's own handlers."""

    def __init__(self, app: Any) -> None:
        """Wraps the application with the body guard."""
        self._guarded = Guard(app, limit=settings().body_limit)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on; a `Problem` raised before the answer began becomes the answer."""
        try:
            await self._guarded(scope, receive, send)
        except Problem as problem:
            await problem_response(problem, scope)(scope, receive, send)


def problem_response(problem: Problem, scope: Any) -> Response:
    """The problem document that answers `problem`."""
    correlation = scope.get("state", {}).get("correlation")
    body = {
        "type": PROBLEM_TYPES + problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **({"instance": f"urn:correlation:{correlation}"} if correlation else {}),
        **problem.members,
    }
    return Response(
        orjson.dumps(body, default=str),
        problem.status,
        headers={"Cache-Control": "no-store", **problem.headers},
        media_type="application/problem+json",
    )


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error, request.scope)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = [
        {"at": ".".join(str(part) for part in one["loc"]), "says": one["msg"], "rule": one["type"]}
        for one in error.errors()[:50]
    ]
    first = places[0] if places else {"at": "request", "says": "unreadable"}
    problem = Problem(f"{first['at']}: {first['says']}.", errors=places)
    return _retyped(problem, 422, "invalid", "The request is not valid", request)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    slug = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, f"http-{error.status_code}")
    problem = Problem(
        f"{request.method} {request.url.path}: {error.detail}. See /docs for what there is.",
        headers=dict(error.headers or {}),
    )
    return _retyped(problem, error.status_code, slug, str(error.detail), request)


async def _unforeseen(request: Request, error: Exception) -> Response:
    if isinstance(error, PASSING) and not isinstance(error, asyncpg.PostgresSyntaxError):
        log.warning("part away", error=type(error).__name__, detail=str(error)[:300])
        away = Unavailable("The database is away for the moment. Try again in a few seconds.", headers={"Retry-After": "2"})
        return problem_response(away, request.scope)
    log.error("unforeseen error", path=request.url.path, exc_info=error)
    return problem_response(
        Problem("This is a fault of ours and was logged. Give the operator the correlation id in 'instance'."),
        request.scope,
    )


def _retyped(problem: Problem, status: int, slug: str, title: str, request: Request) -> Response:
    correlation = request.scope.get("state", {}).get("correlation")
    body = {
        "type": PROBLEM_TYPES + slug,
        "title": title,
        "status": status,
        "detail": problem.detail,
        "instance": f"urn:correlation:{correlation}",
        **problem.members,
    }
    return JSONResponse(body, status, headers=problem.headers, media_type="application/problem+json")
