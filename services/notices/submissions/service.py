"""What metrics must know of an inspection before it is stored. No transaction is open while it is queried."""

from __future__ import annotations

from services.notices.figures.metrics_client import Metrics
from services.notices.inspections.model import Inspection


async def demand_known(metrics: Metrics, inspection: Inspection) -> None:
    """Raise `NotFound` for a province or scope that metrics does not know in the period of an inspection.

    No notice of it could ever be ordered. Raises `MetricsAway` and `MetricsClosed` too, as an order does: who submits is there
    to submit again, and an inspection of nothing would stay.
    """
    await metrics.kpis(inspection, ("received_new",), by="none", as_of=None)
