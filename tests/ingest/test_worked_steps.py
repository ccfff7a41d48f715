"""Worked examples of steps, waits and supersession: several things said of a dossier, and the state that they come to."""

from __future__ import annotations

import pytest

from services.ingest.dossiers import folding
from services.ingest.dossiers.folding import DossierState, FindingKind, fold
from services.ingest.events.model import About, Event
from shared.dossier import Channel, ContradictionKind, Outcome, Status
from tests.ingest.histories import instant
from tests.ingest.worked import course, doubts, ended, event, finding, pause, state, state_of, step

S, K, C = Status, FindingKind, ContradictionKind

WORKED: dict[str, tuple[list[Event], DossierState]] = {
    # --- pauses and steps
    "every wait is told with its kind": (
        [
            event(
                90,
                course=course(S.processing, 1),
                pauses=(
                    pause(10, 20, S.supplement_requested),
                    pause(30, 40, S.payment_requested),
                    pause(50, 60, S.suspended),
                    pause(70, 80, S.supplement_requested),
                ),
            )
        ],
        state(
            S.processing,
            received_at=1,
            pauses=(
                pause(10, 20, S.supplement_requested),
                pause(30, 40, S.payment_requested),
                pause(50, 60, S.suspended),
                pause(70, 80, S.supplement_requested),
            ),
            supplements=2,
        ),
    ),
    "a wait that goes on is the status": (
        [event(90, course=course(S.payment_requested, 1), pauses=(pause(10, None, S.payment_requested),))],
        state(S.payment_requested, received_at=1, pauses=(pause(10, None, S.payment_requested),), supplements=0),
    ),
    "told waits go before a status that waits": (
        [event(90, course=course(S.supplement_requested, 1), pauses=(pause(10, 20, S.supplement_requested),))],
        state(S.processing, received_at=1, pauses=(pause(10, 20, S.supplement_requested),), supplements=1),
    ),
    "a wait ends where another begins": (
        [event(90, step(1, S.received), step(10, S.supplement_requested), step(20, S.suspended), step(30, S.processing))],
        state(
            S.processing,
            received_at=1,
            pauses=(pause(10, 20, S.supplement_requested), pause(20, 30, S.suspended)),
            supplements=1,
        ),
    ),
    "a wait of no time is none": (
        [
            event(
                90, step(1, S.received), step(10, S.supplement_requested), step(10, S.payment_requested), step(9, S.processing)
            )
        ],
        state(S.payment_requested, received_at=1, pauses=(pause(10, None, S.payment_requested),), supplements=0),
    ),
    "a wait lasts until the end": (
        [event(90, step(1, S.received), step(10, S.suspended), step(50, S.returned))],
        ended(S.returned, Outcome.returned, 1, 50, pauses=(pause(10, 50, S.suspended),), supplements=0),
    ),
    "a status that is said again says nothing": (
        [event(90, step(1, S.received), step(10, S.suspended), step(20, S.suspended), step(30, S.received))],
        state(S.received, received_at=1, pauses=(pause(10, 30, S.suspended),), supplements=0),
    ),
    "a first status that waits": (
        [event(90, step(10, S.suspended), step(20, S.processing))],
        state(S.processing, received_at=10, pauses=(pause(10, 20, S.suspended),), supplements=0),
    ),
    "registered before it was received": (
        [event(90, step(1, S.registered), step(5, S.received), step(9, S.processing))],
        state(S.processing, received_at=5, supplements=0),
    ),
    "steps of one instant in the order of a life": (
        [event(90, step(5, S.resolved), step(5, S.received), step(5, S.processing))],
        ended(S.resolved, Outcome.resolved, 5, 5, supplements=0),
    ),
    "delivered without a result before": (
        [event(90, step(1, S.received), step(50, S.delivered))],
        ended(S.delivered, Outcome.resolved, 1, 50, delivered_at=50, supplements=0),
    ),
    "an end among the steps needs no day of the course": (
        [event(90, step(50, S.resolved), course=course(S.resolved, 1))],
        ended(S.resolved, Outcome.resolved, 1, 50),
    ),
    "work among the steps leaves the end of the course without a day": (
        [event(90, step(50, S.processing), course=course(S.returned, 1))],
        ended(S.returned, Outcome.returned, 1, 90, findings=(finding(K.end_date_missing, 90, S.processing, S.returned),)),
    ),
    # --- finished without a proof
    "finished, and work goes on": (
        [event(90, step(1, S.received), step(30, S.resolved, proven=False), step(60, S.processing))],
        state(
            S.processing,
            received_at=1,
            pauses=(pause(30, 60, S.suspended),),
            findings=(finding(K.finish_contradicted, 30, S.received, S.resolved),),
            supplements=0,
        ),
    ),
    "finished while it waits, and work goes on": (
        [
            event(
                90,
                step(1, S.received),
                step(20, S.payment_requested),
                step(30, S.resolved, proven=False),
                step(60, S.processing),
            )
        ],
        state(
            S.processing,
            received_at=1,
            pauses=(pause(20, 60, S.payment_requested),),
            findings=(finding(K.finish_contradicted, 30, S.payment_requested, S.resolved),),
            supplements=0,
        ),
    ),
    "finished while it waits": (
        [event(90, step(1, S.received), step(20, S.supplement_requested), step(30, S.resolved, proven=False))],
        state(
            S.supplement_requested,
            received_at=1,
            pauses=(pause(20, None, S.supplement_requested),),
            supplements=1,
            findings=(finding(K.finish_contradicted, 30, S.supplement_requested, S.resolved),),
        ),
    ),
    "finished while it waits, and then delivered": (
        [event(90, step(1, S.received), step(20, S.suspended), step(30, S.resolved, proven=False), step(40, S.delivered))],
        ended(
            S.delivered,
            Outcome.resolved,
            1,
            30,
            delivered_at=40,
            pauses=(pause(20, 30, S.suspended),),
            findings=(finding(K.end_date_missing, 30, S.suspended, S.resolved),),
            supplements=0,
        ),
    ),
    "finished for all that is known": (
        [event(90, step(1, S.received), step(30, S.resolved, proven=False))],
        ended(
            S.resolved,
            Outcome.resolved,
            1,
            30,
            findings=(finding(K.end_date_missing, 30, S.received, S.resolved),),
            supplements=0,
        ),
    ),
    # --- again
    "a result is taken back": (
        [event(90, step(1, S.received), step(30, S.resolved), step(50, S.processing), step(70, S.resolved))],
        ended(
            S.resolved, Outcome.resolved, 1, 70, findings=(finding(K.reopened, 50, S.resolved, S.processing),), supplements=0
        ),
    ),
    "a result is taken back for papers": (
        [event(90, step(1, S.received), step(30, S.resolved), step(50, S.supplement_requested))],
        state(
            S.supplement_requested,
            received_at=1,
            pauses=(pause(50, None, S.supplement_requested),),
            supplements=1,
            findings=(finding(K.reopened, 50, S.resolved, S.supplement_requested),),
        ),
    ),
    "a returned dossier comes again": (
        [event(90, step(1, S.received), step(30, S.returned), step(50, S.received))],
        state(S.received, received_at=1, findings=(finding(K.reopened, 50, S.returned, S.received),), supplements=0),
    ),
    "a refused dossier is received after all": (
        [event(90, step(1, S.registered), step(30, S.refused), step(50, S.received))],
        state(S.received, received_at=50, findings=(finding(K.reopened, 50, S.refused, S.received),), supplements=0),
    ),
    "what was delivered stays so": (
        [event(90, step(1, S.received), step(30, S.delivered), step(50, S.processing), step(60, S.returned))],
        ended(
            S.delivered,
            Outcome.resolved,
            1,
            30,
            delivered_at=30,
            findings=(
                finding(K.impossible_transition, 50, S.delivered, S.processing),
                finding(K.impossible_transition, 60, S.delivered, S.returned),
            ),
            contradictions=doubts(C.two_outcomes),
            supplements=0,
        ),
    ),
    # --- steps against the status
    "work after the handing over": (
        [event(90, step(1, S.received), step(30, S.delivered), step(50, S.processing))],
        ended(
            S.delivered,
            Outcome.resolved,
            1,
            30,
            delivered_at=30,
            findings=(finding(K.impossible_transition, 50, S.delivered, S.processing),),
            contradictions=doubts(C.in_process_after_delivery),
            supplements=0,
        ),
    ),
    "withdrawn by its steps, in process by its status": (
        [event(90, step(1, S.received), step(30, S.withdrawn), course=course(S.processing, 1))],
        ended(
            S.withdrawn,
            Outcome.withdrawn,
            1,
            30,
            last_open_at=90,
            findings=(finding(K.impossible_transition, 90, S.withdrawn, S.processing),),
            contradictions=doubts(C.in_process_after_end),
            supplements=0,
        ),
    ),
    "resolved by its steps, returned by its status": (
        [event(90, step(1, S.received), step(30, S.resolved), course=course(S.returned, 1, 50))],
        ended(
            S.resolved,
            Outcome.resolved,
            1,
            30,
            findings=(finding(K.impossible_transition, 50, S.resolved, S.returned),),
            contradictions=doubts(C.two_outcomes),
            supplements=0,
        ),
    ),
    "resolved by its status, and work goes on by its steps": (
        [event(90, step(60, S.processing), course=course(S.resolved, 1, 30))],
        state(
            S.processing,
            received_at=1,
            findings=(finding(K.reopened, 60, S.resolved, S.processing),),
            contradictions=doubts(C.ended_while_in_process),
        ),
    ),
    "work that goes on after the status was told takes it up again": (
        [event(40, course=course(S.resolved, 1, 30)), event(60, step(60, S.processing))],
        state(S.processing, received_at=1, findings=(finding(K.reopened, 60, S.resolved, S.processing),)),
    ),
    "delivered while it waits for papers": (
        [event(90, step(1, S.received), step(20, S.supplement_requested), step(40, S.delivered))],
        state(
            S.supplement_requested,
            received_at=1,
            pauses=(pause(20, None, S.supplement_requested),),
            supplements=1,
            findings=(finding(K.impossible_transition, 40, S.supplement_requested, S.delivered),),
            contradictions=doubts(C.ended_while_in_process),
        ),
    ),
    "registered by its status, resolved by its steps": (
        [event(90, step(1, S.received), step(30, S.resolved), course=course(S.registered))],
        ended(
            S.resolved, Outcome.resolved, 1, 30, last_open_at=90, contradictions=doubts(C.in_process_after_end), supplements=0
        ),
    ),
    # --- several events
    "the newest course replaces the older altogether": (
        [event(50, course=course(S.resolved, 1, 40)), event(60, course=course(S.processing, 3))],
        state(S.processing, received_at=3),
    ),
    "an end without a day is of the event that told it": (
        [event(50, course=course(S.resolved, 1)), event(60, about=About(channel=Channel.post))],
        ended(
            S.resolved,
            Outcome.resolved,
            1,
            50,
            about=About(channel=Channel.post),
            findings=(finding(K.end_date_missing, 50, S.received, S.resolved),),
        ),
    ),
    "each field comes from the newest event that has it": (
        [
            event(
                1,
                due_at=instant(100),
                extended_to=instant(120),
                extension_letter="12/TXL",
                about=About("10813", "1.001612", Channel.counter, True, False, True, False, True, 3),
            ),
            event(2, course=course(S.processing, 1), about=About(channel=Channel.online, digitised_intake=False)),
            event(3, about=About(procedure="1.001193", supplements=2)),
            event(4, deleted=True),
        ],
        state(
            S.processing,
            received_at=1,
            due_at=100,
            extended_to=instant(120),
            extension_letter="12/TXL",
            about=About("10813", "1.001193", Channel.online, False, False, True, False, True, 2),
            supplements=2,
            deleted=True,
        ),
    ),
    "of two events each field comes from the newer that has it": (
        [
            event(1, course=course(S.processing, 1), about=About("10813", "1.001612")),
            event(2, about=About("10816", None, Channel.post)),
        ],
        state(S.processing, received_at=1, about=About("10816", "1.001612", Channel.post)),
    ),
    "a later date and a later letter replace the earlier together": (
        [
            event(1, course=course(S.processing, 1), due_at=instant(100), extended_to=instant(120), extension_letter="12/TXL"),
            event(2, due_at=instant(101), extended_to=instant(130)),
            event(3, extension_letter="14/TXL"),
        ],
        state(S.processing, received_at=1, due_at=101, extended_to=instant(130)),
    ),
    "the newest list of waits replaces the older, also by none": (
        [
            event(50, course=course(S.processing, 1), pauses=(pause(10, 20, S.suspended),)),
            event(60, pauses=()),
            event(70, about=About()),
        ],
        state(S.processing, received_at=1, supplements=0),
    ),
    "a list of waits stays until there is another": (
        [event(50, course=course(S.processing, 1), pauses=(pause(10, 20, S.suspended),)), event(70, about=About())],
        state(S.processing, received_at=1, pauses=(pause(10, 20, S.suspended),), supplements=0),
    ),
    "steps add up, in whatever event they came": (
        [
            event(60, step(20, S.suspended)),
            event(50, step(1, S.received), step(40, S.processing)),
            event(70, step(65, S.resolved)),
        ],
        ended(S.resolved, Outcome.resolved, 1, 65, pauses=(pause(20, 40, S.suspended),), supplements=0),
    ),
    "deleted": ([event(1, course=course(S.processing, 1), deleted=True)], state(S.processing, received_at=1, deleted=True)),
    "deleted and served again": (
        [event(1, deleted=True), event(2, course=course(S.processing, 1))],
        state(S.processing, received_at=1),
    ),
    # --- what the source had still in process
    "the last time at which it was told open is kept": (
        [
            event(20, course=course(S.processing, 1)),
            event(60, course=course(S.supplement_requested, 1)),
            event(80, course=course(S.resolved, 1, 50)),
            event(90, course=course(S.resolved, 1, 50)),
        ],
        ended(S.resolved, Outcome.resolved, 1, 50, last_open_at=60),
    ),
    "of a dossier in process nothing is late": (
        [event(20, course=course(S.received, 1)), event(60, course=course(S.processing, 1))],
        state(S.processing, received_at=1),
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
