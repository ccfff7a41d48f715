"""The inspection that evidence is handed in of: metrics is queried about it while nobody holds it."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import Request

from services.notices.evidence import service as evidence_service
from services.notices.figures.model import Subject
from services.notices.inspections.api.inspections import visible_inspection
from services.notices.inspections.model import Inspection
from services.notices.inspections.service import read_stored
from services.notices.inspections.store import InspectionRow
from shared.access.principals import Principal
from shared.errors import Conflict, Guidance
from shared.languages import bilingual


class InspectionChanged(Conflict):
    """The inspection was corrected while evidence of it was handed in."""

    type = "inspection-changed"
    title = "The inspection was corrected meanwhile"
    guidance = Guidance(
        "Nothing is stored. Send the same again: it is held against the inspection as it is now.",
        "Cuộc kiểm tra vừa được sửa",
        "Cuộc kiểm tra được sửa trong khi đang gửi nội dung.",
        "Chưa lưu gì. Gửi lại: nội dung được kiểm theo cuộc kiểm tra sau khi sửa.",
    )


class ReadInspection(NamedTuple):
    """An inspection and its agencies, as they were before anything is stored."""

    inspection: Inspection
    version: int
    agencies: tuple[Subject, ...]

    def demand_unchanged(self, held: InspectionRow) -> None:
        """Raise `InspectionChanged` when it was corrected since: what was handed in was held against what it is no more."""
        if held.version != self.version:
            raise InspectionChanged(
                bilingual(
                    "Inspection {n} was corrected while evidence of it was handed in: nothing is stored. Send it again.",
                    "Cuộc kiểm tra {n} vừa được sửa trong khi gửi nội dung: chưa lưu gì. Gửi lại.",
                    n=held.id,
                )
            )


async def inspected(request: Request, principal: Principal, number: int) -> ReadInspection:
    """An inspection that the key may see, and its agencies; raises what the client of metrics raises."""
    async with request.app.state.database.connection() as connection:
        row = await visible_inspection(connection, principal, number)
    inspection = read_stored(row.body)
    agencies = await evidence_service.agencies_inspected(request.app.state.metrics, inspection)
    return ReadInspection(inspection, row.version, agencies)
