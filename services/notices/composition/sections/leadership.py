"""I. Công tác lãnh đạo, chỉ đạo: plans, and how the inspected met the team."""

from __future__ import annotations

from services.notices.composition.conduct import Conduct, all_listed, conduct, evidence_paragraph
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import sentence


def leadership(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs."""
    year = context.inspection.year
    return [
        *conduct(
            context,
            "plans",
            Conduct("leadership.control_plan", f"ban hành kế hoạch kiểm soát TTHC năm {year}"),
            Conduct("leadership.review_plan", f"ban hành kế hoạch rà soát, đánh giá TTHC năm {year}"),
            Conduct("leadership.plans_public", "công khai các kế hoạch đã ban hành"),
            Conduct("leadership.catalogue_updated", "cập nhật, công khai kịp thời danh mục TTHC thuộc thẩm quyền"),
        ),
        *conduct(
            context,
            "conduct",
            Conduct("leadership.plan_followed", "chấp hành nghiêm kế hoạch kiểm tra"),
            Conduct("leadership.own_report", "gửi báo cáo tự kiểm tra đúng thời gian yêu cầu"),
        ),
        *_visited(context),
        *conduct(
            context,
            "meetings",
            Conduct("leadership.attendance", f"bố trí đủ thành phần làm việc với {context.inspection.team}"),
            Conduct("leadership.documents", "chuẩn bị đủ tài liệu theo yêu cầu"),
            Conduct("leadership.remedies", "giải trình rõ, tiếp thu ý kiến và nêu biện pháp khắc phục"),
        ),
    ]


def _visited(context: CompositionContext) -> list[Paragraph]:
    """On whom the team called."""
    item = "leadership.visited"
    if not context.is_answered(item):
        return []
    visited = context.in_order(set(context.evidence.subjects(item, "met")))
    if not visited:
        return []
    runs = sentence(
        "{team} làm việc trực tiếp tại {n} cơ quan, đơn vị{names}.",
        team=context.inspection.team,
        n=context.measured(item, "met"),
        names=all_listed(context, visited),
    )
    return [evidence_paragraph("visited", runs)]
