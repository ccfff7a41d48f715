"""Steps of the internal process as facts: how late each one was, by the office's working time. Pure."""

from __future__ import annotations

from datetime import datetime

from services.ingest.dossiers.folding import DossierState
from services.ingest.events.model import WorkStep
from shared.civil import civil_day
from shared.dossier import StepFacts
from shared.workdays import Calendar, OfficeHours, OutsideCalendar, minutes_over


def judged_steps(state: DossierState, calendar: Calendar, hours: OfficeHours) -> tuple[StepFacts, ...]:
    """The steps that have ended, each within the life of its dossier.

    A step that began once the clock had stopped is none of the process (the result waits for its owner); one that ran on over
    that counts up to it. Without a receipt there are none.
    """
    received_at, ended_at = state.received_at, state.ended_at
    if received_at is None:
        return ()
    judged = []
    for one in state.work:
        if ended_at is not None and (one.started_at or one.ended_at or ended_at) >= ended_at and not _ends_it(one, ended_at):
            continue
        until = one.ended_at if ended_at is None else min(one.ended_at or ended_at, ended_at)
        if until is not None:
            judged.append(_judged(one, max(until, received_at), state, calendar, hours))
    return tuple(judged)


def _ends_it(one: WorkStep, ended_at: datetime) -> bool:
    """Whether a step of which only the end is told is the one that ended the dossier."""
    return one.started_at is None and one.ended_at == ended_at


def _judged(one: WorkStep, until: datetime, state: DossierState, calendar: Calendar, hours: OfficeHours) -> StepFacts:
    over = None
    if one.due_at is not None:
        waits = [(max(pause.from_at, one.started_at or pause.from_at), pause.to_at) for pause in state.pauses]
        try:
            over = minutes_over(one.due_at, until, waits, calendar, hours)
        except OutsideCalendar:
            over = None
    return StepFacts(
        ended_on=civil_day(until),
        department=one.department,
        step=one.name,
        started_on=civil_day(one.started_at) if one.started_at is not None else None,
        due_on=civil_day(one.due_at) if one.due_at is not None else None,
        minutes_over=over,
    )
