"""Examples of bodies and responses for OpenAPI."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notices.approval.api.schemas import DecidedStep, NoticeReview, StepHistory, StepOrder, Waiver
from services.notices.approval.model import Obstacle, WaivedObstacle

_OBSTACLE = Obstacle(
    "caveat-figures_incomplete",
    "caveat",
    "The figures are incomplete: a source is late.",
    "Số liệu chưa đầy đủ: nguồn dữ liệu chậm đồng bộ.",
)
_REASON = "Đã đối chiếu với báo cáo của phòng, chênh lệch không ảnh hưởng kết luận"
APPROVAL = StepOrder(step="approve", waive=(Waiver(id=_OBSTACLE.id, reason=_REASON),))
REVIEW = NoticeReview(12, 3, [_OBSTACLE])
_SUBMITTED = DecidedStep(
    number=1,
    step="submit",
    state="in_review",
    by="Văn phòng HĐND và UBND",
    person=False,
    reason=None,
    text_revision=3,
    waived=[],
    decided_at=datetime(2023, 8, 17, 2, tzinfo=UTC),
)
HISTORY = StepHistory(
    12,
    "approved",
    [
        _SUBMITTED,
        DecidedStep(
            number=2,
            step="approve",
            state="approved",
            by="Trần Văn C",
            person=True,
            reason=None,
            text_revision=3,
            waived=[WaivedObstacle(_OBSTACLE, _REASON)],
            decided_at=datetime(2023, 8, 17, 3, tzinfo=UTC),
        ),
    ],
)
