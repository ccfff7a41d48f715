"""Examples of responses about files of petitions."""

from __future__ import annotations

from datetime import date

from shared.contracts.kpis import Text
from shared.contracts.petitions import PetitionFile, PetitionReading, PetitionSheet, ReadPetition, RejectedPetition

READ = PetitionFile(
    reading=PetitionReading(
        format="sheet",
        encodings=[],
        sheets=[PetitionSheet("Tháng 9", True, 2)],
        columns={"Mã PAKN": "code", "Cơ quan xử lý": "agency", "Ngày tiếp nhận": "received_on", "Ngày xử lý": "handled_on"},
        dropped=["STT", "Họ tên", "Số điện thoại", "Nội dung"],
        dates={"received_on": "dd/mm", "handled_on": "dd/mm"},
        lines=5,
        skipped={"title": 1, "heading": 1, "total": 1},
        rows=2,
    ),
    petitions=[
        ReadPetition(
            line=3,
            sheet="Tháng 9",
            code="PAKN-2026-0042",
            agency="UBND xã Liên Mạc",
            received_on=date(2026, 9, 1),
            handled_on=date(2026, 9, 15),
        )
    ],
    rejected=[
        RejectedPetition(
            line=4,
            sheet="Tháng 9",
            code="PAKN-2026-0043",
            reason="bad_date",
            what=Text(
                "Ngày xử lý không đúng dạng ngày. Ghi lại theo dạng dd/mm/yyyy.",
                "The day 'ngày xử lý' is written in no form that is known for dates. Write it as dd/mm/yyyy.",
            ),
        )
    ],
)
