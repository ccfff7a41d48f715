"""Examples of responses about wrongly overdue dossiers."""

from __future__ import annotations

from msgspec.structs import asdict

from services.metrics.figures.api.examples.dossiers import DOSSIER, DRILLDOWN_FIGURE
from services.metrics.figures.api.examples.scene import CAM_CHE, COMPLETE, CONTEXT
from shared.contracts.disagreements import DisagreedCount, DisagreedDossier, DisagreementPage
from shared.contracts.kpis import Text

DISAGREEMENTS = DisagreementPage(
    **CONTEXT,
    counts={"portal_only": DisagreedCount("overdue_by_portal_only", 214, DRILLDOWN_FIGURE)},
    dossiers=[
        DisagreedDossier(
            **asdict(DOSSIER),
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
    freshness=COMPLETE,
)
