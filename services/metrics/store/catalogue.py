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
    rows = await tx.fetch("SELECT key, agency_no FROM metrics.agency WHERE stream = $1 AND key = ANY($2)", stream, wanted)
    numbers: dict[str | None, int] = {None: UNMAPPED, **{row["key"]: row["agency_no"] for row in rows}}
    missing = [key for key in wanted if key not in numbers]
    if missing:
        rows = await tx.fetch(
            "INSERT INTO metrics.agency (stream, agency_no, key)"
            " SELECT $1, coalesce((SELECT max(agency_no) FROM metrics.agency WHERE stream = $1), 0) + place, key"
            " FROM unnest($2::text[]) WITH ORDINALITY AS new (key, place) RETURNING key, agency_no",
            stream,
            missing,
        )
        numbers.update({row["key"]: row["agency_no"] for row in rows})
    return numbers


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
    named = {procedure.code: procedure for procedure in catalogue.procedures}
    await tx.execute("DELETE FROM metrics.procedure WHERE stream = $1", catalogue.stream)
    await tx.executemany(
        "INSERT INTO metrics.procedure (stream, code, name_vi, name_en) VALUES ($1, $2, $3, $4)",
        [(catalogue.stream, code, one.name_vi, one.name_en) for code, one in named.items()],
    )
    await announce(tx, catalogue.stream)


async def units(tx: Connection, stream: str) -> Units:
    """The units of the stream as they stand now."""
    rows = await tx.fetch("SELECT agency_no, key, description::text FROM metrics.agency WHERE stream = $1", stream)
    agencies = [msgspec.json.decode(row["description"], type=Agency) for row in rows if row["description"] is not None]
    return Units(agencies, {row["key"]: row["agency_no"] for row in rows})


async def procedures(tx: Connection, stream: str) -> dict[str, dict[str, str]]:
    """Names of the procedures by code, of each code its latest generation."""
    rows = await tx.fetch("SELECT code, name_vi, name_en FROM metrics.procedure WHERE stream = $1", stream)
    return {row["code"]: {"vi": row["name_vi"], "en": row["name_en"]} for row in rows}


async def edition(tx: Connection, stream: str) -> tuple[int, int, int] | None:
    """What `units` depends on: how often the stream was begun anew, the catalogue's version, how many agencies have numbers.

    None: there is no such stream.
    """
    row = await tx.fetchrow(
        "SELECT resyncs, catalogue, (SELECT count(*) FROM metrics.agency WHERE stream = $1)"
        " FROM metrics.stream WHERE stream = $1",
        stream,
    )
    return None if row is None else (row[0], row[1], row[2])
