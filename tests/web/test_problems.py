"""Whatever goes wrong is said in one shape, also by what FastAPI refuses itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import httpx
import msgspec
import pytest
from fastapi import FastAPI, Query
from starlette.exceptions import HTTPException

from shared.errors import Conflict, Problem
from shared.web.problems import PROBLEM_JSON, ProblemDocument, Problems, answer_problems, problem_document

app = FastAPI()
answer_problems(app)
app.add_middleware(Problems)


@app.get("/rows")
async def rows(limit: Annotated[int, Query(ge=1)] = 1) -> None:
    raise Conflict(f"There are {limit} already.", since=datetime(2023, 7, 20, tzinfo=UTC), headers={"Retry-After": "1"})


@app.get("/faults")
async def faults() -> None:
    raise LookupError


@app.get("/teapots")
async def teapots() -> None:
    raise HTTPException(418, "short and stout")


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/rows", 409, "conflict"),
        ("GET", "/rows?limit=0", 422, "invalid"),
        ("GET", "/nothing", 404, "not-found"),
        ("POST", "/rows", 405, "method-not-allowed"),
        ("GET", "/teapots", 418, "http-418"),
        ("GET", "/faults", 500, "internal"),
    ],
)
async def test_every_problem_has_the_documented_shape_and_is_not_stored(method: str, path: str, status: int, kind: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
        answer = await client.request(method, path, headers={"X-Correlation-ID": "poller-1"})
    document = msgspec.json.decode(answer.content, type=ProblemDocument)
    assert (answer.status_code, document.status, document.type.rpartition("/")[2]) == (status, status, kind)
    assert document.title
    assert len(document.detail) > 10
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (PROBLEM_JSON, "no-store")
    assert ("retry-after" in answer.headers) == (status == 409)
    assert ("allow" in answer.headers) == (status == 405)


def test_members_of_a_problem_stand_beside_what_every_problem_says() -> None:
    said = msgspec.json.decode(problem_document(Problem("Ours.", since=datetime(2023, 7, 20, tzinfo=UTC), other=object), "abc"))
    assert (said["instance"], said["since"]) == ("urn:correlation:abc", "2023-07-20T00:00:00Z")
    assert said["other"] == "<class 'object'>"
