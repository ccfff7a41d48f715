"""Orders of notices: what can never become a notice is refused when it is ordered.

No transaction is open while metrics is queried.
"""

from __future__ import annotations

from datetime import datetime

from services.notices.composition.causes import counts_of, demand_borne
from services.notices.composition.findings import demand_agencies
from services.notices.composition.kpis import asked_of_the_whole, demand_comparable
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.caveats import Confirmed, caveats_of, demand_confirmed
from services.notices.figures.metrics_client import Metrics
from services.notices.figures.pinning import agencies_of
from services.notices.inspections.model import Inspection
from shared.database import Connection


async def review(metrics: Metrics, inspection: Inspection, as_of: str | None, confirmed: Confirmed, now: datetime) -> None:
    """Raise what stands against a notice of this inspection at `as_of`.

    `NotFound` for a province or scope that metrics does not know, `Invalid` for a position that is not counted, for a
    comparison of what is no share and for findings that name an unknown agency, `CausesUnborne` for causes that the counts do
    not bear, `Unconfirmed` unless exactly the caveats of the figures are confirmed, `MetricsAway` when metrics cannot be asked.
    """
    catalogue = await metrics.catalogue()
    demand_comparable(inspection, catalogue)
    answer = await metrics.kpis(inspection, asked_of_the_whole(inspection, catalogue), by="agency", as_of=as_of)
    demand_agencies(inspection, agencies_of(answer))
    demand_borne(inspection, counts_of(answer))
    demand_confirmed(caveats_of(answer, inspection.period, now), confirmed.kinds, exactly=True)


async def order(tx: Connection, inspection_id: int, province: str, as_of: str | None, confirmed: Confirmed, key_id: str) -> int:
    """Queue a notice of an inspection that was ordered with an API key; its number."""
    return await notices_store.insert(
        tx, inspection_id=inspection_id, province=province, as_of=as_of, confirmed=confirmed, key_id=key_id
    )
