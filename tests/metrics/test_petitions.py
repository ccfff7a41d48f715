"""Petitions: their clocks by the law's calendar, what they count, and that they replace what was entered."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from services.metrics.agencies import store as catalogue
from services.metrics.counting import service as rollup
from services.metrics.figures.kpis.algebra import EMPTY, When
from services.metrics.figures.store import sums
from services.metrics.manual_inputs import store as manual_inputs
from services.metrics.manual_inputs.model import MANUAL_INPUTS
from services.metrics.periods import Period, steps
from services.metrics.petitions.model import Petition, clock_of
from services.metrics.petitions.store import petitions as store
from shared.database import Database
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
    # That an agency had none is known of it where 0 was entered, in its place among others too.
    zero = {
        "province": api.province,
        "agency": "10819",
        "on": "2023-03-10",
        "source": "BC 4",
        "feedback": 0,
        "feedback_in_time": 0,
    }
    assert (await api.client.post("/v1/manual-inputs", json=zero)).status_code == 201

    async def ranked() -> dict[str, float | None]:
        rows = (await api.get("/v1/indices/766/ranking", **period))["rows"]
        return {row["code"]: row["components"]["5.2"] for row in rows if row["code"]}

    places = await until(ranked, lambda found: found.get("10819") == 6)
    assert {code for code, points in places.items() if points is not None} == {"10813", "10816", "10819"}
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
    # Of a position before the first petition none of this is known.
    before = await api.get("/v1/indices/766", **period, scope="10813", as_of=1)
    assert {one["id"]: one["points"] for one in before["components"] if one["id"][0] == "5"} == {
        "5.2": 6,
        "5.3": None,
        "5.4": None,
    }
    none = await api.get("/v1/indices/766", since="2023-01-01", to="2023-01-31", scope="10813", as_of=1)
    assert {one["id"]: one["points"] for one in none["components"]}["5.2"] is None
    listed = await api.get("/v1/petitions", **period, scope="10813", limit=3)
    rest = await api.get("/v1/petitions", **period, scope="10813", cursor=listed["next_cursor"])
    assert [one["code"] for one in (*listed["petitions"], *rest["petitions"])] == ["A", "B", "C", "D", "E"]
    assert rest["next_cursor"] is None
    twice = {"agency": "10813", "subject": "rule", "code": "Z", "received_on": "2023-03-01"}
    refused = await api.client.post("/v1/petitions", json={"province": api.province, "petitions": [twice, twice]})
    assert refused.status_code == 422


class _Entered(NamedTuple):
    position: int
    agency: int
    on: date
    received: int
    in_time: int


class _Stated(NamedTuple):
    position: int
    agency: int
    petition: Petition


def _counted(entered: Iterable[_Entered], stated: Iterable[_Stated], agency: int, period: Period, position: int) -> list[int]:
    """As a clerk would count: each petition once, where it lies now; what was entered of a month without one."""
    newest = {one.petition.code: one for one in stated if one.position <= position}.values()
    own = [one.petition for one in newest if one.agency == agency]
    taken = {(one.received_on.year, one.received_on.month) for one in own}
    left = [
        one
        for one in entered
        if one.position <= position
        and one.agency == agency
        and period.since <= one.on <= period.until
        and (one.on.year, one.on.month) not in taken
    ]
    within = [one for one in own if period.since <= one.received_on <= period.until]
    in_time = []
    for one in within:
        clock = clock_of(one, CALENDAR)
        if not clock.late and period.until < clock.late_from:
            in_time.append(one)
    satisfied = [one for one in in_time if one.liked is not False and not one.repeated]
    return [
        0,
        0,
        sum(one.received for one in left) + len(within),
        sum(one.in_time for one in left) + len(in_time),
        len(within),
        len(satisfied),
    ]


async def test_what_was_entered_gives_way_by_month_and_agency_at_any_position_and_periods_add_up(
    metrics_database: Database,
) -> None:
    source = random.Random(91)
    first = date(2023, 1, 25)
    entered: list[_Entered] = []
    stated: list[_Stated] = []

    def some_day() -> date:
        return first + timedelta(days=source.randrange(80))

    for position in range(1, 6):
        async with metrics_database.transaction() as tx:
            await rollup.apply(tx, "30", [received_now(position, position)], position)
            numbers = await catalogue.number_agencies(tx, "30", {"A@2020-01-01", "B@2020-01-01"})
            agencies = sorted(numbers[key] for key in ("A@2020-01-01", "B@2020-01-01"))
            for _ in range(3):
                count = source.randint(0, 5)
                one = _Entered(position, source.choice(agencies), some_day(), count, source.randint(0, count))
                entered.append(one)
                counts = {"feedback": one.received, "feedback_in_time": one.in_time}
                await manual_inputs.add(tx, "30", one.agency, one.on, counts, "BC", "test")
            for code in source.sample("ABCDEFGH", 2):
                received = some_day()
                handled = received + timedelta(days=source.randrange(40)) if source.random() < 0.6 else None
                petition = Petition(code, "rule", received, handled_on=handled, liked=source.choice([None, True, False]))
                stated.append(_Stated(position, source.choice(agencies), petition))
                await store.insert(tx, "30", [(petition, stated[-1].agency, clock_of(petition, CALENDAR))], "test")
    columns = frozenset((When.manual_input, name) for name in MANUAL_INPUTS)
    whole = Period(first, first + timedelta(days=79))
    cut = whole.since + timedelta(days=33)
    halves = [Period(whole.since, cut), Period(cut + timedelta(days=1), whole.until)]
    async with metrics_database.transaction() as tx:
        for position in range(6):
            parts = []
            for period in (whole, *halves, Period(march(10), march(20))):
                query = sums.CounterQuery("30", agencies, period, "agency", columns)
                found = await sums.as_of(tx, query, position)
                then = await sums.as_of(tx, query, 2)
                moved = await sums.booked(tx, query, 2, position) if position >= 2 else None
                for agency in agencies:
                    expected = _counted(entered, stated, agency, period, position)
                    row = found.get(agency, EMPTY)
                    assert [row.manual_input(name) for name in MANUAL_INPUTS] == expected, (position, period, agency)
                    if moved is not None:
                        change = [moved.get(agency, EMPTY).manual_input(name) for name in MANUAL_INPUTS]
                        earlier = [then.get(agency, EMPTY).manual_input(name) for name in MANUAL_INPUTS]
                        assert [a + b for a, b in zip(earlier, change, strict=True)] == expected
                parts.append([found.get(agency, EMPTY).manual_input("feedback") for agency in agencies])
            assert parts[0] == [a + b for a, b in zip(parts[1], parts[2], strict=True)]
        months = list(steps(whole, "month"))
        series = await sums.series(tx, sums.CounterQuery("30", agencies, whole, columns=columns), months, 4)
        for row, month in zip(series, months, strict=True):
            both = [_counted(entered, stated, agency, month, 4) for agency in agencies]
            assert [row.manual_input(name) for name in MANUAL_INPUTS] == [a + b for a, b in zip(*both, strict=True)]


async def test_a_petition_that_was_passed_on_counts_where_it_is_answered_for_and_before_that_where_it_came_in(api: Api) -> None:
    await api.count([received_now(1, 1)])
    period: dict[str, Any] = {"since": "2024-11-01", "to": "2024-12-31"}

    async def state(**petition: Any) -> None:
        body = {
            "province": api.province,
            "petitions": [{"code": "P", "subject": "rule", "received_on": "2024-11-27", **petition}],
        }
        response = await api.client.post("/v1/petitions", json=body)
        assert response.status_code == 201, response.text

    async def counts(**more: Any) -> dict[str, int]:
        rows = (await api.get("/v1/kpis", by="agency", kpi="feedback_in_time_share", **period, **more))["rows"]
        counted = {row["agency"]: row["kpis"]["feedback_in_time_share"]["denominator"] for row in rows}
        return {agency: number for agency, number in counted.items() if number}

    await state(agency="10813")
    assert await until(counts, bool) == {"10813@2019-12-01": 1}
    await count_more(api, [received_now(2, 2)])
    # On 1 December 2024 the code 10828 went over to another unit: it was that one's when it was passed on.
    await state(agency="10828", passed_on="2024-12-03", handled_on="2024-12-10")
    assert await until(counts, lambda found: "10813@2019-12-01" not in found) == {"10828@2024-12-01": 1}
    assert await counts(as_of=1) == {"10813@2019-12-01": 1}
    listed = await api.get("/v1/petitions", **period)
    assert [(one["agency"], one["passed_on"]) for one in listed["petitions"]] == [("10828@2024-12-01", "2024-12-03")]
