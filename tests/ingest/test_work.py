"""Steps of the internal process: what is kept of them, in which order, how late they are, and when a dossier was misrouted."""

from __future__ import annotations

import json
import random
from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.dossiers.dating.steps import judged_steps
from services.ingest.dossiers.folding import DossierState, fold
from services.ingest.dossiers.work import MAX_STEPS, returns, steps_in_order
from services.ingest.events.model import Course, Event, Pause, Rejected, WorkStep, digest, encode
from services.ingest.sources.fields.departments import DEPARTMENTS, STEP_NAMES, KnownNames
from services.ingest.sources.kinds import igate, national, own
from shared.dossier import Status, StepFacts
from shared.workdays import STANDARD_HOURS, national_calendar
from tests.ingest.histories import instant, work_steps
from tests.ingest.igate_records import LATEST, record, task
from tests.ingest.igate_records import at as on
from tests.ingest.test_source_contract import PERSONAL, national_progress
from tests.quick import cases

CODE = "000.00.19.H23-230102-0001"
DESK, JUSTICE, FINANCE = "Bộ phận Một cửa", "Phòng Tư pháp", "Phòng Tài chính"


def step(department: str | None, start: int, end: int | None, name: str | None = "Thụ lý hồ sơ") -> WorkStep:
    return WorkStep(department, name, instant(start), None, None if end is None else instant(end))


def told(*said: Event) -> DossierState:
    return fold(sorted(said, key=lambda one: (one.at, one.id, digest(encode(one)))))


def event(hours: int, *work: WorkStep, course: Course | None = None) -> Event:
    return Event(CODE, "test", f"e{hours}", instant(hours), course=course, work=work)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("Phòng Tài nguyên và Môi trường", "Phòng Tài nguyên và Môi trường"),
        ("  PHÒNG  TN&MT ", "Phòng Tài nguyên và Môi trường"),
        ("Phòng Tài nguyên và Môi trường huyện Thanh Hà", "Phòng Tài nguyên và Môi trường"),
        ("Bộ phận một cửa - Nguyễn Văn An 0912345678", DESK),
        ("Phòng Kinh tế và Hạ tầng", "Phòng Kinh tế và Hạ tầng"),
        ("Phòng Kinh tế", "Phòng Kinh tế"),
        ("UBND xã Tân Việt", "Ủy ban nhân dân"),
        ("H30.19.04", "H30.19.04"),
        ("Văn thưa", None),  # no word ends there
        ("Nguyễn Văn An", None),
        ("nguyen.van.an@example.vn", None),
        ("0912345678", None),
        ("030011269707", None),
        ("Phòng của chị Hoa", None),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_of_a_department_a_known_name_or_a_code_is_kept_and_nothing_else(written: str, known: str | None) -> None:
    names = KnownNames(DEPARTMENTS, {}, codes=True)
    assert names.get(written) == known
    assert known is None or names.get(known) == known


def test_what_a_source_calls_otherwise_is_mapped_by_its_settings() -> None:
    names = KnownNames(DEPARTMENTS, {"P.1": JUSTICE, "Tổ liên ngành": "Tổ liên ngành đất đai"})
    assert [names.get(one) for one in ("P.1", "tổ LIÊN ngành", "Tổ liên ngành đất đai", "P.2")] == [
        JUSTICE, "Tổ liên ngành đất đai", "Tổ liên ngành đất đai", None,
    ]  # fmt: skip
    for wrong in ("an@example.vn", "Phòng 0912345678", "hai\ndòng", ""):
        for kind in (national, own):
            with pytest.raises((msgspec.ValidationError, ValueError)):
                msgspec.convert({"departments": {"x": wrong}}, kind.Settings)


@pytest.mark.parametrize("name", [*DEPARTMENTS, *STEP_NAMES])
def test_a_known_name_is_found_by_itself_and_by_its_other_spellings(name: str) -> None:
    for known in (DEPARTMENTS, STEP_NAMES):
        if name in known:
            assert all(KnownNames(known, {}).get(one) == name for one in (name, *known[name]))


def test_a_national_progress_record_is_a_step_that_ended() -> None:
    read = national.decoder("x", national.Settings(), LATEST)(national_progress())
    assert isinstance(read, Event)
    assert read.work == (
        WorkStep(JUSTICE, "Thụ lý hồ sơ", on("06-15T09:00"), on("06-16T11:00"), on("06-16T09:00")),
    )  # fmt: skip
    silent = national_progress(PhongBanXuLy=PERSONAL, NgayBatDau="", NgayKetThucTheoQuyDinh="")
    read = national.decoder("x", national.Settings(), LATEST)(silent)
    assert isinstance(read, Event)
    assert read.work is None
    unreadable = national_progress(PhongBanXuLy=[1], NgayBatDau="2023-06-15T09:00:00.000", NgayKetThucTheoQuyDinh={"a": 1})
    assert isinstance(national.decoder("x", national.Settings(), LATEST)(unreadable), Event), "what is beside stops nothing"


def test_tasks_of_a_portal_are_steps_where_they_name_departments_or_due_times() -> None:
    decode = igate.decoder("x", igate.Settings(base_url="http://portal", steps={"Kiểm tra": "Thẩm định hồ sơ"}), LATEST)
    plain = decode(record())
    assert isinstance(plain, Event)
    assert plain.work is None
    office = {"id": "a", "name": [{"languageId": 228, "name": "Phòng Tư pháp huyện Thanh Hà"}]}
    tasks = [
        task("Tiếp nhận hồ sơ", "06-15T07:30", "06-15T08:00") | {"agency": {"name": "Một cửa"}},
        task("Kiểm tra", "06-15T08:00", "06-19T16:00") | {"agency": office, "dueDate": "2023-06-17T17:00:00.000+0700"},
        task("Nguyễn Văn An ký", "06-19T16:00", None) | {"agency": "Nguyễn Văn An", "dueDate": ["no date"]},
    ]
    read = decode(record(task=tasks))
    assert isinstance(read, Event)
    assert read.work == (
        WorkStep(DESK, "Tiếp nhận hồ sơ", on("06-15T07:30"), None, on("06-15T08:00")),
        WorkStep(JUSTICE, "Thẩm định hồ sơ", on("06-15T08:00"), on("06-17T17:00"), on("06-19T16:00")),
        WorkStep(None, None, on("06-19T16:00"), None, None),
    )


PEOPLE = ("Nguyễn Văn An", "TRAN THI BINH", "Lê Hoàng Nam 0912345678", "chị Hoa", "le.nam@example.vn", "030011269707")


@settings(max_examples=cases(150), deadline=None)
@given(
    st.sampled_from(PEOPLE), st.sampled_from(["", *DEPARTMENTS, *STEP_NAMES]), st.sampled_from([" ", " - ", ", ", ": ", "/"])
)
def test_nobody_is_ever_kept_be_the_record_taken_or_rejected(person: str, unit: str, mark: str) -> None:
    written = f"{unit}{mark}{person}" if unit else person
    progress = national_progress(PhongBanXuLy=written, ChucDanh=written, NguoiXuLy=person, NoiDungXuLy=person)
    work = [{"department": written, "step": written, "ended_at": "2023-06-16T09:00:00+07:00"}]
    ours = {"code": "H30-1", "id": "1", "at": "2023-06-16T09:00:00+07:00", "work": work}
    office = {"agency": {"name": written, "code": person}, "assignee": {"fullname": person}}
    tasks = [task("Thụ lý hồ sơ", "06-15T08:00", "06-16T08:00") | office]
    for kind, configured, good, bad in (
        (national, national.Settings(), progress, progress | {"TrangThai": "77"}),
        (own, own.Settings(), ours, ours | {"status": "gone"}),
        (igate, igate.Settings(base_url="http://p"), record(task=tasks, applicant=None), record(
            task=tasks, applicant=None, dossierStatus={"name": "Lạ"})),
    ):  # fmt: skip
        decode = kind.decoder("x", configured, LATEST)
        taken, rejected = decode(good), decode(bad)
        assert isinstance(taken, Event)
        assert isinstance(rejected, Rejected)
        for kept in (msgspec.json.encode(taken).decode(), msgspec.json.encode(rejected).decode()):
            assert person not in kept


def test_an_event_without_steps_has_the_bytes_that_it_had_before_there_were_any() -> None:
    plain = event(1)
    before = msgspec.structs.replace(plain, work=None)
    older = Event.__struct_fields__[: Event.__struct_fields__.index("work")]
    fields = [getattr(before, name) for name in older]
    assert encode(before) == msgspec.msgpack.encode(fields)
    assert msgspec.msgpack.decode(encode(before), type=Event) == before
    assert encode(plain) != encode(before)


def test_a_step_whose_start_is_not_stated_follows_one_that_began_as_it_ended() -> None:
    stated, unstated = (WorkStep("Bộ phận Một cửa", "Thụ lý hồ sơ", start, None, instant(0)) for start in (instant(0), None))
    assert steps_in_order([unstated, stated]) == steps_in_order([stated, unstated]) == (stated, unstated)


@settings(max_examples=cases(200), deadline=None)
@given(st.lists(work_steps, max_size=12), st.randoms(use_true_random=False))
def test_steps_are_a_set_whose_order_follows_from_their_ends(work: list[WorkStep], chance: random.Random) -> None:
    ordered = steps_in_order(work)
    shuffled = [*work, *chance.choices(work, k=len(work))] if work else []
    chance.shuffle(shuffled)
    assert steps_in_order(shuffled) == ordered == steps_in_order(ordered)
    ends = [one.ended_at for one in ordered]
    assert ends == sorted((end for end in ends if end), key=lambda end: end) + [None] * ends.count(None)
    assert len(ordered) <= MAX_STEPS


def test_a_list_of_all_steps_replaces_an_older_one_and_single_ones_add_up() -> None:
    course = Course(Status.processing, instant(1))
    older = event(5, step(DESK, 1, 2), step(JUSTICE, 2, None), course=course)
    newer = event(9, step(DESK, 1, 2), step(JUSTICE, 2, 8), course=course)
    single = event(7, step(FINANCE, 3, 6))
    assert told(older, newer, single).work == (step(DESK, 1, 2), step(FINANCE, 3, 6), step(JUSTICE, 2, 8))
    assert told(event(3, step(None, 1, 2)), event(4, step(JUSTICE, 1, 2))).work == (step(JUSTICE, 1, 2),)


A, B, C = DESK, JUSTICE, FINANCE


@pytest.mark.parametrize(
    ("way", "pause", "ended", "count"),
    [
        ((A, B), None, None, 0),
        ((A, B, A), None, None, 0),  # the desk that took it in hands it over
        ((A, B, A, B), None, None, 2),  # back at the desk, and at the department again
        ((A, B, C, B, A), None, None, 1),  # C was the wrong one
        ((A, B, C, A, B), None, None, 2),
        ((A, B, B, B), None, None, 0),  # it stayed
        ((A, None, A), None, None, 0),  # nobody knows where it was
        ((A, B, A, B), (25, 29), None, 0),  # papers were asked for at the desk, and then it went on
        ((A, B, C, B), None, 30, 0),  # back once the result was ready
        ((A, B, C, B, C), None, 31, 1),
    ],
)
def test_misrouted_is_what_comes_back_to_where_it_was(
    way: tuple[str | None, ...], pause: tuple[int, int] | None, ended: int | None, count: int
) -> None:
    work = [step(department, 10 * number, 10 * number + 10) for number, department in enumerate(way)]
    pauses = [Pause(instant(pause[0]), instant(pause[1]), Status.supplement_requested)] if pause else []
    assert returns(work, pauses, None if ended is None else instant(ended)) == count


def test_another_step_of_the_same_department_is_no_return() -> None:
    work = [step(A, 0, 10), step(B, 10, 20, "Thụ lý hồ sơ"), step(C, 20, 30), step(B, 30, 40, "Trình ký"), step(A, 40, 50)]
    assert returns(work, [], None) == 0


def test_steps_are_judged_within_the_life_of_their_dossier() -> None:
    def at(text: str) -> datetime:
        return on(f"06-{text}")

    work = (
        WorkStep(DESK, None, at("14T08:00"), at("14T09:00"), at("14T10:00")),  # before the receipt
        WorkStep(JUSTICE, "Thụ lý hồ sơ", at("15T08:00"), at("16T08:00"), at("16T10:00")),
        WorkStep(FINANCE, None, at("16T10:00"), None, at("16T11:00")),
        WorkStep(JUSTICE, "Trình ký", at("16T11:00"), at("16T14:00"), at("20T10:00")),  # runs over the end
        WorkStep(DESK, "Trả kết quả", at("19T16:00"), at("19T17:00"), at("20T10:00")),  # the result waits
        WorkStep(JUSTICE, None, at("16T11:00"), at("16T11:30"), None),  # never closed
    )
    course = Course(Status.resolved, at("15T08:00"), at("19T16:00"))
    state = told(Event(CODE, "test", "1", at("20T10:00"), course=course, work=work))
    found = judged_steps(state, national_calendar(), STANDARD_HOURS)
    day = {number: on(f"06-{number}T12:00").date() for number in (14, 15, 16, 19)}

    def expected(ends: int, department: str, name: str | None, start: int, due: int | None, over: int | None) -> StepFacts:
        return StepFacts(
            ended_on=day[ends],
            department=department,
            step=name,
            started_on=day[start],
            due_on=None if due is None else day[due],
            minutes_over=over,
        )

    assert found == (
        expected(15, DESK, None, 14, 14, 390),
        expected(16, JUSTICE, "Thụ lý hồ sơ", 15, 16, 120),
        expected(16, FINANCE, None, 16, None, None),
        expected(19, JUSTICE, "Trình ký", 16, 16, 180 + 240 + 150),
        expected(19, JUSTICE, None, 16, 16, 210 + 240 + 150),
    )
    assert judged_steps(msgspec.structs.replace(state, received_at=None), national_calendar(), STANDARD_HOURS) == ()


def test_the_facts_of_a_dossier_without_steps_are_written_as_before() -> None:
    facts: dict[str, Any] = json.loads(msgspec.json.encode(StepFacts(ended_on=on("06-15T08:00").date())))
    assert facts == {"ended_on": "2023-06-15"}
