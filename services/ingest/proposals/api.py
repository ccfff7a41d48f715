"""Agencies and procedures that the catalogue lacks, as files to look through and hand in as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from fastapi import Request, Response

from services.ingest.catalogue.api.examples import AGENCY, PROCEDURE
from services.ingest.catalogue.api.parameters import Province, Writer
from services.ingest.parameters import OfSource
from services.ingest.proposals import service
from services.ingest.proposals.model import AgencyProposal, ProcedureProposal
from services.ingest.provinces.service import require_visible
from services.ingest.sources.service import visible_source
from shared import agencies as agency_table
from shared import procedures as procedure_table
from shared.spreadsheets import CSV, Cell, to_csv
from shared.web.formats import CsvFormat, FormatChoice
from shared.web.operations import Router, operation
from shared.web.responses import etag_response, tagged

router = Router("catalogue", under="/catalogue")

_COUNTED = ("count", "first_seen", "last_seen", "sources", "parent_name")
"""Columns of a file that are for who looks it through, and that the import passes over by name."""
_EXAMPLE = {"count": 1204, "first_seen": "2024-12-02", "last_seen": "2025-01-31", "sources": ["hai-duong"]}


class AgencyProposals(msgspec.Struct, frozen=True):
    """Agencies that dossiers name and the catalogue lacks."""

    proposals: list[AgencyProposal]
    """The most frequent first."""


class ProcedureProposals(msgspec.Struct, frozen=True):
    """Procedures that dossiers name and the catalogue lacks."""

    proposals: list[ProcedureProposal]
    """The most frequent first."""


@router.get(
    "/{province}/agencies/proposal", summary="Agencies that dossiers name and the catalogue lacks", response_class=Response
)
@operation(
    response=AgencyProposals,
    media=(CSV,),
    example={"proposals": [{"agency": AGENCY, "parent_name": "Huyện Thanh Hà", **_EXAMPLE}]},
    unchanged=True,
)
async def propose_agencies(
    request: Request, province: Province, principal: Writer, wanted: CsvFormat, source: OfSource = None
) -> Response:
    """Code, name and parent as the records have them. As CSV a file that `PUT .../agencies?merge=true` takes as it is.

    Look it through first: kinds are guessed by names. Once it is handed in, dossiers are mapped without a new pull.
    """
    async with request.app.state.database.transaction() as tx:
        await require_visible(tx, principal, province)
        if source is not None:
            await visible_source(tx, principal, source)
        found = await service.agencies(tx, request.app.state.rulesets, province, source)
    rows = agency_table.to_rows(one.agency for one in found)
    return _response(request, wanted, f"agencies-{province}", agency_table.COLUMNS, rows, found, AgencyProposals(found))


@router.get(
    "/{province}/procedures/proposal", summary="Procedures that dossiers name and the catalogue lacks", response_class=Response
)
@operation(
    response=ProcedureProposals, media=(CSV,), example={"proposals": [{"procedure": PROCEDURE, **_EXAMPLE}]}, unchanged=True
)
async def propose_procedures(
    request: Request, province: Province, principal: Writer, wanted: CsvFormat, source: OfSource = None
) -> Response:
    """Names and limits of the reference catalogue where it has the code, else the records' own names.

    As CSV a file that `PUT .../procedures?merge=true` takes as it is. A procedure of which nobody tells the sector has `KHAC`;
    without a limit the portal's due date counts.
    """
    async with request.app.state.database.transaction() as tx:
        await require_visible(tx, principal, province)
        if source is not None:
            await visible_source(tx, principal, source)
        found = await service.procedures(tx, request.app.state.rulesets, province, source)
    rows = procedure_table.to_rows(one.procedure for one in found)
    return _response(request, wanted, f"procedures-{province}", procedure_table.COLUMNS, rows, found, ProcedureProposals(found))


def _response(
    request: Request,
    wanted: FormatChoice,
    name: str,
    columns: tuple[str, ...],
    rows: list[dict[str, str]],
    found: Iterable[AgencyProposal | ProcedureProposal],
    body: Any,
) -> Response:
    if wanted.format != "csv":
        return etag_response(request, body)
    counted = (
        (one.count, one.first_seen.isoformat(), one.last_seen.isoformat(), " ".join(one.sources), _above(one)) for one in found
    )
    lines: list[list[Cell]] = [[*(row[column] for column in columns), *more] for row, more in zip(rows, counted, strict=True)]
    file = {"Content-Disposition": f'attachment; filename="{name}-proposal.csv"'}
    table = to_csv([(*columns, *_COUNTED), *lines], wanted.dialect)
    return tagged(request, table, wanted.media_type, headers=file)


def _above(one: AgencyProposal | ProcedureProposal) -> str | None:
    return one.parent_name if isinstance(one, AgencyProposal) else None
