"""III.1 Kết quả đạt được: rates that became better or stayed equal, and the tasks of the plan."""

from __future__ import annotations

from services.notices.composition.comparisons import RATES, changes
from services.notices.composition.conduct import Conduct, begun, conduct, evidence_paragraph, short_of
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run, TextRun
from services.notices.composition.phrases import (
    before_number,
    figures_paragraph,
    highest,
    joined,
    merged,
    sentence,
)
from services.notices.composition.plan import plan_carried_out
from services.notices.composition.sections.assessment import grades, not_low
from services.notices.quantities import wording


def achievements(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs: rates that became better than in the earlier period or stayed equal, and the tasks of the plan."""
    figures = context.figures
    paragraphs = _conduct(context)
    parts = changes(context, better=True)
    in_time = figures["in_time_share"]
    if "before.in_time_share" not in figures and context.thresholds.is_praised("in_time_share", in_time.value):
        parts.insert(0, sentence(f"{RATES['in_time_share']} đạt {{rate}}", rate=in_time))
    if parts:
        # One alone is a sentence of its own: it needs no list.
        runs = begun(parts[0]) if len(parts) == 1 else (TextRun("Một số chỉ tiêu đạt kết quả cụ thể như sau: "), *joined(parts))
        paragraphs.append(figures_paragraph("rates", merged([*runs, TextRun(".")])))
    best = _best(context)
    if best:
        paragraphs.append(figures_paragraph("best", best))
    if not_low(context):
        paragraphs += grades(context, "grades", "Chất lượng giải quyết TTHC qua đánh giá hằng quý:")
    if context.is_answered("tasks.plan_assessed") and not short_of(context, "tasks.plan_assessed"):
        paragraphs += conduct(
            context,
            "plan_assessed",
            Conduct("tasks.plan_assessed", "định kỳ đánh giá kết quả thực hiện kế hoạch kiểm soát TTHC"),
        )
    if "tasks.rate" in figures and context.thresholds.is_praised("tasks", figures["tasks.rate"].value):
        runs = sentence("{plan}.", plan=plan_carried_out(context, "Thực hiện {plan}, đến nay đã"))
        typed = context.inspection.tasks is not None
        paragraphs.append(figures_paragraph("tasks", runs) if typed else evidence_paragraph("tasks", runs))
    return paragraphs


_LED = (
    "leadership.control_plan",
    "leadership.review_plan",
    "leadership.catalogue_updated",
    "leadership.plan_followed",
    "leadership.head_attention",
)
"""Items that show whether reform is led."""


def _conduct(context: CompositionContext) -> list[Paragraph]:
    """How much of what leads the reform was found in order, where that is worth praise."""
    figures = context.figures
    items = [item for item in _LED if context.is_answered(item)]
    if not items:
        return []
    met, answered = (
        figures.add_sum(f"led.{name}", [context.measured(item, name).key for item in items]) for name in ("met", "answered")
    )
    rate = figures.add_rate("led.rate", met.key, answered.key)
    if not context.thresholds.is_praised("leadership", rate.value):
        return []
    everyone = wording.upper_first(context.words.everyone) if met.size == answered.size else "Hầu hết các cơ quan, đơn vị"
    text = (
        "{everyone} tập trung chỉ đạo, triển khai công tác cải cách TTHC, thực hiện tốt các kế hoạch đã ban hành và kế hoạch "
        "kiểm tra; đạt yêu cầu ở {met}/{answered} lượt nội dung được kiểm tra ({rate})."
    )
    return [evidence_paragraph("conduct", sentence(text, everyone=everyone, met=met, answered=answered, rate=rate))]


def _best(context: CompositionContext) -> tuple[Run, ...]:
    """The agencies that lead in online service; empty where none stands out from those behind them."""
    share = context.figures["online_share"]
    limits = context.thresholds
    if share.value is None or len(context.agencies) <= limits.max_best:
        return ()
    found = highest(context, "online_share", context.agencies, max_agencies=limits.max_best, above=share, lead=limits.min_lead)
    if not found:
        return ()
    names = joined([sentence("{name} {rate}", name=before_number(agency.printed), rate=figure) for agency, figure in found])
    return sentence(
        "Dẫn đầu về tỷ lệ hồ sơ nộp trực tuyến trong {everyone}: {names}.", everyone=context.words.everyone, names=names
    )
