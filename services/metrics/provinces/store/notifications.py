"""PostgreSQL's NOTIFY for provinces: what changes responses announces it, and each API process listens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import sqlalchemy as sa

from shared.database import Connection
from shared.statements import Statement, parameter

CHANNEL = "metrics_province"
"""NOTIFY channel; the payload is the province."""

_PROVINCE = parameter("province", sa.Text)

_ANNOUNCE = Statement[None](sa.select(sa.func.pg_notify(sa.literal(CHANNEL), _PROVINCE)))


async def announce(tx: Connection, name: str) -> None:
    """Notify all that listen for changes of the province, at commit."""
    await _ANNOUNCE.run(tx, province=name)


@asynccontextmanager
async def listening(connection: Connection, on_move: Callable[[str], None]) -> AsyncIterator[None]:
    """Within the block, call `on_move` with the province whenever one is announced, for as long as the connection lives."""

    def fetched(_connection: Connection, _pid: int, _channel: str, name: object, /) -> None:
        on_move(str(name))

    await connection.add_listener(CHANNEL, fetched)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.remove_listener(CHANNEL, fetched)
