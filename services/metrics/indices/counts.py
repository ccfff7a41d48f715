"""Which figures the components of decision 766 count, and which open the dossiers that cost points. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple

from services.metrics.figures.kpis.algebra import Kpi
from services.metrics.figures.kpis.catalogue import BY_ID
from services.metrics.figures.kpis.index_766 import OF_KIND
from services.metrics.indices.scoring import Counts
from shared.contracts.indices import PeriodKind
from shared.contracts.kpis import KpiFigure, Kpis

Side = Literal["numerator", "denominator"]
ON_TIME, LATE, ENDED_LATE, NOT_CLOSED = "on_time_766", "late_766", "ended_late_766", "not_closed_766"
REQUESTED_TWICE = "requested_twice_766"
_BY_KIND = (ON_TIME, LATE, ENDED_LATE, NOT_CLOSED, REQUESTED_TWICE)
"""KPIs of which there is one for each kind of period."""


class Counted(NamedTuple):
    """Where a count of a rule is found."""

    kpi: str
    side: Side


COUNTED: dict[str, Counted] = {
    "handled_on_time": Counted(ON_TIME, "numerator"),
    "received_or_handled": Counted(ON_TIME, "denominator"),
    "dossiers_paid_online": Counted("online_payment_share", "numerator"),
    "dossiers_with_fee": Counted("online_payment_share", "denominator"),
    "results_linked": Counted("digitised_result", "numerator"),
    "results_due": Counted("digitised_result", "denominator"),
    "dossiers_digitised": Counted("digitised_whole", "numerator"),
    "dossiers_resolved": Counted("digitised_whole", "denominator"),
    "received_digitised": Counted("received_digitised", "numerator"),
    "received": Counted("received_digitised", "denominator"),
    "received_from_storage": Counted("storage_share", "numerator"),
    "received_verified": Counted("verified_share", "numerator"),
    "petitions_in_time": Counted("feedback_in_time_share", "numerator"),
    "petitions": Counted("feedback_in_time_share", "denominator"),
    "petitions_satisfied": Counted("petitions_satisfied_share", "numerator"),
    "petitions_stated": Counted("petitions_satisfied_share", "denominator"),
}
"""By the name of a count in the rules; those that are not here are not known from dossiers."""
MANUAL, STATED = frozenset({"petitions_in_time", "petitions"}), frozenset({"petitions_satisfied", "petitions_stated"})
"""Counts that nobody knows until somebody entered or stated them: 0 petitions give all points, and unknown ones none."""


NOT_JUDGED = "not_judged_766"
"""KPI of dossiers that were not held against the decision: while there are any, nobody knows which ones are on time."""
STATED_BY: dict[str, str] = {
    "dossiers_paid_online": "fee_stated",
    "results_linked": "result_stated",
    "dossiers_digitised": "digitised_stated",
    "received_digitised": "intake_stated",
    "received_from_storage": "storage_stated",
    "received_verified": "verified_stated",
}
"""The KPI of the dossiers of which a source states what a count is of: of none it is not known. Where some are stated, the
others count as no, as they do at the national portal."""


class Costing(NamedTuple):
    """The KPI of the dossiers that cost points."""

    kpi: str
    mendable: bool
    """They can still be mended."""
    leaves_base: bool = False
    """Mended they are not above the line, but out of what is below it."""


COSTING: dict[str, Costing] = {
    "handled_on_time": Costing(LATE, mendable=False),
    "dossiers_paid_online": Costing("fee_not_paid_online", mendable=True, leaves_base=True),
    "results_linked": Costing("result_not_digitised", mendable=True),
    "dossiers_digitised": Costing("not_digitised_whole", mendable=True),
    "received_digitised": Costing("received_not_digitised", mendable=True),
    "received_from_storage": Costing("not_from_storage", mendable=False),
    "received_verified": Costing("not_verified", mendable=False),
}
"""By the name of the count above: who is in the base and not in it."""
CAUSES: dict[str, tuple[Costing, ...]] = {
    **{name: (one,) for name, one in COSTING.items()},
    "handled_on_time": (
        Costing(ENDED_LATE, mendable=False),
        Costing(NOT_CLOSED, mendable=True),
        Costing(REQUESTED_TWICE, mendable=False),
    ),
}
"""The same by what can be done about them: what ended late, or had a second request for papers, stays late; what is not closed
may have been done in time."""
DUE_NEXT, NO_CHANNEL = "due_next_766", "received_unstated"
"""KPIs of dossiers that cost nothing yet, and of those that the portal counts as received at the counter."""


def kpis_of(kind: PeriodKind) -> tuple[Kpi, ...]:
    """The KPIs that the index reads in a period of a kind."""
    names = {one.kpi for one in COUNTED.values()} | {one.kpi for one in COSTING.values()}
    names |= {NO_CHANNEL, NOT_JUDGED, *STATED_BY.values()}
    return (*(kpi for name, kpi in BY_ID.items() if name in names), *(() if kind == "other" else OF_KIND[kind]))


def figure_of(name: str, kpis: Kpis, kind: PeriodKind) -> KpiFigure | None:
    """A figure by the name of its KPI without the kind of period; None: it is not known of such a period."""
    return kpis.get(name_of(name, kind))


def name_of(name: str, kind: PeriodKind) -> str:
    """The id of a KPI in a period of a kind."""
    return f"{name}_{kind}" if name in _BY_KIND else name


class KnownPetitions(NamedTuple):
    """What is known of petitions at a position: 0 of them give all points, and unknown ones none."""

    stated: bool
    """They come one by one, so where there are none there were none."""
    with_manual_input: frozenset[int]
    """The agencies of which somebody entered a count of them for the period."""

    def unknown(self, members: Collection[int]) -> frozenset[str]:
        """The counts that nobody knows of these agencies."""
        known = self.stated or not self.with_manual_input.isdisjoint(members)
        return (frozenset() if self.stated else STATED) | (frozenset() if known else MANUAL)


def counts_of(kpis: Kpis, kind: PeriodKind, petitions: KnownPetitions, members: Collection[int]) -> Counts:
    """The counts of the rules over the agencies `members`; absent where they are not known."""
    unknown, untold = petitions.unknown(members), _untold(kpis)
    found: dict[str, int | None] = {}
    for name, one in COUNTED.items():
        figure = figure_of(one.kpi, kpis, kind)
        if figure is not None and name not in untold and (name not in unknown or figure.denominator):
            found[name] = figure.numerator if one.side == "numerator" else figure.denominator
    return found


def _untold(kpis: Kpis) -> set[str]:
    """Counts that the dossiers of a scope and period do not tell."""
    found = {name for name, stated in STATED_BY.items() if kpis[COUNTED[name].kpi].denominator and not kpis[stated].numerator}
    if kpis[NOT_JUDGED].numerator:
        found |= {name for name, one in COUNTED.items() if one.kpi == ON_TIME}
    return found
