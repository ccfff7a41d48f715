"""IV. What the inspected are asked to do."""

from __future__ import annotations

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import sentence


def introduction(context: CompositionContext) -> list[Paragraph]:
    """Before the recommendations; nothing where there are none."""
    inspection = context.inspection
    if not inspection.recommendations:
        return []
    return [
        Paragraph(
            sentence(
                "Qua kết quả kiểm tra, {issuer} đề nghị các cơ quan, đơn vị phát huy những mặt đã làm được, chủ động khắc "
                "phục các tồn tại, hạn chế và tập trung thực hiện những nội dung sau:",
                issuer=inspection.issuer.short_name,
            ),
            key="introduction",
        )
    ]


def closing(context: CompositionContext) -> list[Paragraph]:
    """After the recommendations: what heads of offices have to do about the notice."""
    inspection = context.inspection
    return [
        Paragraph(
            sentence(
                "Yêu cầu người đứng đầu {inspected} tổ chức thực hiện nghiêm các nội dung của Thông báo này, xây dựng kế hoạch "
                "khắc phục và báo cáo kết quả về {issuer}.",
                inspected=inspection.inspected,
                issuer=inspection.issuer.short_name,
            ),
            key="closing",
        )
    ]
