"""Answers with dossiers."""

from __future__ import annotations

from datetime import date

from msgspec.structs import asdict

from services.metrics.figures.api.examples.scene import CAM_CHE, HEAD, PERIOD, THANH_HA, key
from shared.contracts.dossiers import (
    AtPosition,
    CountedDossier,
    DisagreedCount,
    DisagreedDossier,
    Disagreements,
    Drilldown,
    DrilldownDossier,
    MovedDossier,
    MovedDossiers,
)
from shared.contracts.kpis import Text

MOVED_DOSSIERS = MovedDossiers(
    **HEAD,
    kpi="resolved_overdue",
    part="numerator",
    after=AtPosition(41100),
    upto=AtPosition(41234),
    dossiers=[
        MovedDossier(
            number=42,
            code="000.00.19.H23-230428-0042",
            before=1,
            after=0,
            position=41201,
            agency_before=CAM_CHE.agency,
            agency_after=CAM_CHE.agency,
        )
    ],
    next_cursor=None,
)

_DOSSIER = CountedDossier(
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
_OPENED = "overdue_by_portal_only@1".join(key(THANH_HA).around())
OPENED = Drilldown(
    figure=_OPENED,
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
    dossiers=[DrilldownDossier(**asdict(_DOSSIER), position=40988, cause="days_off_counted", contribution=1)],
    next_cursor="c29tZS1jdXJzb3I",
)

DISAGREEMENTS = Disagreements(
    **HEAD,
    counts={"portal_only": DisagreedCount("overdue_by_portal_only", 214, _OPENED)},
    dossiers=[
        DisagreedDossier(
            **asdict(_DOSSIER),
            side="portal_only",
            agency_name=CAM_CHE.name,
            cause="days_off_counted",
            text=Text(
                "Phần mềm tính cả ngày nghỉ nên hẹn trả thứ Hai 01/5/2023; hạn đúng luật là thứ Hai 08/5/2023.",
                "The software counted days off and set Monday 2023-05-01; the legal date is Monday 2023-05-08.",
            ),
            action=Text(
                "Cập nhật lịch ngày nghỉ của phần mềm và sửa ngày hẹn trả; không tính là quá hạn.",
                "Bring the software's calendar up to date and correct the appointment; it is not overdue.",
            ),
        )
    ],
    next_cursor=None,
)
