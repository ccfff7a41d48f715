"""What is known of petitions: whether they are stated one by one, and who entered counts of them."""

from __future__ import annotations

from services.metrics.agencies.model import Group
from services.metrics.figures.query import KpiQuery
from services.metrics.indices.counts import KnownPetitions
from services.metrics.manual_inputs import store as manual_inputs
from services.metrics.petitions.store import petitions
from shared.database import Connection


async def known_petitions(tx: Connection, query: KpiQuery, scope: Group, position: int) -> KnownPetitions:
    """What is known of petitions of a scope and period at a position."""
    with_manual_input = await manual_inputs.agencies_with_input(
        tx, query.province, sorted(scope.members), query.period.since, query.period.until, "feedback", position
    )
    return KnownPetitions(await petitions.has_petitions(tx, query.province, position), with_manual_input)
