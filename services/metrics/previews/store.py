"""How both sides of previewed dossiers are counted: by the one definition of a contribution, into nothing that stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.metrics.agencies.model import UNMAPPED
from services.metrics.counting.measures import COLUMNS
from services.metrics.counting.store.contributions import COUNTED, contributions, steps_of
from services.metrics.counting.store.versions import VersionRow, row_of
from services.metrics.counting.tables.versions import dossier_version
from services.metrics.counting.terms import over
from services.metrics.figures.store.drilldown import STEP_MEASURES, work_of
from services.metrics.previews.model import Cell, CellKey
from shared.contracts.feed import FeedItem
from shared.contracts.previews import PreviewedDossier
from shared.database import Connection
from shared.statements import Statement

_PREVIEWED = sa.Table(
    "previewed_version",
    sa.MetaData(schema="pg_temp"),
    sa.Column("sign", sa.Integer),
    *(sa.Column(one.name, one.type) for one in dossier_version.c),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
_MAKE = Statement[None](sa.schema.CreateTable(_PREVIEWED))
_EMPTY = Statement[None](sa.delete(_PREVIEWED))
_Group = tuple[str | None, str | None]
"""Unit key, and code of an interlinked procedure."""
_CELLS = Statement(lambda: contributions(_PREVIEWED), lambda *values: values)


def _work() -> sa.Select[Any]:
    """The steps of the versions by agency, day, department and name."""
    c = _PREVIEWED.c
    steps = steps_of(c.step_days, c.step_minutes, c.step_departments, c.step_names)
    sums = []
    for one in STEP_MEASURES:
        amount = c.sign if one.amount is None else c.sign * over(one.amount, steps)
        summed = sa.func.sum(amount) if one.own is None else sa.func.sum(amount).filter(over(one.own, steps))
        sums.append(sa.cast(sa.func.coalesce(summed, 0), sa.BigInteger).label(one.name))
    groups = [c.agency_no, steps.c.day, work_of(steps, "department"), work_of(steps, "step")]
    return (
        sa.select(*groups, *sums)
        .select_from(_PREVIEWED, steps)
        .where(c.step_days.is_not(None), over(COUNTED, _PREVIEWED))
        .group_by(*groups)
    )


_WORK = Statement(_work, lambda *values: values)


async def count(tx: Connection, province: str, dossiers: Sequence[PreviewedDossier]) -> list[Cell]:
    """What the dossiers would add to the counters: what they count after the change, less what they count before it."""
    # The statement counts by numbers of agencies: here one stands for an agency with an interlinked procedure. The number of no
    # agency is counted by itself, so what is of none is counted apart for each such procedure.
    groups: list[_Group] = [(None, None)]
    numbers = {groups[UNMAPPED]: UNMAPPED}
    parts: defaultdict[str | None, list[tuple[object, ...]]] = defaultdict(list)
    for one in dossiers:
        for sign, facts in ((-1, one.before), (1, one.after)):
            procedure = facts.procedure if facts.interlinked else None
            group = (facts.agency, None if facts.agency is None else procedure)
            if group not in numbers:
                numbers[group] = len(groups)
                groups.append(group)
            row = row_of(province, FeedItem(0, one.number, facts), {facts.agency: numbers[group]})
            parts[procedure if facts.agency is None else None].append((sign, *row))
    await _MAKE.run(tx)
    cells: list[Cell] = []
    for procedure, rows in parts.items():
        await tx.copy_records_to_table(
            _PREVIEWED.name, schema_name="pg_temp", columns=("sign", *VersionRow._fields), records=rows
        )
        cells += await _count(tx, groups if procedure is None else [(None, procedure)])
        await _EMPTY.run(tx)
    return cells


async def _count(tx: Connection, groups: Sequence[_Group]) -> list[Cell]:
    cells = []
    for row in await _CELLS.all(tx):
        agency, procedure = groups[row[0]]
        cells.append(Cell(CellKey(agency, row[1], procedure), _amounts(COLUMNS, row[2:])))
    for row in await _WORK.all(tx):
        agency, _ = groups[row[0]]
        amounts = _amounts([one.name for one in STEP_MEASURES], row[4:])
        if amounts:
            cells.append(Cell(CellKey(agency, row[1], None, row[2], row[3]), amounts))
    return cells


def _amounts(names: Sequence[str], values: Sequence[int | None]) -> dict[str, int]:
    return {name: amount for name, amount in zip(names, values, strict=True) if amount}
