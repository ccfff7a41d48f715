"""What a file that did not come to its end leaves: named until somebody closes it, and nothing of it once it is withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.service import history_of
from services.ingest.imports import service as imports_service
from services.ingest.imports import store as imports_store
from services.ingest.imports.service import dismiss, import_file
from services.ingest.imports.store import ImportRow
from services.ingest.quality import store as quality_store
from services.ingest.quarantine.store import records as quarantine_store
from services.ingest.quarantine.store.records import RecordState
from shared.database import Connection, Database
from shared.errors import Conflict, Unreadable
from shared.sandbox.parent import Sandbox
from tests.ingest.test_files import PROVINCE, SOURCE, pieces
from tests.ingest.test_imports import connect, silent

HEADINGS = "Mã hồ sơ,Mã thủ tục,Đơn vị,Ngày tiếp nhận,Ngày hẹn trả\n"


def rows(*codes: str, received: str = "15/06/2023") -> bytes:
    return (HEADINGS + "".join(f"{code},1.001612,10813,{received},30/06/2023\n" for code in codes)).encode()


class Ground:
    """A database with a source of files, and files that end as is wanted."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database, self._monkeypatch, self._rulesets = database, monkeypatch, RulesetCache()

    async def send(self, body: bytes, *, resume: int | None = None) -> ImportRow:
        done = await import_file(
            self.database, self._rulesets, Sandbox(), SOURCE, pieces(body), datetime.now(UTC), resume=resume, notify=silent
        )
        return done.row

    async def fails(self, body: bytes, error: Exception, *, resume: int | None = None) -> None:
        """Send a file of which all rows are taken in, and whose end never comes."""

        async def end(*_: object) -> None:
            raise error

        with self._monkeypatch.context() as broken:
            broken.setattr(imports_store, "complete_import", end)
            with pytest.raises(type(error)):
                await self.send(body, resume=resume)

    def patch(self, complete: object) -> None:
        """Have this end imports."""
        self._monkeypatch.setattr(imports_store, "complete_import", complete)

    async def unreadable(self, body: bytes, *, resume: int | None = None) -> None:
        await self.fails(body, Unreadable("Its last sheet is broken."), resume=resume)

    async def torn(self, body: bytes) -> None:
        await self.fails(body, RuntimeError("The process dies."))

    async def missing(self) -> list[str]:
        async with self.database.connection() as connection:
            found = await quality_store.read(connection, PROVINCE, ["igate"], datetime.now(UTC))
        return [one.reason for one in found.missing]

    async def quarantined(self, state: RecordState = "waiting") -> list[str]:
        async with self.database.connection() as connection:
            return sorted(str(one.code) for one in await quarantine_store.records(connection, state=state))

    async def states(self) -> list[str]:
        async with self.database.connection() as connection:
            return [one.state for one in reversed(await imports_store.imports(connection, None, SOURCE.name, None, 9))]

    async def there(self, *codes: str) -> list[bool]:
        async with self.database.connection() as connection:
            found = await dossiers_store.dossiers_by_code(connection, PROVINCE, list(codes))
        return [code in found and any(not one.deleted for one in history_of(found[code])) for code in codes]


@pytest.fixture
async def ground(ingest_database: Database, monkeypatch: pytest.MonkeyPatch) -> Ground:
    await connect(ingest_database)
    return Ground(ingest_database, monkeypatch)


async def test_what_only_a_withdrawn_file_had_leaves_quarantine_with_it(ground: Ground) -> None:
    await ground.send(rows("H30-1", received="xx/06/2023"))
    await ground.unreadable(rows("H30-1", received="xx/06/2023") + rows("H30-2", received="yy/06/2023"))
    assert await ground.quarantined() == ["H30-1"]
    assert await ground.quarantined("released") == ["H30-2"]
    # It waits again as soon as a file has it again, and leaves with that.
    await ground.unreadable(rows("H30-2", received="yy/06/2023"))
    assert await ground.quarantined() == ["H30-1"]
    await ground.send(rows("H30-2", received="yy/06/2023"))
    assert await ground.quarantined() == ["H30-1", "H30-2"]


async def test_what_only_a_withdrawn_file_made_good_waits_again(ground: Ground) -> None:
    await ground.send(rows("H30-1", "H30-2", received="xx/06/2023"))
    await ground.unreadable(rows("H30-1"))
    assert await ground.quarantined() == ["H30-1", "H30-2"]
    await ground.torn(rows("H30-1"))
    await ground.send(rows("H30-1", received="16/06/2023"))
    await ground.unreadable(rows("H30-1"), resume=3)
    # Another file has told it meanwhile.
    assert await ground.quarantined() == ["H30-2"]
    assert await ground.there("H30-1", "H30-2") == [True, False]


async def test_a_file_that_repeated_rows_of_a_withdrawn_one_comes_again(ground: Ground) -> None:
    await ground.torn(rows("H30-1", "H30-2"))
    await ground.send(rows("H30-1", "H30-2", "H30-3"))
    await ground.unreadable(rows("H30-1", "H30-2"), resume=1)
    assert await ground.there("H30-1", "H30-2", "H30-3") == [False, False, True]
    assert (await ground.states(), await ground.missing()) == (["failed", "interrupted"], ["interrupted"])
    await ground.send(rows("H30-1", "H30-2", "H30-3"), resume=2)
    assert await ground.there("H30-1", "H30-2", "H30-3") == [True, True, True]
    assert (await ground.states(), await ground.missing()) == (["failed", "complete"], [])


async def test_a_file_that_is_taken_in_beside_one_that_is_withdrawn_is_not_complete_without_its_rows(ground: Ground) -> None:
    corrected = rows("H30-1", "H30-2", "H30-3")
    await ground.torn(rows("H30-1", "H30-2"))
    complete = imports_store.complete_import

    async def complete_late(*given: object) -> bool:
        ground.patch(complete)
        await ground.unreadable(rows("H30-1", "H30-2"), resume=1)
        return await complete(*given)  # type: ignore[arg-type]

    ground.patch(complete_late)
    with pytest.raises(Conflict, match="resume=2"):
        await ground.send(corrected)
    assert await ground.there("H30-1", "H30-2", "H30-3") == [False, False, True]
    assert (await ground.states(), await ground.missing()) == (["failed", "interrupted"], ["interrupted"])
    await ground.send(corrected, resume=2)
    assert await ground.there("H30-1", "H30-2", "H30-3") == [True, True, True]
    assert (await ground.states(), await ground.missing()) == (["failed", "complete"], [])


async def test_a_file_whose_rest_need_not_come_is_dismissed_with_a_reason(ground: Ground) -> None:
    await ground.torn(rows("H30-1"))
    await ground.database.run(lambda tx: dismiss(tx, 1, who="office", why="The rest came by mail."))
    assert await ground.missing() == []
    await ground.database.run(lambda tx: imports_store.take_back_dismissal(tx, 1))
    assert await ground.missing() == ["interrupted"]
    await ground.database.run(lambda tx: dismiss(tx, 1, who="office", why="The rest came by mail."))
    done = await ground.send(rows("H30-1"), resume=1)
    assert (done.state, done.dismissed_at, done.dismissed_for) == ("complete", None, None)
    with pytest.raises(Conflict):
        await ground.database.run(lambda tx: dismiss(tx, 1, who="office", why="It is complete."))


async def test_an_import_that_does_not_tell_how_its_file_began_passes_over_no_row_of_another(ground: Ground) -> None:
    await ground.torn(rows("H30-1", "H30-2"))

    async def forget(tx: Connection) -> None:
        await tx.execute("UPDATE ingest.import SET head_digest = NULL")

    await ground.database.run(forget)
    done = await ground.send(rows("H30-3", "H30-4", "H30-5"), resume=1)
    assert (done.state, done.row_count) == ("complete", 3)
    assert await ground.there("H30-3", "H30-4", "H30-5") == [True, True, True]


async def test_a_shorter_list_that_begins_alike_does_not_close_one_that_was_cut_off(ground: Ground) -> None:
    many = [f"H30-{number}" for number in range(2_000)]
    assert len(rows(*many[:1_800])) > imports_service.HEAD_BYTES
    await ground.torn(rows(*many))
    await ground.send(rows(*many[:1_800]))
    assert await ground.missing() == ["interrupted"]
    await ground.send(rows(*many))
    assert await ground.missing() == []
