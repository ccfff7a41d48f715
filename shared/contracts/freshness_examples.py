"""The example of a complete response, once for the documents of all services that show one."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import asdict

from shared.contracts.kpis import FigureFreshness, Freshness


def complete_province(counted_at: datetime) -> Freshness:
    """A province of which everything was counted, the last batch at an instant."""
    return Freshness(
        head=41234,
        behind=0,
        applied_at=counted_at,
        quarantined=0,
        gap=None,
        missing=[],
        complete=True,
        reasons=[],
    )


def complete_figures(counted_at: datetime, doubtful_figure: str) -> FigureFreshness:
    """The same of figures none of whose dossiers is doubtful; `doubtful_figure` is the key of that figure."""
    return FigureFreshness(**asdict(complete_province(counted_at)), doubtful=0, doubtful_figure=doubtful_figure)
