"""Everything that goes wrong is answered as a problem document (RFC 9457): a stable type, what happened and what to do."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared import logs
from shared.database import unavailability
from shared.errors import FieldError, Invalid, MethodNotAllowed, NotFound, Problem, ValidationDetails
from shared.web.responses import NOT_STORED
from shared.web.routes import template_of
from shared.web.validation import field_errors

PROBLEM_TYPES = "/problems/"
"""Prefix of the stable `type` of problems, an address at the same service; the slug after it is the contract."""

log = logs.logger("web")

PROBLEM_JSON = "application/problem+json"


class ProblemDocument(msgspec.Struct, frozen=True):
    """What is said of every problem; members of its own kind follow."""

    type: str
    """An address that stays the same and stands for the kind of problem; its page explains it."""
    title: str
    """The kind in a few words."""
    status: int
    """The HTTP status once more."""
    detail: str
    """What happened here and what to do about it."""
    instance: str | msgspec.UnsetType = msgspec.UNSET
    """The request, as a URN with its correlation id: give it to the operator."""


def install_problem_handlers(app: FastAPI) -> None:
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


def problem_document(problem: Problem, correlation: str | None) -> bytes:
    """What is said of `problem`, as JSON."""
    document = ProblemDocument(
        PROBLEM_TYPES + problem.type,
        problem.title,
        problem.status,
        problem.detail,
        f"urn:correlation:{correlation}" if correlation else msgspec.UNSET,
    )
    members = {} if problem.members is None else msgspec.to_builtins(problem.members)
    return msgspec.json.encode({**msgspec.to_builtins(document), **members})


def problem_response(problem: Problem, scope: Any) -> Response:
    """The problem document that answers `problem`."""
    state = scope.setdefault("state", {})
    state["problem"] = problem.type
    document = problem_document(problem, state.get("correlation"))
    return Response(document, problem.status, {**NOT_STORED, **problem.headers}, PROBLEM_JSON)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error, request.scope)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    taken = getattr(request.scope.get("route"), "body_field", None)
    faults = field_errors(error.errors(), taken.field_info.annotation if taken is not None else None)
    first = faults[0] if faults else FieldError("request", "unreadable", "unreadable")
    return problem_response(
        Invalid(f"{first.at}: {first.message.rstrip('.')}.", members=ValidationDetails(errors=faults)), request.scope
    )


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = f"{request.method} {request.url.path}: {error.detail}. See /docs for what there is."
    return problem_response(_kind(error.status_code)(detail, headers=dict(error.headers or {})), request.scope)


@cache
def _kind(status: int) -> type[Problem]:
    """The kind of what FastAPI itself refuses."""
    known = next((kind for kind in (NotFound, MethodNotAllowed) if kind.status == status), None)
    of_status = {"status": status, "type": f"http-{status}", "title": HTTPStatus(status).phrase}
    return known or type(f"Http{status}", (Problem,), of_status)


def _unforeseen(error: Exception, scope: Any) -> Response:
    problem = unavailability(error)
    if problem is not None:
        log.warning("part away", error=type(error).__name__, detail=str(error)[:300])
        return problem_response(problem, scope)
    log.error("unforeseen error", route=template_of(scope), exc_info=error)
    return problem_response(
        Problem("This is a fault of ours and was logged. Give the operator the correlation id in 'instance'."), scope
    )
