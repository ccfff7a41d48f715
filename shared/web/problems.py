"""Every error is sent as a problem document (RFC 9457): a stable type, what happened and what to do, in two languages."""

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
from shared.errors import Invalid, MethodNotAllowed, NotFound, Problem
from shared.languages import Bilingual, Language, bilingual
from shared.model_errors import field_errors
from shared.web.formats import language_of
from shared.web.responses import NOT_STORED, in_language
from shared.web.routes import template_of

PROBLEM_TYPES = "/problems/"
"""Prefix of the stable `type` of problems, an address at the same service; the slug after it is the contract."""

log = logs.logger("web")

PROBLEM_JSON = "application/problem+json"


class ProblemDocument(msgspec.Struct, frozen=True):
    """The members that every problem has; those of its own kind follow."""

    type: str
    """An address that stays the same and stands for the kind of problem; its page explains it."""
    title: str
    """The kind in a few words, in Vietnamese or English by `Accept-Language`."""
    status: int
    """The HTTP status once more."""
    detail: str
    """What happened here and what to do about it, in the same language where it has one."""
    instance: str | msgspec.UnsetType = msgspec.UNSET
    """The request, as a URN with its correlation id: give it to the operator."""


def install_problem_handlers(app: FastAPI) -> None:
    """Send problem documents for problems, validation errors and HTTP errors that routes raise."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


class Problems:
    """ASGI layer: sends problem documents for problems that the layers within raise, and for unexpected exceptions.

    Starlette handles the latter outside all layers, where the correlation id is gone, and raises it once more for the server.
    """

    def __init__(self, app: Any) -> None:
        """Wraps the layers that raise problems."""
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on; an exception before the response began becomes a response, a later one cuts the response off."""
        begun = False

        async def out(message: Any) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, out)
        except Problem as problem:
            response = problem_response(problem, scope)
        except ClientDisconnect:
            return
        except Exception as error:
            if scope["type"] != "http":
                raise
            response = _unexpected(error, scope)
        else:
            return
        if not begun:
            await response(scope, receive, send)


def problem_document(problem: Problem, correlation: str | None, language: Language = "en") -> bytes:
    """The JSON of `problem` in a language; its detail is in English where the problem has no other."""
    vietnamese = language == "vi"
    document = ProblemDocument(
        PROBLEM_TYPES + problem.type,
        problem.guidance.title_vi if vietnamese else problem.title,
        problem.status,
        problem.text.in_language(language),
        f"urn:correlation:{correlation}" if correlation else msgspec.UNSET,
    )
    given = problem.members_vi if vietnamese else problem.members
    members = {} if given is None else msgspec.to_builtins(given)
    return msgspec.json.encode({**msgspec.to_builtins(document), **members})


def problem_response(problem: Problem, scope: Any) -> Response:
    """The response to a request that ended in `problem`, in the language that `Accept-Language` prefers, else in English."""
    state = scope.setdefault("state", {})
    state["problem"] = problem.type
    language = language_of(dict(scope.get("headers", ()))) or "en"
    document = problem_document(problem, state.get("correlation"), language)
    # A title in Vietnamese may stand above a detail that only programs meet, in English.
    content_language = "vi, en" if language == "vi" and problem.detail_vi is None else language
    headers = {**NOT_STORED, **in_language(content_language), **problem.headers}
    return Response(document, problem.status, headers, PROBLEM_JSON)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error, request.scope)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    taken = getattr(request.scope.get("route"), "body_field", None)
    faults = field_errors(error.errors(), taken.field_info.annotation if taken is not None else None)
    if not faults:
        return problem_response(Invalid(Bilingual("The request cannot be read.", "Không đọc được yêu cầu.")), request.scope)
    return problem_response(Invalid.of_fields(faults), request.scope)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = bilingual(
        "{method} {path}: {what}. See /docs for what there is.",
        "{method} {path}: {what}. Xem /docs để biết các địa chỉ có sẵn.",
        method=request.method,
        path=request.url.path,
        what=Bilingual(error.detail, _kind(error.status_code).guidance.title_vi),
    )
    return problem_response(_kind(error.status_code)(detail, headers=dict(error.headers or {})), request.scope)


@cache
def _kind(status: int) -> type[Problem]:
    """The class of a problem for a status that FastAPI itself gave."""
    known = next((kind for kind in (NotFound, MethodNotAllowed) if kind.status == status), None)
    of_status = {"status": status, "type": f"http-{status}", "title": HTTPStatus(status).phrase}
    return known or type(f"Http{status}", (Problem,), of_status)


def _unexpected(error: Exception, scope: Any) -> Response:
    problem = unavailability(error)
    if problem is not None:
        log.warning("part away", error=type(error).__name__, detail=str(error)[:300])
        return problem_response(problem, scope)
    log.error("unexpected error", route=template_of(scope), exc_info=error)
    return problem_response(
        Problem(
            Bilingual(
                "This is a fault of ours and was logged. Give the operator the correlation id in 'instance'.",
                "Đây là lỗi của hệ thống và đã được ghi nhật ký. Gửi cho người vận hành mã tương quan trong 'instance'.",
            )
        ),
        scope,
    )
