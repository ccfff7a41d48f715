"""IV. What the inspected are asked to do."""

from __future__ import annotations

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import sentence
from services.notices.composition.recommendations import recommended


def introduction(context: CompositionContext) -> list[Paragraph]:
    """Before the team's own recommendations: what leads to them, and those that follow from the shortcomings."""
    inspection = context.inspection
    found = [paragraph for _, paragraph in recommended(context)]
    if not found and not inspection.recommendations:
        return []
    front = Paragraph(
        sentence(
            "Qua kết quả kiểm tra, {issuer} đề nghị {everyone} phát huy những mặt đã làm được, chủ động khắc phục các tồn tại, "
            "hạn chế và tập trung thực hiện những nội dung sau:",
            issuer=inspection.issuer.short_name,
            everyone=context.words.everyone,
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
