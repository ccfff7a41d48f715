"""The calculator of due dates, as front-end teams meet it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest_asyncio

from services.ingest.deadlines.api import _EXAMPLES
from services.ingest.provinces import store as provinces_store
from shared.database import Database
from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE


@pytest_asyncio.fixture
async def calculator(processes: Processes, new_database: NewDatabase) -> AsyncIterator[httpx.AsyncClient]:
    url = await new_database("ingest")
    database = Database(url, size=1)
    await database.run(lambda tx: provinces_store.ensure(tx, "30"))
    await database.close()
    process = processes.api("ingest", database_url=url)
    key = await processes.key("ingest", url, "dossiers:read")
    async with httpx.AsyncClient(base_url=process.url, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE) as client:
        yield client


async def reckoned(client: httpx.AsyncClient, **body: Any) -> Any:
    response = await client.post("/v1/deadlines", json=body)
    assert response.status_code == 200, response.text
    return response.json()


async def test_it_gives_the_due_dates_of_the_law_with_their_steps(calculator: httpx.AsyncClient) -> None:
    due = await reckoned(calculator, received_at="2023-04-28T09:00:00+07:00", limit=3)
    assert (due["due_on"], due["late_from"], due["legal_due_on"]) == ("2023-05-08", "2023-05-09", "2023-05-08")
    assert due["due_soon"] == {"1": "2023-05-05", "3": "2023-04-28", "5": "2023-04-26"}
    assert "Ngày Quốc tế Lao động" in due["explained"]["vi"]["text"]
    assert due["explained"]["en"]["steps"][-2]["until_on"] == "2023-05-08"
    assert (await reckoned(calculator, received_at="2023-04-28", limit=3, unit="calendar_days"))["due_on"] == "2023-05-04"
    # 1 hour is left of Friday and the Monday after is off: 3 hours of the next working day.
    hours = await reckoned(calculator, received_at="2023-04-28T09:00:00Z", limit=4, unit="hours")
    assert (hours["due_on"], hours["due_at"]) == ("2023-05-04", "2023-05-04T10:30:00+07:00")
    # What a province may not have known: the swap of 29/4/2024 was published on 12/4/2024.
    then = {"received_at": "2024-04-10T09:00:00+07:00", "limit": 14}
    assert (await reckoned(calculator, **then))["due_on"] == "2024-05-04"
    assert (await reckoned(calculator, **then, known_on="2024-04-11"))["due_on"] == "2024-05-03"


async def test_waiting_letters_policies_and_the_end_are_taken_into_account(calculator: httpx.AsyncClient) -> None:
    paused: dict[str, Any] = {
        "received_at": "2023-03-06T08:15:00+07:00",
        "limit": 5,
        "suspensions": [{"from_at": "2023-03-08T10:00:00+07:00", "to_at": "2023-03-13T09:00:00+07:00"}],
        "ended_at": "2023-03-17T15:00:00+07:00",
    }
    due = await reckoned(calculator, **paused)
    assert (due["due_on"], due["timeliness"]) == ("2023-03-16", "overdue")
    assert due["spent_minutes"] > due["limit_minutes"] == 2400
    due = await reckoned(calculator, **paused, policy={"supplement": "restart"})
    assert (due["due_on"], due["timeliness"]) == ("2023-03-20", "early")
    assert due["rule_version"].endswith("+supplement=restart")
    letter = {"until": "2023-03-25", "letter": "12/TXL-UBND", "decided_on": "2023-03-10"}
    due = await reckoned(calculator, received_at="2023-03-06", limit=5, extension=letter, policy={"extension": "counts"})
    assert (due["legal_due_on"], due["due_on"], due["basis"]) == ("2023-03-13", "2023-03-27", "extended")


async def test_the_cutoff_of_a_procedure_is_taken_into_account_and_told(calculator: httpx.AsyncClient) -> None:
    due = await reckoned(calculator, received_at="2026-03-06T15:30:00+07:00", limit=0, receipt_cutoff="15:00")
    assert (due["counts_from"], due["due_on"]) == ("2026-03-09", "2026-03-09")
    assert "Nhận sau 15:00" in due["explained"]["vi"]["text"]
    assert "the cut-off at 15:00" in due["explained"]["en"]["text"]


async def test_a_suspension_that_has_not_ended_ends_with_the_dossier(calculator: httpx.AsyncClient) -> None:
    waiting = [{"from_at": "2023-03-08T10:00:00+07:00"}]
    for ended in ("2023-03-17T15:00:00+07:00", "2023-03-17"):
        due = await reckoned(calculator, received_at="2023-03-06T08:15:00+07:00", limit=5, suspensions=waiting, ended_at=ended)
        assert (due["due_on"], due["timeliness"], due["is_suspended"]) == ("2023-03-22", "early", False)


async def test_a_due_date_tells_that_it_rests_on_a_decision_from_memory(calculator: httpx.AsyncClient) -> None:
    due = await reckoned(calculator, received_at="2025-12-31T09:00:00+07:00", limit=2)
    assert "chưa đối chiếu với văn bản công bố: thứ Sáu 02/01/2026" in due["explained"]["vi"]["text"]
    assert "published text was not seen: Friday 2026-01-02" in due["explained"]["en"]["text"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"received_at": "2023-04-28T09:00:00"}, "offset"),
    ({"received_at": "2023-02-30"}, "exists"),
    ({"received_at": 1682647200}, "offset"),
    ({"received_at": "1999-12-31T09:00:00+07:00"}, "2000 to 2045"),
    ({"received_at": "9999-12-31T23:59:59-11:00"}, "outside all calendars"),
    ({"received_at": "2045-12-01", "limit": 60}, "2000 to 2045"),
    ({"ended_at": "2023-04-27"}, "before the receipt"),
    ({"received_at": "2023-04-28T09:00:00+07:00", "ended_at": "2020-01-01T09:00:00+07:00"}, "before the receipt"),
    ({"limit": -1}, "at least 0"),
    ({"limit": "3"}, "whole number"),
    ({"unit": "weeks"}, "working_days"),
    ({"province": "30; DROP"}, "pattern"),
    ({"province": "03"}, "No province has this code here"),
    ({"receipt_cutoff": "15 o'clock"}, "not a time of day"),
    ({"receipt_cutoff": 15}, "not a time of day"),
    ({"office_hours": "8 to 5"}, "cannot be read"),
    ({"office_hours": "13:30-17:00 07:30-11:30"}, "in order"),
    ({"suspensions": [{"from_at": "2023-05-02T09:00:00Z", "to_at": "2023-05-01T09:00:00Z"}]}, "before it begins"),
    ({"extension": {"until": "2023-06-01", "letter": ""}}, "at least 1"),
    ({"deadline": "tomorrow"}, "There is no field `deadline`"),
    ({"policy": {"supplement": "forget"}}, "pause"),
]


async def test_every_bad_input_is_told_with_what_to_do(calculator: httpx.AsyncClient) -> None:
    for wrong, said in WRONG:
        response = await calculator.post("/v1/deadlines", json={"received_at": "2023-04-28", "limit": 3, **wrong})
        assert response.status_code == 422, wrong
        assert response.headers["content-type"] == "application/problem+json"
        assert said in response.text, (wrong, response.text)


async def test_its_examples_work_and_a_key_without_the_scope_does_not(
    calculator: httpx.AsyncClient, processes: Processes
) -> None:
    examples: Mapping[str, Mapping[str, Any]] = _EXAMPLES
    for example in examples.values():
        await reckoned(calculator, **example["value"])
    response = await calculator.post("/v1/deadlines", json={}, headers={"Authorization": "Bearer mc_no_body"})
    assert response.status_code == 401
