"""The facts of a dossier are what the law says of its state, however often the same day was met before."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.dating import Law, day_of, deadline_of, facts_of, procedure_of, unit_of
from services.ingest.events import About, Course, Event
from services.ingest.folding import fold
from shared.agencies import reference_structure
from shared.dossier import Outcome, Status
from shared.procedures import reference_procedures
from shared.workdays import STANDARD_HOURS, calendar_for, timeliness
from tests.ingest.histories import instant

LAW = Law(
    version=1,
    structure=reference_structure(),
    procedures=reference_procedures(),
    calendar=calendar_for("30"),
    hours=STANDARD_HOURS,
)
CODES = sorted({procedure.code for procedure in reference_procedures()})
UNITS = sorted({unit.code for unit in reference_structure()})


@settings(max_examples=1500, deadline=None)
@given(
    st.sampled_from(CODES),
    st.sampled_from(UNITS),
    st.integers(0, 24 * 60),
    st.none() | st.integers(0, 24 * 60),
    st.integers(0, 59),
)
def test_dates_that_a_day_shares_are_those_of_the_deadline_itself(
    procedure: str, unit: str, received: int, took: int | None, minute: int
) -> None:
    received_at = instant(received).replace(minute=minute)
    ended_at = None if took is None else instant(received + took).replace(minute=minute)
    course = Course(Status.processing if ended_at is None else Status.resolved, received_at, ended_at)
    state = fold([Event("A-1", "test", "1", instant(2000), About(unit, procedure), course=course)])
    facts = facts_of(state, LAW)
    due = deadline_of(state, LAW, procedure_of(state, LAW), unit_of(state, LAW))
    assert due is not None
    assert (facts.due_on, facts.late_from, facts.legal_due_on) == (due.due_on, due.late_from, due.legal_due_on)
    assert facts.limit_minutes == due.limit_minutes
    if ended_at is None:
        assert facts.timeliness is None
    else:
        assert facts.timeliness is timeliness(ended_at, due)
        assert facts.outcome is Outcome.resolved
        assert facts.spent_minutes is not None


def test_an_agency_is_the_unit_that_carried_the_code_on_the_day_of_receipt() -> None:
    for received_at, key in ((instant(0), "10828@2019-12-01"), (instant(24 * 730), "10828@2024-12-01")):
        course = Course(Status.processing, received_at)
        state = fold([Event("A-1", "test", "1", received_at, About("10828", CODES[0]), course=course)])
        assert facts_of(state, LAW).agency == key
    assert day_of(instant(24 * 730)) > date(2024, 12, 1)


def test_a_dossier_that_was_refused_counts_on_no_day_of_receipt() -> None:
    state = fold([Event("A-1", "test", "1", instant(50), course=Course(Status.refused, instant(1), instant(20)))])
    facts = facts_of(state, LAW)
    assert facts.received_on is None
    assert facts.ended_on == day_of(instant(20))
    assert facts.outcome is Outcome.refused
