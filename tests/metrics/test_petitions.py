"""Petitions: their clocks by the law's calendar, what they count, and that they replace what was entered."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.metrics.petitions.model import Petition, clock_of
from shared.errors import Invalid
from shared.workdays import national_calendar
from tests.metrics.conftest import Api
from tests.metrics.test_kpis_api import count_more, received_now
from tests.patience import until

CALENDAR = national_calendar()


def march(day: int) -> date:
    return date(2023, 3, day)


@pytest.mark.parametrize(
    ("days", "late", "late_from"),
    [
        # Received on Wednesday 1 March 2023: 2, 5 and 15 working days after it are 3, 8 and 22 March.
        ({"refused_on": march(3)}, False, None),
        ({"refused_on": march(6)}, True, None),
        ({"supplement_requested_on": march(8)}, False, None),
        ({"supplement_requested_on": march(9)}, True, None),
        ({"handled_on": march(22)}, False, march(25)),
        ({"handled_on": march(23)}, True, march(28)),
        ({"handled_on": march(22), "published_on": march(24)}, False, None),
        ({"handled_on": march(22), "published_on": march(27)}, True, None),
        ({"supplement_requested_on": march(8), "handled_on": march(30), "published_on": march(31)}, False, None),
        ({}, False, march(23)),
        ({"passed_on": march(2)}, False, march(23)),
    ],
)
def test_the_clocks_of_a_petition(days: dict[str, date], late: bool, late_from: date | None) -> None:
    found = clock_of(Petition("A", "conduct", march(1), **days), CALENDAR)  # type: ignore[arg-type]
    assert found == (late, late_from or date.max)


@pytest.mark.parametrize(
    "days",
    [
        {"handled_on": date(2023, 2, 28)},
        {"refused_on": march(2), "handled_on": march(3)},
        {"published_on": march(3)},
        {"handled_on": march(5), "published_on": march(3)},
    ],
)
def test_days_that_cannot_all_be_true_are_refused(days: dict[str, date]) -> None:
    with pytest.raises(Invalid):
        Petition("A", "rule", march(1), **days).check()  # type: ignore[arg-type]


async def test_petitions_count_and_replace_what_was_entered_and_are_as_they_were_known(api: Api) -> None:
    await api.count([received_now(1, 1)])
    period: dict[str, Any] = {"since": "2023-03-01", "to": "2023-03-31"}
    kpis = {**period, "kpi": ["feedback_in_time_share", "petitions_satisfied_share"], "scope": "10813"}
    for agency in ("10813", "10816"):
        entered = {"province": api.province, "agency": agency, "on": "2023-03-10", "source": "BC 3", "feedback": 9}
        assert (await api.client.post("/v1/manual-inputs", json={**entered, "feedback_in_time": 9})).status_code == 201

    async def counts(**more: Any) -> list[tuple[int, int]]:
        figures = (await api.get("/v1/kpis", **{**kpis, **more}))["total"]["kpis"]
        return [(one["numerator"], one["denominator"]) for one in figures.values()]

    async def state(*petitions: dict[str, Any]) -> None:
        body = {"province": api.province, "petitions": [{"agency": "10813", "subject": "conduct", **one} for one in petitions]}
        response = await api.client.post("/v1/petitions", json=body)
        assert response.status_code == 201, response.text

    await until(counts, lambda found: found == [(9, 9), (0, 0)])
    score = await api.get("/v1/indices/766", **period, scope="10813")
    assert {one["id"]: one["points"] for one in score["components"]}["5.3"] is None
    await count_more(api, [received_now(2, 2)])
    done = {"handled_on": "2023-03-10", "published_on": "2023-03-13"}
    await state(
        {"code": "A", "received_on": "2023-03-01", **done, "liked": True},
        {"code": "B", "received_on": "2023-03-01", **done, "liked": False},
        {"code": "C", "received_on": "2023-03-01", **done, "repeated": True},
        {"code": "D", "received_on": "2023-03-01"},  # late from 23 March
        {"code": "E", "received_on": "2023-03-20"},
        {"code": "F", "received_on": "2023-04-03"},
    )
    await until(counts, lambda found: found == [(4, 5), (2, 5)])
    assert await counts(scope="10816") == [(9, 9), (0, 0)]
    assert await counts(scope=[]) == [(13, 14), (2, 5)]
    assert await counts(to="2023-03-22") == [(5, 5), (3, 5)]
    assert await counts(as_of=1) == [(9, 9), (0, 0)]
    await count_more(api, [received_now(3, 3)])
    await state({"code": "D", "received_on": "2023-03-01", **done})
    await until(counts, lambda found: found == [(5, 5), (3, 5)])
    assert await counts(as_of=2) == [(4, 5), (2, 5)]
    score = await api.get("/v1/indices/766", **period, scope="10813")
    points = {one["id"]: one["points"] for one in score["components"]}
    assert (points["5.2"], points["5.3"]) == (6, 3.6)
    none = await api.get("/v1/indices/766", since="2023-01-01", to="2023-01-31", scope="10813")
    assert {one["id"]: one["points"] for one in none["components"]}["5.2"] == 6  # none came, and that is known
    listed = await api.get("/v1/petitions", **period, scope="10813", limit=3)
    rest = await api.get("/v1/petitions", **period, scope="10813", cursor=listed["next_cursor"])
    assert [one["code"] for one in (*listed["petitions"], *rest["petitions"])] == ["A", "B", "C", "D", "E"]
    assert rest["next_cursor"] is None
    twice = {"agency": "10813", "subject": "rule", "code": "Z", "received_on": "2023-03-01"}
    refused = await api.client.post("/v1/petitions", json={"province": api.province, "petitions": [twice, twice]})
    assert refused.status_code == 422
