"""Examples of bodies and responses for OpenAPI."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.notices.issuing.api.schemas import (
    IssuedNotice,
    IssueOrder,
    IssueReadiness,
    OutsideNumber,
    ReadinessRequirement,
    TakenNumber,
    TakenNumbers,
)
from services.notices.issuing.requirements import REQUIREMENTS
from services.notices.issuing.signer import CertificateNotValid

ORDER = IssueOrder()
ISSUED = IssuedNotice(
    notice=12,
    state="issued",
    reference="05/TB-UBND",
    body="Ủy ban nhân dân huyện Thanh Hà",
    issued_on=date(2023, 8, 17),
    issued_at=datetime(2023, 8, 17, 3, 5, tzinfo=UTC),
    issued_by="Trần Văn C",
    signatory_certificate="Hoàng Thị Thúy Hà",
    body_certificate="UBND huyện Thanh Hà",
    timestamped=False,
    corrects=None,
    superseded_by=None,
    code="K7QF3MZ9XW2A5RTBNC4HJD6PVE",
    documents={"pdf": "/v1/notices/12/document.pdf"},
    digests={"pdf": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
)
_EXPIRED = CertificateNotValid.example()
READINESS = IssueReadiness(
    12,
    False,
    "05/TB-UBND",
    [ReadinessRequirement.of(one, _EXPIRED if one.name == "certificates" else None) for one in REQUIREMENTS],
)
OUTSIDE = OutsideNumber(
    province="30",
    body="Ủy ban nhân dân huyện Thanh Hà",
    year=2023,
    series="TB-UBND",
    number=4,
    use="Thông báo lịch nghỉ, ban hành giấy",
)
NUMBERS = TakenNumbers(
    OUTSIDE.body,
    2023,
    "TB-UBND",
    6,
    [
        TakenNumber(4, None, OUTSIDE.use, "Trần Văn C", datetime(2023, 8, 16, 3, tzinfo=UTC)),
        TakenNumber(5, 12, None, "Trần Văn C", datetime(2023, 8, 17, 3, 5, tzinfo=UTC)),
    ],
)
