"""II.1.d Tiếp nhận, xử lý phản ánh, kiến nghị: how it may be given, what came in, what became of it."""

from __future__ import annotations

from services.notices.composition.conduct import Conduct, conduct, evidence_paragraph
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run
from services.notices.composition.phrases import figures_paragraph, joined, merged, sentence


def feedback(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs."""
    return [
        *conduct(
            context,
            "guidance",
            Conduct(
                "feedback.guidance", "niêm yết, công khai nội dung hướng dẫn gửi phản ánh, kiến nghị về quy định hành chính"
            ),
        ),
        *_received(context),
        *_coordinated(context),
        *_counted(context),
    ]


def _received(context: CompositionContext) -> list[Paragraph]:
    """What was given to the agencies themselves, and how much of it was dealt with in time."""
    item, in_time = "feedback.received", "feedback.in_time"
    if not context.is_answered(item):
        return []
    received = context.measured(item, "count")
    if received.size == 0:
        text = "Trong kỳ, {everyone} không trực tiếp tiếp nhận phản ánh, kiến nghị nào."
        return [evidence_paragraph("received", sentence(text, everyone=context.words.everyone))]
    by = [
        sentence("{name} {n}", name=agency.printed, n=context.measured(item, "count", agency.key))
        for agency in context.agencies
        if context.evidence.number(item, "count", agency.key)
    ]
    runs: list[Run] = [
        *sentence("Trong kỳ, tiếp nhận {n} phản ánh, kiến nghị", n=received),
        *(
            sentence(" ({by})", by=joined(by))
            if len(context.agencies) > 1 and len(by) <= context.thresholds.max_agencies
            else ()
        ),
    ]
    if context.is_answered(in_time) and context.measured(in_time, "of").size:
        runs += sentence(
            "; trả lời đúng hạn {count}/{of} phản ánh, kiến nghị, đạt {rate}",
            count=context.measured(in_time, "count"),
            of=context.measured(in_time, "of"),
            rate=context.measured(in_time, "rate"),
        )
    return [evidence_paragraph("received", merged([*runs, *sentence(".")]))]


def _coordinated(context: CompositionContext) -> list[Paragraph]:
    """What was dealt with together with others."""
    item = "feedback.coordinated"
    if not context.is_answered(item):
        return []
    paragraphs = []
    for number, one in enumerate(context.evidence.of(item), 1):
        whole = context.measured(item, "of", one.subject, one.about or None)
        count = context.measured(item, "count", one.subject, one.about or None)
        if whole.size == 0:
            continue
        who = one.about or "Các cơ quan liên quan"
        if count.size == whole.size:
            runs = sentence("{who} đã phối hợp giải quyết xong {n} phản ánh, kiến nghị.", who=who, n=count)
        else:
            text = "{who} phối hợp giải quyết {whole} phản ánh, kiến nghị, đã xong {n}."
            runs = sentence(text, who=who, whole=whole, n=count)
        paragraphs.append(evidence_paragraph(f"coordinated.{number}", runs))
    return paragraphs


def _counted(context: CompositionContext) -> list[Paragraph]:
    """The share that metrics counts, where the team established none."""
    share = context.figures.find("feedback_in_time_share")
    if share is None or share.value is None or context.is_answered("feedback.in_time"):
        return []
    text = "Tỷ lệ phản ánh, kiến nghị được xử lý đúng hạn đạt {rate} ({part}/{base})."
    part, base = (context.figures[f"feedback_in_time_share.{one}"] for one in ("part", "base"))
    return [figures_paragraph("in_time", sentence(text, rate=share, part=part, base=base))]
