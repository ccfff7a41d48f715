"""A province's year to measure with: versions written by SQL, counters rebuilt from them, then a day that is counted live."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from services.metrics.agencies import store as catalogue
from services.metrics.consistency import store as checks
from services.metrics.counting import service as rollup
from services.metrics.provinces.store import batches
from shared.agencies import Agency, AgencyKind
from shared.contracts.feed import Catalogue, FeedItem
from shared.database import Connection, Database
from shared.dossier import Channel, Facts, Outcome, Status, Timeliness

FIRST = date(2024, 1, 1)
DAYS = 400
AGENCIES = 300
UNTIL = FIRST + timedelta(days=DAYS - 1)
SINCE = UNTIL - timedelta(days=29)
"""The last 30 days are what is asked for."""


def unit(number: int) -> Agency:
    """One of the province's agencies; numbers from 1."""
    return Agency(f"A{number:03}", f"Đơn vị {number:03}", f"Unit {number:03}", AgencyKind.commune, FIRST)


WRITE = """
INSERT INTO metrics.dossier_version (
    province, number, position, received_on, ended_on, due_on, late_from, portal_late_from, due_soon_1, due_soon_3, due_soon_5,
    agency_no, supplements, spent_minutes, limit_minutes, channel, outcome, timeliness, portal_timeliness, interlinked,
    digitisation_required, digitised_intake, digitised_result, fee_required, fee_online, reused, synced_late, deleted,
    code, status, procedure, cause, index_due_on, index_ended_on, index_late, from_storage, account_verified
)
SELECT $1, n, n, received, ended, due, due + 1, due + 1 + (n % 3 = 0)::int, due - 1, due - 4, due - 6,
    1 + (n * 7919) % $5, (n % 11 = 0)::int,
    CASE WHEN ended < 'infinity' THEN 480 * (ended - received) END, 480 * (due - received),
    (ARRAY['online', 'online', 'online', 'counter', 'post'])[1 + n % 5]::metrics.channel,
    CASE WHEN ended < 'infinity' THEN CASE WHEN n % 97 = 0 THEN 'returned' ELSE 'resolved' END END::metrics.outcome,
    CASE WHEN ended < due THEN 'early' WHEN ended = due THEN 'on_time' WHEN ended < 'infinity' THEN 'overdue'
    END::metrics.timeliness,
    CASE WHEN ended <= due THEN 'early' WHEN ended < 'infinity' THEN 'overdue' END::metrics.timeliness,
    n % 12 = 0, n % 5 <> 0, n % 5 IN (1, 2), n % 7 <> 0, n % 3 = 0, n % 6 = 0, n % 9 = 0, n % 31 = 0, false,
    '000.00.19.H23-' || n, CASE WHEN ended < 'infinity' THEN 'resolved' ELSE 'processing' END, '1.' || n % 60,
    CASE WHEN n % 4 = 0 THEN 'staff' ELSE 'days_off_counted' END,
    due, ended, ended < 'infinity' AND ended > due, n % 13 = 0, n % 2 = 0
FROM (
    SELECT n, received, received + 2 + (n * 31 % 13)::int AS due,
        CASE WHEN n % 50 = 0 OR received + (n * 17 % 11)::int > $6::date THEN 'infinity'::date
             ELSE received + (n * 17 % 11)::int END AS ended
    FROM (SELECT n, $4::date + ((n - 1) * $7::bigint / $8::bigint)::int AS received
          FROM generate_series($2::bigint, $3::bigint) AS n) AS day
) AS life
"""

_INDEXES = ("dossier_version_number", "dossier_version_agency", "dossier_version_interlinked")


async def write(database: Database, province: str, dossiers: int, *, bulk: bool = True) -> None:
    """A province of `dossiers` spread over the agencies and days, one version each, with its counters and ledger."""

    async def work(tx: Connection) -> None:
        await rollup.apply(tx, province, [], 0)
        known = Catalogue(province, 1, [unit(number) for number in range(1, AGENCIES + 1)], [])
        await catalogue.take_catalogue(tx, known)
        definitions: list[Any] = []
        if bulk:
            definitions = await tx.fetch(
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'metrics' AND indexname = ANY($1)",
                list(_INDEXES),
            )
            for row in definitions:
                await tx.execute(f"DROP INDEX metrics.{row['indexname']}")
        await write_versions(tx, province, 1, dossiers, dossiers)
        await tx.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for row in definitions:
            await tx.execute(row["indexdef"])
        await tx.execute(
            "UPDATE metrics.province SET position = $2, head = $2, applied_at = now() WHERE province = $1", province, dossiers
        )
        await batches.record_batch(tx, province, dossiers, dossiers)
        await recount(tx, province, dossiers)

    await database.run(work, attempts=1)
    async with database.connection() as connection:
        for table in ("dossier_version", "agency_day", "agency_month", "ledger"):
            await connection.execute(f"VACUUM ANALYZE metrics.{table}")


async def write_versions(tx: Connection, province: str, first: int, last: int, dossiers: int) -> None:
    """The versions of the dossiers from `first` to `last` of a year with `dossiers`, in pieces that no time-out cuts."""
    for start in range(first, last + 1, 250_000):
        await tx.execute(WRITE, province, start, min(last, start + 249_999), FIRST, AGENCIES, UNTIL, DAYS, dossiers)


async def recount(tx: Connection, province: str, position: int) -> None:
    """Counters rebuilt from the versions, and a ledger that begins with all of them."""
    await checks.rebuild(tx, province)
    await tx.execute("DELETE FROM metrics.ledger WHERE province = $1", province)
    names = [
        row[0]
        for row in await tx.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'metrics' AND table_name = 'agency_day'"
        )
    ]
    listed = ", ".join(names)
    await tx.execute(
        f"INSERT INTO metrics.ledger (position, {listed})"
        f" SELECT $2::bigint, {listed} FROM metrics.agency_day WHERE province = $1",
        province,
        position,
    )


def changes(source: random.Random, first: int, versions: int, dossiers: int) -> list[FeedItem]:
    """A day's news: dossiers of the last weeks that end or move, and new ones."""
    items = []
    for position in range(first, first + versions):
        number = source.randint(max(1, dossiers - 300_000), dossiers) if source.random() < 0.8 else position
        received = UNTIL - timedelta(days=source.randrange(40))
        ended = received + timedelta(days=source.randrange(9)) if source.random() < 0.8 else None
        due = received + timedelta(days=5)
        timeliness = None
        if ended is not None:
            timeliness = Timeliness.early if ended < due else Timeliness.on_time if ended == due else Timeliness.overdue
        facts = Facts(
            code=f"000.00.19.H23-{number}",
            status=Status.resolved if ended else Status.processing,
            agency=unit(source.randint(1, AGENCIES)).key,
            procedure="1.7",
            channel=source.choice(list(Channel)),
            received_on=received,
            due_on=due,
            late_from=due + timedelta(days=1),
            portal_late_from=due + timedelta(days=1),
            due_soon=(due - timedelta(days=1), due - timedelta(days=3), due - timedelta(days=7)),
            ended_on=ended,
            outcome=Outcome.resolved if ended else None,
            timeliness=timeliness,
            spent_minutes=960 if ended else None,
            limit_minutes=2_400,
            index_judged=True,
            index_due_on=due,
            index_ended_on=ended,
            index_late=ended is not None and ended > due,
            from_storage=False,
            account_verified=True,
        )
        items.append(FeedItem(position, number, facts))
    return items


async def count_changes(database: Database, province: str, items: Sequence[FeedItem], at_once: int) -> None:
    """Count items in batches, as the worker does."""
    for start in range(0, len(items), at_once):
        piece = items[start : start + at_once]

        async def work(tx: Connection, piece: Sequence[FeedItem] = piece) -> None:
            await rollup.apply(tx, province, piece, piece[-1].position)

        await database.run(work)
