"""Published scores of decision 766 beside ours, component by component and unit by unit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from msgspec import structs

from services.metrics.agencies.model import Group, Units
from services.metrics.figures import service as figures
from services.metrics.figures.query import KpiQuery
from services.metrics.figures.service import Result, context_from
from services.metrics.indices import store
from services.metrics.indices.counts import counts_of, kpis_of
from services.metrics.indices.decision_766 import procedures_of
from services.metrics.indices.petitions import known_petitions
from services.metrics.indices.publication import of_communes, of_procedures
from services.metrics.indices.published import CAUSE_NAMES, Cause, as_published, cause_of
from services.metrics.indices.rules import Component, Part, Ruleset, ruleset_on
from services.metrics.indices.scoring import Counts, printed, scored
from services.metrics.indices.store import PublishedRow
from services.metrics.periods import kind_of
from shared.civil import VIETNAM, civil_day
from shared.contracts.indices import ComparedScore, IndexComparison, PublishedPull
from shared.contracts.kpis import KpiResponse, Kpis, Text, UnitRow
from shared.database import Connection
from shared.errors import NotFound

ROUNDING = 0.015
"""Points by which published ones may differ from those that their own counts give: both round, the portal its rate, too."""

OurCounts = Mapping[str | None, Counts | None]
"""Ours by the code of a unit, None: the scope; None where the catalogue has no such unit, or the key may not see it."""


class _Ours(NamedTuple):
    result: Result[KpiResponse[UnitRow]]
    counts: OurCounts
    names: Mapping[str | None, Text]
    """Of units by their codes, None: the scope."""


async def comparison(
    tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None
) -> Result[IndexComparison]:
    """What was published for exactly this scope and period, beside what we count."""
    ruleset = ruleset_on(query.period.until)
    query = replace(query, by="none", kpis=kpis_of(kind_of(query.period)))
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    theirs = await store.published(tx, query.province, str(scope.scope), query.period.since, query.period.until)
    result, ours, names = await _count(tx, query, units, permitted, {one.unit for one in theirs})
    found = [compared(one, ours.get(one.unit), ruleset, names) for one in theirs]
    known_on = None if result.response.as_of is None else civil_day(result.response.as_of)
    for day in sorted({row.published_on for row in found if row.cause is not None}):
        if known_on is not None and day < known_on:
            of_day = {one.unit for one in theirs if one.published_on == day}
            _, then, _ = await _count(tx, replace(query, as_of=_end_of(day)), units, permitted, of_day)
            found = [
                compared(one, ours.get(one.unit), ruleset, names, then.get(one.unit)) if one.published_on == day else row
                for one, row in zip(theirs, found, strict=True)
            ]
    rows = sorted(found, key=_weight)
    response = IndexComparison(
        **context_from(result.response),
        rows=rows,
        differing=sum(row.cause is not None for row in rows),
        pulls=[] if query.scope else await _pulls(tx, query),
        balance=result.response.balance,
        freshness=result.response.freshness,
    )
    return Result(response, result.revision)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), VIETNAM)


async def _count(
    tx: Connection, query: KpiQuery, units: Units, permitted: frozenset[int] | None, codes: Collection[str | None]
) -> _Ours:
    """What is counted of the scope and of the units of these codes."""
    kind, until = kind_of(query.period), query.period.until
    result = await figures.compute_kpis(tx, query, units, permitted)
    scope = units.scope(query.scope, until, query.structure_on, permitted)
    known = await known_petitions(tx, query, scope, result.response.position)
    procedures = await procedures_of(tx, query, scope, result.response.position)
    ours: dict[str | None, Counts | None] = {
        None: {
            **counts_of(result.response.total.kpis, kind, known, scope.members),
            **of_procedures(procedures),
            **of_communes(units, scope.members, until),
        }
    }
    names: dict[str | None, Text] = {None: scope.unit.name}
    if named := {code for code in codes if code is not None}:
        by_agency = await figures.compute_kpis(tx, replace(query, by="agency"), units, permitted)
        kpis = {units.numbers[row.agency]: row.kpis for row in by_agency.response.rows if row.agency in units.numbers}
        nothing = _added([], result.response.total.kpis)
        for code in named:
            group = _group(units, code, query, permitted)
            if group is None:
                ours[code] = None
                continue
            members, names[code] = group.members, group.unit.name
            summed = _added((one for number, one in kpis.items() if number in members), nothing)
            ours[code] = {**counts_of(summed, kind, known, members), **of_communes(units, members, until)}
    return _Ours(result, ours, names)


def _added(rows: Iterable[Kpis], of: Kpis) -> Kpis:
    """The sums of figures, with the keys of `of`; of no rows 0."""
    rows = list(rows)
    found = {}
    for name, figure in of.items():
        above = sum(row[name].numerator or 0 for row in rows)
        below = None if figure.denominator is None else sum(row[name].denominator or 0 for row in rows)
        found[name] = structs.replace(figure, numerator=above, denominator=below)
    return found


async def _pulls(tx: Connection, query: KpiQuery) -> list[PublishedPull]:
    """How the addresses stand that are pulled for the whole province and this period."""
    return [
        PublishedPull(
            endpoint=one.endpoint,
            pulled_at=one.pulled_at,
            next_at=one.next_at,
            failing_since=one.failing_since,
            error=None if one.error_vi is None or one.error_en is None else Text(one.error_vi, one.error_en),
        )
        for one in await store.pulls(tx, query.province, query.period.since, query.period.until)
    ]


def _group(units: Units, code: str, query: KpiQuery, permitted: frozenset[int] | None) -> Group | None:
    """The unit of a code and all below it; None: the catalogue has none, or the key may not see it."""
    try:
        return units.scope([code], query.period.until, query.structure_on, permitted)
    except NotFound:
        return None


def _weight(row: ComparedScore) -> tuple[bool, float, str, str]:
    return row.cause is None, -abs(row.dossiers or 0), row.code, row.unit or ""


def _of_code(code: str, ruleset: Ruleset) -> tuple[Component | None, Part | None]:
    """What a code is of; no part where it is of a component whose parts are published under codes of their own."""
    for component in ruleset.component:
        for part in component.part:
            if part.published == code or (part.published is None and component.published == code):
                return component, part
        if component.published == code:
            return component, None
    return None, None


def _counts(counts: Counts | None, part: Part | None) -> tuple[int | None, int | None]:
    if counts is None or part is None:
        return None, None
    return counts.get(part.numerator), counts.get(part.denominator)


def _is_other_rule(theirs: float | None, ours: float | None) -> bool:
    """Whether equal counts have points that no rounding explains."""
    return theirs is not None and ours is not None and abs(theirs - ours) > ROUNDING


def _cause_by_points(theirs: float | None, ours: float | None) -> Cause | None:
    """Of a component that has no counts as a whole, so that its points must tell."""
    if theirs is None or theirs == ours:
        return None
    return "not_scored_here" if ours is None else "judged_otherwise"


def compared(
    one: PublishedRow,
    counts: Counts | None,
    ruleset: Ruleset,
    names: Mapping[str | None, Text],
    then: Counts | None = None,
) -> ComparedScore:
    """A published score beside `counts`, ours of the same unit; None: there is none here. `then`: ours of its day."""
    component, part = _of_code(one.code, ruleset)
    above, below = _counts(counts, part)
    points, whole = None, False
    if counts is not None and component is not None:
        line = scored(component, counts)
        of_part = part is not None and part.published is not None
        points = printed(next(made.points for made in line.parts if made.part is part) if of_part else line.points)
        whole = of_part or all(made.points is not None for made in line.parts)
    theirs = as_published(one.numerator), as_published(one.denominator)
    cause: Cause | None
    if counts is None:
        cause = "unmapped_unit"
    elif component is not None and component.part and part is None:
        cause = _cause_by_points(one.points, points)
    else:
        cause = cause_of(theirs, (above, below), None if then is None else _counts(then, part))
        if theirs == (above, below) and whole and _is_other_rule(one.points, points):
            cause = "other_points"
    moved = None
    if above is not None and below is not None and theirs[0] is not None and theirs[1] is not None:
        moved = below - theirs[1] or above - theirs[0]
    return ComparedScore(
        unit=one.unit,
        unit_name=names.get(one.unit),
        component=None if component is None else component.id,
        component_name=None if component is None else component.name,
        code=one.code,
        published_on=one.published_on,
        numerator=theirs[0],
        denominator=theirs[1],
        points=one.points,
        our_numerator=above,
        our_denominator=below,
        our_points=points,
        dossiers=moved,
        cause=cause,
        cause_name=None if cause is None else CAUSE_NAMES[cause],
    )
