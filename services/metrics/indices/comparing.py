"""Published scores of decision 766 beside ours, component by component and unit by unit."""

from __future__ import annotations

from dataclasses import replace

from services.metrics.agencies.model import Units
from services.metrics.figures import service as figures
from services.metrics.figures.query import KpiQuery
from services.metrics.figures.service import Result, context_from
from services.metrics.indices import store
from services.metrics.indices.counts import counts_of, kpis_of
from services.metrics.indices.decision_766 import procedures_of
from services.metrics.indices.publication import of_communes, of_procedures
from services.metrics.indices.published import cause_of
from services.metrics.indices.rules import Component, Part, Ruleset, ruleset_on
from services.metrics.indices.scoring import Counts, printed, scored
from services.metrics.indices.store import PublishedRow
from services.metrics.periods import kind_of
from services.metrics.petitions import store as petitions
from shared.contracts.indices import ComparedScore, IndexComparison
from shared.database import Connection
from shared.errors import NotFound


async def comparison(
    tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None
) -> Result[IndexComparison]:
    """What was published for exactly this scope and period, beside what we count."""
    kind, ruleset = kind_of(query.period), ruleset_on(query.period.until)
    query = replace(query, by="none", kpis=kpis_of(kind))
    result = await figures.compute_kpis(tx, query, units, permitted)
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    theirs = await store.published(tx, query.province, str(scope.scope), query.period.since, query.period.until)
    stated = await petitions.has_petitions(tx, query.province)
    total = counts_of(result.response.total.kpis, kind, stated=stated)
    ours: dict[str | None, Counts | None] = {None: total}
    if codes := {one.unit for one in theirs if one.unit is not None}:
        by_agency = await figures.compute_kpis(tx, replace(query, by="agency"), units, permitted)
        rows_by_number = {
            units.numbers[row.agency]: counts_of(row.kpis, kind, stated=stated)
            for row in by_agency.response.rows
            if row.agency in units.numbers
        }
        for code in codes:
            members = _members(units, code, query, permitted)
            of_it = None if members is None else [one for number, one in rows_by_number.items() if number in members]
            if of_it is not None and members is not None:
                summed = {name: sum(one.get(name) or 0 for one in of_it) for name in total}
                ours[code] = {**summed, **of_communes(units, members, query.period.until)}
    procedures = await procedures_of(tx, query, scope, result.response.position)
    ours[None] = {
        **total,
        **of_procedures(procedures),
        **of_communes(units, scope.members, query.period.until),
    }
    rows = sorted((_compared(one, ours.get(one.unit), ruleset) for one in theirs), key=_weight)
    found = IndexComparison(
        **context_from(result.response),
        rows=rows,
        differing=sum(row.cause is not None for row in rows),
        balance=result.response.balance,
        freshness=result.response.freshness,
    )
    return Result(found, result.revision)


def _members(units: Units, code: str, query: KpiQuery, permitted: frozenset[int] | None) -> frozenset[int] | None:
    """The unit of a code and all below it; None: the catalogue has none, or the key may not see it."""
    try:
        return units.scope([code], query.period.until, query.structure_on, permitted).members
    except NotFound:
        return None


def _weight(row: ComparedScore) -> tuple[bool, int, str, str]:
    return row.cause is None, -abs(row.dossiers or 0), row.code, row.unit or ""


def _of_code(code: str, ruleset: Ruleset) -> tuple[Component, Part] | None:
    for component in ruleset.component:
        for part in component.part:
            if part.published == code or (part.published is None and component.published == code):
                return component, part
    return None


def _compared(one: PublishedRow, counts: Counts | None, ruleset: Ruleset) -> ComparedScore:
    known = _of_code(one.code, ruleset)
    component, part = known if known is not None else (None, None)
    above = below = points = None
    if counts is not None and component is not None and part is not None:
        above, below = counts.get(part.numerator), counts.get(part.denominator)
        line = scored(component, counts)
        points = printed(next(made.points for made in line.parts if made.part is part) if part.published else line.points)
    cause = "unmapped_unit" if counts is None else cause_of((one.numerator, one.denominator), (above, below))
    moved = None
    if above is not None and below is not None and one.numerator is not None and one.denominator is not None:
        moved = below - one.denominator or above - one.numerator
    return ComparedScore(
        unit=one.unit,
        component=None if component is None else component.id,
        code=one.code,
        published_on=one.published_on,
        numerator=one.numerator,
        denominator=one.denominator,
        points=one.points,
        our_numerator=above,
        our_denominator=below,
        our_points=points,
        dossiers=moved,
        cause=cause,
    )
