"""Worked examples of dating: a dossier as its source tells it, and all that is counted of it by the law of a small province."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial

import msgspec
import pytest

from services.ingest.catalogue.model import Law
from services.ingest.dossiers.dating.assessment import Assessment, assess
from services.ingest.dossiers.dating.facts import facts_of
from services.ingest.dossiers.folding import fold
from services.ingest.events.model import About, Course, Event, Pause
from shared.agencies import Agency, AgencyKind, Structure
from shared.dossier import Channel, DueBasis, Facts, Outcome, Status, Timeliness
from shared.procedures import Procedure, Procedures
from shared.workdays import (
    STANDARD_HOURS,
    CalendarEditions,
    LimitUnit,
    OfficeHours,
    Policy,
    StopEvent,
    Suspension,
    TimeLimit,
    calendar_for,
)
from shared.workdays.calendar import published_overrides
from shared.workdays.rules import ExtensionRule

OPENED, REFORMED = date(2020, 1, 1), date(2023, 7, 1)
FIVE_DAYS, EIGHT_HOURS, NO_LIMIT, FIVE_DAYS_LATER = "1.000001", "1.000002", "1.000003", "1.000004"
EARLY, ON_TIME, OVERDUE = Timeliness.early, Timeliness.on_time, Timeliness.overdue
LAW = Law(
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
    law: Law = LAW,
) -> Assessment:
    """What the law says of a dossier of the agency `1`, which its source told at `told_at`."""

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
            tuple(Pause(moment(begin), at(end), Status.supplement_requested) for begin, end in waits),
            deleted=deleted,
        )
    ]
    if open_at is not None:
        events.insert(0, Event("A-1", "test", "1", moment(open_at), course=Course(Status.processing, at(received))))
    return assess(fold(events), law)


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
"""No limit by law."""


def like(facts: Facts, **changes: object) -> Facts:
    return msgspec.structs.replace(facts, **changes)


def portal(day: int, timeliness: Timeliness | None = None) -> dict[str, object]:
    """What is told of a due date of the portal in March."""
    due_on = date(2023, 3, day)
    return {"portal_due_on": due_on, "portal_late_from": due_on + timedelta(days=1), "portal_timeliness": timeliness}


def ended(day: int, timeliness: Timeliness, days: int) -> dict[str, object]:
    """An end in March after so many working days."""
    return {"ended_on": date(2023, 3, day), "timeliness": timeliness, "spent_minutes": days * 480}


R = "03-06T09:00"
WORKED: dict[str, tuple[Callable[[], Assessment], Facts]] = {
    "in process": (partial(assessed, FIVE_DAYS, Status.processing, R), IN_PROCESS),
    "everything that is told of it": (
        partial(
            assessed,
            FIVE_DAYS,
            Status.delivered,
            R,
            "03-09T10:00",
            delivered="03-10T08:00",
            due="03-14T17:00",
            about=About("1", FIVE_DAYS, Channel.online, True, True, False, True, True, 2),
        ),
        like(
            RESOLVED,
            status=Status.delivered,
            **ended(9, EARLY, 3),
            **portal(14, EARLY),
            delivered_on=on("03-10"),
            channel=Channel.online,
            digitised_intake=True,
            digitised_result=True,
            fee_required=False,
            fee_online=True,
            reused=True,
            supplements=2,
        ),
    ),
    "a fee that only the source tells of": (
        partial(assessed, NO_LIMIT, Status.processing, R, about=About("1", NO_LIMIT, fee_required=True)),
        like(NO_LAW, fee_required=True),
    ),
    "digitised at one end": (
        partial(
            assessed, NO_LIMIT, Status.processing, R, about=About("1", NO_LIMIT, digitised_intake=True, digitised_result=False)
        ),
        like(NO_LAW, digitised_intake=True),
    ),
    "on time by law, and late by a portal that counted the first day": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-13T23:00", due="03-10T17:00"),
        like(RESOLVED, **ended(13, ON_TIME, 5), **portal(10, OVERDUE), cause="first_day_counted"),
    ),
    "overdue by both": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-15T10:00", due="03-13T17:00"),
        like(RESOLVED, **ended(15, OVERDUE, 7), **portal(13, OVERDUE), cause="staff"),
    ),
    "overdue by both after a supplement": (
        partial(
            assessed,
            FIVE_DAYS,
            Status.returned,
            R,
            "03-15T10:00",
            due="03-13T17:00",
            about=About("1", FIVE_DAYS, supplements=1),
        ),
        like(
            RESOLVED,
            status=Status.returned,
            outcome=Outcome.returned,
            **ended(15, OVERDUE, 7),
            **portal(13, OVERDUE),
            supplements=1,
            cause="supplement_needed",
        ),
    ),
    "overdue by law alone": (
        partial(assessed, FIVE_DAYS, Status.withdrawn, R, "03-14T10:00", due="03-20T17:00"),
        like(
            RESOLVED,
            status=Status.withdrawn,
            outcome=Outcome.withdrawn,
            **ended(14, OVERDUE, 6),
            **portal(20, EARLY),
            cause="due_moved",
        ),
    ),
    "ready in time and closed late": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-20T10:00", ready="03-10T16:00", due="03-14T17:00"),
        like(RESOLVED, **ended(10, EARLY, 4), **portal(14, OVERDUE), cause="not_closed_in_software"),
    ),
    "a limit in hours": (
        partial(assessed, EIGHT_HOURS, Status.resolved, R, "03-07T09:30:29"),
        like(
            RESOLVED,
            procedure=EIGHT_HOURS,
            sector="DD",
            due_on=on("03-07"),
            legal_due_on=on("03-07"),
            late_from=on("03-07"),
            due_soon=(on("03-06"), on("03-02"), on("02-28")),
            interlinked=False,
            digitisation_required=False,
            fee_required=False,
            limit_minutes=480,
            **ended(7, ON_TIME, 1),
        ),
    ),
    "hours of the agency": (
        partial(
            assessed,
            EIGHT_HOURS,
            Status.processing,
            R,
            law=msgspec.structs.replace(LAW, unit_hours={"1@2020-01-01": OfficeHours.parse("08:00-12:00")}),
        ),
        like(
            IN_PROCESS,
            procedure=EIGHT_HOURS,
            sector="DD",
            due_on=on("03-08"),
            legal_due_on=on("03-08"),
            late_from=on("03-08"),
            due_soon=(on("03-07"), on("03-03"), on("03-01")),
            interlinked=False,
            digitisation_required=False,
            fee_required=False,
            limit_minutes=480,
        ),
    ),
    # --- without a limit by law
    "by the portal's date alone": (
        partial(assessed, NO_LIMIT, Status.processing, R, due="03-10T17:00"),
        like(
            NO_LAW,
            due_on=on("03-10"),
            due_basis=DueBasis.portal,
            late_from=on("03-11"),
            due_soon=(on("03-09"), on("03-07"), on("03-03")),
            **portal(10),
            cause="staff",
        ),
    ),
    "ended on the portal's day": (
        partial(assessed, NO_LIMIT, Status.resolved, R, "03-10T23:00", due="03-10T17:00"),
        like(
            NO_LAW,
            status=Status.resolved,
            outcome=Outcome.resolved,
            due_on=on("03-10"),
            due_basis=DueBasis.portal,
            late_from=on("03-11"),
            due_soon=(on("03-09"), on("03-07"), on("03-03")),
            **portal(10, ON_TIME),
            ended_on=on("03-10"),
            timeliness=ON_TIME,
        ),
    ),
    "nobody named a date": (
        partial(assessed, NO_LIMIT, Status.resolved, R, "03-30T23:00"),
        like(NO_LAW, status=Status.resolved, outcome=Outcome.resolved, ended_on=on("03-30"), timeliness=ON_TIME),
    ),
    "the date that was named cannot be one": (
        partial(assessed, NO_LIMIT, Status.resolved, R, "03-30T23:00", due="03-05T09:00"),
        like(NO_LAW, status=Status.resolved, outcome=Outcome.resolved, ended_on=on("03-30")),
    ),
    "nothing of it is in the catalogue": (
        partial(assessed, None, Status.resolved, R, "03-07T10:00", about=About("9", "9.999999")),
        Facts(
            code="A-1",
            status=Status.resolved,
            received_on=on("03-06"),
            ended_on=on("03-07"),
            outcome=Outcome.resolved,
            timeliness=ON_TIME,
        ),
    ),
    "a procedure that was not in force yet": (
        partial(assessed, FIVE_DAYS_LATER, Status.processing, R),
        like(NO_LAW, procedure=None, sector=None),
    ),
    "a procedure that came into force, at the agency of the day": (
        partial(assessed, FIVE_DAYS_LATER, Status.processing, "07-03T09:00"),
        like(
            IN_PROCESS,
            agency="1@2023-07-01",
            procedure=FIVE_DAYS_LATER,
            received_on=on("07-03"),
            due_on=on("07-10"),
            legal_due_on=on("07-10"),
            late_from=on("07-11"),
            due_soon=(on("07-07"), on("07-05"), on("07-03")),
            interlinked=False,
            digitisation_required=False,
            fee_required=False,
        ),
    ),
    # --- without a receipt
    "refused": (
        partial(assessed, FIVE_DAYS, Status.refused, R, "03-15T10:00", due="03-13T17:00"),
        like(RESOLVED, status=Status.refused, outcome=Outcome.refused, received_on=None, ended_on=on("03-15"), **portal(13)),
    ),
    "registered, with a date": (
        partial(assessed, FIVE_DAYS, Status.registered, due="03-13T17:00"),
        Facts(
            code="A-1",
            status=Status.registered,
            agency="1@2020-01-01",
            procedure=FIVE_DAYS,
            sector="HT",
            **portal(13),  # type: ignore[arg-type]
            interlinked=True,
            digitisation_required=True,
            fee_required=True,
        ),
    ),
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
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-16T10:00", extended=("03-20T17:00", "12/TXL"), law=BY_LETTER),
        like(
            RESOLVED,
            **ended(16, EARLY, 8),
            due_on=on("03-20"),
            due_basis=DueBasis.extended,
            extended_due_on=on("03-20"),
            late_from=on("03-21"),
            due_soon=(on("03-17"), on("03-15"), on("03-13")),
        ),
    ),
    # --- stopped by what the policy names
    "by delivery, a result that was not handed over leaves it in process": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-09T10:00", law=BY_DELIVERY),
        like(IN_PROCESS, status=Status.resolved),
    ),
    "by delivery, it ends when the result is handed over": (
        partial(assessed, FIVE_DAYS, Status.delivered, R, "03-09T10:00", delivered="03-14T10:00", law=BY_DELIVERY),
        like(RESOLVED, status=Status.delivered, delivered_on=on("03-14"), **ended(14, OVERDUE, 6), cause="staff"),
    ),
    "by delivery, the portal closed it when the result was handed over": (
        partial(
            assessed, FIVE_DAYS, Status.delivered, R, "03-09T10:00", delivered="03-14T10:00", due="03-10T17:00", law=BY_DELIVERY
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
        partial(assessed, FIVE_DAYS, Status.returned, R, "03-09T10:00", law=BY_DELIVERY),
        like(RESOLVED, status=Status.returned, outcome=Outcome.returned, **ended(9, EARLY, 3)),
    ),
    # --- told late
    "told open for a day after its end": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-09T10:00", open_at="03-10T10:00"),
        like(RESOLVED, **ended(9, EARLY, 3)),
    ),
    "told open for more than a day after its end": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-09T10:00", open_at="03-10T10:00:01"),
        like(RESOLVED, **ended(9, EARLY, 3), synced_late=True),
    ),
    "deleted": (partial(assessed, FIVE_DAYS, Status.processing, R, deleted=True), like(IN_PROCESS, deleted=True)),
}


@pytest.mark.parametrize("name", WORKED)
def test_a_worked_dossier_comes_to_its_facts(name: str) -> None:
    judge, expected = WORKED[name]
    assert facts_of(judge()) == expected


def test_the_catalogue_is_that_of_the_receipt_or_of_what_else_is_known() -> None:
    assert assessed(NO_LIMIT, Status.processing, R, due="08-01T00:00").catalogue_on == on("03-06")
    refused = assessed(NO_LIMIT, Status.refused, None, "06-30T10:00", due="08-01T00:00")
    assert (refused.catalogue_on, refused.agency) == (on("06-30"), "1@2020-01-01")
    registered = assessed(NO_LIMIT, Status.registered, due="07-01T00:00")
    assert (registered.catalogue_on, registered.agency) == (on("07-01"), "1@2023-07-01")
    nothing = assessed(NO_LIMIT, Status.registered)
    assert (nothing.catalogue_on, nothing.agency) == (date.max, "1@2023-07-01")


def test_days_are_those_of_the_country() -> None:
    late = assessed(FIVE_DAYS, Status.delivered, "03-06T00:30", "03-09T23:30", delivered="03-10T00:30")
    assert (late.received_on, late.ended_on, late.closed_on) == (on("03-06"), on("03-09"), on("03-09"))
    assert facts_of(late).delivered_on == on("03-10")


def test_an_account_is_given_where_a_cause_is_looked_for() -> None:
    assert assessed(FIVE_DAYS, Status.registered).account is None
    assert assessed(FIVE_DAYS, Status.resolved, R, "03-13T10:00", due="03-13T17:00").account is None
    assert assessed(FIVE_DAYS, Status.refused, R, "03-30T10:00").account is None
    for told in (
        assessed(FIVE_DAYS, Status.processing, R, due="03-13T17:00"),
        assessed(FIVE_DAYS, Status.resolved, R, "03-14T10:00", due="03-20T17:00"),
        assessed(FIVE_DAYS, Status.resolved, R, "03-10T10:00", due="03-09T17:00"),
        assessed(FIVE_DAYS, Status.resolved, R, "03-20T10:00", ready="03-10T10:00", due="03-13T17:00", open_at="03-15T10:00"),
    ):
        account = told.account
        assert account is not None
        assert (account.due, account.legal, account.portal) == (told.deadline, told.timeliness, told.portal_timeliness)
        assert (account.portal_due_on, account.ended_on, account.closed_on) == (
            told.portal_due_on,
            told.ended_on,
            told.closed_on,
        )
        assert (account.supplements, account.synced_late) == (told.state.supplements, told.synced_late)
        assert account.calendar_then is None


def test_a_date_that_was_right_by_the_calendar_of_its_day_is_told_so() -> None:
    editions = CalendarEditions(published_overrides(), "30")
    law = msgspec.structs.replace(
        LAW,
        procedures=Procedures([Procedure("1.12", "Mười hai ngày", "Twelve days", "HT", OPENED, limit=TimeLimit(12))]),
        calendar=editions.latest,
        editions=editions,
    )
    dates = ("2024-04-10T09:00", "2024-05-02T10:00")
    late = assessed("1.12", Status.resolved, *dates, due="2024-04-29T17:00", law=law)
    assert (late.timeliness, late.portal_timeliness) == (ON_TIME, OVERDUE)
    assert facts_of(late).cause == "calendar_changed"
    always = assessed("1.12", Status.resolved, *dates, due="2024-04-29T17:00", law=msgspec.structs.replace(law, editions=None))
    assert facts_of(always).cause != "calendar_changed"


def test_by_delivery_an_end_lies_between_receipt_and_close() -> None:
    handed = assessed(FIVE_DAYS, Status.delivered, R, "03-09T10:00", delivered="03-14T10:00", law=BY_DELIVERY)
    assert (handed.state.ended_at, handed.state.closed_at) == (at("03-14T10:00"), at("03-14T10:00"))
    # Ready before, closed after the result was handed over.
    closed = assessed(FIVE_DAYS, Status.resolved, R, "03-20T10:00", ready="03-09T10:00", law=BY_DELIVERY)
    assert (closed.state.ended_at, closed.state.closed_at, closed.state.outcome) == (None, None, None)
    early = assessed(FIVE_DAYS, Status.delivered, R, "03-07T10:00", delivered="03-05T10:00", law=BY_DELIVERY)
    assert (early.state.ended_at, early.state.closed_at) == (at(R), at(R))
    result = assessed(FIVE_DAYS, Status.delivered, R, "03-09T10:00", delivered="03-14T10:00")
    assert (result.state.ended_at, result.state.closed_at) == (at("03-09T10:00"), at("03-09T10:00"))
    unreceived = assessed(FIVE_DAYS, Status.delivered, None, "03-09T10:00", delivered="03-14T10:00", law=BY_DELIVERY)
    assert unreceived.received_on == on("03-09")


def test_beyond_the_calendar_the_portals_date_counts() -> None:
    after = assessed(FIVE_DAYS, Status.processing, "2045-12-28T09:00", due="2045-12-29T17:00")
    assert (after.deadline, after.portal_due_on) == (None, date(2045, 12, 29))
    assert facts_of(after).due_basis is DueBasis.portal
    before = facts_of(assessed(FIVE_DAYS, Status.processing, "1999-12-30T09:00", due="2000-01-05T17:00"))
    assert (before.due_on, before.due_soon) == (date(2000, 1, 5), None)


def test_an_end_beyond_the_calendar_is_overdue_and_its_time_is_not_counted() -> None:
    late = assessed(FIVE_DAYS, Status.resolved, "2045-12-11T09:00", "2046-01-05T10:00")
    assert (late.timeliness, late.spent_minutes) == (OVERDUE, 0)


def test_waits_are_told_as_suspensions_of_their_kind() -> None:
    waiting = assessed(FIVE_DAYS, Status.processing, R, waits=(("03-08T10:00", "03-13T09:00"),))
    begin, end = at("03-08T10:00"), at("03-13T09:00")
    assert begin is not None
    assert waiting.suspensions == (Suspension(begin, end),)
