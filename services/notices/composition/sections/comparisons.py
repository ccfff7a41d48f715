"""Rates against those of an earlier period: what became better is an achievement, what became worse a shortcoming."""

from __future__ import annotations

from services.notices.composition.context import Matter
from services.notices.composition.model import Run
from services.notices.composition.phrases import say
from services.notices.figures.model import Figure
from services.notices.quantities import wording

RATES = {
    "in_time_share": "tỷ lệ hồ sơ giải quyết trước hạn và đúng hạn",
    "overdue_share": "tỷ lệ hồ sơ giải quyết quá hạn",
    "online_share": "tỷ lệ hồ sơ nộp trực tuyến",
    "digitised_intake": "tỷ lệ số hóa thành phần hồ sơ khi tiếp nhận",
    "digitised_result": "tỷ lệ số hóa kết quả giải quyết",
}
"""Shares by the words of a sentence, in its order; any other goes by its name in the catalogue, after these."""


def changes(matter: Matter, *, better: bool) -> list[tuple[Run, ...]]:
    """The rates that moved to the better or stayed, or those that moved to the worse, as asked."""
    compared = [comparison.kpi for comparison in matter.inspection.comparisons]
    ordered = [*(kpi for kpi in RATES if kpi in compared), *(kpi for kpi in compared if kpi not in RATES)]
    return [part for kpi in ordered if (part := _change(matter, kpi, better=better))]


def _change(matter: Matter, kpi: str, *, better: bool) -> tuple[Run, ...]:
    """The rate against the earlier one, when it moved to the better (or stayed), or to the worse, as asked."""
    figures = matter.figures
    comparison = next(one for one in matter.inspection.comparisons if one.kpi == kpi)
    if f"change.{kpi}" not in figures:
        return ()
    change: Figure = figures[f"change.{kpi}"]
    moved = change.value
    assert moved is not None
    less_is_better = matter.catalogue.is_lower_better(kpi)
    improved = moved == 0 or (moved < 0) == less_is_better
    if improved != better:
        return ()
    name = RATES.get(kpi) or wording.lower_first(matter.catalogue[kpi].name.vi)
    verb = "còn" if less_is_better and moved < 0 else "là" if less_is_better else "đạt"
    if moved == 0:
        return say("{name} {verb} {rate}, bằng {period}", name=name, verb=verb, rate=figures[kpi], period=comparison.period)
    return say(
        "{name} {verb} {rate}, {moved} {change} điểm phần trăm so với {period} ({before})",
        name=name,
        verb=verb,
        rate=figures[kpi],
        moved="tăng" if moved > 0 else "giảm",
        change=change,
        period=comparison.period,
        before=figures[f"before.{kpi}"],
    )
