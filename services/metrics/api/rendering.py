"""JSON, CSV or XLSX, as the client accepts; tables come from a child process, so that nobody waits for them."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from prometheus_client import Counter

from services.metrics import exports
from services.metrics.api.asking import Ask, answered, as_json, balance_holds
from services.metrics.api.polled import form_of, respond
from services.metrics.api.tables import Order, Tables
from shared.access import Principal

BREAKS = Counter("motcua_metrics_balance_breaks_total", "Answers that did not balance", ["stream"])
COMPUTED = Counter(
    "motcua_metrics_answers_computed_total", "Answers read and computed; all others came from memory", ["stream"]
)


async def deliver(request: Request, principal: Principal, stream: str, ask: Ask, *, tabular: bool = True) -> Response:
    """What `ask` answers in the accepted form, with its ETag, remembered."""
    ending, _, language = form_of(dict(request.scope["headers"])).partition("-")
    state, headers = request.app.state, {}
    if tabular and ending != "json":
        tables: Tables = state.tables
        kind = exports.CSV if ending == "csv" else exports.XLSX
        table = await tables.make(Order(ask, principal, stream, kind, "en" if language == "en" else "vi"))
        position, generation, balanced, body = table.position, table.generation, table.balanced, table.body
        headers = {"Content-Disposition": f'attachment; filename="kpi-{stream}-{position}.{ending}"'}
    else:
        found = await answered(state.database, state.units, ask, principal, stream)
        generation, position = found.pop("generation"), found["position"]
        balanced, kind, body = balance_holds(found), "application/json", as_json(found)
    COMPUTED.labels(stream).inc()
    if not balanced:
        BREAKS.labels(stream).inc()
    return respond(
        request,
        principal,
        stream=stream,
        position=position,
        generation=generation,
        body=body,
        media_type=kind,
        **headers,
    )


TABLES: dict[str, Any] = {
    "text/csv": {"schema": {"type": "string"}},
    exports.XLSX: {"schema": {"type": "string", "format": "binary"}},
}
"""Other forms of an answer, for OpenAPI."""
