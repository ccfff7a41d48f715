"""Histories of dossiers for tests: what a hostile source may say, as events of every kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from services.ingest.events.model import About, Course, Event, Particulars, Pause, Step, WorkStep
from shared.dossier import SUSPENDING, Channel, Status

START = datetime(2023, 1, 2, 1, 0, tzinfo=UTC)
PROCEDURES = ("1.001612", "9.999999", None)
AGENCIES = ("10813", "10828", "294.TNMT", "nobody", None)


def instant(hours: int) -> datetime:
    """An instant some hours after the start of the tests' time."""
    return START + timedelta(hours=hours)


instants = st.integers(0, 24 * 40).map(instant)
maybe = st.none() | instants
steps = st.builds(Step, instants, st.sampled_from(Status), st.booleans())
pauses = st.builds(
    lambda begin, length, kind: Pause(instant(begin), None if length is None else instant(begin + length), kind),
    st.integers(0, 24 * 40),
    st.none() | st.integers(0, 100),
    st.sampled_from(sorted(SUSPENDING)),
)
abouts = st.builds(
    About,
    st.sampled_from(AGENCIES),
    st.sampled_from(PROCEDURES),
    st.none() | st.sampled_from(Channel),
    st.none() | st.booleans(),
    st.none() | st.booleans(),
)
work_steps = st.builds(
    WorkStep,
    st.sampled_from(["Bộ phận Một cửa", "Phòng Tư pháp", None]),
    st.sampled_from(["Thụ lý hồ sơ", None]),
    maybe,
    maybe,
    maybe,
)
courses = st.builds(Course, st.sampled_from(Status), maybe, maybe, maybe, maybe)
codes = st.sampled_from(["000.00.19.H23-230102-0001", "000.00.19.H23-230102-0002", "000.00.19.H23-230102-0003"])
events = st.builds(
    Event,
    code=codes,
    source=st.just("test"),
    id=st.sampled_from(["a", "b", "c", "d"]),
    at=instants,
    about=st.none() | abouts,
    due_at=maybe,
    extended_to=maybe,
    extension_letter=st.none() | st.just("12/TXL-UBND"),
    course=st.none() | courses,
    pauses=st.none() | st.lists(pauses, max_size=3).map(tuple),
    steps=st.lists(steps, max_size=3).map(tuple),
    deleted=st.sampled_from([False, False, False, True]),
    work=st.none() | st.lists(work_steps, max_size=4).map(tuple),
    particulars=st.none() | st.builds(Particulars, st.none() | st.booleans(), st.none() | st.booleans(), st.booleans()),
)
histories = st.lists(events, min_size=1, max_size=12)
