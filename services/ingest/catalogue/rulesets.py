"""The ruleset of a province at a version of its catalogue: loaded from the tables, and cached in each process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import msgspec
from msgspec import UNSET, UnsetType

from services.ingest.catalogue.model import NEWEST_WORD, Ruleset, SourceOrder
from services.ingest.catalogue.store import catalogue as catalogue_store
from services.ingest.catalogue.store.catalogue import CataloguePart, DayOverride
from services.ingest.provinces import store as provinces_store
from services.ingest.sources.store import sources as sources_store
from shared.agencies import Agency, Structure
from shared.database import Connection
from shared.errors import Invalid, no_province
from shared.languages import bilingual
from shared.procedures import Procedure, Procedures
from shared.workdays import STANDARD_HOURS, CalendarEditions, OfficeHours, Policy, policies_with
from shared.workdays.calendar import Override, published_overrides

_decode_agency = msgspec.json.Decoder(Agency).decode
_decode_procedure = msgspec.json.Decoder(Procedure).decode


class RulesetCache:
    """The newest ruleset of each province in this process; loaded again when the catalogue's version has changed."""

    def __init__(self) -> None:
        """Nothing is loaded yet."""
        self._known: dict[str, Ruleset] = {}

    async def of(self, connection: Connection, province: str) -> Ruleset:
        """The ruleset at the newest catalogue version; raises `NotFound` when there is no such province."""
        row = await provinces_store.read(connection, province)
        if row is None:
            raise no_province(province)
        return await self.at(connection, province, row.catalogue)

    def loaded(self, province: str) -> Ruleset:
        """The ruleset of a province that was last returned by `of` or `at`; raises `KeyError` when there is none."""
        return self._known[province]

    async def at(self, connection: Connection, province: str, version: int) -> Ruleset:
        """The ruleset at `version`, the newest of the catalogue; under the province's lock it stays the newest."""
        known = self._known.get(province)
        if known is None or known.version != version:
            known = self._known[province] = await load_ruleset(connection, province, version)
        return known


async def load_ruleset(
    connection: Connection, province: str, version: int, instead: Mapping[CataloguePart, str] = MappingProxyType({})
) -> Ruleset:
    """The ruleset of a province as its tables are now; `version` is that of its catalogue.

    `instead`: parts of the catalogue (JSON) as a change would leave them, in the place of those of the tables.

    Raises `Invalid` where agencies, procedures, hours and policies contradict one another.
    """
    if "policies" in instead:
        chosen = msgspec.json.decode(instead["policies"], type=Policies)
    else:
        chosen = msgspec.convert(await provinces_store.read_policies(connection, province), Policies)
    days: list[StoredDay | DayOverride] = list(await catalogue_store.day_overrides(connection, province))
    if "calendar" in instead:
        own = msgspec.json.decode(instead["calendar"], type=list[StoredDay])
        days = [*(row for row in days if row.province != province), *own]
    overrides = [
        *published_overrides(),
        *(
            Override(
                day=row.day,
                state="worked" if row.worked else "off",
                legal_basis=row.legal_basis,
                known_from=row.known_from,
                province=row.province,
                verified=row.verified,
            )
            for row in days
        ),
    ]
    editions = CalendarEditions(overrides, province)
    structure = Structure(
        msgspec.json.decode(instead["agencies"], type=list[Agency])
        if "agencies" in instead
        else await read_agencies(connection, province)
    )
    return Ruleset(
        version=version,
        structure=structure,
        procedures=Procedures(
            msgspec.json.decode(instead["procedures"], type=list[Procedure])
            if "procedures" in instead
            else await read_procedures(connection, province)
        ),
        calendar=editions.latest,
        hours=OfficeHours.parse(chosen.office_hours) if chosen.office_hours else STANDARD_HOURS,
        unit_hours=_unit_hours(structure, chosen.agency_hours),
        policies=policies_with(chosen.clock),
        editions=editions,
        sources=chosen.sources or NEWEST_WORD,
    )


class StoredDay(msgspec.Struct, frozen=True):
    """A `DayOverride` as a version of the catalogue stores it."""

    province: str
    day: date
    worked: bool
    legal_basis: str
    known_from: date
    verified: bool


class Policies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Choices of a province: office hours, and deadline rules where the law leaves a choice."""

    office_hours: str | None = None
    """As `OfficeHours.parse` reads them, where an agency has none of its own; None: the standard ones."""
    agency_hours: dict[str, str] = {}
    """Code or unit key to its own hours, which hold for all below it too."""
    clock: tuple[Policy, ...] = ()
    """Rules of the deadline clock that replace the published ones from the day they begin."""
    sources: SourceOrder | UnsetType = UNSET
    """Which source is believed where several tell of one dossier; unset: the newest word counts."""


async def require_sources(connection: Connection, province: str, policies: Policies) -> None:
    """Raise `Invalid` where policies order a source that the province does not have."""
    if not policies.sources:
        return
    known = {row.name for row in await sources_store.sources(connection, province)}
    named = {name for order in (policies.sources.order, *policies.sources.fields.values()) for name in order}
    if unknown := sorted(named - known):
        raise Invalid(
            bilingual(
                "The order of sources names {names}, which is no source of province {province}. GET /v1/sources lists them.",
                "Thứ tự nguồn có {names} nhưng tỉnh {province} không có nguồn này. Xem GET /v1/sources.",
                names=", ".join(unknown),
                province=province,
            )
        )


def _unit_hours(structure: Structure, own: Mapping[str, str]) -> dict[str, OfficeHours]:
    """Hours by unit key: of the unit itself or of the nearest one above it that has any."""
    if not own:
        return {}
    hours = {name: OfficeHours.parse(text) for name, text in own.items()}
    known = {name for unit in structure for name in (unit.key, unit.code)}
    unknown = sorted(hours.keys() - known)
    if unknown:
        raise Invalid(
            bilingual(
                "Office hours are given for {agencies}, which no agency is. Add the agency first.",
                "Giờ làm việc ghi cho {agencies} nhưng không có cơ quan này. Bổ sung cơ quan trước.",
                agencies=", ".join(unknown),
            )
        )
    found: dict[str, OfficeHours] = {}
    for unit in structure:
        at: Agency | None = unit
        while at is not None:
            if at.key in hours or at.code in hours:
                found[unit.key] = hours.get(at.key) or hours[at.code]
                break
            at = structure.parent_of(at.key, max(unit.valid_from, at.valid_from))
    return found


async def read_agencies(connection: Connection, province: str) -> list[Agency]:
    """All agencies of a province over time, by code and first day."""
    return [_decode_agency(row) for row in await catalogue_store.catalogue_bodies(connection, province, "agencies")]


async def read_procedures(connection: Connection, province: str) -> list[Procedure]:
    """All procedures of a province over time, by code and first day."""
    return [_decode_procedure(row) for row in await catalogue_store.catalogue_bodies(connection, province, "procedures")]
