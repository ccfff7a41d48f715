"""Rates against those of an earlier period: what became better is an achievement, what became worse a shortcoming."""

from __future__ import annotations

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Run
from services.notices.composition.phrases import sentence
from services.notices.figures.model import Figure
from services.notices.quantities import wording

RATES = {
    "in_time_share": "tỷ lệ hồ sơ giải quyết trước hạn và đúng hạn",
    "overdue_share": "tỷ lệ hồ sơ giải quyết quá hạn",
    "online_share": "tỷ lệ hồ sơ nộp trực tuyến",
    "digitised_intake": "tỷ lệ số hóa thành phần hồ sơ khi tiếp nhận",
    "digitised_result": "tỷ lệ số hóa kết quả giải quyết",
}
"""Words for a share, in the order of the sentence; any other share comes after these, by its name in the catalogue."""


def changes(context: CompositionContext, *, better: bool) -> list[tuple[Run, ...]]:
    """Phrases for the compared rates that became better or stayed equal, or (not `better`) for those that became worse."""
    compared = [comparison.kpi for comparison in context.inspection.comparisons]
    ordered = [*(kpi for kpi in RATES if kpi in compared), *(kpi for kpi in compared if kpi not in RATES)]
    return [part for kpi in ordered if (part := _change(context, kpi, better=better))]


def _change(context: CompositionContext, kpi: str, *, better: bool) -> tuple[Run, ...]:
    """The phrase for a compared rate; empty where it moved the other way or one of the rates is 0/0."""
    figures = context.figures
    comparison = next(one for one in context.inspection.comparisons if one.kpi == kpi)
    if f"change.{kpi}" not in figures:
        return ()
    change: Figure = figures[f"change.{kpi}"]
    moved = change.value
    assert moved is not None
    less_is_better = context.catalogue.is_lower_better(kpi)
    improved = moved == 0 or (moved < 0) == less_is_better
    if improved != better:
        return ()
    name = RATES.get(kpi) or wording.lower_first(context.catalogue[kpi].name.vi)
    verb = "còn" if less_is_better and moved < 0 else "là" if less_is_better else "đạt"
    if moved == 0:
        return sentence(
            "{name} {verb} {rate}, bằng {period}", name=name, verb=verb, rate=figures[kpi], period=comparison.period
        )
    return sentence(
        "{name} {verb} {rate}, {moved} {change} điểm phần trăm so với tỷ lệ {before} của {period}",
        name=name,
        verb=verb,
        rate=figures[kpi],
        moved="tăng" if moved > 0 else "giảm",
        change=change,
        period=comparison.period,
        before=figures[f"before.{kpi}"],
    )
