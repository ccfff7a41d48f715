"""Examples of responses for OpenAPI."""

from __future__ import annotations

from datetime import date

from services.notices.verification.api.schemas import IssuedReference, Verification
from services.notices.verification.model import RecountedFigure

VERIFIED = Verification(
    ours=True,
    file="unchanged",
    reason=None,
    reason_vi=None,
    stamped_pages=[],
    notice=IssuedReference(12, "05/TB-UBND", date(2023, 8, 17)),
    body="Ủy ban nhân dân huyện Thanh Hà",
    state="superseded",
    superseded_by=IssuedReference(14, "06/TB-UBND", date(2023, 9, 5)),
    in_force=IssuedReference(17, "09/TB-UBND", date(2023, 10, 2)),
    moved=[RecountedFigure("handled", "30~41234~handled@1~294~2022-12-15~2023-07-20~then", "30.938", "30.939", 1)],
    freshness=None,
)
