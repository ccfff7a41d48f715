"""The catalogue of a province: its agencies and procedures over time, its calendar, and the law they make together.

A change counts the catalogue's version up and plans a redating, so every dossier it touches gets a new version in the feed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from services.ingest.catalogue import store as catalogue_store
from services.ingest.catalogue.model import Ruleset
from services.ingest.catalogue.store import CatalogueEntry, CatalogueTable, DayOverride
from services.ingest.provinces import store as provinces_store
from services.ingest.provinces.service import locked
from shared.agencies import Agency, Plan, Structure, check_plan, contradictions
from shared.contracts.feed import Catalogue
from shared.database import Connection
from shared.errors import Invalid, no_province
from shared.fields import FIRST_DAY, LAST_DAY, TEXT
from shared.languages import bilingual
from shared.procedures import PortalProcedure, Procedure, ProcedureChange, Procedures, differences, merge_portal_procedures
from shared.workdays import STANDARD_HOURS, CalendarEditions, OfficeHours, Policy, policies_with
from shared.workdays.calendar import Override, published_overrides

_decode_agency = msgspec.json.Decoder(Agency).decode
_decode_procedure = msgspec.json.Decoder(Procedure).decode
_encode = msgspec.json.Encoder().encode


class RulesetCache:
    """The law of each province as this process knows it, loaded anew when the catalogue's version has moved."""

    def __init__(self) -> None:
        """Nothing is loaded yet."""
        self._known: dict[str, Ruleset] = {}

    async def of(self, connection: Connection, province: str) -> Ruleset:
        """The law at the newest catalogue version; raises `NotFound` when there is no such province."""
        row = await provinces_store.read(connection, province)
        if row is None:
            raise no_province(province)
        return await self.at(connection, province, row.catalogue)

    def loaded(self, province: str) -> Ruleset:
        """The law of a province as it was last asked for."""
        return self._known[province]

    async def at(self, connection: Connection, province: str, version: int) -> Ruleset:
        """The law at `version`, which is the catalogue's newest: under the province's lock it stays so until the commit."""
        known = self._known.get(province)
        if known is None or known.version != version:
            known = self._known[province] = await _load(connection, province, version)
        return known


async def _load(connection: Connection, province: str, version: int) -> Ruleset:
    chosen = msgspec.convert(await provinces_store.read_policies(connection, province), Policies)
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
            for row in await catalogue_store.day_overrides(connection, province)
        ),
    ]
    editions = CalendarEditions(overrides, province)
    structure = Structure(await _agencies(connection, province))
    return Ruleset(
        version=version,
        structure=structure,
        procedures=Procedures(await _procedures(connection, province)),
        calendar=editions.latest,
        hours=OfficeHours.parse(chosen.office_hours) if chosen.office_hours else STANDARD_HOURS,
        unit_hours=_unit_hours(structure, chosen.agency_hours),
        policies=policies_with(chosen.clock),
        editions=editions,
    )


class Policies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The choices of a province: what it publishes about its offices and where the law leaves it a choice."""

    office_hours: str | None = None
    """As `OfficeHours.parse` reads them, where an agency has none of its own; None: the standard ones."""
    agency_hours: dict[str, str] = {}
    """Code or unit key to its own hours, which hold for all below it too."""
    clock: tuple[Policy, ...] = ()
    """Rules of the deadline clock that replace the published ones from the day they begin."""


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


async def read(connection: Connection, province: str) -> Catalogue:
    """All generations of the province's agencies and procedures."""
    row = await provinces_store.read(connection, province)
    if row is None:
        raise no_province(province)
    return Catalogue(
        province=province,
        version=row.catalogue,
        agencies=await _agencies(connection, province),
        procedures=await _procedures(connection, province),
    )


CODE = r"^[^\x00-\x1f\x7f~,@]{1,64}$"
"""Of an agency or a procedure."""
MAX_TEXT = 1_000
_CODE = re.compile(CODE)
_TEXT = re.compile(TEXT)


def _checked(rows: Sequence[Agency] | Sequence[Procedure]) -> None:
    """Raise `Invalid` for a code that could not stand in a key or in an address, texts without end, days that cannot be."""
    for row in rows:
        if not _CODE.fullmatch(row.code):
            raise Invalid(
                bilingual(
                    "The code {code!r} cannot be one: 1 to 64 characters, none of them ~ , @ or a control.",
                    "Mã {code!r} không hợp lệ: từ 1 đến 64 ký tự, không có ~ , @ hoặc ký tự điều khiển.",
                    code=row.code[:80],
                )
            )
        for name in row.__struct_fields__:
            value = getattr(row, name)
            for text in value if isinstance(value, tuple) else (value,):
                if isinstance(text, str) and (len(text) > MAX_TEXT or not _TEXT.fullmatch(text)):
                    raise Invalid(
                        bilingual(
                            "{name} of {code} is longer than {n} characters or holds a control character.",
                            "{name} của {code} dài hơn {n} ký tự hoặc có ký tự điều khiển.",
                            name=name,
                            code=row.code,
                            n=MAX_TEXT,
                        )
                    )
            if isinstance(value, date) and not FIRST_DAY <= value <= LAST_DAY:
                raise Invalid(
                    bilingual(
                        "{name} of {code} is {value}: days lie between {first} and {last}.",
                        "{name} của {code} là {value}: ngày phải từ {first} đến {last}.",
                        name=name,
                        code=row.code,
                        value=value,
                        first=FIRST_DAY,
                        last=LAST_DAY,
                    )
                )


class AgencyChanges(msgspec.Struct, frozen=True):
    """What a new list of agencies would change."""

    added: list[str]
    """Keys of units that are new."""
    changed: list[str]
    """Keys of units of which something else is said."""
    removed: list[str]
    """Unit keys; a removed unit keeps its figures but is no part of the structure any more."""
    plan: Plan
    """What begins, ends, moves and is left without a parent; with its findings nothing can be applied."""


async def agency_changes(connection: Connection, province: str, agencies: list[Agency], *, merge: bool) -> AgencyChanges:
    """What replaces the province's agencies by `agencies`, or lays these over them with `merge`, would change."""
    _checked(agencies)
    known = {one.key: one for one in await _agencies(connection, province)}
    given = {one.key: one for one in agencies}
    plan = check_plan(Structure(known.values()), agencies)
    if not merge:
        # What the list leaves out is no more when it applies: the list must stand by itself.
        together = {one.en for one in contradictions((known | given).values())}
        history = [one for one in plan.findings if one not in together]
        plan = msgspec.structs.replace(plan, findings=(*history, *(one.en for one in contradictions(agencies))))
    return AgencyChanges(
        added=sorted(given.keys() - known.keys()),
        changed=sorted(key for key in given.keys() & known.keys() if given[key] != known[key]),
        removed=[] if merge else sorted(known.keys() - given.keys()),
        plan=plan,
    )


async def put_agencies(tx: Connection, province: str, agencies: list[Agency], *, merge: bool = False) -> int:
    """Replace the province's agencies, or lay these over them, and plan the redating; returns the catalogue's new version.

    Raises `Invalid` when the structure contradicts itself (a parent that is missing, generations that overlap).
    """
    _checked(agencies)
    await _lock(tx, province)
    if merge:
        agencies = list({one.key: one for one in (*await _agencies(tx, province), *agencies)}.values())
    Structure(agencies)
    return await _put(tx, province, "agencies", agencies)


async def procedure_changes(
    connection: Connection, province: str, procedures: list[Procedure], *, merge: bool
) -> list[ProcedureChange]:
    """The differences between the province's procedures and `procedures`; raises `Invalid` when these contradict themselves."""
    _checked(procedures)
    known = await _procedures(connection, province)
    given = _merged(known, procedures) if merge else procedures
    Procedures(given)
    return differences(known, given)


async def put_procedures(tx: Connection, province: str, procedures: list[Procedure], *, merge: bool = False) -> int:
    """Replace the province's procedures, or lay these over them, and plan the redating; returns the catalogue's new version."""
    _checked(procedures)
    await _lock(tx, province)
    if merge:
        procedures = _merged(await _procedures(tx, province), procedures)
    Procedures(procedures)
    return await _put(tx, province, "procedures", procedures)


def _merged(known: list[Procedure], given: list[Procedure]) -> list[Procedure]:
    return list({one.key: one for one in (*known, *given)}.values())


async def adopt_procedures(connection: Connection, province: str, offered: list[PortalProcedure], on: date) -> list[Procedure]:
    """The rows that are other or new if a portal's own catalogue is believed from a day on, to be laid over the others."""
    known = await _procedures(connection, province)
    before = {one.key: one for one in known}
    return [one for one in merge_portal_procedures(known, offered, on) if before.get(one.key) != one]


async def _agencies(connection: Connection, province: str) -> list[Agency]:
    return [_decode_agency(row) for row in await catalogue_store.catalogue_bodies(connection, province, "agencies")]


async def _procedures(connection: Connection, province: str) -> list[Procedure]:
    return [_decode_procedure(row) for row in await catalogue_store.catalogue_bodies(connection, province, "procedures")]


async def put_days(tx: Connection, province: str, days: Sequence[DayOverride]) -> int:
    """Add days off and make-up days of the province and plan the redating."""
    await _lock(tx, province)
    await catalogue_store.put_day_overrides(tx, days)
    return await _changed(tx, province, "calendar")


async def put_policies(tx: Connection, province: str, policies: Policies) -> int:
    """Replace the province's policies and plan the redating. Raises `Invalid` for hours or rules that cannot be."""
    await _lock(tx, province)
    await provinces_store.set_policies(tx, province, msgspec.to_builtins(policies))
    return await _changed(tx, province, "policies")


async def _lock(tx: Connection, province: str) -> None:
    await provinces_store.ensure(tx, province)
    await provinces_store.lock(tx, province)


async def _put(tx: Connection, province: str, kind: CatalogueTable, rows: Sequence[Agency] | Sequence[Procedure]) -> int:
    entries = [CatalogueEntry(one.code, one.valid_from, _encode(one).decode()) for one in rows]
    await catalogue_store.replace_catalogue(tx, province, kind, entries)
    return await _changed(tx, province, kind)


async def _changed(tx: Connection, province: str, reason: str) -> int:
    version = await provinces_store.advance_catalogue(tx, province)
    # Loaded whole, so that what does not go together is refused here and not met by the worker.
    ruleset = await _load(tx, province, version)
    await catalogue_store.record_ruleset(
        tx, province, reason, ruleset.calendar.version, [policy.version for policy in ruleset.policies]
    )
    await catalogue_store.plan_redating(tx, province, reason, only_unmapped=False)
    return version


async def redate_all(tx: Connection, province: str, reason: str) -> int:
    """Have every dossier of the province dated anew though nothing was changed here; returns the catalogue's new version."""
    await locked(tx, province)
    return await _changed(tx, province, reason)


async def renew(tx: Connection, province: str) -> None:
    """Plan a redating of the province if its calendar or rules are other ones by this release than by the one before it."""
    row = await provinces_store.lock(tx, province)
    known = await catalogue_store.newest_ruleset(tx, province)
    if row is None or known is None:
        return
    ruleset = await _load(tx, province, row.catalogue)
    if (ruleset.calendar.version, [policy.version for policy in ruleset.policies]) != (known.calendar, known.rules):
        await _changed(tx, province, "release")
