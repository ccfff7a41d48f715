"""The drill-down of a figure: the dossiers behind it, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from services.metrics.agencies.model import Units
from services.metrics.figures.kpis.algebra import EMPTY, value_of
from services.metrics.figures.query import kpi_of
from services.metrics.figures.service import (
    QueryState,
    ResultPage,
    columns_of,
    figure_freshness,
    formulas_of,
    period_of,
    rows_of,
)
from services.metrics.figures.store import drilldown as store
from services.metrics.figures.store import sums
from services.metrics.figures.store.drilldown import DossierCursor
from services.metrics.periods import Period
from services.metrics.provinces.store import batches, provinces
from shared.contracts.dossiers import DossierContradiction, Drilldown, DrilldownDossier
from shared.contracts.keys import FigureKey
from shared.contracts.kpis import Text
from shared.database import Connection
from shared.dossier import CONTRADICTIONS, ContradictionKind
from shared.errors import NotFound, no_province
from shared.heartbeat import read_outage

Part = Literal["numerator", "denominator"]
PART_DOC = "Which side of a rate; a count has a numerator only"


async def drilldown_page(
    tx: Connection,
    key: FigureKey,
    units: Units,
    permitted: frozenset[int] | None,
    *,
    part: Part,
    after: DossierCursor | None,
    limit: int,
) -> ResultPage[Drilldown, DossierCursor]:
    """A page of the dossiers behind a figure, with the figure itself."""
    kpi, period = kpi_of(key), Period(key.since, key.until)
    at = await _state_of(tx, key)
    members = sorted(units.members(key.scope, period.until, key.structure_on, permitted))
    total = kpi.numerator if part == "numerator" else kpi.denominator
    if total is None:
        raise NotFound(f"{kpi.id} is a count: it has a numerator only.")
    formulas = formulas_of((kpi,))
    if key.procedure is None:
        counter_query = sums.CounterQuery(key.province, members, period, columns=columns_of((kpi,)))
        around = row = (await rows_of(tx, counter_query, at)).get(0, EMPTY)
    else:
        found = await store.by_procedure(tx, key.province, members, period, key.position, key.procedure)
        around = row = found.get(key.procedure, EMPTY)
    if key.work is not None:
        steps = await store.by_work(tx, key.province, members, period, key.position, key.work.by)
        row = steps.get(key.work.name, EMPTY)
    numerator, denominator = formulas.counts(row)
    listed = row.of(total)
    page = await store.select_dossiers(
        tx, key.province, members, total, period, key.position, procedure=key.procedure, work=key.work, after=after, limit=limit
    )
    drilldown = Drilldown(
        figure=str(key),
        province=key.province,
        position=key.position,
        kpi=kpi.id,
        rule=kpi.rule,
        period=period_of(period),
        part=part,
        numerator=numerator,
        denominator=denominator,
        value=value_of(kpi, row, numerator, denominator),
        sum=listed,
        dossiers=[_dossier(dossier, units) for dossier in page.dossiers],
        next_cursor=None,
        freshness=figure_freshness(at, replace(key, work=None), around),
    )
    return ResultPage(drilldown, at.province.revision, page.next)


async def _state_of(tx: Connection, key: FigureKey) -> QueryState:
    province = await provinces.province(tx, key.province)
    if province is None:
        raise no_province(key.province)
    if key.position > province.position:
        raise NotFound(f"Province {key.province} is not counted up to position {key.position} here.")
    is_current = key.position == province.position
    if not is_current and key.position != await batches.batch_at(tx, key.province, key.position):
        raise NotFound(f"Position {key.position} is not one that figures were made at. Take the id from a response.")
    applied_at = province.applied_at if is_current else await batches.applied_at(tx, key.province, key.position)
    return QueryState(province, key.position, applied_at, is_current, await read_outage(tx, "metrics"))


def _dossier(dossier: store.DossierRow, units: Units) -> DrilldownDossier:
    return DrilldownDossier(
        number=dossier.number,
        code=dossier.code,
        procedure=dossier.procedure,
        status=dossier.status,
        channel=dossier.channel,
        received_on=dossier.received_on,
        due_on=dossier.due_on,
        ended_on=dossier.ended_on,
        outcome=dossier.outcome,
        timeliness=dossier.timeliness,
        portal_timeliness=dossier.portal_timeliness,
        supplements=dossier.supplements,
        portal_due_on=dossier.portal_due_on,
        agency=units.keys.get(dossier.agency),
        position=dossier.position,
        cause=dossier.cause,
        contradictions=[
            _contradiction(kind, source)
            for kind, source in zip(dossier.contradictions or (), dossier.contradiction_sources or (), strict=True)
        ],
        contribution=dossier.contribution,
    )


def _contradiction(kind: str, source: str) -> DossierContradiction:
    """In words; a kind of a newer ingest by its name alone."""
    if kind not in set(ContradictionKind):
        return DossierContradiction(kind, source, Text(kind, kind), Text(kind, kind))
    means, correct = CONTRADICTIONS[ContradictionKind(kind)]
    return DossierContradiction(kind, source, Text(means.vi, means.en), Text(correct.vi, correct.en))
