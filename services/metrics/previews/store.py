"""How both sides of previewed dossiers are counted: by the one definition of a contribution, into nothing that stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from services.metrics.agencies.model import UNMAPPED
from services.metrics.counting.measures import COLUMNS
from services.metrics.counting.store.contributions import contributions
from services.metrics.counting.store.versions import VersionRow, row_of
from services.metrics.counting.tables.versions import dossier_version
from services.metrics.previews.model import Cell
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
_CELLS = Statement(lambda: contributions(_PREVIEWED), lambda *values: values)


async def count(tx: Connection, province: str, dossiers: Sequence[PreviewedDossier]) -> list[Cell]:
    """What the dossiers would add to the counters: what they count after the change, less what they count before it."""
    sides = [facts for one in dossiers for facts in (one.before, one.after)]
    keys = sorted({facts.agency for facts in sides if facts.agency is not None})
    numbers: dict[str | None, int] = {None: UNMAPPED, **{key: number for number, key in enumerate(keys, UNMAPPED + 1)}}

    def records() -> Iterator[tuple[object, ...]]:
        for one in dossiers:
            for sign, facts in ((-1, one.before), (1, one.after)):
                yield (sign, *row_of(province, FeedItem(0, one.number, facts), numbers))

    await _MAKE.run(tx)
    await tx.copy_records_to_table(
        _PREVIEWED.name, schema_name="pg_temp", columns=("sign", *VersionRow._fields), records=records()
    )
    return [
        Cell(
            None if row[0] == UNMAPPED else keys[row[0] - UNMAPPED - 1],
            row[1],
            {name: amount for name, amount in zip(COLUMNS, row[2:], strict=True) if amount},
        )
        for row in await _CELLS.all(tx)
    ]
