"""II.1.h Các nhiệm vụ khác: tasks that superiors assigned, by agency."""

from __future__ import annotations

from services.notices.composition.conduct import Conduct, conduct, evidence_paragraph, examined, times
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, TextRun
from services.notices.composition.phrases import joined, merged, sentence
from services.notices.figures.model import Subject


def other_tasks(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs."""
    return [
        *_assigned(context),
        *conduct(
            context,
            "quality",
            Conduct("tasks.quality", "bảo đảm nội dung, tiến độ thực hiện nhiệm vụ cấp trên giao"),
        ),
    ]


def _assigned(context: CompositionContext) -> list[Paragraph]:
    """How many tasks are done, and the agencies that have not done all of theirs, the furthest behind first."""
    item = "tasks.assigned"
    if not context.is_answered(item) or context.measured(item, "of").size == 0:
        return []
    behind = _behind(context)
    runs = sentence(
        "Đã thực hiện {count}/{of} {unit} do cấp trên giao cho {who}, đạt {rate}",
        who=examined(context, item),
        unit=times(context, item, "nhiệm vụ"),
        count=context.measured(item, "count"),
        of=context.measured(item, "of"),
        rate=context.measured(item, "rate"),
    )
    end: tuple[object, ...] = ()
    if behind and context.measured(item, "answered").size > 1:
        parts = [
            sentence(
                "{name} {count}/{of}",
                name=agency.printed,
                count=context.measured(item, "count", agency.key),
                of=context.measured(item, "of", agency.key),
            )
            for agency in behind[: context.thresholds.max_agencies]
        ]
        if len(behind) > len(parts):
            parts.append(sentence("và các cơ quan, đơn vị khác"))
        end = sentence("; chưa hoàn thành: {parts}", parts=joined(parts))
    return [evidence_paragraph("assigned", merged([*runs, *end, TextRun(".")]), agencies=behind)]  # type: ignore[list-item]


def _behind(context: CompositionContext) -> list[Subject]:
    item = "tasks.assigned"
    rates = []
    for agency in context.agencies:
        done, of = (context.evidence.number(item, measure, agency.key) for measure in ("count", "of"))
        if done < of:
            rates.append((done / of, agency))
    return [agency for _, agency in sorted(rates, key=lambda one: one[0])]
