"""Shortcomings that the team established of agencies: what they do not do, or only partly."""

from __future__ import annotations

from services.notices.composition.conduct import by_about, listed, short_of
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Run
from services.notices.composition.phrases import joined, sentence
from services.notices.composition.shortcomings.model import Detect, StatedShortcoming, stated
from services.notices.figures.model import Subject
from services.notices.quantities import wording

TOPICS = {
    "leadership": "xây dựng, công khai kế hoạch và phối hợp với Đoàn kiểm tra",
    "publication": "niêm yết, công khai TTHC và kết quả giải quyết",
    "sample": "tuân thủ quy định khi giải quyết và lưu hồ sơ",
    "review": "rà soát, đánh giá TTHC",
    "feedback": "tiếp nhận, xử lý phản ánh, kiến nghị",
    "assessment": "đánh giá việc giải quyết TTHC",
    "satisfaction": "lấy ý kiến hài lòng của người dân, doanh nghiệp",
    "staffing": "bố trí công chức và kiện toàn Bộ phận Tiếp nhận và Trả kết quả",
    "desk": "tổ chức, hoạt động của Bộ phận Tiếp nhận và Trả kết quả",
}
"""Topics of evidence without a shortcoming of their own, with their words."""

_GAPS = ("mark", "days", "day")
"""Kinds of items of which every agency is to meet each."""
_COMPLETE_SHARES = frozenset(
    {"publication.procedures", "publication.months", "assessment.quarters", "feedback.in_time", "staffing.qualified"}
)
"""Shares that are to be complete."""
_NO_GAPS = frozenset({"leadership.visited"})

OWN_TEXT = ("communication.radio", "communication.web", "communication.meetings", "communication.plan")


def _communication(context: CompositionContext) -> StatedShortcoming | None:
    thin = short_of(context, "communication.web")
    rare = short_of(context, *(item for item in OWN_TEXT if item != "communication.web"))
    parts = []
    if rare:
        parts.append(sentence("tuyên truyền về cải cách TTHC chưa thường xuyên ({names})", names=listed(context, rare)))
    if thin:
        text = "thông tin đăng trên trang thông tin điện tử còn ít, sơ sài ({names})"
        parts.append(sentence(text, names=listed(context, thin)))
    if not parts:
        return None
    return stated(
        "communication",
        sentence("Công tác truyền thông còn hạn chế: {parts}.", parts=joined(parts)),
        (*rare, *thin),
        "evidence",
    )


def _reporting(context: CompositionContext) -> StatedShortcoming | None:
    item = "reporting.reports"
    late = context.in_order(set(context.evidence.subjects(item, "late"))) if context.is_answered(item) else ()
    poor = short_of(context, "reporting.content")
    parts = []
    if late:
        text = "{n} cơ quan, đơn vị gửi báo cáo chậm hạn ({names})"
        parts.append(sentence(text, n=context.measured(item, "late"), names=listed(context, late)))
    if poor:
        parts.append(sentence("nội dung báo cáo chưa đạt yêu cầu ({names})", names=listed(context, poor)))
    if not parts:
        return None
    runs = sentence("Chế độ thông tin, báo cáo chưa nghiêm: {parts}.", parts=joined(parts))
    return stated("reporting", runs, (*late, *poor), "evidence")


def _tasks(context: CompositionContext) -> StatedShortcoming | None:
    who = short_of(context, "tasks.quality")
    if not who:
        return None
    text = "Nhiệm vụ do cấp trên giao thực hiện chưa bảo đảm nội dung, tiến độ tại: {names}."
    return stated("tasks", sentence(text, names=listed(context, who)), who, "evidence")


def _sample(context: CompositionContext) -> StatedShortcoming | None:
    item = "sample.faults"
    if not context.is_answered(item) or context.measured(item, "count").size == 0:
        return None
    parts = [
        sentence("{kind} {n} hồ sơ", kind=wording.lower_first(kind) or "sai sót khác", n=count)
        for kind, count in by_about(context, item)
    ]
    who = context.in_order(set(context.evidence.subjects(item, "agencies")))
    runs = sentence("Hồ sơ lưu còn sai sót ({parts}): {names}.", parts=joined(parts), names=listed(context, who))
    return stated("sample", runs, who, "evidence")


def _payment(context: CompositionContext) -> StatedShortcoming | None:
    """Fees that could be paid online only after the period had begun."""
    item = "payment.since"
    if not context.is_answered(item):
        return None
    first = context.evidence.first_day(item)
    who = short_of(context, item)
    if first is None:
        runs = sentence("Việc thanh toán trực tuyến phí, lệ phí chưa được triển khai.")
        return stated("payment_since", runs, (), "evidence")
    if first <= context.inspection.period.start and not who:
        return None
    parts = []
    if first > context.inspection.period.start:
        parts.append(sentence("bắt đầu thực hiện từ ngày {day}", day=wording.day(first)))
    if who:
        parts.append(sentence("chưa thực hiện: {names}", names=listed(context, who)))
    runs = sentence(
        "Thanh toán trực tuyến phí, lệ phí {whole} còn chậm ({parts}).", whole=context.words.whole, parts=joined(parts)
    )
    return stated("payment_since", runs, who, "evidence")


def _satisfied(context: CompositionContext) -> StatedShortcoming | None:
    """Agencies with which too few are satisfied."""
    item = "satisfaction.satisfied"
    if not context.is_answered(item):
        return None
    low = []
    for agency in context.agencies:
        if context.evidence.number(item, "of", agency.key):
            rate = context.measured(item, "rate", agency.key)
            if context.thresholds.is_too_low("satisfaction", rate.value):
                low.append((agency, rate))
    if not low:
        return None
    parts = [sentence("{name} {rate}", name=agency.printed, rate=rate) for agency, rate in low]
    runs = sentence("Mức độ hài lòng còn thấp tại: {parts}.", parts=joined(parts))
    return stated("satisfaction", runs, [agency for agency, _ in low], "evidence")


def _gaps(topic: str) -> Detect:
    """What agencies do not do in a topic: its items by title, with those who fall short."""

    def detect(context: CompositionContext) -> StatedShortcoming | None:
        parts: list[tuple[Run, ...]] = []
        named: list[Subject] = []
        for item in context.evidence.template.items:
            if item.topic != topic or item.section == "causes" or item.id in _NO_GAPS:
                continue
            if item.kind not in _GAPS and item.id not in _COMPLETE_SHARES:
                continue
            who = short_of(context, item.id)
            if who:
                named += who
                title = wording.lower_first(item.title)
                parts.append(sentence("{title} ({names})", title=title, names=listed(context, who)))
        if not parts:
            return None
        runs = sentence("Về {topic}, có nội dung chưa đạt: {parts}.", topic=TOPICS[topic], parts=joined(parts))
        return stated(topic, runs, named, "evidence")

    return detect


OBSERVED: tuple[Detect, ...] = (
    *(_gaps(topic) for topic in TOPICS),
    _sample,
    _satisfied,
    _communication,
    _reporting,
    _tasks,
    _payment,
)
"""What evidence may show, in the order of the conclusion."""
