"""A dossier that a province sends in the national format, with the steps of its internal process: late at one, and misrouted.

It is of the month after the reference period, so that it moves no figure of that period.
"""

from __future__ import annotations

from collections.abc import Mapping

SOURCE = "cong-quoc-gia"
CODE = "000.00.19.H30-230801-0001"
PERIOD: Mapping[str, str] = {"from": "2023-08-01", "to": "2023-08-31"}
SCOPE = "10813"
DOSSIER: Mapping[str, object] = {
    "MaHoSo": CODE,
    "MaTTHC": "1.004884",
    "KenhThucHien": "1",
    "NgayTiepNhan": "20230801080000",
    "NgayHenTra": "20230808170000",
    "TrangThaiHoSo": "10",
    "NgayKetThucXuLy": "20230809100000",
    "NgayTra": "20230809103000",
    "DonViXuLy": SCOPE,
}
_WAY = (
    # Department, role, begun, due, done: two days late at the second, sent to the third by mistake.
    ("Bộ phận Một cửa", "Cán bộ tiếp nhận", "20230801080000", "20230801100000", "20230801090000"),
    ("Phòng Tư pháp", "Chuyên viên", "20230801090000", "20230803170000", "20230807160000"),
    ("Phòng Tài chính", "Chuyên viên", "20230807160000", "", "20230808090000"),
    ("Phòng Tư pháp", "Chuyên viên", "20230808090000", "20230808170000", "20230808160000"),
)
STEPS: tuple[Mapping[str, object], ...] = tuple(
    {
        "MaHoSo": CODE,
        "PhongBanXuLy": department,
        "ChucDanh": role,
        "NgayBatDau": begun,
        "NgayKetThucTheoQuyDinh": due,
        "ThoiDiemXuLy": done,
        "TrangThai": "4",
    }
    for department, role, begun, due, done in _WAY
)
LATE_DEPARTMENTS: Mapping[str, int] = {"Phòng Tư pháp": 1}
LATE_STEPS: Mapping[str, int] = {"Thụ lý hồ sơ": 1}
MISROUTED = 1
