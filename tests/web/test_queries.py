"""A parameter that a route does not know is refused by its name: its caller would believe an answer to another question."""

from __future__ import annotations

from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Query
from fastapi.security import APIKeyQuery

from shared.web.operations import TypedRoute, operation
from shared.web.problems import install_problem_handlers


async def period(since: Annotated[str, Query(alias="from")] = "", to: str = "") -> str:
    return f"{since}..{to}"


KNOWN = "Known: `from`, `kpi`, `province`, `ticket`, `to`."
ticket = APIKeyQuery(name="ticket", auto_error=False)
router = APIRouter(route_class=TypedRoute)


@router.get("/rows")
async def rows(
    province: str,
    days: Annotated[str, Depends(period)],
    given: Annotated[str | None, Depends(ticket)],
    kpi: Annotated[list[str], Query()] = [],  # noqa: B006
) -> dict[str, Any]:
    return {"province": province, "days": days, "ticket": given, "kpi": kpi}


@router.get("/portal")
@operation(open_query=True)
async def portal() -> dict[str, Any]:
    return {}


app = FastAPI()
install_problem_handlers(app)
app.include_router(router)


async def asked(target: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
        return await client.get(target)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("province=30&provinze=31", f"There is no parameter `provinze`. Did you mean `province`? {KNOWN}"),
        ("province=30&since=2023-01-01", f"There is no parameter `since`. {KNOWN}"),
        ("province=30&province=31", "The parameter `province` is given 2 times. Give it once."),
        ("Province=30", f"There is no parameter `Province`. Did you mean `province`? {KNOWN}"),
    ],
)
async def test_an_unknown_or_repeated_parameter_is_refused_with_the_name_that_was_meant(query: str, detail: str) -> None:
    response = await asked(f"/rows?{query}")
    assert (response.status_code, response.json()["detail"]) == (422, detail)


async def test_all_faults_of_a_query_are_told_and_no_name_that_could_be_anything_is_repeated() -> None:
    problem = (
        await asked("/rows?province=30&province=30&provinze=1&" + "&".join(f"Nguyễn Văn {n}=x" for n in range(20)))
    ).json()
    assert [(one["at"], one["rule"]) for one in problem["errors"][:3]] == [
        ("query.province", "repeated_parameter"),
        ("query.provinze", "unknown_parameter"),
        ("query.?", "unknown_parameter"),
    ]
    assert len(problem["errors"]) == 10
    assert "Nguy" not in str(problem)


async def test_what_dependencies_and_schemes_declare_is_known_and_lists_may_be_repeated() -> None:
    response = await asked("/rows?province=30&from=2023-01-01&to=2023-02-01&kpi=a&kpi=b&ticket=t")
    assert response.json() == {"province": "30", "days": "2023-01-01..2023-02-01", "ticket": "t", "kpi": ["a", "b"]}


async def test_a_format_that_is_not_ours_keeps_its_parameters() -> None:
    assert (await asked("/portal?MaDinhDanh=1&MaDinhDanh=2")).status_code == 200
