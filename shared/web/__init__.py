"""What every API of motcua has in common: problem+json, the body guard, health, telemetry and its OpenAPI."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Literal

import msgspec
from fastapi import FastAPI
from fastapi.dependencies.utils import get_typed_return_annotation
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared import logs
from shared.access.principals import Access
from shared.database import Database
from shared.heartbeat import WorkerSilent, update_gauge
from shared.notifications import Notifier
from shared.settings import Plans, Service, Settings, settings
from shared.web import tickets
from shared.web.authentication import Authentication
from shared.web.compression import Compression
from shared.web.cors import with_cors
from shared.web.guard import Guard
from shared.web.load_limit import LoadLimit
from shared.web.methods import Methods, respond_to_head
from shared.web.openapi import describe
from shared.web.operations import TypedRoute, operation, operation_of
from shared.web.problems import Problems, install_problem_handlers
from shared.web.routes import JSON, Routes
from shared.web.schemas import Json
from shared.web.site import site
from shared.web.telemetry import Telemetry
from shared.web.tickets import Tickets


class Alive(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["ok"] = "ok"
    """Anything else is a problem document."""
    service: Service
    """Which of the three it is."""


class Ready(Alive, frozen=True, kw_only=True):
    """The service can work; its own kind says more."""


class Api(FastAPI):
    """FastAPI with CORS, HEAD, and a fast path that may respond before all layers."""

    def __init__(self, *, origins: Collection[str], **options: Any) -> None:
        """`origins` are those whose pages may call it; `options` are those of FastAPI."""
        super().__init__(**options)
        self._opened = with_cors(self._respond, origins)

    fast_path: Callable[[Any, Any], Awaitable[bool]] | None = None
    """Called with the scope and `send` of an HTTP request; returns whether it responded, as from a cache in memory."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Respond; HEAD gets the response of GET without its body."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            await respond_to_head(self._opened, scope, receive, send)
        else:
            await self._opened(scope, receive, send)

    async def _respond(self, scope: Any, receive: Any, send: Any) -> None:
        """Respond by the fast path, else through all layers."""
        if self.fast_path is None or scope["type"] != "http" or not await self.fast_path(scope, send):
            await super().__call__(scope, receive, send)


def create_app(
    service: Service,
    *,
    title: str,
    description: str,
    tags: Mapping[str, str],
    ready: Callable[[FastAPI], Coroutine[Any, Any, Ready]],
    lifespan: Callable[[Api], AbstractAsyncContextManager[None]] | None = None,
    plans: Plans = "by cost",
    schemas: Mapping[str, Json] | None = None,
) -> Api:
    """An API with `app.state.database`, `.access` and `.notifier` ready for its routes.

    `ready` returns what `/readyz` shows when the service can work and raises a `Problem` when it cannot; its own kinds it
    declares by `operation`. `lifespan` adds the service's own resources after the common ones are there. `plans` is passed to
    the `Database`.
    """
    config = settings()
    logs.configure(service, config.log_level)

    @asynccontextmanager
    async def living(app: Api) -> AsyncIterator[None]:
        application = f"motcua-{service}-api"
        database = Database(config.database_of(service), size=config.database_pool, application=application, plans=plans)
        app.state.database = database
        app.state.access = Access(database, service, seconds=config.key_seconds)
        app.state.notifier = Notifier(config.redis_url)
        # Modules, models and routes stay to the end. A full collection would walk them each time: 40 ms without an answer.
        gc.collect()
        gc.freeze()
        watching = asyncio.create_task(update_gauge(database, service))
        try:
            if lifespan is None:
                yield
            else:
                async with lifespan(app):
                    yield
        finally:
            watching.cancel()
            await app.state.notifier.close()
            await database.close()

    app = Api(
        origins=config.allowed_origins,
        title=title,
        description=description,
        version="1",
        lifespan=living,
        openapi_url=None,  # written anew for each request: see `shared.web.site`
        docs_url=None,  # its files would come from a CDN: see `shared.web.site`
        redirect_slashes=False,  # it would send the caller to whatever host it named itself
        redoc_url=None,
    )
    routes = app.state.routes = Routes(app)
    app.state.tickets = Tickets(service, config.session_secret.get_secret_value(), config.ticket_seconds)
    describe(
        app,
        tags={
            **tags,
            "tickets": "What opens one address where no header can be sent",
            "problems": "What each kind of problem means and what to do",
            "health": "Whether the service is alive and can work",
        },
        origin=str(Settings.model_fields[f"{service}_url"].default),
        schemas=schemas,
    )
    install_problem_handlers(app)
    # The last added is the outermost: what costs least comes first, and all that raise problems stand inside what answers them.
    app.add_middleware(Guard, limit=config.body_limit, together=config.bodies_limit, idle_seconds=config.body_idle_seconds)
    app.add_middleware(Methods, routes=routes)
    app.add_middleware(LoadLimit, max_requests=config.max_requests)
    app.add_middleware(Authentication, tickets=app.state.tickets)
    app.add_middleware(Problems)
    app.add_middleware(Compression)
    app.add_middleware(Telemetry, service=service, routes=routes)

    app.router.route_class = TypedRoute

    app.include_router(site(app, service))
    app.include_router(tickets.router)

    @app.get("/healthz", tags=["health"], summary="The process is alive")
    async def healthz() -> Alive:
        """Answers as long as the process does; says nothing of what it needs."""
        return Alive(service=service)

    @app.get("/readyz", tags=["health"], summary="The service can work: database, migrations, worker", response_class=Response)
    @operation(response=get_typed_return_annotation(ready), problems=(WorkerSilent, *operation_of(ready).problems))
    async def readyz() -> Response:
        """200 when requests can be answered, else a problem that says which part is away."""
        await app.state.database.ping()
        return Response(msgspec.json.encode(await ready(app)), media_type=JSON)

    @app.get("/metrics", tags=["health"], summary="For Prometheus", response_class=Response)
    async def metrics() -> Response:
        """The text format of Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app
