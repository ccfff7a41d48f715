"""What the routes of notices share: parameters, and how answers show a figure."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import msgspec
import orjson
from fastapi import Header, Path, Query

from services.notices.figures import Figure
from services.notices.store.requests import Request as Asked
from shared import fields
from shared.access import Principal
from shared.fields import RowId

Number = Annotated[RowId, Path()]
Limit = Annotated[int, Query(ge=1, le=200)]
StreamName = Annotated[fields.StreamName | None, Query(description="Province", examples=["30"])]
RequestKey = Annotated[
    fields.RequestKey | None,
    Header(
        alias="Idempotency-Key",
        description="A repeat of the same request under the same key changes nothing and gets the same answer",
    ),
]


def asked(principal: Principal, request_key: str | None, body: object) -> Asked:
    """The request as far as a repeat must be the same."""
    return Asked(principal.key_id, request_key, hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest())


def shown(figure: Figure) -> dict[str, Any]:
    """A figure as answers show it: how it is printed, what it is worth, and where it comes from."""
    value = figure.value
    return {
        **msgspec.to_builtins(figure),
        "unit": figure.unit.value,
        "value": None if value is None else float(value),
        "printed": figure.prose(),
    }
