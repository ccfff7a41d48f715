"""Everything that goes wrong is answered as a problem document (RFC 9457): a stable type, what happened and what to do."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared import logs
from shared.database import unavailability
from shared.errors import Problem
from shared.web.answers import NOT_STORED
from shared.web.routes import template_of

PROBLEM_TYPES = "https://motcua.example/problems/"
"""Prefix of the stable `type` of problems; the slug after it is the contract."""

log = logs.logger("web")

PROBLEM_SCHEMA: dict[str, object] = {
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


class Problems:
    """ASGI layer: answers what is raised outside FastAPI's own handlers, and what nobody foresaw.

    Starlette answers the latter outside all layers, where the correlation id is gone, and raises it once more for the server.
    """

    def __init__(self, app: Any) -> None:
        """Wraps the layers that raise problems."""
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on; what is raised before the answer began becomes the answer, later it cuts the answer off."""
        begun = False

        async def out(message: Any) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, out)
        except Problem as problem:
            answer = problem_response(problem, scope)
        except ClientDisconnect:
            return
        except Exception as error:
            if scope["type"] != "http":
                raise
            answer = _unforeseen(error, scope)
        else:
            return
        if not begun:
            await answer(scope, receive, send)


def problem_document(problem: Problem, correlation: str | None) -> dict[str, object]:
    """What is said of `problem`."""
    return {
        "type": PROBLEM_TYPES + problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **({"instance": f"urn:correlation:{correlation}"} if correlation else {}),
        **problem.members,
    }


def problem_response(problem: Problem, scope: Any) -> Response:
    """The problem document that answers `problem`."""
    state = scope.setdefault("state", {})
    state["problem"] = problem.type
    return Response(
        orjson.dumps(problem_document(problem, state.get("correlation")), default=str),
        problem.status,
        headers={**NOT_STORED, **problem.headers},
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


def _unforeseen(error: Exception, scope: Any) -> Response:
    problem = unavailability(error)
    if problem is not None:
        log.warning("part away", error=type(error).__name__, detail=str(error)[:300])
        return problem_response(problem, scope)
    log.error("unforeseen error", route=template_of(scope), exc_info=error)
    return problem_response(
        Problem("This is a fault of ours and was logged. Give the operator the correlation id in 'instance'."), scope
    )


def _retyped(problem: Problem, status: int, slug: str, title: str, request: Request) -> Response:
    state = request.scope.setdefault("state", {})
    state["problem"] = slug
    body = {
        "type": PROBLEM_TYPES + slug,
        "title": title,
        "status": status,
        "detail": problem.detail,
        "instance": f"urn:correlation:{state.get('correlation')}",
        **problem.members,
    }
    return JSONResponse(body, status, headers=problem.headers, media_type="application/problem+json")
