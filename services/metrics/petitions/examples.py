"""Examples of responses about petitions."""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec.structs import asdict

from shared.contracts.kpis import Text
from shared.contracts.petitions import (
    ListedPetition,
    PetitionPage,
    PetitionReading,
    PetitionsDismissed,
    PetitionSheet,
    PetitionsRecorded,
    PetitionsTaken,
    RejectedPetition,
    RejectedPetitionPage,
    WaitingPetition,
)

RECORDED = PetitionsRecorded(recorded=2, known=0, late=1)
PAGE = PetitionPage(
    [
        ListedPetition(
            code="PAKN-2026-0042",
            agency="10816@2019-12-01",
            subject="conduct",
            received_on=date(2026, 9, 1),
            passed_on=None,
            refused_on=None,
            supplement_requested_on=None,
            handled_on=date(2026, 9, 15),
            published_on=date(2026, 9, 16),
            liked=True,
            repeated=False,
            late=False,
        )
    ],
    None,
)
TAKEN = PetitionsTaken(
    dry_run=False,
    reading=PetitionReading(
        format="sheet",
        encodings=[],
        sheets=[PetitionSheet("Tháng 9", True, 42)],
        columns={
            "Mã PAKN": "code",
            "Cơ quan xử lý": "agency",
            "Loại phản ánh": "subject",
            "Ngày tiếp nhận": "received_on",
            "Ngày xử lý": "handled_on",
            "Hài lòng": "liked",
        },
        dropped=["STT", "Họ tên", "Số điện thoại", "Nội dung"],
        dates={"received_on": "dd/mm", "handled_on": "dd/mm"},
        lines=46,
        skipped={"title": 2, "heading": 1, "total": 1},
        rows=42,
    ),
    new=38,
    corrected=1,
    known=2,
    repeated=0,
    late=3,
    rejected=1,
    problems=[
        RejectedPetition(
            line=17,
            sheet="Tháng 9",
            code="PAKN-2026-0043",
            reason="unknown_agency",
            what=Text(
                "Không có cơ quan 'UBND xã Liên Mặc' vào ngày 01/09/2026 mà khóa này được ghi. Xem mã và tên ở GET /v1/agencies"
                " và ghi lại.",
                "This key knows no agency 'UBND xã Liên Mặc' on 2026-09-01. GET /v1/agencies lists codes and names; write one"
                " of these.",
            ),
        )
    ],
    file="5d41402abc4b2a76b9719d911017c592",
)
_SENT = datetime(2026, 10, 2, 1, 30, tzinfo=UTC)
REJECTED = RejectedPetitionPage(
    [
        WaitingPetition(
            id=4,
            file=TAKEN.file,
            recorded_by="clerk",
            first_at=_SENT,
            last_at=_SENT,
            corrected_at=None,
            dismissed_at=None,
            dismissed_by=None,
            dismissed_for=None,
            **asdict(TAKEN.problems[0]),
        )
    ],
    None,
)
DISMISSED = PetitionsDismissed(1)
