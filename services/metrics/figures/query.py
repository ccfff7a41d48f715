"""Queries for KPIs, and the keys of the figures in their responses. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.metrics.figures.kpis.algebra import Kpi
from services.metrics.figures.kpis.catalogue import BY_ID, KPIS
from services.metrics.figures.kpis.index_766 import BY_ID_OF_KIND
from services.metrics.periods import Period
from shared.agencies import AgencyKind
from shared.contracts.keys import FigureKey, RowKey, Scope, WorkKey
from shared.errors import FieldFault, Invalid, NotFound
from shared.languages import Bilingual, joined
from shared.spelling import KPI, unknown_name

By = Literal["none", "agency"]


@dataclass(frozen=True, slots=True)
class KpiQuery:
    """A query for KPIs."""

    province: str
    period: Period
    scope: tuple[str, ...] = ()
    """Codes or unit keys; empty: the whole province."""
    by: By = "none"
    kpis: tuple[Kpi, ...] = KPIS
    as_of: int | datetime | None = None
    structure_on: date | None = None
    """The day whose structure of agencies counts; None: that of then."""
    level: AgencyKind | None = None
    """With `by=agency`: rows are the units of this kind, each with all below it."""

    def over(self, period: Period) -> KpiQuery:
        """The same query for another period."""
        return replace(self, period=period)


LISTED = Bilingual("GET /v1/kpis/catalogue lists them.", "Xem GET /v1/kpis/catalogue.")


def select_kpis(ids: list[str]) -> tuple[Kpi, ...]:
    """The KPIs of these ids, in the order of the catalogue; all of them when there are none. Raises `Invalid`."""
    if not ids:
        return KPIS
    wanted = set(ids)
    if strangers := sorted(wanted - set(BY_ID)):
        faults = [
            FieldFault("query.kpi", unknown_name(KPI, one, BY_ID, where=LISTED), "unknown_value") for one in strangers[:5]
        ]
        hint = Bilingual("For several, repeat `kpi`.", "Nếu cần nhiều chỉ tiêu, lặp lại tham số `kpi`.")
        raise Invalid.of_fields(faults, joined([faults[0].message, hint]))
    return tuple(kpi for kpi in KPIS if kpi.id in wanted)


_NO_STEPS = Bilingual(
    "`by=department` and `by=step` take KPIs that count steps only: {known}.",
    "`by=department` và `by=step` chỉ dùng với chỉ tiêu đếm bước xử lý: {known}.",
)


def select_step_kpis(query: KpiQuery) -> KpiQuery:
    """The query for those of its KPIs that count steps of the internal process. Raises `Invalid` for a named other."""
    found = tuple(kpi for kpi in query.kpis if kpi.counts_steps)
    if query.kpis != KPIS and len(found) < len(query.kpis):
        known = ", ".join(kpi.id for kpi in KPIS if kpi.counts_steps)
        message = Bilingual(_NO_STEPS.en.format(known=known), _NO_STEPS.vi.format(known=known))
        raise Invalid.of_fields([FieldFault("query.kpi", message, "not_applicable")])
    return replace(query, kpis=found)


def key_of_row(
    query: KpiQuery, position: int, scope: Scope, procedure: str | None = None, work: WorkKey | None = None
) -> RowKey:
    """The key of a row of figures: the query's, for `scope`, at a position."""
    return RowKey(
        province=query.province,
        position=position,
        scope=scope,
        since=query.period.since,
        until=query.period.until,
        structure_on=query.structure_on,
        procedure=procedure,
        work=work,
    )


def key_of_figure(row: RowKey, kpi: Kpi) -> FigureKey:
    """The key of a KPI's figure in a row."""
    return FigureKey(
        province=row.province,
        position=row.position,
        scope=row.scope,
        since=row.since,
        until=row.until,
        structure_on=row.structure_on,
        procedure=row.procedure,
        work=row.work,
        kpi=kpi.id,
        version=kpi.version,
    )


def read_key(text: str) -> FigureKey:
    """The key of a figure, of which `kpi_of` is computed; raises `NotFound` when it names none."""
    try:
        key = FigureKey.parse(text)
    except ValueError:
        raise _not_a_figure() from None
    kpi_of(key)
    return key


def kpi_of(key: FigureKey) -> Kpi:
    """The KPI that a figure is of; raises `NotFound` when its rule is not computed."""
    kpi = BY_ID.get(key.kpi) or BY_ID_OF_KIND.get(key.kpi)
    if kpi is None:
        raise _not_a_figure()
    if key.work is not None and not kpi.counts_steps:
        raise _not_a_figure()
    if key.version != kpi.version:
        raise NotFound(f"The rule {key.rule} is not computed any more; {kpi.rule} is. Figures of notices are stored with them.")
    return kpi


def _not_a_figure() -> NotFound:
    return NotFound("This is not the id of a figure. Take one from the field 'figure' of a response of GET /v1/kpis.")
