"""What figures are made of: the catalogue of KPIs, and the agencies of a province."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from shared.contracts.kpis import KpiId, Number, Text
from shared.dossier import Facts


class Term(msgspec.Struct, frozen=True):
    """A measure in a sum."""

    factor: int
    """Whole number that the measure is multiplied by."""
    measure: str
    """Name of the counter."""
    taken: Literal["flow", "start", "end", "manual_input"]
    """Over the days of the period; at the end of the day before it; at its end; over the period, of manual inputs."""


class ExampleFigure(msgspec.Struct, frozen=True):
    """What a KPI comes to in the worked example of the catalogue."""

    numerator: int | None
    """As in `Figure`."""
    denominator: int | None
    """As in `Figure`."""
    value: Number | None
    """As in `Figure`, rounded alike."""


class WorkedExample(msgspec.Struct, frozen=True):
    """A small world in which every KPI was computed by hand: load it, ask for its period, and compare."""

    since: date = msgspec.field(name="from")
    """The first civil day of its period, inside."""
    until: date = msgspec.field(name="to")
    """The last civil day of its period, inside."""
    dossiers: tuple[ExampleDossier, ...]
    """All dossiers."""
    manual_inputs: dict[str, int]
    """Manual inputs of the period, by the names of `POST /v1/manual-inputs`."""


class ExampleDossier(msgspec.Struct, frozen=True):
    """A dossier of the worked example."""

    about: str
    """What it is there for."""
    facts: Facts
    """As they come in the feed."""


class DefinedKpi(msgspec.Struct, frozen=True, kw_only=True):
    """A KPI: how it is computed, and how it is read."""

    id: KpiId
    """Its name in responses and parameters."""
    rule: str
    """Id and version, as figures carry them."""
    name: Text
    """As tables print it."""
    description: Text
    """What it counts."""
    numerator: list[Term]
    """The sum that is counted, or the upper side of a quotient."""
    denominator: list[Term] | None
    """The lower side of a quotient; null: it is a count."""
    stated: list[Term] | None
    """Those of which a source states what the numerator counts: where none of `among` are, the numerator is null. Where some
    are, the others count as no. Null: it is always known."""
    among: list[Term] | None
    """Those of which a source may state what the numerator counts, of a quotient its lower side; null: it is always known."""
    parts: tuple[str, ...]
    """KPIs that add up to its numerator, where there are such."""
    base: tuple[str, ...]
    """KPIs that add up to its denominator, where there are such."""
    percentile: float | None
    """Share of the dossiers below the value; null: it is no percentile."""
    unit: Literal["dossiers", "share", "working_days", "per_dossier", "ratio", "answers", "steps", "hours"]
    """Of its value; a share is a share of 1."""
    better: Literal["higher", "lower"] | None
    """Which direction is the better one; null: neither."""
    target: float | None
    """In its own unit, as a decision sets it; null where none does."""
    decimals: int
    """Digits after the comma where it is printed, half-up; a share is printed in per cent."""
    source: str
    """The legal text that it comes from."""
    valid_from: date
    """The first day of the legal text."""
    example: ExampleFigure
    """What it comes to in the worked example."""
    version: int
    """Of its rule; figures of another version are not compared."""
    available: Literal["at any position"] = "at any position"
    """It has a value at every position of the feed."""


class DefinedBalance(msgspec.Struct, frozen=True):
    """What must hold between sums of KPIs, in every scope and period: for whoever checks figures by one another."""

    name: str
    """A sentence about it, else the equation."""
    left: tuple[str, ...]
    """KPIs that are added up."""
    relation: Literal["=", "<="]
    """How the sums stand to one another."""
    right: tuple[str, ...]
    """KPIs that are added up."""


class LiveValue(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the moment alone: it stands beside the figures of a response, and has no position."""

    id: str
    """Its name."""
    name: Text
    """As tables print it."""
    description: Text
    """What it means."""
    unit: Literal["records", "seconds"]
    """Of its value."""
    better: Literal["lower"] = "lower"
    """The lower the better."""
    available: Literal["live only"] = "live only"
    """It is of the moment, whatever position is asked."""
    read_in: str
    """Where a response of `GET /v1/kpis` holds it."""
    gauge: str
    """Its name in Prometheus."""


class KpiCatalogue(msgspec.Struct, frozen=True):
    """`GET /v1/kpis/catalogue`: the one list that all figures come from."""

    kpis: list[DefinedKpi]
    """In the order of responses."""
    balances: list[DefinedBalance]
    """They hold in every scope and period."""
    example: WorkedExample
    """Where each KPI's own example is taken from."""
    live: list[LiveValue]
    """What is known of the moment alone."""
