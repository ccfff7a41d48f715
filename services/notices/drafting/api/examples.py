"""Examples of responses for OpenAPI; tests compare the responses with them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec

from services.notices.audit.checks import Check
from services.notices.composition.excerpts import ExcerptParagraph, ExcerptRow, Worklist
from services.notices.composition.model import Annex, Cell, Column, FigureRun, HeaderCell, Recommendation, Row, TextRun
from services.notices.drafting.api.schemas import (
    Confirmation,
    DocumentHead,
    DraftedNotice,
    FigureList,
    FigureWithInputs,
    NoticeExcerpt,
    NoticeFigure,
    NoticePage,
    NoticePeriod,
    NoticeSection,
    NoticeSummary,
    PinnedFreshness,
    RecommendationList,
    SectionParagraph,
    Signature,
)
from services.notices.drafting.api.stands_on import StandsOn
from services.notices.figures.model import Derivation, DerivationMethod, FigureUnit
from shared.contracts.freshness_examples import complete_figures

ROW = NoticeSummary(
    id=12,
    inspection=7,
    stands_on=StandsOn(1, 2, 1, 2, None),
    province="30",
    scope="294",
    period=NoticePeriod(date(2022, 12, 15), date(2023, 7, 20)),
    state="draft",
    position=41234,
    error=None,
    attempts=1,
    next_attempt_at=None,
    confirmed=Confirmation([], None),
    revision=3,
    text_revision=1,
    pending_revision=None,
    ordered_at=datetime(2023, 8, 16, 2, tzinfo=UTC),
    drafted_at=datetime(2023, 8, 16, 2, 0, 1, tzinfo=UTC),
    documents={
        "pdf": "/v1/notices/12/document.pdf",
        "docx": "/v1/notices/12/document.docx",
        "xlsx": "/v1/notices/12/annexes.xlsx",
        "html": "/v1/notices/12/document.html",
        "png": "/v1/notices/12/pages/1.png",
    },
)
QUEUED = msgspec.structs.replace(
    ROW,
    stands_on=StandsOn(None, None, 1, 2, None),
    state="queued",
    position=None,
    attempts=0,
    revision=1,
    drafted_at=None,
    documents={},
)

FIGURE = NoticeFigure(
    key="handled",
    unit=FigureUnit.count,
    numerator=30938,
    derived=Derivation(DerivationMethod.sum, ("received_new", "carried_over")),
    value=30938.0,
    printed="30.938",
)

METRICS_FIGURE = NoticeFigure(
    key="received_new",
    unit=FigureUnit.count,
    numerator=30566,
    figure_id="30~41234~received_new@1~294@2019-12-01~2022-12-15~2023-07-20~then",
    rule="received_new@1",
    value=30566.0,
    printed="30.566",
)

NOTICE = DraftedNotice(
    **msgspec.structs.asdict(ROW),
    as_of=datetime(2023, 8, 16, 1, 59, 58, tzinfo=UTC),
    freshness=msgspec.convert(
        complete_figures(
            datetime(2023, 8, 16, 1, 59, 58, tzinfo=UTC),
            "30~41234~contradictory@1~294@2019-12-01~2022-12-15~2023-07-20~then",
        ),
        PinnedFreshness,
        from_attributes=True,
    ),
    caveats=[],
    checks=[Check("resolved = resolved_early + resolved_on_time + resolved_overdue", True, "")],
    head=DocumentHead(
        superior="",
        issuer=("ỦY BAN NHÂN DÂN", "HUYỆN THANH HÀ"),
        reference="Số:        /TB-UBND",
        locality_and_date="Thanh Hà, ngày        tháng        năm 2023",
        kind="THÔNG BÁO",
        abstract=("Kết luận kiểm tra công tác kiểm soát thủ tục hành chính",),
    ),
    sections=[
        NoticeSection(
            level=3,
            label="b)",
            title="Tiếp nhận và giải quyết TTHC",
            section="handling",
            paragraphs=[
                SectionParagraph(
                    section="handling",
                    key="handling.intake",
                    source="figures",
                    lead="-",
                    text="Các cơ quan, đơn vị có trách nhiệm giải quyết 30.938 hồ sơ.",
                    runs=(
                        TextRun("Các cơ quan, đơn vị có trách nhiệm giải quyết "),
                        FigureRun("30.938", "handled"),
                        TextRun(" hồ sơ."),
                    ),
                )
            ],
        )
    ],
    signature=Signature(("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), "Nguyễn Văn A"),
    recipients=("- Văn phòng UBND tỉnh;", "- Lưu: VT."),
    annexes=(
        Annex(
            id="online",
            label="Biểu số 03",
            title="Tiếp nhận hồ sơ trực tuyến và số hóa hồ sơ theo cơ quan, đơn vị",
            subtitle="(Kỳ báo cáo: từ ngày 15/12/2022 đến ngày 20/7/2023)",
            belongs="(Kèm theo Thông báo số       /TB-UBND ngày       tháng       năm 2023 của Ủy ban nhân dân huyện Thanh Hà)",
            unit="Đơn vị tính: Hồ sơ",
            columns=(Column("1", 1.0, "center"), Column("2", 6.4, "left"), Column("3", 1.8)),
            header=((HeaderCell("STT"), HeaderCell("Cơ quan, đơn vị"), HeaderCell("Hồ sơ mới tiếp nhận")),),
            rows=(Row((Cell(""), Cell("Tổng cộng"), Cell("30.566", "received_new", "30566")), "total"),),
            note="Cột 5 = 4 : 3.",
        ),
    ),
    figures={"handled": FIGURE, "received_new": METRICS_FIGURE},
)

NOTICES = NoticePage([ROW], "wRqRu1q9DA")
FIGURES = FigureList([FIGURE, METRICS_FIGURE], NOTICE.freshness)
FIGURE_WITH_INPUTS = FigureWithInputs(**msgspec.structs.asdict(FIGURE), inputs=[METRICS_FIGURE], freshness=NOTICE.freshness)


RECOMMENDATION = Recommendation(
    key="late",
    shortcoming="late",
    addressees=("10864@2019-12-01",),
    deadline=date(2023, 9, 14),
    text="Đối với An Phượng: giải trình nguyên nhân từng hồ sơ quá hạn; xong trước ngày 14/9/2023.",
)
RECOMMENDATIONS = RecommendationList([RECOMMENDATION])
EXCERPT = NoticeExcerpt(
    agency="10864@2019-12-01",
    code="10864",
    name="Xã An Phượng",
    paragraphs=(ExcerptParagraph("shortcomings.late", "shortcomings", "Vẫn còn 15 hồ sơ giải quyết quá hạn."),),
    recommendations=(RECOMMENDATION,),
    rows=(ExcerptRow("by_agency", "Biểu số 01", ("15", "Xã An Phượng", "1.395")),),
    worklist=(
        Worklist(
            "resolved_overdue@10864@2019-12-01",
            "Giải quyết quá hạn",
            1,
            "30~41234~resolved_overdue@1~10864@2019-12-01~2022-12-15~2023-07-20~then",
        ),
    ),
    freshness=NOTICE.freshness,
)


def plain(example: msgspec.Struct) -> object:
    """An example as decoded JSON."""
    return msgspec.json.decode(msgspec.json.encode(example))
