"""Figures that follow from those pinned: sums, shares, subtotals and changes, made once and named.

Pure. Everything a notice states besides the plain KPIs has its key here.
"""

from __future__ import annotations

from services.notices.composition.context import Matter
from services.notices.composition.kpis import COUNTS, LATE_BY_LAW, SHARES

GROUPS = (("office", "Cơ quan chuyên môn"), ("commune", "Xã, thị trấn"))
"""How the agencies of an annex are grouped, by their kind."""


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
