"""The index of decision 766 from dossiers: what its components count equals an independent count, in every kind of period."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from services.metrics.agencies import store as catalogue
from services.metrics.figures.kpis.algebra import EMPTY
from services.metrics.figures.kpis.index_766 import OF_KIND
from services.metrics.figures.service import formulas_of
from services.metrics.figures.store import sums
from services.metrics.indices.scoring import printed
from services.metrics.periods import KINDS, Period, kind_of, named
from shared.database import Database
from tests.metrics import by_hand, worlds
from tests.metrics.conftest import Api
from tests.patience import until

NAMES = ("C2023-M02", "C2023-Q1", "C2023", "2023-M03", "2023-Q1", "2023-H1", "2023", "C2023-M12")
"""Periods that the worlds lie in; one of every kind."""


async def test_the_end_of_a_period_is_the_same_in_the_database(metrics_database: Database) -> None:
    async with metrics_database.transaction() as tx:
        for kind in KINDS:
            reckoning, unit = kind.split("_")
            days: list[Any] = await tx.fetch(
                f"SELECT d::date AS day, metrics.{reckoning}_end($1, d::date) AS until"
                " FROM generate_series('2023-12-01'::date, '2025-03-31', '1 day') d",
                unit,
            )
            for row in days:
                assert row["until"] == _period_of(row["day"], kind).until


def _period_of(day: date, kind: str) -> Period:
    reckoning, unit = kind.split("_")
    part = {"month": [f"-M{n:02d}" for n in range(1, 13)], "quarter": [f"-Q{n}" for n in range(1, 5)]}
    parts = part.get(unit, ["-H1", "-H2"] if unit == "half" else [""])
    civil = "C" if reckoning == "civil" else ""
    every = (named(f"{civil}{year}{one}", day) for year in range(day.year - 1, day.year + 2) for one in parts)
    return next(one for one in every if one.since <= day <= one.until)


def test_there_is_a_period_of_every_kind_below() -> None:
    assert {kind_of(named(name, date(2023, 6, 1))) for name in NAMES} == set(KINDS)


@pytest.mark.parametrize("seed", [71, 72])
async def test_on_time_by_the_decision_equals_a_count_of_each_dossier_by_itself(
    counted: Any, metrics_database: Database, seed: int
) -> None:
    world = await counted(seed)
    source = random.Random(seed)
    async with metrics_database.transaction() as tx:
        units = await catalogue.units(tx, "30")
        for name in NAMES:
            period = named(name, date(2023, 6, 1))
            kind = kind_of(period)
            assert kind != "other"
            both = OF_KIND[kind][:2]
            position = source.choice([world.ends[-1], source.choice(world.ends)])
            state = worlds.state(world.feed, position)
            query = sums.CounterQuery("30", sorted(units.everything), period, "agency", frozenset(formulas_of(both).columns))
            found = await sums.as_of(tx, query, position)
            for number in units.everything:
                of_it = [facts for facts in state.values() if facts.agency == units.keys.get(number)]
                on_time, base = by_hand.by_decision_766(of_it, period.since, period.until)
                got = formulas_of(both).counts(found.get(number, EMPTY))
                assert got == (on_time, base, base - on_time, None), (name, number)


async def test_a_score_states_what_is_lost_and_opens_the_dossiers_that_cost_it(api: Api) -> None:
    world = await api.count(worlds.random_feed(random.Random(73), 90, 260))
    state = worlds.state(world.feed, world.ends[-1])
    period = named("C2023-M02", date(2023, 6, 1))
    found = await api.get("/v1/indices/766", period="C2023-M02")
    assert (found["of"], found["period_kind"], found["rules"]["in_force"]) == (100, "civil_month", False)
    lines = {line["id"]: line for line in found["components"]}
    on_time, base = by_hand.by_decision_766(state.values(), period.since, period.until)
    progress = lines["2.1"]["parts"][0]
    assert (progress["numerator"], progress["denominator"]) == (on_time, base)
    assert lines["2.1"]["points"] == printed(Fraction(20 * on_time, base))
    assert lines["2.1"]["lost"] == printed(20 - Fraction(20 * on_time, base))
    assert {name for name, line in lines.items() if line["source"] == "computed"} >= {"2.1", "3.5-3.6", "4.1", "4.2", "4.3"}
    assert (lines["3"]["points"], lines["3"]["evidence"], lines["3"]["lost"]) == (None, "open", None)
    assert lines["5.2"]["points"] is None  # nobody entered petitions: that is not none
    assert found["out_of"] == sum(line["available"] for line in lines.values()) == 20 + 6 + 6 + 4 + 2 + 4 + 2
    exact = [Fraction(part["points"]) for line in lines.values() for part in line["parts"] if part["points"] is not None]
    assert found["points"] == pytest.approx(float(sum(exact)), abs=0.05)
    for line in lines.values():
        for part in line["parts"]:
            if part["costing_figure"] is not None:
                opened = await api.get(f"/v1/figures/{part['costing_figure']}", limit=1000)
                assert sum(one["contribution"] for one in opened["dossiers"]) == part["costing"], line["id"]
                assert part["costing"] == part["denominator"] - part["numerator"]
    entry = {"province": api.province, "from": "2023-02-01", "to": "2023-02-28", "component": "1.1", "basis": "BC 12"}
    response = await api.client.post("/v1/indices/766/assessments", json={**entry, "points": 5.5})
    assert response.status_code == 201, response.text
    again = await until(lambda: api.get("/v1/indices/766", period="C2023-M02"), lambda one: one["out_of"] != found["out_of"])
    assert again["out_of"] == found["out_of"] + 6
    assert (await api.client.post("/v1/indices/766/assessments", json={**entry, "points": 7})).status_code == 422
    other = await api.get("/v1/indices/766", since="2023-02-01", to="2023-02-27")
    assert {line["id"]: line["points"] for line in other["components"]}["2.1"] is None


async def test_agencies_are_ranked_with_ties_and_moves_and_losses_add_up(api: Api) -> None:
    world = await api.count(worlds.random_feed(random.Random(74), 90, 260))
    ranked = await api.get("/v1/indices/766/ranking", period="C2023-M02")
    shares = [row["share"] for row in ranked["rows"] if row["rank"] is not None]
    assert shares == sorted(shares, reverse=True)
    assert ranked["against"] == "2023-01-01"
    # Moves are figures of the period before as well, of which there are no data here.
    first = await api.get("/v1/indices/766/ranking", period="C2023-M01")
    assert {one["kind"]: one["count"] for one in first["freshness"]["reasons"]}["period_before_data"] == 31
    for row in ranked["rows"]:
        alone = [row["agency"]] if row["agency"] not in (None, "unmapped") else None
        if alone is not None and row["kind"] == "commune":
            one = await api.get("/v1/indices/766", period="C2023-M02", scope=alone[0])
            assert (one["points"], one["share"]) == (row["points"], row["share"])
            before = await api.get("/v1/indices/766", period="C2023-M01", scope=alone[0])
            if row["change"] is not None:
                assert row["change"] == pytest.approx(100 * (one["share"] - before["share"]), abs=0.02)
            points, then = ({line["id"]: line["points"] for line in score["components"]} for score in (one, before))
            both = {name for name in points if points[name] is not None and then[name] is not None}
            for name in both:
                assert row["changes"].get(name, 0) == pytest.approx(points[name] - then[name], abs=0.02)
            assert set(row["changes"]) <= both
    # Who moved the scope: as if an agency stood as in the month before, and nobody else had moved.
    state = list(worlds.state(world.feed, world.ends[-1]).values())
    months = [named(name, date(2023, 6, 1)) for name in ("C2023-M01", "C2023-M02")]
    for row in ranked["rows"]:
        own = [facts for facts in state if facts.agency == row["agency"]]
        scope = by_hand.by_decision_766(state, months[1].since, months[1].until)
        was, has = (by_hand.by_decision_766(own, month.since, month.until) for month in months)
        still = Fraction(scope[0] - has[0] + was[0], scope[1] - has[1] + was[1])
        moved = 20 * (Fraction(*scope) - still)
        assert row["moved"].get("2.1", 0) == pytest.approx(float(moved), abs=0.0001), row["agency"]
    # Points that people entered of an agency count in its place as they do in its score.
    entry = {"from": "2023-02-01", "to": "2023-02-28", "component": "1.1", "basis": "BC 12", "points": 5.5, "scope": "10813"}
    response = await api.client.post("/v1/indices/766/assessments", json={"province": api.province, **entry})
    assert response.status_code == 201, response.text

    async def place() -> tuple[float, float]:
        rows = (await api.get("/v1/indices/766/ranking", period="C2023-M02"))["rows"]
        return next((row["points"], row["out_of"]) for row in rows if row["code"] == "10813")

    before_entry = next((row["points"], row["out_of"]) for row in ranked["rows"] if row["code"] == "10813")
    after = await until(place, lambda found: found != before_entry)
    assert after == (round(before_entry[0] + 5.5, 2), before_entry[1] + 6)
    one = await api.get("/v1/indices/766", period="C2023-M02", scope="10813")
    assert (one["points"], one["out_of"]) == after
    found = await api.get("/v1/indices/766/losses", period="C2023-M02")
    whole = {line["id"]: line for line in (await api.get("/v1/indices/766", period="C2023-M02"))["components"]}
    for component in ("2.1", "4.1", "4.4"):
        rows = [row for row in found["rows"] if row["component"] == component]
        assert sum(row["dossiers"] for row in rows) == whole[component]["parts"][0]["costing"]
        assert sum(row["gain"] for row in rows) == pytest.approx(whole[component]["lost"], abs=0.01)
    names = ranked["component_names"]
    assert {name for row in ranked["rows"] for name in row["components"]} == set(names)
    assert all(row["component_name"] == names[row["component"]] for row in found["rows"])
    csv = await api.client.get(
        "/v1/indices/766/losses", params={"province": api.province, "period": "C2023-M02", "format": "csv"}
    )
    assert len(csv.text.strip().splitlines()) == 1 + len(found["rows"])
    assert all(row["component_name"]["vi"] in csv.text for row in found["rows"])
