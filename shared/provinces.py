"""Codes of provinces: what a province may be called where it comes into being. Those there are may be named in any way."""

from __future__ import annotations

import re

from shared.errors import Invalid
from shared.languages import bilingual

_CODE = re.compile(r"[0-9]{2}")


def demand_province_code(code: str) -> None:
    """Raise `Invalid` unless it is a province's code in the list of administrative units (decision 124/2004/QĐ-TTg)."""
    if not _CODE.fullmatch(code):
        raise Invalid(
            bilingual(
                "{code} is no province's code, which is two digits like 30. Give that of the list of administrative units.",
                "{code} không phải mã tỉnh. Mã tỉnh gồm hai chữ số, ví dụ 30: dùng mã trong danh mục đơn vị hành chính.",
                code=repr(code),
            )
        )
