"""III.2.a Tồn tại, hạn chế: dossiers that are late or were returned, rates below their targets, agencies below the rest."""

from __future__ import annotations

from decimal import Decimal

from services.notices.composition.context import Matter
from services.notices.composition.model import Paragraph, Run, Words
from services.notices.composition.phrases import LISTED, before_number, between, by_agency, counted, lowest, merged, say
from services.notices.composition.sections.comparisons import RATES, changes

LOWEST = 5
"""Agencies named for a low rate, more only when they tie."""


def shortfalls(matter: Matter) -> list[Paragraph]:
    """What the figures themselves show as wanting."""
    out = [part for part in (_late(matter), _returned(matter), _low_online(matter), _undigitised(matter)) if part]
    worse = changes(matter, better=False)
    if worse:
        out.append(merged([Words("Một số chỉ tiêu kém hơn kỳ so sánh: "), *between(worse), Words(".")]))
    return [counted(runs) for runs in out]


def _late(matter: Matter) -> tuple[Run, ...]:
    resolved, pending = matter.figures["resolved_overdue"], matter.figures["in_process_overdue"]
    parts = []
    if resolved.size:
        parts.append(
            say(
                "{n} hồ sơ giải quyết quá hạn, chiếm {rate} số hồ sơ đã giải quyết",
                n=resolved,
                rate=matter.figures["overdue_share"],
            )
        )
    if pending.size:
        parts.append(say("{n} hồ sơ đang giải quyết đã quá hạn", n=pending))
    return say("Vẫn còn {parts}.", parts=between(parts)) if parts else ()


def _returned(matter: Matter) -> tuple[Run, ...]:
    figures = matter.figures
    if figures["returned"].size == 0:
        return ()
    runs = [
        *say(
            "Số hồ sơ phải trả lại do không đủ điều kiện giải quyết là {n} hồ sơ, chiếm {rate} tổng số hồ sơ có trách nhiệm "
            "giải quyết",
            n=figures["returned"],
            rate=figures["returned_share"],
        )
    ]
    where = by_agency(matter, "returned", longest=LISTED)
    if where:
        runs.extend(say(": {where}", where=where))
    return merged([*runs, Words(".")])


def _low_online(matter: Matter) -> tuple[Run, ...]:
    figures = matter.figures
    share = figures["online_share"]
    if share.value is None:
        return ()
    whole = f"toàn {matter.inspection.issuer.territory}"
    communes = [agency for agency in matter.agencies if agency.kind == "commune"]
    low = lowest(matter, "online_share", communes or matter.agencies, many=LOWEST, below=share)
    names = between([say("{name} {rate}", name=before_number(agency.printed), rate=figure) for agency, figure in low])
    target = matter.inspection.targets.online_share
    if _misses(matter, "online_share", target):
        runs = say(
            "Tỷ lệ hồ sơ nộp trực tuyến {whole} mới đạt {rate}, chưa đạt mục tiêu {target}",
            whole=whole,
            rate=share,
            target=figures["target.online_share"],
        )
        return merged([*runs, *(say("; thấp nhất là: {names}", names=names) if low else ()), Words(".")])
    if not low:
        return ()
    return say(
        "Tỷ lệ hồ sơ nộp trực tuyến giữa các đơn vị chưa đồng đều so với mức chung {whole} ({rate}); thấp nhất là: {names}.",
        whole=whole,
        rate=share,
        names=names,
    )


def _undigitised(matter: Matter) -> tuple[Run, ...]:
    figures = matter.figures
    parts = [
        say(f"{RATES[kpi]} đạt {{rate}} (mục tiêu {{target}})", rate=figures[kpi], target=figures[f"target.{kpi}"])
        for kpi in ("digitised_intake", "digitised_result")
        if _misses(matter, kpi, getattr(matter.inspection.targets, kpi))
    ]
    return say("Số hóa hồ sơ chưa đạt mục tiêu đề ra: {parts}.", parts=between(parts)) if parts else ()


def _misses(matter: Matter, kpi: str, target: Decimal | None) -> bool:
    """Whether a rate has not reached what it was to reach."""
    value = matter.figures[kpi].value
    if target is None or value is None:
        return False
    return value > target if matter.catalogue.is_lower_better(kpi) else value < target
