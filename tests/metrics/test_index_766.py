"""The index of decision 766 from dossiers: what its components count equals an independent count, in every kind of period."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from services.metrics.agencies import store as catalogue
from services.metrics.figures.kpis.algebra import EMPTY
from services.metrics.figures.kpis.index_766 import OF_KIND
from services.metrics.figures.service import formulas_of
from services.metrics.figures.store import sums
from services.metrics.periods import KINDS, Period, kind_of, named
from shared.database import Database
from tests.metrics import worlds

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
            both = OF_KIND[kind]
            position = source.choice([world.ends[-1], source.choice(world.ends)])
            state = worlds.state(world.feed, position)
            query = sums.CounterQuery("30", sorted(units.everything), period, "agency", frozenset(formulas_of(both).columns))
            found = await sums.as_of(tx, query, position)
            for number in units.everything:
                of_it = [facts for facts in state.values() if facts.agency == units.keys.get(number)]
                on_time, base = worlds.by_decision_766(of_it, period.since, period.until)
                got = formulas_of(both).counts(found.get(number, EMPTY))
                assert got == (on_time, base, base - on_time, None), (name, number)
