"""What figures are made of: the catalogue of KPIs, and the agencies of a stream."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from shared.contracts.kpis import Text


class Term(msgspec.Struct, frozen=True):
    """A measure in a sum."""

    factor: int
    measure: str
    taken: Literal["flow", "start", "end", "entered"]
    """Over the days of the period; at the end of the day before it; at its end; over the period, of what people entered."""


class DefinedKpi(msgspec.Struct, frozen=True, kw_only=True):
    """A KPI: how it is computed, and how it is read."""

    id: str
    rule: str
    """Id and version, as figures carry them."""
    name: Text
    description: Text
    numerator: list[Term]
    denominator: list[Term] | None
    """Null: it is a count."""
    parts: tuple[str, ...]
    """KPIs that add up to its numerator, where there are such."""
    base: tuple[str, ...]
    """KPIs that add up to its denominator, where there are such."""
    percentile: float | None
    """Share of the dossiers below the value; null: it is no percentile."""
    unit: Literal["dossiers", "share", "working_days", "per_dossier", "ratio", "answers"]
    better: Literal["higher", "lower"] | None
    """Null: neither."""
    target: float | None
    """In its own unit, as a decision sets it; null where none does."""
    decimals: int
    """Digits after the comma where it is printed, half-up; a share is printed in per cent."""
    source: str
    """The legal text that it comes from."""
    valid_from: date
    version: int
    available: Literal["at any position"] = "at any position"


class DefinedBalance(msgspec.Struct, frozen=True):
    """What must hold between sums of KPIs, in every scope and period: for whoever checks figures by one another."""

    name: str
    """What it says, else the equation."""
    left: tuple[str, ...]
    relation: Literal["=", "<="]
    right: tuple[str, ...]


class LiveValue(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the moment alone: told beside the figures of an answer, and of no position."""

    id: str
    name: Text
    description: Text
    unit: Literal["records", "seconds"]
    better: Literal["lower"] = "lower"
    available: Literal["live only"] = "live only"
    read_in: str
    """Where an answer of `GET /v1/kpis` holds it."""
    gauge: str
    """Its name in Prometheus."""


class KpiCatalogue(msgspec.Struct, frozen=True):
    """`GET /v1/kpis/catalogue`: the one list that all figures come from."""

    kpis: list[DefinedKpi]
    balances: list[DefinedBalance]
    """They hold in every scope and period."""
    live: list[LiveValue]


class ListedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """An agency from a day on."""

    agency: str
    """Unit key, `<code>@<valid from>`."""
    code: str
    name: Text
    kind: str
    parent: str | None
    """Code or unit key of what stands above it; null: nothing does."""
    valid_from: date
    valid_to: date | None
    """The first day on which it is no more; null: not known to end."""
    successors: list[str]


class Agencies(msgspec.Struct, frozen=True):
    """`GET /v1/agencies`: the units of a stream through time, as far as the key may see them."""

    stream: str
    agencies: list[ListedUnit]
