"""Which KPIs a conclusion queries of metrics: for the whole, and in rows by agency, procedure and department. Pure."""

from __future__ import annotations

from services.notices.figures.catalogue import Catalogue
from services.notices.inspections.causes import BY_PORTAL
from services.notices.inspections.model import Inspection, Period
from shared.errors import Invalid
from shared.workdays.causes import BY_LAW, DelayCause

COUNTS = (
    "received_online",
    "received_counter",
    "received_post",
    "received_unstated",
    "received_new",
    "carried_over",
    "resolved",
    "resolved_early",
    "resolved_on_time",
    "resolved_overdue",
    "in_process",
    "in_process_within_limit",
    "in_process_overdue",
    "returned",
    "contradictory",
    "contradictory_ended",
    "contradictory_in_process",
    "online_share.part",
    "online_share.base",
    "digitised_intake.part",
    "digitised_intake.base",
    "digitised_result.part",
    "digitised_result.base",
)
"""Counts that annexes or paragraphs show for the whole, for every agency and for every group of agencies."""


INTERLINKED = (
    "interlinked_received_new",
    "interlinked_carried_over",
    "interlinked_resolved",
    "interlinked_resolved_in_time",
    "interlinked_resolved_overdue",
    "interlinked_in_process",
    "interlinked_in_process_within_limit",
    "interlinked_in_process_overdue",
)
"""Counts of interlinked procedures."""


SHARES = ("online_share", "digitised_intake", "digitised_result")
"""Shares that annexes show for every agency and for every group of agencies, with their parts and bases."""


STEPS = ("steps_ended", "steps_timed", "steps_overdue", "steps_overdue_share")
"""KPIs of the steps of the internal process, for the whole and by department."""


BY_STEP = ("steps_overdue",)
"""Of these, those for each step by its name."""


FURTHER_COUNTS = ("refused", "suspended")
"""Counts that paragraphs show where there are any, for the whole and by agency."""


FURTHER_SHARES = ("online_payment_share", "satisfaction", "feedback_in_time_share")
"""Shares that paragraphs show where they are of something, for the whole and by agency."""


KPIS = (
    *(kpi for kpi in COUNTS if "." not in kpi),
    "in_time_share",
    *SHARES,
    *INTERLINKED,
    "interlinked_in_time_share",
)
"""KPIs that a conclusion queries, for the whole and in rows."""


KPIS_BY_AGENCY = (*KPIS, *FURTHER_COUNTS, *FURTHER_SHARES)
"""KPIs that a conclusion queries by agency."""


LATE_BY_LAW: dict[str, dict[str, DelayCause]] = {
    part: {f"{part}_{cause}": cause for cause in BY_LAW} for part in ("resolved_overdue", "in_process_overdue")
}
"""Counts of dossiers overdue by law, and their counts by cause."""


LATE_BY_PORTAL: dict[str, DelayCause] = {f"overdue_{cause}": cause for cause in BY_PORTAL}
"""Counts by cause of dossiers that the software alone calls overdue, or did so before the law's date had passed."""


WRONGLY_COUNTED: dict[str, str] = {
    "overdue_days_off_counted": "không tính ngày nghỉ vào thời hạn",
    "overdue_suspension_hidden": "trừ thời gian tạm dừng",
    "overdue_after_hours_ignored": "tính hồ sơ nhận sau giờ làm việc từ ngày làm việc tiếp theo",
    "overdue_first_day_counted": "không tính ngày tiếp nhận vào thời hạn",
    "overdue_synced_late": "ghi nhận đúng thời điểm kết thúc hồ sơ",
}
"""Counts of dossiers whose time the software itself counts wrongly, and what it has to do instead. Dossiers that officials
close late in it are not among them."""


_OF_THE_WHOLE = (
    "overdue_share",
    "returned_share",
    "overdue_by_portal_only",
    "misrouted",
    *STEPS,
    *(kpi for counts in LATE_BY_LAW.values() for kpi in counts),
    *LATE_BY_PORTAL,
)


def kpis_of_whole(inspection: Inspection, catalogue: Catalogue) -> tuple[str, ...]:
    """KPIs that a conclusion queries for the whole: also those that the team compares, and those of balances."""
    compared = (comparison.kpi for comparison in inspection.comparisons)
    balanced = (kpi for balance in catalogue.balances for kpi in (*balance.left, *balance.right))
    return tuple(dict.fromkeys((*KPIS_BY_AGENCY, *_OF_THE_WHOLE, *compared, *balanced)))


def counted_comparisons(inspection: Inspection) -> dict[Period, tuple[str, ...]]:
    """The shares that are compared with those of days of their own, by these days."""
    found: dict[Period, tuple[str, ...]] = {}
    for comparison in inspection.comparisons:
        if comparison.counted_in is not None:
            found[comparison.counted_in] = (*found.get(comparison.counted_in, ()), comparison.kpi)
    return found


def demand_comparable(inspection: Inspection, catalogue: Catalogue) -> None:
    """Raise `Invalid` when the team compares a KPI that is no share of the catalogue."""
    for number, comparison in enumerate(inspection.comparisons):
        if comparison.kpi not in catalogue.shares:
            raise Invalid(
                f"comparisons.{number} compares '{comparison.kpi}', which is no share of metrics' catalogue. "
                f"Compare one of {', '.join(catalogue.shares)}."
            )
