"""What a measure is: on which edge of a dossier's life it counts, of which dossiers, how much, and over which days. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from services.metrics.counting.days import once_received
from services.metrics.counting.terms import Condition, v


class Edge(StrEnum):
    """Where on a dossier's life a measure is counted."""

    received = "received"
    ended = "ended"
    closed = "closed"
    step = "step"
    stock = "stock"


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """The days on which a dossier is in a stock: from a day up to its end, or up to another day before that; half-open.

    No day of it lies before the receipt.
    """

    since: sa.ColumnElement[Any] | None
    """None: a dossier without pauses never is in it."""
    cap: sa.ColumnElement[Any] | None = None
    """The first day on which it is out of it although in process still; None: it stays in to the end."""
    paused: sa.ColumnElement[Any] | None = None
    """Multirange that replaces the span of a dossier with pauses; None: pauses make no difference."""

    @property
    def first(self) -> sa.ColumnElement[Any]:
        """The first day on which a dossier without pauses is in the stock."""
        assert self.since is not None
        return once_received(self.since)

    @property
    def until(self) -> sa.ColumnElement[Any]:
        """The first day on which it is out of it."""
        return v.ended_on if self.cap is None else sa.func.least(v.ended_on, once_received(self.cap), type_=sa.Date)


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Measures of one edge, of which a dossier is in one at most: which one is computed once, not by each."""

    name: str
    condition: Condition | None = None
    """The condition of all of them besides their own."""


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """One counter column."""

    name: str
    edge: Edge
    doc: str
    own: Condition | None = None
    """Which dossiers count, besides the family's condition; None: all."""
    amount: sa.ColumnElement[int] | None = None
    """How much one of them counts, never NULL where the condition holds; None: one."""
    span: Span | None = None
    """Of a stock only."""
    wide: bool = False
    """Whether a day's sum may pass 2^31."""
    family: Family | None = None
    """Stocks of a family have one span."""

    @property
    def condition(self) -> Condition | None:
        """Which dossiers count; None: all."""
        both = [one for one in (self.family.condition if self.family else None, self.own) if one is not None]
        return sa.and_(*both) if both else None
