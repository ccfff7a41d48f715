"""Dating: what the law says of a dossier's state: its agency and procedure of the day, its due dates, its lateness and why.

Pure: `Law` is data of one version of the catalogue, and `facts_of` a function of it and the state. Change either and the facts
follow; nothing is remembered in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import msgspec

from services.ingest.folding import State, can_be_due
from shared.agencies import Agency, Structure
from shared.civil import civil_day
from shared.dossier import DueBasis, Facts, Outcome, Status, Timeliness
from shared.procedures import Procedure, Procedures
from shared.workdays import (
    MINUTES_OF_A_DAY,
    Calendar,
    Deadline,
    Editions,
    Extension,
    LimitUnit,
    OfficeHours,
    OutsideCalendar,
    Policy,
    StopEvent,
    Suspension,
    SuspensionKind,
    TimeLimit,
    closed,
    counted_minutes,
    deadline,
    due_soon,
    local,
    policies,
    policy_on,
    spent_minutes,
    stopped_at,
    suspended_days,
    timeliness_at,
    timeliness_on,
)
from shared.workdays.causes import Account, cause_of

_DAY = timedelta(days=1)
_KINDS = {
    Status.supplement_requested: SuspensionKind.supplement,
    Status.payment_requested: SuspensionKind.payment,
    Status.suspended: SuspensionKind.stop,
}


class Dates(NamedTuple):
    """What the law says of a limit, in the form of the facts."""

    start_on: date
    due_on: date
    due_at: datetime | None
    """The instant, for a limit in hours whose legal due date counts."""
    late_from: date
    legal_due_on: date
    extended_due_on: date | None
    basis: DueBasis
    limit_minutes: int
    suspensions: tuple[Suspension, ...]


class ByDay(NamedTuple):
    """Dates of a limit in days that is neither suspended nor extended: all receipts of a day share two answers."""

    closed_at: datetime
    """The office's closing time: what came before it has the first answer, what came after it the second."""
    within: Dates | None
    after: Dates | None


_REMEMBERED = 100_000
"""Limits and days whose dates are kept; then it begins anew."""


class Law(msgspec.Struct, frozen=True):
    """Everything the clock needs to know of a stream, at one version of its catalogue."""

    version: int
    structure: Structure
    procedures: Procedures
    calendar: Calendar
    hours: OfficeHours
    """Where an agency has no hours of its own."""
    unit_hours: Mapping[str, OfficeHours] = {}
    """Hours by unit key, of those that have their own or are below one that has."""
    policies: tuple[Policy, ...] = msgspec.field(default_factory=policies)
    """Oldest first; the one in force on the day of receipt holds for a dossier."""
    editions: Editions | None = None
    """The calendar as it was known at other times; None: it was always known as it is."""
    synced_late_after: timedelta = timedelta(days=1)
    """A source that still has a dossier in process so long after its end synchronises late."""
    by_day: dict[tuple[int, bool, int, date], ByDay] = msgspec.field(default_factory=dict)
    """Answers of this law by limit, office hours and day of receipt: says nothing that the law does not say anew."""

    def policy_on(self, received_on: date) -> Policy:
        """The policy for what was received on a day."""
        return self.policies[0] if len(self.policies) == 1 else policy_on(received_on, self.policies)

    def hours_of(self, agency: str | None) -> OfficeHours:
        """Posted hours of a unit, by its key."""
        return self.unit_hours.get(agency, self.hours) if self.unit_hours and agency is not None else self.hours

    def calendar_then(self, day: date) -> Calendar | None:
        """The calendar as it was known on a day; None where it was the one of now."""
        if self.editions is None:
            return None
        then = self.editions.known_on(day)
        return then if then.version != self.calendar.version else None


def procedure_of(state: State, law: Law) -> Procedure | None:
    """The procedure as it was on the day of receipt, or is known at all; None while the catalogue does not know it."""
    if state.about.procedure is None:
        return None
    return law.procedures.get(state.about.procedure, _begun_on(state))


def unit_of(state: State, law: Law) -> Agency | None:
    """The agency that carries the code it goes by, on the day of receipt; None while the catalogue does not know it."""
    code = state.about.agency
    return law.structure.unit_for(code, _begun_on(state)) if code is not None else None


def deadline_of(state: State, law: Law, procedure: Procedure | None, unit: Agency | None) -> Deadline | None:
    """The due date by law with all it was computed from; None when there is no receipt or no known limit."""
    if state.received_at is None or procedure is None or procedure.limit is None:
        return None
    extensions: tuple[Extension, ...] = ()
    if state.extended_to is not None and state.extension_letter is not None:
        extensions = (Extension(civil_day(state.extended_to), state.extension_letter),)
    try:
        return deadline(
            state.received_at,
            procedure.limit,
            law.calendar,
            law.hours_of(unit.key if unit is not None else None),
            law.policy_on(civil_day(state.received_at)),
            _suspensions(state),
            extensions,
        )
    except OutsideCalendar:
        return None


def stopped(state: State, law: Law) -> State:
    """The state with its clock stopped by the event that the policy names; the same where that is the result.

    By a policy of `delivered`, a result that was not handed over yet leaves the dossier in process.
    """
    if state.received_at is None:
        return state
    policy = law.policy_on(civil_day(state.received_at))
    if policy.stop_event is StopEvent.result_ready or state.outcome is not Outcome.resolved:
        return state
    ended_at = stopped_at(policy, state.ended_at, state.delivered_at)
    if ended_at is None:
        return msgspec.structs.replace(state, ended_at=None, closed_at=None, outcome=None)
    ended_at = max(ended_at, state.received_at)
    return msgspec.structs.replace(state, ended_at=ended_at, closed_at=max(state.closed_at or ended_at, ended_at))


def account_of(state: State, law: Law) -> Account | None:
    """What law and portal say of the dossier's dates, for `explain_cause`; None without a receipt or for a refusal."""
    state = stopped(state, law)
    facts = facts_of(state, law)
    if state.received_at is None or facts.received_on is None:
        return None
    return Account(
        due=deadline_of(state, law, procedure_of(state, law), unit_of(state, law)),
        legal=facts.timeliness,
        portal_due_on=facts.portal_due_on,
        portal=facts.portal_timeliness,
        ended_on=facts.ended_on,
        closed_on=civil_day(state.closed_at) if state.closed_at is not None else None,
        supplements=state.supplements,
        synced_late=facts.synced_late,
        calendar_then=law.calendar_then(facts.received_on),
    )


def facts_of(state: State, law: Law) -> Facts:
    """One version of the dossier for the feed."""
    about = state.about
    state = stopped(state, law)
    received_at, ended_at = state.received_at, state.ended_at
    received_on = civil_day(received_at) if received_at is not None else None
    ended_on = civil_day(ended_at) if ended_at is not None else None
    begun_on = received_on or _begun_on(state)
    agency = law.structure.key_for(about.agency, begun_on) if about.agency is not None else None
    procedure = law.procedures.get(about.procedure, begun_on) if about.procedure is not None else None
    term = procedure.limit if procedure is not None else None
    due: Deadline | None = None
    dates: Dates | None = None
    if received_at is not None and received_on is not None and term is not None:
        if state.pauses or state.extended_to is not None:
            due = deadline_of(state, law, procedure, unit_of(state, law))
            dates = _of_deadline(due) if due is not None else None
        else:
            dates = _of_limit(received_at, received_on, term, agency, law)

    # A due date that cannot be one is none: a finding tells it, and no judgement rests on it.
    portal_due_on = civil_day(state.due_at) if state.due_at is not None and can_be_due(state.due_at, received_at) else None
    legal_due_on = extended_due_on = due_on = late_from = None
    basis = None
    in_time: Timeliness | None = None
    spent = limit = None
    if dates is not None and term is not None:
        start_on, due_on, due_at, late_from, legal_due_on, extended_due_on, basis, limit, suspensions = dates
        if ended_at is not None and ended_on is not None and received_at is not None and state.outcome is not Outcome.refused:
            in_time = timeliness_on(ended_on, due_on) if due_at is None else timeliness_at(local(ended_at), due_at)
            # Counted as the limit is: whole days after the day of receipt for limits in days.
            if term.unit is LimitUnit.hours:
                hours = law.hours_of(agency)
                spent = spent_minutes(received_at, ended_at, law.calendar, hours, suspensions, term.unit)
            elif due is not None:
                spent = _counted(due, ended_on)
            else:
                spent = _whole_days(start_on, ended_on, law)
    elif received_on is not None and (portal_due_on is not None or ended_on is not None):
        if portal_due_on is not None:
            basis, due_on, late_from = DueBasis.portal, portal_due_on, portal_due_on + _DAY
        if ended_on is not None and state.outcome is not Outcome.refused:
            if portal_due_on is not None:
                in_time = timeliness_on(ended_on, portal_due_on)
            elif state.due_at is None:
                in_time = Timeliness.on_time
    closed_on = civil_day(state.closed_at) if state.closed_at is not None else None
    portal_in_time = None
    if closed_on is not None and portal_due_on is not None and in_time is not None:
        portal_in_time = timeliness_on(closed_on, portal_due_on)
    synced_late = (
        ended_at is not None and state.told_open_at is not None and state.told_open_at - ended_at > law.synced_late_after
    )
    cause = None
    if received_on is not None and (ended_on is None or in_time is Timeliness.overdue or portal_in_time is Timeliness.overdue):
        if due is None:
            due = deadline_of(state, law, procedure, unit_of(state, law))
        cause = cause_of(
            Account(
                due=due,
                legal=in_time,
                portal_due_on=portal_due_on,
                portal=portal_in_time,
                ended_on=ended_on,
                closed_on=closed_on,
                supplements=state.supplements,
                synced_late=synced_late,
                # The appointment is given at receipt, by the calendar of that day.
                calendar_then=law.calendar_then(received_on),
            )
        )

    return Facts(
        code=state.code,
        status=state.status,
        agency=agency,
        procedure=procedure.code if procedure is not None else None,
        sector=procedure.sector if procedure is not None else None,
        channel=about.channel,
        received_on=received_on if state.outcome is not Outcome.refused else None,
        due_on=due_on,
        due_basis=basis,
        legal_due_on=legal_due_on,
        portal_due_on=portal_due_on,
        extended_due_on=extended_due_on,
        late_from=late_from,
        due_soon=_due_soon(due_on, law.calendar) if due_on is not None else None,
        ended_on=ended_on,
        outcome=state.outcome,
        timeliness=in_time,
        portal_late_from=portal_due_on + _DAY if portal_due_on is not None else None,
        portal_timeliness=portal_in_time,
        delivered_on=civil_day(state.delivered_at) if state.delivered_at is not None else None,
        suspensions=suspended_days(_suspensions(state), received_on, ended_on)
        if state.pauses and received_on is not None
        else (),
        interlinked=procedure is not None and procedure.interlinked,
        digitisation_required=procedure is not None and procedure.digitisation_required,
        digitised_intake=bool(about.digitised_intake),
        digitised_result=bool(about.digitised_result),
        fee_required=about.fee_required if about.fee_required is not None else procedure is not None and procedure.fee_required,
        fee_online=bool(about.fee_online),
        reused=bool(about.reused),
        supplements=state.supplements,
        spent_minutes=spent,
        limit_minutes=limit,
        cause=cause.value if cause is not None else None,
        synced_late=synced_late,
        deleted=state.deleted,
    )


def _begun_on(state: State) -> date:
    """The day whose catalogue holds for the dossier: receipt, or what else is known of it."""
    begun = state.received_at or state.ended_at or state.due_at
    return civil_day(begun) if begun is not None else date.max


def _suspensions(state: State) -> tuple[Suspension, ...]:
    if not state.pauses:
        return ()
    suspensions = tuple(Suspension(pause.from_at, pause.to_at, _KINDS[pause.kind]) for pause in state.pauses)
    return suspensions if state.ended_at is None else closed(suspensions, state.ended_at)


def _of_limit(received_at: datetime, received_on: date, limit: TimeLimit, agency: str | None, law: Law) -> Dates | None:
    """Of a limit that is neither suspended nor extended, as nearly all are."""
    hours = law.hours_of(agency)
    if limit.unit is LimitUnit.hours:
        return _run_through(local(received_at), limit, hours, law)
    key = (limit.amount, limit.unit is LimitUnit.working_days, id(hours), received_on)
    found = law.by_day.get(key)
    if found is None:
        if len(law.by_day) >= _REMEMBERED:
            law.by_day.clear()
        opening = hours.opening_on(received_on)
        closing = opening.replace(hour=0, minute=0) + timedelta(seconds=hours.closing[received_on.weekday()] + 1)
        after = _run_through(closing, limit, hours, law)
        found = law.by_day[key] = ByDay(closing.astimezone(UTC), _run_through(opening, limit, hours, law), after)
    return found.within if received_at < found.closed_at else found.after


def _run_through(received_at: datetime, limit: TimeLimit, hours: OfficeHours, law: Law) -> Dates | None:
    try:
        return _of_deadline(deadline(received_at, limit, law.calendar, hours, law.policy_on(received_at.date())))
    except OutsideCalendar:
        return None


def _of_deadline(due: Deadline) -> Dates:
    return Dates(
        due.start_on,
        due.due_on,
        due.due_at,
        due.late_from,
        due.legal_due_on,
        due.extended_due_on,
        due.basis,
        due.limit_minutes,
        due.suspensions,
    )


def _whole_days(start_on: date, ended_on: date, law: Law) -> int:
    if ended_on <= start_on:
        return 0
    try:
        return law.calendar.working_days_between(start_on, ended_on) * MINUTES_OF_A_DAY
    except OutsideCalendar:
        return 0


def _counted(due: Deadline, ended_on: date) -> int:
    try:
        return counted_minutes(due, ended_on)
    except OutsideCalendar:
        return 0


@lru_cache(100_000)
def _due_soon(due_on: date, calendar: Calendar) -> tuple[date, date, date] | None:
    try:
        return due_soon(due_on, calendar)
    except OutsideCalendar:
        return None
