"""Shortcomings that the team established of agencies: what they do not do, or only partly."""

from __future__ import annotations

from services.notices.composition.conduct import (
    GRADE_WORDS,
    all_listed,
    behind,
    bracketed,
    by_about,
    examined,
    listed,
    short_of,
    times,
)
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Run
from services.notices.composition.phrases import before_number, joined, sentence
from services.notices.composition.plan import plan_carried_out
from services.notices.composition.shortcomings.faults import FAULTS, TOPICS
from services.notices.composition.shortcomings.model import Detect, StatedShortcoming, stated
from services.notices.figures.model import Figure, Subject
from services.notices.quantities import wording

OWN_TEXT = ("communication.radio", "communication.web", "communication.meetings", "communication.plan")


def _communication(context: CompositionContext) -> StatedShortcoming | None:
    thin = short_of(context, "communication.web")
    rare = short_of(context, *(item for item in OWN_TEXT if item != "communication.web"))
    parts = []
    if rare:
        parts.append(sentence("tuyên truyền về cải cách TTHC chưa thường xuyên{names}", names=bracketed(context, rare)))
    if thin:
        text = "thông tin đăng trên trang thông tin điện tử còn ít, sơ sài{names}"
        parts.append(sentence(text, names=bracketed(context, thin)))
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
        text = "gửi báo cáo chậm hạn hoặc chưa gửi{names}"
        if all(one.days_late is not None for one in context.evidence.of(item) if one.is_late):
            text = "gửi báo cáo chậm hạn{names}"
        names = all_listed(context, late, " ({})")
        parts.append(_number_of(context, context.measured(item, "late"), sentence(text, names=names)))
    if poor:
        parts.append(sentence("nội dung báo cáo chưa đạt yêu cầu{names}", names=bracketed(context, poor)))
    if not parts:
        return None
    runs = sentence("Chế độ thông tin, báo cáo chưa nghiêm: {parts}.", parts=joined(parts))
    return stated("reporting", runs, (*late, *poor), "evidence")


def _tasks(context: CompositionContext) -> StatedShortcoming | None:
    """Tasks of superiors that are not done, or not well, and a plan that is not assessed."""
    item = "tasks.assigned"
    who = set()
    parts = []
    if context.is_answered(item) and context.thresholds.is_too_low("tasks", context.measured(item, "rate").value):
        count, of, rate = (context.measured(item, measure) for measure in ("count", "of", "rate"))
        text = "mới thực hiện {count}/{of} {unit} được giao, đạt {rate}"
        parts.append(sentence(text, count=count, of=of, rate=rate, unit=times(context, item, "nhiệm vụ")))
        who |= behind(context, item)
    for one, text in (
        ("tasks.quality", "thực hiện chưa bảo đảm nội dung, tiến độ"),
        ("tasks.plan_assessed", "chưa đánh giá định kỳ việc thực hiện kế hoạch kiểm soát TTHC"),
    ):
        short = short_of(context, one)
        if short:
            parts.append(sentence("{text}{names}", text=text, names=bracketed(context, short)))
            who |= {agency.key for agency in short}
    if not parts:
        return None
    runs = sentence("Nhiệm vụ về kiểm soát TTHC do cấp trên giao: {parts}.", parts=joined(parts))
    return stated("tasks", runs, context.in_order(who), "evidence")


def _sample(context: CompositionContext) -> StatedShortcoming | None:
    item = "sample.faults"
    if not context.is_answered(item) or context.measured(item, "count").size == 0:
        return None
    parts = [
        sentence("{kind} {n} hồ sơ", kind=wording.lower_first(kind) or "sai sót khác", n=count)
        for kind, count in by_about(context, item)
    ]
    who = context.in_order(set(context.evidence.subjects(item, "agencies")))
    text = "Hồ sơ lưu còn sai sót{names}: {parts}."
    runs = sentence(text, names=bracketed(context, who), parts=joined(parts))
    return stated("sample_faults", runs, who, "evidence")


def _payment(context: CompositionContext) -> StatedShortcoming | None:
    """Fees that could be paid online only after the period had begun, or not yet."""
    item = "payment.since"
    if not context.is_answered(item):
        return None
    evidence = context.evidence
    by_mark = {
        mark: tuple(one for one in context.agencies if evidence.mark(item, one.key) == mark)
        for mark in ("met", "partly", "not_met")
    }
    answered, not_met = (context.measured(item, measure) for measure in ("answered", "not_met"))
    if not_met.size == answered.size:
        text = "Việc thanh toán trực tuyến phí, lệ phí chưa được triển khai tại {who}."
        runs = sentence(text, who=examined(context, item))
        return stated("payment_since", runs, by_mark["not_met"], "evidence")
    met = {one.key for one in by_mark["met"]}
    start = context.inspection.period.start
    begun = {one.subject: one.on for one in evidence.of(item) if one.subject in met and one.on is not None and one.on > start}
    slow = context.in_order(set(begun))
    parts = []
    if slow:
        first, last = min(begun.values()), max(begun.values())
        days = f"từ ngày {wording.day(first)}" + ("" if first == last else f" đến ngày {wording.day(last)}")
        if len(slow) == context.measured(item, "met").size:
            text = "{n}/{answered} cơ quan, đơn vị mới bắt đầu thực hiện {days}"
            if len(context.agencies) == 1:
                text = "mới bắt đầu thực hiện {days}"
            parts.append(sentence(text, n=context.measured(item, "met"), answered=answered, days=days))
        else:
            parts.append(sentence("mới bắt đầu thực hiện {days}: {names}", days=days, names=listed(context, slow)))
    if by_mark["partly"]:
        where = f": {listed(context, by_mark['partly'])}" if len(context.agencies) > 1 else ""
        parts.append(sentence("thực hiện chưa đầy đủ{where}", where=where))
    if by_mark["not_met"]:
        text = "{n} cơ quan, đơn vị chưa thực hiện{names}"
        parts.append(sentence(text, n=not_met, names=all_listed(context, by_mark["not_met"])))
    if not parts:
        return None
    runs = sentence("Thanh toán trực tuyến phí, lệ phí còn chậm: {parts}.", parts=joined(parts))
    who = context.in_order({*begun, *(one.key for one in short_of(context, item))})
    return stated("payment_since", runs, who if len(who) < len(context.agencies) else (), "evidence")


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
    if len(context.agencies) == 1:
        runs = sentence("Mức độ hài lòng còn thấp, mới đạt {rate}.", rate=low[0][1])
    else:
        parts = [sentence("{name} {rate}", name=before_number(agency.printed), rate=rate) for agency, rate in low]
        runs = sentence("Mức độ hài lòng còn thấp tại: {parts}.", parts=joined(parts))
    return stated("satisfaction_examined", runs, [agency for agency, _ in low], "evidence")


def _gaps(kind: str, topic: str, words: str) -> Detect:
    """What agencies do not do in a topic, each with those who fall short."""
    items = [item for item in FAULTS if item.partition(".")[0] == topic]

    def detect(context: CompositionContext) -> StatedShortcoming | None:
        parts: list[tuple[Run, ...]] = []
        named: list[Subject] = []
        for item in items:
            who = short_of(context, item)
            if who:
                named += who
                parts.append(sentence("{fault}{names}", fault=FAULTS[item], names=bracketed(context, who)))
        if not parts:
            return None
        return stated(kind, sentence("Về {topic}: {parts}.", topic=words, parts=joined(parts)), named, "evidence")

    return detect


def _plan(context: CompositionContext) -> StatedShortcoming | None:
    """Too few tasks of the year's plan are done or under way."""
    rate = context.figures.find("tasks.rate")
    if rate is None or rate.value is None or context.thresholds.is_praised("tasks", rate.value):
        return None
    typed = context.inspection.tasks is not None
    who = () if typed else context.in_order(behind(context, "tasks.plan"))
    runs = sentence("{plan}.", plan=plan_carried_out(context, "Việc thực hiện {plan} còn chậm, mới"))
    return stated("plan", runs, who, "figures" if typed else "evidence")


def _grades(context: CompositionContext) -> StatedShortcoming | None:
    """Agencies whose dossiers are handled no better than average, by their points."""
    item = "assessment.points"
    if not context.is_answered(item):
        return None
    parts, named = [], []
    for grade in ("average", "weak"):
        who = [agency for agency in context.agencies if context.evidence.grade(item, agency.key) == grade]
        if who:
            names = all_listed(context, who, " ({})")
            text = sentence("xếp loại {grade}{names}", grade=GRADE_WORDS[grade], names=names)
            parts.append(_number_of(context, context.measured(item, grade), text))
            named += who
    if not parts:
        return None
    runs = sentence("Kết quả đánh giá việc giải quyết TTHC còn thấp: {parts}.", parts=joined(parts))
    return stated("grades", runs, named, "evidence")


def _officials(context: CompositionContext) -> StatedShortcoming | None:
    """Too few officials did all their tasks."""
    item = "assessment.officials"
    if not context.is_answered(item) or not context.thresholds.is_too_low("officials", context.measured(item, "rate").value):
        return None
    text = "Mới có {count}/{of} công chức Bộ phận Tiếp nhận và Trả kết quả hoàn thành toàn bộ nhiệm vụ, đạt {rate}."
    count, of, rate = (context.measured(item, measure) for measure in ("count", "of", "rate"))
    return stated(
        "officials",
        sentence(text, count=count, of=of, rate=rate, unit=times(context, item, "nhiệm vụ")),
        context.in_order(behind(context, item)),
        "evidence",
    )


def _harassment(context: CompositionContext) -> StatedShortcoming | None:
    """Cases in which citizens were made difficulties."""
    item = "desk.harassment"
    if not context.is_answered(item) or context.measured(item, "count").size == 0:
        return None
    who = context.in_order(set(context.evidence.subjects(item, "agencies")))
    text = "Còn {n} vụ việc gây khó khăn, phiền hà cho tổ chức, cá nhân{names}."
    runs = sentence(text, n=context.measured(item, "count"), names=bracketed(context, who))
    return stated("harassment", runs, who, "evidence")


def _number_of(context: CompositionContext, count: Figure, did: tuple[Run, ...]) -> tuple[Run, ...]:
    """How many agencies did something; of the only one that was inspected, what it did."""
    return did if len(context.agencies) == 1 else sentence("{n} cơ quan, đơn vị {did}", n=count, did=did)


OBSERVED: tuple[Detect, ...] = (
    *(_gaps(kind, topic, words) for kind, (topic, words) in TOPICS.items()),
    _sample,
    _harassment,
    _grades,
    _officials,
    _satisfied,
    _communication,
    _reporting,
    _tasks,
    _plan,
    _payment,
)
"""What evidence may show, in the order of the conclusion."""
