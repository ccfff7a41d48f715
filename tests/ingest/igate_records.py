"""Records as iGate serves them, for tests to change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

LATEST = datetime(2026, 1, 2, tzinfo=UTC)
"""No date of a record is believed that is after this."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2023-{text}+07:00").astimezone(UTC)


def record(**changes: Any) -> dict[str, Any]:
    """A dossier with its result handed over, as the portal sends it."""
    fields: dict[str, Any] = {
        "id": "63900000",
        "code": "000.00.19.H30-230615-0042",
        "dossierStatus": {"id": 5, "name": [{"languageId": 46, "name": "Done"}, {"languageId": 228, "name": "Đã trả kết quả"}]},
        "applicant": {"data": {"fullname": "Nguyễn Văn An", "identityNumber": "030011269707"}},
        "procedure": {"id": "p", "code": "1.001612.000.00.00.H30"},
        "agency": {"id": "a", "code": "10813", "name": "UBND"},
        "acceptedDate": "2023-06-15T08:00:00.000+0700",
        "appointmentDate": "2023-06-20T10:00:00.000+0000",
        "completedDate": "2023-06-19T16:00:00.000+0700",
        "returnedDate": "2023-06-20T09:00:00.000+0700",
        "updatedDate": "2023-06-20T09:00:00.000+0700",
        "applyMethod": {"id": 0, "name": "Trực tuyến"},
        "dossierFormFile": [{"file": [{"filename": "cmnd-nguyen-van-an.pdf"}], "digitizingStatus": 0}, {"digitizingStatus": 2}],
        "dossierResultFile": [{"filename": "kq.pdf"}],
        "dossierFee": [{"amount": 15000}],
        "paymentMethod": {"name": "Thanh toán trực tuyến"},
        "task": [
            task("Tiếp nhận hồ sơ", "06-15T07:30", "06-15T08:00"),
            task("Thụ lý hồ sơ", "06-15T08:00", "06-19T16:00"),
            task("Trả kết quả", "06-19T16:00", "06-20T09:00"),
            task("Kết thúc", "06-20T09:00", "06-20T09:00"),
        ],
    }
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not None}


def task(name: str, begin: str, end: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "assignee": {"fullname": "Lê Hải"},
        "createdDate": f"2023-{begin}:00.000+0700",
        "completedDate": f"2023-{end}:00.000+0700" if end else None,
    }
