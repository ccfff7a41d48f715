"""Agencies and procedures that the catalogue lacks, as files to look through and hand in as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Query, Request, Response

from services.ingest.catalogue.api.examples import AGENCY, PROCEDURE
from services.ingest.catalogue.api.parameters import Province, Writer
from services.ingest.parameters import ON_A_PAGE, OfSource
from services.ingest.proposals import service
from services.ingest.proposals.exports import as_csv, as_xlsx
from services.ingest.proposals.model import AgencyProposal, ProcedureProposal
from services.ingest.provinces.service import require_visible
from services.ingest.sources.service import visible_source
from shared import agencies as agency_table
from shared import procedures as procedure_table
from shared.spreadsheets import CSV, XLSX, Cell
from shared.web.formats import FormatChoice, TableFormat
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.responses import etag_response, tagged

router = Router("catalogue", under="/catalogue")
P = TypeVar("P", AgencyProposal, ProcedureProposal)

_COUNTED = ("count", "first_seen", "last_seen", "sources", "parent_name")
"""Columns of a file that are for who looks it through, and that the import passes over by name."""
_EXAMPLE = {"count": 1204, "first_seen": "2024-12-02", "last_seen": "2025-01-31", "sources": ["hai-duong"]}


AGENCIES: Cursor[tuple[int, str]] = Cursor("agencies proposed", tuple[RowNumber, str])
PROCEDURES: Cursor[tuple[int, str]] = Cursor("procedures proposed", tuple[RowNumber, str])
PageLimit = Annotated[int, Query(ge=1, le=service.MAX_CODES, description=ON_A_PAGE)]
_LINK = {"Link": "Of tables: the following page, with `rel=next`; none at the end"}


class AgencyProposals(msgspec.Struct, frozen=True):
    """Agencies that dossiers name and the catalogue lacks."""

    proposals: list[AgencyProposal]
    """At most `limit`, the most frequent first."""
    next_cursor: str | None
    """Give it as `cursor` for the next page; null: this is the last."""


class ProcedureProposals(msgspec.Struct, frozen=True):
    """Procedures that dossiers name and the catalogue lacks."""

    proposals: list[ProcedureProposal]
    """At most `limit`, the most frequent first."""
    next_cursor: str | None
    """Give it as `cursor` for the next page; null: this is the last."""


@router.get(
    "/{province}/agencies/proposal", summary="Agencies that dossiers name and the catalogue lacks", response_class=Response
)
@operation(
    response=AgencyProposals,
    media=(CSV, XLSX),
    headers=_LINK,
    example={"proposals": [{"agency": AGENCY, "parent_name": "Huyện Thanh Hà", **_EXAMPLE}], "next_cursor": None},
    unchanged=True,
)
async def propose_agencies(
    request: Request,
    province: Province,
    principal: Writer,
    wanted: TableFormat,
    source: OfSource = None,
    cursor: CursorParameter = None,
    limit: PageLimit = 5_000,
) -> Response:
    """Code, name and parent as the records have them. As CSV or XLSX a file that `PUT .../agencies?merge=true` takes as it is.

    Look it through first: kinds are guessed by names. Once it is handed in, dossiers are mapped without a new pull.
    """
    async with request.app.state.database.transaction() as tx:
        await require_visible(tx, principal, province)
        if source is not None:
            await visible_source(tx, principal, source)
        found = await service.agencies(tx, request.app.state.rulesets, province, source)
    page, following = _page(AGENCIES, found, cursor, limit, lambda one: (one.count, one.agency.code))
    rows = agency_table.to_rows(one.agency for one in page)
    body = AgencyProposals(page, following)
    return await _response(request, wanted, f"agencies-{province}", agency_table.COLUMNS, rows, page, following, body)


@router.get(
    "/{province}/procedures/proposal", summary="Procedures that dossiers name and the catalogue lacks", response_class=Response
)
@operation(
    response=ProcedureProposals,
    media=(CSV, XLSX),
    headers=_LINK,
    example={"proposals": [{"procedure": PROCEDURE, **_EXAMPLE}], "next_cursor": None},
    unchanged=True,
)
async def propose_procedures(
    request: Request,
    province: Province,
    principal: Writer,
    wanted: TableFormat,
    source: OfSource = None,
    cursor: CursorParameter = None,
    limit: PageLimit = 5_000,
) -> Response:
    """Names and limits of the reference catalogue where it has the code, else the records' own names.

    As CSV or XLSX a file that `PUT .../procedures?merge=true` takes as it is. A procedure of which nobody tells the sector has
    `KHAC`; without a limit the portal's due date counts.
    """
    async with request.app.state.database.transaction() as tx:
        await require_visible(tx, principal, province)
        if source is not None:
            await visible_source(tx, principal, source)
        found = await service.procedures(tx, request.app.state.rulesets, province, source)
    page, following = _page(PROCEDURES, found, cursor, limit, lambda one: (one.count, one.procedure.code))
    rows = procedure_table.to_rows(one.procedure for one in page)
    body = ProcedureProposals(page, following)
    return await _response(request, wanted, f"procedures-{province}", procedure_table.COLUMNS, rows, page, following, body)


def _page(
    cursors: Cursor[tuple[int, str]], found: list[P], cursor: str | None, limit: int, key_of: Callable[[P], tuple[int, str]]
) -> tuple[list[P], str | None]:
    after = cursors.decode(cursor)
    if after is not None:
        found = [one for one in found if (-key_of(one)[0], key_of(one)[1]) > (-after[0], after[1])]
    page, following = cursors.page(found[: limit + 1], limit, key_of)
    return list(page), following


async def _response(
    request: Request,
    wanted: FormatChoice,
    name: str,
    columns: tuple[str, ...],
    rows: list[dict[str, str]],
    page: Iterable[AgencyProposal | ProcedureProposal],
    following: str | None,
    body: Any,
) -> Response:
    if wanted.format == "json":
        return etag_response(request, body)
    counted = (
        (one.count, one.first_seen.isoformat(), one.last_seen.isoformat(), " ".join(one.sources), _above(one)) for one in page
    )
    lines: list[list[Cell]] = [[*(row[column] for column in columns), *more] for row, more in zip(rows, counted, strict=True)]
    headings = (*columns, *_COUNTED)
    headers = {"Content-Disposition": f'attachment; filename="{name}-proposal.{wanted.format}"'}
    if following is not None:
        there = request.url.include_query_params(cursor=following)
        headers["Link"] = f'<{there.path}?{there.query}>; rel="next"'
    if wanted.format == "csv":
        return tagged(request, as_csv(headings, lines, wanted.dialect), wanted.media_type, headers=headers)
    # In a thread: other requests are served meanwhile.
    table = await asyncio.to_thread(as_xlsx, headings, lines)
    return tagged(request, table, wanted.media_type, headers=headers)


def _above(one: AgencyProposal | ProcedureProposal) -> str | None:
    return one.parent_name if isinstance(one, AgencyProposal) else None
