"""What the worker cannot do for a fault of ours stops nobody else: a dossier, a province, a preview."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.catalogue.service import put_agencies, put_procedures
from services.ingest.catalogue.store.redatings import plan_redating, redatings
from services.ingest.dossiers.redating import redate_next
from services.ingest.dossiers.service import apply_batch
from services.ingest.events.model import About, Batch, Course, Event, Reason, encode
from services.ingest.feed import store as feed_store
from services.ingest.previews import service as previews
from services.ingest.previews import store as previews_store
from services.ingest.quarantine.store import records as quarantine_store
from shared.agencies import Agency, AgencyKind, reference_structure
from shared.database import Database
from shared.dossier import Status
from shared.errors import Conflict
from shared.procedures import reference_procedures
from tests.ingest.histories import instant

PROVINCES = ("31", "30")
NEW = Agency("99.NEW", "Xã Mới", "New commune", AgencyKind.commune, date(2019, 12, 1), "294", date(2025, 7, 1))


def event(number: int) -> Event:
    course = Course(Status.processing, instant(1))
    return Event(f"H-{number}", "test", "1", instant(10), About(NEW.code, "1.001612"), course=course)


@pytest_asyncio.fixture
async def database(ingest_database: Database) -> AsyncIterator[Database]:
    """Three dossiers of an agency that is not known in each province, the second of which cannot be dated in province 31."""
    rulesets = RulesetCache()
    for province in PROVINCES:
        async with ingest_database.transaction() as tx:
            await put_agencies(tx, province, list(reference_structure()))
            await put_procedures(tx, province, list(reference_procedures()))
            await apply_batch(tx, province, "test", Batch([event(number) for number in (1, 2, 3)], []), rulesets)
    # An instant without a zone is what no reader lets through: comparing it fails.
    bad = Event("H-2", "test", "1", instant(10), course=Course(Status.processing, instant(1).replace(tzinfo=None)))
    async with ingest_database.transaction() as tx:
        await tx.execute("UPDATE ingest.redating SET finished_at = now()")
        await tx.execute("UPDATE ingest.dossier SET history = $1 WHERE province = '31' AND number = 2", b"\x91" + encode(bad))
    yield ingest_database


async def redated(database: Database) -> None:
    rulesets = RulesetCache()
    while await database.run(lambda tx: redate_next(tx, rulesets, instant(10))) is not None:
        pass


async def test_a_dossier_that_cannot_be_dated_anew_is_said_and_stops_no_other(database: Database) -> None:
    async with database.transaction() as tx:
        await put_agencies(tx, "31", [*reference_structure(), NEW])
    await redated(database)
    async with database.connection() as connection:
        (done,) = [one for one in await redatings(connection, "31", 10) if one.examined]
        assert (done.examined, done.changed, done.finished_at) == (3, 2, instant(10))
        moved = [number for _, number, _ in await feed_store.read_after(connection, "31", 4, 10)]
        assert moved == [1, 3]
        (culprit,) = await quarantine_store.records(connection, reason=Reason.unforeseen)
    assert (culprit.code, culprit.source, culprit.province) == ("H-2", "test", "31")
    assert "POST /v1/catalogue/{province}/redatings" in culprit.detail


async def test_a_province_that_cannot_be_dated_anew_stops_no_other_and_is_told_in_the_end(database: Database) -> None:
    async with database.transaction() as tx:
        for province in PROVINCES:
            await plan_redating(tx, province, "asked for", only_unmapped=False)
        await tx.execute("""UPDATE ingest.province SET policies = '{"office_hours": 5}' WHERE province = '31'""")
    with pytest.raises(Exception, match="office_hours"):
        await redated(database)
    async with database.connection() as connection:
        unfinished = await connection.fetch("SELECT province FROM ingest.redating WHERE finished_at IS NULL")
    assert [row["province"] for row in unfinished] == ["31"]


async def test_a_preview_that_fails_ends_and_the_next_one_is_looked_at(database: Database) -> None:
    change = previews.ProposedChange(agencies=[*reference_structure(), NEW])
    numbers = [await database.run(lambda tx, at=one: previews.plan(tx, at, change, instant(10))) for one in PROVINCES]  # type: ignore[misc]
    rulesets = previews.Rulesets()
    while await database.run(lambda tx: previews.preview_next(tx, rulesets, instant(10))):
        pass
    async with database.connection() as connection:
        failed, done = [
            await previews_store.read(connection, province, number) for province, number in zip(PROVINCES, numbers, strict=True)
        ]
    assert failed is not None
    assert done is not None
    assert (failed.outdated, failed.effect.examined, failed.finished_at) == (True, 0, instant(10))
    assert (done.outdated, done.effect.examined, done.effect.dossiers) == (False, 3, 3)


async def test_a_province_has_so_many_open_previews_and_no_more(database: Database) -> None:
    change = previews.ProposedChange(agencies=list(reference_structure()))

    async def ask(province: str) -> int:
        return await database.run(lambda tx: previews.plan(tx, province, change, instant(10)))

    for _ in range(previews.MAX_OPEN):
        await ask("30")
    with pytest.raises(Conflict, match="not finished"):
        await ask("30")
    await ask("31")
    rulesets = previews.Rulesets()
    await database.run(lambda tx: previews.preview_next(tx, rulesets, instant(10)))
    await ask("30")
