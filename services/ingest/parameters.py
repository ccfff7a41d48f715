"""Parameters that routes of several capabilities take, described once."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from shared import fields

ON_A_PAGE = "Entries of a page at most"

SourceName = Annotated[fields.SourceName, Path(description="Name of the source", examples=["hai-duong"])]
"""The source of an address."""
Sender = Annotated[fields.SourceName, Query(description="Name of the source that sends", examples=["hai-duong-own"])]
"""The source that a body is of."""
OfSource = Annotated[fields.SourceName | None, Query(description="Of this source only", examples=["hai-duong"])]
"""A source to look at."""
Province = Annotated[fields.ProvinceCode, Query(description="Province", examples=["30"])]
"""The province of a question."""
OfProvince = Annotated[fields.ProvinceCode | None, Query(description="Of this province only", examples=["30"])]
"""A province to look at."""
