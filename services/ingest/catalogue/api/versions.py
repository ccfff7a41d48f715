"""Versions of the catalogue, and going back to one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request

from services.ingest.catalogue import service as catalogue
from services.ingest.catalogue.api.changes import notify_worker
from services.ingest.catalogue.api.examples import RESTORED, VERSIONS
from services.ingest.catalogue.api.parameters import Note, Province, Writer
from services.ingest.catalogue.api.schemas import CatalogueVersion, CatalogueVersionList, EffectCounts, RestoredCatalogue
from services.ingest.catalogue.store import catalogue as catalogue_store
from services.ingest.catalogue.store.catalogue import Author
from services.ingest.provinces.service import require_visible
from shared.errors import Conflict, NotFound
from shared.fields import RowId
from shared.web.operations import Router, operation

router = Router("catalogue", under="/catalogue")


@router.get("/{province}/versions", summary="Versions of the catalogue: who changed what, when and why")
@operation(example=VERSIONS)
async def read_versions(
    request: Request,
    province: Province,
    principal: Writer,
    limit: Annotated[int, Query(ge=1, le=1_000, description="The newest so many")] = 100,
) -> CatalogueVersionList:
    """With what each did to the dossiers, as a preview tells it. `GET /v1/catalogue` with its `position` gives it."""
    async with request.app.state.database.connection() as connection:
        await require_visible(connection, principal, province)
        found = await catalogue_store.versions(connection, province, limit)
    return CatalogueVersionList([CatalogueVersion(**row._asdict() | {"effect": EffectCounts.of(row.effect)}) for row in found])


@router.post("/{province}/versions/{version}/restore", summary="Go back to a version of the catalogue")
@operation(example=RESTORED, problems=(NotFound, Conflict))
async def restore_version(
    request: Request,
    province: Province,
    version: Annotated[RowId, Path(description="The version to go back to", examples=[2])],
    principal: Writer,
    note: Note = None,
) -> RestoredCatalogue:
    """Agencies, procedures, days and policies are as they were then, as a new version; dossiers are dated anew.

    What was changed since stays listed, and can be gone back to likewise.
    """
    async with request.app.state.database.transaction() as tx:
        await require_visible(tx, principal, province)
        made, parts = await catalogue.restore(tx, province, version, Author(principal.name, note))
    await notify_worker(request, dry_run=not parts)
    return RestoredCatalogue(province=province, version=made, restored=version, parts=parts)
