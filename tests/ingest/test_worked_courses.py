"""Worked examples of a course: what a source says of a dossier as a whole, and the state that it comes to."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest

from services.ingest.dossiers import folding
from services.ingest.dossiers.contradictions import can_be_due
from services.ingest.dossiers.folding import DossierState, FindingKind, fold
from services.ingest.events.model import About, Event, Step
from shared.dossier import ContradictionKind, Outcome, Status
from tests.ingest.histories import instant
from tests.ingest.worked import course, doubts, ended, event, finding, pause, state, state_of, step

S, K, C = Status, FindingKind, ContradictionKind

WORKED: dict[str, tuple[list[Event], DossierState]] = {
    "nothing but a field": ([event(1, about=About(agency="10813"))], state(S.registered, about=About(agency="10813"))),
    # --- a course alone
    "registered": ([event(1, course=course(S.registered))], state(S.registered)),
    "in process": ([event(9, course=course(S.processing, 1))], state(S.processing, received_at=1)),
    "received": ([event(9, course=course(S.received, 1))], state(S.received, received_at=1)),
    "in process before its receipt": (
        [event(1, course=course(S.processing, 9))],
        state(S.processing, received_at=9, findings=(finding(K.impossible_transition, 9, S.processing, S.received),)),
    ),
    "resolved": (
        [event(90, course=course(S.resolved, 1, 50))],
        ended(S.resolved, Outcome.resolved, 1, 50),
    ),
    "resolved and delivered": (
        [event(90, course=course(S.delivered, 1, 50, delivered=70))],
        ended(S.delivered, Outcome.resolved, 1, 50, delivered_at=70),
    ),
    "delivered at its end": (
        [event(90, course=course(S.delivered, 1, 50, delivered=50))],
        ended(S.delivered, Outcome.resolved, 1, 50, delivered_at=50),
    ),
    "delivered, and the end is not told": (
        [event(90, course=course(S.delivered, 1, delivered=70))],
        ended(S.delivered, Outcome.resolved, 1, 70, delivered_at=70),
    ),
    "delivered, and no day of it is told": (
        [event(90, course=course(S.delivered, 1))],
        ended(S.resolved, Outcome.resolved, 1, 90, findings=(finding(K.end_date_missing, 90, S.received, S.resolved),)),
    ),
    "delivered without the hour of it": (
        [event(90, course=course(S.delivered, 1, 50))],
        ended(S.resolved, Outcome.resolved, 1, 50),
    ),
    "resolved, with a day of delivery": (
        [event(90, course=course(S.resolved, 1, 50, delivered=70))],
        ended(S.delivered, Outcome.resolved, 1, 50, delivered_at=70),
    ),
    "in process, with a day of delivery": (
        [event(90, course=course(S.processing, 1, delivered=70))],
        ended(
            S.delivered,
            Outcome.resolved,
            1,
            70,
            delivered_at=70,
            last_open_at=90,
            contradictions=doubts(C.in_process_after_delivery),
        ),
    ),
    "in process, with an end": (
        [event(90, course=course(S.processing, 1, 50))],
        state(S.processing, received_at=1, contradictions=doubts(C.in_process_after_end)),
    ),
    "returned": ([event(90, course=course(S.returned, 1, 50))], ended(S.returned, Outcome.returned, 1, 50)),
    "withdrawn": ([event(90, course=course(S.withdrawn, 1, 50))], ended(S.withdrawn, Outcome.withdrawn, 1, 50)),
    "withdrawn without a day": (
        [event(90, course=course(S.withdrawn, 1))],
        ended(S.withdrawn, Outcome.withdrawn, 1, 90, findings=(finding(K.end_date_missing, 90, S.received, S.withdrawn),)),
    ),
    "refused without a receipt": (
        [event(90, course=course(S.refused, None, 50))],
        state(S.refused, outcome=Outcome.refused, ended_at=50, closed_at=50),
    ),
    "refused after a receipt": ([event(90, course=course(S.refused, 1, 50))], ended(S.refused, Outcome.refused, 1, 50)),
    "waiting for papers": (
        [event(9, course=course(S.supplement_requested, 1))],
        state(
            S.supplement_requested,
            received_at=1,
            pauses=(pause(9, None, S.supplement_requested),),
            supplements=1,
        ),
    ),
    # --- a receipt that is not told
    "resolved, and the receipt is not told": (
        [event(90, course=course(S.resolved, None, 50))],
        ended(
            S.resolved,
            Outcome.resolved,
            50,
            50,
            findings=(finding(K.received_date_missing, 50),),
            contradictions=doubts(C.received_missing),
        ),
    ),
    "in process, and the receipt is not told": (
        [event(9, course=course(S.processing))],
        state(S.processing, received_at=9, findings=(finding(K.received_date_missing, 9),)),
    ),
    "a wait tells that it had been received": (
        [event(90, course=course(S.resolved, None, 50), pauses=(pause(10, 20, S.suspended),))],
        ended(S.resolved, Outcome.resolved, 10, 50, pauses=(pause(10, 20, S.suspended),), supplements=0),
    ),
    "work tells that it had been received": (
        [event(90, step(10, S.processing), course=course(S.resolved, None, 50))],
        ended(S.resolved, Outcome.resolved, 10, 50),
    ),
    "an end alone tells no receipt, of two events either": (
        [event(10, due_at=instant(99)), event(90, course=course(S.resolved, None, 50))],
        ended(
            S.resolved,
            Outcome.resolved,
            50,
            50,
            due_at=99,
            findings=(finding(K.received_date_missing, 50),),
            contradictions=doubts(C.received_missing),
        ),
    ),
    "an end among steps alone tells no receipt either": (
        [event(90, step(50, S.resolved))],
        ended(
            S.resolved,
            Outcome.resolved,
            50,
            50,
            findings=(finding(K.received_date_missing, 50),),
            contradictions=doubts(C.received_missing),
        ),
    ),
    "steps alone may begin in the middle": ([event(90, step(50, S.processing))], state(S.processing, received_at=50)),
    "withdrawn before it was taken in": (
        [event(90, step(10, S.registered), step(50, S.withdrawn))],
        state(S.withdrawn, outcome=Outcome.withdrawn, ended_at=50, closed_at=50, supplements=0),
    ),
    "returned, and the receipt is not told": (
        [event(90, course=course(S.returned, None, 50))],
        ended(
            S.returned,
            Outcome.returned,
            50,
            50,
            findings=(finding(K.received_date_missing, 50),),
            contradictions=doubts(C.received_missing),
        ),
    ),
    "a due date before a receipt that is not told is none of its own": (
        [event(90, course=course(S.resolved, None, 80), due_at=instant(20))],
        ended(
            S.resolved,
            Outcome.resolved,
            80,
            80,
            due_at=20,
            findings=(finding(K.received_date_missing, 80), finding(K.due_date_impossible, 20)),
            contradictions=doubts(C.received_missing),
        ),
    ),
    "the receipt of the course goes before that of the steps": (
        [event(90, step(3, S.processing), course=course(S.resolved, 5, 50))],
        ended(
            S.resolved,
            Outcome.resolved,
            5,
            50,
            findings=(finding(K.impossible_transition, 5, S.processing, S.received),),
        ),
    ),
    # --- ends that cannot be
    "ended on the day of its receipt, and the hour of the end is not told": (
        [event(90, course=course(S.resolved, 50, 40))],
        ended(S.resolved, Outcome.resolved, 50, 50, findings=(finding(K.ended_before_received, 40),)),
    ),
    "ended before it was received": (
        [event(90, course=course(S.resolved, 50, 49))],
        ended(
            S.resolved,
            Outcome.resolved,
            50,
            50,
            findings=(finding(K.ended_before_received, 49),),
            contradictions=doubts(C.ended_before_received),
        ),
    ),
    "ended on a day before its receipt": (
        [event(90, course=course(S.resolved, 50, 16))],
        ended(
            S.resolved,
            Outcome.resolved,
            50,
            50,
            findings=(finding(K.ended_before_received, 16),),
            contradictions=doubts(C.ended_before_received),
        ),
    ),
    "returned before it was received": (
        [event(90, course=course(S.returned, 50, 39))],
        ended(
            S.returned,
            Outcome.returned,
            50,
            50,
            findings=(finding(K.ended_before_received, 39),),
            contradictions=doubts(C.ended_before_received),
        ),
    ),
    "ended at its receipt": ([event(90, course=course(S.resolved, 50, 50))], ended(S.resolved, Outcome.resolved, 50, 50)),
    "ready before it was closed": (
        [event(90, course=course(S.resolved, 1, 80, ready=40))],
        ended(S.resolved, Outcome.resolved, 1, 40, closed_at=80),
    ),
    "ready after it was closed": (
        [event(90, course=course(S.resolved, 1, 40, ready=80))],
        ended(S.resolved, Outcome.resolved, 1, 40),
    ),
    "ready, and still in process": ([event(90, course=course(S.processing, 1, ready=40))], state(S.processing, received_at=1)),
    "ready before it was received": (
        [event(90, course=course(S.resolved, 20, 80, ready=10))],
        ended(
            S.resolved,
            Outcome.resolved,
            20,
            20,
            closed_at=80,
            findings=(finding(K.ended_before_received, 10),),
            contradictions=doubts(C.ended_before_received),
        ),
    ),
    # --- supplements
    "the source's own count of supplements, where it is larger": (
        [event(9, course=course(S.processing, 1), about=About(supplements=3), pauses=(pause(2, 4, S.supplement_requested),))],
        state(
            S.processing,
            received_at=1,
            about=About(supplements=3),
            pauses=(pause(2, 4, S.supplement_requested),),
            supplements=3,
        ),
    ),
    "the waits for papers, where they are more": (
        [event(9, course=course(S.processing, 1), about=About(supplements=0), pauses=(pause(2, 4, S.supplement_requested),))],
        state(
            S.processing,
            received_at=1,
            about=About(supplements=0),
            pauses=(pause(2, 4, S.supplement_requested),),
            supplements=1,
        ),
    ),
    "a plain dossier with supplements": (
        [event(9, course=course(S.processing, 1), about=About(supplements=2))],
        state(S.processing, received_at=1, about=About(supplements=2), supplements=2),
    ),
    # --- due dates
    "a due date at the receipt is none": (
        [event(9, course=course(S.processing, 1), due_at=instant(1))],
        state(S.processing, received_at=1, due_at=1, findings=(finding(K.due_date_impossible, 1),)),
    ),
    "a due date of a day before the receipt": (
        [event(90, course=course(S.processing, 50), due_at=instant(16))],
        state(
            S.processing,
            received_at=50,
            due_at=16,
            findings=(finding(K.due_date_impossible, 16),),
            contradictions=doubts(C.due_before_received),
        ),
    ),
    "all that can be wrong with dates": (
        [event(90, course=course(S.processing, 60, 70, delivered=50), due_at=instant(10))],
        ended(
            S.delivered,
            Outcome.resolved,
            60,
            60,
            due_at=10,
            delivered_at=50,
            last_open_at=90,
            findings=(
                finding(K.impossible_transition, 60, S.delivered, S.received),
                finding(K.ended_before_received, 50),
                finding(K.due_date_impossible, 10),
            ),
            contradictions=doubts(C.ended_before_received, C.due_before_received, C.in_process_after_delivery),
        ),
    ),
    "a due date after the receipt": (
        [event(9, course=course(S.processing, 1), due_at=instant(2))],
        state(S.processing, received_at=1, due_at=2),
    ),
}


@pytest.mark.parametrize("name", WORKED)
def test_a_worked_history_comes_to_its_state(name: str) -> None:
    events, expected = WORKED[name]
    assert state_of(*events) == expected


@pytest.mark.parametrize("name", [name for name, (events, _) in WORKED.items() if len(events) == 1])
def test_the_walk_comes_to_the_same_state(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "_plain", lambda _: None)
    (said,), expected = WORKED[name]
    assert fold([said]) == expected


PLAIN = [
    event(9, course=course(S.processing, 1)),
    event(9, course=course(S.received, 1)),
    event(9, course=course(S.received, 9)),
    event(9, step(1, S.processing), course=course(S.processing, 1), due_at=instant(40)),
    event(90, course=course(S.resolved, 1, 50)),
    event(90, course=course(S.resolved, 50, 50)),
    event(90, course=course(S.withdrawn, 1, 50)),
    event(90, course=course(S.returned, 1, 50)),
    event(90, step(1, S.processing), step(50, S.processing), course=course(S.resolved, 1, 50)),
    event(90, course=course(S.delivered, 1, 50, delivered=50)),
    event(90, course=course(S.delivered, 1, 50, delivered=70), pauses=()),
]


@pytest.mark.parametrize("plain", PLAIN)
def test_the_commonest_histories_take_the_short_way(plain: Event) -> None:
    """A back-fill is mostly of these, and the short way costs a fifth."""
    assert folding._plain(plain) == fold([plain])


@pytest.mark.parametrize(
    "said",
    [
        event(9, course=course(S.processing, 10)),
        event(9, course=course(S.processing)),
        event(9, course=course(S.processing, 1, 5)),
        event(9, course=course(S.processing, 1, delivered=5)),
        event(9, step(4, S.processing), course=course(S.received, 1)),
        event(9, step(10, S.processing), course=course(S.processing, 1)),
        event(9, step(0, S.processing), course=course(S.processing, 1)),
        event(9, step(4, S.received), course=course(S.processing, 1)),
        event(9, step(1, S.received), course=course(S.processing, 1), pauses=(pause(2, 3, S.suspended),)),
        event(90, step(51, S.processing), course=course(S.resolved, 1, 50)),
        event(90, course=course(S.resolved, 51, 50)),
        event(90, course=course(S.resolved, 1)),
        event(90, course=course(S.resolved, None, 50)),
        event(90, course=course(S.resolved, 1, 50, delivered=70)),
        event(90, course=course(S.resolved, 1, 50, ready=40)),
        event(90, course=course(S.delivered, 1, 50)),
        event(90, course=course(S.delivered, 1, 50, delivered=49)),
        event(90, course=course(S.refused, 1, 50)),
        event(90, course=course(S.suspended, 1)),
        event(90, course=course(S.registered, 1)),
        event(90, course=course(S.processing, 1), due_at=instant(1)),
        event(90, step(1, S.processing)),
    ],
)
def test_any_other_history_takes_the_long_way(said: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folding._plain(said) is None


def test_a_result_ready_at_its_end_and_one_said_again_change_nothing() -> None:
    assert state_of(event(90, course=course(S.resolved, 1, 50, ready=50))) == ended(S.resolved, Outcome.resolved, 1, 50)
    twice = state_of(event(90, step(1, S.received), step(50, S.resolved), step(60, S.resolved)))
    assert twice == ended(S.resolved, Outcome.resolved, 1, 50, supplements=0)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("due", "received", "can_be"),
    [
        ("2023-06-15T10:00+00:00", None, True),
        ("2023-06-15T03:00:01+00:00", "2023-06-15T03:00+00:00", True),
        ("2023-06-15T03:00+00:00", "2023-06-15T03:00+00:00", False),
        ("2023-06-15T02:59+00:00", "2023-06-15T03:00+00:00", True),  # earlier on the same civil day
        ("2023-06-14T17:00+00:00", "2023-06-15T03:00+00:00", True),  # midnight of that day: due at its end
        ("2023-06-14T16:59+00:00", "2023-06-15T03:00+00:00", False),  # the civil day before
        ("2023-06-14T17:00+00:00", "2023-06-14T17:00+00:00", True),  # a day alone, received on a day alone
        ("2023-06-14T18:00+00:00", "2023-06-14T18:00+00:00", False),
    ],
)
def test_which_due_date_can_be_one(due: str, received: str | None, can_be: bool) -> None:
    assert can_be_due(_at(due), None if received is None else _at(received)) is can_be


def test_a_step_of_the_same_instant_as_a_course_is_read_in_the_order_of_a_life() -> None:
    waiting = event(90, step(50, S.supplement_requested), course=course(S.resolved, 1, 50))
    assert state_of(waiting) == ended(S.resolved, Outcome.resolved, 1, 50)
    later = msgspec.structs.replace(waiting, steps=(Step(instant(50) + timedelta(seconds=1), S.supplement_requested),))
    assert state_of(later).status is S.supplement_requested
