"""Worked examples of dating: a dossier as its source tells it, and all that is counted of it in a small province."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
import pytest

from services.ingest.dossiers.dating.assessment import Assessment
from services.ingest.dossiers.dating.facts import facts_of
from services.ingest.events.model import About
from shared.dossier import Channel, Contradiction, ContradictionKind, DueBasis, Facts, Outcome, Status
from shared.workdays import OfficeHours
from tests.ingest.worked_law import (
    EARLY,
    EIGHT_HOURS,
    FIVE_DAYS,
    FIVE_DAYS_LATER,
    IN_PROCESS,
    LAW,
    NO_LAW,
    NO_LIMIT,
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
        like(NO_LAW, digitised_intake=True, digitised_result=False),
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
            ruleset=msgspec.structs.replace(LAW, unit_hours={"1@2020-01-01": OfficeHours.parse("08:00-12:00")}),
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
    # --- without a limit by ruleset
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
        like(
            NO_LAW,
            status=Status.resolved,
            outcome=Outcome.resolved,
            ended_on=on("03-30"),
            timeliness=ON_TIME,
            contradictions=(Contradiction(ContradictionKind.due_before_received, "test"),),
        ),
    ),
    "the date that was named is no limit": (
        partial(assessed, NO_LIMIT, Status.resolved, R, "03-30T23:00", due=R),
        like(NO_LAW, status=Status.resolved, outcome=Outcome.resolved, ended_on=on("03-30")),
    ),
    "closed before it was received, and its limit is known": (
        partial(assessed, FIVE_DAYS, Status.resolved, R, "03-02T10:00", due="03-30T17:00"),
        like(
            RESOLVED,
            ended_on=on("03-06"),
            timeliness=ON_TIME,
            portal_due_on=on("03-30"),
            due_on=None,
            due_basis=None,
            late_from=None,
            due_soon=None,
            limit_minutes=None,
            contradictions=(Contradiction(ContradictionKind.ended_before_received, "test"),),
        ),
    ),
    "late by law and by the portal, and its status is in process though it was handed over": (
        partial(assessed, FIVE_DAYS, Status.processing, R, delivered="04-28T10:00", due="03-10T17:00"),
        like(
            RESOLVED,
            status=Status.delivered,
            ended_on=on("04-28"),
            delivered_on=on("04-28"),
            timeliness=ON_TIME,
            portal_due_on=on("03-10"),
            due_on=None,
            due_basis=None,
            late_from=None,
            due_soon=None,
            limit_minutes=None,
            synced_late=True,
            contradictions=(Contradiction(ContradictionKind.in_process_after_delivery, "test"),),
        ),
    ),
    "in process long after its limit, though an end is told": (
        partial(assessed, FIVE_DAYS, Status.processing, R, "03-08T10:00"),
        like(
            IN_PROCESS,
            due_on=None,
            due_basis=None,
            late_from=None,
            due_soon=None,
            limit_minutes=None,
            cause=None,
            contradictions=(Contradiction(ContradictionKind.in_process_after_end, "test"),),
        ),
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
}


BY_DECISION_766: dict[str, tuple[str, bool]] = {
    "in process": ("03-13", False),
    "everything that is told of it": ("03-14", True),  # papers were requested twice
    "on time by law, and late by a portal that counted the first day": ("03-10", True),
    "overdue by both": ("03-13", True),
    "overdue by both after a supplement": ("03-13", True),
    "overdue by law alone": ("03-20", False),
    "ready in time and closed late": ("03-14", True),
    "a limit in hours": ("03-07", False),
    "hours of the agency": ("03-08", False),
    "by the portal's date alone": ("03-10", False),
    "ended on the portal's day": ("03-10", False),
    "a procedure that came into force, at the agency of the day": ("07-10", False),
}
"""The last day on time, and whether it ended late; the others have none."""


@pytest.mark.parametrize("name", WORKED)
def test_a_worked_dossier_comes_to_its_facts(name: str) -> None:
    judge, expected = WORKED[name]
    ended_on = on("03-20") if name == "ready in time and closed late" else expected.ended_on
    ended_on = None if expected.received_on is None else ended_on
    expected = msgspec.structs.replace(expected, index_judged=True, index_ended_on=ended_on)
    if name in BY_DECISION_766:
        due_on, late = BY_DECISION_766[name]
        expected = msgspec.structs.replace(expected, index_due_on=on(due_on), index_late=late)
    assert facts_of(judge()) == expected
