"""Submitting and correcting inspections, and reading those stored."""

from __future__ import annotations

from pydantic import ValidationError

from services.notices.inspections import store as inspections_store
from services.notices.inspections.model import Inspection, JSONObject
from services.notices.inspections.outline import demand_sections
from services.notices.inspections.store import InspectionRow
from shared.database import Connection
from shared.errors import FieldFault, Invalid
from shared.languages import Bilingual, bilingual
from shared.model_errors import field_errors


async def submit(tx: Connection, inspection: Inspection, key_id: str) -> int:
    """Store an inspection that came with an API key; its number. Raises `Invalid` for findings of what is no section."""
    demand_sections(inspection)
    return await inspections_store.insert(
        tx,
        province=inspection.province,
        scope=inspection.scope,
        since=inspection.period.start,
        until=inspection.period.end,
        body=inspection.stored(),
        key_id=key_id,
    )


async def replace(tx: Connection, row: InspectionRow, inspection: Inspection, key_id: str) -> InspectionRow:
    """Correct an inspection whose row the caller holds: a new version, or the present one where nothing differs.

    Raises what `demand_same_scope` raises.
    """
    demand_sections(inspection)
    demand_same_scope(row, inspection)
    if stands(row, inspection):
        return row
    body = inspection.stored()
    return await inspections_store.replace(
        tx, row.id, since=inspection.period.start, until=inspection.period.end, body=body, key_id=key_id
    )


def stands(row: InspectionRow, inspection: Inspection) -> bool:
    """Whether the newest version of an inspection is this one already."""
    return inspection.stored() == row.body


def demand_same_scope(row: InspectionRow, inspection: Inspection) -> None:
    """Raise `Invalid` where an inspection would become one of another province or scope: rights and evidence go with these."""
    for name, present in (("province", row.province), ("scope", row.scope)):
        if getattr(inspection, name) != present:
            message = bilingual(
                "It is {present}, and stays so: submit another inspection.",
                "Đang là {present} và không đổi được: gửi cuộc kiểm tra khác.",
                present=present,
            )
            raise Invalid.of_fields([FieldFault(f"body.{name}", message, "literal_error")])


def read_stored(body: JSONObject) -> Inspection:
    """An inspection as it was stored; raises `Invalid` when the rules for inspections have changed since."""
    try:
        inspection = Inspection.model_validate(body)
        demand_sections(inspection)
    except ValidationError as error:
        first = error.errors()[0]
        (fault,) = field_errors([first], Inspection)
        what = bilingual("{at}: {message}", "{at}: {message}", at=fault.at or "inspection", message=fault.message)
        raise _outdated(what) from error
    except Invalid as error:
        raise _outdated(error.text) from error
    return inspection


def _outdated(reason: Bilingual) -> Invalid:
    return Invalid(
        bilingual(
            "The inspection was submitted under earlier rules and is not valid any more ({reason}). Submit it again.",
            "Cuộc kiểm tra được gửi theo quy tắc cũ và không còn hợp lệ ({reason}). Gửi lại.",
            reason=reason,
        )
    )
