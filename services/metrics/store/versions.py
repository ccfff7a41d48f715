"""Dossier versions: what was known of each dossier, from which position to which."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from asyncpg import Range

from services.metrics.store.contributions import ADDED, NAMES, contributions
from shared.contracts import FeedItem
from shared.database import Connection

NEVER = date.max
"""PostgreSQL's `infinity`, as asyncpg reads and writes it."""

VERSION_COLUMNS = (
    "stream", "number", "position", "received_on", "ended_on", "due_on", "late_from", "portal_late_from",
    "due_soon_1", "due_soon_3", "due_soon_5", "agency_no", "supplements", "spent_minutes", "limit_minutes",
    "channel", "outcome", "timeliness", "portal_timeliness", "interlinked", "digitisation_required", "digitised_intake",
    "digitised_result", "fee_required", "fee_online", "reused", "synced_late", "deleted", "code", "status", "procedure",
    "cause", "pauses",
)  # fmt: skip

_NO_DAYS = (NEVER, NEVER, NEVER)


async def keep(tx: Connection, stream: str, items: Iterable[FeedItem], agencies: dict[str | None, int]) -> None:
    """Store the items; at most one of each dossier, every key numbered already."""
    await tx.copy_records_to_table(
        "dossier_version",
        schema_name="metrics",
        columns=VERSION_COLUMNS,
        records=(_record(stream, item, agencies) for item in items),
    )


async def newest_number(tx: Connection, stream: str) -> int:
    """The highest number of a dossier that has versions; 0 when there is none."""
    found: int | None = await tx.fetchval(
        "SELECT number FROM metrics.dossier_version WHERE stream = $1 ORDER BY number DESC LIMIT 1", stream
    )
    return found or 0


# New dossiers have one version, and are read in one go; of the others each has its own two latest.
_TOUCHED = """(
    SELECT 1 AS sign, version.* FROM metrics.dossier_version AS version
    WHERE version.stream = $1 AND version.number BETWEEN $5 AND $6
    UNION ALL
    SELECT CASE WHEN version.position >= $3 THEN 1 ELSE -1 END AS sign, version.*
    FROM unnest($4::bigint[]) AS known (number) CROSS JOIN LATERAL (
        SELECT * FROM metrics.dossier_version AS one
        WHERE one.stream = $1 AND one.number = known.number ORDER BY position DESC LIMIT 2
    ) AS version
) AS touched"""


async def count(tx: Connection, stream: str, first: int, last: int, numbers: Collection[int], newest: int) -> None:
    """Add the difference between the versions of a batch and those that they follow to the counters and to the ledger.

    `numbers` are the dossiers of the batch, of which `keep` has stored one version each; those above `newest` had none before.
    """
    await tx.execute(
        f"""
        WITH cell AS MATERIALIZED ({contributions(_TOUCHED)}), booked AS (
            INSERT INTO metrics.ledger (stream, position, agency_no, day, {NAMES})
            SELECT $1, $2, * FROM cell
        ), monthly AS (
            {_ADD_MONTHS}
        )
        {_ADD_DAYS}
        """,
        stream,
        last,
        first,
        sorted(number for number in numbers if number <= newest),
        newest + 1,
        max(numbers),
    )


def _added(table: str, column: str, source: str) -> str:
    return f"""
        INSERT INTO metrics.{table} AS counter (stream, agency_no, {column}, {NAMES})
        {source}
        ON CONFLICT (stream, agency_no, {column}) DO UPDATE SET {ADDED}
    """


_ADD_MONTHS = _added(
    "agency_month",
    "month",
    "SELECT $1, agency_no, date_trunc('month', day)::date AS month, "
    + ", ".join(f"coalesce(sum({name}), 0)" for name in NAMES.split(", "))
    + " FROM cell GROUP BY agency_no, month ORDER BY agency_no, month",
)
_ADD_DAYS = _added(
    "agency_day",
    "day",
    "SELECT $1, agency_no, day, "
    + ", ".join(f"coalesce({name}, 0)" for name in NAMES.split(", "))
    + " FROM cell ORDER BY agency_no, day",
)


def _record(stream: str, item: FeedItem, agencies: dict[str | None, int]) -> tuple[Any, ...]:
    facts = item.facts
    soon = facts.due_soon or _NO_DAYS
    pauses = facts.suspensions
    return (
        stream,
        item.number,
        item.position,
        facts.received_on,
        facts.ended_on or NEVER,
        facts.due_on,
        facts.late_from or NEVER,
        facts.portal_late_from or NEVER,
        soon[0],
        soon[1],
        soon[2],
        agencies[facts.agency],
        facts.supplements,
        facts.spent_minutes,
        facts.limit_minutes,
        facts.channel,
        facts.outcome,
        facts.timeliness,
        facts.portal_timeliness,
        facts.interlinked,
        facts.digitisation_required,
        facts.digitised_intake,
        facts.digitised_result,
        facts.fee_required,
        facts.fee_online,
        facts.reused,
        facts.synced_late,
        facts.deleted,
        facts.code,
        facts.status,
        facts.procedure,
        facts.cause,
        [Range(since, until or NEVER) for since, until in pauses] if pauses else None,
    )
