"""Agencies and procedures as ingest's catalogue tells of them, and the small numbers that counters are kept by."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from services.metrics.store.streams import announce
from services.metrics.units import UNMAPPED, Units
from shared.agencies import Agency
from shared.contracts import Catalogue
from shared.database import Connection


async def number_agencies(tx: Connection, stream: str, keys: Iterable[str | None]) -> dict[str | None, int]:
    """The number of each unit key, given to those that have none yet; None is `UNMAPPED`. Wants the stream's row held."""
    wanted = sorted({key for key in keys if key is not None})
    numbers = await _number(tx, "agency", "key", stream, wanted)
    return {None: UNMAPPED, **numbers}


async def number_procedures(tx: Connection, stream: str, codes: Iterable[str | None]) -> dict[str | None, int]:
    """The number of each procedure code; None is 0. Wants the stream's row held."""
    wanted = sorted({code for code in codes if code is not None})
    return {None: 0, **await _number(tx, "procedure", "code", stream, wanted)}


async def _number(tx: Connection, table: str, column: str, stream: str, wanted: list[str]) -> dict[str | None, int]:
    if not wanted:
        return {}
    rows = await tx.fetch(
        f"SELECT {column}, {table}_no FROM metrics.{table} WHERE stream = $1 AND {column} = ANY($2)", stream, wanted
    )
    known: dict[str | None, int] = {row[0]: row[1] for row in rows}
    missing = [one for one in wanted if one not in known]
    if missing:
        rows = await tx.fetch(
            f"INSERT INTO metrics.{table} (stream, {table}_no, {column})"
            f" SELECT $1, coalesce((SELECT max({table}_no) FROM metrics.{table} WHERE stream = $1), 0) + place, one"
            f" FROM unnest($2::text[]) WITH ORDINALITY AS new (one, place) RETURNING {column}, {table}_no",
            stream,
            missing,
        )
        known.update({row[0]: row[1] for row in rows})
        await tx.execute("UPDATE metrics.stream SET generation = generation + 1 WHERE stream = $1", stream)
    return known


async def take_catalogue(tx: Connection, catalogue: Catalogue) -> None:
    """Store a newer catalogue; an older or equal one changes nothing."""
    status = await tx.execute(
        "UPDATE metrics.stream SET catalogue = $2, generation = generation + 1 WHERE stream = $1 AND catalogue < $2",
        catalogue.stream,
        catalogue.version,
    )
    if status != "UPDATE 1":
        return
    await number_agencies(tx, catalogue.stream, [agency.key for agency in catalogue.agencies])
    await tx.executemany(
        "UPDATE metrics.agency SET description = $3::text::jsonb WHERE stream = $1 AND key = $2",
        [(catalogue.stream, agency.key, msgspec.json.encode(agency).decode()) for agency in catalogue.agencies],
    )
    # A unit that the newer catalogue no longer lists keeps its counters, but is no part of the structure any more.
    await tx.execute(
        "UPDATE metrics.agency SET description = NULL WHERE stream = $1 AND NOT key = ANY($2)",
        catalogue.stream,
        [agency.key for agency in catalogue.agencies],
    )
    named = {procedure.code: procedure for procedure in catalogue.procedures if procedure.interlinked}
    await number_procedures(tx, catalogue.stream, named)
    await tx.executemany(
        "UPDATE metrics.procedure SET name_vi = $3, name_en = $4 WHERE stream = $1 AND code = $2",
        [(catalogue.stream, code, one.name_vi, one.name_en) for code, one in named.items()],
    )
    await announce(tx, catalogue.stream)


async def units(tx: Connection, stream: str) -> Units:
    """The units of the stream as they stand now."""
    rows = await tx.fetch("SELECT agency_no, key, description::text FROM metrics.agency WHERE stream = $1", stream)
    agencies = [msgspec.json.decode(row["description"], type=Agency) for row in rows if row["description"] is not None]
    return Units(agencies, {row["key"]: row["agency_no"] for row in rows})


async def procedures(tx: Connection, stream: str) -> dict[int, tuple[str, dict[str, str]]]:
    """Interlinked procedures by number: code and names."""
    rows = await tx.fetch("SELECT procedure_no, code, name_vi, name_en FROM metrics.procedure WHERE stream = $1", stream)
    return {
        row["procedure_no"]: (row["code"], {"vi": row["name_vi"] or row["code"], "en": row["name_en"] or row["code"]})
        for row in rows
    }


async def edition(tx: Connection, stream: str) -> tuple[int, int]:
    """What `units` depends on: the catalogue's version and how many agencies have numbers."""
    row = await tx.fetchrow(
        "SELECT coalesce((SELECT catalogue FROM metrics.stream WHERE stream = $1), 0),"
        " (SELECT count(*) FROM metrics.agency WHERE stream = $1)",
        stream,
    )
    return row[0], row[1]
