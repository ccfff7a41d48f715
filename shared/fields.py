"""Types of parameters and fields of requests, with bounds: their values fit columns, log lines and addresses.

PostgreSQL stores no U+0000 in a text, and integers of four or eight bytes; days are bounded so that adding a few days or an
offset stays within Python's calendar. pydantic refuses lone surrogates in texts by itself. What breaks a bound is answered
with 422.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from shared.languages import Bilingual, bilingual
from shared.printing import printed

INT4 = 2**31 - 1
"""Largest number of a column `integer`."""
INT8 = 2**63 - 1
"""Largest number of a column `bigint`."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""First and last day that is accepted."""
_DEEPEST = 16
_TOO_BIG = Bilingual("A whole number has more than eight bytes.", "Có số nguyên lớn hơn tám byte.")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_TEXT_LENGTH = 10_000
"""Characters of a text in an object of unknown shape."""

TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
LINE = r"^[^\x00-\x1f\x7f]*$"


class BodyModel(BaseModel):
    """Base of bodies of requests and objects in them: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


Text = Annotated[str, StringConstraints(pattern=TEXT)]
"""Lines of free text, without other control characters; its length is bounded where it is used."""
Line = Annotated[str, StringConstraints(pattern=LINE)]
"""One line of text; its length is bounded where it is used."""
Printed = Annotated[str, StringConstraints(pattern=TEXT), AfterValidator(printed)]
"""A text that documents print, folded as `printed` does; its length is bounded where it is used."""
ProvinceCode = Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=r"^[A-Za-z0-9_-]+$")]
"""A province."""
SourceName = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
Position = Annotated[int, Field(ge=0, le=INT8)]
"""Of the feed, or the end of a page: a `bigint`."""
RowId = Annotated[int, Field(ge=1, le=INT8)]
"""The number of a row: a `bigint` from 1 on."""


def _written_day(value: object) -> object:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError(Bilingual("Write a day like 2023-04-28.", "Viết ngày như 2023-04-28."))
    if isinstance(value, int | float | datetime):
        raise ValueError(Bilingual("Write a day like 2023-04-28, as a text.", "Viết ngày dưới dạng chuỗi như 2023-04-28."))
    return value


WRITTEN_DAY = BeforeValidator(_written_day)
"""Accepts a day only as `2023-04-28`: pydantic also takes numbers of seconds and instants for days."""
Day = Annotated[date, WRITTEN_DAY, Field(ge=FIRST_DAY, le=LAST_DAY)]
"""A civil day."""


def unstorable_reason(value: object, depth: int = 0) -> Bilingual | None:
    """Why a value of JSON cannot be stored, or None; names, texts, numbers and depth are checked at all levels."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT_LENGTH:
            return bilingual("A text has more than {n} characters.", "Có chuỗi dài hơn {n} ký tự.", n=MAX_TEXT_LENGTH)
        if "\0" in value or not _encodable(value):
            return Bilingual(
                "A text holds U+0000 or half of a character (a lone surrogate).",
                "Có chuỗi chứa U+0000 hoặc nửa ký tự (surrogate lẻ).",
            )
    elif isinstance(value, float):
        return None if math.isfinite(value) else Bilingual("A number is not finite.", "Có số không hữu hạn.")
    elif isinstance(value, int):
        return None if -INT8 - 1 <= value <= INT8 else _TOO_BIG
    elif isinstance(value, dict | list):
        if depth == _DEEPEST:
            return bilingual("It is nested deeper than {n} levels.", "Lồng sâu quá {n} cấp.", n=_DEEPEST)
        parts = value if isinstance(value, list) else [*value.keys(), *value.values()]
        return next((reason for part in parts if (reason := unstorable_reason(part, depth + 1)) is not None), None)
    return None


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_storable(value: Mapping[str, object]) -> Mapping[str, object]:
    reason = unstorable_reason(value)
    if reason is not None:
        raise ValueError(reason)
    return value


JsonObject = Annotated[Mapping[str, object], AfterValidator(_check_storable)]
"""An object of unknown shape, all of whose values can be stored in PostgreSQL."""
