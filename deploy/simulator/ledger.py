"""The ledger: the true history of every dossier of a world, and what the portal shows of it at an instant.

Instants are whole seconds since 1970 in UTC, because a world may hold millions of them; days are civil days in
Asia/Ho_Chi_Minh, which has had no other offset than +07:00 since 1975.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from shared.dossier import OUTCOMES, SUSPENDING, Channel, Outcome, Status

VIETNAM = 7 * 3600
DAY = 86400
_EPOCH = date(1970, 1, 1)
_EPOCH_ORDINAL = _EPOCH.toordinal()


def civil_day(instant: int) -> date:
    """The day on the wall in Việt Nam."""
    return date.fromordinal(_EPOCH_ORDINAL + (instant + VIETNAM) // DAY)


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> int:
    """The instant at which the clock in Việt Nam shows this."""
    return (day.toordinal() - _EPOCH_ORDINAL) * DAY + hour * 3600 + minute * 60 + second - VIETNAM


def moment(instant: int) -> datetime:
    """As an aware datetime in UTC."""
    return datetime.fromtimestamp(instant, UTC)


def instant(moment: datetime) -> int:
    """Whole seconds, rounded down; `moment` is aware."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Office:
    """An agency that answers for dossiers."""

    code: str
    name_vi: str
    name_en: str
    parent: str | None
    level: str
    """province, department, district, district_office or commune."""
    valid_from: date


@dataclass(frozen=True, slots=True)
class Offering:
    """A procedure as this portal offers it."""

    code: str
    name_vi: str
    name_en: str
    sector: str
    sector_name: str
    amount: int
    unit: str
    """working_days, calendar_days or hours."""
    interlinked: bool = False
    digitisation_required: bool = False
    fee_required: bool = False
    level: str = "commune"
    in_catalogue: bool = True
    """False: its legal time limit is unknown outside the portal."""


class Step(NamedTuple):
    """The dossier enters `status`."""

    status: Status
    at: int
    """When it happened."""
    recorded_at: int
    """When it was entered into the portal; not before `at`, and not before the entry of an earlier step."""
    name: str | None = None
    """The portal's name of the task, in worlds with task names of their own."""


class Promise(NamedTuple):
    """A due date that the portal shows from `recorded_at` on."""

    due_at: int
    recorded_at: int


@dataclass(frozen=True, slots=True)
class History:
    """The whole history of a dossier, future steps included."""

    index: int
    code: str
    office: int
    offering: int
    channel: Channel
    steps: tuple[Step, ...]
    promises: tuple[Promise, ...] = ()
    digitised_intake: bool = False
    digitised_result: bool = False
    reused: bool = False
    fee_online: bool = False
    deleted_at: int | None = None
    sent_as_finished: bool = False
    """The portal sends pauses with the status finished, as one vendor's does; only the tasks show them."""
    cause: str | None = None
    """Why portal and law disagree about it, or why it is late, in the words of `shared.workdays.causes`; never on the wire."""
    legal_due_at: int | None = None
    """End of the legal limit as the world's maker computed it; None where no legal limit is known."""
    completed_at: int | None = None
    """When the portal closed it, if other than when the last step was recorded."""
    department: str | None = None
    """Who works on it, told with the due times of tasks; None: its portal tells no departments."""
    detour: str | None = None
    """The department that had it by mistake in the midst of the work; None: none did."""


class Snapshot(NamedTuple):
    """A dossier as the portal knows it at one instant."""

    history: History
    steps: tuple[Step, ...]
    status: Status
    updated_at: int
    due_at: int | None
    first_due_at: int | None
    received_at: int | None
    completed_at: int | None
    delivered_at: int | None
    outcome: Outcome | None
    ended_at: int | None
    """When the clock stopped in truth: the result was ready, or it went back."""


def snapshot(history: History, now: int) -> Snapshot | None:
    """What the portal shows at `now`; None while it does not have the dossier, and after it was deleted."""
    if history.deleted_at is not None and history.deleted_at <= now:
        return None
    steps = history.steps
    if steps[-1].recorded_at > now:
        steps = tuple(step for step in steps if step.recorded_at <= now)
        if not steps:
            return None
    received = completed = delivered = ended = None
    outcome: Outcome | None = None
    for step in steps:
        status = step.status
        if status is Status.received:
            if received is None:
                received = step.at
        elif status is Status.delivered:
            delivered = step.at
        if status in OUTCOMES:
            if outcome is None:
                outcome, ended = OUTCOMES[status], step.at
                completed = step.recorded_at if history.completed_at is None else history.completed_at
        else:
            outcome = ended = completed = None  # went back to work
    updated = steps[-1].recorded_at
    due = first_due = None
    for promise in history.promises:
        if promise.recorded_at <= now:
            due = promise.due_at
            if first_due is None:
                first_due = due
            updated = max(updated, promise.recorded_at)
    return Snapshot(history, steps, steps[-1].status, updated, due, first_due, received, completed, delivered, outcome, ended)


def records(history: History) -> list[int]:
    """The instants at which what the portal shows of it changes, in order; the last may be its deletion."""
    instants = {step.recorded_at for step in history.steps}
    instants.update(promise.recorded_at for promise in history.promises)
    if history.deleted_at is not None:
        instants = {one for one in instants if one < history.deleted_at} | {history.deleted_at}
    return sorted(instants)


def suspensions(state: Snapshot) -> list[tuple[int, int | None, Status]]:
    """The pauses that really happened up to the snapshot, in order; an open one ends with None."""
    pauses: list[tuple[int, int | None, Status]] = []
    for step, after in zip(state.steps, (*state.steps[1:], None), strict=True):
        if step.status in SUSPENDING:
            pauses.append((step.at, None if after is None else after.at, step.status))
    return pauses
