"""What a portal no longer lists is deleted until it is served again; a broken list deletes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.service import history_of
from services.ingest.reconciliation import store as reconciliation_store
from services.ingest.reconciliation.service import reconcile_next
from services.ingest.sources.store import sources as sources_store
from shared.database import Connection, Database
from tests.ingest import reconciliation_bench
from tests.ingest.reconciliation_bench import NOW, PROVINCE, Bench, bench, causes, later, silent


def lose(one: Bench, *codes: str) -> None:
    """Let the portal lose these dossiers, and have all others again."""
    indices = {one.world.index_of(code) for code in codes}
    one.world._ledger = [
        replace(history, deleted_at=one.clock.now() if index in indices else None)
        for index, history in enumerate(one.world.histories())
    ]
    one.portal._listing = one.world.listing()


async def is_deleted(one: Bench, code: str) -> bool:
    async with one.database.connection() as connection:
        rows = await dossiers_store.dossiers_by_code(connection, PROVINCE, [code])
    return fold(history_of(rows[code])).deleted


async def test_a_dossier_that_is_served_again_as_it_was_is_there_again(
    ingest_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(ingest_database) as one:
        await one.pull()
        gone = (await one.codes())[20]
        lose(one, gone)
        _, listed = await one.reconcile()
        assert causes(listed)["gone_there"] == {gone}
        assert await is_deleted(one, gone)

        lose(one)
        monkeypatch.setattr(reconciliation_bench, "later", lambda: NOW + timedelta(hours=1))
        async with one.database.transaction() as tx:
            await sources_store.forget_cursor(tx, "x", NOW)
        await one.pull()
        assert not await is_deleted(one, gone)


async def test_a_portal_that_lists_few_of_its_dossiers_is_broken_sooner_than_emptied(ingest_database: Database) -> None:
    async with bench(ingest_database) as one:
        await one.pull()
        codes = await one.codes()
        lose(one, *[history.code for index, history in enumerate(one.world.histories()) if index % 8])

        async def plan(tx: Connection) -> int | None:
            days = NOW.date().replace(year=2001), NOW.date().replace(year=2044)
            return await reconciliation_store.plan_reconciliation(tx, "x", PROVINCE, *days, NOW)

        number = await one.database.run(plan)
        assert number is not None
        assert await reconcile_next(one.database, one.rulesets, "me", silent, later)
        async with one.database.connection() as connection:
            row = await reconciliation_store.reconciliation(connection, number)
        assert row is not None
        assert "nothing was deleted" in (row.last_error or ""), row
        assert not [code for code in codes if await is_deleted(one, code)]
