"""The agencies of a scope by the index of decision 766/QĐ-TTg: their places, their moves, and who moved the scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from services.metrics.agencies.model import Group, Units
from services.metrics.figures import service as figures
from services.metrics.figures.comparisons import earlier
from services.metrics.figures.kpis.algebra import rounded
from services.metrics.figures.query import KpiQuery
from services.metrics.figures.service import Result, context_from
from services.metrics.indices import store
from services.metrics.indices.counts import counts_of, kpis_of
from services.metrics.indices.decision_766 import INDEX, quotient, total_with
from services.metrics.indices.petitions import known_petitions
from services.metrics.indices.publication import of_communes
from services.metrics.indices.rules import Ruleset, rules_of, ruleset_on
from services.metrics.indices.scoring import ComponentScore, Counts, printed, scored
from services.metrics.periods import kind_of, with_name
from services.metrics.provinces.completeness import together
from shared.contracts.indices import IndexRanking, IndexRow
from shared.contracts.kpis import KpiResponse, UnitRow
from shared.database import Connection

MOVED_DIGITS = 4
"""Digits of points of the scope that one agency moved: of a province one moves little."""


class _Row(NamedTuple):
    """An agency with what is counted of it, and its points."""

    unit: UnitRow
    counts: Counts
    lines: list[ComponentScore]
    reached: Fraction
    out_of: Fraction

    @property
    def share(self) -> Fraction | None:
        """What ranks; None where nothing is available."""
        return self.reached / self.out_of if self.out_of else None


class _Period(NamedTuple):
    """A period of the scope: its rules, what is counted of the whole, and its agencies."""

    response: KpiResponse[UnitRow]
    revision: int
    ruleset: Ruleset
    counts: Counts
    rows: dict[str | None, _Row]

    @property
    def points(self) -> dict[str, Fraction]:
        """Points of the whole by component; absent where they are not available."""
        return _points([scored(one, self.counts) for one in self.ruleset.component])


def _points(lines: Sequence[ComponentScore]) -> dict[str, Fraction]:
    return {line.component.id: line.points for line in lines if line.points is not None}


async def ranking(tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None) -> Result[IndexRanking]:
    """The agencies of a scope by their share of points, how it moved against the period before, and what they moved of it."""
    query = replace(query, by="agency", period=with_name(query.period))
    kind = kind_of(query.period)
    query = replace(query, kpis=kpis_of(kind))
    now = await _period(tx, query, units, permitted)
    then = await _period(tx, earlier(query, "previous", units, permitted), units, permitted)
    ordered = sorted(now.rows.values(), key=lambda one: (one.share is None, -(one.share or 0)))
    rows: list[IndexRow] = []
    for number, row in enumerate(ordered, 1):
        equal = bool(rows) and ordered[number - 2].share == row.share
        rank = None if row.share is None else rows[-1].rank if equal else number
        rows.append(_ranked(row, then.rows.get(row.unit.agency), rank, now, then))
    found = IndexRanking(
        **context_from(now.response),
        against=then.response.period.since,
        period_kind=kind,
        rules=rules_of(now.ruleset, query.period.until),
        component_names={one.id: one.name for one in now.ruleset.component},
        rows=rows,
        balance=now.response.balance,
        freshness=together(now.response.freshness, then.response.freshness),
    )
    return Result(found, now.revision)


async def _period(tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None) -> _Period:
    kind, period, ruleset = kind_of(query.period), query.period, ruleset_on(query.period.until)
    result = await figures.compute_kpis(tx, query, units, permitted)
    found = result.response
    scope = units.scope(query.scope, period.until, query.structure_on, permitted)
    groups = {one.key: one for one in units.rows(scope, query.level, period.since, period.until, query.structure_on)}
    known = await known_petitions(tx, query, scope, found.position)
    wholes = _wholes(groups, query, units)
    made = await store.assessments(
        tx, query.province, sorted(wholes.values()), INDEX, period.since, period.until, found.position
    )
    rows = {}
    for row in found.rows:
        members = groups[row.agency].members
        counts = {**counts_of(row.kpis, kind, known, members), **of_communes(units, members, period.until)}
        lines = [scored(one, counts) for one in ruleset.component]
        total = total_with(lines, made.get(wholes.get(row.agency, ""), {}))
        rows[row.agency] = _Row(row, counts, lines, *total)
    whole = {
        **counts_of(found.total.kpis, kind, known, scope.members),
        **of_communes(units, scope.members, period.until),
    }
    return _Period(found, result.revision, ruleset, whole, rows)


def _wholes(groups: Mapping[str | None, Group], query: KpiQuery, units: Units) -> dict[str | None, str]:
    """The scopes of the rows that hold all that lies below their agency: points that people entered are of such."""
    found: dict[str | None, str] = {}
    for key, group in groups.items():
        if key is not None and key in units.numbers:
            whole = units.scope([key], query.period.until, query.structure_on, None)
            if whole.members == group.members:
                found[key] = str(whole.scope)
    return found


def _ranked(row: _Row, was: _Row | None, rank: int | None, now: _Period, then: _Period) -> IndexRow:
    earlier = None if was is None else was.share
    points = _points(row.lines)
    points_then = {} if was is None else _points(was.lines)
    return IndexRow(
        agency=row.unit.agency,
        code=row.unit.code,
        name=row.unit.name,
        kind=row.unit.kind,
        rank=rank,
        points=printed(row.reached) or 0,
        out_of=float(row.out_of),
        share=quotient(row.reached, row.out_of),
        change=None if row.share is None or earlier is None else printed(100 * (row.share - earlier)),
        components={one.component.id: printed(one.points) for one in row.lines},
        changes={
            name: printed(points[name] - points_then[name]) or 0
            for name in points
            if name in points_then and points[name] != points_then[name]
        },
        moved=_moved(row.counts, {} if was is None else was.counts, now, then),
    )


def _moved(counts: Counts, counts_then: Counts, now: _Period, then: _Period) -> dict[str, float]:
    """Points of the scope that it has now and would not have if this agency stood as it did in the period before."""
    still = {
        name: None if value is None else value - (counts.get(name) or 0) + (counts_then.get(name) or 0)
        for name, value in now.counts.items()
    }
    without = _points([scored(one, still) for one in now.ruleset.component])
    moved = {
        name: points - without[name]
        for name, points in now.points.items()
        if name in then.points and name in without and points != without[name]
    }
    return {name: rounded(one.numerator, one.denominator, MOVED_DIGITS) or 0 for name, one in moved.items()}
