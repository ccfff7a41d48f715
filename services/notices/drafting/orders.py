"""Orders of notices: what can never become a notice is refused when it is ordered.

No transaction is open while metrics is queried.
"""

from __future__ import annotations

from datetime import datetime

from services.notices.composition.causes import counts_of_response, demand_supported
from services.notices.composition.findings import demand_agencies
from services.notices.composition.kpis import demand_comparable, kpis_of_whole
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.caveats import ConfirmedCaveats, caveats_of, demand_confirmed
from services.notices.figures.metrics_client import Metrics
from services.notices.figures.pinning import agencies_of
from services.notices.inspections.model import Inspection
from shared.database import Connection


async def review(
    metrics: Metrics, inspection: Inspection, as_of: str | None, confirmed: ConfirmedCaveats, now: datetime
) -> None:
    """Raise the problem that keeps this inspection from becoming a notice at `as_of`.

    `NotFound` for a province or scope that metrics does not know; `Invalid` for a position that is not counted, a comparison of
    a KPI that is no share, and findings that name an unknown agency; `CausesUnsupported` for causes that the counts do not
    support; `CaveatsNotConfirmed` unless exactly the caveats of the figures are confirmed; `MetricsAway` and `MetricsClosed`.
    """
    catalogue = await metrics.catalogue()
    demand_comparable(inspection, catalogue)
    response = await metrics.kpis(inspection, kpis_of_whole(inspection, catalogue), by="agency", as_of=as_of)
    demand_agencies(inspection, agencies_of(response))
    demand_supported(inspection, counts_of_response(response))
    demand_confirmed(caveats_of(response, inspection.period, now), confirmed.kinds, exactly=True)


async def order(
    tx: Connection, inspection_id: int, province: str, as_of: str | None, confirmed: ConfirmedCaveats, key_id: str
) -> int:
    """Queue a notice of an inspection that was ordered with an API key; its number."""
    return await notices_store.insert(
        tx, inspection_id=inspection_id, province=province, as_of=as_of, confirmed=confirmed, key_id=key_id
    )
