"""The catalogue of a stream: its agencies and procedures over time, its calendar, and the law they make together.

A change counts the catalogue's version up and plans a redating, so every dossier it touches gets a new version in the feed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from services.ingest import store
from services.ingest.dating import Law
from shared.agencies import Agency, Structure
from shared.contracts import Catalogue
from shared.database import Connection
from shared.errors import NotFound
from shared.procedures import Procedure, Procedures
from shared.workdays import STANDARD_HOURS, OfficeHours, build_calendar
from shared.workdays.calendar import Override, published_overrides

_decode_agency = msgspec.json.Decoder(Agency).decode
_decode_procedure = msgspec.json.Decoder(Procedure).decode
_encode = msgspec.json.Encoder().encode


class Laws:
    """The law of each stream as this process knows it, loaded anew when the catalogue's version has moved."""

    def __init__(self) -> None:
        """Nothing is loaded yet."""
        self._known: dict[str, Law] = {}

    async def of(self, connection: Connection, stream: str) -> Law:
        """The law at the newest catalogue version; raises `NotFound` when there is no such stream."""
        row = await store.stream_row(connection, stream)
        if row is None:
            raise NotFound(f"There is no stream {stream}. Connect a source for it first (PUT /v1/sources/<name>).")
        known = self._known.get(stream)
        if known is None or known.version != row.catalogue:
            known = self._known[stream] = await _load(connection, stream, row.catalogue)
        return known


async def _load(connection: Connection, stream: str, version: int) -> Law:
    policies = await store.policies(connection, stream)
    overrides = [
        *published_overrides(),
        *(
            Override(
                day=row["day"],
                state="worked" if row["worked"] else "off",
                legal_basis=row["legal_basis"],
                known_from=row["known_from"],
                province=row["stream"],
            )
            for row in await store.day_overrides(connection, stream)
        ),
    ]
    hours = policies.get("office_hours")
    return Law(
        version=version,
        structure=Structure([_decode_agency(row) for row in await store.catalogue_rows(connection, stream, "agencies")]),
        procedures=Procedures([_decode_procedure(row) for row in await store.catalogue_rows(connection, stream, "procedures")]),
        calendar=build_calendar(overrides, stream),
        hours=OfficeHours.parse(hours) if hours else STANDARD_HOURS,
    )


async def read(connection: Connection, stream: str) -> Catalogue:
    """All generations of the stream's agencies and procedures."""
    row = await store.stream_row(connection, stream)
    if row is None:
        raise NotFound(f"There is no stream {stream}. GET /v1/streams lists those there are.")
    return Catalogue(
        stream=stream,
        version=row.catalogue,
        agencies=[_decode_agency(body) for body in await store.catalogue_rows(connection, stream, "agencies")],
        procedures=[_decode_procedure(body) for body in await store.catalogue_rows(connection, stream, "procedures")],
    )


async def put_agencies(tx: Connection, stream: str, agencies: list[Agency]) -> int:
    """Replace the stream's agencies, plan the redating; returns the catalogue's new version.

    Raises `Invalid` when the structure contradicts itself (a parent that is missing, generations that overlap).
    """
    Structure(agencies)
    return await _put(tx, stream, "agencies", [(one.code, one.valid_from, _encode(one).decode()) for one in agencies])


async def put_procedures(tx: Connection, stream: str, procedures: list[Procedure]) -> int:
    """Replace the stream's procedures, plan the redating; returns the catalogue's new version."""
    Procedures(procedures)
    return await _put(tx, stream, "procedures", [(one.code, one.valid_from, _encode(one).decode()) for one in procedures])


async def put_days(tx: Connection, stream: str, days: list[tuple[date, bool, str, date]]) -> int:
    """Add days off and make-up days (day, worked, legal basis, known from) and plan the redating."""
    await store.ensure_stream(tx, stream)
    await store.lock_stream(tx, stream)
    await store.put_day_overrides(tx, stream, days)
    return await _changed(tx, stream, "calendar")


async def put_policies(tx: Connection, stream: str, policies: dict[str, Any]) -> int:
    """Replace the stream's policies (`office_hours`: e.g. "07:30-11:30 13:30-17:00") and plan the redating."""
    if policies.get("office_hours"):
        OfficeHours.parse(policies["office_hours"])
    await store.ensure_stream(tx, stream)
    await store.lock_stream(tx, stream)
    await store.set_policies(tx, stream, policies)
    return await _changed(tx, stream, "policies")


async def _put(tx: Connection, stream: str, kind: str, rows: list[tuple[str, date, str]]) -> int:
    await store.ensure_stream(tx, stream)
    await store.lock_stream(tx, stream)
    await store.replace_catalogue(tx, stream, kind, rows)
    return await _changed(tx, stream, kind)


async def _changed(tx: Connection, stream: str, reason: str) -> int:
    version = await store.new_catalogue(tx, stream)
    await store.plan_redating(tx, stream, reason, only_unmapped=False)
    return version
