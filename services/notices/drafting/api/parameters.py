"""Parameters of the routes of notices."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path

from shared import fields
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.fields import RowId

NoticeNumber = Annotated[RowId, Path(description="`id` of a notice", examples=[12])]


FigureKey = Annotated[
    fields.Line,
    Path(max_length=200, description="`key` of a figure of the notice", examples=["resolved@10813@2019-12-01"]),
]


Reader = Annotated[Principal, Depends(require("notices:read"))]
Writer = Annotated[Principal, Depends(require("notices:write"))]
