"""II.1.e Đánh giá việc giải quyết TTHC và sự hài lòng: criteria by quarter, the index of decision 766, officials, forms and QR
codes, satisfaction."""

from __future__ import annotations

from services.notices.composition.conduct import GRADE_WORDS, Conduct, all_listed, conduct, evidence_paragraph, examined
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run
from services.notices.composition.phrases import figures_paragraph, joined, merged, sentence
from services.notices.composition.sections.index_766 import index_766
from services.notices.evidence.model import GRADES
from services.notices.figures.model import Subject
from services.notices.quantities import wording


def assessment(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs."""
    return [
        *conduct(
            context,
            "carried_out",
            Conduct(
                "assessment.carried_out",
                "đánh giá việc giải quyết TTHC theo Thông tư số 01/2018/TT-VPCP ngày 23/11/2018 của Văn phòng Chính phủ",
            ),
            Conduct("assessment.quarters", "tổ chức đánh giá đủ các quý trong kỳ"),
            Conduct("assessment.processed", "tổng hợp, xử lý kết quả chấm điểm theo Điều 15 của Thông tư này"),
            Conduct("satisfaction.forms", "lấy ý kiến bằng phiếu khi trả kết quả"),
            Conduct("satisfaction.qr", "bố trí mã QR tại quầy để người dân, doanh nghiệp đánh giá"),
        ),
        *grades(context, "grades", "Kết quả chấm điểm:"),
        *index_766(context),
        *_officials(context),
        *_satisfied(context),
    ]


def grades(context: CompositionContext, key: str, front: str) -> list[Paragraph]:
    """How many agencies have which grade; those below `good` are named."""
    item = "assessment.points"
    if not context.is_answered(item):
        return []
    answered = context.measured(item, "answered")
    if len(context.agencies) == 1:
        agency = context.agencies[0]
        grade_of_it = context.evidence.grade(item, agency.key)
        low_grade = [agency] if grade_of_it in GRADES[2:] else []
        words = GRADE_WORDS[grade_of_it] if grade_of_it else ""
        runs = sentence("{front} {name} xếp loại {grade}.", front=front, name=wording.in_sentence(agency.name), grade=words)
        return [evidence_paragraph(key, runs, agencies=low_grade)] if words else []
    parts: list[tuple[Run, ...]] = []
    low: list[Subject] = []
    for grade in GRADES:
        count = context.measured(item, grade)
        if count.size == 0:
            continue
        text = "{n}/{all} cơ quan, đơn vị xếp loại {grade}" if not parts else "{n} cơ quan, đơn vị xếp loại {grade}"
        part = sentence(text, n=count, all=answered, grade=GRADE_WORDS[grade])
        if grade == "excellent" and count.size < answered.size:
            part = sentence("{part} (đạt {rate})", part=part, rate=context.measured(item, "excellent_rate"))
        if grade in ("fair", "average", "weak"):
            who = [agency for agency in context.agencies if context.evidence.grade(item, agency.key) == grade]
            low.extend(who)
            part = sentence("{part}{names}", part=part, names=all_listed(context, who, " ({})"))
        parts.append(part)
    if not parts:
        return []
    runs = merged([*sentence("{front} ", front=front), *joined(parts), *sentence(".")])
    return [evidence_paragraph(key, runs, agencies=low)]


def not_low(context: CompositionContext) -> bool:
    """Whether so many have a good grade at least that it is an achievement."""
    item = "assessment.points"
    if not context.is_answered(item):
        return False
    good = sum(context.measured(item, grade).size for grade in GRADES[:2])
    rate = wording.percent(good, context.measured(item, "answered").size)
    return context.thresholds.is_praised("grades", rate)


def _officials(context: CompositionContext) -> list[Paragraph]:
    item = "assessment.officials"
    if not context.is_answered(item) or context.measured(item, "of").size == 0:
        return []
    runs = sentence(
        "{count}/{of} công chức làm việc tại Bộ phận Tiếp nhận và Trả kết quả của {who} hoàn thành toàn bộ nhiệm vụ, đạt "
        "{rate}.",
        count=context.measured(item, "count"),
        of=context.measured(item, "of"),
        rate=context.measured(item, "rate"),
        who=examined(context, item),
    )
    return [evidence_paragraph("officials", runs)]


def _satisfied(context: CompositionContext) -> list[Paragraph]:
    """Satisfaction as metrics has it, and as the team established it: of all instead of that, of some beside it."""
    item = "satisfaction.satisfied"
    paragraphs = []
    share = context.figures.find("satisfaction")
    if share is not None and share.value is not None and not context.is_answered_by_all(item):
        part, base = (context.figures[f"satisfaction.{one}"] for one in ("part", "base"))
        text = "Mức độ hài lòng: {count}/{of} ý kiến hài lòng, đạt {rate}."
        paragraphs.append(figures_paragraph("satisfied", sentence(text, count=part, of=base, rate=share)))
    if context.is_answered(item) and context.measured(item, "of").size:
        count, of, rate = (context.measured(item, measure) for measure in ("count", "of", "rate"))
        where = () if context.is_answered_by_all(item) else sentence(" tại {who}", who=examined(context, item))
        text = "Mức độ hài lòng{where}: {count}/{of} ý kiến hài lòng, đạt {rate}."
        key = "satisfied.examined" if paragraphs else "satisfied"
        paragraphs.append(evidence_paragraph(key, sentence(text, where=where, count=count, of=of, rate=rate)))
    return paragraphs
