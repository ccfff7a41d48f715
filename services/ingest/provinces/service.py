"""What every use case asks of a province: that it is or may be there, that its caller may see it, and its lock."""

from __future__ import annotations

from services.ingest.provinces import store as provinces_store
from services.ingest.provinces.store import ProvinceRow
from shared.access.principals import Principal
from shared.database import Connection
from shared.errors import no_province
from shared.provinces import demand_province_code


async def locked(tx: Connection, province: str) -> ProvinceRow:
    """The province's row, locked until the end of the transaction; raises `NotFound` when there is no such province."""
    row = await provinces_store.lock(tx, province)
    if row is None:
        raise no_province(province)
    return row


async def ensured(tx: Connection, province: str) -> None:
    """Let there be the province; raises `Invalid` where it is not there and its code is none."""
    if await provinces_store.read(tx, province) is None:
        demand_province_code(province)
        await provinces_store.ensure(tx, province)


async def locked_or_new(tx: Connection, province: str) -> ProvinceRow:
    """As `locked`, of a province that begins where there is none; raises as `ensured`."""
    await ensured(tx, province)
    return await locked(tx, province)


async def require_visible(connection: Connection, principal: Principal, province: str) -> None:
    """Raise `NotFound` unless there is such a province and the key may see it."""
    principal.demand_province(province)
    if await provinces_store.read(connection, province) is None:
        raise no_province(province)
