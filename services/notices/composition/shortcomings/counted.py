"""Shortcomings that counted figures show: lateness, returned and contradictory dossiers, rates below what was to be reached."""

from __future__ import annotations

from decimal import Decimal

from services.notices.composition.comparisons import RATES, changes
from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Run, TextRun
from services.notices.composition.phrases import (
    MAX_AGENCIES_LISTED,
    before_number,
    by_agency,
    joined,
    lowest,
    merged,
    ranked,
    sentence,
)
from services.notices.composition.shortcomings.model import Detect, StatedShortcoming, stated
from services.notices.figures.model import Figure, Subject


def _late(context: CompositionContext) -> StatedShortcoming | None:
    resolved, pending = context.figures["resolved_overdue"], context.figures["in_process_overdue"]
    parts = []
    if resolved.size:
        parts.append(
            sentence(
                "{n} hồ sơ giải quyết quá hạn, chiếm {rate} số hồ sơ đã giải quyết",
                n=resolved,
                rate=context.figures["overdue_share"],
            )
        )
    if pending.size:
        parts.append(sentence("{n} hồ sơ đang giải quyết đã quá hạn", n=pending))
    if not parts:
        return None
    who = [agency for kpi in ("resolved_overdue", "in_process_overdue") for agency, _ in ranked(context, kpi)]
    return stated("late", sentence("Vẫn còn {parts}.", parts=joined(parts)), who, "figures")


def _returned(context: CompositionContext) -> StatedShortcoming | None:
    figures = context.figures
    share = figures["returned_share"]
    if figures["returned"].size == 0 or not context.thresholds.is_too_high("returned_share", share.value):
        return None
    runs = sentence(
        "Số hồ sơ phải trả lại do không đủ điều kiện giải quyết là {n} hồ sơ, chiếm {rate} tổng số hồ sơ có trách nhiệm "
        "giải quyết",
        n=figures["returned"],
        rate=share,
    )
    return _with_agencies(context, "returned", "returned", runs)


def _contradictory(context: CompositionContext) -> StatedShortcoming | None:
    """Dossiers from which no lateness is derived: what is to be corrected stands in the list behind the figure."""
    count = context.figures["contradictory"]
    if count.size == 0:
        return None
    runs = sentence(
        "Có {n} hồ sơ mà ngày, trạng thái hoặc các bước ghi trong phần mềm mâu thuẫn nhau, phải đối chiếu và sửa lại; "
        "không suy ra chậm muộn hay nguyên nhân từ các hồ sơ này",
        n=count,
    )
    return _with_agencies(context, "contradictory", "contradictory", runs)


def _with_agencies(context: CompositionContext, kind: str, kpi: str, runs: tuple[Run, ...]) -> StatedShortcoming:
    where = by_agency(context, kpi, max_agencies=MAX_AGENCIES_LISTED)
    who = [agency for agency, _ in ranked(context, kpi)]
    end = sentence(", {where}" if len(who) == 1 else ": {where}", where=where) if where else ()
    return stated(kind, merged([*runs, *end, TextRun(".")]), who, "figures")


def _suspended(context: CompositionContext) -> StatedShortcoming | None:
    suspended, pending = context.figures.find("suspended"), context.figures["in_process"]
    if suspended is None or suspended.size == 0:
        return None
    share = context.figures.add_rate("suspended_share", "suspended", "in_process")
    if not context.thresholds.is_too_high("suspended_share", share.value):
        return None
    text = "{n}/{all} hồ sơ đang giải quyết bị tạm dừng, chiếm {rate}"
    return _with_agencies(context, "suspended", "suspended", sentence(text, n=suspended, all=pending, rate=share))


def _refused(context: CompositionContext) -> StatedShortcoming | None:
    refused = context.figures.find("refused")
    if refused is None or refused.size == 0 or context.figures["received_new"].size == 0:
        return None
    submitted = context.figures.add_sum("submitted", ["received_new", "refused"])
    share = context.figures.add_rate("refused_share", "refused", "submitted")
    if not context.thresholds.is_too_high("refused_share", share.value):
        return None
    text = "{n}/{all} hồ sơ nộp trong kỳ bị từ chối tiếp nhận, chiếm {rate}"
    return _with_agencies(context, "refused", "refused", sentence(text, n=refused, all=submitted, rate=share))


def _online(context: CompositionContext) -> StatedShortcoming | None:
    share = context.figures["online_share"]
    if share.value is None:
        return None
    whole = context.words.whole
    low = _lowest(context, "online_share", share)
    names = joined([sentence("{name} {rate}", name=before_number(agency.printed), rate=figure) for agency, figure in low])
    who = [agency for agency, _ in low]
    if _misses(context, "online_share", context.inspection.targets.online_share):
        runs = sentence(
            "Tỷ lệ hồ sơ nộp trực tuyến {whole} mới đạt {rate}, chưa đạt mục tiêu {target}",
            whole=whole,
            rate=share,
            target=context.figures["target.online_share"],
        )
        end = sentence("; thấp nhất là: {names}", names=names) if low else ()
        return stated("online", merged([*runs, *end, TextRun(".")]), who, "figures")
    # Who is a little below the whole is so by chance.
    if not low or low[0][1].value is None or share.value - low[0][1].value < context.thresholds.min_gap:
        return None
    text = (
        "Tỷ lệ hồ sơ nộp trực tuyến giữa các cơ quan, đơn vị chưa đồng đều so với mức chung {whole} ({rate}); thấp nhất là: "
        "{names}."
    )
    return stated("online", sentence(text, whole=whole, rate=share, names=names), who, "figures")


def _lowest(context: CompositionContext, kpi: str, below: Figure) -> list[tuple[Subject, Figure]]:
    """The agencies with the lowest rates."""
    return lowest(context, kpi, context.agencies, max_agencies=context.thresholds.max_lowest, below=below)


def _digitised(context: CompositionContext) -> StatedShortcoming | None:
    figures = context.figures
    parts = [
        sentence(f"{RATES[kpi]} đạt {{rate}} (mục tiêu {{target}})", rate=figures[kpi], target=figures[f"target.{kpi}"])
        for kpi in ("digitised_intake", "digitised_result")
        if _misses(context, kpi, getattr(context.inspection.targets, kpi))
    ]
    if not parts:
        return None
    return stated("digitised", sentence("Số hóa hồ sơ chưa đạt mục tiêu đề ra: {parts}.", parts=joined(parts)), (), "figures")


def _misses(context: CompositionContext, kpi: str, target: Decimal | None) -> bool:
    """Whether a rate has not reached its target."""
    value = context.figures[kpi].value
    if target is None or value is None:
        return False
    return value > target if context.catalogue.is_lower_better(kpi) else value < target


def _steps(context: CompositionContext) -> StatedShortcoming | None:
    """Steps of the internal process that were late."""
    overdue, share = (context.figures[kpi] for kpi in ("steps_overdue", "steps_overdue_share"))
    if not overdue.is_known or overdue.size == 0 or not context.thresholds.is_too_high("steps_overdue_share", share.value):
        return None
    text = "{n} lượt xử lý theo các bước của quy trình nội bộ bị quá hạn, chiếm {rate} số lượt có thời hạn."
    return stated("steps", sentence(text, n=overdue, rate=share), (), "figures")


def _low_share(kpi: str, kind: str, text: str, item: str) -> Detect:
    """A share of metrics below its threshold; not stated where the team established the same of all by `item`."""

    def detect(context: CompositionContext) -> StatedShortcoming | None:
        share = context.figures.find(kpi)
        if share is None or not context.thresholds.is_too_low(kpi, share.value) or context.is_answered_by_all(item):
            return None
        low = _lowest(context, kpi, share) if len(context.agencies) > 1 else []
        names = joined([sentence("{name} {rate}", name=before_number(one.printed), rate=figure) for one, figure in low])
        end = sentence("; thấp nhất là: {names}", names=names) if low else ()
        runs = merged([*sentence(text, whole=context.words.whole, rate=share), *end, TextRun(".")])
        return stated(kind, runs, [agency for agency, _ in low], "figures")

    return detect


def _worse(context: CompositionContext) -> StatedShortcoming | None:
    worse = changes(context, better=False)
    if not worse:
        return None
    runs = merged([TextRun("Một số chỉ tiêu kém hơn kỳ so sánh: "), *joined(worse), TextRun(".")])
    return stated("rates", runs, (), "figures")


COUNTED: tuple[Detect, ...] = (
    _late,
    _returned,
    _refused,
    _suspended,
    _contradictory,
    _online,
    _digitised,
    _low_share(
        "online_payment_share",
        "payment",
        "Tỷ lệ thanh toán trực tuyến phí, lệ phí {whole} mới đạt {rate}",
        "payment.share",
    ),
    _low_share(
        "satisfaction", "satisfaction", "Mức độ hài lòng của người dân, doanh nghiệp mới đạt {rate}", "satisfaction.satisfied"
    ),
    _low_share(
        "feedback_in_time_share", "feedback", "Mới có {rate} phản ánh, kiến nghị được xử lý đúng hạn", "feedback.in_time"
    ),
    _steps,
    _worse,
)
"""What figures may show, in the order of the conclusion."""
