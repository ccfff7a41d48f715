"""What holds for every route and every table."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from shared.settings import SERVICES
from tests.conftest import NewDatabase

OPEN = {
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
PERSONAL = re.compile(
    r"applicant|citizen(?!s_desk)|phone|mobile|e_?mail|address|identity|passport|cccd|cmnd|birth|gender|owner_name|full_?name"
)


def _app(service: str) -> FastAPI:
    app: FastAPI = importlib.import_module(f"services.{service}.app").app
    return app


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_needs_a_key_with_a_scope_except_health(service: str) -> None:
    open_routes = set()
    for route in _routes(_app(service)):
        path = getattr(route, "path", str(route))
        if not isinstance(route, APIRoute) or not any(_demands_scope(one) for one in _needs(route.dependant)):
            open_routes.add(path)
    assert open_routes <= OPEN


@pytest.mark.parametrize("service", SERVICES)
def test_openapi_tells_of_the_key_and_describes_every_route(service: str) -> None:
    described = _app(service).openapi()
    assert described["openapi"].startswith("3.1")
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), f"{method} {path}"
            assert path in OPEN or operation.get("security"), f"{method} {path}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_list_that_goes_on_is_paged_by_a_cursor(service: str) -> None:
    """The feed goes on after a position, previewed dossiers after a number; others are read from the newest on, in part."""
    otherwise = {
        "/v1/feed",
        "/v1/catalogue/{province}/previews/{number}/dossiers",
        "/v1/consistency-checks",
        *(f"/v1/catalogue/{{province}}/{name}" for name in ("redatings", "versions")),
    }
    for path, operations in _app(service).openapi()["paths"].items():
        for operation in operations.values():
            names = {one["name"] for one in operation.get("parameters", ())}
            assert path in otherwise or "limit" not in names or "cursor" in names, path
            assert not names & {"before", "offset", "page", "next"}, path


async def test_no_table_has_a_column_for_anything_personal(new_database: NewDatabase) -> None:
    connection = await asyncpg.connect(await new_database())
    try:
        rows = await connection.fetch(
            "SELECT table_schema || '.' || table_name AS place, column_name FROM information_schema.columns "
            "WHERE table_schema = ANY($1)",
            list(SERVICES),
        )
    finally:
        await connection.close()
    assert len(rows) > 50
    assert not [f"{row['place']}.{row['column_name']}" for row in rows if PERSONAL.search(row["column_name"])]


def _routes(router: Any) -> Iterator[Any]:
    """All routes, those of included routers too: FastAPI keeps them in their own router and prefixes them when asked."""
    for route in router.routes:
        if hasattr(route, "original_router"):
            yield from _routes(route.original_router)
        else:
            yield route


def _needs(dependant: Any) -> list[Any]:
    return [dependant, *(below for one in dependant.dependencies for below in _needs(one))]


def _demands_scope(dependant: Any) -> bool:
    return bool(getattr(dependant.call, "__qualname__", "").startswith(("require.", "national_message", "make_ticket")))
