"""Examples of bodies and responses for OpenAPI."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.notices.recommendations.api.schemas import (
    ListedRecommendation,
    RecommendationHistory,
    RecommendationJudgement,
    RecommendationPage,
    RecommendationReply,
    TakenStep,
)

REPLY = RecommendationReply(
    text="Đã xin lỗi 03 người nộp hồ sơ và giải quyết xong hồ sơ quá hạn",
    on=date(2023, 9, 8),
    reference="Báo cáo số 45/BC-UBND",
)
JUDGEMENT = RecommendationJudgement(number=1, accepted=True)
_LISTED = ListedRecommendation(
    id=41,
    notice=12,
    province="30",
    key="late",
    agency="10864@2019-12-01",
    code="10864",
    name="Xã An Phượng",
    text="Đối với UBND xã An Phượng: giải trình nguyên nhân từng hồ sơ quá hạn; hoàn thành trước ngày 14/9/2023.",
    deadline=date(2023, 9, 14),
    state="done",
    days_late=None,
)
PAGE = RecommendationPage([_LISTED], None)
HISTORY = RecommendationHistory(
    _LISTED,
    [
        TakenStep(
            number=1,
            step="answer",
            text=REPLY.text,
            on=REPLY.on,
            reference=REPLY.reference,
            by="UBND xã An Phượng",
            at=datetime(2023, 9, 8, 3, tzinfo=UTC),
        ),
        TakenStep(
            number=2,
            step="accept",
            text=None,
            on=None,
            reference=None,
            by="Văn phòng HĐND và UBND",
            at=datetime(2023, 9, 12, 3, tzinfo=UTC),
        ),
    ],
)
