"""The dossiers whose contribution to a figure is another at a later position."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.counting.store.contributions import COUNTED, Expression
from services.metrics.counting.tables.versions import dossier_version
from services.metrics.counting.terms import over
from services.metrics.figures.kpis.algebra import Sum, When
from services.metrics.figures.store.drilldown import SOME_DAYS, contribution_to, days_of
from services.metrics.periods import Period
from shared.database import Connection, set_plans
from shared.statements import Statement, parameter

v = dossier_version.c

_PROVINCE = parameter("province", sa.Text)
_AGENCIES, _AGENCIES_AFTER = (parameter(name, pg.ARRAY(sa.Integer)) for name in ("agencies", "agencies_after"))
_PROCEDURE = parameter("procedure", sa.Text)


class MovedDossierRow(NamedTuple):
    """A dossier whose contribution to a figure is another at a later position."""

    number: int
    code: str
    before: int
    after: int
    agency_before: int | None
    agency_after: int | None
    position: int


@lru_cache(1_000)
def _moved(total: Sum, limit: int) -> Statement[MovedDossierRow]:
    terms = [term for term in total.terms if term[1] is not When.manual_input]
    after, upto = parameter("after", sa.BigInteger), parameter("upto", sa.BigInteger)
    one = dossier_version.alias("one")
    ahead = sa.and_(v.province == _PROVINCE, v.position <= upto, v.number > parameter("after_number", sa.BigInteger))
    exchanged = v.agency_no == sa.any_(parameter("exchanged", pg.ARRAY(sa.Integer)))
    touched = sa.union(sa.select(v.number).where(ahead, v.position > after), sa.select(v.number).where(ahead, exchanged)).cte(
        "touched"
    )
    resolve_state = sa.values(sa.column("is_before", sa.Boolean), sa.column("upto", sa.BigInteger), name="moment").data(
        [(sa.true(), after), (sa.false(), upto)]
    )
    last = (
        sa.select(*one.c)
        .where(one.c.province == _PROVINCE, one.c.number == touched.c.number, one.c.position <= resolve_state.c.upto)
        .order_by(one.c.position.desc())
        .limit(1)
        .lateral("last")
    )
    version = (
        sa.select(*last.c, resolve_state.c.is_before)
        .select_from(touched.join(resolve_state, sa.true()).join(last, sa.true()))
        .where(SOME_DAYS)
        .cte("version")
    )
    counts = sa.and_(
        over(COUNTED, version),
        sa.case(
            (version.c.is_before, version.c.agency_no == sa.any_(_AGENCIES)),
            else_=version.c.agency_no == sa.any_(_AGENCIES_AFTER),
        ),
        sa.or_(_PROCEDURE.is_(None), sa.and_(version.c.interlinked, version.c.procedure == _PROCEDURE)),
    )
    contribution = sa.case((counts, sa.cast(over(contribution_to(terms), version), sa.BigInteger)), else_=0)
    known = sa.select(
        *(version.c[name] for name in ("number", "code", "agency_no", "position", "is_before")),
        contribution.label("contribution"),
    ).cte("known")
    k = known.c

    def side(is_side: Expression) -> Expression:
        return sa.cast(sa.func.coalesce(sa.func.sum(k.contribution).filter(is_side), 0), sa.BigInteger)

    before, later = side(k.is_before), side(sa.not_(k.is_before))
    return Statement(
        sa.select(
            k.number,
            sa.func.max(k.code).label("code"),
            before.label("before"),
            later.label("after"),
            sa.func.max(k.agency_no).filter(k.is_before).label("agency_before"),
            sa.func.max(k.agency_no).filter(sa.not_(k.is_before)).label("agency_after"),
            sa.func.max(k.position).label("position"),
        )
        .group_by(k.number)
        .having(before != later)
        .order_by(k.number)
        .limit(limit),
        MovedDossierRow,
    )


async def moved(
    tx: Connection,
    province: str,
    agencies: tuple[Sequence[int], Sequence[int]],
    total: Sum,
    period: Period,
    after: int,
    upto: int,
    *,
    procedure: str | None,
    after_number: int,
    limit: int,
) -> list[MovedDossierRow]:
    """The dossiers whose contribution to `total` is another at `upto` than it was at `after`, in order of their numbers.

    `agencies`: the units inside before and after.
    """
    if all(when is When.manual_input for _, when, _ in total.terms):
        return []
    await set_plans(tx, "each time")
    return await _moved(total, limit).all(
        tx,
        province=province,
        agencies=list(agencies[0]),
        agencies_after=list(agencies[1]),
        exchanged=sorted(set(agencies[0]) ^ set(agencies[1])),
        procedure=procedure,
        **days_of(period),
        after=after,
        upto=upto,
        after_number=after_number,
    )
