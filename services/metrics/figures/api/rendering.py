"""Responses as JSON, CSV or XLSX; tables of figures come from a child process, so that other requests do not wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping

from fastapi import Request, Response
from prometheus_client import Counter

from services.metrics.figures.api.parameters import (
    PolledResponse,
    QueryParameters,
    UseCase,
    balance_holds,
    run_use_case,
)
from services.metrics.figures.api.table_processes import TableOrder, TableProcesses, TableUseCase
from services.metrics.polling.api import cacheable, respond
from services.metrics.polling.cache import Cache, CachedResponse, Key, etag_of, key_for, newest_seen
from services.metrics.polling.fingerprint import fingerprint_of
from services.metrics.polling.positions import Positions
from shared.access.principals import Principal
from shared.contracts.disagreements import DisagreementPage
from shared.contracts.dossiers import Drilldown
from shared.contracts.indices import IndexLosses
from shared.contracts.previews import FigurePreview
from shared.languages import Language
from shared.spreadsheets import CSV, XLSX, Cell, to_csv
from shared.web.compression import accepts_gzip
from shared.web.formats import FormatChoice, table_headers
from shared.web.operations import headers_of
from shared.web.responses import as_json, held_tags, tagged
from shared.web.routes import JSON

BREAKS = Counter("motcua_metrics_balance_breaks_total", "Answers that did not balance", ["province"])
COMPUTED = Counter(
    "motcua_metrics_answers_computed_total", "Answers read and computed; all others came from the cache", ["province"]
)


async def deliver(
    request: Request,
    principal: Principal,
    parameters: QueryParameters,
    use_case: UseCase[PolledResponse],
    table: TableUseCase | None = None,
    wanted: FormatChoice | None = None,
) -> Response:
    """The response of `use_case`, or that of `table` as CSV or XLSX where that is `wanted`, from the cache or put into it.

    When a province moves, all its clients send the same request at once: one computes the response, the others wait for it.
    """
    province = parameters.province
    principal.demand_province(province)
    cache: Cache = request.app.state.cache
    positions: Positions = request.app.state.positions
    headers = dict(request.scope["headers"])
    key = key_for(request.scope, headers, principal)
    seen = newest_seen(held_tags(request.scope))
    if seen:
        await positions.reach(province, seen)
    found = cache.find(key, time.monotonic())
    if found is None and (computing := cache.computing.get(key)) is not None:
        await computing.wait()
        # One that was begun before a state which this client has seen elsewhere is not found: it is not of the newest state.
        found = cache.find(key, time.monotonic())
    if found is None:
        done = cache.computing[key] = asyncio.Event()
        try:
            found = await _computed(request, key, principal, parameters, use_case, table, wanted)
            cache.store(key, found)
        finally:
            done.set()
            if cache.computing.get(key) is done:
                del cache.computing[key]
    form = await cache.compress(key, found) if accepts_gzip(headers) else found.plain
    return respond(request, form)


async def _computed(
    request: Request,
    key: Key,
    principal: Principal,
    parameters: QueryParameters,
    use_case: UseCase[PolledResponse],
    table: TableUseCase | None,
    wanted: FormatChoice | None,
) -> CachedResponse:
    province = parameters.province
    state, headers = request.app.state, headers_of(request.scope["route"].endpoint)
    if table is not None and wanted is not None and wanted.format != "json":
        tables: TableProcesses = state.tables
        kind = wanted.media_type
        made = await tables.make(TableOrder(table, principal, province, parameters.as_of, wanted, parameters.kpis))
        position, revision, balanced, body = made.position, made.revision, made.balanced, made.body
        complete = made.fingerprint
        headers |= table_headers(f"kpi-{province}-{position}", wanted.format, made.incomplete, made.doubtful)
    else:
        found = await run_use_case(state.database, state.units, use_case, principal, province, parameters.as_of)
        revision, position, complete = found.revision, found.response.position, fingerprint_of(found.response.freshness)
        balanced, kind, body = balance_holds(found.response), JSON, as_json(found.response)
    COMPUTED.labels(province).inc()
    if not balanced:
        BREAKS.labels(province).inc()
    return cacheable(
        request,
        key,
        province=province,
        position=position,
        revision=revision,
        fingerprint=complete,
        body=body,
        media_type=kind,
        headers=headers,
    )


def deliver_page(
    request: Request,
    principal: Principal,
    page: Drilldown | DisagreementPage | FigurePreview | IndexLosses,
    as_rows: Callable[[Language], Iterable[Iterable[Cell]]],
    wanted: FormatChoice,
    *,
    position: int,
    revision: int,
    name: str,
    following: Mapping[str, object] | None,
) -> Response:
    """A page of a list as JSON or CSV, with its ETag.

    `name`: of the CSV file. `following`: parameters of the next page, which CSV has in the header `Link`; None: there is none.
    """
    body, media_type = as_json(page), JSON
    headers: dict[str, str] = {}
    if wanted.format == "csv":
        body, media_type = to_csv(as_rows(wanted.language), wanted.dialect), wanted.media_type
        freshness = page.freshness
        headers |= table_headers(f"{name}-{position}", "csv", freshness.incompleteness, freshness.doubtful)
        if following is not None:
            there = request.url.include_query_params(**following)
            headers["Link"] = f'<{there.path}?{there.query}>; rel="next"'
    key = key_for(request.scope, dict(request.scope["headers"]), principal)
    etag = etag_of(key, position, revision, fingerprint_of(page.freshness))
    return tagged(request, body, media_type, etag=etag, headers=headers)


TABLES = (CSV, XLSX)
"""The formats of figures besides JSON."""
