"""Messages that cross a border between services: the feed and the catalogue.

The feed is the contract between ingest and metrics: `GET /v1/feed?stream=S&after=P&limit=N`. Positions are dense,
gap-free and ordered by commit within a stream (a stream is a province), so a consumer that stores the last position in the
transaction of its effect counts everything exactly once.
"""

from __future__ import annotations

import msgspec

from shared.agencies import Agency
from shared.dossier import Facts
from shared.procedures import Procedure


class FeedItem(msgspec.Struct, frozen=True, gc=False):
    """One version of one dossier."""

    position: int
    number: int
    """Dense number of the dossier within its stream; its identity on this border."""
    facts: Facts


class FeedPage(msgspec.Struct, frozen=True):
    """Versions after `after`, in order, without a gap; `items` is empty when there is nothing new."""

    stream: str
    after: int
    head: int
    """The newest position there is."""
    catalogue: int
    """Version of the catalogue; fetch `GET /v1/catalogue` when it is newer than the one you know."""
    items: list[FeedItem]


class Catalogue(msgspec.Struct, frozen=True):
    """Agencies and procedures of a stream, all generations of them."""

    stream: str
    version: int
    agencies: list[Agency]
    procedures: list[Procedure]
