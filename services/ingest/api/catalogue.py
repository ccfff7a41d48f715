"""Changing the catalogue: agencies, procedures, days off and policies of a stream, each change shown before it applies."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import APIRouter, Body, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.ingest import catalogue, store
from shared.access import Principal, require
from shared.agencies import Agency
from shared.errors import Invalid
from shared.procedures import Procedure

router = APIRouter(prefix="/v1/catalogue", tags=["catalogue"])
T = TypeVar("T")

Stream = Annotated[str, Path(min_length=1, max_length=16, pattern=r"^[A-Za-z0-9_-]+$", examples=["30"])]
Writer = Annotated[Principal, Depends(require("catalogue:write"))]


class Change(BaseModel):
    """The catalogue after a change; the dossiers it touches are dated anew by the worker."""

    stream: str
    version: int
    entries: int


class Day(BaseModel):
    """A day off or a make-up day that was decided."""

    model_config = ConfigDict(extra="forbid")

    day: date
    worked: bool = Field(description="true: a make-up day on a day off; false: a day off")
    legal_basis: str = Field(min_length=3, max_length=300, examples=["Thông báo số 12345/TB-BNV"])
    known_from: date = Field(description="The day it was decided")


class Policies(BaseModel):
    """Choices of a province."""

    model_config = ConfigDict(extra="forbid")

    office_hours: str | None = Field(default=None, max_length=300, examples=["07:30-11:30 13:30-17:00"])


@router.put("/{stream}/agencies", summary="Replace the stream's agencies, all generations")
async def put_agencies(
    request: Request, stream: Stream, principal: Writer, body: Annotated[list[dict[str, Any]], Body(max_length=20_000)]
) -> Change:
    """Refused as a whole when the structure contradicts itself."""
    principal.demand_stream(stream)
    agencies = _converted(body, Agency)
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.put_agencies(tx, stream, agencies)
    await request.app.state.doorbell.ring("ingest")
    return Change(stream=stream, version=version, entries=len(agencies))


@router.put("/{stream}/procedures", summary="Replace the stream's procedures, all generations")
async def put_procedures(
    request: Request, stream: Stream, principal: Writer, body: Annotated[list[dict[str, Any]], Body(max_length=50_000)]
) -> Change:
    """Limits, interlinked or not, digitisation and fees required or not, over time."""
    principal.demand_stream(stream)
    procedures = _converted(body, Procedure)
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.put_procedures(tx, stream, procedures)
    await request.app.state.doorbell.ring("ingest")
    return Change(stream=stream, version=version, entries=len(procedures))


@router.post("/{stream}/days", summary="Add days off and make-up days")
async def add_days(
    request: Request, stream: Stream, principal: Writer, body: Annotated[list[Day], Body(min_length=1, max_length=1_000)]
) -> Change:
    """A later decision about the same day wins."""
    principal.demand_stream(stream)
    days = [(one.day, one.worked, one.legal_basis, one.known_from) for one in body]
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.put_days(tx, stream, days)
    await request.app.state.doorbell.ring("ingest")
    return Change(stream=stream, version=version, entries=len(days))


@router.put("/{stream}/policies", summary="Replace the stream's policies")
async def put_policies(request: Request, stream: Stream, principal: Writer, body: Policies) -> Change:
    """Office hours are for limits in hours and for receipts after closing."""
    principal.demand_stream(stream)
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.put_policies(tx, stream, body.model_dump(exclude_none=True))
    await request.app.state.doorbell.ring("ingest")
    return Change(stream=stream, version=version, entries=1)


@router.get("/{stream}/redatings", summary="What changes of the catalogue did to the dossiers")
async def read_redatings(
    request: Request, stream: Stream, principal: Writer, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> dict[str, list[dict[str, Any]]]:
    """`changed` dossiers got a new version; their positions run from `from_position` to `to_position` at the most."""
    principal.demand_stream(stream)
    async with request.app.state.database.connection() as connection:
        return {"redatings": await store.redatings(connection, stream, limit)}


def _converted(body: list[dict[str, Any]], kind: type[T]) -> list[T]:
    converted = []
    for place, one in enumerate(body):
        try:
            converted.append(msgspec.convert(one, kind))
        except msgspec.ValidationError as error:
            raise Invalid(f"Entry {place + 1}: {error}. Nothing was changed.") from error
    return converted
