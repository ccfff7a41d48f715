"""Agencies (cơ quan, đơn vị) through time: units that are merged, split, renamed, and whose codes are used again.

A unit is a code from a day on: its key is `<code>@<valid from>`. The statistics office gives the code of a merged commune to
its successor, so a code alone names different offices at different times. Intervals are half-open: `valid_to` is the first
day on which the unit is no more.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

MAX_LEVELS, MAX_UNITS_PER_CODE, MAX_SUCCESSIONS = 20, 100, 100
"""Levels of offices, units that bear one code in turn, and units that follow one another: several times what there is. Without
bounds a short list could make every lookup slow."""
MAX_FINDINGS = 100
"""Contradictions that one problem lists."""


class AgencyKind(StrEnum):
    """The level of an agency."""

    province = "province"  # tỉnh, thành phố trực thuộc trung ương
    department = "department"  # sở, ban, ngành
    district = "district"  # huyện (until 2025-07-01)
    district_office = "district_office"  # phòng chuyên môn của huyện
    commune = "commune"  # xã, phường, thị trấn


class Agency(msgspec.Struct, frozen=True, omit_defaults=True):
    """One unit, for as long as its name, kind and parent stay the same."""

    code: str
    """As the province's software writes it; after a reorganisation another unit may have it."""
    name_vi: str
    """In Vietnamese, as it stands in documents."""
    name_en: str
    """In English."""
    kind: AgencyKind
    """What it is among the province's agencies."""
    valid_from: date
    """Its first day; part of its key `<code>@<valid_from>`."""
    parent: str | None = None
    """Code of the parent, meaning the unit that has the code on the day in question; or the key of one unit."""
    valid_to: date | None = None
    """First day after its end; None while it exists."""
    successors: tuple[str, ...] = ()
    """Keys of the units that took over: one after a merger or renaming, several after a split, none after an abolition."""
    legal_basis: str = ""
    """The decision that established or ended it; empty where none was given."""
    certifies_copies: bool | None = None
    """A commune that offers electronic certified copies (bản sao chứng thực điện tử); None: not stated, which is not no."""

    @property
    def key(self) -> str:
        """`<code>@<valid from>`: identifies the unit in figures, dossiers and the API."""
        return f"{self.code}@{self.valid_from.isoformat()}"

    def exists_on(self, day: date) -> bool:
        """Whether the unit exists on the day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)
