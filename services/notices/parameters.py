"""What the routes of notices share: their parameters."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from shared import fields
from shared.fields import RowId

InspectionNumber = Annotated[RowId, Path(description="`id` of an inspection", examples=[7])]
NoticeNumber = Annotated[RowId, Path(description="`id` of a notice", examples=[12])]
Limit = Annotated[int, Query(ge=1, le=200, description="How many a page holds")]
ProvinceCode = Annotated[
    fields.ProvinceCode | None,
    Query(description="Of this province only; left out: of all that the key may see", examples=["30"]),
]
FigureKey = Annotated[
    fields.Line,
    Path(max_length=200, description="`key` of a figure of the notice", examples=["resolved@10813@2019-12-01"]),
]
