"""What decision 766 counts of a dossier: on time by its rules, and what the national format states of papers and identity."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from services.ingest.dossiers.dating.index import index_due
from services.ingest.dossiers.folding import DossierState, fold
from services.ingest.events.model import About, Event, Particulars, encode, stored
from services.ingest.sources.kinds import KINDS
from shared.civil import civil_day

LATEST = datetime(2026, 12, 1, tzinfo=UTC)
NATIONAL = KINDS["national"]
RECORD = {
    "MaHoSo": "000.00.19.H30-260302-0042",
    "MaTTHC": "1.001612",
    "KenhThucHien": "2",
    "NgayTiepNhan": "20260302080000",
    "NgayHenTra": "20260310170000",
    "DonViXuLy": "10813",
}
DONE = {"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20260310160000"}


def read(**fields: object) -> Event:
    decode = NATIONAL.decoder("x", msgspec.convert({}, NATIONAL.Settings), LATEST)
    event = decode({**RECORD, **fields})
    assert isinstance(event, Event), event
    return event


def dated(**fields: object) -> tuple[date | None, bool]:
    state: DossierState = fold([read(**fields)])
    done_on = None if state.closed_at is None else civil_day(state.closed_at)
    due_on = None if state.due_at is None else civil_day(state.due_at)
    found = index_due(state, done_on, due_on, None)
    assert found.ended_on == done_on
    return found.due_on, found.late


def request(since: str, until: str = "") -> dict[str, str]:
    return {"NgayBoSung": f"202603{since}090000", "NgayTiepNhanBoSung": f"202603{until}090000" if until else ""}


@pytest.mark.parametrize(
    ("fields", "due_on", "late"),
    [
        (DONE, 10, False),
        ({**DONE, "NgayKetThucXuLy": "20260311000000"}, 10, True),
        # Two days in which papers were supplied are taken off the end.
        ({**DONE, "NgayKetThucXuLy": "20260312080000", "DanhSachHoSoBoSung": [request("04", "06")]}, 12, False),
        ({**DONE, "NgayKetThucXuLy": "20260313080000", "DanhSachHoSoBoSung": [request("04", "06")]}, 12, True),
        # A second request is late, whatever the dates.
        ({**DONE, "DanhSachHoSoBoSung": [request("04", "05"), request("06", "07")]}, 12, True),
        # Papers were requested in time, and are waited for.
        ({"TrangThaiHoSo": "5", "DanhSachHoSoBoSung": [request("09")]}, None, False),
        ({"TrangThaiHoSo": "5", "DanhSachHoSoBoSung": [request("11")]}, 10, False),
        ({"TrangThaiHoSo": "4"}, 10, False),
    ],
)
def test_on_time_by_the_decision(fields: dict[str, object], due_on: int | None, late: bool) -> None:
    assert dated(**fields) == (None if due_on is None else date(2026, 3, due_on), late)


@pytest.mark.parametrize(
    ("fields", "about", "particulars"),
    [
        ({"DuocThanhToanTrucTuyen": "2"}, {"fee_online": True}, None),
        ({"DuocThanhToanTrucTuyen": "1"}, {"fee_online": True}, None),
        ({"DuocThanhToanTrucTuyen": "0"}, {"fee_online": False}, None),
        ({"DanhSachLePhi": [{"SoTien": "0"}, {"SoTien": "0.00"}]}, {"fee_required": False}, None),
        ({"DanhSachLePhi": [{"SoTien": "0"}, {"SoTien": "15000"}]}, {"fee_required": True}, None),
        ({"DanhSachLePhi": [{}]}, {"fee_required": True}, None),
        ({"DanhSachLePhi": []}, {"fee_required": False}, None),
        ({"TaiLieuNop": [{"DuocLayTuKhoDMQG": "1"}, {"DuocLayTuKhoDMQG": "0"}]}, {}, Particulars(None, True, None)),
        ({"TaiKhoanDuocXacThucVoiVNeID": "1"}, {}, Particulars(None, None, True)),
        ({"TaiKhoanDuocXacThucVoiVNeID": "lạ"}, {}, None),
        (
            {**DONE, "DanhSachGiayToKetQua": [{"MaGiayToKetQua": "KQ-1", "DuongDanTepTinKetQua": "/kq/1.pdf"}]},
            {"digitised_result": True},
            Particulars(True, None, None),
        ),
        (
            {**DONE, "DanhSachGiayToKetQua": [{"DuongDanTepTinKetQua": "/kq/1.pdf"}]},
            {"digitised_result": True},
            Particulars(False, None, None),
        ),
    ],
)
def test_what_the_national_format_states(
    fields: dict[str, object], about: dict[str, bool], particulars: Particulars | None
) -> None:
    event = read(**{"TrangThaiHoSo": "4", **fields})
    assert isinstance(event.about, About)
    assert {name: getattr(event.about, name) for name in about} == about
    assert event.particulars == particulars
    assert b"KQ-1" not in encode(event)


def test_an_event_without_particulars_is_stored_as_before_there_were_any_and_one_with_them_whole() -> None:
    plain = read(TrangThaiHoSo="4")
    telling = msgspec.structs.replace(plain, particulars=Particulars(None, True, None), reading=5, served_at=LATEST)
    assert encode(plain) != encode(telling)
    assert encode(telling) == encode(msgspec.structs.replace(telling, reading=6))
    for event in (plain, telling, msgspec.structs.replace(plain, reading=5, served_at=LATEST)):
        assert msgspec.msgpack.decode(stored(event, encode(event)), type=Event) == event
    # The form of events that were stored before: an array of twelve.
    assert encode(plain)[0] == 0x9C
