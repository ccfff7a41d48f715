"""What every change of the catalogue does: notify the worker, and respond with the new version."""

from __future__ import annotations

from fastapi import Request

from services.ingest.catalogue.api.schemas import CatalogueChange
from services.ingest.provinces import store as provinces_store
from shared.database import Connection
from shared.provinces import demand_province_code


async def catalogue_version(tx: Connection, province: str) -> int:
    """The province's present version of the catalogue; 0 where there is no such province yet.

    Raises `Invalid` where there cannot be one of this code: a dry run says what the change would say.
    """
    row = await provinces_store.read(tx, province)
    if row is None:
        demand_province_code(province)
        return 0
    return row.catalogue


async def respond_changed(request: Request, province: str, version: int, entries: int) -> CatalogueChange:
    """The response to a change that was made, with so many entries."""
    await notify_worker(request, dry_run=False)
    return CatalogueChange(province=province, version=version, entries=entries)


async def notify_worker(request: Request, dry_run: bool) -> None:
    """Notify the worker that there may be dossiers to date anew, unless nothing was changed."""
    if not dry_run:
        await request.app.state.notifier.notify("ingest")
