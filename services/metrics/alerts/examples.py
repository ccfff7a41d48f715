"""Examples of responses about alerts."""

from __future__ import annotations

from services.metrics.figures.api.examples.scene import CAM_CHE, COUNTED_AT, PROVINCE_LACKING
from shared.contracts.alerts import Alert, AlertPage, AlertRule, AlertRuleAdded, AlertRuleList

ALERTS = AlertPage(
    "30",
    [
        Alert(
            id=7,
            rule=3,
            name="Quá hạn tăng",
            kpi="late_share",
            reason=None,
            agency=CAM_CHE.agency,
            value=0.0721,
            position=41234,
            opened_at=COUNTED_AT,
            closed_at=None,
            incomplete=["quarantined"],
        )
    ],
    None,
    PROVINCE_LACKING,
)
ALERT_RULES = AlertRuleList(
    "30",
    [
        AlertRule(
            id=3,
            province="30",
            name="Quá hạn tăng",
            kind="kpi",
            kpi="late_share",
            scope=("294",),
            each_agency=True,
            days=30,
            above=0.05,
            below=None,
            minimum=20,
            reason=None,
        )
    ],
)
ALERT_RULE_ADDED = AlertRuleAdded(3)
