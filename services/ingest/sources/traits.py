"""What holds for a kind of source, by its name: how its records arrive, and what its portal can be asked for."""

from __future__ import annotations

from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import (
    Arrival,
    OffersProcedures,
    PulledKind,
    ReportsTotals,
)


def kinds_that_come(by: Arrival) -> tuple[str, ...]:
    """Names of the kinds whose records come in one way."""
    return tuple(name for name, kind in KINDS.items() if kind.ARRIVAL is by)


def is_pulled(kind: str) -> bool:
    """Whether the worker reads sources of a kind, so that nobody sends their records."""
    return kind in kinds_that_come(Arrival.pulled)


def bears_version_time(kind: str) -> bool:
    """Whether records of a kind bear a version time; of those that bear none, what came last is the newer."""
    return kind not in KINDS or KINDS[kind].BEARS_VERSION_TIME


def reports_totals(kind: str) -> bool:
    """Whether sources of a kind count their dossiers themselves, so that they can be reconciled."""
    return _adapts(kind, ReportsTotals)


def offers_procedures(kind: str) -> bool:
    """Whether sources of a kind have a catalogue of procedures."""
    return _adapts(kind, OffersProcedures)


def _adapts(kind: str, how: type) -> bool:
    module = KINDS.get(kind)
    return isinstance(module, PulledKind) and isinstance(module.Adapter, type) and issubclass(module.Adapter, how)
