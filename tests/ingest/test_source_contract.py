"""What every kind of source owes intake, whatever the source sends: for each of `KINDS`, with its own examples."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import pytest

from services.ingest.catalogue.model import Ruleset
from services.ingest.dossiers.dating.assessment import assess
from services.ingest.dossiers.dating.facts import facts_of
from services.ingest.dossiers.folding import fold
from services.ingest.events.model import Event, Reason, Rejected, encode
from services.ingest.events.reasons import wording
from services.ingest.sources.errors import SourceUnreadable
from services.ingest.sources.fields.instants import FIRST_YEAR, LAST_DUE_YEAR
from services.ingest.sources.fields.whitelist import MAX_TEXT, Spec
from services.ingest.sources.kinds import KINDS, files, igate, national, own
from services.ingest.sources.kinds.igate.record import Decoder
from services.ingest.sources.model import Arrival, FileSettings, PortalSettings, PulledKind
from services.ingest.sources.traits import kinds_that_come
from shared.agencies import reference_structure
from shared.procedures import reference_procedures
from shared.web.schemas import field_texts
from shared.workdays import STANDARD_HOURS, calendar_for
from tests.ingest import igate_records
from tests.ingest.hostile import mutated
from tests.quick import cases

LATEST = datetime(2026, 1, 2, tzinfo=UTC)
MUTATIONS = cases(int(os.environ.get("MUTATIONS", "25000")))
"""Of each adapter; together a hundred thousand."""
PERSONAL = "NGUOI-DAN-RIENG-TU"
"""Stands in every field of the examples that is not on the whitelist."""


class Subject(NamedTuple):
    """An adapter under the contract."""

    decode: Callable[[object], Event | Rejected]
    fields: Spec
    examples: list[dict[str, Any]]


def _igate_examples() -> list[dict[str, Any]]:
    task = igate_records.task
    person = {"data": {"fullname": PERSONAL, "phoneNumber": PERSONAL}, "note": PERSONAL}
    return [
        igate_records.record(applicant=person, description=PERSONAL),
        igate_records.record(
            applicant=person,
            dossierStatus={"name": "Tạm dừng"},
            completedDate=None,
            returnedDate=None,
            task=[
                task("Thụ lý hồ sơ", "06-15T08:00", "06-16T08:00"),
                task("Tạm dừng", "06-16T08:00", None)
                | {"note": PERSONAL, "agency": {"name": PERSONAL, "code": "H30.1"}, "dueDate": "2023-06-16T17:00:00.000+0700"},
            ],
        ),
        igate_records.record(applicant=person, dossierStatus={"name": "Từ chối"}, acceptedDate=None, task=None),
    ]


def national_dossier(**changes: Any) -> dict[str, Any]:
    """A finished dossier as `DongBoHoSoMC` sends it."""
    return {
        "MaHoSo": "000.00.19.H30-230615-0042",
        "MaTTHC": "1.001612.000.00.00.H30",
        "TenTTHC": "Đăng ký hộ kinh doanh",
        "KenhThucHien": "2",
        "ChuHoSo": PERSONAL,
        "SoGiayToChuHoSo": PERSONAL,
        "SoDienThoai": PERSONAL,
        "TrichYeuHoSo": PERSONAL,
        "NgayNopHoSo": "20230615073000",
        "NgayTiepNhan": "20230615080000",
        "NgayHenTra": "20230620170000",
        "TrangThaiHoSo": "10",
        "NgayTra": "20230620090000",
        "NgayTuChoi": "",
        "HinhThuc": "0",
        "NgayKetThucXuLy": "20230619160000",
        "DonViXuLy": "10813",
        "GhiChu": PERSONAL,
        "HoSoCoThanhPhanSoHoa": "1",
        "DuocThanhToanTrucTuyen": "1",
        "TaiLieuNop": [{"DuocSoHoa": "1", "DuocTaiSuDung": "0", "TenTepDinhKem": PERSONAL}],
        "DanhSachLePhi": [{"TenPhiLePhi": PERSONAL, "SoTien": "15000", "NgayThanhToan": "20230615010203 CH"}],
        "DanhSachHoSoBoSung": [
            {"NgayBoSung": "20230616080000", "NgayTiepNhanBoSung": "20230617080000", "NguoiYeuCauBoSung": PERSONAL}
        ],
        "DanhSachGiayToKetQua": [{"DuongDanTepTinKetQua": f"/kq/{PERSONAL}.pdf", "MaGiayToKetQua": "x"}],
        **changes,
    }


def national_progress(**changes: Any) -> dict[str, Any]:
    """A step as `CapNhatTienDoHoSoMC` sends it."""
    return {
        "MaHoSo": "000.00.19.H30-230615-0042",
        "NguoiXuLy": PERSONAL,
        "ChucDanh": f"Chuyên viên {PERSONAL}",
        "PhongBanXuLy": f"Phòng Tư pháp - {PERSONAL}",
        "ThoiDiemXuLy": "20230616090000",
        "NoiDungXuLy": PERSONAL,
        "TrangThai": "4",
        "NgayBatDau": "20230615090000",
        "NgayKetThucTheoQuyDinh": "20230616110000",
        **changes,
    }


def _row_example() -> dict[str, Any]:
    return {
        "code": "000.00.19.H30-230615-0042",
        "procedure": "1.001612",
        "agency": "10813",
        "channel": "Trực tuyến",
        "status": "Đã xử lý xong",
        "received_at": "15/06/2023 08:00",
        "due_at": "20/06/2023",
        "ended_at": 45096.5,
        "digitised_intake": "x",
        "applicant": PERSONAL,
    }


def _own_example() -> dict[str, Any]:
    return {
        "code": "000.00.19.H30-230615-0042",
        "id": "42-7",
        "at": "2023-06-20T09:00:00+07:00",
        "status": "delivered",
        "received_at": "2023-06-15T08:00:00+07:00",
        "ended_at": "2023-06-19T16:00:00+07:00",
        "delivered_at": "2023-06-20T09:00:00+07:00",
        "due_at": "2023-06-20T17:00:00+07:00",
        "agency": "10813",
        "procedure": "1.001612",
        "channel": "online",
        "digitised_intake": True,
        "supplements": 1,
        "pauses": [{"from_at": "2023-06-16T08:00:00Z", "to_at": "2023-06-17T08:00:00Z", "kind": "suspended"}],
        "steps": [{"at": "2023-06-15T09:00:00+07:00", "status": "processing"}],
        "work": [
            {"department": PERSONAL, "step": PERSONAL, "due_at": "2023-06-16T09:00:00Z", "ended_at": "2023-06-17T08:00:00Z"}
        ],
    }


def _subjects() -> dict[str, Subject]:
    return {
        "igate": Subject(
            Decoder("x", igate.Settings(base_url="http://portal"), LATEST).decode, igate.FIELDS, _igate_examples()
        ),
        "national": Subject(
            national.decoder("x", national.Settings(), LATEST), national.FIELDS, [national_dossier(), national_progress()]
        ),
        "files": Subject(files.decoder("x", files.Settings(), LATEST), files.FIELDS, [_row_example()]),
        "own": Subject(own.decoder("x", own.Settings(), LATEST), own.FIELDS, [_own_example()]),
    }


SUBJECTS = _subjects()


@pytest.fixture(params=[*KINDS])
def subject(request: pytest.FixtureRequest) -> Subject:
    """A kind with records that hold persons where it has some here, else with the example that it gives of itself."""
    kind = KINDS[request.param]
    settings = msgspec.convert(kind.EXAMPLE_SETTINGS, kind.Settings)
    own = Subject(kind.decoder("x", settings, LATEST), kind.FIELDS, [{**kind.EXAMPLE_RECORD, "applicant": PERSONAL}])
    return SUBJECTS.get(request.param, own)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_says_all_that_follows_from_it(name: str) -> None:
    kind = KINDS[name]
    settings = msgspec.convert(kind.EXAMPLE_SETTINGS, kind.Settings)
    read = kind.decoder("x", settings, LATEST)(kind.EXAMPLE_RECORD)
    assert isinstance(read, Event), read
    check_event(read)
    within(dict(kind.EXAMPLE_RECORD), kind.FIELDS)
    assert kind.SUMMARY.endswith(".")
    assert isinstance(kind, PulledKind) is (kind.ARRIVAL is Arrival.pulled)
    assert isinstance(settings, PortalSettings) is (kind.ARRIVAL is Arrival.pulled)
    assert isinstance(settings, FileSettings) is (kind.ARRIVAL is Arrival.imports)
    assert name in kinds_that_come(kind.ARRIVAL)
    assert field_texts(kind.Settings).keys() >= set(kind.Settings.__struct_fields__), "each field is described"
    numbers = {one.name for one in msgspec.structs.fields(kind.Settings) if one.type in (int, float)}
    assert numbers <= getattr(kind.Settings, "BOUNDS", {}).keys(), "each number is bounded"


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return Ruleset(
        version=1,
        structure=reference_structure(),
        procedures=reference_procedures(),
        calendar=calendar_for("30"),
        hours=STANDARD_HOURS,
    )


def instants(value: Any) -> Iterator[datetime]:
    """Every instant anywhere in an event."""
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from instants(getattr(value, name))
    elif isinstance(value, tuple):
        for one in value:
            yield from instants(one)


def check_event(event: Event) -> None:
    assert event.code
    assert len(event.code) <= 64
    assert event.code.isascii()
    for at in instants(event):
        assert at.tzinfo is UTC
        assert FIRST_YEAR <= at.year <= LAST_DUE_YEAR
    past = [event.at, *(instants(event.course)), *instants(event.pauses), *instants(event.steps)]
    assert max(past) <= LATEST
    encoded = encode(event)
    assert len(encoded) < 100_000
    assert msgspec.msgpack.decode(encoded, type=Event) == event


def check_rejected(one: Rejected, fields: Spec) -> None:
    assert wording(one.reason).vi
    assert wording(one.reason).en
    assert one.detail.endswith(".")
    within(one.fields, fields)
    # PostgreSQL's jsonb takes it: strict JSON, no NUL, no half characters.
    text = msgspec.json.encode(one.fields, order="sorted").decode()
    assert "\\u0000" not in text
    assert len(text) < 1_000_000
    json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} in {text[:100]}"))


def within(value: Any, spec: Spec | None) -> None:
    """Every key is on the whitelist, every text short."""
    if isinstance(value, dict):
        assert spec is not None or not value
        for name, inner in value.items():
            assert spec is not None
            assert name in spec
            within(inner, spec[name])
    elif isinstance(value, list):
        for one in value:
            within(one, spec)
    elif isinstance(value, str):
        assert len(value) <= MAX_TEXT


def test_examples_are_read_and_hold_nothing_off_the_whitelist(subject: Subject) -> None:
    for example in subject.examples:
        event = subject.decode(example)
        assert isinstance(event, Event), event
        check_event(event)
        # Our own shape has no field off the whitelist.
        assert PERSONAL in json.dumps(example) or subject.fields is own.FIELDS
        assert PERSONAL.encode() not in encode(event)


@pytest.mark.parametrize(
    ("place", "name", "told"),
    [
        (None, "recieved_at", "There is no field `recieved_at`. Did you mean `received_at`?"),
        (None, "receivedAt", "There is no field `receivedAt`. Did you mean `received_at`?"),
        ("pauses", "until", "There is no field of pauses `until`."),
        ("steps", "status_", "There is no field of steps `status_`. Did you mean `status`?"),
        (None, "Nguyễn Văn An", "There is no field of that name, which is no plain identifier."),
        (None, "x" * 41, "There is no field of that name, which is no plain identifier."),
        (None, "p_0912345678", "There is no field of that name, which is no plain identifier."),
    ],
)
def test_a_field_that_our_own_shape_does_not_have_puts_its_record_aside(place: str | None, name: str, told: str) -> None:
    example = _own_example()
    (example if place is None else example[place][0])[name] = PERSONAL
    for decode in (SUBJECTS["own"].decode, SUBJECTS["files"].decode):
        read = decode(example)
        assert isinstance(read, Rejected)
        assert (read.reason, read.code) == (Reason.unknown_field, example["code"])
        assert read.detail == f"{told} The API's documents list them."
        check_rejected(read, own.FIELDS)
        assert PERSONAL not in str(read)


def test_the_same_record_is_the_same_event(subject: Subject) -> None:
    for example in subject.examples:
        once, again = subject.decode(example), subject.decode(json.loads(json.dumps(example)))
        assert isinstance(once, Event)
        assert isinstance(again, Event)
        assert encode(once) == encode(again)


def test_mutated_records_are_events_or_rejected_with_a_reason(subject: Subject, ruleset: Ruleset) -> None:
    chance = random.Random(20230615)
    became: Counter[str] = Counter()
    for number in range(MUTATIONS):
        record = mutated(subject.examples[number % len(subject.examples)], chance)
        read = subject.decode(record)
        if isinstance(read, Event):
            check_event(read)
            facts = facts_of(assess(fold([read]), ruleset))
            assert PERSONAL not in str(read)
            assert PERSONAL not in str(facts)
            became["event"] += 1
        else:
            check_rejected(read, subject.fields)
            assert PERSONAL not in str(read)
            became[read.reason] += 1
            if read.reason is Reason.unknown_field:
                continue  # nothing of that field is kept
            # What is kept is enough to come to the same judgement again.
            again = subject.decode(read.fields)
            assert isinstance(again, Event) or again.reason == read.reason or not read.fields
    assert became["event"] > MUTATIONS / 10
    assert len(became) >= 5, became


def test_mutated_bytes_never_raise_anything_but_unreadable() -> None:
    decoder = Decoder("x", igate.Settings(base_url="http://portal"), LATEST)
    chance = random.Random(7)
    good = json.dumps({"content": SUBJECTS["igate"].examples, "totalElements": 3, "size": 20}).encode()
    read = 0
    for _ in range(cases(3_000)):
        body = bytearray(good)
        for _ in range(chance.choice((1, 2, 5))):
            place = chance.randrange(len(body))
            noise = bytes(chance.choices(b'{}[]",:\\\x00\xff0aN', k=chance.choice((0, 1, 3))))
            body[place : place + chance.choice((0, 1, 1, 30))] = noise
        try:
            page = decoder.page(bytes(body))
        except SourceUnreadable:
            continue
        read += 1
        assert page.served == len(page.events) + len(page.rejected)
        for event in page.events:
            check_event(event)
        for one in page.rejected:
            check_rejected(one, igate.FIELDS)
    assert read > cases(100)


@pytest.mark.parametrize(
    ("wrong", "reason", "detail"),
    [
        ({"status": "proccessing"}, "unknown_status", "status is not a known status. Did you mean `processing`?"),
        ({"status": "Nguyễn Văn An"}, "unknown_status", "status is not a known status. Known: registered,"),
        (
            {"steps": [{"at": "2023-06-15T08:00:00+07:00", "status": "Recieved"}]},
            "unknown_status",
            "steps[0].status is not a known status. Did you mean `received`?",
        ),
        (
            {"pauses": [{"from_at": "2023-06-15T08:00:00+07:00", "kind": "suspend"}]},
            "unknown_status",
            "pauses[0].kind is not a known status. Did you mean `suspended`?",
        ),
        ({"channel": "on-line"}, "unknown_channel", "channel is not a known channel. Did you mean `online`?"),
    ],
)
def test_a_status_or_channel_that_is_not_known_is_rejected_with_the_nearest(
    wrong: dict[str, object], reason: str, detail: str
) -> None:
    record = {"code": "H30-1", "id": "1", "at": "2023-06-15T09:00:00+07:00", **wrong}
    rejected = own.decoder("software", own.Settings(), LATEST)(record)
    assert isinstance(rejected, Rejected)
    assert (rejected.reason, rejected.detail[: len(detail)]) == (reason, detail)
    assert "Nguyễn" not in rejected.detail


@pytest.mark.parametrize("date", ["received_at", "ended_at", "delivered_at", "ready_at"])
def test_a_date_of_a_course_without_a_status_is_rejected_and_never_dropped(date: str) -> None:
    decode = own.decoder("x", own.Settings(), LATEST)
    told = {"code": "H30-1", "id": "1", "at": "2023-06-20T09:00:00+07:00", date: "2023-06-15T08:00:00+07:00"}
    read = decode(told)
    assert isinstance(read, Rejected)
    assert (read.reason, date in read.detail, read.code) == (Reason.missing_field, True, "H30-1")
    taken = decode({**told, "status": "processing"})
    assert isinstance(taken, Event)
    assert taken.course is not None
    assert isinstance(decode({**told, "deleted": True}), Event)  # it counts nothing, whatever its dates were
