"""What an earlier release counted is counted anew by itself, as of every position."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import random
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from msgspec import structs

from deploy.local.postgres import PostgreSQL
from migrations.upgrade import config_of, upgrade
from services.metrics.consistency import store as checks
from services.metrics.consistency.service import check_next
from services.metrics.counting.measures import COLUMNS
from services.metrics.counting.store import ledgers
from services.metrics.provinces.completeness import freshness
from services.metrics.provinces.model import Province
from services.metrics.provinces.store import provinces
from shared.database import Database
from shared.dossier import Facts
from tests.conftest import url_of
from tests.metrics.conftest import count_feed
from tests.metrics.worlds import random_feed

BEFORE = "metrics_0019"
"""The last revision before the counters of decision 766."""
TABLES = ("province", "agency", "batch", "dossier_version", "agency_day", "agency_month", "ledger")
_SUMS = ", ".join(f"sum(coalesce({name}, 0))::bigint AS {name}" for name in COLUMNS)
BOOKED = (
    f"SELECT position, agency_no, day, {_SUMS} FROM metrics.ledger GROUP BY position, agency_no, day"
    " ORDER BY position, agency_no, day"
)
"""What each batch added: figures as of any position are made of it."""
NOT_TOLD: dict[str, object] = {
    **dict.fromkeys(("index_due_on", "index_ended_on", "from_storage", "account_verified")),
    **dict.fromkeys(("index_late", "index_judged", "result_coded"), False),
}


def _as_told_before(facts: Facts) -> Facts:
    """As an earlier release told facts: a stated no was what nobody states."""
    flags = ("digitised_intake", "digitised_result", "fee_online")
    told = {name: getattr(facts, name) or None for name in flags}
    # It stored no, and 0, for what nobody states.
    no = {"reused": facts.reused is True, "supplements": facts.supplements or 0, "synced_late": facts.synced_late is True}
    return structs.replace(facts, **NOT_TOLD, **told, **no)


async def _columns(connection: asyncpg.Connection[Any], table: str) -> list[str]:
    found = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'metrics' AND table_name = $1", table
    )
    return [row[0] for row in found]


async def _told(database: Database) -> Province:
    async with database.transaction() as tx:
        known = await provinces.province(tx, "30")
    assert known is not None
    return known


def _kinds(known: Province) -> list[str]:
    return [one.kind for one in freshness(known, None, definition=ledgers.revision()).reasons]


async def test_provinces_that_an_earlier_release_counted_are_counted_anew(
    metrics_database: Database, postgres: PostgreSQL
) -> None:
    source = random.Random(77)
    # A release of before stored nothing that only decision 766 asks for.
    feed = [structs.replace(one, facts=_as_told_before(one.facts)) for one in random_feed(source, 60, 200)]
    await count_feed(metrics_database, feed, source)
    admin = await asyncpg.connect(postgres.url("postgres"))
    await admin.execute("CREATE DATABASE earlier_metrics")
    await admin.close()
    url = postgres.url("earlier_metrics")
    await asyncio.to_thread(command.upgrade, config_of("metrics", url), BEFORE)
    owner = await asyncpg.connect(url)
    async with metrics_database.connection() as now:
        for table in TABLES:
            columns = await _columns(owner, table)
            # The reference database has what a release of before wrote, and more.
            rows = await now.fetch(f"SELECT {', '.join(columns)} FROM metrics.{table}")
            await owner.copy_records_to_table(
                table, schema_name="metrics", columns=columns, records=[tuple(row) for row in rows]
            )
    await owner.close()
    await asyncio.to_thread(upgrade, "metrics", url)
    database = Database(url_of("metrics", url), size=3)
    async with database.transaction() as tx:
        assert (await checks.compare(tx, "30", None)).differences > 0
    before = await _told(database)
    assert "recounting" in _kinds(before)
    await check_next(database)
    after = await _told(database)
    assert "recounting" not in _kinds(after)
    assert (before.position, before.revision < after.revision) == (after.position, True)  # no response of before is current
    async with database.transaction() as tx:
        assert (await checks.compare(tx, "30", None)).differences == 0
        assert [one.differences for one in await checks.latest(tx, "30")] == [0]
        mended = await tx.fetch(BOOKED)
    async with metrics_database.transaction() as tx:
        assert mended == await tx.fetch(BOOKED)
    await database.close()


def test_whatever_decides_what_is_counted_makes_another_revision_and_words_about_it_do_not() -> None:
    sources = [inspect.getsource(importlib.import_module(name)) for name in ledgers.DEFINING]
    now = ledgers.revision_of("SELECT", sources)
    entries = next(source for source in sources if "def _entries" in source)

    def of(before: str, after: str) -> str:
        assert before in entries
        return ledgers.revision_of("SELECT", [one.replace(before, after) for one in sources])

    assert of(".data([(1, version.c.position)", ".data([(2, version.c.position)") != now  # a body that no statement shows
    assert ledgers.revision_of("SELECT 1", sources) != now
    assert ledgers.revision_of("SELECT", sources[::-1]) != now
    assert of('"""Each version counts', '"""# Every version counts') == now
    assert of("import ast\n", "import ast\n\n\n# why\n") == now
    folder = Path(inspect.getfile(ledgers)).parents[1]
    paths = (path.relative_to(folder).with_suffix("") for path in folder.rglob("*.py"))
    known = {"services.metrics.counting." + ".".join(path.parts) for path in paths}
    besides = {"service", "feed_loop", "ingest_client", "__init__", "store.__init__", "tables.__init__"}
    assert known == {*ledgers.DEFINING, *(f"services.metrics.counting.{name}" for name in besides)}


async def test_what_two_releases_counted_is_not_complete_until_it_is_counted_anew(
    metrics_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = random.Random(78)
    feed = random_feed(source, 20, 60)
    await count_feed(metrics_database, feed[:40], source)
    assert "recounting" not in _kinds(await _told(metrics_database))
    with monkeypatch.context() as other:
        other.setattr(ledgers, "revision", lambda: "of another release")
        await count_feed(metrics_database, feed[40:], source)
        assert "recounting" in _kinds(await _told(metrics_database))
    assert "recounting" in _kinds(await _told(metrics_database))
    await check_next(metrics_database)
    assert "recounting" not in _kinds(await _told(metrics_database))
