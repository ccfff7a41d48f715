"""Counters day by day: what the sums of a period are made of, now or as they were known at the end of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.counting.tables.counters import agency_day, ledger
from services.metrics.periods import Period
from shared.database import Connection, set_plans
from shared.statements import Statement, parameter

Days = tuple[list[int], list[int]]
"""Days from the first of the period on which a measure was not 0, and what was counted on each."""

_PROVINCE, _AGENCIES = parameter("province", sa.Text), parameter("agencies", pg.ARRAY(sa.Integer))
_SINCE, _UNTIL, _AFTER = parameter("since", sa.Date), parameter("until", sa.Date), parameter("after", sa.BigInteger)
_AT_ONCE = 16
"""Agencies that are read at once, before other requests get a turn."""


@cache
def _by_day(names: tuple[str, ...], taken_back: bool) -> Statement[tuple[Any, ...]]:
    """The agency, and of each measure the days and their counts; `taken_back`: without what was booked after a position.

    Arrays of what is not 0: most counters of a day are, and reading all of them took the most time.
    """
    d, b = agency_day.c, ledger.c
    source: Any = sa.select(d.agency_no, d.day, *(d[name] for name in names)).where(
        d.province == _PROVINCE, d.agency_no == sa.any_(_AGENCIES), d.day.between(_SINCE, _UNTIL)
    )
    if taken_back:
        booked = sa.select(b.agency_no, b.day, *((-b[name]).label(name) for name in names)).where(
            b.province == _PROVINCE, b.agency_no == sa.any_(_AGENCIES), b.day.between(_SINCE, _UNTIL), b.position > _AFTER
        )
        both = sa.union_all(source, booked).subquery("both")
        summed = (sa.cast(sa.func.sum(both.c[name]), sa.BigInteger).label(name) for name in names)
        source = sa.select(both.c.agency_no, both.c.day, *summed).group_by(both.c.agency_no, both.c.day)
    c = source.subquery("counters").c
    offset = c.day - _SINCE
    arrays = (
        sa.func.array_agg(pg.aggregate_order_by(what, c.day)).filter(c[name] != 0)
        for name in names
        for what in (offset, c[name])
    )
    return Statement(sa.select(c.agency_no, *arrays).group_by(c.agency_no), lambda *values: values)


async def by_day(
    tx: Connection, province: str, agencies: Sequence[int], period: Period, names: tuple[str, ...], position: int | None
) -> dict[int, dict[str, Days]]:
    """Of each agency the measures that were not 0 on every day, now or (`position`) as of a batch."""
    if position is not None:
        await set_plans(tx, "each time")
    found: dict[int, dict[str, Days]] = {}
    for begin in range(0, len(agencies), _AT_ONCE):
        rows = await _by_day(names, position is not None).all(
            tx,
            province=province,
            agencies=list(agencies[begin : begin + _AT_ONCE]),
            since=period.since,
            until=period.until,
            **({} if position is None else {"after": position}),
        )
        for agency, *arrays in rows:
            pairs = zip(names, arrays[::2], arrays[1::2], strict=True)
            found[agency] = {name: (days, counts) for name, days, counts in pairs if days}
    return found
