"""Worked examples of what an assessment says besides the facts: days, catalogue, causes, and the ends of the calendar."""

from __future__ import annotations

from datetime import date, time

import msgspec

from services.ingest.dossiers.dating.facts import facts_of
from shared.dossier import DueBasis, Status
from shared.procedures import Procedure, Procedures
from shared.workdays import (
    CalendarEditions,
    Suspension,
    TimeLimit,
)
from shared.workdays.calendar import published_overrides
from tests.ingest.worked_law import (
    BY_DELIVERY,
    FIVE_DAYS,
    LAW,
    NO_LIMIT,
    ON_TIME,
    OPENED,
    OVERDUE,
    REFORMED,
    assessed,
    at,
    on,
)

R = "03-06T09:00"


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
        assert (account.supplements, account.synced_late) == (told.state.supplements or 0, told.synced_late is True)
        assert account.calendar_then is None


def test_a_date_that_was_right_by_the_calendar_of_its_day_is_told_so() -> None:
    editions = CalendarEditions(published_overrides(), "30")
    ruleset = msgspec.structs.replace(
        LAW,
        procedures=Procedures([Procedure("1.12", "Mười hai ngày", "Twelve days", "HT", OPENED, limit=TimeLimit(12))]),
        calendar=editions.latest,
        editions=editions,
    )
    dates = ("2024-04-10T09:00", "2024-05-02T10:00")
    late = assessed("1.12", Status.resolved, *dates, due="2024-04-29T17:00", ruleset=ruleset)
    assert (late.timeliness, late.portal_timeliness) == (ON_TIME, OVERDUE)
    assert facts_of(late).cause == "calendar_changed"
    always = assessed(
        "1.12", Status.resolved, *dates, due="2024-04-29T17:00", ruleset=msgspec.structs.replace(ruleset, editions=None)
    )
    assert facts_of(always).cause != "calendar_changed"


def test_by_delivery_an_end_lies_between_receipt_and_close() -> None:
    handed = assessed(FIVE_DAYS, Status.delivered, R, "03-09T10:00", delivered="03-14T10:00", ruleset=BY_DELIVERY)
    assert (handed.state.ended_at, handed.state.closed_at) == (at("03-14T10:00"), at("03-14T10:00"))
    # Ready before, closed after the result was handed over.
    closed = assessed(FIVE_DAYS, Status.resolved, R, "03-20T10:00", ready="03-09T10:00", ruleset=BY_DELIVERY)
    assert (closed.state.ended_at, closed.state.closed_at, closed.state.outcome) == (None, None, None)
    early = assessed(FIVE_DAYS, Status.delivered, R, "03-07T10:00", delivered="03-05T10:00", ruleset=BY_DELIVERY)
    assert (early.state.ended_at, early.state.closed_at) == (at(R), at(R))
    result = assessed(FIVE_DAYS, Status.delivered, R, "03-09T10:00", delivered="03-14T10:00")
    assert (result.state.ended_at, result.state.closed_at) == (at("03-09T10:00"), at("03-09T10:00"))
    unreceived = assessed(FIVE_DAYS, Status.delivered, None, "03-09T10:00", delivered="03-14T10:00", ruleset=BY_DELIVERY)
    assert unreceived.received_on == on("03-09")


def test_beyond_the_calendar_the_portals_date_counts() -> None:
    after = assessed(FIVE_DAYS, Status.processing, "2045-12-28T09:00", due="2045-12-29T17:00")
    assert (after.deadline, after.portal_due_on) == (None, date(2045, 12, 29))
    assert facts_of(after).due_basis is DueBasis.portal
    before = facts_of(assessed(FIVE_DAYS, Status.processing, "1999-12-30T09:00", due="2000-01-05T17:00"))
    assert (before.due_on, before.due_soon) == (date(2000, 1, 5), None)


def test_an_end_beyond_the_calendar_is_overdue_and_its_time_is_not_known() -> None:
    late = assessed(FIVE_DAYS, Status.resolved, "2045-12-11T09:00", "2046-01-05T10:00")
    assert (late.timeliness, late.spent_minutes) == (OVERDUE, None)


def test_the_cutoff_of_the_procedures_row_of_the_day_holds() -> None:
    before, since = (
        Procedure("1.000005", "Trong ngày", "Same day", "HT", begins, until, limit=TimeLimit(0), receipt_cutoff=cutoff)
        for begins, until, cutoff in ((OPENED, REFORMED, None), (REFORMED, None, time(15)))
    )
    ruleset = msgspec.structs.replace(LAW, procedures=Procedures([before, since]))
    due = [
        assessed("1.000005", Status.processing, received, ruleset=ruleset).deadline
        for received in ("06-28T15:30", "07-05T14:30", "07-05T15:30")
    ]
    assert [one.due_on for one in due if one is not None] == [on("06-28"), on("07-05"), on("07-06")]


def test_waits_are_told_as_suspensions_of_their_kind() -> None:
    waiting = assessed(FIVE_DAYS, Status.processing, R, waits=(("03-08T10:00", "03-13T09:00"),))
    begin, end = at("03-08T10:00"), at("03-13T09:00")
    assert begin is not None
    assert waiting.suspensions == (Suspension(begin, end),)
