"""Examples of bodies and responses for OpenAPI."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from services.notices.drafting.api.examples import NOTICE
from services.notices.revisions.api.schemas import (
    NoticeEdits,
    NoticeRevision,
    ParagraphEdit,
    RegenerationOrder,
    RevisionChanges,
    RevisionEdit,
    RevisionPage,
    RevisionProgress,
    RevisionSummary,
)
from services.notices.revisions.changes import ParagraphChange, WordChange
from services.notices.revisions.model import MovedFigure, ParagraphOutcome

EDITS = NoticeEdits(
    author="Nguyễn Thị B",
    reason="Chủ tịch yêu cầu nêu rõ kỳ so sánh",
    edits=(
        ParagraphEdit(key="handling.intake", text="Các cơ quan, đơn vị giải quyết {handled} hồ sơ, tăng so với cùng kỳ."),
        ParagraphEdit(text="Ghi nhận sự phối hợp của các cơ quan, đơn vị.", after="leadership", lead="-"),
        ParagraphEdit(key="leadership.plans", remove=True),
    ),
)
REGENERATION = RegenerationOrder(as_of=41300, author="Nguyễn Thị B")

QUEUED = RevisionSummary(
    notice=12,
    revision=2,
    origin="edit",
    state="queued",
    progress=RevisionProgress(0, 3, None),
    author="Nguyễn Thị B",
    reason="Chủ tịch yêu cầu nêu rõ kỳ so sánh",
    created_at=datetime(2023, 8, 16, 3, tzinfo=UTC),
    made_at=None,
    position=None,
    inspection_version=None,
    evidence_version=None,
    error=None,
    attempts=0,
)
MADE = msgspec.structs.replace(
    QUEUED,
    state="made",
    progress=RevisionProgress(3, 3, None),
    made_at=datetime(2023, 8, 16, 3, 0, 1, tzinfo=UTC),
    position=41234,
    inspection_version=1,
    evidence_version=1,
    attempts=1,
)
REVISIONS = RevisionPage([MADE], "wRqRu1q9DA")
REVISION = NoticeRevision(
    **{name: getattr(MADE, name) for name in RevisionSummary.__struct_fields__},
    sections=NOTICE.sections,
    checks=NOTICE.checks,
    freshness=NOTICE.freshness,
    outcomes=[
        ParagraphOutcome(
            key="handling.intake",
            section="handling",
            outcome="figures_moved",
            edited=True,
            needs_attention=False,
            moved=[MovedFigure("handled", "30.938", "30.940")],
            before="Các cơ quan, đơn vị có trách nhiệm giải quyết 30.938 hồ sơ.",
            after="Các cơ quan, đơn vị có trách nhiệm giải quyết 30.940 hồ sơ.",
            written="Các cơ quan, đơn vị giải quyết 30.940 hồ sơ, tăng so với cùng kỳ.",
        )
    ],
    edits=[
        RevisionEdit(
            key="handling.intake",
            revision=2,
            text="Các cơ quan, đơn vị giải quyết {handled} hồ sơ, tăng so với cùng kỳ.",
            lead=None,
            removed=False,
            after=None,
            base="Các cơ quan, đơn vị có trách nhiệm giải quyết {handled} hồ sơ.",
        )
    ],
)
CHANGES = RevisionChanges(
    12,
    1,
    2,
    [
        ParagraphChange(
            key="handling.intake",
            section="handling",
            change="changed",
            moved=False,
            words=[
                WordChange("same", "- Các cơ quan, đơn vị "),
                WordChange("removed", "có trách nhiệm "),
                WordChange("same", "giải quyết 30.938 hồ"),
                WordChange("removed", " sơ."),
                WordChange("added", " sơ, tăng so với cùng kỳ."),
            ],
        )
    ],
)
