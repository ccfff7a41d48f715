"""How far the plan of the year is carried out, in words. Pure."""

from __future__ import annotations

from services.notices.composition.context import CompositionContext
from services.notices.composition.derived import task_unit
from services.notices.composition.model import Run
from services.notices.composition.phrases import cited_again, sentence


def plan_carried_out(context: CompositionContext, front: str) -> tuple[Run, ...]:
    """`Thực hiện Kế hoạch số 34/KH-UBND, đến nay đã hoàn thành và đang triển khai 30/32 nhiệm vụ, đạt 93,75 %`.

    `front`: the words before that, with `{plan}` for the plan. There is a figure `tasks.rate`.
    """
    figures = context.figures
    done, assigned = figures["tasks.rate"].derived.inputs  # type: ignore[union-attr]
    return sentence(
        front + " hoàn thành và đang triển khai {done}/{assigned} {unit}, đạt {rate}",
        plan=cited_again(context.inspection.plans[0]),
        done=figures[done],
        assigned=figures[assigned],
        unit=task_unit(context),
        rate=figures["tasks.rate"],
    )
