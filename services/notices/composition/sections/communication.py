"""II.1.đ Truyền thông và chế độ thông tin, báo cáo: what was published, and which reports came late."""

from __future__ import annotations

from services.notices.composition.conduct import Conduct, conduct, evidence_paragraph, examined
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run, TextRun
from services.notices.composition.phrases import joined, merged, sentence
from services.notices.quantities import wording


def communication(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs."""
    return [
        *conduct(
            context,
            "plan",
            Conduct("communication.plan", f"ban hành kế hoạch tuyên truyền cải cách hành chính năm {context.inspection.year}"),
            Conduct("communication.radio", "tuyên truyền trên hệ thống truyền thanh"),
            Conduct("communication.web", "đăng tin, bài thường xuyên trên cổng, trang thông tin điện tử"),
            Conduct("communication.meetings", "lồng ghép tuyên truyền trong giao ban, hội nghị"),
        ),
        *_articles(context),
        *_reports(context),
        *conduct(context, "content", Conduct("reporting.content", "bảo đảm nội dung báo cáo theo yêu cầu")),
    ]


def _articles(context: CompositionContext) -> list[Paragraph]:
    item = "communication.articles"
    if not context.is_answered(item) or context.measured(item, "count").size == 0:
        return []
    text = "Trong kỳ, {who} đã đăng {n} tin, bài về cải cách TTHC trên trang thông tin điện tử."
    return [evidence_paragraph("articles", sentence(text, who=examined(context, item), n=context.measured(item, "count")))]


def _reports(context: CompositionContext) -> list[Paragraph]:
    """Reports that were due, and whose came late: each with its days."""
    item = "reporting.reports"
    if not context.is_answered(item):
        return []
    due, late = context.measured(item, "count"), context.measured(item, "late_reports")
    if late.size == 0:
        text = "Các báo cáo định kỳ và theo yêu cầu của {who} ({n} lượt báo cáo) đều được gửi đúng hạn."
        return [evidence_paragraph("reports", sentence(text, who=examined(context, item), n=due))]
    who = context.in_order(set(context.evidence.subjects(item, "late")))
    limit = context.thresholds.max_agencies
    is_alone = len(context.agencies) == 1
    parts = [_late_reports(context, one.key, "" if is_alone else one.printed) for one in who] if len(who) <= limit else []
    runs = merged(
        [
            *sentence(
                "Trong {due} lượt báo cáo phải gửi, {late} lượt {how}{whose}{colon}",
                colon=": " if parts else "",
                due=due,
                late=late,
                how=_how_late(context),
                whose=() if is_alone else sentence(", thuộc {n} cơ quan, đơn vị", n=context.measured(item, "late")),
            ),
            *joined(parts),
            TextRun("."),
        ]
    )
    return [evidence_paragraph("reports", runs, agencies=who)]


def _how_late(context: CompositionContext) -> str:
    """What happened to the reports that were late: sent after their day, not sent, or both."""
    late = [one for one in context.evidence.of("reporting.reports") if one.is_late]
    sent = [one for one in late if one.days_late is not None]
    return "gửi chậm" if len(sent) == len(late) else "gửi chậm hoặc chưa gửi" if sent else "chưa gửi"


def _late_reports(context: CompositionContext, agency: str, name: str) -> tuple[Run, ...]:
    """An agency with the reports that it sent late, or did not send; without a name these alone."""
    item = "reporting.reports"
    parts = []
    for one in context.evidence.by_subject(item)[agency]:
        if not one.is_late:
            continue
        report = wording.lower_first(one.about) if one.about else "báo cáo"
        if one.days_late is None:
            parts.append(sentence("chưa gửi {report}", report=report))
        else:
            days = context.measured(item, "days", agency, one.about or None)
            parts.append(sentence("{report} chậm {n} ngày", report=report, n=days))
    runs = joined(parts, ", ")
    return sentence("{name} ({parts})", name=name, parts=runs) if name else runs
