"""Figures that follow from those pinned: sums, shares, subtotals and changes.

Pure. Every figure of a notice that is no KPI of metrics gets its key here.
"""

from __future__ import annotations

from typing import get_args

from services.notices.composition.conduct import times
from services.notices.composition.context import CompositionContext
from services.notices.composition.followed import Outcome, stated_outcomes
from services.notices.composition.kpis import COUNTS, LATE_BY_LAW, SHARES, WRONGLY_COUNTED
from services.notices.evidence.model import Level

GROUPS: tuple[Level, ...] = ("office", "commune")
"""How the agencies of an annex are grouped, by their kind."""


def derive(context: CompositionContext) -> None:
    """Add every manual input and derived figure to those of `context`."""
    figures = context.figures
    _add_groups(context)
    for suffix in ["", *(f"#{procedure.key}" for procedure in context.procedures)]:
        _add_kpi_as_sum(context, "interlinked_handled", "interlinked_to_handle", suffix)
    figures.add_nonzero("interlinked_procedures", [f"interlinked_handled#{procedure.key}" for procedure in context.procedures])
    for part, counts in LATE_BY_LAW.items():
        figures.add_rest(f"{part}.unexplained", part, counts)
    figures.add_sum("overdue.unexplained", [f"{part}.unexplained" for part in LATE_BY_LAW])
    figures.add_sum("overdue_misrouted", [f"{part}_misrouted" for part in LATE_BY_LAW])
    figures.add_sum("overdue_by_software", [kpi for kpi in WRONGLY_COUNTED if kpi in figures])
    _add_inputs(context)


def _add_groups(context: CompositionContext) -> None:
    figures = context.figures
    for kind in GROUPS:
        members = [agency.key for agency in context.agencies if agency.kind == kind]
        for kpi in COUNTS:
            figures.add_sum(f"{kpi}@group:{kind}", _summands(context, kpi, [f"@{key}" for key in members]))
        for share in SHARES:
            figures.add_rate(f"{share}@group:{kind}", f"{share}.part@group:{kind}", f"{share}.base@group:{kind}")
    suffixes = ["", *(f"@{agency.key}" for agency in context.agencies), *(f"@group:{kind}" for kind in GROUPS)]
    for suffix in suffixes:
        figures.add_sum(f"received_direct{suffix}", [f"received_counter{suffix}", f"received_post{suffix}"])
        _add_kpi_as_sum(context, "handled", "to_handle", suffix)


def _summands(context: CompositionContext, kpi: str, suffixes: list[str]) -> list[str]:
    """The counts of which that of a group is the sum. Where it is not known of some, without those that have no base: they know
    that there is nothing, and nothing of the others."""
    keys = [kpi + suffix for suffix in suffixes]
    share, _, side = kpi.partition(".")
    if side != "part" or all(context.figures[key].is_known for key in keys):
        return keys
    return [f"{kpi}{suffix}" for suffix in suffixes if context.figures[f"{share}.base{suffix}"].size]


def _add_kpi_as_sum(context: CompositionContext, key: str, kpi: str, suffix: str) -> None:
    """Add a KPI as the sum of its parts, so that each part can be drilled down."""
    context.figures.add_sum(f"{key}{suffix}", [f"{part}{suffix}" for part in context.catalogue[kpi].parts])


def _add_inputs(context: CompositionContext) -> None:
    figures, inspection = context.figures, context.inspection
    for name, count in inspection.counts.items():
        figures.add_input(f"count.{name}", count.value, f"counts.{name}.value", count.source_document)
        if count.of is not None:
            figures.add_input(f"count.{name}.of", count.of, f"counts.{name}.of", count.source_document)
            figures.add_rate(f"count.{name}.rate", f"count.{name}", f"count.{name}.of")
    _add_tasks(context)
    _add_followed(context)
    for number, comparison in enumerate(inspection.comparisons):
        if comparison.rate is not None:
            figures.add_stated_rate(f"before.{comparison.kpi}", comparison.rate, f"comparisons.{number}.rate")
        if f"before.{comparison.kpi}" in figures:
            figures.add_difference(f"change.{comparison.kpi}", comparison.kpi, f"before.{comparison.kpi}")
    for kpi in SHARES:
        target = getattr(inspection.targets, kpi)
        if target is not None:
            figures.add_stated_rate(f"target.{kpi}", target, f"targets.{kpi}")


def _add_tasks(context: CompositionContext) -> None:
    """Tasks of the year's plan: as the inspection states them, else as the team established them."""
    figures, tasks = context.figures, context.inspection.tasks
    if tasks is not None:
        done = figures.add_input("tasks.done", tasks.done, "tasks.done")
        assigned = figures.add_input("tasks.assigned", tasks.assigned, "tasks.assigned")
    elif context.is_answered("tasks.plan"):
        done, assigned = (context.measured("tasks.plan", measure) for measure in ("count", "of"))
    else:
        return
    figures.add_rate("tasks.rate", done.key, assigned.key)
    figures.add_rest("tasks.rest", assigned.key, [done.key])


def task_unit(context: CompositionContext) -> str:
    """What tasks of the plan are counted in: where agencies answer each for its own, one task counts once for each."""
    return "nhiệm vụ" if context.inspection.tasks is not None else times(context, "tasks.plan", "nhiệm vụ")


def _add_followed(context: CompositionContext) -> None:
    """How many recommendations of the earlier notice were followed up, and with which outcome."""
    if context.followed is None:
        return
    outcomes = [one.outcome for one in stated_outcomes(context.followed)]
    path = "follows" if context.followed.listed else "follow_ups"
    parts = [
        context.figures.add_input(f"followed.{outcome}", outcomes.count(outcome), path).key for outcome in get_args(Outcome)
    ]
    context.figures.add_sum("followed", parts)
