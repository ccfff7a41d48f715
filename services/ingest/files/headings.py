"""Headings of clerks' lists: which column is which field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.vietnamese import unaccented

FIELD_OF: dict[str, str] = {
    unaccented(heading): field
    for field, headings in {
        "code": ("Mã hồ sơ", "Số hồ sơ", "Mã số hồ sơ", "Số biên nhận", "Mã biên nhận", "MaHoSo"),
        "procedure": ("Mã thủ tục", "Mã TTHC", "Mã thủ tục hành chính", "MaTTHC"),
        "agency": (
            "Mã đơn vị",
            "Mã cơ quan",
            "Đơn vị",
            "Cơ quan",
            "Đơn vị xử lý",
            "Cơ quan giải quyết",
            "Đơn vị giải quyết",
            "Cơ quan thực hiện",
            "DonViXuLy",
        ),
        "channel": ("Hình thức nộp", "Hình thức tiếp nhận", "Kênh tiếp nhận", "Cách thức nộp", "KenhThucHien"),
        "status": ("Trạng thái", "Trạng thái hồ sơ", "Tình trạng", "Tình trạng hồ sơ", "TrangThaiHoSo"),
        "received_at": (
            "Ngày tiếp nhận",
            "Ngày nhận",
            "Thời điểm tiếp nhận",
            "Ngày giờ tiếp nhận",
            "NgayTiepNhan",
            "received_at",
        ),
        "due_at": ("Ngày hẹn trả", "Hẹn trả", "Ngày hẹn", "Ngày hẹn trả kết quả", "Hạn giải quyết", "NgayHenTra"),
        "ended_at": (
            "Ngày kết thúc",
            "Ngày kết thúc xử lý",
            "Ngày hoàn thành",
            "Ngày có kết quả",
            "Ngày giải quyết xong",
            "NgayKetThucXuLy",
        ),
        "delivered_at": ("Ngày trả", "Ngày trả kết quả", "Ngày trả thực tế", "NgayTra"),
        "updated_at": ("Ngày cập nhật", "Thời điểm cập nhật", "Cập nhật lúc"),
        "digitised_intake": ("Số hóa hồ sơ", "Số hóa thành phần hồ sơ", "HoSoCoThanhPhanSoHoa"),
        "digitised_result": ("Số hóa kết quả", "Kết quả điện tử"),
        "fee_online": ("Thanh toán trực tuyến", "DuocThanhToanTrucTuyen"),
    }.items()
    for heading in (*headings, field)
}
"""Fields by heading, compared without accents, case and spacing."""

MIN_FIELDS = 2


class ColumnMapping(NamedTuple):
    """How the columns of a file are understood."""

    fields: tuple[str | None, ...]
    """Field of each column; None: dropped."""
    headings: tuple[str, ...]

    def by_heading(self) -> dict[str, str | None]:
        """Field by heading, for people."""
        return dict(zip(self.headings, self.fields, strict=True))


def headings_of(cells: Sequence[object], own: Mapping[str, str]) -> ColumnMapping | None:
    """The mapping that a row of headings gives; None when it is none, as the titles above a list are none.

    `own` (the profile's columns) goes before what is known. Of two columns for one field the first is taken.
    """
    ours = {unaccented(heading): field for heading, field in own.items()}
    fields: list[str | None] = []
    for cell in cells:
        name = unaccented(cell) if isinstance(cell, str) else ""
        # A remark in brackets belongs to no heading: "Ngày hẹn trả (dự kiến)".
        field = ours.get(name, FIELD_OF.get(name) or FIELD_OF.get(name.partition("(")[0].strip())) or None
        fields.append(field if field not in fields else None)
    if "code" not in fields or sum(field is not None for field in fields) < MIN_FIELDS:
        return None
    return ColumnMapping(tuple(fields), tuple(str(cell)[:100] if cell is not None else "" for cell in cells))
