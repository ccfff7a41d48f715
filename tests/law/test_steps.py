"""How late a step of the internal process was, in the working time of its office, and when a dossier went the wrong way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.dossiers.folding import fold
from services.ingest.dossiers.work import returns
from services.ingest.events.model import Event
from services.ingest.sources.kinds import national
from shared.civil import VIETNAM
from shared.workdays import STANDARD_HOURS, minutes_over, national_calendar
from tests.quick import cases

CALENDAR = national_calendar()
Wait = tuple[datetime, datetime | None]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2023-{text}").replace(tzinfo=VIETNAM)


def over(due: str, ended: str, *waits: Wait) -> int:
    return minutes_over(at(due), at(ended), waits, CALENDAR, STANDARD_HOURS)


@pytest.mark.parametrize(
    ("due", "ended", "minutes"),
    [
        ("06-15T10:00", "06-15T10:00", 0),
        ("06-15T10:00", "06-15T10:00:59", 0),  # seconds are nobody's lateness
        ("06-15T10:00", "06-15T10:01", 1),
        ("06-15T11:00", "06-15T14:00", 60),  # half an hour to the lunch break and half an hour after it
        ("06-15T17:00", "06-15T23:59", 0),  # after closing no working time goes by
        ("06-16T17:00", "06-19T07:30", 0),  # Friday to Monday
        ("06-16T16:00", "06-19T08:30", 120),
        ("06-15T00:00", "06-15T16:00", 0),  # a day alone is due at its end
        ("06-15T00:00", "06-16T08:00", 30),
        ("04-28T17:00", "05-04T07:30", 0),  # the holidays of April and May
    ],
)
def test_time_over_is_working_time(due: str, ended: str, minutes: int) -> None:
    assert over(due, ended) == minutes


def test_time_in_which_somebody_else_was_waited_for_excuses_as_much() -> None:
    assert over("06-15T10:00", "06-16T10:00") == 450
    assert over("06-15T10:00", "06-16T10:00", (at("06-15T14:00"), at("06-16T09:00"))) == 180
    assert over("06-15T10:00", "06-16T10:00", (at("06-15T08:00"), at("06-15T09:00"))) == 390  # before it was due too
    assert over("06-15T10:00", "06-16T10:00", (at("06-15T10:00"), None)) == 0


instants = st.integers(0, 60 * 24 * 20).map(lambda minutes: at("04-20T00:01") + timedelta(minutes=minutes))


@settings(max_examples=cases(200), deadline=None)
@given(instants, instants)
def test_time_over_is_the_open_minutes_after_the_due_time_one_by_one(due: datetime, ended: datetime) -> None:
    def is_open(minute: datetime) -> bool:
        spans = STANDARD_HOURS.on(minute.weekday())
        return CALENDAR.is_working(minute.date()) and any(opens <= minute.time() < closes for opens, closes in spans)

    due_at = due + timedelta(days=1) if (due.hour, due.minute) == (0, 0) else due
    minutes = max(int((ended - due_at).total_seconds() // 60), 0)
    walked = sum(is_open(due_at + timedelta(minutes=number)) for number in range(minutes))
    assert minutes_over(due, ended, (), CALENDAR, STANDARD_HOURS) == walked


# ---- Misrouted, from records of the national format -----------------------------------------------------------------------

DESK, JUSTICE, LAND = "Bộ phận Một cửa", "Phòng Tư pháp", "Phòng Tài nguyên và Môi trường"
CODE = "000.00.19.H30-230615-0042"


def misrouted(*records: Mapping[str, object]) -> int:
    """How often the dossier that these records tell of was misrouted."""
    events = [national.decoder("x", national.Settings(), at("07-20T00:00"))(one) for one in records]
    assert all(isinstance(one, Event) for one in events), events
    state = fold(sorted((one for one in events if isinstance(one, Event)), key=lambda one: (one.at, one.id)))
    return returns(state.work, state.pauses, state.ended_at)


def step(department: str, ended: str, status: str = "4") -> Mapping[str, object]:
    return {"MaHoSo": CODE, "PhongBanXuLy": department, "ThoiDiemXuLy": f"2023{ended}", "TrangThai": status}


def dossier(*supplements: Mapping[str, object], status: str = "4") -> Mapping[str, object]:
    return {
        "MaHoSo": CODE,
        "MaTTHC": "1.001612",
        "KenhThucHien": "1",
        "NgayTiepNhan": "20230615080000",
        "NgayHenTra": "20230630170000",
        "TrangThaiHoSo": status,
        "DonViXuLy": "10813",
        "DanhSachHoSoBoSung": list(supplements),
    }


WRONG_WAY = (step(DESK, "0615090000"), step(JUSTICE, "0616090000"), step(LAND, "0619100000"), step(JUSTICE, "0621090000"))


def test_a_dossier_that_comes_back_to_a_department_without_anybody_waiting_is_misrouted() -> None:
    assert misrouted(dossier(), *WRONG_WAY) == 1


def test_rework_after_a_request_for_papers_is_not_misrouted_be_it_told_by_list_or_by_status() -> None:
    asked = {"NgayBoSung": "20230616100000", "NgayTiepNhanBoSung": "20230619090000"}
    assert misrouted(dossier(asked), *WRONG_WAY) == 0
    still = {"NgayBoSung": "20230616100000", "NgayTiepNhanBoSung": ""}
    assert misrouted(dossier(still, status="5"), *WRONG_WAY) == 0
    by_status = (
        step(DESK, "0615090000"),
        step(JUSTICE, "0616090000"),
        step(DESK, "0616100000", "5"),
        step(JUSTICE, "0621090000"),
    )
    assert misrouted(*by_status) == 0
    back_at_the_desk = (*by_status[:2], step(DESK, "0616100000"), by_status[3])
    assert misrouted(*back_at_the_desk) == 2, "nothing was asked for: back at the desk, and at the department again"


def test_a_request_for_papers_excuses_only_the_return_that_it_lies_before() -> None:
    before = {"NgayBoSung": "20230615080500", "NgayTiepNhanBoSung": "20230615084000"}
    assert misrouted(dossier(before), *WRONG_WAY) == 1
    after = {"NgayBoSung": "20230622080000", "NgayTiepNhanBoSung": "20230623080000"}
    assert misrouted(dossier(after), *WRONG_WAY) == 1
