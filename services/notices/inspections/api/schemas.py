"""Responses of the routes of inspections."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec

from services.notices.inspections.model import JSONObject


class CreatedInspection(msgspec.Struct, frozen=True):
    """An inspection that was stored."""

    id: int
    """Its number: notices of it are ordered with `POST /v1/inspections/{number}/notices`."""
    province: str
    """The province."""
    scope: str
    """Code of the agency whose subtree was inspected."""


class InspectionSummary(msgspec.Struct, frozen=True):
    """An inspection without its findings."""

    id: int
    """Its number."""
    province: str
    """The province."""
    scope: str
    """Code of the agency whose subtree was inspected."""
    period_from: date
    """First day of its period."""
    period_to: date
    """Last day of its period."""
    created_at: datetime
    """When it was submitted."""
    version: int
    """Its newest version, from 1 on."""


class InspectionPage(msgspec.Struct, frozen=True):
    """Inspections, the newest first."""

    inspections: list[InspectionSummary]
    """Those of this page."""
    next_cursor: str | None
    """`cursor` of the next page; null: this is the last."""


class StoredInspection(msgspec.Struct, frozen=True):
    """An inspection in one of its versions."""

    id: int
    """Its number."""
    version: int
    """Which version this is, from 1 on."""
    created_at: datetime
    """When the inspection was submitted."""
    changed_at: datetime
    """When this version was handed in."""
    inspection: Annotated[JSONObject, msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/InspectionBody"})]
    """As it was submitted, without fields that had their default."""
