"""Problems come in the language that their reader prefers, and name broken rules in sentences of our own."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, get_args

import httpx
import msgspec
import pytest
from fastapi import FastAPI, Query
from pydantic import AwareDatetime, Field
from pydantic_core import PydanticCustomError, core_schema

from shared.errors import Conflict, no_province
from shared.fields import BodyModel, Day, Line
from shared.languages import Bilingual, bilingual, joined
from shared.model_errors import field_errors
from shared.struct_errors import sentence_of
from shared.web.problems import Problems, install_problem_handlers

VIETNAMESE = re.compile("[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE)


class Order(BodyModel):
    name: Annotated[str, Field(min_length=2, max_length=4)]
    amount: Annotated[int, Field(ge=1, le=9)]
    on: Day
    at: AwareDatetime
    step: Literal["day", "week"]
    line: Line = ""
    parts: Annotated[list[float], Field(max_length=2, default_factory=list)]
    exact: bool = False


app = FastAPI()
install_problem_handlers(app)
app.add_middleware(Problems)


@app.post("/orders")
async def order(body: Order, limit: Annotated[int, Query(ge=1, le=200)] = 1) -> dict[str, Any]:
    return {}


@app.get("/provinces/{name}")
async def province(name: str) -> None:
    raise no_province(name)


@app.get("/english")
async def english() -> None:
    raise Conflict("Only programs meet this.")


@app.get("/faults")
async def faults() -> None:
    raise LookupError


async def ask(method: str, path: str, language: str | None, **options: Any) -> httpx.Response:
    headers = {} if language is None else {"Accept-Language": language}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
        return await client.request(method, path, headers=headers, **options)


@pytest.mark.parametrize(
    ("preferred", "language"),
    [
        (None, "en"),
        ("en", "en"),
        ("fr", "en"),
        ("vi", "vi"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("en, vi;q=0.5", "en"),
        ("vi;q=0", "en"),
    ],
)
async def test_a_problem_is_in_vietnamese_for_those_who_prefer_it_and_in_english_for_all_others(
    preferred: str | None, language: str
) -> None:
    answer = await ask("GET", "/provinces/99", preferred)
    assert answer.headers["content-language"] == language
    assert "Accept-Language" in answer.headers["vary"]
    document = answer.json()
    assert (document["status"], document["type"]) == (404, "/problems/not-found")
    assert "99" in document["detail"]
    assert bool(VIETNAMESE.search(document["title"])) == bool(VIETNAMESE.search(document["detail"])) == (language == "vi")


async def test_a_detail_that_only_programs_meet_stays_in_english_below_a_title_in_vietnamese() -> None:
    answer = await ask("GET", "/english", "vi")
    assert answer.headers["content-language"] == "vi, en"
    assert answer.json()["detail"] == "Only programs meet this."


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("GET", "/orders"), ("GET", "/faults")])
async def test_what_no_route_answers_is_in_vietnamese_too(method: str, path: str) -> None:
    answer = await ask(method, path, "vi")
    assert answer.headers["content-language"] == "vi"
    assert VIETNAMESE.search(answer.json()["title"])
    assert VIETNAMESE.search(answer.json()["detail"])


GOOD = {"name": "ab", "amount": 1, "on": "2023-04-28", "at": "2023-04-28T09:00:00+07:00", "step": "day"}


@pytest.mark.parametrize(
    ("change", "at", "en", "vi"),
    [
        ({"name": None}, "body.name", "It must be a text.", "Phải là chuỗi ký tự."),
        ({"name": "a"}, "body.name", "It must have at least 2 characters.", "Phải có ít nhất 2 ký tự."),
        ({"name": "abcde"}, "body.name", "It may have at most 4 characters.", "Được có tối đa 4 ký tự."),
        ({"amount": "one"}, "body.amount", "It must be a whole number.", "Phải là số nguyên."),
        ({"amount": 0}, "body.amount", "It must be at least 1.", "Giá trị tối thiểu là 1."),
        ({"amount": 10}, "body.amount", "It must be at most 9.", "Giá trị tối đa là 9."),
        ({"on": 5}, "body.on", "Write a day like 2023-04-28, as a text.", "Viết ngày dưới dạng chuỗi như 2023-04-28."),
        ({"on": "2023-02-30"}, "body.on", "It must be a day that exists, like 2023-04-28.", "Phải là ngày có thật"),
        ({"at": "2023-04-28T09:00:00"}, "body.at", "It needs an offset from UTC", "Cần ghi múi giờ"),
        ({"step": "wek"}, "body.step", "There is no value `wek`. Did you mean `week`?", "Không có giá trị `wek`. Có phải"),
        ({"line": "a\nb"}, "body.line", "It must be one line without control characters.", "Phải là một dòng"),
        ({"parts": [1, 2, 3]}, "body.parts", "It may have at most 2 entries.", "Được có tối đa 2 mục."),
        ({"parts": {}}, "body.parts", "It must be a list.", "Phải là danh sách."),
        ({"exact": "maybe"}, "body.exact", "It must be true or false.", "Phải là true hoặc false."),
        ({"amout": 1}, "body.amout", "There is no field `amout`. Did you mean `amount`?", "Không có trường `amout`."),
    ],
)  # fmt: skip
async def test_a_broken_rule_is_named_in_a_sentence_of_ours(change: dict[str, Any], at: str, en: str, vi: str) -> None:
    for language, sentence in (("en", en), ("vi", vi)):
        answer = await ask("POST", "/orders", language, json=GOOD | change)
        document = answer.json()
        assert answer.status_code == 422
        assert [one["at"] for one in document["errors"]] == [at]
        assert document["errors"][0]["message"].startswith(sentence)
        assert document["detail"] == f"{at}: {document['errors'][0]['message']}"


async def test_a_missing_field_and_a_parameter_out_of_range_are_named_in_both_languages() -> None:
    answer = await ask("POST", "/orders?limit=201", "vi", json={key: value for key, value in GOOD.items() if key != "step"})
    found = {one["at"]: one["message"] for one in answer.json()["errors"]}
    assert found == {"query.limit": "Giá trị tối đa là 200.", "body.step": "Thiếu giá trị này. Cần bổ sung."}


BOUNDS: dict[str, Any] = dict.fromkeys(
    ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "actual_length", "pattern", "discriminator", "tag"), 3
) | {"expected": "'a' or 'b'", "expected_tags": "'a', 'b'", "tag": "c"}


def test_no_rule_of_pydantic_is_passed_on_in_its_own_words() -> None:
    for rule in set(get_args(core_schema.ErrorType)) - {"value_error", "assertion_error", "extra_forbidden"}:
        error: Any = {"type": rule, "loc": ("body", "x"), "msg": "raw", "input": "y", "ctx": BOUNDS, "url": "https://"}
        (fault,) = field_errors([error], Order)
        assert "raw" not in fault.message.en, rule
        assert VIETNAMESE.search(fault.message.vi), rule


def test_a_sentence_that_a_check_of_ours_gives_is_told_in_both_languages() -> None:
    sentence = Bilingual("It is late.", "Đã muộn.")
    own: Any = {"type": "value_error", "loc": ("body",), "msg": "raw", "input": 1, "ctx": {"error": ValueError(sentence)}}
    custom = PydanticCustomError("late", "{sentence}", {"sentence": sentence})
    named: Any = {"type": "late", "loc": ("body",), "msg": custom.message(), "input": 1, "ctx": custom.context}
    assert [fault.message for fault in field_errors([own, named], Order)] == [sentence, sentence]


def test_sentences_are_filled_and_joined_in_each_language() -> None:
    kind = Bilingual("field", "trường")
    first = bilingual("No {kind} {name}.", "Không có {kind} {name}.", kind=kind, name="{x}")
    assert first == Bilingual("No field {x}.", "Không có trường {x}.")
    assert joined([first, kind]) == Bilingual("No field {x}. field", "Không có trường {x}. trường")
    assert str(first) == f"{first}" == first.in_language("en")


class Amount(msgspec.Struct):
    number: Annotated[int, msgspec.Meta(ge=1)]
    on: date | None = None
    unit: Literal["days", "hours"] = "days"

    def __post_init__(self) -> None:
        if self.number == 7:
            raise ValueError(Bilingual("Seven is not taken.", "Không nhận số bảy."))
        if self.number == 8:
            raise ValueError("eight is not taken")


@pytest.mark.parametrize(
    ("value", "en", "vi"),
    [
        ({}, "`number` is missing.", "thiếu `number`."),
        ({"number": "x"}, "number: it must be a whole number.", "number: phải là số nguyên."),
        ({"number": 0}, "number: it must be at least 1.", "number: phải ít nhất 1."),
        ({"number": 1, "on": "2023-02-30"}, "on: it must be a day like 2023-04-28.", "on: phải là ngày, viết như 2023-04-28."),
        ({"number": 1, "unit": "years"}, "unit: `years` is no value of it.", "unit: không nhận giá trị `years`."),
        ({"number": 7}, "Seven is not taken.", "Không nhận số bảy."),
        ({"number": 8}, "eight is not taken.", "eight is not taken."),
    ],
)
def test_what_a_struct_refuses_is_told_in_both_languages(value: dict[str, Any], en: str, vi: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, Amount)
    assert sentence_of(caught.value) == Bilingual(en, vi)
