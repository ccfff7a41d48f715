"""Restatements: what the batches between two positions changed in the figures of a period, and by which dossiers."""

from __future__ import annotations

from services.metrics.agencies.model import Group, Units
from services.metrics.figures.comparisons import difference
from services.metrics.figures.kpis.algebra import CounterRow, added, value_of
from services.metrics.figures.query import Question, key_of_row
from services.metrics.figures.service import Answered, Moment, Page, formulas_of, head_of, moment
from services.metrics.figures.store import sums
from services.metrics.provinces.completeness import freshness
from services.metrics.provinces.store import batches
from services.metrics.restatements import store
from shared.contracts.comparisons import CountedAt, KnownFigure, MovedFigure, MovedRow, MovedTotal, Restatement
from shared.contracts.dossiers import AtPosition, MovedDossier, MovedDossiers
from shared.database import Connection
from shared.errors import Invalid, NotFound


async def restatement(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None, after: int, upto: int | None
) -> Answered[Restatement]:
    """What the batches between two positions moved in a period: per KPI and agency, before and after."""
    at = await moment(tx, question)
    first, last = await _between(tx, question.province, at, after, upto)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    asked = sums.Asked(question.province, sorted(scope.members), question.period, "agency")
    booked = await sums.booked(tx, asked, first, last)
    old = await sums.as_of(tx, asked, first)
    rows, total_old, total_new = [], [], []
    for group in units.rows(scope, question.level, question.period.since, question.period.until, question.structure_on):
        then = added(old[number] for number in group.members if number in old)
        now = added([then, *(booked[number] for number in group.members if number in booked)])
        total_old.append(then)
        total_new.append(now)
        moves = _moves(question, group, then, now, first, last)
        if moves:
            unit = group.unit
            rows.append(MovedRow(agency=unit.agency, code=unit.code, name=unit.name, kind=unit.kind, kpis=moves))
    found = Restatement(
        **head_of(question, scope, at),
        after=CountedAt(first, await batches.applied_at(tx, question.province, first)),
        upto=CountedAt(last, await batches.applied_at(tx, question.province, last)),
        total=MovedTotal(_moves(question, scope, added(total_old), added(total_new), first, last)),
        rows=rows,
        freshness=freshness(at.province, at.outage),
    )
    return Answered(found, at.province.generation)


async def _between(tx: Connection, province: str, at: Moment, after: int, upto: int | None) -> tuple[int, int]:
    last = at.position if upto is None else await batches.batch_at(tx, province, upto)
    first = await batches.batch_at(tx, province, after)
    if first > last:
        raise Invalid(f"A restatement goes from an earlier to a later position; {first} is after {last}.")
    return first, last


def _moves(
    question: Question, group: Group, then: CounterRow, now: CounterRow, first: int, last: int
) -> dict[str, MovedFigure]:
    formulas = formulas_of(question.kpis)
    old, new = formulas.counts(then), formulas.counts(now)
    sides = [key_of_row(question, position, group.scope).around() for position in (first, last)]
    moves = {}
    for number, kpi in enumerate(question.kpis):
        pair = slice(2 * number, 2 * number + 2)
        if old[pair] == new[pair] and (kpi.percentile is None or value_of(kpi, then, None, 1) == value_of(kpi, now, None, 1)):
            continue
        before_value, after_value = value_of(kpi, then, *old[pair]), value_of(kpi, now, *new[pair])
        moves[kpi.id] = MovedFigure(
            KnownFigure(old[pair][0], old[pair][1], before_value, kpi.rule.join(sides[0])),
            KnownFigure(new[pair][0], new[pair][1], after_value, kpi.rule.join(sides[1])),
            difference(kpi, after_value, before_value),
            kpi.rule,
        )
    return moves


async def restated_dossiers(
    tx: Connection,
    question: Question,
    units: Units,
    permitted: frozenset[int] | None,
    after: int,
    upto: int | None,
    *,
    denominator: bool,
    after_number: int,
    limit: int,
) -> Page[MovedDossiers, int]:
    """The dossiers that moved one KPI of a scope between two positions, with what each contributed before and after."""
    (kpi,) = question.kpis
    at = await moment(tx, question)
    first, last = await _between(tx, question.province, at, after, upto)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    side = kpi.denominator if denominator else kpi.numerator
    if side is None:
        raise NotFound(f"{kpi.id} is a count: it has a numerator only.")
    found = await store.moved(
        tx, question.province, sorted(scope.members), side, question.period, first, last,
        procedure=None, after_number=after_number, limit=limit + 1,
    )  # fmt: skip
    page = found[:limit]
    moved = MovedDossiers(
        **head_of(question, scope, at),
        kpi=kpi.id,
        part="denominator" if denominator else "numerator",
        after=AtPosition(first),
        upto=AtPosition(last),
        dossiers=[
            MovedDossier(
                number=row.number,
                code=row.code,
                before=row.before,
                after=row.after,
                position=row.position,
                agency_before=units.seen(row.agency_before, permitted),
                agency_after=units.seen(row.agency_after, permitted),
            )
            for row in page
        ],
        next_cursor=None,
    )
    return Page(moved, at.province.generation, page[-1].number if len(found) > limit else None)
