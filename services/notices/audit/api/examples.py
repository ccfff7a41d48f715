"""Examples of responses for OpenAPI; tests compare the responses with them."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from services.notices.audit.api.schemas import AuditOut, AuditProgress
from services.notices.audit.bodies import AuditText
from services.notices.audit.model import Audit, Claim, ClaimKind, Position, Repair, Verdict

TEXT = AuditText("Tiếp nhận 30.556 hồ sơ, trong đó: trực tuyến 24.458 hồ sơ, trực tiếp 6.108 hồ sơ.", "thong-bao.txt")

_CLAIM = Claim(
    verdict=Verdict.contradicted,
    kind=ClaimKind.sum,
    quote="Tiếp nhận 30.556 hồ sơ, trong đó: trực tuyến 24.458",
    at=Position(None, 1, 10, 16),
    equation="30.556 = 24.458 + 6.108",
    claimed="30.556",
    computed="30.566",
    repairs=(Repair("30.556", "30.566", Position(None, 1, 10, 16)),),
    reason="",
    operands=(Position(None, 1, 45, 51), Position(None, 1, 69, 74)),
)

AUDIT = AuditOut(
    id=5,
    state="audited",
    title="thong-bao.txt",
    progress=None,
    error=None,
    created_at=datetime(2023, 8, 16, 2, tzinfo=UTC),
    ended_at=datetime(2023, 8, 16, 2, 0, 1, tzinfo=UTC),
    expires_at=datetime(2023, 9, 15, 2, tzinfo=UTC),
    result=Audit((_CLAIM,), (_CLAIM,), 1, 3, ()),
)
WAITING = msgspec.structs.replace(AUDIT, state="auditing", progress=AuditProgress(12, 80), ended_at=None, result=None)
