"""Dating dossiers anew: by request, and what changes of the catalogue did."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request

from services.ingest.catalogue import service as catalogue
from services.ingest.catalogue.api.changes import respond_changed
from services.ingest.catalogue.api.examples import (
    CHANGED,
    REDATINGS,
)
from services.ingest.catalogue.api.parameters import Province, Writer
from services.ingest.catalogue.api.schemas import (
    CatalogueChange,
    EffectCounts,
    Redating,
    RedatingList,
    Restatement,
)
from services.ingest.catalogue.store import redatings as redatings_store
from services.ingest.catalogue.store.catalogue import Author
from services.ingest.catalogue.store.redatings import RedatingRow
from services.ingest.provinces.service import require_visible
from shared.web.operations import Router, operation

router = Router("catalogue", under="/catalogue")


@router.post("/{province}/redatings", summary="Date every dossier of the province anew")
@operation(example={**CHANGED, "entries": 0})
async def redate(request: Request, province: Province, principal: Writer) -> CatalogueChange:
    """After a rule was corrected in the software itself; changes of catalogue, calendar and policies need no asking."""
    principal.demand_province(province)
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.redate_all(tx, province, "asked for", Author(principal.name))
    return await respond_changed(request, province, version, 0)


@router.get("/{province}/redatings", summary="What changes of the catalogue did to the dossiers")
@operation(example=REDATINGS)
async def read_redatings(
    request: Request,
    province: Province,
    principal: Writer,
    limit: Annotated[int, Query(ge=1, le=100, description="The newest so many")] = 20,
) -> RedatingList:
    """`changed` dossiers got a new version. What that moved: metrics, GET /v1/restatements with `restatement` as parameters.

    Versions that other events made meanwhile lie between the same positions.
    """
    async with request.app.state.database.connection() as connection:
        await require_visible(connection, principal, province)
        found = await redatings_store.redatings(connection, province, limit)
    return RedatingList([_redating(row) for row in found])


def _redating(row: RedatingRow) -> Redating:
    first, last = row.position or row.from_position, row.to_position or row.position
    may_move = row.to_position is not None or row.reason == "agencies"
    moved = Restatement(after=first - 1, upto=last) if may_move and first and last else None
    shown = {name: getattr(row, name) for name in RedatingRow._fields if name not in ("position", "effect")}
    return Redating(**shown, effect=EffectCounts.of(row.effect), restatement=moved)
