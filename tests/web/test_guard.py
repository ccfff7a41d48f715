"""What may reach a route as its body, whatever it says it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Body, FastAPI, Request

from shared.web.guard import Guard, TooSlow
from shared.web.problems import Problems, install_problem_handlers
from shared.web.routes import ANY, Routes, accepts
from shared.web.telemetry import Telemetry

LIMIT = 64 * 1024
JSON = {"Content-Type": "application/json"}


def application() -> FastAPI:
    """A route of each kind behind the real layers."""
    app = FastAPI()
    install_problem_handlers(app)
    app.add_middleware(Guard, limit=LIMIT, together=3 * LIMIT // 2, idle_seconds=0.2)
    app.add_middleware(Problems)
    app.add_middleware(Telemetry, service="ingest", routes=Routes(app))

    @app.post("/model")
    async def model(body: Annotated[dict[str, Any], Body()]) -> int:
        return len(body)

    @app.post("/records", openapi_extra={"requestBody": {"content": {ANY: {}}}})
    @accepts(limit=None, tokens=100, apart=True)
    async def records(request: Request) -> int:
        return len(await request.body())

    @app.post("/files", openapi_extra={"requestBody": {"content": {"text/csv": {}}}})
    @accepts(limit=2 * LIMIT, streamed=True)
    async def files(request: Request) -> int:
        return len([piece async for piece in request.stream() if piece])

    @app.post("/bare")
    async def bare(request: Request) -> int:
        return len(await request.body())

    return app


async def sent(path: str, content: Any, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application()), base_url="http://x") as client:
        return await client.post(path, content=content, headers=headers)


async def pieces(size: int, pause: float = 0) -> AsyncIterator[bytes]:
    """A body that says nothing of its size."""
    for _ in range(size // 1024):
        await asyncio.sleep(pause)
        yield b"1" * 1024


@pytest.mark.parametrize(
    ("path", "content", "headers", "status"),
    [
        ("/model", b'{"a": 1}', JSON, 200),
        ("/model", b'{"a": 1}', {"Content-Type": "application/json; charset=utf-8"}, 200),
        ("/model", b'{"a": 1}', {"Content-Type": "text/plain"}, 415),
        ("/model", b'{"a": 1}', {"Content-Type": "application/problem+json"}, 415),
        ("/model", b'{"a": 1}', {}, 415),
        ("/model", b'{"a": 1}', {**JSON, "Content-Encoding": "gzip"}, 415),
        ("/model", b'{"a": 1, "a": 2}', JSON, 400),
        ("/model", b'{"a": "\\u0000"}', JSON, 400),
        ("/model", b'{"a": [' + b"0," * 20_000 + b"0]}", JSON, 413),
        ("/records", b'["\\u0000", 1e999]', {}, 200),
        ("/records", b'["\\ud800", 1]', {}, 200),
        ("/records", b'["\\u0000", 1e999]', {"Content-Type": "text/plain"}, 200),
        ("/records", b'[{"a": 1, "a": 2}]', {"Content-Type": "text/plain"}, 400),
        ("/records", b"[NaN]", {"Content-Type": "text/plain"}, 400),
        ("/records", b'"' + b"a" * LIMIT + b'"', {}, 413),
        ("/records", pieces(2 * LIMIT), {}, 413),
        ("/records", b"[" + b"0," * 100 + b"0]", {}, 413),
        ("/files", b"a,b", {"Content-Type": "text/csv"}, 200),
        ("/files", b"a,b", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ("/files", pieces(LIMIT), {"Content-Type": "text/csv"}, 200),
        ("/files", pieces(4 * LIMIT), {"Content-Type": "text/csv"}, 413),
        ("/files", b"a" * 4 * LIMIT, {"Content-Type": "text/csv"}, 413),
        ("/bare?a=%00", b"", {}, 400),
    ],
)
async def test_a_body_is_taken_in_its_kind_and_size_or_refused(
    path: str, content: Any, headers: dict[str, str], status: int
) -> None:
    answer = await sent(path, content, headers)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


async def test_a_body_that_no_route_asked_for_is_not_read() -> None:
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b"1" * 1024

    for path in ("/bare", "/nowhere"):
        answer = await sent(path, endless(), JSON)
        assert (answer.status_code, answer.text) == (200, "0") if path == "/bare" else answer.status_code == 404
    assert asked <= 2 * LIMIT // 1024


@pytest.mark.parametrize(("path", "media_type"), [("/records", "application/json"), ("/files", "text/csv")])
async def test_a_body_that_stops_is_refused(path: str, media_type: str) -> None:
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"content-type", media_type.encode()), (b"transfer-encoding", b"chunked")], "scheme": "http",
    }  # fmt: skip
    messages: list[Any] = []
    first = True

    async def receive() -> Any:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": b"[", "more_body": True}
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        messages.append(message)

    await application()(scope, receive, send)
    assert messages[0]["status"] == TooSlow.status


async def test_bodies_that_are_held_at_once_are_bounded_together_and_leave_their_room_again() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application()), base_url="http://x") as client:

        async def post() -> httpx.Response:
            body = b"[" + b" " * (LIMIT - 2) + b"]"

            async def slowly() -> AsyncIterator[bytes]:
                for begin in range(0, len(body), 8192):
                    yield body[begin : begin + 8192]
                    await asyncio.sleep(0.005)

            return await client.post("/records", content=slowly(), headers=JSON)

        answers = await asyncio.gather(*(post() for _ in range(4)))
        refused = [answer for answer in answers if answer.status_code != 200]
        assert refused
        assert {answer.status_code for answer in refused} == {503}
        assert {answer.headers["retry-after"] for answer in refused} == {"1"}
        assert refused[0].json()["type"].endswith("/too-many-bodies")
        for _ in range(3):
            assert (await post()).status_code == 200
