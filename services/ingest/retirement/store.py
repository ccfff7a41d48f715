"""Retired sources, whether a source or a province is empty, and deleting what is."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from services.ingest.catalogue import tables as catalogue
from services.ingest.dossiers.tables import dossier
from services.ingest.imports.tables import import_
from services.ingest.previews.tables import preview
from services.ingest.provinces.tables import province as province_table
from services.ingest.pulls.tables import pull
from services.ingest.quarantine.tables import quarantine
from services.ingest.reconciliation.tables import reconciliation
from services.ingest.sources.tables import source
from shared.database import Connection
from shared.leases import NOW
from shared.statements import Statement, parameter

_NAME = parameter("name", sa.Text)
_PROVINCE = parameter("province", sa.Text)

_WHO, _WHY = parameter("who", sa.Text), parameter("why", sa.Text)

_RETIRE = (
    sa.update(source)
    .where(source.c.retired_at.is_(None))
    .values(retired_at=NOW, retired_by=_WHO, retired_for=_WHY, enabled=False, lease_until=sa.null(), lease_by=sa.null())
)
_RETIRE_ONE = Statement[None](_RETIRE.where(source.c.name == _NAME))
_RETIRE_ALL = Statement[None](_RETIRE.where(source.c.province == _PROVINCE))


async def retire_source(tx: Connection, name: str, *, who: str, why: str, now: datetime) -> None:
    """Nothing is expected of the source any more; one that is retired stays so as it was."""
    await _RETIRE_ONE.run(tx, name=name, who=who, why=why, now=now)


async def retire_sources(tx: Connection, province: str, *, who: str, why: str, now: datetime) -> None:
    """The same for every source of a province."""
    await _RETIRE_ALL.run(tx, province=province, who=who, why=why, now=now)


_DISMISSED = {"dismissed_at": NOW, "dismissed_by": _WHO, "dismissed_for": _WHY}
_DISMISS = Statement[None](
    sa.update(source)
    .where(source.c.name == _NAME, source.c.retired_at.is_not(None))
    .values(_DISMISSED | {"dismissed_reading": parameter("reading", sa.BigInteger)})
)
_TAKE_BACK = Statement[None](
    sa.update(source).where(source.c.name == _NAME).values(dict.fromkeys((*_DISMISSED, "dismissed_reading"), sa.null()))
)


async def dismiss_source(tx: Connection, name: str, reading: int, *, who: str, why: str, now: datetime) -> bool:
    """What nobody proved of the source is no longer awaited, as far as records are read by `reading`; False: it is in use."""
    return await _DISMISS.run(tx, name=name, reading=reading, who=who, why=why, now=now) == 1


async def take_back_dismissal(tx: Connection, name: str) -> None:
    """It is awaited again."""
    await _TAKE_BACK.run(tx, name=name)


_TAKEN = Statement(
    sa.select(
        sa.or_(
            sa.exists().where(pull.c.source == _NAME, pull.c.accepted + pull.c.known + pull.c.superseded > 0),
            sa.exists().where(import_.c.source == _NAME, import_.c.accepted + import_.c.known + import_.c.superseded > 0),
            sa.exists().where(dossier.c.source == _NAME),
        )
    ),
    bool,
)


async def has_dossiers(connection: Connection, name: str) -> bool:
    """Whether anything of the source was ever taken in."""
    return await _TAKEN.one(connection, name=name)


_OF_SOURCE = [
    Statement[None](sa.delete(table).where(table.c.source == _NAME)) for table in (reconciliation, quarantine, import_, pull)
]
_DELETE_SOURCE = Statement[None](sa.delete(source).where(source.c.name == _NAME))


async def delete_source(tx: Connection, name: str) -> None:
    """Delete a source with its pulls, its records in quarantine and all else that speaks of it."""
    for statement in (*_OF_SOURCE, _DELETE_SOURCE):
        await statement.run(tx, name=name)


_OF_PROVINCE = [
    Statement[None](sa.delete(table).where(table.c.province == _PROVINCE))
    for table in (
        *(preview, quarantine, catalogue.agency, catalogue.procedure, catalogue.day_override),
        *(catalogue.redating, catalogue.catalogue_part, catalogue.ruleset, province_table),
    )
]


async def delete_province(tx: Connection, province: str) -> None:
    """Delete a province with its catalogue."""
    for statement in _OF_PROVINCE:
        await statement.run(tx, province=province)
