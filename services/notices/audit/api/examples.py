"""Examples of responses for OpenAPI; tests compare the responses with them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec

from services.notices.audit.api.schemas import AuditOut, AuditProgress
from services.notices.audit.bodies import AuditText
from services.notices.audit.comparison.model import ComparedFigure, ComparisonVerdict, NoticeComparison, OurFigure
from services.notices.audit.model import Audit, Claim, ClaimKind, Position, Repair, Verdict
from shared.contracts.freshness_examples import complete_figures
from shared.contracts.kpis import Text, Unit

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

_FRESHNESS = complete_figures(
    datetime(2023, 8, 16, 1, tzinfo=UTC), "30~41234~contradictory@1~294@2019-12-01~2022-12-15~2023-07-20~then"
)
_FIGURE = "30~41234~received_new@1~294@2019-12-01~2022-12-15~2023-07-20~then"
_COMPARISON = NoticeComparison(
    province="30",
    position=41234,
    as_of=datetime(2023, 8, 16, 1, tzinfo=UTC),
    since=date(2022, 12, 15),
    until=date(2023, 7, 20),
    scope=Unit(agency="294@2019-12-01", code="294", name=Text("Huyện Thanh Hà", "Thanh Hà District"), kind="district"),
    freshness=_FRESHNESS,
    figures=(
        ComparedFigure(
            at=Position(None, 1, 10, 16),
            printed="30.556",
            verdict=ComparisonVerdict.different,
            name=Text("Tiếp nhận mới trong kỳ", "Newly received"),
            agency=None,
            ours=OurFigure(kpis=("received_new",), numerator=30566, denominator=None, value=30566, figures=(_FIGURE,)),
            difference=10,
            statement=Text(
                f"số của hệ thống: 30.566 tính đến 16/08/2023 08:00, nhiều hơn 10; xem: /v1/figures/{_FIGURE}",
                f"ours: 30.566 as of 16/08/2023 08:00, 10 more; open: /v1/figures/{_FIGURE}",
            ),
        ),
    ),
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
    comparison=_COMPARISON,
)
WAITING = msgspec.structs.replace(
    AUDIT, state="auditing", progress=AuditProgress(12, 80), ended_at=None, result=None, comparison=None
)
