"""Parameters that the routes of the catalogue take."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query

from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.fields import Printed, ProvinceCode
from shared.spreadsheets import CSV, XLSX

Province = Annotated[ProvinceCode, Path(description="Province", examples=["30"])]
"""The province of an address."""
Writer = Annotated[Principal, Depends(require("catalogue:write"))]
Reader = Annotated[Principal, Depends(require("feed:read"))]

DryRun = Annotated[bool, Query(description="Show what would change, and change nothing")]
Merge = Annotated[
    bool, Query(description="Add the rows to those that are there, as for a plan of a merger; otherwise they replace all")
]

Note = Annotated[
    Printed | None,
    Query(max_length=300, description="Why it is changed; listed with the version", examples=["Nghị quyết 1665/NQ-UBTVQH15"]),
]

TABLE = {
    CSV: "A CSV whose first row names the columns, in Vietnamese or English, as GET gives it",
    XLSX: "An XLSX workbook; its first sheet is read, as a CSV is",
}
"""Media types of a table that is sent, and what is in each."""
