"""III.2.a Tồn tại, hạn chế: dossiers that are late, were returned or contradict themselves, rates below their targets, agencies
below the rest."""

from __future__ import annotations

from decimal import Decimal

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph, Run, TextRun
from services.notices.composition.phrases import (
    MAX_AGENCIES_LISTED,
    before_number,
    by_agency,
    figures_paragraph,
    joined,
    lowest,
    merged,
    sentence,
)
from services.notices.composition.sections.comparisons import RATES, changes

MAX_LOWEST_AGENCIES = 5
"""Agencies named for a low rate; more only when they tie."""


def shortcomings(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs; empty where nothing falls short."""
    paragraphs = {
        "late": _late(context),
        "returned": _returned(context),
        "contradictory": _contradictory(context),
        "online": _low_online(context),
        "digitised": _undigitised(context),
    }
    worse = changes(context, better=False)
    if worse:
        paragraphs["rates"] = merged([TextRun("Một số chỉ tiêu kém hơn kỳ so sánh: "), *joined(worse), TextRun(".")])
    return [figures_paragraph(key, runs) for key, runs in paragraphs.items() if runs]


def _late(context: CompositionContext) -> tuple[Run, ...]:
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
    return sentence("Vẫn còn {parts}.", parts=joined(parts)) if parts else ()


def _returned(context: CompositionContext) -> tuple[Run, ...]:
    figures = context.figures
    if figures["returned"].size == 0:
        return ()
    runs = [
        *sentence(
            "Số hồ sơ phải trả lại do không đủ điều kiện giải quyết là {n} hồ sơ, chiếm {rate} tổng số hồ sơ có trách nhiệm "
            "giải quyết",
            n=figures["returned"],
            rate=figures["returned_share"],
        )
    ]
    where = by_agency(context, "returned", max_agencies=MAX_AGENCIES_LISTED)
    if where:
        runs.extend(sentence(": {where}", where=where))
    return merged([*runs, TextRun(".")])


def _contradictory(context: CompositionContext) -> tuple[Run, ...]:
    """Dossiers from which no lateness is derived: what is to be corrected stands in the list behind the figure."""
    count = context.figures["contradictory"]
    if count.size == 0:
        return ()
    runs = [
        *sentence(
            "Có {n} hồ sơ mà ngày, trạng thái hoặc các bước ghi trong phần mềm mâu thuẫn nhau, phải đối chiếu và sửa lại; "
            "không suy ra chậm muộn hay nguyên nhân từ các hồ sơ này",
            n=count,
        )
    ]
    where = by_agency(context, "contradictory", max_agencies=MAX_AGENCIES_LISTED)
    if where:
        runs.extend(sentence(": {where}", where=where))
    return merged([*runs, TextRun(".")])


def _low_online(context: CompositionContext) -> tuple[Run, ...]:
    figures = context.figures
    share = figures["online_share"]
    if share.value is None:
        return ()
    whole = f"toàn {context.inspection.issuer.territory}"
    communes = [agency for agency in context.agencies if agency.kind == "commune"]
    low = lowest(context, "online_share", communes or context.agencies, max_agencies=MAX_LOWEST_AGENCIES, below=share)
    names = joined([sentence("{name} {rate}", name=before_number(agency.printed), rate=figure) for agency, figure in low])
    target = context.inspection.targets.online_share
    if _misses(context, "online_share", target):
        runs = sentence(
            "Tỷ lệ hồ sơ nộp trực tuyến {whole} mới đạt {rate}, chưa đạt mục tiêu {target}",
            whole=whole,
            rate=share,
            target=figures["target.online_share"],
        )
        return merged([*runs, *(sentence("; thấp nhất là: {names}", names=names) if low else ()), TextRun(".")])
    if not low:
        return ()
    return sentence(
        "Tỷ lệ hồ sơ nộp trực tuyến giữa các đơn vị chưa đồng đều so với mức chung {whole} ({rate}); thấp nhất là: {names}.",
        whole=whole,
        rate=share,
        names=names,
    )


def _undigitised(context: CompositionContext) -> tuple[Run, ...]:
    figures = context.figures
    parts = [
        sentence(f"{RATES[kpi]} đạt {{rate}} (mục tiêu {{target}})", rate=figures[kpi], target=figures[f"target.{kpi}"])
        for kpi in ("digitised_intake", "digitised_result")
        if _misses(context, kpi, getattr(context.inspection.targets, kpi))
    ]
    return sentence("Số hóa hồ sơ chưa đạt mục tiêu đề ra: {parts}.", parts=joined(parts)) if parts else ()


def _misses(context: CompositionContext, kpi: str, target: Decimal | None) -> bool:
    """Whether a rate has not reached its target."""
    value = context.figures[kpi].value
    if target is None or value is None:
        return False
    return value > target if context.catalogue.is_lower_better(kpi) else value < target
