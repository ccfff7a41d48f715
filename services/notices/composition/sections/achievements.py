"""III.1 Kết quả đạt được: rates that became better or stayed equal, and the tasks of the plan."""

from __future__ import annotations

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, TextRun
from services.notices.composition.phrases import cited_again, figures_paragraph, joined, merged, sentence
from services.notices.composition.sections.comparisons import RATES, changes


def achievements(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs: rates that became better than in the earlier period or stayed equal, and the tasks of the plan."""
    figures = context.figures
    paragraphs = []
    parts = changes(context, better=True)
    in_time = figures["in_time_share"]
    if "before.in_time_share" not in figures and in_time.value is not None:
        parts.insert(0, sentence(f"{RATES['in_time_share']} đạt {{rate}}", rate=in_time))
    if parts:
        paragraphs.append(
            figures_paragraph(
                "rates", merged([TextRun("Một số chỉ tiêu đạt kết quả cụ thể như sau: "), *joined(parts), TextRun(".")])
            )
        )
    tasks = context.inspection.tasks
    if tasks is not None and tasks.assigned:
        paragraphs.append(
            figures_paragraph(
                "tasks",
                sentence(
                    "Thực hiện {plan}, đến nay đã hoàn thành và đang triển khai {done}/{assigned} nhiệm vụ, đạt {rate}.",
                    plan=cited_again(context.inspection.plans[0]),
                    done=figures["tasks.done"],
                    assigned=figures["tasks.assigned"],
                    rate=figures["tasks.rate"],
                ),
            )
        )
    return paragraphs
