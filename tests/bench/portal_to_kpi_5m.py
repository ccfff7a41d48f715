"""`portal_to_kpi_5m`: the same as `portal_to_kpi` with 5 million events in the inbox already, beside an empty one.

The events that are there were written by SQL, with codes of the same units as the ones that come, older ones, as in a province
that has run for years; their versions are counted in metrics too.
"""

from __future__ import annotations

from typing import Any

import asyncpg

from shared.database import Database
from tests.bench import _province
from tests.bench._rows import parts, row
from tests.bench.portal_to_kpi import AGENCIES, PROVINCE, journey, prepare, serving

THERE = 5_000_000


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The row `portal_to_kpi_5m`."""
    full, empty = [], []
    async with parts() as made:
        filled = await made.database("ingest", "metrics")
        await prepare(made, filled)
        await _fill(filled)
        for number in range(runs):
            # Codes that no run before has brought into the full one.
            with serving(made, seed=number + 1, province=str(int(PROVINCE) - number)) as portal:
                full.append(await journey(made, portal, filled, f"portal-{number}"))
                fresh = await made.database("ingest", "metrics")
                await prepare(made, fresh)
                empty.append(await journey(made, portal, fresh))
    return {"portal_to_kpi_5m": row(full, empty, "dossiers/s", "higher")}


async def _fill(url: str) -> None:
    connection = await asyncpg.connect(url, command_timeout=1200)
    await connection.execute(
        f"""
        INSERT INTO ingest.dossier (province, code, number, source, position, facts_digest, mapped, seen, history)
        SELECT '{PROVINCE}', '000.' || lpad((n % {AGENCIES})::text, 4, '0') || '.19.H{PROVINCE}-'
            || to_char(date '2012-01-01' + (n / 1500)::int, 'YYMMDD') || '-' || lpad((n % 1500)::text, 4, '0'),
            n, 'old', n, int8send(n), true, int8send(n), convert_to(rpad('', 160, md5(n::text)), 'UTF8')
        FROM generate_series(1, {THERE}::bigint) AS n
        """
    )
    await connection.execute(
        f"""
        INSERT INTO ingest.feed (province, position, number, facts)
        SELECT '{PROVINCE}', n, n, rpad('', 420, md5(n::text)) FROM generate_series(1, {THERE}::bigint) AS n
        """
    )
    await connection.execute("UPDATE ingest.province SET head = $2, numbers = $2 WHERE province = $1", PROVINCE, THERE)
    await connection.execute("VACUUM ANALYZE ingest.dossier")
    await connection.execute("VACUUM ANALYZE ingest.feed")
    await connection.close()
    database = Database(url, size=2)
    await _province.write(database, PROVINCE, THERE)
    await database.close()
    # What was written in minutes is on disk before anything is measured: a province's years are.
    connection = await asyncpg.connect(url, command_timeout=1200)
    await connection.execute("CHECKPOINT")
    await connection.close()
