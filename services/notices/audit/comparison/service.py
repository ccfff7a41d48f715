"""Asks metrics for the figures that a notice is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.notices.audit.comparison.comparing import Names, compare
from services.notices.audit.comparison.counterparts import counterparts
from services.notices.audit.comparison.figures import ReadFigure
from services.notices.audit.comparison.model import NoticeComparison
from services.notices.figures.metrics_client import KpiSelection, Metrics
from shared.contracts.kpis import KpiResponse, Text, UnitRow


class OurFigures(NamedTuple):
    """What metrics counts in a scope and a period, and what its KPIs are called."""

    response: KpiResponse[UnitRow]
    names: Names

    def compare(self, figures: Sequence[ReadFigure]) -> NoticeComparison:
        """The figures of a notice, each with ours."""
        return compare(figures, self.response, self.names)


async def our_figures(metrics: Metrics, selection: KpiSelection) -> OurFigures:
    """Everything that a notice could state of a scope and a period; raises as `Metrics`."""
    catalogue = await metrics.catalogue()
    known = {kpi.id: Text(kpi.name.vi, kpi.name.en or kpi.name.vi) for kpi in catalogue.kpis}
    wanted = tuple(kpi for kpi in counterparts().kpis if kpi in known)
    return OurFigures(await metrics.select(selection, wanted, by="agency"), known)
