"""What cannot all be true of a dossier: its kinds, that nothing is derived from it, and that a correction ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from services.ingest.catalogue.model import SourceOrder
from services.ingest.dossiers.dating.assessment import assess
from services.ingest.dossiers.dating.facts import facts_of
from services.ingest.dossiers.folding import DossierState, fold
from services.ingest.events.model import About, Course, Event, Rejected, digest, encode
from services.ingest.sources.kinds import files, national
from shared.dossier import CONTRADICTIONS, Contradiction, ContradictionKind, Outcome, Status, Timeliness
from tests.ingest.histories import histories, instant
from tests.ingest.worked import CODE, course, event, step
from tests.ingest.worked_law import FIVE_DAYS, LAW
from tests.quick import cases

C, S = ContradictionKind, Status


def state_of(history: list[Event]) -> DossierState:
    """The state of the first dossier of a history."""
    unique = {digest(encode(one)): one for one in history if one.code == history[0].code}
    return fold(sorted(unique.values(), key=lambda one: (one.at, one.id, digest(encode(one)))))


def kinds(*said: Event) -> set[ContradictionKind]:
    return {one.kind for one in state_of(list(said)).contradictions}


@pytest.mark.parametrize("kind", ContradictionKind)
def test_random_histories_have_every_kind_and_every_kind_has_its_words(kind: ContradictionKind) -> None:
    found = find(
        histories,
        lambda history: kind in kinds(*history),
        settings=settings(max_examples=5_000, phases=[Phase.generate], database=None),
    )
    assert kind in kinds(*found)
    words = CONTRADICTIONS[kind]
    assert all(text for one in words for text in (one.vi, one.en))


@settings(max_examples=cases(500), deadline=None)
@given(histories)
def test_nothing_is_derived_from_what_contradicts_itself(history: list[Event]) -> None:
    state = state_of(history)
    facts = facts_of(assess(state, LAW))
    assert facts.contradictions == state.contradictions
    assert len({one.kind for one in state.contradictions}) == len(state.contradictions)
    if state.outcome in (Outcome.resolved, Outcome.returned):
        assert facts.received_on is not None
    if not state.contradictions:
        return
    assert (facts.due_on, facts.due_basis, facts.late_from, facts.due_soon, facts.portal_late_from) == (None,) * 5
    assert (facts.portal_timeliness, facts.cause, facts.spent_minutes, facts.limit_minutes) == (None,) * 4
    is_resolved = facts.received_on is not None and facts.ended_on is not None
    assert facts.timeliness is (Timeliness.on_time if is_resolved else None)
    if C.received_missing in kinds(*history):
        assert facts.received_on is not None


_days = st.integers(0, 40).map(lambda day: instant(24 * day + 2))
"""At ten o'clock, so that no instant is a day alone."""


@settings(max_examples=cases(1000), deadline=None)
@given(
    st.sampled_from([S.registered, S.received, S.processing, S.supplement_requested, S.resolved, S.returned, S.withdrawn]),
    st.none() | _days,
    st.none() | _days,
    st.none() | _days,
    st.none() | _days,
)
def test_a_course_contradicts_itself_exactly_as_its_dates_say(
    status: Status, received: datetime | None, ended: datetime | None, delivered: datetime | None, due: datetime | None
) -> None:
    """Read off the dates by hand, without a walk."""
    if status in (S.returned, S.withdrawn):
        delivered = None
    told_at = instant(24 * 50)
    is_open = status not in (S.resolved, S.returned, S.withdrawn)
    end = delivered if is_open else min((one for one in (ended, delivered) if one is not None), default=told_at)
    expected = set()
    if received is None:
        if end is not None:
            expected.add(C.received_missing)
    else:
        if end is not None and end < received:
            expected.add(C.ended_before_received)
        if due is not None and due < received:
            expected.add(C.due_before_received)
    if is_open and delivered is not None:
        expected.add(C.in_process_after_delivery)
    elif is_open and ended is not None:
        expected.add(C.in_process_after_end)
    said = Event(CODE, "test", "1", told_at, due_at=due, course=Course(status, received, ended, delivered))
    assert kinds(said) == expected


def test_a_day_alone_is_before_the_receipt_only_on_another_day() -> None:
    received = datetime.fromisoformat("2023-06-15T10:00+07:00").astimezone(instant(0).tzinfo)
    same_day = datetime.fromisoformat("2023-06-15T00:00+07:00").astimezone(instant(0).tzinfo)
    for ended, expected in (
        (same_day, set()),
        (same_day + timedelta(minutes=1), {C.ended_before_received}),
        (same_day - timedelta(days=1), {C.ended_before_received}),
    ):
        assert kinds(Event(CODE, "test", "1", instant(24 * 300), course=Course(S.resolved, received, ended))) == expected


def test_what_was_withdrawn_before_it_was_taken_in_counts_nothing_and_contradicts_nothing() -> None:
    state = state_of([event(60, step(10, S.registered), step(50, S.withdrawn), due_at=instant(70))])
    facts = facts_of(assess(state, LAW))
    assert (facts.received_on, facts.timeliness, facts.contradictions) == (None, None, ())


@pytest.mark.parametrize("ending", [S.resolved, S.delivered, S.withdrawn])
def test_what_ends_and_is_taken_in_afterwards_counts_and_contradicts_itself(ending: Status) -> None:
    facts = facts_of(assess(state_of([event(60, step(10, ending), step(50, S.received))]), LAW))
    assert facts.received_on == facts.ended_on == instant(50).date()
    assert facts.timeliness is Timeliness.on_time
    assert C.ended_before_received in {one.kind for one in facts.contradictions}


def test_a_corrected_receipt_makes_the_dossier_a_sound_one_again() -> None:
    about = About("1", FIVE_DAYS)
    wrong = event(90, course=course(S.resolved, 80, 50), about=about)
    corrected = event(95, course=course(S.resolved, 1, 50))
    before, after = (facts_of(assess(state_of(list(said)), LAW)) for said in ([wrong], [wrong, corrected]))
    assert before.contradictions == (Contradiction(C.ended_before_received, "test"),)
    assert (before.received_on, before.timeliness, before.due_on) == (before.ended_on, Timeliness.on_time, None)
    assert (after.contradictions, after.timeliness, after.outcome) == ((), Timeliness.early, Outcome.resolved)
    assert after.due_on is not None


def test_a_contradiction_names_the_source_that_told_of_it_last() -> None:
    def of(source: str, said: Event) -> Event:
        return Event(said.code, source, said.id, said.at, due_at=said.due_at, course=said.course, steps=said.steps)

    portal = of("portal", event(50, course=course(S.processing, 10), due_at=instant(20)))
    pushed = of("pushes", event(60, step(30, S.delivered)))
    promised = of("promises", event(5, due_at=instant(0)))
    state = state_of([portal, pushed])
    assert state.contradictions == (Contradiction(C.in_process_after_delivery, "pushes"),)
    early = of("portal", event(50, course=course(S.processing, 40)))
    assert state_of([promised, early]).contradictions == (Contradiction(C.due_before_received, "promises"),)


@pytest.mark.parametrize("late", [None, course(S.resolved, 1, 50), course(S.resolved, 70, 40)])
def test_a_contradiction_is_corrected_at_the_source_that_is_believed_and_not_at_one_that_is_not(late: Course | None) -> None:
    def of(source: str, said: Event) -> Event:
        return Event(said.code, source, said.id, said.at, course=said.course, steps=said.steps)

    told = [of("lists", event(20, step(15, S.processing))), of("portal", event(90, course=course(S.resolved, 80, 50)))]
    corrected = [] if late is None else [of("lists", event(95, course=late))]
    for order in (SourceOrder(("portal",)), SourceOrder((), {"course": ("portal", "lists")})):
        assert fold([*told, *corrected], order).contradictions == (Contradiction(C.ended_before_received, "portal"),)


NATIONAL = national.decoder("national", national.Settings(), instant(24 * 400))
FILES = files.decoder("lists", files.Settings(), instant(24 * 400))
SENT = {"MaHoSo": "000.00.19.H30-230615-0042", "TrangThaiHoSo": "10", "NgayKetThucXuLy": "20230619160000"}
LISTED = {"code": "000.00.19.H30-230615-0042", "ended_at": "19/06/2023 16:00"}


@pytest.mark.parametrize(
    ("decode", "record", "expected"),
    [
        (NATIONAL, SENT, {C.received_missing}),
        (NATIONAL, {**SENT, "NgayTiepNhan": "20230615080000"}, set()),
        (NATIONAL, {**SENT, "NgayTiepNhan": "20230620080000"}, {C.ended_before_received}),
        (NATIONAL, {**SENT, "NgayTiepNhan": "20230619"}, set()),
        (
            NATIONAL,
            {**SENT, "NgayTiepNhan": "20230615080000", "TrangThaiHoSo": "4", "NgayTra": "20230620"},
            {C.in_process_after_delivery},
        ),
        (NATIONAL, {**SENT, "NgayTiepNhan": "20230615080000", "TrangThaiHoSo": "4"}, set()),
        (NATIONAL, {"MaHoSo": SENT["MaHoSo"], "ThoiDiemXuLy": "20230619160000", "TrangThai": "9"}, {C.received_missing}),
        (FILES, LISTED, {C.received_missing}),
        (FILES, {**LISTED, "received_at": "15/06/2023"}, set()),
        (FILES, {**LISTED, "received_at": "20/06/2023"}, {C.ended_before_received}),
        (FILES, {**LISTED, "received_at": "19/06/2023 09:00", "ended_at": "19/06/2023"}, set()),
        (FILES, {**LISTED, "received_at": "15/06/2023", "due_at": "14/06/2023"}, {C.due_before_received}),
        (
            FILES,
            {**LISTED, "received_at": "15/06/2023", "status": "Đang xử lý", "delivered_at": "20/06/2023"},
            {C.in_process_after_delivery},
        ),
    ],
)
def test_pushes_and_files_contradict_themselves_where_their_records_do(
    decode: Callable[[object], Event | Rejected], record: dict[str, object], expected: set[ContradictionKind]
) -> None:
    read = decode(record)
    assert isinstance(read, Event)
    assert kinds(read) == expected
