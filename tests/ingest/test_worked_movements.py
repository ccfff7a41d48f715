"""Worked examples of what moves a date or an end, waits, letters and policies, and all that is counted of the dossier then."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from services.ingest.dossiers.dating.assessment import Assessment
from services.ingest.dossiers.dating.facts import facts_of
from shared.dossier import DueBasis, Facts, Outcome, Status
from tests.ingest.worked_law import (
    BY_DELIVERY,
    BY_LETTER,
    EARLY,
    FIVE_DAYS,
    IN_PROCESS,
    ON_TIME,
    OVERDUE,
    RESOLVED,
    assessed,
    ended,
    like,
    on,
    portal,
)

R = "03-06T09:00"
WORKED: dict[str, tuple[Callable[[], Assessment], Facts]] = {
    # --- waiting
    "a wait moves the date": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-16T10:00", waits=(("03-08T10:00", "03-13T09:00"),)),
        like(
            RESOLVED,
            **ended(16, ON_TIME, 5),
            due_on=on("03-16"),
            legal_due_on=on("03-16"),
            late_from=on("03-17"),
            due_soon=(on("03-15"), on("03-13"), on("03-09")),
            suspensions=((on("03-08"), on("03-13")),),
            supplements=1,
        ),
    ),
    "a wait ends with the dossier": (
        partial(
            assessed, FIVE_DAYS, Status.resolved, R, "03-10T10:00", ready="03-09T08:00", waits=(("03-08T10:00", "03-10T09:00"),)
        ),
        like(
            RESOLVED,
            **ended(9, EARLY, 2),
            due_on=on("03-14"),
            legal_due_on=on("03-14"),
            late_from=on("03-15"),
            due_soon=(on("03-13"), on("03-09"), on("03-07")),
            suspensions=((on("03-08"), on("03-09")),),
            supplements=1,
        ),
    ),
    "a wait that goes on": (
        partial(assessed, FIVE_DAYS, Status.supplement_requested, R, waits=(("03-08T10:00", None),), due="03-13T17:00"),
        like(
            IN_PROCESS,
            status=Status.supplement_requested,
            suspensions=((on("03-08"), None),),
            supplements=1,
            **portal(13),
            cause="suspension_hidden",
        ),
    ),
    # --- another date by letter
    "a letter sets another date, which is kept apart": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-16T10:00", extended=("03-20T17:00", "12/TXL"), due="03-20T17:00"),
        like(RESOLVED, **ended(16, OVERDUE, 8), **portal(20, EARLY), extended_due_on=on("03-20"), cause="extended"),
    ),
    "another date without a letter is none": (
        partial(assessed, FIVE_DAYS, Status.processing, R, extended=("03-20T17:00", None)),
        IN_PROCESS,
    ),
    "a letter that counts": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-16T10:00", extended=("03-20T17:00", "12/TXL"), ruleset=BY_LETTER),
        like(
            RESOLVED,
            **ended(16, EARLY, 8),
            due_on=on("03-20"),
            due_basis=DueBasis.extended,
            extended_due_on=on("03-20"),
            late_from=on("03-21"),
            due_soon=(on("03-17"), on("03-15"), on("03-13")),
            limit_minutes=10 * 480,
        ),
    ),
    # --- stopped by what the policy names
    "by delivery, a result that was not handed over leaves it in process": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-09T10:00", ruleset=BY_DELIVERY),
        like(IN_PROCESS, status=Status.resolved),
    ),
    "by delivery, it ends when the result is handed over": (
        partial(assessed, FIVE_DAYS, Status.delivered, R, "03-09T10:00", delivered="03-14T10:00", ruleset=BY_DELIVERY),
        like(RESOLVED, status=Status.delivered, delivered_on=on("03-14"), **ended(14, OVERDUE, 6), cause="staff"),
    ),
    "by delivery, the portal closed it when the result was handed over": (
        partial(
            assessed,
            FIVE_DAYS,
            Status.delivered,
            R,
            "03-09T10:00",
            delivered="03-14T10:00",
            due="03-10T17:00",
            ruleset=BY_DELIVERY,
        ),
        like(
            RESOLVED,
            status=Status.delivered,
            delivered_on=on("03-14"),
            **ended(14, OVERDUE, 6),
            **portal(10, OVERDUE),
            cause="staff",
        ),
    ),
    "by delivery, what was returned ended then": (
        partial(assessed, FIVE_DAYS, Status.returned, R, "03-09T10:00", ruleset=BY_DELIVERY),
        like(RESOLVED, status=Status.returned, outcome=Outcome.returned, **ended(9, EARLY, 3)),
    ),
    # --- told late
    "told open for a day after its end": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-09T10:00", open_at="03-10T10:00"),
        like(RESOLVED, **ended(9, EARLY, 3), synced_late=False),
    ),
    "told open for more than a day after its end": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-09T10:00", open_at="03-10T10:00:01"),
        like(RESOLVED, **ended(9, EARLY, 3), synced_late=True),
    ),
    "deleted": (partial(assessed, FIVE_DAYS, Status.processing, R, deleted=True), like(IN_PROCESS, deleted=True)),
}


BY_DECISION_766: dict[str, tuple[str | None, bool]] = {
    "a wait moves the date": ("03-16", False),
    "a wait ends with the dossier": ("03-14", False),
    "a wait that goes on": (None, False),  # papers were requested in time, and that is the end
    "a letter sets another date, which is kept apart": ("03-20", False),
    "another date without a letter is none": ("03-13", False),
    "a letter that counts": ("03-13", True),  # without an appointment of the portal only the procedure's limit counts
    # Done is the end, whenever the result is handed over.
    "by delivery, a result that was not handed over leaves it in process": ("03-13", False),
    "by delivery, it ends when the result is handed over": ("03-13", False),
    "by delivery, the portal closed it when the result was handed over": ("03-10", False),
    "by delivery, what was returned ended then": ("03-13", False),
    "told open for a day after its end": ("03-13", False),
    "told open for more than a day after its end": ("03-13", False),
    "deleted": ("03-13", False),
}
"""The last day on time, and whether it ended late."""
DONE_ON = {
    "a wait ends with the dossier": "03-10",
    "by delivery, a result that was not handed over leaves it in process": "03-09",
    "by delivery, it ends when the result is handed over": "03-09",
    "by delivery, the portal closed it when the result was handed over": "03-09",
}
"""The end by the decision, where the policy's is another day."""


@pytest.mark.parametrize("name", WORKED)
def test_a_worked_dossier_whose_date_or_end_moves_comes_to_its_facts(name: str) -> None:
    judge, expected = WORKED[name]
    due_on, late = BY_DECISION_766[name]
    ended_on = on(DONE_ON[name]) if name in DONE_ON else expected.ended_on
    by_index = {"index_judged": True, "index_ended_on": ended_on, "index_late": late}
    assert facts_of(judge()) == like(expected, index_due_on=on(due_on) if due_on else None, **by_index)
