"""III.2.b Nguyên nhân: why there are shortcomings, as the team established it and as the counts show it."""

from __future__ import annotations

from services.notices.composition.conduct import evidence_paragraph, listed, short_of
from services.notices.composition.context import CompositionContext
from services.notices.composition.kpis import LATE_BY_PORTAL, WRONGLY_COUNTED
from services.notices.composition.model import Paragraph
from services.notices.composition.phrases import figures_paragraph, sentence
from services.notices.composition.sections.lateness import counted_causes

_OBSERVED = (
    (
        "communication",
        "communication.regular",
        "Công tác truyền thông về cải cách TTHC chưa thu hút được đông đảo tổ chức, cá nhân tham gia",
    ),
    (
        "heads",
        "leadership.head_attention",
        "Người đứng đầu chưa chỉ đạo thường xuyên, quyết liệt việc cải cách TTHC",
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
        where = ""
        if 0 < len(who) <= len(context.agencies) // 2:
            where = f", như: {listed(context, who)}"
        elif 0 < len(who) < len(context.agencies):
            where = " tại nhiều cơ quan, đơn vị"
        runs = sentence("{text}{where}.", text=text, where=where)
        paragraphs.append(evidence_paragraph(key, runs, agencies=who))
    misrouted = context.figures["overdue_misrouted"]
    if misrouted.size:
        text = "Hồ sơ bị chuyển nhầm, chuyển vòng giữa các bộ phận, tài khoản xử lý làm {n} hồ sơ quá hạn."
        paragraphs.append(figures_paragraph("misrouted", sentence(text, n=misrouted)))
    wrong, not_closed = (context.figures.find(kpi) for kpi in ("overdue_by_software", "overdue_not_closed_in_software"))
    if wrong is not None and wrong.size:
        by_cause = {kpi: cause for kpi, cause in LATE_BY_PORTAL.items() if kpi in WRONGLY_COUNTED}
        found = counted_causes(context, by_cause, wrong)
        text = "Phần mềm tính thời hạn chưa đúng quy định đối với {n} hồ sơ{colon} {causes}."
        runs = sentence(text, n=wrong, colon=":" if len(found) == 1 else ", gồm:", causes=found)
        paragraphs.append(figures_paragraph("wrongly_overdue", runs))
    if not_closed is not None and not_closed.size:
        text = "Cán bộ, công chức chậm kết thúc trên phần mềm {n} hồ sơ đã có kết quả trong hạn."
        paragraphs.append(figures_paragraph("not_closed", sentence(text, n=not_closed)))
    return paragraphs
