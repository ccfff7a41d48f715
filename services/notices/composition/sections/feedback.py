"""II.1.d Tiếp nhận, xử lý phản ánh, kiến nghị: how it may be given, what came in, what became of it."""

from __future__ import annotations

from services.notices.composition.conduct import Conduct, conduct, counted_at, evidence_paragraph, examined
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run
from services.notices.composition.phrases import figures_paragraph, merged, sentence


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
        text = "Trong kỳ, {who} không trực tiếp tiếp nhận phản ánh, kiến nghị nào."
        return [evidence_paragraph("received", sentence(text, who=examined(context, item)))]
    who = context.in_order(set(context.evidence.subjects(item, "agencies")))
    by = counted_at(context, item, "count", who)
    runs: list[Run] = [
        *sentence("Trong kỳ, {who} tiếp nhận {n} phản ánh, kiến nghị", who=examined(context, item), n=received),
        *(sentence(" ({by})", by=by) if len(context.agencies) > 1 else ()),
    ]
    if context.is_answered(in_time) and context.measured(in_time, "of").size:
        runs += sentence(
            "; trả lời đúng hạn {count}/{of} phản ánh, kiến nghị{where}, đạt {rate}",
            where=_elsewhere(context, item, in_time),
            count=context.measured(in_time, "count"),
            of=context.measured(in_time, "of"),
            rate=context.measured(in_time, "rate"),
        )
    return [evidence_paragraph("received", merged([*runs, *sentence(".")]))]


def _elsewhere(context: CompositionContext, item: str, other: str) -> tuple[Run, ...]:
    """Of whom `other` was established, where these are not those of `item`."""
    if context.evidence.by_subject(item).keys() == context.evidence.by_subject(other).keys():
        return ()
    return sentence(" của {who}", who=examined(context, other))


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
        together = "" if "phối hợp" in who else " phối hợp"
        if count.size == whole.size:
            runs = sentence("{who} đã{together} giải quyết xong {n} phản ánh, kiến nghị.", who=who, together=together, n=count)
        else:
            text = "{who}{together} giải quyết {whole} phản ánh, kiến nghị, đã xong {n}."
            runs = sentence(text, who=who, together=together, whole=whole, n=count)
        paragraphs.append(evidence_paragraph(f"coordinated.{number}", runs))
    return paragraphs


def _counted(context: CompositionContext) -> list[Paragraph]:
    """The share that metrics counts, where the team did not establish it of all."""
    share = context.figures.find("feedback_in_time_share")
    if share is None or share.value is None or context.is_answered_by_all("feedback.in_time"):
        return []
    text = "Tỷ lệ phản ánh, kiến nghị được xử lý đúng hạn đạt {rate} ({part}/{base})."
    part, base = (context.figures[f"feedback_in_time_share.{one}"] for one in ("part", "base"))
    return [figures_paragraph("in_time", sentence(text, rate=share, part=part, base=base))]
