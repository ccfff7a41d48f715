"""What must have come out, computed from the portal's own ledger in plain Python: dossier by dossier and figure by figure.

Shares with the services only the law (`shared.workdays`), which has tests of its own; nothing of the intake, the feed or the
counters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from deploy.simulator.ledger import Offering, Snapshot, civil_day, snapshot, suspensions
from deploy.simulator.world import World
from shared.agencies import Agency, AgencyKind
from shared.dossier import SUSPENSIONS
from shared.procedures import Procedure
from shared.workdays import (
    STANDARD_HOURS,
    LimitUnit,
    Suspension,
    TimeLimit,
    deadline,
    national_calendar,
    suspended_days,
    timeliness,
)


@dataclass(frozen=True)
class Entry:
    """One dossier as it must be known."""

    code: str
    agency: str
    status: str
    channel: str
    received_on: date | None
    ended_on: date | None
    outcome: str | None
    timeliness: str | None
    late_from: date | None
    contradictory: bool
    """Its due date lies on a day before its receipt, the only contradiction of a ledger: nothing is derived from either."""
    suspensions: tuple[tuple[date, date | None], ...]


def entries(world: World, now: int) -> Iterator[Entry]:
    """Every dossier that the portal has at `now`, in no special order."""
    for index in range(len(world)):
        shown = snapshot(world.history(index), now)
        if shown is not None:
            yield _entry(world, shown)


def deleted(world: World, now: int) -> Iterator[str]:
    """The codes of those that it had and has no more."""
    return (one.code for one in world.histories() if one.deleted_at is not None and one.deleted_at <= now)


def _entry(world: World, shown: Snapshot) -> Entry:
    history = shown.history
    offering = world.offerings[history.offering]
    received, ended = _instant(shown.received_at), _instant(shown.ended_at)
    pauses = tuple(
        Suspension(datetime.fromtimestamp(begin, UTC), _instant(end), SUSPENSIONS[status])
        for begin, end, status in suspensions(shown)
    )
    counted = received is not None and (shown.outcome is None or shown.outcome.value != "refused")
    in_time, late_from = None, None
    received_on = civil_day(shown.received_at) if shown.received_at is not None and counted else None
    ended_on = civil_day(shown.ended_at) if shown.ended_at is not None else None
    contradictory = (
        shown.received_at is not None and shown.due_at is not None and civil_day(shown.due_at) < civil_day(shown.received_at)
    )
    if contradictory:
        in_time = "on_time" if counted and ended is not None else None
    elif received is not None and counted:
        due = deadline(received, _limit(offering), national_calendar(), STANDARD_HOURS, suspensions=pauses)
        late_from = due.late_from
        in_time = timeliness(ended, due).value if ended is not None else None
    return Entry(
        code=history.code,
        agency=world.offices[history.office].code,
        status=shown.status.value,
        channel=history.channel.value,
        received_on=received_on,
        ended_on=ended_on,
        outcome=shown.outcome.value if shown.outcome else None,
        timeliness=in_time,
        late_from=late_from,
        contradictory=contradictory,
        suspensions=tuple(suspended_days(pauses, received_on, ended_on)) if received_on else (),
    )


def _limit(offering: Offering) -> TimeLimit:
    return TimeLimit(offering.amount, LimitUnit(offering.unit))


def _instant(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def catalogue(world: World) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Agencies and procedures of the world as ingest takes them."""
    agencies = [
        Agency(
            code=office.code,
            name_vi=office.name_vi,
            name_en=office.name_en,
            kind=AgencyKind(office.level),
            parent=office.parent,
            valid_from=office.valid_from,
        )
        for office in world.offices
    ]
    procedures = [
        Procedure(
            code=offering.code,
            name_vi=offering.name_vi,
            name_en=offering.name_en,
            sector=offering.sector,
            limit=_limit(offering),
            interlinked=offering.interlinked,
            digitisation_required=offering.digitisation_required,
            fee_required=offering.fee_required,
            valid_from=date(2000, 1, 1),
        )
        for offering in world.offerings
        if offering.in_catalogue
    ]
    return msgspec.to_builtins(agencies), msgspec.to_builtins(procedures)


Counts = dict[str, dict[str, int]]
"""By agency code, then by KPI id."""


def figures(known: Iterable[Entry], begin: date, end: date) -> Counts:
    """The counts of a period of civil days (both included), each found by looking at every dossier."""
    counts: Counts = defaultdict(lambda: defaultdict(int))
    for one in known:
        if one.received_on is None:
            continue
        row = counts[one.agency]
        over = one.ended_on is not None and one.ended_on <= end
        if begin <= one.received_on <= end:
            row["received_new"] += 1
            row[f"received_{one.channel}"] += 1
        elif one.received_on < begin and (one.ended_on is None or one.ended_on >= begin):
            row["carried_over"] += 1
        if one.ended_on is not None and begin <= one.ended_on <= end:
            row["resolved"] += 1
            row["returned"] += one.outcome == "returned"
            row["contradictory"] += one.contradictory
            # The policy of the reference notice: what was given back counts as resolved on the day.
            given_back = one.outcome in ("returned", "withdrawn")
            row["resolved_on_time" if given_back else f"resolved_{one.timeliness}"] += 1
        if one.received_on <= end and not over:
            row["in_process"] += 1
            row["contradictory"] += one.contradictory
            row["in_process_overdue" if _late(one, end) else "in_process_within_limit"] += 1
    return counts


def _late(one: Entry, day: date) -> bool:
    paused = any(first <= day and (last is None or day < last) for first, last in one.suspensions)
    return one.late_from is not None and one.late_from <= day and not paused


def periods(known: Iterable[Entry]) -> Iterator[tuple[date, date]]:
    """Periods that look at the same days in different ways: the whole, its halves, single months, a week, a day."""
    days = sorted(one.received_on for one in known if one.received_on)
    first, last = days[0], days[-1] + timedelta(days=30)
    middle = first + (last - first) / 2
    yield first, last
    yield first, middle
    yield middle + timedelta(days=1), last
    yield middle, middle + timedelta(days=29)
    yield middle + timedelta(days=40), middle + timedelta(days=46)
    yield middle - timedelta(days=11), middle - timedelta(days=11)
