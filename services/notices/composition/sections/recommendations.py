"""IV. What the inspected are asked to do."""

from __future__ import annotations

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import sentence
from services.notices.composition.recommendations import recommended
from services.notices.composition.sections.achievements import achievements
from services.notices.composition.shortcomings import shortcomings_of


def introduction(context: CompositionContext) -> list[Paragraph]:
    """Before the team's own recommendations: what leads to them, and those that follow from the shortcomings."""
    inspection = context.inspection
    found = [paragraph for _, paragraph in recommended(context)]
    if not found and not inspection.recommendations:
        return []
    # Nobody is asked to keep up, or to mend, what the conclusion has not named.
    asked = []
    if achievements(context) or inspection.findings.get("achievements"):
        asked.append("phát huy những mặt đã làm được")
    if shortcomings_of(context) or inspection.findings.get("shortcomings"):
        asked.append("chủ động khắc phục các tồn tại, hạn chế")
    front = Paragraph(
        sentence(
            "Qua kết quả kiểm tra, {issuer} đề nghị {everyone} {asked} những nội dung sau:",
            issuer=inspection.issuer.short_name,
            everyone=context.words.everyone,
            asked=" và ".join([*(", ".join(asked),) * bool(asked), "tập trung thực hiện"]),
        ),
        key="introduction",
    )
    return [front, *found]


def closing(context: CompositionContext) -> list[Paragraph]:
    """After the recommendations: what heads of offices have to do about the notice."""
    inspection = context.inspection
    return [
        Paragraph(
            sentence(
                "Yêu cầu {heads} tổ chức thực hiện nghiêm các nội dung của Thông báo này, xây dựng kế hoạch khắc phục và báo "
                "cáo kết quả về {issuer}.",
                heads=context.words.heads,
                issuer=inspection.issuer.short_name,
            ),
            key="closing",
        )
    ]
