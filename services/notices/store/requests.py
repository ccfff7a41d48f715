"""How a repeat of the same request is known: by its key, and by the digest of what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from shared.database import Connection
from shared.statements import Statement, parameter


@dataclass(frozen=True)
class Request:
    """Who asked for something, and how a repeat of the same request is known."""

    key_id: str
    request_key: str | None
    digest: bytes


class Earlier(NamedTuple):
    """What an earlier request made, and the digest of what that request said."""

    id: int
    request_digest: bytes


def insertion(table: sa.Table, *columns: sa.Column[object]) -> Statement[int]:
    """The insert of `columns` and of the request into `table`; gives the id, or no row when the request was made before."""
    c = table.c
    insert = pg.insert(table).values(
        {column: parameter(column.name, column.type) for column in (*columns, c.key_id, c.request_key, c.request_digest)}
    )
    return Statement(insert.on_conflict_do_nothing(index_elements=[c.key_id, c.request_key]).returning(c.id), int)


def look_up(table: sa.Table) -> Statement[Earlier]:
    """The row of `table` that came with a request key."""
    c = table.c
    return Statement(
        sa.select(c.id, c.request_digest).where(
            c.key_id == parameter("key_id", sa.Text), c.request_key == parameter("request_key", sa.Text)
        ),
        Earlier,
    )


async def insert(tx: Connection, statement: Statement[int], request: Request, **values: object) -> int | None:
    """Run an `insertion`."""
    return await statement.first(
        tx, key_id=request.key_id, request_key=request.request_key, request_digest=request.digest, **values
    )


async def earlier(tx: Connection, statement: Statement[Earlier], request: Request) -> Earlier | None:
    """Run a `look_up`; a request without a key is never a repeat."""
    return await statement.first(tx, key_id=request.key_id, request_key=request.request_key)
