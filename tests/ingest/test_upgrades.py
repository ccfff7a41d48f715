"""What earlier releases stored is mended once, by the migrations of the release that needs it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import asyncpg
from alembic import command

from deploy.local.postgres import PostgreSQL
from migrations.upgrade import config_of, upgrade
from services.ingest.catalogue.rulesets import load_ruleset
from services.ingest.catalogue.service import renew
from shared.database import Database
from shared.workdays import policies
from tests.conftest import url_of

DOSSIER = (
    "INSERT INTO ingest.dossier (province, code, number, source, position, facts_digest, mapped, seen, history)"
    " VALUES ($1, 'H30-1', 1, 's', 1, '', $2, '', '')"
)


def clock(*versions: str) -> str:
    own = [{"version": one, "valid_from": f"202{year}-01-01"} for year, one in enumerate(versions)]
    return json.dumps({"office_hours": None, "clock": own} if own else {})


async def test_provinces_of_earlier_releases_are_mended_once(postgres: PostgreSQL) -> None:
    taken = policies()[-1].version
    admin = await asyncpg.connect(postgres.url("postgres"))
    await admin.execute("CREATE DATABASE earlier_ingest")
    await admin.close()
    url = postgres.url("earlier_ingest")
    await asyncio.to_thread(command.upgrade, config_of("ingest", url), "ingest_0034")
    owner = await asyncpg.connect(url)

    async def province(name: str, own: Sequence[str], *, mapped: bool) -> None:
        await owner.execute(
            "INSERT INTO ingest.province (province, head, numbers, catalogue, policies) VALUES ($1, 1, 1, 1, $2)",
            name,
            clock(*own),
        )
        await owner.execute(
            "INSERT INTO ingest.catalogue_part (province, part, version, body) VALUES ($1, 'policies', 1, $2)",
            name,
            clock(*own),
        )
        await owner.execute(
            "INSERT INTO ingest.ruleset (province, catalogue, after_position, reason, calendar, rules)"
            " VALUES ($1, 1, 1, 'policies', 'vn', $2)",
            name,
            [taken],
        )
        await owner.execute(DOSSIER, name, mapped)

    await province("30", ["bac-ninh@1", taken], mapped=False)
    await province("31", ["own@1"], mapped=True)
    await province("33", [], mapped=False)
    await owner.execute("INSERT INTO ingest.unmapped_code VALUES ('33', 1, 'agency', '99', 's', '2023-06-15')")
    # A file that failed kept its first rows, and nothing told it any more.
    await owner.execute(
        "INSERT INTO ingest.source (name, province, kind, settings, every_seconds) VALUES ('lists', '31', 'files', '{}', 60)"
    )
    for state, rows in (("failed", 7), ("failed", 0), ("complete", 7)):
        await owner.execute(
            "INSERT INTO ingest.import (source, province, state, row_count, accepted, last_error, lines)"
            " VALUES ('lists', '31', $1, $2, $2, 'It cannot be read.', $2)",
            state,
            rows,
        )
    await asyncio.to_thread(upgrade, "ingest", url)

    # By which reading its rows were read is not known: somebody says that they were sent again.
    assert await owner.fetchval("SELECT read_by FROM ingest.source WHERE name = 'lists'") == 0
    imports = await owner.fetch("SELECT state, last_error FROM ingest.import ORDER BY id")
    assert [row["state"] for row in imports] == ["interrupted", "failed", "complete"]
    assert "7 rows are kept: send the file again with resume=1" in imports[0]["last_error"]
    # Where no code is stored, and there only.
    plans = await owner.fetch("SELECT province, reason, only_unmapped, upto FROM ingest.redating WHERE only_unmapped")
    assert [tuple(row) for row in plans] == [("30", "release", True, 1)]
    # What decision 766 counts is told of none of them yet.
    plans = await owner.fetch("SELECT province, upto FROM ingest.redating WHERE NOT only_unmapped ORDER BY province")
    assert [tuple(row) for row in plans] == [("30", 1), ("31", 1), ("33", 1)]
    for read in ("SELECT policies FROM ingest.province", "SELECT body FROM ingest.catalogue_part"):
        stored = {json.loads(row[0]).get("clock", [{}])[-1].get("version") for row in await owner.fetch(read)}
        assert stored == {f"own-{taken}", "own@1", None}
    await owner.close()

    database = Database(url_of("ingest", url), size=1)
    async with database.transaction() as tx:
        ruleset = await load_ruleset(tx, "30", 1)
        assert [one.version for one in ruleset.policies][-1] == f"own-{taken}"
        await renew(tx, "30")
        reasons = await tx.fetch("SELECT only_unmapped FROM ingest.redating WHERE province = '30' ORDER BY id")
    await database.close()
    # By the other name all of its dossiers are dated anew.
    assert [row["only_unmapped"] for row in reasons] == [True, False, False]
