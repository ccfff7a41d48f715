"""The route for senders that can send our own shape."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Request, Response

from services.ingest import parameters
from services.ingest.events.records import Records
from services.ingest.pushes import service as pushing
from services.ingest.pushes.api.examples import RECEIPT, SENT
from services.ingest.pushes.service import MAX_RECORDS, PushReceipt
from services.ingest.sources.kinds.own import EventIn
from services.ingest.sources.model import Arrival
from services.ingest.sources.service import sending_source
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.errors import Invalid, NotFound
from shared.jsontext import MAX_TOKENS
from shared.web.idempotency import IdempotencyKey, keyed
from shared.web.operations import Router, operation
from shared.web.responses import json_response
from shared.web.routes import accepts

router = Router("events")

Sender = Annotated[Principal, Depends(require("events:write"))]


@router.post("/events", summary="Send events")
@operation(
    response=PushReceipt,
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
        records = Records(body)
    except (msgspec.DecodeError, ValueError) as error:
        raise Invalid(f"The body is no JSON array: {error}.") from error
    if len(records) > MAX_RECORDS:
        raise Invalid(f"The body is not an array of at most {MAX_RECORDS} events. Send larger sets in parts, or as a file.")
    async with request.app.state.database.connection() as connection:
        row = await sending_source(connection, principal, source, Arrival.events)
    state = request.app.state
    now = datetime.now(UTC)
    keyed_request = await keyed(request, principal, idempotency_key)
    sent = pushing.decode_records(row, records, now)
    receipt = await state.database.run(lambda tx: pushing.push_once(tx, state.rulesets, row, sent, now, keyed_request))
    await state.notifier.notify("metrics")
    return json_response(receipt)
