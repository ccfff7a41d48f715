"""Procedures as rows of CSV and XLSX, in both directions, and the reference catalogue. Pure, save for the reference table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import time
from functools import cache

import msgspec

from shared.data import TRUTH, cell, day_cell, folded, rows
from shared.errors import Invalid
from shared.languages import Bilingual, bilingual, joined
from shared.procedures.procedure import Procedure, Procedures, normal_code
from shared.struct_errors import sentence_of

STATED = ("announced_in_time", "public_in_time", "complete", "online_payment", "population_data")
"""Columns in which an empty cell is not no: nobody stated it."""
COLUMNS = (
    "code", "name_vi", "name_en", "sector", "handled_by", "level", "amount", "unit", "receipt_cutoff", "interlinked",
    "digitisation_required", "fee_required", "valid_from", "valid_to", *STATED,
)  # fmt: skip
"""Columns of import and export. `amount` and `unit` are the limit, `receipt_cutoff` is a time as 15:00; yes is 1, no is 0."""

_DAYS = frozenset({"valid_from", "valid_to"})

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
    "công bố đúng hạn": "announced_in_time",
    "công khai đúng hạn": "public_in_time",
    "đủ bộ phận tạo thành": "complete",
    "công khai đầy đủ": "complete",
    "thanh toán trực tuyến": "online_payment",
    "kết nối dữ liệu dân cư": "population_data",
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
                values[column] = TRUTH[cells[column].lower() or "0"]
            values |= {column: TRUTH[cells[column].lower()] for column in STATED if cells[column]}
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
            **{column: "" if (stated := getattr(row, column)) is None else str(int(stated)) for column in STATED},
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
