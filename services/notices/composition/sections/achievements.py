"""III.1 Kết quả đạt được: rates that became better or reached what they had, and the tasks of the plan."""

from __future__ import annotations

from services.notices.composition.context import Matter
from services.notices.composition.model import Paragraph, Words
from services.notices.composition.phrases import between, cited_again, counted, merged, say
from services.notices.composition.sections.comparisons import RATES, changes


def progress(matter: Matter) -> list[Paragraph]:
    """Rates that became better than in the earlier period, or reached what they had; and the tasks of the plan."""
    figures = matter.figures
    out = []
    parts = changes(matter, better=True)
    in_time = figures["in_time_share"]
    if "before.in_time_share" not in figures and in_time.value is not None:
        parts.insert(0, say(f"{RATES['in_time_share']} đạt {{rate}}", rate=in_time))
    if parts:
        out.append(counted(merged([Words("Một số chỉ tiêu đạt kết quả cụ thể như sau: "), *between(parts), Words(".")])))
    tasks = matter.inspection.tasks
    if tasks is not None and tasks.assigned:
        out.append(
            counted(
                say(
                    "Thực hiện {plan}, đến nay đã hoàn thành và đang triển khai {done}/{assigned} nhiệm vụ, đạt {rate}.",
                    plan=cited_again(matter.inspection.plans[0]),
                    done=figures["tasks.done"],
                    assigned=figures["tasks.assigned"],
                    rate=figures["tasks.rate"],
                )
            )
        )
    return out
