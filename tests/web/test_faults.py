"""A field or a value that nobody knows is refused with its place and the one that was probably meant."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from pydantic import Field

from shared.errors import Invalid
from shared.fields import BodyModel
from shared.spelling import require_known_members
from shared.web.problems import install_problem_handlers


class Days(BodyModel):
    since: Annotated[str, Field(alias="from")]
    to: str = ""


class Rule(BodyModel):
    below: float


class Report(BodyModel):
    period: Days
    step: Literal["day", "week", "month"] = "day"
    rules: Annotated[list[Rule], Field(max_length=3, default_factory=list)]
    by_agency: Annotated[dict[str, Days], Field(default_factory=dict)]
    either: Days | Rule | None = None


app = FastAPI()
install_problem_handlers(app)


@app.post("/reports")
async def report(body: Report, by: Literal["agency", "procedure"] | None = None) -> dict[str, Any]:
    return {}


GOOD = {"period": {"from": "2023-01-01"}}


async def faults_of(body: dict[str, Any], query: str = "") -> list[tuple[str, str, str]]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
        response = await client.post(f"/reports{query}", json=body)
    assert response.status_code in (200, 422)
    return [(one["at"], one["message"], one["rule"]) for one in response.json().get("errors", ())]


@pytest.mark.parametrize(
    ("change", "at", "says"),
    [
        ({"perod": 1}, "body.perod", "There is no field `perod`. Did you mean `period`? Known: `by_agency`,"),
        (
            {"period": {"from": "", "form": ""}},
            "body.period.form",
            "There is no field `form`. Did you mean `from`? Known: `from`, `to`.",
        ),
        ({"period": {"from": "", "since": ""}}, "body.period.since", "There is no field `since`. Known: `from`, `to`."),
        (
            {"rules": [{"below": 1, "bellow": 2}]},
            "body.rules.0.bellow",
            "There is no field `bellow`. Did you mean `below`? Known: `below`.",
        ),
        (
            {"by_agency": {"294": {"from": "", "too": ""}}},
            "body.by_agency.294.too",
            "There is no field `too`. Did you mean `to`?",
        ),
        ({"either": {"below": 1, "belov": 1}}, "body.either.Rule.belov", "There is no field `belov`. Did you mean `below`?"),
        ({"Nguyễn Văn A": 1}, "body.?", "There is no field of that name, which is no plain identifier. Known: "),
        ({"step": "wek"}, "body.step", "There is no value `wek`. Did you mean `week`? Known: `day`, `month`, `week`."),
        ({"step": 7}, "body.step", "This is no value of it. Known: `day`, `month`, `week`."),
    ],
)
async def test_what_is_not_known_is_named_with_its_place_and_the_nearest(change: dict[str, Any], at: str, says: str) -> None:
    faults = await faults_of(GOOD | change)
    assert any(place == at and sentence.startswith(says) for place, sentence, _ in faults), faults


async def test_a_misspelt_name_is_told_before_what_is_missing_because_of_it() -> None:
    faults = await faults_of({"perod": {"from": "2023-01-01"}})
    assert [(at, rule) for at, _, rule in faults] == [("body.perod", "unknown_field"), ("body.period", "missing")]


async def test_a_value_of_a_parameter_is_refused_with_those_that_there_are() -> None:
    says = "There is no value `agnecy`. Did you mean `agency`? Known: `agency`, `procedure`."
    assert await faults_of(GOOD, "?by=agnecy") == [("query.by", says, "literal_error")]


class Limit(msgspec.Struct):
    amount: int


class Row(msgspec.Struct):
    code: str
    limit: Limit | None = None
    others: tuple[Limit, ...] = ()


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        (
            {"code": "1", "limt": {}},
            "body.0.limt: There is no field `limt`. Did you mean `limit`? Known: `code`, `limit`, `others`.",
        ),
        (
            {"code": "1", "limit": {"amout": 1}},
            "body.0.limit.amout: There is no field `amout`. Did you mean `amount`? Known: `amount`.",
        ),
        ({"others": [{}, {"x": 1}]}, "body.0.others.1.x: There is no field `x`. Known: `amount`."),
    ],
)
def test_members_of_structs_are_looked_through_all_the_way_down(row: dict[str, Any], detail: str) -> None:
    require_known_members({"code": "1", "limit": {"amount": 1}, "others": [{"amount": 1}]}, Row, "body.0")
    with pytest.raises(Invalid) as caught:
        require_known_members(row, Row, "body.0")
    assert caught.value.detail == detail
