"""REST in: parse, open the transaction, call the use case, answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

import shared.web
from migrations.versions import newest
from services.ingest.catalogue.api import agencies, history, procedures, redatings, rules, versions
from services.ingest.catalogue.api.schemas import ClockRuleIn
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.checks import api as checks
from services.ingest.components import components
from services.ingest.deadlines import api as deadlines
from services.ingest.dossiers.api import dossiers
from services.ingest.feed import api as feed
from services.ingest.imports import api as imports
from services.ingest.petition_files import api as petition_files
from services.ingest.previews import api as previews
from services.ingest.proposals import api as proposals
from services.ingest.provinces import api as provinces
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls import api as pulls
from services.ingest.pushes.api import events, national
from services.ingest.quality import api as quality
from services.ingest.quality.service import UnmappedCache
from services.ingest.quarantine import api as quarantine
from services.ingest.reconciliation import api as reconciliation
from services.ingest.replays import api as replays
from services.ingest.retirement import api as retirement
from services.ingest.sources.api import kinds, sources
from services.ingest.sources.http.addresses import permitted
from services.ingest.unknown_words import api as unknown_words
from shared.heartbeat import check_worker
from shared.sandbox.parent import SharedSandbox
from shared.schema import check_version
from shared.web import create_app
from shared.web.schemas import schemas_of


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    permitted()  # fails now for a list that cannot be read, not at the first source
    app.state.rulesets = RulesetCache()
    app.state.sandbox = SharedSandbox()
    app.state.unmapped = UnmappedCache()
    app.state.revision = newest("ingest")
    yield


class Ready(shared.web.Ready, frozen=True, kw_only=True):
    """Ingest can take in and publish."""

    provinces: dict[str, int]
    """Every province, and the newest position of its feed."""


async def _ready(app: FastAPI) -> Ready:
    async with app.state.database.connection() as connection:
        await check_version(connection, "ingest", app.state.revision)
        await check_worker(connection, "ingest")
        heads = {row.province: row.head for row in await provinces_store.read_all(connection)}
        return Ready(service="ingest", provinces=heads)


app = create_app(
    "ingest",
    title="motcua ingest",
    description="Takes in dossier events from every source and publishes each new version of a dossier in the feed.",
    tags={
        "events": "Send dossier events",
        "national format": "Send the national synchronisation format",
        "imports": "Send files",
        "sources": "Connect sources and see their pulls",
        "quarantine": "Records that could not be read",
        "reconciliation": "Compare with a source's own totals",
        "dossiers": "Single dossiers, their history and findings",
        "deadlines": "Due dates by law, and how they come about",
        "catalogue": "Agencies, procedures, calendars and policies",
        "feed": "Versions of dossiers in order of commit",
    },
    ready=_ready,
    lifespan=_living,
    schemas={**components(), **schemas_of([ClockRuleIn], received=True), **kinds.kind_components()},
)
for part in (
    feed,
    history,
    provinces,
    quality,
    dossiers,
    deadlines,
    kinds,
    sources,
    retirement,
    unknown_words,
    checks,
    pulls,
    agencies,
    procedures,
    proposals,
    rules,
    redatings,
    versions,
    previews,
    events,
    national,
    quarantine,
    replays,
    reconciliation,
    imports,
    petition_files,
):
    app.include_router(part.router)
