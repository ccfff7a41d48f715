"""Examples of previews."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.notices.drafting.api.schemas import NoticePeriod
from services.notices.previews.model import (
    MovedNoticeFigure,
    NoticePreview,
    PreviewedNotice,
    PrintedFigure,
)
from shared.contracts.comparisons import Difference
from shared.contracts.freshness_examples import complete_figures, complete_province
from shared.contracts.kpis import Text
from shared.contracts.previews import PreviewedValue
from shared.contracts.restatements import KnownFigure

_AGENCY = "10816@2019-12-01"
_ROW = "{}@1~" + _AGENCY + "~2022-12-15~2023-07-20~then"
_COUNTED_AT = datetime(2023, 8, 16, 1, 59, 58, tzinfo=UTC)
PREVIEW = NoticePreview(
    province="30",
    preview=3,
    dossiers=118,
    examined=1,
    moved=1,
    figures=1,
    notices=[
        PreviewedNotice(
            id=12,
            inspection=7,
            scope="294",
            period=NoticePeriod(date(2022, 12, 15), date(2023, 7, 20)),
            position=41234,
            drafted_at=datetime(2023, 8, 16, 2, 0, 1, tzinfo=UTC),
            figures=[
                MovedNoticeFigure(
                    key=f"resolved_overdue@{_AGENCY}",
                    name="Giải quyết quá hạn",
                    subject_name=Text("Ủy ban nhân dân xã Cẩm Chế", "Cẩm Chế commune"),
                    pinned=PrintedFigure(3, None, "03"),
                    before=KnownFigure(3, None, 3, "30~41234~" + _ROW.format("resolved_overdue")),
                    after=PreviewedValue(1, None, 1),
                    difference=Difference(-2, "dossiers", -66.7),
                    reasons=["dossiers"],
                )
            ],
            derived=["overdue_agencies"],
            freshness=complete_figures(_COUNTED_AT, "30~41234~" + _ROW.format("contradictory")),
        )
    ],
    uncompared=[],
    next_cursor=None,
    freshness=complete_province(_COUNTED_AT),
)
