"""Everything that goes wrong is answered as a problem document (RFC 9457): a stable type, what happened and what to do."""

from __future__ import annotations

from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from shared import logs
from shared.database import PASSING
from shared.errors import Problem, Unavailable

PROBLEM_TYPES = "https://motcua.example/problems/"
"""Prefix of the stable `type` of problems; the slug after it is the contract."""

log = logs.logger("web")

PROBLEM_SCHEMA: dict[str, Any] = {
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


def answer_problems(app: FastAPI) -> None:
    """Have everything that is raised in a route answered as a problem document."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


class Problems:
    """ASGI layer: answers the problems that are raised outside FastAPI's own handlers."""

    def __init__(self, app: Any) -> None:
        """Wraps the layers that raise problems."""
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on; a `Problem` raised before the answer began becomes the answer."""
        try:
            await self._app(scope, receive, send)
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
