"""The header `Idempotency-Key` of routes whose repeats have no second effect (`shared.idempotency`)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Request

from shared import fields, idempotency
from shared.access import Principal
from shared.idempotency import KeyedRequest

IDEMPOTENCY_KEY = "Idempotency-Key"
IdempotencyKey = Annotated[
    fields.RequestKey | None,
    Header(
        alias=IDEMPOTENCY_KEY,
        description="A repeat of the same request under the same key changes nothing and gets the same answer, for a week",
    ),
]


async def keyed(request: Request, principal: Principal, key: str | None) -> KeyedRequest | None:
    """The request as far as a repeat must be the same; None when it came without a key."""
    if key is None:
        return None
    address = b"?".join((request.url.path.encode(), request.scope["query_string"]))
    return idempotency.keyed(principal.key_id, key, request.method, address, await request.body())
