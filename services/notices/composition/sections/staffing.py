"""II.1.g Bố trí công chức: decisions, rules, and who meets the conditions."""

from __future__ import annotations

from services.notices.composition.conduct import Conduct, conduct, evidence_paragraph, examined, listed, short_of
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import merged, sentence


def staffing(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs."""
    return [
        *conduct(
            context,
            "decisions",
            Conduct("staffing.contact", "có văn bản cử công chức đầu mối kiểm soát TTHC"),
            Conduct("staffing.desk_decision", "ban hành quyết định thành lập, kiện toàn Bộ phận Tiếp nhận và Trả kết quả"),
            Conduct("staffing.desk_rules", "ban hành quy chế hoạt động của Bộ phận Tiếp nhận và Trả kết quả"),
        ),
        *_qualified(context),
    ]


def _qualified(context: CompositionContext) -> list[Paragraph]:
    item = "staffing.qualified"
    if not context.is_answered(item) or context.measured(item, "of").size == 0:
        return []
    gaps = short_of(context, item)
    runs = [
        *sentence(
            "{count}/{of} công chức đầu mối và công chức Bộ phận Một cửa của {who} đủ điều kiện, tiêu chuẩn theo quy định, "
            "đạt {rate}",
            count=context.measured(item, "count"),
            of=context.measured(item, "of"),
            rate=context.measured(item, "rate"),
            who=examined(context, item),
        ),
        *(sentence("; chưa đủ: {names}", names=listed(context, gaps)) if gaps else ()),
        *sentence("."),
    ]
    return [evidence_paragraph("qualified", merged(runs), agencies=gaps)]
