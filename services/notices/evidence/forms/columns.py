"""The columns of a form, and how its cells are written and read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from services.notices.evidence.model import Mark

SHEET = "Phiếu kiểm tra"
MARK_OF_FORM = "MOTCUA-EVIDENCE-2"
"""In the first cell of a form: by it a form is known. Beside it: the inspection's number, the version of the evidence, and the
year of the template."""
FIRST_ROW = 6
"""Row of the first item, from 1 on; the row above has the heads."""
MAX_ROWS = 5_000
MAX_SHEETS = 50
MAX_CELL = 3_000


class FormColumn(NamedTuple):
    """A column of the form."""

    field: str
    """Field of an entry; `title` is read by people alone."""
    head: str
    width: int


COLUMNS: tuple[FormColumn, ...] = (
    FormColumn("item", "Mã nội dung", 24),
    FormColumn("subject", "Đơn vị, cấp", 20),
    FormColumn("title", "Nội dung kiểm tra", 52),
    FormColumn("about", "Về", 26),
    FormColumn("mark", "Kết quả", 14),
    FormColumn("count", "Số lượng", 10),
    FormColumn("of", "Trên tổng số", 10),
    FormColumn("due", "Hạn", 12),
    FormColumn("on", "Ngày thực hiện, ngày gửi", 14),
    FormColumn("days", "Số ngày chậm", 10),
    FormColumn("note", "Ghi chú", 34),
    FormColumn("citation", "Căn cứ", 34),
    FormColumn("attachment", "Tài liệu kèm theo", 24),
)
"""From left to right."""
MARKS: Mapping[Mark, str] = {"met": "Đạt", "partly": "Đạt một phần", "not_met": "Chưa đạt"}
"""As the form writes them."""
_MARKS = {text.lower(): mark for mark, text in MARKS.items()} | {mark: mark for mark in MARKS} | {"không đạt": "not_met"}
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def letter(field: str) -> str:
    """The letter of a field's column."""
    return chr(ord("A") + next(index for index, one in enumerate(COLUMNS) if one.field == field))


def cell_value(field: str, value: object) -> object:
    """What a cell states of a field, as JSON has it; what is not understood stays as it is, and is refused."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value) if field in ("count", "of", "days") else str(int(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return value if field in ("count", "of", "days") else str(value)
    if not isinstance(value, str):
        return None if value is None else str(value)
    text = " ".join(value.split())[:MAX_CELL]
    if field == "mark":
        return _MARKS.get(text.lower(), text)
    if field in ("due", "on") and (match := _DAY.fullmatch(text)):
        return f"{match[3]}-{match[2]:0>2}-{match[1]:0>2}"
    if field in ("count", "of", "days") and re.fullmatch(r"\d{1,3}(\.\d{3})*|\d{1,12}", text):
        return int(text.replace(".", ""))
    return text or None
