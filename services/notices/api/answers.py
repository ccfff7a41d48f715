"""What the routes of notices share: their parameters."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from shared import fields
from shared.fields import RowId

Number = Annotated[RowId, Path()]
Limit = Annotated[int, Query(ge=1, le=200)]
StreamName = Annotated[fields.StreamName | None, Query(description="Province", examples=["30"])]
