"""The state of a dossier from what its sources said, in whatever order they said it."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.dossiers import folding
from services.ingest.dossiers.folding import DossierState, FindingKind, fold
from services.ingest.events.model import About, Course, Event, Pause, Step, digest, encode
from shared.dossier import TRANSITIONS, Channel, Outcome, Status, Transition
from tests.ingest.histories import abouts, histories, instant, maybe
from tests.quick import cases

CODE = "000.00.19.H23-230102-0001"
early, late = st.integers(0, 20).map(instant), st.integers(15, 60).map(instant)


def told(*said: Event) -> DossierState:
    """The state after events in any order, duplicates included."""
    unique = {digest(encode(event)): event for event in said}
    return fold(sorted(unique.values(), key=lambda event: (event.at, event.id, digest(encode(event)))))


def event(hours: int, **said: object) -> Event:
    return Event(code=CODE, source="test", id=f"e{hours}", at=instant(hours), **said)  # type: ignore[arg-type]


def test_a_snapshot_tells_receipt_end_and_delivery() -> None:
    state = told(event(90, course=Course(Status.delivered, instant(1), instant(50), instant(80))))
    assert (state.received_at, state.ended_at, state.delivered_at) == (instant(1), instant(50), instant(80))
    assert (state.status, state.outcome, state.findings) == (Status.delivered, Outcome.resolved, ())


def test_a_newer_course_replaces_an_older_one_altogether() -> None:
    closed = event(60, course=Course(Status.resolved, instant(1), instant(50)))
    corrected = event(70, course=Course(Status.processing, instant(2)))
    state = told(closed, corrected)
    assert (state.received_at, state.ended_at, state.outcome) == (instant(2), None, None)


def test_fields_of_about_come_each_from_the_newest_event_that_has_them() -> None:
    state = told(
        event(1, about=About("10813", "1.001612", Channel.counter)),
        event(2, about=About(channel=Channel.online)),
        event(3, about=About(agency="10816")),
    )
    assert state.about == About("10816", "1.001612", Channel.online)


def test_whether_papers_were_asked_for_is_not_known_where_no_source_tells_of_requests() -> None:
    closed = Course(Status.resolved, instant(1), instant(50))
    assert told(event(90, course=closed)).supplements is None
    assert told(event(20, course=Course(Status.processing, instant(1))), event(90, course=closed)).supplements is None
    assert told(event(90, course=closed, steps=(Step(instant(50), Status.resolved),))).supplements is None
    steps = (Step(instant(1), Status.received), Step(instant(50), Status.resolved))
    for said in ({"pauses": ()}, {"about": About(supplements=0)}, {"steps": steps}):
        assert told(event(90, course=closed, **said)).supplements == 0
    asked = event(20, course=Course(Status.supplement_requested, instant(1)))
    assert told(asked).supplements == 1


def test_single_steps_add_up_to_pauses() -> None:
    state = told(
        event(1, steps=(Step(instant(1), Status.received),)),
        event(30, steps=(Step(instant(30), Status.supplement_requested),)),
        event(54, steps=(Step(instant(54), Status.processing),)),
        event(80, steps=(Step(instant(80), Status.resolved),)),
    )
    assert state.pauses == (Pause(instant(30), instant(54), Status.supplement_requested),)
    assert (state.supplements, state.ended_at) == (1, instant(80))


def test_an_impossible_step_is_kept_as_a_finding_and_not_applied() -> None:
    state = told(
        event(1, steps=(Step(instant(1), Status.received),)),
        event(50, steps=(Step(instant(50), Status.resolved), Step(instant(51), Status.delivered))),
        event(70, steps=(Step(instant(70), Status.processing),)),
    )
    assert state.status is Status.delivered
    assert state.ended_at == instant(50)
    (finding,) = state.findings
    assert (finding.kind, finding.before, finding.after) == (
        FindingKind.impossible_transition,
        Status.delivered,
        Status.processing,
    )


def test_a_pause_that_was_sent_as_finished_is_recognised_by_the_work_that_goes_on() -> None:
    """One vendor sends 5, 6 and 8 upstream as 9 (domain.md 1.2)."""
    state = told(
        event(1, steps=(Step(instant(1), Status.received),)),
        event(30, steps=(Step(instant(30), Status.resolved, proven=False),)),
        event(60, steps=(Step(instant(60), Status.processing),)),
        event(90, course=Course(Status.resolved, instant(1), instant(90))),
    )
    assert state.ended_at == instant(90)
    assert state.pauses == (Pause(instant(30), instant(60), Status.suspended),)
    assert [finding.kind for finding in state.findings] == [FindingKind.finish_contradicted]


def test_a_finish_without_a_date_is_believed_when_nothing_contradicts_it() -> None:
    state = told(event(40, course=Course(Status.resolved, instant(1))))
    assert state.ended_at == instant(40)
    assert [finding.kind for finding in state.findings] == [FindingKind.end_date_missing]


def test_the_result_was_ready_before_the_software_closed_it() -> None:
    state = told(event(90, course=Course(Status.resolved, instant(1), instant(90), ready_at=instant(40))))
    assert (state.ended_at, state.closed_at) == (instant(40), instant(90))


def test_an_end_before_the_receipt_is_moved_to_it_and_shown() -> None:
    state = told(event(90, course=Course(Status.resolved, instant(50), instant(40))))
    assert state.received_at == state.ended_at == instant(50)
    assert FindingKind.ended_before_received in {finding.kind for finding in state.findings}


def test_a_dossier_deleted_at_the_source_comes_back_when_it_is_served_again() -> None:
    gone = event(50, deleted=True)
    assert told(event(1, course=Course(Status.received, instant(1))), gone).deleted
    assert not told(gone, event(60, course=Course(Status.received, instant(1)))).deleted


@pytest.mark.parametrize(("before", "after"), list(product([None, *Status], Status)))
def test_every_pair_of_statuses_follows_the_table(before: Status | None, after: Status) -> None:
    said = [Step(instant(2), after)]
    if before is not None:
        said.insert(0, Step(instant(1), before))
    state = told(event(3, steps=tuple(said)))
    move = TRANSITIONS[before].get(after)
    impossible = [f for f in state.findings if f.kind is FindingKind.impossible_transition]
    if before is after or move is not None:
        assert state.status is after
        assert not impossible
    else:
        assert state.status is before
        assert [(f.before, f.after) for f in impossible] == [(before, after)]
    reopened = [f for f in state.findings if f.kind is FindingKind.reopened]
    assert bool(reopened) == (move is Transition.reopens)


@settings(max_examples=cases(400), deadline=None)
@given(histories, st.randoms(use_true_random=False))
def test_any_order_and_repetition_of_a_history_gives_the_same_state(history: list[Event], chance: random.Random) -> None:
    by_code: dict[str, list[Event]] = {}
    for one in history:
        by_code.setdefault(one.code, []).append(one)
    for said in by_code.values():
        expected = told(*said)
        shuffled = said + chance.choices(said, k=len(said))
        chance.shuffle(shuffled)
        assert told(*shuffled) == expected


@settings(max_examples=cases(400), deadline=None)
@given(histories)
def test_the_fields_of_a_state_always_agree(history: list[Event]) -> None:
    said = [one for one in history if one.code == history[0].code]
    state = told(*said)
    if state.ended_at is not None:
        assert state.outcome is not None
        assert state.closed_at is not None
        assert state.closed_at >= state.ended_at
        assert state.received_at is None or state.received_at <= state.ended_at
    else:
        assert state.outcome is None
    for pause in state.pauses:
        assert pause.to_at is None or pause.from_at < pause.to_at


@settings(max_examples=cases(400), deadline=None)
@given(
    st.builds(
        event,
        st.integers(0, 900),
        about=st.none() | abouts,
        due_at=maybe,
        course=st.builds(Course, st.sampled_from(Status), early, st.none() | late, st.none() | late),
        steps=st.lists(st.builds(Step, early | late, st.sampled_from([Status.processing, Status.received])), max_size=2).map(
            tuple
        ),
    )
)
def test_the_short_way_for_a_single_snapshot_comes_to_the_same_state_as_the_walk(snapshot: Event) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "_plain", lambda _: None)
        expected = fold([snapshot])
    assert fold([snapshot]) == expected
