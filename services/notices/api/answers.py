"""What the routes of notices share: parameters, and how answers show a figure."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import Path, Query

from services.notices.figures import Figure
from shared import fields
from shared.fields import RowId

Number = Annotated[RowId, Path()]
Limit = Annotated[int, Query(ge=1, le=200)]
StreamName = Annotated[fields.StreamName | None, Query(description="Province", examples=["30"])]


def shown(figure: Figure) -> dict[str, Any]:
    """A figure as answers show it: how it is printed, what it is worth, and where it comes from."""
    value = figure.value
    return {
        **msgspec.to_builtins(figure),
        "unit": figure.unit.value,
        "value": None if value is None else float(value),
        "printed": figure.prose(),
    }
