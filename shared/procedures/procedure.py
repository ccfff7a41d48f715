"""Procedures through time: their rows, what differs between two lists, and what a portal's own list adds. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

import msgspec

from shared.agencies import AgencyKind
from shared.errors import Invalid
from shared.languages import Bilingual, bilingual, joined
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
    announced_in_time: bool | None = None
    """Its decision was announced (công bố) in time; None: not stated, which is not no. So are those below."""
    public_in_time: bool | None = None
    """It was updated in the national database and made public (công khai) in time."""
    complete: bool | None = None
    """It is published with all required parts (bộ phận tạo thành)."""
    online_payment: bool | None = None
    """Its fee can be paid online."""
    population_data: bool | None = None
    """It is connected with the national population data (dữ liệu quốc gia về dân cư)."""

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
