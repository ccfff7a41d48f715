"""The tables of a dossier's states: whole, at one with themselves, and drawn as they are."""

from __future__ import annotations

from itertools import product

import pytest

from shared.dossier import (
    OUTCOMES,
    RUNNING,
    STATUSES,
    SUSPENDING,
    TRANSITION_TABLE,
    TRANSITIONS,
    ClockState,
    Status,
    SuspensionKind,
    Transition,
)
from shared.dossier.__main__ import PAGE
from shared.dossier.drawing import diagram, page
from shared.workdays import policies

WORDS = {
    (None, ClockState.not_started): Transition.registers,
    (None, ClockState.running): Transition.starts,
    (None, ClockState.paused): Transition.suspends,
    (None, ClockState.stopped): Transition.ends,
    (ClockState.not_started, ClockState.running): Transition.starts,
    (ClockState.not_started, ClockState.paused): Transition.suspends,
    (ClockState.not_started, ClockState.stopped): Transition.ends,
    (ClockState.running, ClockState.running): Transition.goes_on,
    (ClockState.running, ClockState.paused): Transition.suspends,
    (ClockState.running, ClockState.stopped): Transition.ends,
    (ClockState.paused, ClockState.running): Transition.resumes,
    (ClockState.paused, ClockState.paused): Transition.suspends,
    (ClockState.paused, ClockState.stopped): Transition.ends,
    (ClockState.stopped, ClockState.not_started): Transition.reopens,
    (ClockState.stopped, ClockState.running): Transition.reopens,
    (ClockState.stopped, ClockState.paused): Transition.reopens,
    (ClockState.stopped, ClockState.stopped): Transition.hands_over,
}
"""What a step between two clocks is called."""


def test_the_tables_know_every_status() -> None:
    assert list(STATUSES) == list(Status)
    assert set(TRANSITION_TABLE) == set(TRANSITIONS) == {None, *Status}
    assert set(TRANSITIONS[None]) == set(Status)
    numbers = [meaning.number for meaning in STATUSES.values() if meaning.number is not None]
    assert sorted(numbers) == list(range(1, 11))


@pytest.mark.parametrize("status", Status)
def test_a_status_ends_suspends_or_neither_as_its_clock_says(status: Status) -> None:
    meaning = STATUSES[status]
    assert (meaning.outcome is not None) == (status in OUTCOMES) == (meaning.clock is ClockState.stopped)
    assert (meaning.suspension is not None) == (status in SUSPENDING) == (meaning.clock is ClockState.paused)
    assert (status in RUNNING) == (meaning.clock is ClockState.running)


@pytest.mark.parametrize(("before", "after"), list(product([None, *Status], Status)))
def test_a_move_is_what_it_does_to_the_clock(before: Status | None, after: Status) -> None:
    move = TRANSITIONS[before].get(after)
    if move is not None:
        assert before is not after
        assert move is WORDS[STATUSES[before].clock if before else None, STATUSES[after].clock]
    told = [named for named, statuses in TRANSITION_TABLE[before].items() if after in statuses]
    assert len(told) <= 1


def test_each_kind_of_suspension_is_begun_by_one_status_and_ruled_by_a_field_of_the_policy() -> None:
    assert sorted(STATUSES[status].suspension or "" for status in SUSPENDING) == sorted(SuspensionKind)
    for kind, policy in product(SuspensionKind, policies()):
        assert policy.effect_of(kind) is getattr(policy, kind)


def test_the_page_is_drawn_from_the_tables_as_they_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m shared.dossier"


def test_the_diagram_has_every_move_and_no_other() -> None:
    """Read back: an arrow at a box stands for all in it."""
    boxes: dict[str, list[str]] = {"first": [""]}
    drawn: set[tuple[str, str, str]] = set()
    box = ""
    for line in map(str.strip, diagram()):
        if line.startswith("subgraph"):
            box = line.split()[1]
            boxes[box] = []
        elif line.endswith('"]'):
            boxes[box].append(line.partition("[")[0])
        elif "-->" in line:
            source, arrow, target = line.split()
            for before, after in product(boxes.get(source, [source]), boxes.get(target, [target])):
                drawn.add((before, after, arrow.strip("->|")))
    moves = {(before or "", after, move) for before, row in TRANSITIONS.items() for after, move in row.items()}
    assert drawn == moves
