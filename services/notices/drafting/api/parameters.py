"""Parameters of the routes of notices."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query

from shared import fields
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.fields import RowId

NoticeNumber = Annotated[RowId, Path(description="`id` of a notice", examples=[12])]

PageNumber = Annotated[int, Path(ge=1, le=10_000, description="Page of the PDF, from 1", examples=[1])]
Resolution = Annotated[int, Query(ge=40, le=220, description="Dots per inch of the picture")]

FigureKey = Annotated[
    fields.Line,
    Path(max_length=500, description="`key` of a figure of the notice", examples=["resolved@10813@2019-12-01"]),
]


AgencyName = Annotated[
    fields.Line,
    Path(max_length=80, description="Code or unit key of an agency of the notice", examples=["10864"]),
]


Reader = Annotated[Principal, Depends(require("notices:read"))]
Writer = Annotated[Principal, Depends(require("notices:write"))]
