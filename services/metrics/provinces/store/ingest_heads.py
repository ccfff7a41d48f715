"""What ingest reported of each province when the API fetched its heads last."""

from __future__ import annotations

from dataclasses import fields

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.provinces.model import IngestHead
from services.metrics.provinces.tables import ingest_head
from shared.database import Connection
from shared.statements import Statement, parameter

HEAD_COLUMNS = tuple(field.name for field in fields(IngestHead))


def _set_ingest_heads() -> pg.Insert:
    columns = [ingest_head.c[name] for name in ("province", *HEAD_COLUMNS)]
    fetched = (
        sa.func.unnest(*(parameter(one.name, pg.ARRAY(one.type)) for one in columns))
        .table_valued(*(sa.column(one.name, one.type) for one in columns))
        .render_derived(name="fetched")
    )
    insert = pg.insert(ingest_head).from_select([one.name for one in columns], sa.select(*fetched.c))
    return insert.on_conflict_do_update(
        index_elements=["province"],
        set_={name: insert.excluded[name] for name in HEAD_COLUMNS},
        where=ingest_head.c.fetched_at < insert.excluded.fetched_at,
    )


_SET_INGEST_HEADS = Statement[None](_set_ingest_heads())


async def set_ingest_heads(tx: Connection, heads: dict[str, IngestHead]) -> None:
    """Store ingest's heads by province; of two processes that fetched them the later one counts."""
    columns = {name: [getattr(one, name) for one in heads.values()] for name in HEAD_COLUMNS}
    await _SET_INGEST_HEADS.run(tx, province=list(heads), **columns)
