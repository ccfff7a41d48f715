"""Figures that follow from those pinned: sums, shares, subtotals and changes, made once and named.

Pure. Everything a notice says beside the plain KPIs has its key here.
"""

from __future__ import annotations

from services.notices.composition.phrases import Matter
from services.notices.figures.catalogue import Catalogue
from services.notices.inspections.causes import BY_PORTAL
from services.notices.inspections.model import Inspection
from shared.errors import Invalid
from shared.workdays.causes import BY_LAW, Cause

GROUPS = (("office", "Cơ quan chuyên môn"), ("commune", "Xã, thị trấn"))
"""How the agencies of an annex are grouped, by their kind."""

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
    "online_share.part",
    "online_share.base",
    "digitised_intake.part",
    "digitised_intake.base",
    "digitised_result.part",
    "digitised_result.base",
)
"""Counts that annexes show for the whole, for every agency and for every group of agencies."""

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

KPIS = (
    *(kpi for kpi in COUNTS if "." not in kpi),
    "in_time_share",
    *SHARES,
    *INTERLINKED,
    "interlinked_in_time_share",
)
"""What a conclusion asks metrics for, of the whole and in rows."""

LATE_BY_LAW: dict[str, dict[str, Cause]] = {
    part: {f"{part}_{cause}": cause for cause in BY_LAW} for part in ("resolved_overdue", "in_process_overdue")
}
"""Counts of dossiers overdue by law, and their counts by cause."""

LATE_BY_PORTAL: dict[str, Cause] = {f"overdue_{cause}": cause for cause in BY_PORTAL}
"""Counts by cause of dossiers that the software alone calls overdue, or called so first."""

_OF_THE_WHOLE = (
    "overdue_share",
    "returned_share",
    "overdue_by_portal_only",
    *(kpi for counts in LATE_BY_LAW.values() for kpi in counts),
    *LATE_BY_PORTAL,
)


def asked_of_the_whole(inspection: Inspection, catalogue: Catalogue) -> tuple[str, ...]:
    """What a conclusion asks metrics for, of the whole alone: also what the team compares, and what balances must hold."""
    compared = (comparison.kpi for comparison in inspection.comparisons)
    balanced = (kpi for balance in catalogue.balances for kpi in (*balance.left, *balance.right))
    return tuple(dict.fromkeys((*KPIS, *_OF_THE_WHOLE, *compared, *balanced)))


def demand_comparable(inspection: Inspection, catalogue: Catalogue) -> None:
    """Raise `Invalid` when the team compares what is no share of the catalogue."""
    for number, comparison in enumerate(inspection.comparisons):
        if comparison.kpi not in catalogue.shares:
            raise Invalid(
                f"comparisons.{number} compares '{comparison.kpi}', which is no share of metrics' catalogue. "
                f"Compare one of {', '.join(catalogue.shares)}."
            )


def derive(matter: Matter) -> None:
    """Add every derived and entered figure to those of `matter`."""
    figures = matter.figures
    _of_the_whole_and_parts(matter)
    for suffix in ["", *(f"#{procedure.key}" for procedure in matter.procedures)]:
        _summed(matter, "interlinked_handled", "interlinked_to_handle", suffix)
    figures.present("interlinked_procedures", [f"interlinked_handled#{procedure.key}" for procedure in matter.procedures])
    for part, counts in LATE_BY_LAW.items():
        figures.rest(f"{part}.unexplained", part, counts)
    figures.sum("overdue.unexplained", [f"{part}.unexplained" for part in LATE_BY_LAW])
    _entered(matter)


def _of_the_whole_and_parts(matter: Matter) -> None:
    figures = matter.figures
    for kind, _ in GROUPS:
        members = [agency.key for agency in matter.agencies if agency.kind == kind]
        for kpi in COUNTS:
            figures.sum(f"{kpi}@group:{kind}", [f"{kpi}@{key}" for key in members])
        for share in SHARES:
            figures.rate(f"{share}@group:{kind}", f"{share}.part@group:{kind}", f"{share}.base@group:{kind}")
    suffixes = ["", *(f"@{agency.key}" for agency in matter.agencies), *(f"@group:{kind}" for kind, _ in GROUPS)]
    for suffix in suffixes:
        figures.sum(f"received_direct{suffix}", [f"received_counter{suffix}", f"received_post{suffix}"])
        _summed(matter, "handled", "to_handle", suffix)


def _summed(matter: Matter, key: str, kpi: str, suffix: str) -> None:
    """Add a KPI as the sum of its parts, so that its reader can open these."""
    matter.figures.sum(f"{key}{suffix}", [f"{part}{suffix}" for part in matter.catalogue[kpi].parts])


def _entered(matter: Matter) -> None:
    figures, inspection = matter.figures, matter.inspection
    for name, count in inspection.counts.items():
        figures.entered(f"count.{name}", count.value, f"counts.{name}.value", count.evidence)
        if count.of is not None:
            figures.entered(f"count.{name}.of", count.of, f"counts.{name}.of", count.evidence)
            figures.rate(f"count.{name}.rate", f"count.{name}", f"count.{name}.of")
    if inspection.tasks is not None:
        figures.entered("tasks.done", inspection.tasks.done, "tasks.done")
        figures.entered("tasks.assigned", inspection.tasks.assigned, "tasks.assigned")
        figures.rate("tasks.rate", "tasks.done", "tasks.assigned")
    for number, comparison in enumerate(inspection.comparisons):
        figures.stated(f"before.{comparison.kpi}", comparison.rate, f"comparisons.{number}.rate")
        figures.difference(f"change.{comparison.kpi}", comparison.kpi, f"before.{comparison.kpi}")
    for kpi in SHARES:
        target = getattr(inspection.targets, kpi)
        if target is not None:
            figures.stated(f"target.{kpi}", target, f"targets.{kpi}")
