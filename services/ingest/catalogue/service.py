"""The catalogue of a province: its agencies and procedures over time, its calendar, and the ruleset they make together.

A change counts the catalogue's version up, takes the next position of the feed, and plans a redating, so every dossier it
touches gets a new version there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

import msgspec

from services.ingest.catalogue.model import Ruleset
from services.ingest.catalogue.rulesets import (
    Policies,
    StoredDay,
    load_ruleset,
    read_agencies,
    read_procedures,
    require_sources,
)
from services.ingest.catalogue.store import catalogue as catalogue_store
from services.ingest.catalogue.store import redatings as redatings_store
from services.ingest.catalogue.store.catalogue import NOBODY, Author, CatalogueEntry, CataloguePart, CatalogueTable, DayOverride
from services.ingest.feed import store as feed_store
from services.ingest.provinces import store as provinces_store
from services.ingest.provinces.service import locked, locked_or_new
from shared.agencies import Agency, Plan, Structure, check_plan, contradictions
from shared.contracts.feed import Catalogue
from shared.database import Connection
from shared.errors import Conflict, Invalid, NotFound, no_province
from shared.fields import FIRST_DAY, LAST_DAY, TEXT
from shared.languages import Bilingual, bilingual
from shared.printing import PRINTABLE, Unprintable, printed, without_unprintable
from shared.procedures import (
    PortalProcedure,
    Procedure,
    ProcedureChange,
    Procedures,
    differences,
    merge_portal_procedures,
    normal_code,
)
from shared.workdays import Policy, policies, require_own_names

_encode = msgspec.json.Encoder().encode


async def read(connection: Connection, province: str) -> Catalogue:
    """All of the province's agencies and procedures."""
    row = await provinces_store.read(connection, province)
    if row is None:
        raise no_province(province)
    return Catalogue(
        province=province,
        version=row.catalogue,
        agencies=await read_agencies(connection, province),
        procedures=await read_procedures(connection, province),
        position=(await catalogue_store.newest_version(connection, province)).position,
    )


async def read_at(connection: Connection, province: str, position: int) -> Catalogue:
    """The province's agencies and procedures as they were known at a position of the feed.

    Of a position before versions were stored: as they were at the first that is stored.
    """
    if await provinces_store.read(connection, province) is None:
        raise no_province(province)
    version, since = await catalogue_store.version_at(connection, province, position)
    agencies = await catalogue_store.part_at(connection, province, "agencies", version)
    procedures = await catalogue_store.part_at(connection, province, "procedures", version)
    return Catalogue(
        province=province,
        version=version,
        agencies=msgspec.json.decode(agencies or "[]", type=list[Agency]),
        procedures=msgspec.json.decode(procedures or "[]", type=list[Procedure]),
        position=since,
    )


CODE = r"^[^\x00-\x1f\x7f~,@]{1,64}$"
"""Of an agency or a procedure."""
MAX_TEXT = 1_000
_CODE = re.compile(CODE)
_TEXT = re.compile(TEXT)


_BASES = ("same_day_basis", "extension_basis", "legal_basis")
_PRINTED = ("name_vi", "name_en", "sector", "legal_basis")
"""Fields that documents print."""
_REFERENCES = ("code", "parent", "successors")
"""Codes and unit keys: compared as they are, so that nothing of them is folded."""
R = TypeVar("R", Agency, Procedure)


def checked(rows: Sequence[R]) -> list[R]:
    """The rows with their names as documents print them, and codes of procedures without the suffix that portals add.

    Raises `Invalid` for a code that could not stand in a key or in an address, names that cannot be printed, texts without
    end, days that cannot be.
    """
    found: list[R] = []
    for row in rows:
        if not _CODE.fullmatch(row.code):
            raise Invalid(
                bilingual(
                    "The code {code!r} cannot be one: 1 to 64 characters, none of them ~ , @ or a control.",
                    "Mã {code!r} không hợp lệ: từ 1 đến 64 ký tự, không có ~ , @ hoặc ký tự điều khiển.",
                    code=row.code[:80],
                )
            )
        changed: dict[str, str] = {}
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
                if isinstance(text, str) and name in _REFERENCES and not PRINTABLE.fullmatch(text):
                    _printed(text, name, row.code)
            if name in _PRINTED and (value or name.startswith("name")):
                changed[name] = _printed(value, name, row.code)
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
        if isinstance(row, Procedure):
            # As records are read: those of a list with the suffix would map nothing.
            changed["code"] = normal_code(row.code)
        found.append(msgspec.structs.replace(row, **changed))
    return found


def _printed(text: str, name: str, code: str) -> str:
    try:
        return printed(text)
    except Unprintable as error:
        shown = without_unprintable(code)
        raise Invalid(Bilingual(f"{name} of {shown}: {error.message.en}", f"{name} của {shown}: {error.message.vi}")) from error


def _readable(offered: PortalProcedure) -> PortalProcedure:
    """What of a portal's names can be printed: they come from a machine, and a sign in one refuses no procedure."""
    names = {
        name: without_unprintable(text) or None for name in ("name_vi", "name_en", "sector") if (text := getattr(offered, name))
    }
    return msgspec.structs.replace(offered, **names)


class AgencyChanges(msgspec.Struct, frozen=True):
    """What a new list of agencies would change."""

    added: list[str]
    """Keys of units that are new."""
    changed: list[str]
    """Keys of units that have other values."""
    removed: list[str]
    """Unit keys; a removed unit keeps its figures but is no part of the structure any more."""
    plan: Plan
    """What begins, ends, moves and is left without a parent; with its findings nothing can be applied."""


async def agency_changes(connection: Connection, province: str, agencies: list[Agency], *, merge: bool) -> AgencyChanges:
    """What replaces the province's agencies by `agencies`, or lays these over them with `merge`, would change."""
    agencies = checked(agencies)
    known = {one.key: one for one in await read_agencies(connection, province)}
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


async def put_agencies(
    tx: Connection, province: str, agencies: list[Agency], *, merge: bool = False, author: Author = NOBODY
) -> int:
    """Replace the province's agencies, or lay these over them, and plan the redating; returns the catalogue's new version.

    Raises `Invalid` when the structure contradicts itself (a parent that is missing, rows that overlap in time).
    """
    agencies = checked(agencies)
    await locked_or_new(tx, province)
    if merge:
        agencies = list({one.key: one for one in (*await read_agencies(tx, province), *agencies)}.values())
    Structure(agencies)
    return await _put(tx, province, "agencies", agencies, author)


async def procedure_changes(
    connection: Connection, province: str, procedures: list[Procedure], *, merge: bool
) -> list[ProcedureChange]:
    """The differences between the province's procedures and `procedures`; raises `Invalid` when these contradict themselves."""
    procedures = checked(procedures)
    known = await read_procedures(connection, province)
    given = _merged(known, procedures) if merge else procedures
    Procedures(given)
    return differences(known, given)


async def put_procedures(
    tx: Connection, province: str, procedures: list[Procedure], *, merge: bool = False, author: Author = NOBODY
) -> int:
    """Replace the province's procedures, or lay these over them, and plan the redating; returns the catalogue's new version."""
    procedures = checked(procedures)
    await locked_or_new(tx, province)
    if merge:
        procedures = _merged(await read_procedures(tx, province), procedures)
    Procedures(procedures)
    return await _put(tx, province, "procedures", procedures, author)


def _merged(known: list[Procedure], given: list[Procedure]) -> list[Procedure]:
    return list({one.key: one for one in (*known, *given)}.values())


async def adopt_procedures(connection: Connection, province: str, offered: list[PortalProcedure], on: date) -> list[Procedure]:
    """The rows that are other or new if a portal's own catalogue is believed from a day on, to be laid over the others."""
    known = await read_procedures(connection, province)
    before = {one.key: one for one in known}
    return [one for one in merge_portal_procedures(known, map(_readable, offered), on) if before.get(one.key) != one]


async def put_days(tx: Connection, province: str, days: Sequence[DayOverride], author: Author = NOBODY) -> int:
    """Add days off and make-up days of the province and plan the redating."""
    await locked_or_new(tx, province)
    await catalogue_store.put_day_overrides(tx, days)
    return await _changed(tx, province, "calendar", ["calendar"], author)


async def put_policies(tx: Connection, province: str, policies: Policies, author: Author = NOBODY) -> int:
    """Replace the province's policies and plan the redating. Raises `Invalid` for hours or rules that cannot be."""
    policies = checked_policies(policies)
    await require_sources(tx, province, policies)
    await locked_or_new(tx, province)
    await provinces_store.set_policies(tx, province, msgspec.to_builtins(policies))
    return await _changed(tx, province, "policies", ["policies"], author)


def checked_policies(policies: Policies) -> Policies:
    """The policies with bases as documents print them; raises `Invalid` for one that cannot be printed, and for taken names."""
    require_own_names(policies.clock)
    return msgspec.structs.replace(policies, clock=tuple(_with_printed_bases(one) for one in policies.clock))


def _with_printed_bases(rule: Policy) -> Policy:
    bases = {field: _printed(basis, field, rule.version) for field in _BASES if (basis := getattr(rule, field))}
    from_memory = tuple(_printed(law, "from_memory", rule.version) for law in rule.from_memory)
    return msgspec.structs.replace(rule, **bases, from_memory=from_memory)


async def days_with(connection: Connection, province: str, days: Sequence[DayOverride]) -> str:
    """The province's days (JSON) as they would be with these added."""
    own = msgspec.json.decode(await catalogue_store.current_part(connection, province, "calendar"), type=list[StoredDay])
    known = {(one.day, one.known_from): one for one in (*own, *(StoredDay(*day) for day in days))}
    return _encode(list(known.values())).decode()


async def _put(
    tx: Connection, province: str, kind: CatalogueTable, rows: Sequence[Agency] | Sequence[Procedure], author: Author
) -> int:
    await _replace(tx, province, kind, rows)
    return await _changed(tx, province, kind, [kind], author)


async def _replace(tx: Connection, province: str, kind: CatalogueTable, rows: Sequence[Agency] | Sequence[Procedure]) -> None:
    entries = [CatalogueEntry(one.code, one.valid_from, _encode(one).decode()) for one in rows]
    await catalogue_store.replace_catalogue(tx, province, kind, entries)


async def restore(tx: Connection, province: str, version: int, author: Author) -> tuple[int, list[CataloguePart]]:
    """Go back to an earlier version: what differs of it is put in place again, as one new version.

    Returns the catalogue's version and the parts that were other; where none was, nothing is changed. Raises `NotFound` for a
    version that there never was, and `Conflict` for one of before versions were stored.
    """
    row = await locked(tx, province)
    parts = await differing_parts(tx, province, version)
    for part, body in parts.items():
        await _put_back(tx, province, part, body)
    if not parts:
        return row.catalogue, []
    return await _changed(tx, province, "restored", list(parts), author), list(parts)


async def differing_parts(connection: Connection, province: str, version: int) -> dict[CataloguePart, str]:
    """The parts (JSON) that were other at a version, as they were then; raises as `restore`."""
    row = await provinces_store.read(connection, province)
    if row is None:
        raise no_province(province)
    known = f"GET /v1/catalogue/{province}/versions"
    if not 0 < version <= row.catalogue:
        raise NotFound(
            bilingual(
                "The catalogue has no version {version}. {known} lists them.",
                "Danh mục không có phiên bản {version}. Xem {known}.",
                version=version,
                known=known,
            )
        )
    if not await catalogue_store.is_stored(connection, province, version):
        raise Conflict(
            bilingual(
                "Version {version} is older than the first that is stored. {known} lists them.",
                "Phiên bản {version} cũ hơn phiên bản đầu tiên được lưu. Xem {known}.",
                version=version,
                known=known,
            )
        )
    differing: dict[CataloguePart, str] = {}
    for part in catalogue_store.PARTS:
        then = await catalogue_store.part_at(connection, province, part, version) or ("{}" if part == "policies" else "[]")
        if msgspec.json.decode(then) != msgspec.json.decode(await catalogue_store.current_part(connection, province, part)):
            differing[part] = then
    return differing


async def _put_back(tx: Connection, province: str, part: CataloguePart, body: str) -> None:
    match part:
        case "agencies":
            await _replace(tx, province, part, msgspec.json.decode(body, type=list[Agency]))
        case "procedures":
            await _replace(tx, province, part, msgspec.json.decode(body, type=list[Procedure]))
        case "calendar":
            days = msgspec.json.decode(body, type=list[StoredDay])
            await catalogue_store.replace_day_overrides(
                tx, province, [DayOverride(*msgspec.structs.astuple(day)) for day in days]
            )
        case "policies":
            await provinces_store.set_policies(tx, province, msgspec.json.decode(body, type=dict[str, object]))


async def _changed(
    tx: Connection, province: str, reason: str, parts: Sequence[CataloguePart] = (), author: Author = NOBODY
) -> int:
    version = await provinces_store.advance_catalogue(tx, province)
    row = await locked(tx, province)
    if row.head:  # before the first dossier there is nothing to be known as of a position
        await provinces_store.advance(tx, province, head=row.head + 1, numbers=row.numbers)
        await feed_store.append_catalogue(tx, province, row.head + 1, version)
    for part in parts:
        await catalogue_store.store_part(tx, province, part, version)
    # Loaded whole, so that a contradiction is refused here and does not stop the worker later.
    ruleset = await load_ruleset(tx, province, version)
    await catalogue_store.record_ruleset(tx, province, reason, ruleset.calendar.version, _rules_of(ruleset), author)
    await redatings_store.plan_redating(tx, province, reason, only_unmapped=False)
    return version


async def redate_all(tx: Connection, province: str, reason: str, author: Author = NOBODY) -> int:
    """Have every dossier of the province dated anew though nothing was changed here; returns the catalogue's new version."""
    await locked(tx, province)
    return await _changed(tx, province, reason, author=author)


async def renew(tx: Connection, province: str) -> None:
    """Plan a redating of the province if its calendar or rules are other ones by this release than by the one before it."""
    row = await provinces_store.lock(tx, province)
    known = await catalogue_store.newest_ruleset(tx, province)
    if row is None or known is None:
        return
    ruleset = await load_ruleset(tx, province, row.catalogue)
    if (ruleset.calendar.version, _rules_of(ruleset)) != (known.calendar, known.rules):
        await _changed(tx, province, "release")


def _rules_of(ruleset: Ruleset) -> list[str]:
    """The published policies and the province's own: how facts are made is published, also where none of the policies holds."""
    return list(dict.fromkeys(policy.version for policy in (*policies(), *ruleset.policies)))
