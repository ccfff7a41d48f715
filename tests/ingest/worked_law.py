"""A small province with its ruleset, and a dossier as its source tells it: what worked facts are written with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec

from services.ingest.catalogue.model import Ruleset
from services.ingest.dossiers.dating.assessment import Assessment, assess
from services.ingest.dossiers.folding import fold
from services.ingest.events.model import About, Course, Event, Pause
from shared.agencies import Agency, AgencyKind, Structure
from shared.dossier import DueBasis, Facts, Outcome, Status, Timeliness
from shared.procedures import Procedure, Procedures
from shared.workdays import (
    STANDARD_HOURS,
    LimitUnit,
    Policy,
    StopEvent,
    TimeLimit,
    calendar_for,
)
from shared.workdays.rules import ExtensionRule

OPENED, REFORMED = date(2020, 1, 1), date(2023, 7, 1)
FIVE_DAYS, EIGHT_HOURS, NO_LIMIT, FIVE_DAYS_LATER = "1.000001", "1.000002", "1.000003", "1.000004"
EARLY, ON_TIME, OVERDUE = Timeliness.early, Timeliness.on_time, Timeliness.overdue
LAW = Ruleset(
    version=1,
    structure=Structure(
        [
            Agency("1", "Xã A", "A", AgencyKind.commune, OPENED, valid_to=REFORMED, successors=(f"1@{REFORMED}",)),
            Agency("1", "Xã B", "B", AgencyKind.commune, REFORMED),
        ]
    ),
    procedures=Procedures(
        [
            Procedure(
                FIVE_DAYS,
                "Năm ngày",
                "Five days",
                "HT",
                OPENED,
                limit=TimeLimit(5, LimitUnit.working_days),
                interlinked=True,
                digitisation_required=True,
                fee_required=True,
            ),
            Procedure(EIGHT_HOURS, "Tám giờ", "Eight hours", "DD", OPENED, limit=TimeLimit(8, LimitUnit.hours)),
            Procedure(NO_LIMIT, "Không hạn", "No limit", "HT", OPENED),
            Procedure(FIVE_DAYS_LATER, "Năm ngày", "Five days", "HT", REFORMED, limit=TimeLimit(5, LimitUnit.working_days)),
        ]
    ),
    calendar=calendar_for("30"),
    hours=STANDARD_HOURS,
)
PLAIN = LAW.policy_on(OPENED)
BY_DELIVERY = msgspec.structs.replace(LAW, policies=(Policy("delivery@1", OPENED, stop_event=StopEvent.delivered),))
BY_LETTER = msgspec.structs.replace(LAW, policies=(Policy("letter@1", OPENED, extension=ExtensionRule.counts),))


def at(text: str | None) -> datetime | None:
    """An instant on the clocks of Việt Nam; without a year in 2023."""
    if text is None:
        return None
    return datetime.fromisoformat((text if text[4] == "-" else f"2023-{text}") + "+07:00").astimezone(UTC)


def on(text: str) -> date:
    """A day of 2023."""
    return date.fromisoformat(f"2023-{text}")


def assessed(
    procedure: str | None,
    status: Status,
    received: str | None = None,
    ended: str | None = None,
    *,
    delivered: str | None = None,
    ready: str | None = None,
    due: str | None = None,
    extended: tuple[str, str | None] | None = None,
    waits: tuple[tuple[str, str | None], ...] = (),
    about: About | None = None,
    open_at: str | None = None,
    told_at: str = "2046-06-01T00:00",
    deleted: bool = False,
    ruleset: Ruleset = LAW,
) -> Assessment:
    """What the ruleset says of a dossier of the agency `1`, which its source told at `told_at`."""

    def moment(text: str) -> datetime:
        instant = at(text)
        assert instant is not None
        return instant

    course = Course(status, at(received), at(ended), at(delivered), at(ready))
    events = [
        Event(
            "A-1",
            "test",
            "2",
            moment(told_at),
            about or About("1", procedure),
            at(due),
            at(extended[0]) if extended else None,
            extended[1] if extended else None,
            course,
            tuple(Pause(moment(begin), at(end), Status.supplement_requested) for begin, end in waits) or None,
            deleted=deleted,
        )
    ]
    if open_at is not None:
        events.insert(0, Event("A-1", "test", "1", moment(open_at), course=Course(Status.processing, at(received))))
    return assess(fold(events), ruleset)


IN_PROCESS = Facts(
    code="A-1",
    status=Status.processing,
    agency="1@2020-01-01",
    procedure=FIVE_DAYS,
    sector="HT",
    received_on=on("03-06"),
    due_on=on("03-13"),
    due_basis=DueBasis.legal,
    legal_due_on=on("03-13"),
    late_from=on("03-14"),
    due_soon=(on("03-10"), on("03-08"), on("03-06")),
    interlinked=True,
    digitisation_required=True,
    fee_required=True,
    limit_minutes=2400,
    cause="staff",
)
"""Five working days, received on Monday 6 March 2023, in process."""
RESOLVED = msgspec.structs.replace(IN_PROCESS, status=Status.resolved, outcome=Outcome.resolved, cause=None)
NO_LAW = Facts(
    code="A-1", status=Status.processing, agency="1@2020-01-01", procedure=NO_LIMIT, sector="HT", received_on=on("03-06")
)
"""No limit by ruleset."""


def like(facts: Facts, **changes: object) -> Facts:
    return msgspec.structs.replace(facts, **changes)


def portal(day: int, timeliness: Timeliness | None = None) -> dict[str, object]:
    """What is told of a due date of the portal in March."""
    due_on = date(2023, 3, day)
    return {"portal_due_on": due_on, "portal_late_from": due_on + timedelta(days=1), "portal_timeliness": timeliness}


def ended(day: int, timeliness: Timeliness, days: int) -> dict[str, object]:
    """An end in March after so many working days."""
    return {"ended_on": date(2023, 3, day), "timeliness": timeliness, "spent_minutes": days * 480}
