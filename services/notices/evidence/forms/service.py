"""Forms that were filled in: read in a child process, then held against the template as all entries are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec
from pydantic import ValidationError

from services.notices.evidence.entries import MAX_FAULTS, EvidenceEntry, check_entries, unknown_agency
from services.notices.evidence.forms.columns import COLUMNS, letter
from services.notices.evidence.forms.reading import FormRow, FormRows
from services.notices.evidence.model import EvidenceItems, Template
from services.notices.figures.model import Subject
from shared.errors import FieldFault, Invalid, NotFound, Unreadable
from shared.languages import Bilingual
from shared.model_errors import field_errors
from shared.sandbox.parent import Sandbox

ADVICE = Bilingual(
    "Get the form anew with GET .../evidence-form, fill it in and save it as XLSX.",
    "Lấy lại phiếu bằng GET .../evidence-form, điền và lưu dạng XLSX.",
)
"""What to do with a form that cannot be read."""

_READ = "services.notices.evidence.forms.reading:read"
_FIELDS = frozenset(column.field for column in COLUMNS)


async def rows(sandbox: Sandbox, chunks: AsyncIterator[bytes]) -> list[FormRow]:
    """The rows of a form that were filled in. Raises what the reader raises, `ChildDied` and `Unavailable`."""
    async with sandbox.child(_READ, b"") as child:
        async for message in child.messages(chunks):
            return msgspec.json.decode(message, type=FormRows).rows
    raise Unreadable(Bilingual("The form ended before its end. Send it again.", "Phiếu gửi chưa trọn vẹn. Gửi lại."))


def agency_of(name: str, agencies: Sequence[Subject]) -> Subject:
    """The agency of a code or unit key; raises `NotFound`."""
    found = next((one for one in agencies if name in (one.code, one.key)), None)
    if found is None:
        raise NotFound(unknown_agency(name, agencies))
    return found


def items_of(rows: Sequence[FormRow], template: Template, agencies: Sequence[Subject]) -> EvidenceItems:
    """The items of filled rows; raises `Invalid` with every fault and its cell."""
    faults: list[FieldFault] = []
    entries: list[EvidenceEntry] = []
    origins: list[FormRow] = []
    for row in rows:
        values = {name: value for name, value in row.values.items() if name != "subject"}
        subject = str(row.values.get("subject") or "")
        if subject.startswith("group:"):
            values["level"] = subject.removeprefix("group:")
        elif subject:
            values["agency"] = subject
        try:
            entries.append(EvidenceEntry.model_validate(values))
            origins.append(row)
        except ValidationError as error:
            found = field_errors(error.errors(), EvidenceEntry)
            faults += [fault._replace(at=_cell(row, fault.at)) for fault in found]
    checked = check_entries(entries, template, agencies, at="rows")
    for fault in checked.faults:
        _, number, *names = fault.at.split(".")
        faults.append(fault._replace(at=_cell(origins[int(number)], names[0] if names else "item")))
    if faults:
        raise Invalid.of_fields(faults[:MAX_FAULTS])
    return checked.items


def _cell(row: FormRow, field: str) -> str:
    """`'Phiếu kiểm tra'!F12`."""
    name = {"agency": "subject", "agencies": "subject", "level": "subject"}.get(field, field)
    return f"'{row.sheet}'!{letter(name if name in _FIELDS else 'item')}{row.row}"
