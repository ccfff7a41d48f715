"""What people enter because no portal counts it: counts by agency and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.manual_inputs.tables import manual_input
from services.metrics.provinces.store.provinces import touch
from services.metrics.provinces.tables import province as province_table
from shared.database import Connection
from shared.statements import Statement, parameter

_PROVINCE = parameter("province", sa.Text)
_SINCE, _UNTIL = parameter("since", sa.Date), parameter("until", sa.Date)


def _add() -> sa.Insert:
    counts = (
        sa.func.unnest(parameter("measures", pg.ARRAY(sa.Text)), parameter("amounts", pg.ARRAY(sa.Integer)))
        .table_valued(sa.column("measure", sa.Text), sa.column("amount", sa.Integer))
        .render_derived(name="counts")
    )
    known = province_table.c
    columns = {
        "province": known.province,
        "agency_no": parameter("agency_no", sa.Integer),
        "day": parameter("day", sa.Date),
        "measure": counts.c.measure,
        "amount": counts.c.amount,
        "source": parameter("source", sa.Text),
        "position": known.position,
        "recorded_by": parameter("by", sa.Text),
    }
    return sa.insert(manual_input).from_select(
        list(columns),
        sa.select(*columns.values()).select_from(province_table.join(counts, sa.true())).where(known.province == _PROVINCE),
    )


_ADD = Statement[None](_add())


async def add(tx: Connection, province: str, agency_no: int, day: date, counts: dict[str, int], source: str, by: str) -> None:
    """Add counts of a day; they are known from the position on that the province is at, which nobody moves meanwhile."""
    await touch(tx, province)
    await _ADD.run(
        tx,
        province=province,
        agency_no=agency_no,
        day=day,
        measures=list(counts),
        amounts=list(counts.values()),
        source=source,
        by=by,
    )


_WITH_INPUT = Statement(
    sa.select(manual_input.c.agency_no)
    .distinct()
    .where(
        manual_input.c.province == _PROVINCE,
        manual_input.c.agency_no == sa.any_(parameter("agencies", pg.ARRAY(sa.Integer))),
        manual_input.c.day.between(_SINCE, _UNTIL),
        manual_input.c.measure == parameter("measure", sa.Text),
        manual_input.c.position <= parameter("position", sa.BigInteger),
    ),
    int,
)


async def agencies_with_input(
    tx: Connection, province: str, agencies: Sequence[int], since: date, until: date, measure: str, position: int
) -> frozenset[int]:
    """The agencies of which anything of a measure was entered, be it 0, as known at a position."""
    found = await _WITH_INPUT.all(
        tx, province=province, agencies=list(agencies), since=since, until=until, measure=measure, position=position
    )
    return frozenset(found)


_RESET_POSITIONS = Statement[None](sa.update(manual_input).where(manual_input.c.province == _PROVINCE).values(position=0))


async def reset_positions(tx: Connection, province: str) -> None:
    """Let all inputs of a province be known from position 0 on, since its feed begins anew."""
    await _RESET_POSITIONS.run(tx, province=province)
