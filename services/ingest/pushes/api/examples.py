"""Of what is sent, and of what could not be read."""

from __future__ import annotations

from services.ingest.components import Example
from services.ingest.dossiers.api.examples import UNMAPPED
from shared.dossier import Status

SENT: list[Example] = [
    {
        "code": "000.00.19.H30-230615-0042",
        "id": "42-7",
        "at": "2023-06-20T09:00:00+07:00",
        "status": "delivered",
        "received_at": "2023-06-15T08:00:00+07:00",
        "due_at": "2023-06-20T17:00:00+07:00",
        "ended_at": "2023-06-19T16:00:00+07:00",
        "delivered_at": "2023-06-20T09:00:00+07:00",
        "agency": "10813",
        "procedure": "1.001612",
        "channel": "online",
        "digitised_intake": True,
        "digitised_result": True,
        "fee_required": True,
        "fee_online": True,
        "supplements": 1,
        "pauses": [
            {"from_at": "2023-06-16T08:00:00+07:00", "to_at": "2023-06-17T08:00:00+07:00", "kind": "supplement_requested"}
        ],
        "steps": [{"at": "2023-06-15T09:00:00+07:00", "status": "processing"}],
    },
    {"code": "000.00.19.H30-230615-0043", "id": "43-2", "at": "2023-06-20T09:05:00+07:00", "deleted": True},
]
RECEIPT: Example = {
    "served": 2,
    "accepted": 1,
    "known": 0,
    "superseded": 0,
    "quarantined": 1,
    "head": 41234,
    "rejected": [
        {
            "index": 1,
            "code": "000.00.19.H30-230615-0043",
            "reason": "unknown_status",
            "detail": "status is not a known status. Did you mean `received`? Known: "
            + ", ".join(one.value for one in Status)
            + ".",
            "vi": "Tên trạng thái hồ sơ chưa được khai báo.",
            "en": "The name of the status is not known.",
        }
    ],
    "unmapped": UNMAPPED,
}
_DOSSIER: Example = {
    "MaHoSo": "000.00.19.H30-230615-0042",
    "MaTTHC": "1.001612.000.00.00.H30",
    "KenhThucHien": "2",
    "NgayNopHoSo": "20230615073000",
    "NgayTiepNhan": "20230615080000",
    "NgayHenTra": "20230620170000",
    "TrangThaiHoSo": "10",
    "NgayTra": "20230620090000",
    "NgayTuChoi": "",
    "NgayKetThucXuLy": "20230619160000",
    "DonViXuLy": "10813",
    "HoSoCoThanhPhanSoHoa": "1",
    "DuocThanhToanTrucTuyen": "1",
    "TaiLieuNop": [{"DuocSoHoa": "1", "DuocTaiSuDung": "0"}],
    "DanhSachLePhi": [{}],
    "DanhSachHoSoBoSung": [{"NgayBoSung": "20230616080000", "NgayTiepNhanBoSung": "20230617080000"}],
    "DanhSachGiayToKetQua": [{"DuongDanTepTinKetQua": "/kq/1.pdf"}],
}
_STEP: Example = {"MaHoSo": "000.00.19.H30-230615-0042", "ThoiDiemXuLy": "20230616090000", "TrangThai": "4"}
_SESSION = "1f3a5c7e.1689835000.5d1f0c2b9a8e7d6c5d1f0c2b9a8e7d6c5d1f0c2b9a8e7d6c5d1f0c2b9a8e7d6c"
NATIONAL: dict[str, object] = {
    "the session step": {"username": "motcua", "password": "mc_<id>_<secret>"},
    "dossiers in the envelope": {
        "session": _SESSION,
        "madonvi": "H30",
        "service": "DongBoHoSoMC",
        "isUpdating": "True",
        "data": [_DOSSIER],
    },
    "steps in the envelope": {
        "session": _SESSION,
        "madonvi": "H30",
        "service": "CapNhatTienDoHoSoMC",
        "data": [_STEP],
    },
    "a look-up in the envelope": {
        "session": _SESSION,
        "madonvi": "H30",
        "service": "TraCuuHoSo",
        "mahoso": "000.00.19.H30-230615-0042",
    },
    "the bare array, with a key in a header": [_DOSSIER],
}
NATIONAL_REPLY: Example = {"error_code": 0, "message": "Đồng bộ thành công: nhận 1 bản ghi"}
