"""Examples of responses with dossiers."""

from __future__ import annotations

from datetime import date

from msgspec.structs import asdict

from services.metrics.figures.api.examples.scene import CAM_CHE, COMPLETE, PERIOD, THANH_HA, key
from shared.contracts.dossiers import (
    CountedDossier,
    Drilldown,
    DrilldownDossier,
)

DOSSIER = CountedDossier(
    number=42,
    code="000.00.19.H23-230428-0042",
    procedure="1.004221",
    status="resolved",
    channel="counter",
    received_on=date(2023, 4, 24),
    due_on=date(2023, 5, 8),
    ended_on=date(2023, 5, 5),
    outcome="resolved",
    timeliness="early",
    portal_timeliness="overdue",
    supplements=0,
    portal_due_on=date(2023, 5, 1),
    agency=CAM_CHE.agency,
)
DRILLDOWN_FIGURE = "overdue_by_portal_only@1".join(key(THANH_HA).around())
DRILLDOWN = Drilldown(
    figure=DRILLDOWN_FIGURE,
    province="30",
    position=41234,
    kpi="overdue_by_portal_only",
    rule="overdue_by_portal_only@1",
    period=PERIOD,
    part="numerator",
    numerator=214,
    denominator=None,
    value=214,
    sum=214,
    dossiers=[DrilldownDossier(**asdict(DOSSIER), position=40988, cause="days_off_counted", contradictions=[], contribution=1)],
    next_cursor="c29tZS1jdXJzb3I",
    freshness=COMPLETE,
)
