"""Names that sources give to codes, stored as they are read."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.proposals.tables import named_code
from services.ingest.sources.named_codes import NamedCode
from services.ingest.sources.tables import source
from shared.database import Connection
from shared.statements import Statement, parameter

_c = named_code.c
_FIELDS = ("kind", "code", "name", "parent", "sector")


def _put() -> pg.Insert:
    given = {name: parameter(name, sa.Text) for name in _FIELDS}
    insert = pg.insert(named_code).values(source=parameter("source", sa.Text), **given)
    return insert.on_conflict_do_update(
        index_elements=[_c.source, _c.kind, _c.code], set_={name: insert.excluded[name] for name in _FIELDS[2:]}
    )


_PUT = Statement[None](_put())


async def put_named_codes(tx: Connection, source_name: str, codes: Sequence[NamedCode]) -> None:
    """Store what a source calls these codes; the newest name counts."""
    in_order = sorted({(one.kind, one.code): one for one in codes}.items())
    await _PUT.run_many(tx, ({"source": source_name, **msgspec.structs.asdict(one)} for _, one in in_order))


def _named(kind: str, code: str, name: str, parent: str | None, sector: str | None) -> NamedCode:
    return msgspec.convert({"kind": kind, "code": code, "name": name, "parent": parent, "sector": sector}, NamedCode)


_OF_PROVINCE = Statement(
    sa.select(*(_c[name] for name in _FIELDS))
    .join_from(named_code, source, source.c.name == _c.source)
    .where(source.c.province == parameter("province", sa.Text))
    .order_by(_c.source, _c.kind, _c.code),
    _named,
)


async def named_codes(connection: Connection, province: str) -> list[NamedCode]:
    """All names that the sources of a province give to codes."""
    return await _OF_PROVINCE.all(connection, province=province)
