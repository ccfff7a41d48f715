"""Answers about what keeps figures trustworthy."""

from __future__ import annotations

from datetime import date

from msgspec.structs import asdict

from services.metrics.figures.api.examples.scene import CAM_CHE, COUNTED_AT, LACKING
from shared.contracts.operations import (
    Alert,
    AlertRule,
    AlertRuleAdded,
    AlertRules,
    Alerts,
    Assessed,
    ConsistencyCheck,
    ConsistencyCheckPage,
    ConsistencyResult,
    ConsistencySummary,
    ManualInputRecorded,
    Provinces,
    ProvinceState,
    Rebuilt,
    Resynced,
)

PROVINCES = Provinces(
    [
        ProvinceState(
            **asdict(LACKING),
            province="30",
            position=41234,
            generation=41240,
            catalogue=2,
            open_alerts=1,
            proof=ConsistencySummary(province="30", checked_at=COUNTED_AT, whole_at=None, failed=0, proofs=1440),
        )
    ]
)
RESYNCED = Resynced("30", 41234)
PROOFS = ConsistencyCheckPage(
    "30",
    [
        ConsistencyCheck(
            whole=False,
            position=41234,
            cells=812,
            differences=0,
            seconds=0.04,
            checked_at=COUNTED_AT,
            agency=CAM_CHE.agency,
        )
    ],
)
PROVEN = ConsistencyResult("30", 96_120, 0, True)
REBUILT = Rebuilt("30", 0)
ALERTS = Alerts(
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
        )
    ],
    None,
)
ALERT_RULES = AlertRules(
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
EVIDENCE_ENTERED = ManualInputRecorded("10816@2019-12-01", date(2023, 7, 20), {"ratings": 40, "ratings_satisfied": 38})
ASSESSED = Assessed("766", "publication", 10.5)
