"""Holds the notice on which somebody decides, or which somebody edits."""

from __future__ import annotations

from services.notices.drafting.api.visibility import visible_notice
from services.notices.drafting.store.notices import NoticeRow
from services.notices.revisions.store import revisions as revisions_store
from shared.access.principals import Principal
from shared.database import Connection


async def held_notice(tx: Connection, principal: Principal, number: int) -> NoticeRow:
    """The notice, which nobody else edits or decides on until the transaction ends.

    Raises `NotFound` when there is none or the key may not see it: before it waits for anybody, and keeps nobody waiting.
    """
    await visible_notice(tx, principal, number)
    await revisions_store.hold(tx, number)
    return await visible_notice(tx, principal, number)
