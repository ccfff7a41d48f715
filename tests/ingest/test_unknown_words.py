"""A word that nobody knows is a finding and never a silent default; it is listed until it is mapped and read again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers.folding import FindingKind, fold
from services.ingest.dossiers.history import decode_history, packed, stored_event
from services.ingest.dossiers.service import apply_batch
from services.ingest.events.model import Batch, Event, Reason, Rejected, UnknownWord
from services.ingest.provinces import store as provinces_store
from services.ingest.sources.kinds import igate, national
from services.ingest.unknown_words.store import counted_words
from shared.database import Connection, Database
from shared.dossier import Channel

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def igate_record(settings: dict[str, Any] | None = None, **fields: object) -> Event | Rejected:
    given = msgspec.convert({"base_url": "https://motcua.example", **(settings or {})}, igate.Settings)
    return igate.decoder("x", given, NOW)({**igate.EXAMPLE_RECORD, **fields})


def national_record(settings: dict[str, Any] | None = None, **fields: object) -> Event | Rejected:
    given = msgspec.convert(settings or {}, national.Settings)
    return national.decoder("x", given, NOW)({**national.EXAMPLE_RECORD, "_arrived": "1", **fields})


def test_an_unknown_channel_does_not_fall_back_to_another_field() -> None:
    fields = {"applyMethod": {"name": "Qua kênh thứ tư"}, "dossierReceivingKind": {"name": "Nhận trực tiếp"}}
    read = igate_record(**fields)
    assert isinstance(read, Rejected)
    assert (read.reason, read.unknown) == (
        Reason.unknown_channel,
        UnknownWord("applyMethod", "Qua kênh thứ tư", "channels"),
    )
    mapped = igate_record({"channels": {"Qua kênh thứ tư": "post"}}, **fields)
    assert isinstance(mapped, Event)
    assert mapped.about is not None
    assert mapped.about.channel is Channel.post


@pytest.mark.parametrize("name", ["Qua bưu chính công ích", "Bưu chính công ích", "Nộp qua bưu điện"])
def test_the_words_for_the_post_are_known(name: str) -> None:
    read = igate_record(applyMethod={"name": name}, dossierReceivingKind={"name": "Nhận trực tiếp"})
    assert isinstance(read, Event)
    assert read.about is not None
    assert read.about.channel is Channel.post


def test_an_unknown_word_of_a_flag_is_not_a_no_and_hides_what_was_said_before() -> None:
    for read, hides in (
        (igate_record(paymentMethod={"name": "Ví điện tử"}), "fee_online"),
        (national_record(HoSoCoThanhPhanSoHoa="2"), "digitised_intake"),
        (national_record(DuocThanhToanTrucTuyen="có lẽ"), "fee_online"),
    ):
        assert isinstance(read, Event)
        assert read.about is not None
        assert [word.hides for word in read.unknown] == [hides]
        older = msgspec.structs.replace(
            read, at=read.at - timedelta(1), unknown=(), about=msgspec.structs.replace(read.about, **{hides: True})
        )
        state = fold([older, read])
        assert getattr(state.about, hides) is None
        assert FindingKind.unknown_word in {one.kind for one in state.findings}
        stamped = msgspec.structs.replace(read, reading=2, served_at=NOW)
        assert decode_history(packed([stored_event(older), stored_event(stamped)])[1]) == [older, stamped]


async def test_words_are_counted_by_source_until_a_corrected_reading_comes(ingest_database: Database) -> None:
    waits = igate_record(applyMethod={"name": "Kênh A"}, code="000.00.19.H30-230615-0001")
    hidden = igate_record(paymentMethod={"name": "Ví điện tử"})
    right = igate_record({"paid_online": {"Ví điện tử": True}}, paymentMethod={"name": "Ví điện tử"})
    assert isinstance(waits, Rejected)
    assert isinstance(hidden, Event)
    assert isinstance(right, Event)
    rulesets = RulesetCache()

    async def listed(tx: Connection) -> list[tuple[str, str, str | None, int, int]]:
        return [row[:5] for row in await counted_words(tx, "30", "x", 10)]

    async with ingest_database.transaction() as tx:
        await provinces_store.ensure(tx, "30")
        for reading in (1, 1):
            await apply_batch(tx, "30", "x", Batch([hidden], [waits], reading=reading, served_at=NOW), rulesets)
        assert await listed(tx) == [
            ("applyMethod", "Kênh A", "channels", 0, 1),
            ("paymentMethod", "Ví điện tử", "paid_online", 1, 0),
        ]
        (first,) = await counted_words(tx, "30", "x", 1)
        following = await counted_words(tx, "30", "x", 10, after=(1, first.field, first.word))
        assert [row.field for row in following] == ["paymentMethod"]
        assert await counted_words(tx, "30", "x", 10, after=(1, "paymentMethod", "Ví điện tử")) == []
        await apply_batch(tx, "30", "x", Batch([right], [], reading=2, served_at=NOW), rulesets)
        assert await listed(tx) == [("applyMethod", "Kênh A", "channels", 0, 1)]
