"""Whatever goes wrong is said in one shape, also by what FastAPI refuses itself."""

from __future__ import annotations

import ast
import importlib
from datetime import UTC, datetime
from typing import Annotated

import httpx
import msgspec
import pytest
from fastapi import FastAPI, Query
from starlette.exceptions import HTTPException

from deploy.local.services import ROOT
from shared.errors import Conflict, Problem
from shared.heartbeat import WorkerOutage, WorkerSilent
from shared.settings import SERVICES
from shared.web.problems import PROBLEM_JSON, ProblemDocument, Problems, install_problem_handlers, problem_document

app = FastAPI()
install_problem_handlers(app)
app.add_middleware(Problems)


@app.get("/rows")
async def rows(limit: Annotated[int, Query(ge=1)] = 1) -> None:
    raise Conflict(f"There are {limit} already.", headers={"Retry-After": "1"})


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
    members = WorkerOutage(["noting"], datetime(2023, 7, 20, tzinfo=UTC))
    said = msgspec.json.decode(problem_document(WorkerSilent("Ours.", members=members), "abc"))
    assert (said["instance"], said["loops"], said["since"]) == ("urn:correlation:abc", ["noting"], "2023-07-20T00:00:00Z")


def _kinds(kind: type[Problem] = Problem) -> list[type[Problem]]:
    return [kind, *(below for one in kind.__subclasses__() for below in _kinds(one))]


def test_every_problem_that_is_raised_with_members_has_them_in_its_example() -> None:
    """Its example is what the documents describe the members by."""
    for service in SERVICES:
        importlib.import_module(f"services.{service}.worker")
        importlib.import_module(f"services.{service}.app")
    kinds = {kind.__name__: kind for kind in _kinds()}
    raised: dict[str, set[str]] = {}
    for path in (*(ROOT / "services").rglob("*.py"), *(ROOT / "shared").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in kinds:
                for given in (word.value for word in call.keywords if word.arg == "members"):
                    assert isinstance(given, ast.Call), f"{path.name}:{given.lineno} gives members that have no type by name"
                    assert isinstance(given.func, ast.Name)
                    raised.setdefault(call.func.id, set()).add(given.func.id)
    assert "WorkerSilent" in raised
    assert len(raised) > 1
    for name, types in raised.items():
        assert types == {type(kinds[name].example().members).__name__}, name
    assert {type(kind.example()) for kind in kinds.values()} == set(kinds.values())
