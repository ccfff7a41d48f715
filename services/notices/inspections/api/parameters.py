"""Parameters of the routes of inspections, and of lists."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from shared import fields
from shared.fields import INT4, RowId

InspectionNumber = Annotated[RowId, Path(description="`id` of an inspection", examples=[7])]


Version = Annotated[
    int | None, Query(ge=1, le=INT4, description="As it was in this version; left out: in the newest", examples=[1])
]


Limit = Annotated[int, Query(ge=1, le=200, description="How many a page holds")]


ProvinceCode = Annotated[
    fields.ProvinceCode | None,
    Query(description="Of this province only; left out: of all that the key may see", examples=["30"]),
]
