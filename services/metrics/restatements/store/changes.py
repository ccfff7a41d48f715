"""The dossiers that contribute another number to any of several sums at a later position, grouped by how they changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.counting.store.contributions import COUNTED, Expression
from services.metrics.counting.tables.versions import dossier_version
from services.metrics.counting.terms import over
from services.metrics.figures.kpis.algebra import Sum, When
from services.metrics.figures.store.drilldown import SOME_DAYS, contribution_to, days_of
from services.metrics.periods import Period
from services.metrics.restatements.changes import DossierChanges
from shared.contracts.restatements import DossierChange
from shared.database import Connection, set_plans
from shared.statements import Statement, parameter

v = dossier_version.c
_PROVINCE = parameter("province", sa.Text)
_AFTER, _UPTO = parameter("after", sa.BigInteger), parameter("upto", sa.BigInteger)

FROM_SOURCE = (
    "received_on",
    "ended_on",
    "outcome",
    "status",
    "channel",
    "procedure",
    "supplements",
    "pauses",
    "portal_late_from",
)
"""What a source tells of the times of a dossier: where all of it is as before and its due date is not, the rules are others."""
COMPUTED = ("due_on", "late_from", "timeliness", "index_due_on", "index_late", "spent_minutes", "limit_minutes", "cause")
"""What follows from that by catalogue and calendar."""


class _Sides(NamedTuple):
    """The last version of a dossier at both positions; the earlier one may be none."""

    before: sa.FromClause
    after: sa.FromClause


def _value(row: Any, name: str) -> Expression:
    # An earlier release stored 0 where no source tells of requests: that it is not known now, no source told.
    return sa.func.coalesce(row[name], 0) if name == "supplements" else row[name]


def change_of(sides: _Sides) -> Expression:
    """How a dossier changed: the first that holds, from what explains most to what explains least."""
    b, a = sides.before.c, sides.after.c

    def differs(names: Sequence[str]) -> Expression:
        return sa.or_(*(_value(a, name).is_distinct_from(_value(b, name)) for name in names))

    rules: list[tuple[Expression, DossierChange]] = [
        (sa.and_(a.deleted, sa.func.coalesce(sa.not_(b.deleted), sa.true())), "deleted"),
        (sa.or_(b.number.is_(None), b.deleted), "arrived"),
        (a.position <= _AFTER, "structure"),
        (sa.and_(a.outcome == "withdrawn", b.outcome.is_distinct_from("withdrawn")), "withdrawn"),
        (a.agency_no != b.agency_no, "transferred"),
        (sa.and_(a.outcome.is_not(None), b.outcome.is_(None)), "ended"),
        (sa.and_(sa.not_(differs(FROM_SOURCE)), differs(COMPUTED)), "redated"),
    ]
    return sa.case(*((condition, sa.literal(change)) for condition, change in rules), else_=sa.literal("corrected"))


@lru_cache(100)
def _changes(sums: tuple[Sum, ...]) -> Statement[DossierChanges]:
    one = dossier_version.alias("one")
    seen = sa.and_(v.province == _PROVINCE, v.position <= _UPTO)
    exchanged = v.agency_no == sa.any_(parameter("exchanged", pg.ARRAY(sa.Integer)))
    touched = sa.union(sa.select(v.number).where(seen, v.position > _AFTER), sa.select(v.number).where(seen, exchanged)).cte(
        "touched"
    )

    def last(name: str, position: Expression) -> Any:
        return (
            sa.select(*one.c)
            .where(one.c.province == _PROVINCE, one.c.number == touched.c.number, one.c.position <= position)
            .order_by(one.c.position.desc())
            .limit(1)
            .lateral(name)
        )

    sides = _Sides(last("before", _AFTER), last("later", _UPTO))

    def contributed(side: sa.FromClause, units: str) -> Expression:
        counts = sa.and_(over(COUNTED, side), side.c.agency_no == sa.any_(parameter(units, pg.ARRAY(sa.Integer))), SOME_DAYS)
        counted_terms = ([term for term in total.terms if term[1] is not When.manual_input] for total in sums)
        numbers: Any = pg.array([sa.cast(over(contribution_to(terms), side), sa.BigInteger) for terms in counted_terms])
        nothing: Any = pg.array([sa.literal(0, sa.BigInteger)] * len(sums))
        return sa.case((counts, numbers), else_=nothing)

    def interlinked(side: sa.FromClause) -> Expression:
        return sa.case((side.c.interlinked, side.c.procedure))

    known = (
        sa.select(
            change_of(sides).label("change"),
            sides.before.c.agency_no.label("agency_before"),
            sides.after.c.agency_no.label("agency_after"),
            interlinked(sides.before).label("procedure_before"),
            interlinked(sides.after).label("procedure_after"),
            contributed(sides.before, "agencies").label("before"),
            contributed(sides.after, "agencies_after").label("after"),
        )
        .select_from(touched.join(sides.after, sa.true()).outerjoin(sides.before, sa.true()))
        .cte("known")
    )
    k = known.c
    # A dossier that goes from one agency to another moves both, and perhaps not their sum.
    moved = sa.or_(
        k.before != k.after,
        k.agency_before.is_distinct_from(k.agency_after),
        k.procedure_before.is_distinct_from(k.procedure_after),
    )
    return Statement(sa.select(*k, sa.func.count().label("dossiers")).where(moved).group_by(*k), DossierChanges)


async def changes(
    tx: Connection,
    province: str,
    agencies: tuple[Sequence[int], Sequence[int]],
    sums: tuple[Sum, ...],
    period: Period,
    after: int,
    upto: int,
) -> list[DossierChanges]:
    """How dossiers changed between two positions that contribute another number to any of `sums`, or to other units.

    `agencies`: the units inside before and after.
    """
    if not sums:
        return []
    await set_plans(tx, "each time")
    return await _changes(sums).all(
        tx,
        province=province,
        agencies=list(agencies[0]),
        agencies_after=list(agencies[1]),
        exchanged=sorted(set(agencies[0]) ^ set(agencies[1])),
        **days_of(period),
        after=after,
        upto=upto,
    )
