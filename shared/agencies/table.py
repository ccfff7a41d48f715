"""Agencies as the rows of a table: import from CSV or XLSX, export, and the reference table that ships with the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import msgspec

from shared.agencies.agency import Agency, AgencyKind
from shared.agencies.units import Structure
from shared.data import TRUTH, cell, day_cell, folded, rows
from shared.errors import Invalid
from shared.languages import Bilingual, bilingual, joined
from shared.struct_errors import sentence_of

COLUMNS = (
    "code",
    "name_vi",
    "name_en",
    "kind",
    "parent",
    "valid_from",
    "valid_to",
    "successors",
    "legal_basis",
    "certifies_copies",
)
"""Columns of import and export; successors are separated by blanks, empty cells mean none, or not stated."""

HEADINGS = {
    "mã": "code",
    "mã đơn vị": "code",
    "mã cơ quan": "code",
    "tên": "name_vi",
    "tên đơn vị": "name_vi",
    "tên cơ quan": "name_vi",
    "tên tiếng anh": "name_en",
    "cấp": "kind",
    "loại đơn vị": "kind",
    "đơn vị cấp trên": "parent",
    "mã đơn vị cấp trên": "parent",
    "từ ngày": "valid_from",
    "có hiệu lực từ": "valid_from",
    "đến ngày": "valid_to",
    "hết hiệu lực": "valid_to",
    "đơn vị kế thừa": "successors",
    "chứng thực điện tử": "certifies_copies",
    "cấp bản sao chứng thực điện tử": "certifies_copies",
    "căn cứ": "legal_basis",
    "căn cứ pháp lý": "legal_basis",
}
"""Columns by their headings in Vietnamese."""

_DAYS = frozenset({"valid_from", "valid_to"})

_KINDS = {
    "tỉnh": AgencyKind.province,
    "thành phố": AgencyKind.province,
    "sở": AgencyKind.department,
    "sở, ban, ngành": AgencyKind.department,
    "huyện": AgencyKind.district,
    "phòng": AgencyKind.district_office,
    "phòng chuyên môn": AgencyKind.district_office,
    "xã": AgencyKind.commune,
    "phường": AgencyKind.commune,
    "thị trấn": AgencyKind.commune,
}


def from_rows(table: Iterable[Mapping[str, object]]) -> list[Agency]:
    """Agencies from rows by column name, as read from CSV or XLSX. Raises Invalid naming every bad row."""
    found: list[Agency] = []
    faults: list[Bilingual] = []
    for number, row in enumerate(table, start=2):  # as a spreadsheet numbers them, below the head
        cells = {column: (day_cell if column in _DAYS else cell)(row.get(column)) for column in COLUMNS}
        cells["kind"] = _KINDS.get(folded(cells["kind"]), cells["kind"])
        values = {column: cell for column, cell in cells.items() if cell}
        missing = [column for column in ("code", "name_vi", "kind", "valid_from") if column not in values]
        if missing:
            faults.append(
                bilingual(
                    "Row {number} lacks {missing}.", "Dòng {number} thiếu {missing}.", number=number, missing=", ".join(missing)
                )
            )
            continue
        try:
            successors, stated = tuple(cells["successors"].split()), cells["certifies_copies"]
            told = {"certifies_copies": TRUTH.get(stated.lower(), stated)} if stated else {}
            found.append(msgspec.convert({"name_en": values["name_vi"], **values, "successors": successors, **told}, Agency))
        except msgspec.ValidationError as error:
            faults.append(
                bilingual(
                    "Row {number} ({code}): {what}",
                    "Dòng {number} ({code}): {what}",
                    number=number,
                    code=values["code"],
                    what=sentence_of(error, Agency),
                )
            )
    if faults:
        counted = bilingual("{n} rows cannot be read.", "Không đọc được {n} dòng.", n=len(faults))
        raise Invalid.of_rows(joined([counted, *faults[:20]]), faults)
    return found


def to_rows(agencies: Iterable[Agency]) -> list[dict[str, str]]:
    """The inverse of `from_rows`."""
    return [
        {
            "code": unit.code,
            "name_vi": unit.name_vi,
            "name_en": unit.name_en,
            "kind": unit.kind.value,
            "parent": unit.parent or "",
            "valid_from": unit.valid_from.isoformat(),
            "valid_to": unit.valid_to.isoformat() if unit.valid_to else "",
            "successors": " ".join(unit.successors),
            "legal_basis": unit.legal_basis,
            "certifies_copies": "" if unit.certifies_copies is None else str(int(unit.certifies_copies)),
        }
        for unit in agencies
    ]


@cache
def reference_structure() -> Structure:
    """Thanh Hà before and after its reorganisations (`shared/data/agencies.csv`), with the two provinces it belonged to."""
    return Structure(from_rows(rows("agencies.csv")))
