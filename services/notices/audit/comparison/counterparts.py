"""Which KPIs count what a figure of a notice counts, read from `counterparts.toml`. Pure after import."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

_FILE = Path(__file__).with_name("counterparts.toml")

Meaning = frozenset[tuple[str, str]]


class Counterpart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a figure is compared with: one of our shares, a sum of our counts, or one sum over another."""

    meaning: tuple[Mapping[str, str], ...]
    about: str = ""
    kpi: str | None = None
    """A share."""
    counts: tuple[str, ...] = ()
    base: tuple[str, ...] = ()

    @property
    def kpis(self) -> tuple[str, ...]:
        """All KPIs that it is made of, those of the numerator first."""
        return (self.kpi,) if self.kpi is not None else (*self.counts, *self.base)


class Counterparts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Counterparts of counts and of shares, and what a level of agencies is made of."""

    count: tuple[Counterpart, ...]
    share: tuple[Counterpart, ...]
    levels: Mapping[str, tuple[str, ...]]
    """Kinds of agencies by level."""

    @property
    def kpis(self) -> tuple[str, ...]:
        """Every KPI that something is compared with."""
        return tuple(dict.fromkeys(kpi for one in (*self.count, *self.share) for kpi in one.kpis))


@cache
def counterparts() -> Counterparts:
    """The counterparts, read once."""
    return msgspec.toml.decode(_FILE.read_bytes(), type=Counterparts)


@cache
def _by_meaning() -> dict[tuple[bool, str, Meaning], Counterpart]:
    known = counterparts()
    return {
        (is_share, one.about, frozenset(meaning.items())): one
        for is_share, entries in ((False, known.count), (True, known.share))
        for one in entries
        for meaning in one.meaning
    }


def counterpart_of(meaning: Mapping[str, str], topic: str, *, share: bool) -> Counterpart | None:
    """The counterpart of what a figure counts, whatever the level of its agencies; None where we count no such thing."""
    dimensions = frozenset((name, value) for name, value in meaning.items() if name != "level")
    return _by_meaning().get((share, topic, dimensions))
