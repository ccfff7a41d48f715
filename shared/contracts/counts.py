"""What figures are summed of, by agency and day: `GET /v1/kpis/counts`. Whoever has it recomputes them without metrics."""

from __future__ import annotations

import msgspec

from shared.contracts.definitions import Term
from shared.contracts.kpis import FigureFreshness, QueryContext, Unit

MAX_COUNTED_DAYS = 800
"""Days of a period at most."""


class DailyCounts(msgspec.Struct, frozen=True):
    """A measure of an agency on the days of the period on which it was not 0."""

    before: int
    """Of a stock: what it was at the end of the day before the period; of anything else 0."""
    days: list[int]
    """Days of the period in their order, the first one is 0."""
    counts: list[int]
    """What was counted on each of them, never 0; of a stock by how much it changed."""


class Formula(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the figures of a rule are summed of measures."""

    rule: str
    """Id and version of the KPI: `online_share@1`."""
    numerator: list[Term]
    """The sum that is counted, or the upper side of a quotient."""
    denominator: list[Term] | None
    """The lower side of a quotient; null: it is a count."""
    stated: list[Term] | None = None
    """Those of which a source states what the numerator counts; absent: it is always known."""
    among: list[Term] | None = None
    """Those that it could be stated of: where there are some, and `stated` are none, the numerator is not known."""


class AgencyCounts(Unit, frozen=True, kw_only=True):
    """What was counted of an agency."""

    measures: dict[str, DailyCounts]
    """By the names of `formulas`; those that were 0 on every day are absent."""
    manual_inputs: dict[str, int]
    """By the names of `formulas`, over the whole period: what was entered is of periods, not of days."""


class CountsByDay(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/kpis/counts`: what the figures of a scope and its agencies are summed of."""

    formulas: list[Formula]
    """Of the KPIs of the query, without percentiles, which are no sums."""
    rows: list[AgencyCounts]
    """Agencies in the Vietnamese alphabetical order, those of `by=agency`; they add up to the scope."""
    freshness: FigureFreshness
    """How complete the response is."""
