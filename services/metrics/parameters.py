"""Parameters, keys and transactions that routes of several capabilities share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import ConfigDict, Field

from services.metrics.periods import EARLIEST, LATEST
from shared import fields
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.database import Connection, Database
from shared.fields import Printed

Reader = Annotated[Principal, Depends(require("figures:read", agencies="enforced"))]
"""Reads figures, perhaps of some agencies only."""
Overseer = Annotated[Principal, Depends(require("figures:read"))]
"""Reads figures of whole provinces."""
Writer = Annotated[Principal, Depends(require("figures:write", agencies="enforced"))]
"""Enters what people count, and rules of alerts."""
Rebuilder = Annotated[Principal, Depends(require("figures:write"))]
"""Has the counters of whole provinces counted anew."""
Operator = Annotated[Principal, Depends(require("ops:read"))]
"""Reads and runs consistency checks."""

ProvinceCode = Annotated[fields.ProvinceCode, Query(description="Province", examples=["30"])]
ProvinceField = Annotated[fields.ProvinceCode, Field(description="Province", examples=["30"])]
Day = Annotated[date, fields.WRITTEN_DAY, Field(ge=EARLIEST, le=LATEST)]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f~,]+$")]
"""Code or unit key of an agency."""
Words = Annotated[Printed, Field(min_length=1, max_length=500)]
"""A name or a basis, as documents print it."""


class Body(fields.BodyModel):
    """A body of JSON; blanks around texts are dropped."""

    model_config = ConfigDict(str_strip_whitespace=True)


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[Connection]:
    """A transaction in which all statements see one state."""
    async with database.transaction(snapshot=True, readonly=True) as tx:
        yield tx


@asynccontextmanager
async def reading(request: Request) -> AsyncIterator[Connection]:
    """A transaction in which all statements see one state."""
    async with snapshot(request.app.state.database) as tx:
        yield tx
