"""Dossiers that portal and law judge apart."""

from __future__ import annotations

from typing import Literal

import msgspec

from shared.contracts.dossiers import CountedDossier
from shared.contracts.kpis import FigureFreshness, KpiId, QueryContext, Text


class DisagreedCount(msgspec.Struct, frozen=True):
    """How many dossiers only one side calls overdue."""

    kpi: KpiId
    """The KPI that counts them."""
    value: int
    """In dossiers."""
    figure: str
    """The key of that figure."""


class DisagreedDossier(CountedDossier, frozen=True, kw_only=True):
    """A dossier that portal and law judge apart, as an office can act on it."""

    side: Literal["portal_only", "law_only"]
    """Who alone calls it overdue."""
    agency_name: Text
    """Its agency's name."""
    cause: str
    """Id of the cause, as in the KPIs `overdue_<cause>`."""
    text: Text
    """What happened."""
    action: Text
    """What to do."""


class DisagreementPage(QueryContext, frozen=True, kw_only=True):
    """`GET /v1/disagreements`: a page of the dossiers that only the portal or only the law calls overdue."""

    counts: dict[Literal["portal_only", "law_only"], DisagreedCount]
    """Of the sides of the query."""
    dossiers: list[DisagreedDossier]
    """Those of this page, the portal's first."""
    next_cursor: str | None
    """`cursor` of the next page; null at the end."""
    freshness: FigureFreshness
    """How complete the list and its counts are."""
