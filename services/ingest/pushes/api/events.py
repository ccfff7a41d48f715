"""The door for senders that can be asked for our own shape."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Request, Response

from services.ingest import parameters
from services.ingest.events.records import split
from services.ingest.pushes import service as pushing
from services.ingest.pushes.api.examples import RECEIPT, SENT
from services.ingest.pushes.service import MAX_RECORDS, Receipt
from services.ingest.sources import Arrival, kinds_that_come
from services.ingest.sources.kinds.own import EventIn
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from shared.access import Principal, require
from shared.errors import Invalid, NotFound
from shared.jsontext import MAX_TOKENS
from shared.web.idempotency import IdempotencyKey, keyed
from shared.web.operations import Router, operation
from shared.web.responses import json_response
from shared.web.routes import accepts

router = Router("events")

Sender = Annotated[Principal, Depends(require("events:write"))]


async def source_of(request: Request, name: str, by: Arrival, principal: Principal) -> SourceRow:
    """The source that sends, of a kind that comes in this way and within the key's reach."""
    async with request.app.state.database.connection() as connection:
        source = await sources_store.source(connection, name)
    kinds = kinds_that_come(by)
    missing = f"There is no source {name} of the kind {' or '.join(map(repr, kinds))}. PUT /v1/sources/{name} connects one."
    source = principal.visible(source, missing)
    if source.kind not in kinds:
        raise NotFound(missing)
    return source


@router.post("/events", summary="Send events")
@operation(
    response=Receipt,
    example=RECEIPT,
    body=Annotated[list[EventIn], msgspec.Meta(max_length=MAX_RECORDS)],
    body_example=SENT,
    problems=(NotFound,),
)
@accepts(limit=None, tokens=MAX_TOKENS, apart=True)
async def post_events(
    request: Request,
    source: parameters.Sender,
    principal: Sender,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """A JSON array of records. Answered after the commit; sending the same again is harmless with or without a key.

    Records that cannot be read are kept in quarantine and listed in `rejected`; they do not stop the others.
    """
    body = await request.body()
    try:
        records = split(body)
    except (msgspec.DecodeError, ValueError) as error:
        raise Invalid(f"The body is no JSON array: {error}.") from error
    if len(records) > MAX_RECORDS:
        raise Invalid(f"The body is not an array of at most {MAX_RECORDS} events. Send larger sets in parts, or as a file.")
    row = await source_of(request, source, Arrival.events, principal)
    state = request.app.state
    now = datetime.now(UTC)
    keyed_request = await keyed(request, principal, idempotency_key)
    sent = pushing.read(row, records, now)
    receipt = await state.database.run(lambda tx: pushing.push_once(tx, state.laws, row, sent, now, keyed_request))
    await state.notifier.notify("metrics")
    return json_response(receipt)
