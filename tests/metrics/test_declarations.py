"""The declared lists and what was made from them agree."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import date
from fractions import Fraction
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from services.metrics.counting.edges import Edge
from services.metrics.counting.measures import CAUSES, COLUMNS, MEASURES, STOCKS
from services.metrics.counting.store.versions import VersionRow
from services.metrics.counting.tables.versions import dossier_version
from services.metrics.counting.terms import TERMS, columns_read, over, term
from services.metrics.counting.time_buckets import TIME_BUCKETS
from services.metrics.figures.kpis.algebra import COLUMNS as PLACES
from services.metrics.figures.kpis.algebra import CounterRow, Sum, percentile
from services.metrics.figures.kpis.catalogue import BALANCE, BALANCES, BY_ID, KPIS
from services.metrics.figures.kpis.index_766 import BY_ID_OF_KIND
from services.metrics.figures.service import figures_of, formulas_of
from services.metrics.indices import model as indices
from shared.contracts.keys import RowKey, SingleUnit
from shared.contracts.kpis import KpiFigure
from shared.database import Database
from shared.statements import text_of

KEYS = {
    "agency_day": ["province", "agency_no", "day"],
    "agency_month": ["province", "agency_no", "month"],
    "ledger": ["position", "agency_no", "day", "province"],
}


async def columns(database: Database, table: str) -> dict[str, str]:
    async with database.transaction() as tx:
        rows: list[Any] = await tx.fetch(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'metrics' AND table_name = $1"
            " ORDER BY ordinal_position",
            table,
        )
    return {row["column_name"]: row["data_type"] for row in rows}


@pytest.mark.parametrize("table", KEYS)
async def test_a_counter_table_has_a_column_for_every_measure_and_no_other(metrics_database: Database, table: str) -> None:
    found = await columns(metrics_database, table)
    assert list(found) == [*KEYS[table], *COLUMNS]
    wide = {name for name, kind in found.items() if kind == "bigint"} - {"position"}
    assert wide == {measure.name for measure in MEASURES if measure.wide}


async def test_versions_are_written_with_every_column_of_their_table(metrics_database: Database) -> None:
    assert tuple(await columns(metrics_database, "dossier_version")) == VersionRow._fields


def test_every_measure_is_used_by_a_kpi_or_by_the_balance() -> None:
    every = (*KPIS, *BY_ID_OF_KIND.values())
    used = {
        name
        for total in (*BALANCE, *(side for kpi in every for side in (kpi.numerator, kpi.denominator, kpi.stated) if side))
        for _, _, name in total.terms
    }
    assert set(COLUMNS) <= used


def test_ids_are_unique_and_rates_name_their_direction() -> None:
    assert len(BY_ID) == len(KPIS)
    assert all(re.fullmatch(r"[a-z0-9_]+", kpi.id) for kpi in KPIS)
    assert all(kpi.better for kpi in KPIS if kpi.denominator is not None)
    assert all(kpi.target is None or kpi.denominator is not None for kpi in KPIS)


def counted(total: Sum) -> Counter[tuple[str, str]]:
    """How often a sum takes each measure."""
    found: Counter[tuple[str, str]] = Counter()
    for factor, when, name in total.terms:
        found[when, name] += factor
    return Counter({term: number for term, number in found.items() if number})


def test_parts_add_up_to_the_numerator_and_the_base_to_the_denominator() -> None:
    said = 0
    for kpi in KPIS:
        for side, ids in ((kpi.numerator, kpi.parts), (kpi.denominator, kpi.base)):
            if ids:
                assert side is not None
                assert counted(Sum(tuple(term for id in ids for term in BY_ID[id].numerator.terms))) == counted(side), kpi.id
                said += 1
    assert said >= 20


def test_balances_name_counts_of_the_catalogue_and_the_first_is_the_one_of_every_answer() -> None:
    for balance in BALANCES:
        assert all(BY_ID[kpi].denominator is None for kpi in (*balance.left, *balance.right)), balance.name
    first = BALANCES[0]
    for side, ids in zip(BALANCE, (first.left, first.right), strict=True):
        assert counted(Sum(tuple(term for id in ids for term in BY_ID[id].numerator.terms))) == counted(side)


def test_a_stock_has_a_span_and_nothing_else_has() -> None:
    assert {measure.name for measure in MEASURES if measure.span is not None} == set(STOCKS)
    assert all(measure.amount is None for measure in MEASURES if measure.edge is Edge.stock)


def test_there_is_a_count_and_a_stock_for_every_cause() -> None:
    assert CAUSES[-1] == "other"
    for cause in CAUSES:
        assert {f"overdue_{cause}", f"late_{cause}"} <= set(COLUMNS)
        assert f"overdue_{cause}" in BY_ID


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        ({}, 50, None),
        ({"took_1_day": 10}, 50, "0.75"),
        ({"took_1_day": 10, "took_5_days": 10}, 50, "1"),
        ({"took_1_day": 10, "took_5_days": 10}, 90, "4.6"),
        ({"took_longer": 3}, 50, "60"),
    ],
)
def test_a_percentile_lies_on_a_straight_line_inside_its_bucket(
    counts: dict[str, int], share: int, expected: str | None
) -> None:
    row = CounterRow(counts.get(name, 0) for _, name in PLACES)
    numerator, denominator = percentile(Fraction(share, 100), row)
    assert (Fraction(numerator, denominator) if denominator else None) == (None if expected is None else Fraction(expected))


def test_buckets_rise() -> None:
    bounds = [bound for _, bound in TIME_BUCKETS]
    assert bounds == sorted(bounds)


def test_the_circular_has_nine_criteria_of_two_points() -> None:
    assert [component.points for component in indices.CIRCULAR_01] == [2] * 9


@pytest.mark.parametrize(
    ("points", "name"),
    [(18, "excellent"), (15, "excellent"), (14, "good"), (12, "good"), (9, "fair"), (6, "average"), (5, "weak"), (0, "weak")],
)
def test_a_score_on_the_bound_is_in_the_better_band(points: int, name: str) -> None:
    given = [2.0] * (points // 2) + [1.0] * (points % 2) + [0.0] * 9
    made = {one.id: indices.Assessment(one.id, share, "x") for one, share in zip(indices.CIRCULAR_01, given, strict=False)}
    band = indices.band(indices.component_scores({}, made))
    assert band is not None
    assert band.en == name


def test_the_criteria_of_the_circular_are_scored_as_it_says() -> None:
    def score(**values: float | None) -> dict[str, float | None]:
        return {line.component.id: line.points for line in indices.component_scores(values, {})}

    assert [score(time_of_limit=value)["1"] for value in (0.9, 1.0, 1.2)] == [2, 1, 0]
    assert [score(supplements_per_dossier=value)["3"] for value in (0, 0.5, 1, 1.5)] == [2, 1, 1, 0]
    assert [score(feedback_recorded=1, feedback_in_time_share=value)["8"] for value in (None, 1.0, 0.95, 0.5)] == [2, 2, 1, 0]
    assert score()["8"] is None
    assert indices.band(indices.component_scores({}, {})) is None


@pytest.mark.parametrize("largest", [0, 1, 50, 10**5, 10**12])
def test_figures_written_as_text_are_those_that_msgspec_writes(largest: int) -> None:
    source = random.Random(largest)
    formulas = formulas_of(KPIS)
    for _ in range(20):
        row = CounterRow(source.randint(0, largest) for _ in PLACES)
        key = RowKey(
            province="30",
            position=source.randint(0, largest),
            scope=SingleUnit('10"8\\28@2019-12-01'),
            since=date(2023, 1, 1),
            until=date(2023, 6, 30),
            structure_on=None,
        )
        before, after = (msgspec.json.encode(text).decode()[1:-1] for text in key.around())
        text = formulas.as_json(row, before, after)
        figures = figures_of(formulas, row, key)
        # Read and written again, since there are several ways to write 0,00001; names and their order stay as they are.
        assert msgspec.json.encode(msgspec.json.decode(text)) == msgspec.json.encode(figures)
        assert msgspec.json.decode(text, type=dict[str, KpiFigure]) == figures


def test_terms_are_no_columns_and_all_are_asked() -> None:
    assert not set(TERMS) & set(dossier_version.c.keys())
    assert set(TERMS) <= set(columns_read(*(measure.condition for measure in MEASURES)))


def test_a_term_is_a_column_where_there_is_one_and_spelt_out_elsewhere() -> None:
    condition = sa.and_(dossier_version.c.cause == "overdue", term.overdue)
    assert text_of(over(condition, dossier_version.alias("v"))) == "v.cause = 'overdue' AND (v.timeliness = 'overdue')"
    either = text_of(over(sa.and_(dossier_version.c.interlinked, term.unmapped), dossier_version.alias("v")))
    assert either == "v.interlinked AND (v.agency_no = 0 OR v.procedure IS NULL)"
    found = sa.table("found", sa.column("cause", sa.Text), sa.column("overdue", sa.Boolean))
    assert text_of(over(condition, found)) == "found.cause = 'overdue' AND found.overdue"
