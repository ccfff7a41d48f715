"""The rules of the index of decision 766/QĐ-TTg, by the day from which they hold: data of `decision_766.toml`. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from shared.contracts.indices import ScoringRules
from shared.contracts.kpis import Text

_FILE = Path(__file__).with_name("decision_766.toml")

Evidence = Literal["stated", "fitted", "open"]
"""What a rule rests on: the published description, published scores that it reproduces, or nothing: then it is not scored."""
Empty = Literal["zero", "full", "unknown"]
"""What 0/0 gives: no points, all of them, or nothing that could be known."""


def _exact(number: int | Decimal) -> Fraction:
    return Fraction(number)


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A summand of a component: points by a rate of two counts."""

    numerator: str
    """Name of the count above."""
    denominator: str
    """Name of the count below."""
    points: int | Decimal
    """Points of the whole rate."""
    max: int | Decimal
    """Points at the most."""
    full_at: int | Decimal = 1
    """The rate from which on all points are given."""
    empty: Empty
    """What 0/0 gives."""
    published: str | None = None
    """The code under which the portal publishes it, where that is not the component's."""

    def reached(self, numerator: int, denominator: int) -> Fraction | None:
        """Its points, exactly; None where 0/0 says nothing. A rate beyond 1 counts as 1."""
        limit = _exact(self.max)
        if denominator <= 0:
            return {"zero": Fraction(0), "full": limit, "unknown": None}[self.empty]
        rate = min(Fraction(1), max(Fraction(0), Fraction(numerator, denominator)))
        return min(limit, _exact(self.points) * rate / _exact(self.full_at))


class Component(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of the index."""

    id: str
    """As the decision numbers it."""
    group: str
    """Which group of the decision it belongs to."""
    name: Text
    """Its name."""
    rule: Text
    """How points are given, in words."""
    max: int
    """Points at the most."""
    evidence: Evidence
    """What the rule rests on."""
    observations: int = 0
    """How many published scores it reproduces, of a fitted one."""
    published: str
    """The code under which the portal publishes it, or its group of numbers."""
    part: tuple[Part, ...] = ()
    """Its summands; none of an open one."""


class Ruleset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules from a day on."""

    valid_from: date
    """The first day that they hold."""
    source: str
    """What they are taken from."""
    groups: dict[str, Text]
    """The groups of the decision, by key."""
    component: tuple[Component, ...]
    """Its lines, in the order of the decision."""

    @property
    def of(self) -> int:
        """The points of all components."""
        return sum(one.max for one in self.component)

    @property
    def by_id(self) -> dict[str, Component]:
        """Its components by id."""
        return {one.id: one for one in self.component}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ruleset: tuple[Ruleset, ...]


@cache
def rulesets() -> tuple[Ruleset, ...]:
    """All of them, the oldest first. Raises where the data are not what they should be: an open rule has no parts."""
    read = tomllib.loads(_FILE.read_text(encoding="utf-8"), parse_float=Decimal)
    found = msgspec.convert(read, _File).ruleset
    for fault in _faults(found):
        raise ValueError(f"{_FILE.name}: {fault}")
    return found


def _faults(found: tuple[Ruleset, ...]) -> Iterator[str]:
    days = [one.valid_from for one in found]
    if days != sorted(set(days)):
        yield "rulesets stand in the order of their days, one a day"
    for ruleset in found:
        ids = [one.id for one in ruleset.component]
        if len(set(ids)) < len(ids):
            yield "a component stands twice"
        for one in ruleset.component:
            if one.group not in ruleset.groups:
                yield f"{one.id} is of no group"
            if (one.evidence == "open") is bool(one.part):
                yield f"{one.id} is open, or has parts"


def ruleset_on(day: date) -> Ruleset:
    """The rules in force on a day; before the first of them the first, which `valid_from` then tells."""
    known = rulesets()
    return next((one for one in reversed(known) if one.valid_from <= day), known[0])


def rules_of(ruleset: Ruleset, until: date) -> ScoringRules:
    """The rules as responses show them; `until`: the last day of the period."""
    return ScoringRules(ruleset.valid_from, ruleset.valid_from <= until, ruleset.source)
