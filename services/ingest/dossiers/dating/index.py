"""On time by decision 766/QĐ-TTg, as the national portal reckons it: by its own due date and the stated end. Pure.

The time in which the applicant supplied papers is taken off the end, in civil days; a second request for papers is late,
whatever the dates. Without a due date of the portal that of the law counts, which stands still in pauses by itself.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from services.ingest.dossiers.folding import DossierState
from shared.civil import civil_day
from shared.dossier import Outcome, Status
from shared.workdays import Deadline

MAX_REQUESTS = 1
"""Requests for papers in a dossier that is on time."""
_REQUESTED, _REFUSED = Status.supplement_requested, Outcome.refused


class IndexDue(NamedTuple):
    """What the index of decision 766 makes of a dossier's dates."""

    due_on: date | None
    """The last civil day by which it must end; None: there is none, or it waits for papers that were requested in time."""
    ended_on: date | None
    """The day of its end; None: it has not ended."""
    late: bool
    """It ended, and after the due date or after more than one request for papers."""


def index_due(
    state: DossierState, done_on: date | None, portal_due_on: date | None, legal_deadline: Deadline | None
) -> IndexDue:
    """The due date and the end of a dossier by the index, and whether it ended late.

    `done_on`: the day its source closed it. The decision's end is that one, whatever stops the clock by the province's policy:
    a dossier that was done in time is not late, whenever its result is handed over.
    One that contradicts itself has no due date and is not late; a refused one was not received, and is not judged.
    """
    if state.received_at is None or state.outcome is _REFUSED:
        return IndexDue(None, None, late=False)
    if done_on is not None:
        done_on = max(done_on, civil_day(state.received_at))
    if state.contradictions:
        return IndexDue(None, done_on, late=False)
    due_on = portal_due_on
    if due_on is not None:
        due_on += timedelta(days=_days_supplied(state, done_on))
    elif legal_deadline is not None:
        due_on = legal_deadline.legal_due_on
    if done_on is not None:
        return IndexDue(
            due_on, done_on, late=(state.supplements or 0) > MAX_REQUESTS or (due_on is not None and done_on > due_on)
        )
    waits = state.pauses[-1] if state.pauses else None
    if waits is not None and waits.to_at is None and waits.kind is _REQUESTED:
        due_on = None if due_on is None or civil_day(waits.from_at) <= due_on else due_on
    return IndexDue(due_on, None, late=False)


def _days_supplied(state: DossierState, done_on: date | None) -> int:
    """Civil days between requests for papers and their receipt, up to the end."""
    days = 0
    for pause in state.pauses:
        if pause.kind is _REQUESTED and pause.to_at is not None:
            since, until = civil_day(pause.from_at), civil_day(pause.to_at)
            days += max(0, ((until if done_on is None else min(until, done_on)) - since).days)
    return days
