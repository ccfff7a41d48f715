"""Examples of answers for OpenAPI: what a reader of the documentation sees, and what tests hold the answers to."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec

from services.notices.api.schemas import (
    Confirmation,
    Figures,
    Head,
    InspectionPage,
    InspectionSummary,
    MadeNotice,
    NoticePage,
    NoticeSummary,
    OpenedFigure,
    Period,
    Section,
    ShownFigure,
    ShownParagraph,
    Signature,
)
from services.notices.audit.bound import Check
from services.notices.figures import Derivation, How, Unit
from services.notices.tree import Bound, Words

HANDED_IN_AT = datetime(2023, 8, 15, 9, tzinfo=UTC)

ROW = NoticeSummary(
    id=12,
    inspection=7,
    stream="30",
    scope="294",
    period=Period(date(2022, 12, 15), date(2023, 7, 20)),
    state="draft",
    position=41234,
    error=None,
    attempts=1,
    next_attempt_at=None,
    confirmed=Confirmation([], None),
    revision=3,
    asked_at=datetime(2023, 8, 16, 2, tzinfo=UTC),
    made_at=datetime(2023, 8, 16, 2, 0, 1, tzinfo=UTC),
    documents={
        "pdf": "/v1/notices/12/document.pdf",
        "docx": "/v1/notices/12/document.docx",
        "xlsx": "/v1/notices/12/annexes.xlsx",
    },
)
QUEUED = msgspec.structs.replace(ROW, state="queued", position=None, attempts=0, revision=1, made_at=None, documents={})

CONFIRMING = {"confirm": ["period_not_ended"], "reason": "Báo cáo nhanh theo yêu cầu của UBND tỉnh"}
FIGURE = ShownFigure(
    key="handled",
    unit=Unit.count,
    numerator=30938,
    derived=Derivation(How.sum, ("received_new", "carried_over")),
    value=30938.0,
    printed="30.938",
)

MEASURED = ShownFigure(
    key="received_new",
    unit=Unit.count,
    numerator=30566,
    opened_by="30~41234~received_new@1~294@2019-12-01~2022-12-15~2023-07-20~then",
    rule="received_new@1",
    value=30566.0,
    printed="30.566",
)

NOTICE = MadeNotice(
    **msgspec.structs.asdict(ROW),
    as_of=datetime(2023, 8, 16, 1, 59, 58, tzinfo=UTC),
    freshness={"head": 41234, "behind": 0, "complete": True},
    caveats=[],
    checks=[Check("resolved = resolved_early + resolved_on_time + resolved_overdue", True, "")],
    head=Head(
        superior="",
        issuer=("ỦY BAN NHÂN DÂN", "HUYỆN THANH HÀ"),
        reference="Số:        /TB-UBND",
        place_and_date="Thanh Hà, ngày        tháng        năm 2023",
        kind="THÔNG BÁO",
        abstract=("Kết luận kiểm tra công tác kiểm soát thủ tục hành chính",),
    ),
    sections=[
        Section(
            level=3,
            label="b)",
            title="Tiếp nhận và giải quyết TTHC",
            paragraphs=[
                ShownParagraph(
                    section="handling",
                    source="figures",
                    lead="-",
                    text="Các cơ quan, đơn vị có trách nhiệm giải quyết 30.938 hồ sơ.",
                    runs=(
                        Words("Các cơ quan, đơn vị có trách nhiệm giải quyết "),
                        Bound("30.938", "handled"),
                        Words(" hồ sơ."),
                    ),
                )
            ],
        )
    ],
    signature=Signature(("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), "Nguyễn Văn A"),
    recipients=("- Văn phòng UBND tỉnh;", "- Lưu: VT."),
    annexes=(),
    figures={"handled": FIGURE, "received_new": MEASURED},
)

NOTICES = NoticePage([ROW], "wRqRu1q9DA")
FIGURES = Figures([FIGURE, MEASURED])
OPENED = OpenedFigure(**msgspec.structs.asdict(FIGURE), inputs=[MEASURED])
INSPECTIONS = InspectionPage([InspectionSummary(7, "30", "294", date(2022, 12, 15), date(2023, 7, 20), HANDED_IN_AT)], None)


def plain(example: msgspec.Struct) -> object:
    """An example as its JSON reads."""
    return msgspec.json.decode(msgspec.json.encode(example))
