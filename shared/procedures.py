"""Administrative procedures (thủ tục hành chính) through time: limit, level of online service, what they require.

When the rules of a procedure change, the same code gets a new row from a day on; a dossier follows the row in force on the day
of its receipt. Intervals are half-open. Pure: no I/O beyond the reference table, no clock.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, time
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Annotated

import msgspec

from shared.agencies import AgencyKind
from shared.data import cell, day_cell, folded, rows
from shared.errors import Invalid
from shared.languages import Bilingual, bilingual, joined
from shared.struct_errors import sentence_of
from shared.workdays import TimeLimit


class ServiceLevel(StrEnum):
    """Level of online service (decree 42/2022/NĐ-CP)."""

    full = "full"  # toàn trình
    partial = "partial"  # một phần
    information = "information"  # cung cấp thông tin


class Procedure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One procedure with the time limit and requirements that are in force from `valid_from` on."""

    code: str
    """National code without suffix, as 1.001612."""
    name_vi: str
    """In Vietnamese, as it was published."""
    name_en: str
    """In English."""
    sector: str
    """Code of the sector (lĩnh vực), as HT; names in `sectors()`."""
    valid_from: date
    """First day on which this row holds; a dossier follows the row of the day it was received."""
    valid_to: date | None = None
    """First day on which this row no longer holds; None while it does."""
    level: ServiceLevel = ServiceLevel.partial
    """How far it can be done online."""
    limit: TimeLimit | None = None
    """None where no limit is known: the portal's due date then counts."""
    receipt_cutoff: Annotated[time, msgspec.Meta(tz=False)] | None = None
    """Time of day, as 15:00:00: what is received later counts as the next working day's; None: the end of office hours is."""
    interlinked: bool = False
    """Liên thông: several agencies take part."""
    digitisation_required: bool = False
    """Papers and result have to be digitised (số hóa)."""
    fee_required: bool = False
    """A fee or charge is due."""
    handled_by: AgencyKind | None = None
    """The level that answers for it, where the catalogue says so."""

    @property
    def key(self) -> str:
        """`<code>@<valid from>`."""
        return f"{self.code}@{self.valid_from.isoformat()}"


_CODE = re.compile(r"\s*(\d{1,2}\.\d{3,9})(?:\.[0-9A-Za-z]+)*\s*")


def normal_code(code: str) -> str:
    """The national code without the suffix that portals add: `1.001612.000.00.00.H48` is `1.001612`.

    A code of another shape (a portal's own) is only trimmed.
    """
    match = _CODE.fullmatch(code)
    return match[1] if match else code.strip()


class Procedures:
    """All rows of all procedures of a province. Immutable; refuses rows of one code that overlap."""

    def __init__(self, procedures: Iterable[Procedure]) -> None:
        self.procedures = tuple(procedures)
        by_code: dict[str, list[Procedure]] = defaultdict(list)
        for procedure in sorted(self.procedures, key=lambda procedure: procedure.valid_from):
            by_code[procedure.code].append(procedure)
        findings = [
            bilingual(
                "{code} has a row from {later} while the one from {earlier} still holds: end the earlier one on {later} or"
                " before.",
                "{code} có dòng từ ngày {later} trong khi dòng từ ngày {earlier} còn hiệu lực: cho dòng trước kết thúc vào ngày"
                " {later} hoặc sớm hơn.",
                code=later.code,
                later=later.valid_from,
                earlier=earlier.valid_from,
            )
            for versions in by_code.values()
            for earlier, later in pairwise(versions)
            if earlier.valid_to is None or earlier.valid_to > later.valid_from
        ]
        if findings:
            begins = Bilingual("The list of procedures contradicts itself:", "Danh mục thủ tục mâu thuẫn:")
            raise Invalid.of_findings(joined([begins, *findings]), findings)
        self._by_code = {code: ([row.valid_from for row in versions], versions) for code, versions in by_code.items()}

    def __len__(self) -> int:
        return len(self.procedures)

    def __iter__(self) -> Iterator[Procedure]:
        return iter(self.procedures)

    @property
    def codes(self) -> Collection[str]:
        """The codes of all procedures, without suffix, whenever they held."""
        return self._by_code.keys()

    def get(self, code: str, on: date) -> Procedure | None:
        """The row of a code (with or without suffix) in force on a day; None if there is none."""
        found = self._by_code.get(code) or self._by_code.get(normal_code(code))
        if found is None:
            return None
        starts, versions = found
        index = bisect_right(starts, on) - 1
        if index < 0:
            return None
        row = versions[index]
        return row if row.valid_to is None or on < row.valid_to else None


class ProcedureChange(msgspec.Struct, frozen=True):
    """One difference between two lists of procedures, to be shown before it applies."""

    code: str
    """Code of the procedure."""
    kind: str
    """`added`, `removed` or `changed`."""
    valid_from: date
    """First day of the row."""
    fields: dict[str, tuple[object, object]] = {}
    """Of a changed row: field to (old value, new value)."""

    @property
    def changes_due_dates(self) -> bool:
        """Whether dossiers have to be dated again: a limit, a cut-off or the days on which a row holds changed."""
        return self.kind != "changed" or bool({"limit", "receipt_cutoff", "valid_to"} & self.fields.keys())


def differences(old: Iterable[Procedure], new: Iterable[Procedure]) -> list[ProcedureChange]:
    """What changes from `old` to `new`, by code and then by day. Rows are the same when code and `valid_from` are."""
    before = {row.key: row for row in old}
    after = {row.key: row for row in new}
    changes: list[ProcedureChange] = []
    for key in before.keys() | after.keys():
        was, becomes = before.get(key), after.get(key)
        if was is None:
            assert becomes is not None
            changes.append(ProcedureChange(becomes.code, "added", becomes.valid_from))
        elif becomes is None:
            changes.append(ProcedureChange(was.code, "removed", was.valid_from))
        elif was != becomes:
            fields = {
                name: (getattr(was, name), getattr(becomes, name))
                for name in Procedure.__struct_fields__
                if getattr(was, name) != getattr(becomes, name)
            }
            changes.append(ProcedureChange(was.code, "changed", was.valid_from, fields))
    return sorted(changes, key=lambda change: (change.code, change.valid_from))


COLUMNS = (
    "code", "name_vi", "name_en", "sector", "handled_by", "level", "amount", "unit", "receipt_cutoff", "interlinked",
    "digitisation_required", "fee_required", "valid_from", "valid_to",
)  # fmt: skip
"""Columns of import and export. `amount` and `unit` are the limit, `receipt_cutoff` is a time as 15:00; yes is 1, no is 0."""

_DAYS = frozenset({"valid_from", "valid_to"})


class PortalProcedure(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure in the catalogue of a portal; None where the portal gives no value."""

    code: str
    name_vi: str | None = None
    name_en: str | None = None
    sector: str | None = None
    limit: TimeLimit | None = None
    interlinked: bool | None = None
    digitisation_required: bool | None = None
    fee_required: bool | None = None


def merge_portal_procedures(known: Iterable[Procedure], offered: Iterable[PortalProcedure], on: date) -> list[Procedure]:
    """The catalogue after a portal's own catalogue was adopted from a day on.

    Where it differs from the row in force that day a new row begins; procedures that it does not list stay as they are. Unknown
    procedures without a name or a sector are left out.
    """
    rows = {row.key: row for row in known}
    current = Procedures(rows.values())
    for one in offered:
        said = {name: value for name in PortalProcedure.__struct_fields__ if (value := getattr(one, name)) is not None}
        row = current.get(one.code, on)
        if row is None:
            if one.name_vi and one.sector:
                added = Procedure(**{"name_en": one.name_vi, **said, "valid_from": on})
                rows[added.key] = added
            continue
        after = msgspec.structs.replace(row, **said)
        if after == row:
            continue
        if row.valid_from < on:
            rows[row.key] = msgspec.structs.replace(row, valid_to=on)
        after = msgspec.structs.replace(after, valid_from=on)
        rows[after.key] = after
    return list(rows.values())


HEADINGS = {
    "mã": "code",
    "mã tthc": "code",
    "mã thủ tục": "code",
    "mã thủ tục hành chính": "code",
    "tên": "name_vi",
    "tên tthc": "name_vi",
    "tên thủ tục": "name_vi",
    "tên thủ tục hành chính": "name_vi",
    "tên tiếng anh": "name_en",
    "lĩnh vực": "sector",
    "mã lĩnh vực": "sector",
    "cấp thực hiện": "handled_by",
    "cấp giải quyết": "handled_by",
    "mức độ": "level",
    "mức độ dvctt": "level",
    "thời hạn": "amount",
    "thời hạn giải quyết": "amount",
    "đơn vị tính": "unit",
    "giờ chốt nhận": "receipt_cutoff",
    "giờ chốt nhận hồ sơ": "receipt_cutoff",
    "liên thông": "interlinked",
    "phải số hóa": "digitisation_required",
    "số hóa": "digitisation_required",
    "phí, lệ phí": "fee_required",
    "có phí, lệ phí": "fee_required",
    "từ ngày": "valid_from",
    "có hiệu lực từ": "valid_from",
    "đến ngày": "valid_to",
    "hết hiệu lực": "valid_to",
}
"""Columns by their headings in Vietnamese."""

_LIMIT = re.compile(r"(\d{1,5})\s*(ngày làm việc|ngày|giờ làm việc|giờ|working days|calendar days|hours)?")
_UNITS = {
    "ngày làm việc": "working_days",
    "ngày": "calendar_days",
    "giờ": "hours",
    "giờ làm việc": "hours",
    "working days": "working_days",
    "calendar days": "calendar_days",
}
_LEVELS = {"toàn trình": "full", "một phần": "partial", "cung cấp thông tin": "information"}
_HANDLED_BY = {"xã": "commune", "cấp xã": "commune", "huyện": "district_office", "cấp huyện": "district_office",
               "tỉnh": "department", "cấp tỉnh": "department"}  # fmt: skip

_TRUTH = {"1": True, "true": True, "x": True, "có": True, "yes": True, "0": False, "false": False, "không": False, "no": False}


def from_rows(table: Iterable[Mapping[str, object]]) -> list[Procedure]:
    """Procedures from rows by column name, as read from CSV or XLSX. Raises Invalid naming every bad row."""
    found: list[Procedure] = []
    faults: list[Bilingual] = []
    for number, row in enumerate(table, start=2):  # as a spreadsheet numbers them, below the head
        cells = {column: (day_cell if column in _DAYS else cell)(row.get(column)) for column in COLUMNS}
        values: dict[str, object] = {column: cell for column, cell in cells.items() if cell}
        missing = [column for column in ("code", "name_vi", "sector", "valid_from") if column not in values]
        if missing:
            faults.append(
                bilingual(
                    "Row {number} lacks {missing}.", "Dòng {number} thiếu {missing}.", number=number, missing=", ".join(missing)
                )
            )
            continue
        try:
            values["code"] = normal_code(cells["code"])
            values["sector"] = _sector_codes().get(folded(cells["sector"]), cells["sector"])
            values.setdefault("name_en", cells["name_vi"])
            for column, words in (("level", _LEVELS), ("handled_by", _HANDLED_BY)):
                if cells[column]:
                    values[column] = words.get(folded(cells[column]), cells[column])
            for column in ("interlinked", "digitisation_required", "fee_required"):
                values[column] = _TRUTH[cells[column].lower() or "0"]
            if values.pop("amount", None):
                values["limit"] = _limit(cells["amount"], cells["unit"])
            values.pop("unit", None)
            if cells["receipt_cutoff"]:
                values["receipt_cutoff"] = _time_of_day(cells["receipt_cutoff"])
            found.append(msgspec.convert(values, Procedure))
        except KeyError as error:
            neither = bilingual(
                "{value!r} is neither yes (1) nor no (0).", "{value!r} không phải có (1) hoặc không (0).", value=error.args[0]
            )
            faults.append(_row_fault(number, cells["code"], neither))
        except msgspec.ValidationError as error:
            faults.append(_row_fault(number, cells["code"], sentence_of(error, Procedure)))
        except Invalid as error:
            faults.append(_row_fault(number, cells["code"], error.text))
    if faults:
        counted = bilingual("{n} rows cannot be read.", "Không đọc được {n} dòng.", n=len(faults))
        raise Invalid.of_rows(joined([counted, *faults[:20]]), faults)
    return found


def _row_fault(number: int, code: str, what: Bilingual) -> Bilingual:
    return bilingual("Row {number} ({code}): {what}", "Dòng {number} ({code}): {what}", number=number, code=code, what=what)


def _limit(amount: str, unit: str) -> dict[str, object]:
    """`5` with a unit beside it, or both in one cell, as `05 ngày làm việc`; without any unit working days are meant."""
    match = _LIMIT.fullmatch(folded(amount))
    if match is None:
        raise Invalid(
            bilingual(
                "{amount!r} is no time limit: write a whole number and its unit.",
                "{amount!r} không phải thời hạn giải quyết: ghi số nguyên và đơn vị tính.",
                amount=amount,
            )
        )
    named = folded(unit) or match[2] or "working_days"
    return {"amount": int(match[1]), "unit": _UNITS.get(named, named)}


_HOUR = re.compile(r"(\d{1,2})(?: ?(?:h|g|giờ) ?(\d{2})?)?(?: phút)?")


def _time_of_day(text: str) -> time:
    """A time as 15:00 or as clerks write it: 15h, 15h30, 15 giờ 30 phút."""
    match = _HOUR.fullmatch(folded(text))
    try:
        return time(int(match[1]), int(match[2] or 0)) if match else time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise Invalid(
            bilingual(
                "{text!r} is no time of day: write it like 15:00.",
                "{text!r} không phải giờ trong ngày: ghi như 15:00.",
                text=text,
            )
        ) from None


@cache
def _sector_codes() -> dict[str, str]:
    return {folded(sector.name_vi): sector.code for sector in sectors().values()}


def to_rows(procedures: Iterable[Procedure]) -> list[dict[str, str]]:
    """The inverse of `from_rows`."""
    return [
        {
            "code": row.code,
            "name_vi": row.name_vi,
            "name_en": row.name_en,
            "sector": row.sector,
            "handled_by": row.handled_by.value if row.handled_by else "",
            "level": row.level.value,
            "amount": str(row.limit.amount) if row.limit else "",
            "unit": row.limit.unit.value if row.limit else "",
            "receipt_cutoff": row.receipt_cutoff.isoformat().removesuffix(":00") if row.receipt_cutoff else "",
            "interlinked": str(int(row.interlinked)),
            "digitisation_required": str(int(row.digitisation_required)),
            "fee_required": str(int(row.fee_required)),
            "valid_from": row.valid_from.isoformat(),
            "valid_to": row.valid_to.isoformat() if row.valid_to else "",
        }
        for row in procedures
    ]


class Sector(msgspec.Struct, frozen=True):
    """Lĩnh vực."""

    code: str
    name_vi: str
    name_en: str


@cache
def sectors() -> dict[str, Sector]:
    """The sectors of the reference catalogue by code."""
    return {row["code"]: Sector(**row) for row in rows("sectors.csv")}


@cache
def reference_procedures() -> Procedures:
    """The reference catalogue (`shared/data/procedures.csv`)."""
    return Procedures(from_rows(rows("procedures.csv")))
