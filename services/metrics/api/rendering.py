"""JSON, CSV or XLSX, as the client accepts; tables come from a child process, so that nobody waits for them."""

from __future__ import annotations

import asyncio

from fastapi import Request, Response
from prometheus_client import Counter

from services.metrics.api.asking import Ask, Polled, answered, balance_holds, standing
from services.metrics.api.polled import Memory, as_remembered, current, form_of, key_for, respond
from services.metrics.api.tables import AskTable, Order, Tables
from shared.access import Principal
from shared.spreadsheets import CSV_UTF8, XLSX
from shared.web.answers import as_json
from shared.web.routes import JSON

BREAKS = Counter("motcua_metrics_balance_breaks_total", "Answers that did not balance", ["stream"])
COMPUTED = Counter(
    "motcua_metrics_answers_computed_total", "Answers read and computed; all others came from memory", ["stream"]
)


async def deliver(
    request: Request, principal: Principal, stream: str, ask: Ask[Polled], table: AskTable | None = None
) -> Response:
    """What `ask` answers, or `table` as CSV or XLSX where that is accepted, with its ETag, remembered.

    When a stream moves, all who watch it ask the same at once: the first one's answer is waited for and given to them all.
    """
    headers = dict(request.scope["headers"])
    key = key_for(request.scope, headers, principal)
    memory: Memory = request.app.state.memory
    under_way = memory.under_way.get(key)
    if under_way is not None:
        await under_way.wait()
        # Not one that was begun before what this client may have seen elsewhere: that is not the newest state known here.
        found = current(memory, request.app.state.positions, key)
        if found is not None:
            return as_remembered(request, found)
    mine = memory.under_way[key] = asyncio.Event()
    try:
        return await _computed(request, principal, stream, ask, table, form_of(headers))
    finally:
        mine.set()
        if memory.under_way.get(key) is mine:
            del memory.under_way[key]


async def _computed(
    request: Request, principal: Principal, stream: str, ask: Ask[Polled], table: AskTable | None, form: str
) -> Response:
    ending, _, language = form.partition("-")
    state, headers = request.app.state, {}
    if table is not None and ending != "json":
        tables: Tables = state.tables
        kind = CSV_UTF8 if ending == "csv" else XLSX
        made = await tables.make(Order(table, principal, stream, kind, "en" if language == "en" else "vi"))
        position, generation, balanced, body = made.position, made.generation, made.balanced, made.body
        complete = made.standing
        headers = {"Content-Disposition": f'attachment; filename="kpi-{stream}-{position}.{ending}"'}
    else:
        found = await answered(state.database, state.units, ask, principal, stream)
        generation, position, complete = found.generation, found.answer.position, standing(found.answer)
        balanced, kind, body = balance_holds(found.answer), JSON, as_json(found.answer)
    COMPUTED.labels(stream).inc()
    if not balanced:
        BREAKS.labels(stream).inc()
    return respond(
        request,
        principal,
        stream=stream,
        position=position,
        generation=generation,
        standing=complete,
        body=body,
        media_type=kind,
        **headers,
    )


TABLES: dict[str, object] = {
    "text/csv": {"schema": {"type": "string"}},
    XLSX: {"schema": {"type": "string", "format": "binary"}},
}
"""Other forms of an answer, for OpenAPI."""
