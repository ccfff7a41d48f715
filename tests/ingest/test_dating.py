"""The facts of a dossier are what the law says of its state, however often the same day was met before."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.catalogue.model import Ruleset
from services.ingest.dossiers.dating.assessment import assess
from services.ingest.dossiers.dating.facts import facts_of
from services.ingest.dossiers.folding import DossierState, FindingKind, fold
from services.ingest.events.model import About, Course, Event, Pause
from shared.agencies import reference_structure
from shared.civil import civil_day
from shared.dossier import DueBasis, Outcome, Status, Timeliness
from shared.procedures import Procedure, Procedures, reference_procedures
from shared.workdays import (
    STANDARD_HOURS,
    LimitUnit,
    OfficeHours,
    Suspension,
    TimeLimit,
    calendar_for,
    deadline,
    limit_minutes,
    policies,
    spent_minutes,
    timeliness,
)
from shared.workdays.rules import Effect
from tests.ingest.histories import instant
from tests.quick import cases

LAW = Ruleset(
    version=1,
    structure=reference_structure(),
    procedures=reference_procedures(),
    calendar=calendar_for("30"),
    hours=STANDARD_HOURS,
)
SHORT_FRIDAY = OfficeHours.parse("mon-thu 08:00-12:00 13:00-17:00; fri 08:00-11:30")
CODES = sorted({procedure.code for procedure in reference_procedures()})
UNITS = sorted({unit.code for unit in reference_structure()})


@settings(max_examples=cases(1500), deadline=None)
@given(
    st.sampled_from(CODES),
    st.sampled_from(UNITS),
    st.integers(0, 24 * 60),
    st.none() | st.integers(0, 24 * 60),
    st.integers(0, 59),
    st.booleans(),
)
def test_facts_and_explanation_tell_the_deadline_of_the_law(
    procedure: str, unit: str, received: int, took: int | None, minute: int, own_hours: bool
) -> None:
    received_at = instant(received).replace(minute=minute)
    ended_at = None if took is None else instant(received + took).replace(minute=minute)
    course = Course(Status.processing if ended_at is None else Status.resolved, received_at, ended_at)
    state = fold([Event("A-1", "test", "1", instant(2000), About(unit, procedure), course=course)])
    key = LAW.structure.key_for(unit, civil_day(received_at))
    ruleset = msgspec.structs.replace(LAW, unit_hours={key: SHORT_FRIDAY}) if own_hours and key is not None else LAW
    row = ruleset.procedures.get(procedure, civil_day(received_at))
    assert row is not None
    assert row.limit is not None
    due = deadline(received_at, row.limit, ruleset.calendar, ruleset.hours_of(key))
    assessment = assess(state, ruleset)
    facts = facts_of(assessment)
    assert assessment.deadline == due
    assert (facts.due_on, facts.late_from, facts.legal_due_on) == (due.due_on, due.late_from, due.legal_due_on)
    assert facts.limit_minutes == limit_minutes(due)
    if ended_at is None:
        assert facts.timeliness is None
    else:
        assert facts.timeliness is timeliness(ended_at, due)
        assert facts.outcome is Outcome.resolved
        assert facts.spent_minutes == spent_minutes(due, ended_at)


def test_an_agency_is_the_unit_that_carried_the_code_on_the_day_of_receipt() -> None:
    for received_at, key in ((instant(0), "10828@2019-12-01"), (instant(24 * 730), "10828@2024-12-01")):
        course = Course(Status.processing, received_at)
        state = fold([Event("A-1", "test", "1", received_at, About("10828", CODES[0]), course=course)])
        assert facts_of(assess(state, LAW)).agency == key
    assert civil_day(instant(24 * 730)) > date(2024, 12, 1)


def test_a_dossier_that_was_refused_counts_on_no_day_of_receipt() -> None:
    state = fold([Event("A-1", "test", "1", instant(50), course=Course(Status.refused, instant(1), instant(20)))])
    facts = facts_of(assess(state, LAW))
    assert facts.received_on is None
    assert facts.ended_on == civil_day(instant(20))
    assert facts.outcome is Outcome.refused


def told(received: str, due: str, ended: str | None, procedure: str | None = None, *pauses: tuple[str, str]) -> DossierState:
    """A dossier as its source tells it, on the clock of Việt Nam."""

    def at(text: str) -> datetime:
        return datetime.fromisoformat(f"2023-{text}+07:00").astimezone(UTC)

    ended_at = at(ended) if ended is not None else None
    course = Course(Status.processing if ended_at is None else Status.resolved, at(received), ended_at)
    waiting = tuple(Pause(at(begin), at(end), Status.supplement_requested) for begin, end in pauses)
    return fold(
        [Event("OC-A", "test", "1", at("07-20T00:00"), About("10813", procedure), at(due), course=course, pauses=waiting)]
    )


def impossible(state: DossierState) -> bool:
    return FindingKind.due_date_impossible in {finding.kind for finding in state.findings}


def test_a_due_date_that_cannot_be_one_is_a_finding_and_no_judgement() -> None:
    for due in ("06-15T10:00", "06-14T10:00", "06-14T23:59", "06-01T00:00"):
        for ended in ("06-16T15:00", None):
            state = told("06-15T10:00", due, ended)
            facts = facts_of(assess(state, LAW))
            assert impossible(state)
            assert (facts.due_on, facts.due_basis, facts.portal_due_on) == (None, None, None)
            assert (facts.late_from, facts.portal_late_from) == (None, None)
            # Of a day before the receipt it contradicts that; the receipt itself stands for no limit.
            contradicts = due != "06-15T10:00"
            assert bool(facts.contradictions) is contradicts
            assert facts.timeliness is (Timeliness.on_time if contradicts and ended is not None else None)
            assert (facts.portal_timeliness, facts.cause) == (None, None)


def test_where_the_law_knows_a_limit_an_impossible_due_date_leaves_it_alone() -> None:
    state = told("06-15T10:00", "06-15T10:00", "06-16T15:00", "1.001612")
    facts = facts_of(assess(state, LAW))
    assert impossible(state)
    assert facts.due_basis is DueBasis.legal
    assert facts.due_on == facts.legal_due_on == date(2023, 6, 20)
    assert (facts.timeliness, facts.portal_timeliness) == (Timeliness.early, None)


def test_a_procedure_of_one_day_is_due_at_the_end_of_the_day_of_receipt() -> None:
    for received, due in (("06-15T10:00", "06-15T00:00"), ("06-15T00:00", "06-15T00:00"), ("06-15T10:00", "06-15T17:00")):
        state = told(received, due, "06-15T16:00")
        facts = facts_of(assess(state, LAW))
        assert not impossible(state)
        assert (facts.portal_due_on, facts.late_from) == (date(2023, 6, 15), date(2023, 6, 16))
        assert (facts.timeliness, facts.portal_timeliness) == (Timeliness.on_time, Timeliness.on_time)
        assert facts_of(assess(told(received, due, "06-16T08:00"), LAW)).timeliness is Timeliness.overdue


def test_what_ended_in_time_between_many_supplements_has_not_spent_more_than_its_limit() -> None:
    waiting = (
        ("06-13T09:00", "06-16T09:00"),
        ("06-16T14:00", "06-21T09:00"),
        ("06-21T15:00", "06-28T09:00"),
        ("06-28T15:00", "07-05T09:00"),
    )
    procedure = Procedure(
        "9.000001", "Năm ngày", "Five days", "HT", date(2020, 1, 1), limit=TimeLimit(5, LimitUnit.working_days)
    )
    ruleset = msgspec.structs.replace(LAW, procedures=Procedures([procedure]))
    facts = facts_of(assess(told("06-12T08:00", "06-19T17:00", "07-10T09:00", "9.000001", *waiting), ruleset))
    assert (facts.due_on, facts.timeliness) == (date(2023, 7, 11), Timeliness.early)
    # 5, 6, 7 and 10 July.
    assert (facts.spent_minutes, facts.limit_minutes) == (4 * 480, 5 * 480)


@settings(max_examples=cases(300), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 24 * 40), st.integers(1, 24 * 6)), max_size=5),
    st.integers(1, 24 * 60),
    st.integers(1, 10),
    st.sampled_from(list(Effect)),
)
def test_no_dossier_in_time_has_spent_more_than_its_limit(
    waits: list[tuple[int, int]], took: int, days: int, effect: Effect
) -> None:
    policy = msgspec.structs.replace(policies()[0], supplement=effect)
    waiting = [Suspension(instant(begin), instant(begin + length)) for begin, length in waits]
    due = deadline(instant(1), TimeLimit(days, LimitUnit.working_days), LAW.calendar, STANDARD_HOURS, policy, waiting)
    if timeliness(instant(1 + took), due) is not Timeliness.overdue:
        assert spent_minutes(due, instant(1 + took)) <= limit_minutes(due)
