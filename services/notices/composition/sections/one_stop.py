"""II.2.a Tổ chức thực hiện cơ chế một cửa, một cửa liên thông: the desk and how it works."""

from __future__ import annotations

from services.notices.composition.conduct import Conduct, conduct, counted_at, evidence_paragraph, examined
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import sentence


def one_stop(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs."""
    return [
        *conduct(
            context,
            "steady",
            Conduct("desk.steady", "duy trì cơ chế một cửa, một cửa liên thông nền nếp"),
            Conduct("desk.fees_posted", "công khai phí, lệ phí"),
            Conduct("desk.hotline_posted", "công khai đường dây nóng, địa chỉ tiếp nhận phản ánh, kiến nghị"),
            Conduct("desk.vertical_sectors", "đưa TTHC của cơ quan ngành dọc ra tiếp nhận, trả kết quả tại một nơi"),
            Conduct("desk.coordination", "phối hợp chặt chẽ giữa nơi tiếp nhận hồ sơ và bộ phận chuyên môn"),
            Conduct("desk.conduct_rules", "chấp hành nghiêm nội quy, văn hóa công sở, quy tắc ứng xử"),
        ),
        *_harassment(context),
    ]


def _harassment(context: CompositionContext) -> list[Paragraph]:
    """Cases in which citizens were made difficulties."""
    item = "desk.harassment"
    if not context.is_answered(item):
        return []
    count = context.measured(item, "count")
    if count.size == 0:
        text = "Qua kiểm tra tại {who}, việc giải quyết TTHC thuận tiện, không phát hiện vụ việc gây khó khăn, phiền hà."
        return [evidence_paragraph("harassment", sentence(text, who=examined(context, item)))]
    who = context.in_order(set(context.evidence.subjects(item, "agencies")))
    by = sentence(": {by}", by=counted_at(context, item, "count", who)) if len(context.agencies) > 1 else ()
    text = "Phát hiện {n} vụ việc gây khó khăn, phiền hà cho tổ chức, cá nhân{by}."
    return [evidence_paragraph("harassment", sentence(text, n=count, by=by), agencies=who)]
