"""Checking a source: whether it works as it is set, and which setting to change where it does not."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import Request

from services.ingest.checks.examples import CHECK
from services.ingest.checks.model import CheckResult, SourceCheck, works
from services.ingest.checks.service import check_of_sender
from services.ingest.inquiries import service as inquiries
from services.ingest.parameters import SourceName
from services.ingest.sources.api.sources import Manager
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import Arrival
from services.ingest.sources.service import visible_source
from services.ingest.sources.store.sources import SourceRow
from shared.errors import NotFound, Unavailable
from shared.languages import bilingual
from shared.web.operations import Router, operation

router = Router("sources")


@router.post("/sources/{name}/check", summary="Try whether a source works as it is set")
@operation(example=CHECK, problems=(NotFound, Unavailable))
async def check_source(request: Request, name: SourceName, principal: Manager) -> SourceCheck:
    """Address, token, list, a record as it is understood, statistics: each with the setting to change where it fails.

    At most six calls and 20 s. It works before the source is enabled, stores nothing of its dossiers, and shows nothing of
    persons.
    """
    database = request.app.state.database
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        source = await visible_source(tx, principal, name)
        arrival = KINDS[source.kind].ARRIVAL if source.kind in KINDS else Arrival.pulled
        number = await inquiries.order(tx, "check", name, now) if arrival is Arrival.pulled else None
    if number is None:
        return _out(source, check_of_sender(source, arrival), now)
    await request.app.state.notifier.notify("ingest", name)
    result = await inquiries.wait(database, number, CheckResult)
    if result is not None:
        return _out(source, result, now)
    raise Unavailable(
        bilingual(
            "The worker has not tried the source within {seconds:.0f} s. GET /readyz tells whether it runs.",
            "Tiến trình nền chưa thử nguồn trong {seconds:.0f} giây. GET /readyz cho biết nó có chạy không.",
            seconds=inquiries.WAIT_SECONDS,
        )
    )


def _out(source: SourceRow, result: CheckResult, at: datetime) -> SourceCheck:
    return SourceCheck(
        source=source.name,
        province=source.province,
        kind=source.kind,
        enabled=source.enabled,
        ok=works(result.steps),
        checked_at=at,
        calls=result.calls,
        seconds=result.seconds,
        steps=result.steps,
        record=result.record,
    )
