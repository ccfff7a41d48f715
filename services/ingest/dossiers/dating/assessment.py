"""The assessment: the ruleset applied to a dossier's state, once, from its receipt to the cause of its lateness.

Facts for the feed and explanations for people are made of it; neither computes a part of it again. Pure.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache

import msgspec

from services.ingest.catalogue.model import Ruleset
from services.ingest.dossiers.contradictions import can_be_due
from services.ingest.dossiers.dating.steps import judged_steps
from services.ingest.dossiers.folding import DossierState
from services.ingest.dossiers.work import returns
from shared.civil import civil_day
from shared.dossier import SUSPENSIONS, DueBasis, Outcome, StepFacts, Timeliness
from shared.procedures import Procedure
from shared.workdays import (
    Calendar,
    Deadline,
    Extension,
    OfficeHours,
    OutsideCalendar,
    Policy,
    StopEvent,
    Suspension,
    TimeLimit,
    clock_stopped_at,
    closed_suspensions,
    deadline,
    due_soon,
    spent_minutes,
    timeliness,
    timeliness_on,
    to_local,
)
from shared.workdays.causes import DelayCause, DelayFacts, cause_of

_ONE_DAY = timedelta(days=1)
# Members read through their class cost 30 ns each time.
_RESOLVED, _REFUSED = Outcome.resolved, Outcome.refused
_ON_TIME, _OVERDUE, _BY_PORTAL = Timeliness.on_time, Timeliness.overdue, DueBasis.portal
_RESULT_READY = StopEvent.result_ready


class Due(msgspec.Struct, frozen=True, gc=False):
    """The due date that counts."""

    due_on: date
    basis: DueBasis
    late_from: date
    """First civil day at whose end the dossier is overdue if it is still in process."""
    soon_from: tuple[date, date, date] | None
    """First civil days on which it is at most 1, 3 and 5 working days away; None where the calendar does not reach."""


class Assessment(msgspec.Struct, frozen=True, gc=False):
    """What the ruleset says of one dossier. Days are civil days in Asia/Ho_Chi_Minh."""

    state: DossierState
    """As folded from its events, with the clock stopped by the event that the policy names."""
    agency: str | None
    """Key of the unit that carries the agency's code on the day of receipt; None while the catalogue does not know it."""
    procedure: Procedure | None
    """As it was on the day of receipt; None while the catalogue does not know it."""
    catalogue_on: date
    """The day whose catalogue holds: of receipt, or of what else is known of it."""
    received_on: date | None
    ended_on: date | None
    """The day the clock stopped."""
    closed_on: date | None
    """The day the source closed it; never before the event that stops the clock by policy."""
    done_on: date | None
    """The day the source closed it, whatever stops the clock."""
    suspensions: tuple[Suspension, ...]
    """As its sources have them; of an ended dossier up to its end."""
    deadline: Deadline | None
    """By law, with all it was computed from; None without a receipt or a known limit, and outside the calendar."""
    portal_due_on: date | None
    """The source's due date; None where that cannot be one: then there is a finding, and no judgement rests on it."""
    due: Due | None
    """By the ruleset where it has a deadline, else by the source; none counts for a contradictory dossier."""
    timeliness: Timeliness | None
    """Of an ended dossier, by the due date that counts; of a contradictory one always on time."""
    portal_timeliness: Timeliness | None
    """The same by the source's own due and end dates."""
    spent_minutes: int | None
    """Of an ended dossier with a deadline; None where the end lies outside the calendar."""
    synced_late: bool | None
    """The source still had it in process long after its end; None: it never told of it before its end."""
    steps: tuple[StepFacts, ...]
    """Steps of the internal process that have ended; none of a dossier without a receipt."""
    misrouted: int
    """How often it came back to where it had been."""
    account: DelayFacts | None
    """What both sides say of its dates; None where no cause is to be found: both call it in time, or it counts nothing."""
    cause: DelayCause | None
    """Why it is overdue by law or by the source; of a dossier in process what the cause will be."""


def assess(state: DossierState, ruleset: Ruleset) -> Assessment:
    """What the ruleset says of a dossier."""
    received_at = to_local(state.received_at) if state.received_at is not None else None
    received_on = received_at.date() if received_at is not None else None
    policy = ruleset.policy_on(received_on) if received_on is not None else None
    done = state
    state = _stopped(state, policy)
    about = state.about
    ended_at = to_local(state.ended_at) if state.ended_at is not None else None
    ended_on = ended_at.date() if ended_at is not None else None
    closed_on = _closed_on(state, ended_on)
    done_on = closed_on if done is state else civil_day(done.closed_at or done.ended_at) if done.ended_at else None
    catalogue_on = received_on or _begun_on(state)
    agency = ruleset.structure.key_for(about.agency, catalogue_on) if about.agency is not None else None
    procedure = ruleset.procedures.get(about.procedure, catalogue_on) if about.procedure is not None else None
    suspensions = _suspensions(state) if state.pauses else ()
    extensions = _extensions(state) if state.extended_to is not None else ()
    limit = procedure.limit if procedure is not None else None
    cutoff = procedure.receipt_cutoff if procedure is not None else None
    hours = ruleset.hours_of(agency)
    legal_deadline = _deadline(received_at, limit, hours, policy, suspensions, extensions, ruleset.calendar, cutoff)
    portal_due_on = _portal_due_on(state)
    # Of dates that cannot all be true nothing is derived: neither early nor late, no time spent, no cause.
    is_sound = not state.contradictions
    if is_sound:
        in_time = _timeliness(state, ended_at, legal_deadline, portal_due_on)
        portal_in_time = _portal_timeliness(in_time, closed_on, portal_due_on)
    else:
        in_time = _ON_TIME if ended_at is not None and received_at is not None and state.outcome is not _REFUSED else None
        portal_in_time = None
    synced_late = _synced_late(state.ended_at, state.last_open_at, ruleset)
    misrouted = returns(state.work, state.pauses, state.ended_at) if is_sound and len(state.work) > 2 else 0
    account: DelayFacts | None = None
    if is_sound and received_on is not None and (ended_on is None or in_time is _OVERDUE or portal_in_time is _OVERDUE):
        account = DelayFacts(
            due=legal_deadline,
            legal=in_time,
            portal_due_on=portal_due_on,
            portal=portal_in_time,
            ended_on=ended_on,
            closed_on=closed_on,
            supplements=state.supplements or 0,
            misrouted=misrouted,
            synced_late=synced_late is True,
            # The appointment is given at receipt, by the calendar of that day.
            calendar_then=ruleset.calendar_then(received_on),
        )
    return Assessment(
        state=state,
        agency=agency,
        procedure=procedure,
        catalogue_on=catalogue_on,
        received_on=received_on,
        ended_on=ended_on,
        closed_on=closed_on,
        done_on=done_on,
        suspensions=suspensions,
        deadline=legal_deadline,
        portal_due_on=portal_due_on,
        due=_due(received_on, legal_deadline, portal_due_on, ruleset.calendar) if is_sound else None,
        timeliness=in_time,
        portal_timeliness=portal_in_time,
        spent_minutes=_spent_minutes(legal_deadline, ended_at) if is_sound and in_time is not None else None,
        synced_late=synced_late,
        steps=judged_steps(state, ruleset.calendar, hours) if is_sound and state.work else (),
        misrouted=misrouted,
        account=account,
        cause=cause_of(account) if account is not None else None,
    )


def _stopped(state: DossierState, policy: Policy | None) -> DossierState:
    """The state with its clock stopped by the event that the policy names; the same where that is the result.

    By a policy of `delivered`, a result that was not handed over yet leaves the dossier in process.
    """
    if policy is None or policy.stop_event is _RESULT_READY or state.outcome is not _RESOLVED or state.received_at is None:
        return state
    ended_at = clock_stopped_at(policy, state.ended_at, state.delivered_at)
    if ended_at is None:
        return msgspec.structs.replace(state, ended_at=None, closed_at=None, outcome=None)
    ended_at = max(ended_at, state.received_at)
    return msgspec.structs.replace(state, ended_at=ended_at, closed_at=max(state.closed_at or ended_at, ended_at))


def _begun_on(state: DossierState) -> date:
    """The day whose catalogue holds for a dossier without a receipt: what else is known of it."""
    begun = state.ended_at or state.due_at
    return civil_day(begun) if begun is not None else date.max


def _closed_on(state: DossierState, ended_on: date | None) -> date | None:
    if state.closed_at is state.ended_at:  # nearly always
        return ended_on
    return civil_day(state.closed_at) if state.closed_at is not None else None


def _suspensions(state: DossierState) -> tuple[Suspension, ...]:
    suspensions = tuple(Suspension(pause.from_at, pause.to_at, SUSPENSIONS[pause.kind]) for pause in state.pauses)
    return suspensions if state.ended_at is None else closed_suspensions(suspensions, state.ended_at)


def _extensions(state: DossierState) -> tuple[Extension, ...]:
    """A new date is an extension only by letter."""
    if state.extended_to is None or state.extension_letter is None:
        return ()
    return (Extension(civil_day(state.extended_to), state.extension_letter),)


def _deadline(
    received_at: datetime | None,
    limit: TimeLimit | None,
    hours: OfficeHours,
    policy: Policy | None,
    suspensions: tuple[Suspension, ...],
    extensions: tuple[Extension, ...],
    calendar: Calendar,
    receipt_cutoff: time | None,
) -> Deadline | None:
    """The due date by law, from receipt, limit, suspensions and extension."""
    if received_at is None or limit is None:
        return None
    try:
        return deadline(received_at, limit, calendar, hours, policy, suspensions, extensions, receipt_cutoff)
    except OutsideCalendar:
        return None


def _portal_due_on(state: DossierState) -> date | None:
    return civil_day(state.due_at) if state.due_at is not None and can_be_due(state.due_at, state.received_at) else None


def _due(
    received_on: date | None, legal_deadline: Deadline | None, portal_due_on: date | None, calendar: Calendar
) -> Due | None:
    """The ruleset goes before the source; without a receipt nothing is due."""
    if legal_deadline is not None:
        return Due(
            legal_deadline.due_on, legal_deadline.basis, legal_deadline.late_from, _soon_from(legal_deadline.due_on, calendar)
        )
    if received_on is not None and portal_due_on is not None:
        return Due(portal_due_on, _BY_PORTAL, portal_due_on + _ONE_DAY, _soon_from(portal_due_on, calendar))
    return None


@lru_cache(100_000)
def _soon_from(due_on: date, calendar: Calendar) -> tuple[date, date, date] | None:
    try:
        return due_soon(due_on, calendar)
    except OutsideCalendar:
        return None


def _timeliness(
    state: DossierState, ended_at: datetime | None, legal_deadline: Deadline | None, portal_due_on: date | None
) -> Timeliness | None:
    """By the due date that counts; on time where nobody ever named one, no judgement where the one named cannot be one."""
    if ended_at is None or state.received_at is None or state.outcome is _REFUSED:
        return None
    if legal_deadline is not None:
        return timeliness(ended_at, legal_deadline)
    if portal_due_on is not None:
        return timeliness_on(ended_at.date(), portal_due_on)
    return _ON_TIME if state.due_at is None else None


def _portal_timeliness(in_time: Timeliness | None, closed_on: date | None, portal_due_on: date | None) -> Timeliness | None:
    if in_time is None or closed_on is None or portal_due_on is None:
        return None
    return timeliness_on(closed_on, portal_due_on)


def _spent_minutes(legal_deadline: Deadline | None, ended_at: datetime | None) -> int | None:
    if legal_deadline is None or ended_at is None:
        return None
    try:
        return spent_minutes(legal_deadline, ended_at)
    except OutsideCalendar:
        return None


def _synced_late(ended_at: datetime | None, last_open_at: datetime | None, ruleset: Ruleset) -> bool | None:
    return None if last_open_at is None or ended_at is None else last_open_at - ended_at > ruleset.synced_late_after
