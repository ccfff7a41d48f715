"""Whoever sends records is told which agencies and procedures of theirs the catalogue does not know, and which were meant."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import msgspec
import pytest
import pytest_asyncio

from services.ingest.catalogue import service as catalogue
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers.corrections import CodeCorrections
from services.ingest.dossiers.unmapped import MAX_LISTED, nearest
from services.ingest.events.model import About, Event
from services.ingest.imports.service import import_file
from services.ingest.provinces import store as provinces_store
from services.ingest.pushes.service import PushReceipt, decode_records, push_once
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from shared.agencies import Agency, AgencyKind, reference_structure
from shared.database import Connection, Database
from shared.procedures import reference_procedures
from shared.sandbox.parent import Sandbox
from tests.ingest.worked_law import LAW

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("10831", "10813"),
        ("1.01612", "1.001612"),
        ("1.0016122", "1.001612"),
        ("294.tnmt", "294.TNMT"),
        ("108I3", "10813"),
        ("1081", None),  # either of two
        ("10819", None),
        ("10813", None),  # known, on another day
        ("99999", None),
        ("(withheld)", None),
        ("1" * 64, None),
    ],
)
def test_the_code_that_was_meant_is_one_slip_away_and_the_only_one(code: str, meant: str | None) -> None:
    assert nearest(code, {"10813", "10814", "294.TNMT", "1.001612"}) == meant


@pytest.mark.parametrize("written", ["10.813", "10,813", "10813.0", "10813,00", "1,0813E+04", "010813"])
def test_an_agency_that_a_spreadsheet_wrote_as_a_number_is_the_one_of_these_digits(written: str) -> None:
    codes = CodeCorrections(msgspec.structs.replace(LAW, structure=reference_structure()))
    about = codes.corrected(Event("H30-1", "x", "1", NOW, About(agency=written, procedure=None))).about
    assert about is not None
    assert about.agency == "10813"
    # Of 1,08E+04 nobody knows the last digits.
    for other in ("1,08E+04", "10.81", "10.999", "1.0813"):
        assert codes.corrected(Event("H30-1", "x", "1", NOW, About(agency=other, procedure=None))).about == About(
            agency=other, procedure=None
        )


@pytest_asyncio.fixture
async def sources(ingest_database: Database) -> AsyncIterator[dict[str, SourceRow]]:
    async def connect(tx: Connection) -> dict[str, SourceRow]:
        await provinces_store.ensure(tx, "30")
        await catalogue.put_agencies(tx, "30", list(reference_structure()))
        await catalogue.put_procedures(tx, "30", list(reference_procedures()))
        rows = {}
        for kind in ("own", "files"):
            await sources_store.put_source(
                tx, name=kind, province="30", kind=kind, settings={}, secret=None, every_seconds=60, enabled=True, now=NOW
            )
            rows[kind] = await sources_store.source(tx, kind)
        return {kind: row for kind, row in rows.items() if row is not None}

    yield await ingest_database.run(connect)


def record(number: int, agency: str | None, procedure: str | None, at: str = "2023-06-15") -> dict[str, object]:
    named = {"agency": agency, "procedure": procedure}
    when = f"{at}T09:00:00+07:00"
    return {"code": f"H30-{number}", "id": at, "at": when, "status": "processing", "received_at": when, **named}


async def test_a_push_is_told_what_the_catalogue_does_not_know_of_what_was_accepted(
    ingest_database: Database, sources: dict[str, SourceRow]
) -> None:
    rulesets = RulesetCache()

    async def sent(*records: dict[str, object]) -> PushReceipt:
        read_records = decode_records(sources["own"], records, NOW)
        return await ingest_database.run(lambda tx: push_once(tx, rulesets, sources["own"], read_records, NOW, None))

    known = (record(1, "10813", "1.001612"), record(2, None, None))
    assert (await sent(*known)).unmapped == []
    stray = [record(3, "108I3", "1.001612"), record(4, "108I3", "1.0016122"), {**record(5, "x", None), "staus": "resolved"}]
    told = [(one.kind, one.code, one.count, one.nearest) for one in (await sent(*known, *stray)).unmapped]
    assert told == [("agency", "108I3", 2, "10813"), ("procedure", "1.0016122", 1, "1.001612")]
    assert (await sent(*stray)).unmapped == []  # known: nothing of it was accepted now
    corrected = await sent(record(3, "10813", "1.001612", "2023-06-16"))
    assert (corrected.accepted, corrected.unmapped) == (1, [])
    people = await sent(*(record(10 + number, name, None) for number, name in enumerate(["Lê Thị Bưởi"] * 2 + ["Trần Văn An"])))
    (first, second) = people.unmapped
    assert (first.count, second.count) == (2, 1)
    assert first.code != second.code
    named = [Agency(first.code, "UBND xã A", "A Commune", AgencyKind.commune, date(2020, 1, 1))]
    await ingest_database.run(lambda tx: catalogue.put_agencies(tx, "30", named, merge=True))
    again = await sent(record(20, "LÊ THỊ BƯỞI", None), record(21, "Trần Văn An", None))
    assert [(one.code, one.count) for one in again.unmapped] == [(second.code, 1)]
    many = await sent(*(record(100 + number, f"unit-{number}", None) for number in range(MAX_LISTED + 5)))
    assert len(many.unmapped) == MAX_LISTED


async def test_a_file_is_told_it_as_a_whole(ingest_database: Database, sources: dict[str, SourceRow]) -> None:
    day = date(2023, 6, 15).strftime("%d/%m/%Y")
    codes = ["10813"] * 3 + ["108I3"] * 2
    random.Random(1).shuffle(codes)
    rows = [f"H30-{number},{day},{code}" for number, code in enumerate(codes)]
    body = "\n".join(["Mã hồ sơ,Ngày nhận,Cơ quan", *rows]).encode()

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    async def notify() -> None:
        pass

    taken = await import_file(ingest_database, RulesetCache(), Sandbox(), sources["files"], pieces(), NOW, notify=notify)
    assert taken.row.accepted == 5
    assert [(one.kind, one.code, one.count, one.nearest) for one in taken.unmapped] == [("agency", "108I3", 2, "10813")]
