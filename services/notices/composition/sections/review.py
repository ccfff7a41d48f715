"""II.1.c Rà soát, đánh giá TTHC: plans, reports, and what is proposed by level."""

from __future__ import annotations

from services.notices.composition.conduct import Conduct, conduct, evidence_paragraph
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run, TextRun
from services.notices.composition.phrases import joined, merged, sentence
from services.notices.evidence.model import LEVELS, EvidenceItem, Level

_PROPOSED = (
    ("review.amended", "đề nghị sửa đổi quy trình {n} TTHC{about}"),
    ("review.shortened", "đề nghị giảm thời gian giải quyết {n} TTHC{about}"),
    ("review.corrected", "đề nghị công khai đúng tên {n} TTHC{about}"),
    ("review.repealed", "ngừng thực hiện {n} TTHC{about} đã bị bãi bỏ"),
    ("review.internal", "đề nghị đơn giản hóa {n} TTHC nội bộ{about}"),
)
"""What is proposed of procedures, by item, in the order of the sentence."""


def review(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs."""
    year = context.inspection.year
    paragraphs = [
        *conduct(
            context,
            "plans",
            Conduct("review.internal_plan", "ban hành kế hoạch rà soát, đơn giản hóa TTHC nội bộ trong cơ quan nhà nước"),
            Conduct("review.internal_report", "gửi báo cáo rà soát TTHC nội bộ đúng hạn"),
            Conduct("review.report", f"gửi báo cáo rà soát, đánh giá TTHC năm {year} đúng hạn"),
        )
    ]
    results = [(level, runs) for level in LEVELS if (runs := _results(context, level))]
    if not results:
        return paragraphs
    paragraphs.append(evidence_paragraph("results", sentence("Kết quả rà soát, đánh giá:")))
    for number, (level, runs) in enumerate(results, 1):
        end = TextRun("." if number == len(results) else ";")
        paragraphs.append(evidence_paragraph(f"results.{level}", [*runs, end], lead="+"))
    return paragraphs


def _results(context: CompositionContext, level: Level) -> tuple[Run, ...]:
    """What a level proposes; empty where nothing was established."""
    subject = f"group:{level}"
    parts: list[tuple[Run, ...]] = []
    for item, words in _PROPOSED:
        if not context.is_answered(item):
            continue
        some = (one for one in context.evidence.by_subject(item).get(subject, ()) if one.count)
        parts.extend(_proposal(context, one, words) for one in some)
    rest = "review.rest_fits"
    if context.is_answered(rest) and context.evidence.mark(rest, subject) == "met":
        parts.append(sentence("các TTHC còn lại phù hợp, không có đề nghị khác" if parts else "các TTHC đều phù hợp"))
    return sentence("{level}: {parts}", level=context.words.levels[level], parts=joined(parts)) if parts else ()


def _proposal(context: CompositionContext, one: EvidenceItem, words: str) -> tuple[Run, ...]:
    about = f" lĩnh vực {one.about}" if one.about else ""
    because = f" theo {one.citation}" if one.citation else ""
    count = context.measured(one.item, "count", one.subject, one.about or None)
    return merged([*sentence(words, n=count, about=about), TextRun(because)])
