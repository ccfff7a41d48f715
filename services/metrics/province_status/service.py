"""Resync: forget all that was counted of a province, so that its feed is followed from the beginning."""

from __future__ import annotations

from services.metrics.agencies import store as agencies
from services.metrics.consistency import store as consistency
from services.metrics.counting.store import versions
from services.metrics.indices import store as indices
from services.metrics.manual_inputs import store as manual_inputs
from services.metrics.petitions.store import petitions
from services.metrics.provinces.store import provinces
from shared.database import Connection


async def resync(tx: Connection, province: str) -> int:
    """Drop what was counted and known of a province and go back to position 0; returns its old position.

    What people entered stays, and is known from position 0 on. Batches wait until the commit.
    """
    position = await provinces.lock(tx, province)
    await versions.drop(tx, province)
    await consistency.drop(tx, province)
    await manual_inputs.reset_positions(tx, province)
    await petitions.reset_positions(tx, province)
    await indices.reset_positions(tx, province)
    await agencies.drop(tx, province)
    await provinces.reset(tx, province)
    return position
