"""One dossier told by several systems is one: no double, no miss, each source's last word, in any order of arrival."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.catalogue.model import SourcedField, SourceOrder
from services.ingest.catalogue.rulesets import Policies, RulesetCache
from services.ingest.catalogue.service import put_policies
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.folding import DossierState, fold
from services.ingest.dossiers.history import merged, stored_event
from services.ingest.dossiers.redating import redate_next
from services.ingest.dossiers.service import apply_batch
from services.ingest.dossiers.story import believed
from services.ingest.events.model import About, Batch, Course, Event, Pause, Step, WorkStep
from services.ingest.feed import store as feed_store
from services.ingest.provinces import store as provinces_store
from services.ingest.sources.store import sources as sources_store
from shared.database import Connection, Database
from shared.dossier import Channel, Outcome, Status
from shared.errors import Invalid
from tests.ingest.histories import events, instant
from tests.ingest.reconciliation_bench import NOW
from tests.quick import cases

CODE = "000.00.19.H23-230102-0001"
SYSTEMS = ("province", "ministry", "national")
FIELDS = get_args(SourcedField)


def stated(source: str, hours: int, **parts: Any) -> Event:
    return Event(CODE, source, f"{source}-{hours}", instant(hours), **parts)


def told(given_events: Sequence[Event], order: SourceOrder = SourceOrder()) -> DossierState:
    return fold([entry.event for entry in merged((), map(stored_event, given_events))], order)


PROVINCE = stated(
    "province",
    40,
    about=About("10813", "1.001612", Channel.counter),
    due_at=instant(90),
    course=Course(Status.processing, instant(1)),
    pauses=(Pause(instant(10), instant(20), Status.supplement_requested),),
    work=(WorkStep("Phòng Tư pháp", "Thụ lý hồ sơ", instant(1), None, instant(9)),),
)
NATIONAL = stated(
    "national",
    60,
    about=About("10813", channel=Channel.online, fee_online=True),
    due_at=instant(100),
    course=Course(Status.resolved, None, instant(60)),
    steps=(Step(instant(12), Status.supplement_requested), Step(instant(22), Status.processing)),
    work=(WorkStep("Phòng Tư pháp", "Thụ lý hồ sơ", instant(2), None, instant(10)),),
)


def test_without_an_order_the_newest_word_counts_and_what_a_source_leaves_out_another_tells() -> None:
    state = told([PROVINCE, NATIONAL])
    assert state.about == About("10813", "1.001612", Channel.online, fee_online=True)
    assert (state.status, state.outcome, state.ended_at) == (Status.resolved, Outcome.resolved, instant(60))
    assert (state.received_at, state.due_at) == (instant(1), instant(100))


def test_pauses_and_steps_that_both_tell_are_not_doubled() -> None:
    state = told([PROVINCE, NATIONAL], SourceOrder(("province",)))
    assert [(one.from_at, one.to_at) for one in state.pauses] == [(instant(10), instant(20))]
    assert state.work == PROVINCE.work
    assert told([PROVINCE, NATIONAL]).work == NATIONAL.work


def test_the_first_source_of_the_order_that_tells_a_field_is_believed_of_it() -> None:
    order = SourceOrder(("province", "national"), {"due_at": ("national",), "channel": ("ministry", "national")})
    state = told([PROVINCE, NATIONAL], order)
    assert (state.status, state.due_at, state.about.channel) == (Status.processing, instant(100), Channel.online)
    assert state.about.fee_online
    assert believed([PROVINCE, NATIONAL], order) == {
        "province": ["agency", "procedure", "course", "work"],
        "national": ["channel", "fee_online", "due_at"],
    }


def test_a_source_that_withdraws_leaves_the_word_of_the_other() -> None:
    gone = stated("national", 70, deleted=True)
    for order in (SourceOrder(), SourceOrder(("national",))):
        state = told([PROVINCE, NATIONAL, gone], order)
        assert state == told([PROVINCE])
        assert not state.deleted
        assert told([PROVINCE, NATIONAL, gone, stated("province", 80, deleted=True)], order).deleted
    # Served again, it is there again.
    again = msgspec.structs.replace(NATIONAL, at=instant(75), id="again")
    assert told([PROVINCE, NATIONAL, gone, again]).status is Status.resolved


drawn = st.builds(
    lambda event, source: msgspec.structs.replace(event, code=CODE, source=source), events, st.sampled_from(SYSTEMS)
)
names = st.lists(st.sampled_from(SYSTEMS), unique=True).map(tuple)
orders = st.builds(SourceOrder, names, st.dictionaries(st.sampled_from(FIELDS), names, max_size=3))


@settings(max_examples=cases(120), deadline=None)
@given(st.lists(drawn, min_size=1, max_size=9), orders, st.randoms())
def test_events_of_three_systems_give_one_state_in_any_order(
    several: list[Event], order: SourceOrder, chance: random.Random
) -> None:
    state = told(several, order)
    shuffled = several * 2
    chance.shuffle(shuffled)
    assert told(shuffled, order) == state
    by_source = {name: [one for one in several if one.source == name] for name in SYSTEMS}
    states = {name: told(one) for name, one in by_source.items() if one}
    # It is there as long as one of them has it, and what nobody says of it is not there.
    assert state.deleted == all(one.deleted for one in states.values())
    standing = [one for one in states.values() if not one.deleted] or list(states.values())
    for field in About.__struct_fields__:
        stated_values = {getattr(one.about, field) for one in standing} - {None}
        assert getattr(state.about, field) in (stated_values or {None})
    assert state.due_at in ({one.due_at for one in standing} - {None} or {None})
    assert state.work in [one.work for one in standing]


async def test_a_dossier_of_three_systems_is_counted_once_and_dated_anew_by_another_order(ingest_database: Database) -> None:
    chance = random.Random(20261127)
    codes = [f"H23-{number}" for number in range(12)]
    news = [
        msgspec.structs.replace(
            one,
            code=code,
            source=source,
            id=f"{source}-{hours}",
            at=instant(hours),
            about=About("10813", "1.001612", chance.choice(list(Channel))),
            deleted=chance.random() < 0.1,
        )
        for code in codes
        for source in SYSTEMS
        for hours, one in ((chance.randrange(200), chance.choice((PROVINCE, NATIONAL))) for _ in range(2))
    ]
    chance.shuffle(news)
    rulesets = RulesetCache()

    async def take(tx: Connection, batch: list[Event]) -> None:
        await apply_batch(tx, "30", batch[0].source, Batch(batch, []), rulesets)

    async def facts(tx: Connection) -> dict[int, dict[str, Any]]:
        rows = await feed_store.read_after(tx, "30", 0, 10_000)
        return {number: msgspec.json.decode(body) for _, number, body in rows if number}

    async def expected(tx: Connection, order: SourceOrder) -> dict[str, str | None]:
        rows = await dossiers_store.dossiers_by_code(tx, "30", codes)
        assert rows.keys() == set(codes)
        return {code: told([one for one in news if one.code == code], order).status.value for code in codes}

    async with ingest_database.transaction() as tx:
        await provinces_store.ensure(tx, "30")
        for name in SYSTEMS:
            await sources_store.put_source(
                tx, name=name, province="30", kind="own", settings={}, secret=None, every_seconds=60, enabled=True, now=NOW
            )  # fmt: skip
    for begin in range(0, len(news), 5):
        batch = news[begin : begin + 5]
        await ingest_database.run(lambda tx, batch=batch: take(tx, batch))  # type: ignore[misc]
    order = SourceOrder(("national", "ministry"), {"course": ("ministry", "province")})
    async with ingest_database.transaction() as tx:
        counted = await facts(tx)
        assert sorted(counted) == list(range(1, 13))
        assert {one["code"]: one["status"] for one in counted.values()} == await expected(tx, SourceOrder())
        await put_policies(tx, "30", Policies(sources=order))
        while await redate_next(tx, rulesets, NOW) is not None:
            pass
        moved = await facts(tx)
        assert {one["code"]: one["status"] for one in moved.values()} == await expected(tx, order)
        assert moved != counted
        with pytest.raises(Invalid, match="nobody"):
            await put_policies(tx, "30", Policies(sources=SourceOrder(("nobody",))))
