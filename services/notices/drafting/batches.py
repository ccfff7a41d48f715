"""Batches: notices of many inspections of a province are ordered at once, all on the figures of one position.

Each notice is drafted by itself: one that fails keeps none of the others, and a batch that is ordered again makes only what is
not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from services.notices.drafting import orders as ordering
from services.notices.drafting.store import batches as batches_store
from services.notices.evidence.model import Level
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.metrics_client import KpiSelection, Metrics
from services.notices.figures.model import Subject
from services.notices.figures.pinning import UNMAPPED, agencies_of
from services.notices.inspections import store as inspections_store
from services.notices.inspections.store import ListedInspection
from shared.database import Connection


async def position_of(metrics: Metrics, of: ListedInspection, as_of: str | None) -> int:
    """The position of all figures of a batch.

    Raises `Invalid` for one that is not counted, `MetricsAway` and `MetricsClosed`.
    """
    days = (of.period_from.isoformat(), of.period_to.isoformat())
    whole = KpiSelection(of.province, None, *days, period=None, as_of=as_of)
    return (await metrics.select(whole, ("received_new",), by="none")).position


class ScopeOfBatch(NamedTuple):
    """The agencies whose notices are ordered at once, and of which days their inspections are."""

    province: str
    under: str | None
    """Code of an agency, with all below it; None: the whole province."""
    level: Level | None
    """Only agencies of this level; None: of both."""
    since: date
    until: date


async def agencies_of_scope(metrics: Metrics, of: ScopeOfBatch, as_of: str | None) -> tuple[int, tuple[Subject, ...]]:
    """The position of all figures of a batch, and the agencies of its scope, as metrics knows them in its period.

    Raises `NotFound` for a province or an agency that metrics does not know, `Invalid` for a position that is not counted,
    `MetricsAway` and `MetricsClosed`.
    """
    days = (of.since.isoformat(), of.until.isoformat())
    selection = KpiSelection(of.province, of.under, *days, period=None, as_of=as_of)
    response = await metrics.select(selection, ("received_new",), by="agency")
    found = (one for one in agencies_of(response) if one.key != UNMAPPED)
    return response.position, tuple(one for one in found if of.level in (None, one.kind))


async def inspections_of_scope(
    tx: Connection, of: ScopeOfBatch, agencies: Sequence[Subject]
) -> tuple[list[ListedInspection], list[str]]:
    """The newest inspection of each agency in the period, in the order of the agencies; the codes of those that have none."""
    codes = dict.fromkeys(one.code for one in agencies)
    rows = await inspections_store.newest_of_scopes(tx, of.province, codes, of.since, of.until)
    found = {one.scope: one for one in rows}
    return [found[code] for code in codes if code in found], [code for code in codes if code not in found]


async def order(
    tx: Connection,
    inspections: Sequence[ListedInspection],
    position: int,
    confirmed: ConfirmedCaveats,
    key_id: str,
    without_inspection: Sequence[str] = (),
) -> int:
    """Order a notice of each inspection at a position; the number of the batch. `inspections` are all of one province.

    `without_inspection`: codes of the agencies of its scope that have none.
    """
    province = inspections[0].province
    batch = await batches_store.insert(
        tx, province=province, position=position, key_id=key_id, without_inspection=without_inspection
    )
    ordered = {
        # In the order of their numbers, so that two batches do not wait for each other.
        number: await ordering.order(tx, number, province, str(position), confirmed, key_id, position=position)
        for number in sorted(one.id for one in inspections)
    }
    await batches_store.insert_notices(tx, batch, [ordered[one.id] for one in inspections])
    return batch
