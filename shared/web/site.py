"""What a service says of itself to people and strange programs: its first page, its documents, and each kind of problem.

The files of Swagger UI come with the package `fastapi-swagger`, which follows each release of it, and are served from here: an
intranet reaches no CDN. Of the package only the files are used.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import msgspec
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi import Path as PathParameter

from shared.contracts.kpis import Text
from shared.errors import NotFound, Problem
from shared.languages import Bilingual, bilingual
from shared.settings import Service
from shared.spelling import PROBLEM, unknown_name
from shared.web.compression import fixed
from shared.web.operations import TypedRoute, operation
from shared.web.pages import HTML, NO_SNIFFING, SECURITY, language_of, link, page, prose, wants_page
from shared.web.problems import PROBLEM_TYPES
from shared.web.responses import etag_of, etag_response, tagged
from shared.web.routes import JSON

_OWN_FILES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_START = b"""\
// The document names no address of this service: what is tried here goes to where the page came from.
fetch("openapi.json").then(response => response.json()).then(spec => {
  spec.servers = [{ url: new URL(".", location.href).href.replace(/\\/$/, "") }];
  SwaggerUIBundle({ spec, dom_id: "#swagger-ui", deepLinking: true, filter: true, validatorUrl: null });
});
"""
_FILES = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "favicon-32x32.png": "image/png",
    "start.js": "text/javascript; charset=utf-8",
}


class ServiceCard(msgspec.Struct, frozen=True):
    """What this service is, and where to go on: addresses within it."""

    service: Service
    """Which of the three it is."""
    title: str
    description: str
    version: str
    """Of the API."""
    documents: str = "/docs"
    """For people: every route, to be tried out."""
    openapi: str = "/openapi.json"
    """For programs: the OpenAPI document."""
    problems: str = "/problems"
    """Every kind of problem that may be answered."""
    health: str = "/healthz"
    """The process is alive."""
    ready: str = "/readyz"
    """The service can work."""
    metrics: str = "/metrics"
    """For Prometheus."""


class ProblemKind(msgspec.Struct, frozen=True):
    """A kind of problem."""

    type: str
    """As in `type` of the problems of this kind: the address of its page."""
    status: int
    """The HTTP status that it comes with."""
    title: Text
    """The kind in a few words; problems say it in English."""
    meaning: Text
    """What has happened when it comes."""
    what_to_do: Text
    """What mends it."""


class ProblemKinds(msgspec.Struct, frozen=True):
    """All kinds of problems that this service may answer."""

    problems: list[ProblemKind]
    """By their slugs."""


def kinds() -> dict[str, ProblemKind]:
    """The kinds of problems in this process, by slug."""
    every: list[type[Problem]] = [Problem, *_kinds_below(Problem)]
    return dict(sorted((kind.type, _described(kind)) for kind in every if "guidance" in vars(kind)))


def kind_named(slug: str) -> ProblemKind | None:
    """A kind by its slug; `http-<status>` is what the framework itself refuses."""
    found = kinds().get(slug)
    if found is None and re.fullmatch(r"http-[45]\d\d", slug) and int(slug[5:]) in {one.value for one in HTTPStatus}:
        status = HTTPStatus(int(slug[5:]))
        found = ProblemKind(
            PROBLEM_TYPES + slug,
            status,
            Text(vi=status.phrase, en=status.phrase),
            Text(vi="Yêu cầu bị từ chối theo nghĩa chung của mã HTTP này.", en=f"{status.description or status.phrase}."),
            Text(vi="Đọc `detail` và sửa yêu cầu.", en="Read `detail` and correct the request."),
        )
    return found


def _kinds_below(kind: type[Problem]) -> Iterator[type[Problem]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds_below(one)


def _described(kind: type[Problem]) -> ProblemKind:
    guidance = kind.guidance
    meaning = guidance.meaning or inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
    return ProblemKind(
        PROBLEM_TYPES + kind.type,
        kind.status,
        Text(vi=guidance.title_vi, en=kind.title),
        Text(vi=guidance.meaning_vi, en=meaning),
        Text(vi=guidance.what_to_do_vi, en=guidance.what_to_do),
    )


def site(app: FastAPI, service: Service) -> APIRouter:
    """The routes of the pages of `service`, which need no key."""
    router = APIRouter(route_class=TypedRoute, generate_unique_id_function=lambda route: str(route.name))
    card = ServiceCard(service, app.title, app.description, app.version)

    @router.get("/", include_in_schema=False)
    async def about(request: Request) -> Response:
        if not wants_page(request.headers):
            return etag_response(request, card)
        return page(request, card.title, _about(card, language_of(request.headers)), language_of(request.headers))

    @cache
    def document() -> bytes:
        return msgspec.json.encode(app.openapi())

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> Response:
        return _fixed(request, document(), JSON)

    @router.get("/docs", include_in_schema=False)
    async def documents(request: Request) -> Response:
        return tagged(request, _documents(app.title), HTML, headers={SECURITY: _OWN_FILES, **NO_SNIFFING})

    @router.get("/docs/{name}", include_in_schema=False)
    async def file_of_documents(request: Request, name: str) -> Response:
        if name not in _FILES:
            raise NotFound(bilingual("There is no {name} here.", "Không có {name}.", name=name))
        return _fixed(request, _file(name), _FILES[name], headers=NO_SNIFFING)

    @router.get("/problems", tags=["problems"], summary="Every kind of problem that may be answered", response_class=Response)
    @operation(response=ProblemKinds, media=("text/html",), unchanged=True)
    async def list_problems(request: Request) -> Response:
        """As JSON, or as a page in Vietnamese or English where that is accepted."""
        if not wants_page(request.headers):
            return etag_response(request, ProblemKinds(list(kinds().values())))
        language = language_of(request.headers)
        rows = "".join(
            f"<tr><td>{kind.status}<td>{link('problems/' + slug, getattr(kind.title, language))}<td><code>{kind.type}</code>"
            for slug, kind in kinds().items()
        )
        return page(request, {"vi": "Các loại lỗi", "en": "Kinds of problems"}[language], f"<table>{rows}</table>", language)

    @router.get(
        "/problems/{slug}", tags=["problems"], summary="What a kind of problem means and what to do", response_class=Response
    )
    @operation(response=ProblemKind, media=("text/html",), unchanged=True)
    async def read_problem(
        request: Request, slug: Annotated[str, PathParameter(max_length=64, pattern=r"^[a-z0-9-]+$", examples=["not-found"])]
    ) -> Response:
        """The address that `type` of a problem names: as JSON, or as a page in Vietnamese or English."""
        kind = kind_named(slug)
        if kind is None:
            raise NotFound(
                unknown_name(PROBLEM, slug, kinds().keys(), where=Bilingual("See /problems for all.", "Xem /problems."))
            )
        if not wants_page(request.headers):
            return etag_response(request, kind)
        language = language_of(request.headers)
        return page(request, getattr(kind.title, language), _explanation(kind, language), language)

    return router


def _about(card: ServiceCard, language: str) -> str:
    words = _WORDS[language]
    rows = "".join(
        f"<dt>{link(getattr(card, name).removeprefix('/'), words[name])}</dt><dd><code>{getattr(card, name)}</code></dd>"
        for name in ("documents", "openapi", "problems", "health", "ready", "metrics")
    )
    return f"<p>{escape(card.description)}</p><dl>{rows}</dl>"


def _explanation(kind: ProblemKind, language: str) -> str:
    words = _WORDS[language]
    told = {"status": str(kind.status), "type": f"`{kind.type}`", "meaning": getattr(kind.meaning, language)}
    told["what_to_do"] = getattr(kind.what_to_do, language)
    rows = "".join(f"<dt>{escape(words[name])}</dt><dd>{prose(text)}</dd>" for name, text in told.items())
    return f"<dl>{rows}</dl><p>{link('../problems', words['problems'])}</p>"


_WORDS = {
    "vi": {
        "documents": "Tài liệu API, dùng thử được",
        "openapi": "Tài liệu OpenAPI cho phần mềm",
        "problems": "Các loại lỗi và cách xử lý",
        "health": "Tiến trình có đang chạy",
        "ready": "Dịch vụ có làm việc được",
        "metrics": "Số liệu cho Prometheus",
        "status": "Mã HTTP",
        "type": "Loại",
        "meaning": "Ý nghĩa",
        "what_to_do": "Cần làm gì",
    },
    "en": {
        "documents": "Documents of the API, to be tried out",
        "openapi": "The OpenAPI document, for programs",
        "problems": "Kinds of problems and what to do",
        "health": "Whether the process is alive",
        "ready": "Whether the service can work",
        "metrics": "Metrics for Prometheus",
        "status": "HTTP status",
        "type": "Type",
        "meaning": "What it means",
        "what_to_do": "What to do",
    },
}


def _documents(title: str) -> bytes:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="stylesheet" href="docs/swagger-ui.css">'
        '<link rel="icon" href="docs/favicon-32x32.png"></head><body><div id="swagger-ui"></div>'
        '<script src="docs/swagger-ui-bundle.js"></script><script src="docs/start.js"></script></body></html>'
    ).encode()


def _fixed(request: Request, content: bytes, media_type: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """A response that is the same object for all: its ETag is made once, and its compressed form."""
    fixed(request.scope)
    return tagged(request, content, media_type, etag=_etag(content), headers=headers)


@cache
def _etag(content: bytes) -> str:
    return etag_of(content)


@cache
def _file(name: str) -> bytes:
    if name == "start.js":
        return _START
    found = importlib.util.find_spec("fastapi_swagger")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).with_name("resources").joinpath(name).read_bytes()
