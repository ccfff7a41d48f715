"""The version of a service's schema, as the migrations left it, beside the one that the code needs."""

from __future__ import annotations

from functools import cache

import asyncpg
import sqlalchemy as sa

from shared import tables
from shared.database import Connection
from shared.errors import Unavailable
from shared.languages import bilingual
from shared.settings import Service
from shared.statements import Statement


@cache
def _version(service: Service) -> Statement[str]:
    return Statement(sa.select(tables.schema_version(sa.MetaData(schema=service)).c.version_num), str)


async def check_version(connection: Connection, service: Service, revision: str) -> None:
    """Raise `Unavailable` unless the service's schema is at the revision that its code needs."""
    try:
        found = await _version(service).first(connection)
    except asyncpg.UndefinedTableError:
        found = None
    if found != revision:
        raise Unavailable(
            bilingual(
                "The schema {service} is at version {found}, the code needs {revision}. Run `python -m migrations {service}`.",
                "Lược đồ {service} ở phiên bản {found}, mã nguồn cần {revision}. Chạy `python -m migrations {service}`.",
                service=service,
                found=found,
                revision=revision,
            )
        )
