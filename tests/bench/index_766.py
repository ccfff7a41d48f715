"""`index_766`: all components of decision 766 of 300 agencies for a civil year, and what costs points, at 3 million dossiers.

Against the table of all KPIs of these agencies for 30 days, in turn on the same database.
"""

from __future__ import annotations

from typing import Any

from services.metrics.agencies import store as catalogue
from services.metrics.figures.query import KpiQuery
from services.metrics.indices import losses
from services.metrics.periods import named
from shared.database import Database
from tests.bench import _province as dossiers
from tests.bench._rows import parts, row
from tests.bench.kpi_table import DOSSIERS, asking, in_turn


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The row."""
    async with parts() as made:
        url = await made.database("metrics")
        database, readers = Database(url, size=2), Database(url, size=1, plans="once")  # as the service reads
        await dossiers.write(database, "30", DOSSIERS)
        async with readers.connection() as connection:
            units = await catalogue.units(connection, "30")
            query = KpiQuery("30", named(f"C{dossiers.UNTIL.year}", dossiers.UNTIL), by="agency")

            async def score() -> None:
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    found = (await losses.losses(connection, query, units, None)).response
                if len({row.agency for row in found.rows}) < dossiers.AGENCIES:
                    raise RuntimeError("not all agencies are scored")

            ours, table = await in_turn(runs, score, await asking(connection, "30"))
        await readers.close()
        await database.close()
    return {"index_766": row([1_000 * one for one in ours], [1_000 * one for one in table], "ms", "lower")}
