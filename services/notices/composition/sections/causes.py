"""III.2.b Nguyên nhân: why there are shortcomings, as the team established it and as the counts show it."""

from __future__ import annotations

from services.notices.composition.conduct import evidence_paragraph, listed, short_of
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import figures_paragraph, sentence

_OBSERVED = (
    (
        "communication",
        "communication.regular",
        "Công tác truyền thông về cải cách TTHC chưa thu hút được đông đảo tổ chức, cá nhân tham gia",
    ),
    (
        "heads",
        "leadership.head_attention",
        "Người đứng đầu ở một số nơi chưa chỉ đạo thường xuyên, quyết liệt việc cải cách TTHC",
    ),
    (
        "software",
        "desk.software_steady",
        "Phần mềm dịch vụ công hoạt động chưa ổn định, gây khó khăn khi nộp hồ sơ, trả kết quả",
    ),
    ("skills", "payment.skills", "Một bộ phận người dân còn hạn chế về kỹ năng số khi nộp hồ sơ, thanh toán trực tuyến"),
)
"""Causes by key, the item whose marks show them, and their words."""


def causes(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs: a cause is stated where it was established of somebody, with those it was established of."""
    paragraphs = []
    for key, item, text in _OBSERVED:
        if not context.is_answered(item):
            continue
        answered, met = (context.measured(item, measure) for measure in ("answered", "met"))
        if met.size == answered.size:
            continue
        who = short_of(context, item)
        where = f", như: {listed(context, who)}" if 0 < len(who) <= len(context.agencies) // 2 else ""
        runs = sentence("{text}{where}.", text=text, where=where)
        paragraphs.append(evidence_paragraph(key, runs, agencies=who))
    wrong = context.figures.find("overdue_by_portal_only")
    if wrong is not None and wrong.size:
        text = "Phần mềm tính thời hạn chưa đúng quy định, báo quá hạn đối với {n} hồ sơ chưa quá hạn."
        paragraphs.append(figures_paragraph("wrongly_overdue", sentence(text, n=wrong)))
    return paragraphs
