"""Batches: notices of many inspections of a province are ordered at once, all on the figures of one position.

Each notice is drafted by itself: one that fails keeps none of the others, and a batch that is ordered again makes only what is
not there.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.notices.drafting import orders as ordering
from services.notices.drafting.store import batches as batches_store
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.metrics_client import KpiSelection, Metrics
from services.notices.inspections.store import ListedInspection
from shared.database import Connection


async def position_of(metrics: Metrics, of: ListedInspection, as_of: str | None) -> int:
    """The position of all figures of a batch.

    Raises `Invalid` for one that is not counted, `MetricsAway` and `MetricsClosed`.
    """
    days = (of.period_from.isoformat(), of.period_to.isoformat())
    whole = KpiSelection(of.province, None, *days, period=None, as_of=as_of)
    return (await metrics.select(whole, ("received_new",), by="none")).position


async def order(
    tx: Connection, inspections: Sequence[ListedInspection], position: int, confirmed: ConfirmedCaveats, key_id: str
) -> int:
    """Order a notice of each inspection at a position; the number of the batch. `inspections` are all of one province."""
    province = inspections[0].province
    batch = await batches_store.insert(tx, province=province, position=position, key_id=key_id)
    ordered = {
        # In the order of their numbers, so that two batches do not wait for each other.
        number: await ordering.order(tx, number, province, str(position), confirmed, key_id, position=position)
        for number in sorted(one.id for one in inspections)
    }
    await batches_store.insert_notices(tx, batch, [ordered[one.id] for one in inspections])
    return batch
