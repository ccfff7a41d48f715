"""Forms that were filled in: read in a child process, then held against the template as all entries are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec
from pydantic import ValidationError

from services.notices.evidence.entries import MAX_FAULTS, EvidenceEntry, check_entries, unknown_agency
from services.notices.evidence.forms.columns import COLUMNS, MARKS, letter
from services.notices.evidence.forms.reading import FormRow, FormSheet, FormSheets
from services.notices.evidence.model import EvidenceItems, Template
from services.notices.evidence.templates import template_named, template_of
from services.notices.figures.model import Subject
from services.notices.inspections.model import Inspection
from shared.errors import FieldFault, Invalid, NotFound, PreconditionFailed, TooLarge, Unreadable
from shared.languages import Bilingual, bilingual
from shared.model_errors import field_errors
from shared.sandbox.parent import Sandbox

ADVICE = Bilingual(
    "Get the form anew with GET .../evidence-form, fill it in and save it as XLSX.",
    "Lấy lại phiếu bằng GET .../evidence-form, điền và lưu dạng XLSX.",
)
"""What to do with a form that cannot be read."""

MAX_VERSIONS = 5
"""Of the evidence, with which the sheets of one workbook may have been given out: each is read whole."""

_READ = "services.notices.evidence.forms.reading:read"
_FIELDS = frozenset(column.field for column in COLUMNS)


async def sheets(sandbox: Sandbox, chunks: AsyncIterator[bytes]) -> list[FormSheet]:
    """The forms that were filled in. Raises what the reader raises, `ChildDied` and `Unavailable`."""
    async with sandbox.child(_READ, b"") as child:
        async for message in child.messages(chunks):
            return msgspec.json.decode(message, type=FormSheets).sheets
    raise Unreadable(Bilingual("The form ended before its end. Send it again.", "Phiếu gửi chưa trọn vẹn. Gửi lại."))


def agency_of(name: str, agencies: Sequence[Subject]) -> Subject:
    """The agency of a code or unit key; raises `NotFound`."""
    found = next((one for one in agencies if name in (one.code, one.key)), None)
    if found is None:
        raise NotFound(unknown_agency(name, agencies))
    return found


def versions_of(sheets: Sequence[FormSheet], number: int) -> list[int]:
    """The versions of the evidence with which forms of inspection `number` were given out.

    Raises `TooLarge` for more than `MAX_VERSIONS`.
    """
    found = sorted({sheet.version for sheet in sheets if sheet.inspection == number})
    if len(found) > MAX_VERSIONS:
        raise TooLarge(
            bilingual(
                "The forms were given out at {n} versions of the evidence; a workbook holds forms of at most {most}. Send the"
                " others in workbooks of their own, or get them anew.",
                "Các phiếu được lấy ở {n} phiên bản khác nhau; một tệp chỉ được có phiếu của tối đa {most} phiên bản. Gửi các"
                " phiếu còn lại trong tệp khác, hoặc lấy lại phiếu.",
                n=len(found),
                most=MAX_VERSIONS,
            )
        )
    return found


_UNKNOWN_MARK = bilingual(
    "The form knows no such result. Choose one of its list: {known}.",
    "Phiếu không có kết quả này. Chọn trong danh sách: {known}.",
    known=", ".join(MARKS.values()),
)


class _FilledRow(NamedTuple):
    """A row of a form as an entry."""

    entry: EvidenceEntry
    row: FormRow
    version: int
    """Of the evidence when the form was given out."""
    template: int | None
    """Year of the template of the form; None: it does not state it."""


def items_of(
    sheets: Sequence[FormSheet],
    number: int,
    inspection: Inspection,
    agencies: Sequence[Subject],
    *,
    present: EvidenceItems,
    given: Mapping[int, EvidenceItems],
) -> EvidenceItems:
    """The items that forms of inspection `number` change. `present`: what stands now; `given`: what stood in each version.

    A row as it was given out changes nothing. Raises `Invalid` with every fault and its cell, and `PreconditionFailed` for a
    row that changes what another has changed since.
    """
    filled, faults = _filled(sheets, number, given.keys())
    template = template_of(inspection.period.end)
    filled, found = _answering(filled, template, inspection, agencies, given)
    faults += found
    checked, found = _checked(filled, template, inspection, agencies, ())
    faults += [fault for fault in found if fault.rule != "sum"]
    if faults:
        raise Invalid.of_fields(faults[:MAX_FAULTS])
    now = {one.key: one for one in present}
    then = {version: {one.key: one for one in items} for version, items in given.items()}
    changed: list[_FilledRow] = []
    overtaken: list[str] = []
    for one, item in zip(filled, checked, strict=True):
        before, current = then[one.version].get(item.key), now.get(item.key)
        if item in (before, current):
            continue
        changed.append(one)
        if before != current:
            overtaken.append(_cell(one.row, "item"))
    if overtaken:
        raise PreconditionFailed(
            bilingual(
                "{cells}: it was changed after the form was given out. Get the form anew and fill these rows in again.",
                "{cells}: đã được thay đổi sau khi lấy phiếu. Lấy lại phiếu và điền lại các dòng này.",
                cells=", ".join(overtaken[:MAX_FAULTS]),
            )
        )
    # Points are held against the criteria that stand, so without the rows that change nothing.
    items, faults = _checked(changed, template, inspection, agencies, present)
    if faults:
        raise Invalid.of_fields(faults)
    return items


def _filled(sheets: Sequence[FormSheet], number: int, versions: Collection[int]) -> tuple[list[_FilledRow], list[FieldFault]]:
    """The rows as entries; and sheets that are no form of this inspection, or of no version of it, and rows that are none."""
    filled: list[_FilledRow] = []
    faults: list[FieldFault] = []
    for sheet in sheets:
        if sheet.inspection != number:
            message = bilingual(
                "It is a form of inspection {other}. Send it there, or get a form of inspection {n}.",
                "Đây là phiếu của cuộc kiểm tra {other}. Gửi vào cuộc kiểm tra đó, hoặc lấy phiếu của cuộc kiểm tra {n}.",
                other=sheet.inspection,
                n=number,
            )
            faults.append(FieldFault(f"'{sheet.title}'!B1", message, "literal_error"))
            continue
        if sheet.version not in versions:
            message = bilingual(
                "The evidence has no version {n}. {advice}",
                "Không có phiên bản {n}. {advice}",
                n=sheet.version,
                advice=ADVICE,
            )
            faults.append(FieldFault(f"'{sheet.title}'!C1", message, "literal_error"))
            continue
        for row in sheet.rows:
            try:
                filled.append(_FilledRow(EvidenceEntry.model_validate(_values(row)), row, sheet.version, sheet.template))
            except ValidationError as error:
                faults += [_of_cell(row, fault) for fault in field_errors(error.errors(), EvidenceEntry)]
    return filled, faults


def _of_cell(row: FormRow, fault: FieldFault) -> FieldFault:
    """A fault of an entry as whoever filled in the form knows its words."""
    of_mark = fault.at == "mark" and fault.rule == "literal_error"
    return fault._replace(at=_cell(row, fault.at), message=_UNKNOWN_MARK if of_mark else fault.message)


def _values(row: FormRow) -> dict[str, object]:
    values = {name: value for name, value in row.values.items() if name != "subject"}
    subject = str(row.values.get("subject") or "")
    if subject.startswith("group:"):
        values["level"] = subject.removeprefix("group:")
    elif subject:
        values["agency"] = subject
    return values


def _answering(
    filled: Sequence[_FilledRow],
    template: Template,
    inspection: Inspection,
    agencies: Sequence[Subject],
    given: Mapping[int, EvidenceItems],
) -> tuple[list[_FilledRow], list[FieldFault]]:
    """The rows but those to which `template` has nothing that they answer, since their form is of another one; and faults of
    those among them that were filled in.
    """
    answering, faults = [], []
    for one in filled:
        if one.template in (None, template.year):
            answering.append(one)
            continue
        of_form = template_named(one.template)
        items, found = _checked([one], of_form, inspection, agencies, ())
        if found or all(map(template.takes, items)):
            answering.append(one)  # what is wrong with it is found as with every other
        elif not set(items) <= set(given[one.version]):
            message = bilingual(
                "The form is of the template of {form}. The inspection's period was corrected since, and the template of {year}"
                " has nothing that this row answers: empty the row, or get the form anew.",
                "Phiếu theo mẫu năm {form}. Kỳ kiểm tra đã được sửa và mẫu năm {year} không có nội dung này: xóa dòng này, hoặc"
                " lấy lại phiếu.",
                form=of_form.year,
                year=template.year,
            )
            faults.append(FieldFault(_cell(one.row, "item"), message, "of_another_template"))
    return answering, faults


def _checked(
    filled: Sequence[_FilledRow],
    template: Template,
    inspection: Inspection,
    agencies: Sequence[Subject],
    present: EvidenceItems,
) -> tuple[EvidenceItems, list[FieldFault]]:
    """The items of rows, one of each, and faults by their cells."""
    entries = [one.entry for one in filled]
    checked = check_entries(entries, template, agencies, reported_on=inspection.report.on, present=present, at="rows")
    faults = []
    for fault in checked.faults:
        _, at, *names = fault.at.split(".")
        faults.append(fault._replace(at=_cell(filled[int(at)].row, names[0] if names else "item")))
    return checked.items, faults


def _cell(row: FormRow, field: str) -> str:
    """`'Phiếu kiểm tra'!F12`."""
    name = {"agency": "subject", "agencies": "subject", "level": "subject"}.get(field, field)
    return f"'{row.sheet}'!{letter(name if name in _FIELDS else 'item')}{row.row}"
