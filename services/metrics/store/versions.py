"""Dossier versions: what was known of each dossier, from which position to which."""

from __future__ import annotations

from collections.abc import Iterable
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


async def stage(tx: Connection, stream: str, items: Iterable[FeedItem], agencies: dict[str | None, int]) -> None:
    """COPY the items into the session's `touched`; at most one item of each dossier, every key numbered already."""
    await tx.execute(
        "CREATE TEMP TABLE IF NOT EXISTS touched (sign integer, LIKE metrics.dossier_version) ON COMMIT DELETE ROWS"
    )
    await tx.copy_records_to_table(
        "touched",
        schema_name="pg_temp",
        columns=("sign", *VERSION_COLUMNS),
        records=[_record(stream, item, agencies) for item in items],
    )


async def stage_known(tx: Connection, stream: str, numbers: list[int]) -> None:
    """Stage the versions that the staged ones follow, with the opposite sign."""
    columns = ", ".join(VERSION_COLUMNS)
    await tx.execute(
        f"""
        INSERT INTO pg_temp.touched (sign, {columns})
        SELECT -1, known.* FROM unnest($2::bigint[]) AS touched (number) CROSS JOIN LATERAL (
            SELECT {columns} FROM metrics.dossier_version AS version
            WHERE version.stream = $1 AND version.number = touched.number ORDER BY position DESC LIMIT 1
        ) AS known
        """,
        stream,
        numbers,
    )


async def keep(tx: Connection) -> None:
    """Store the staged versions."""
    columns = ", ".join(VERSION_COLUMNS)
    await tx.execute(
        f"INSERT INTO metrics.dossier_version ({columns})"
        f" SELECT {columns} FROM pg_temp.touched WHERE sign = 1 ORDER BY position"
    )


async def count(tx: Connection, stream: str, position: int) -> None:
    """Add the difference between the staged versions and those that they follow to the counters and to the ledger."""
    await tx.execute(
        f"""
        WITH cell AS MATERIALIZED ({contributions("pg_temp.touched")}), booked AS (
            INSERT INTO metrics.ledger (stream, position, agency_no, day, {NAMES})
            SELECT $1, $2, * FROM cell
        ), monthly AS (
            {_ADD_MONTHS}
        )
        {_ADD_DAYS}
        """,
        stream,
        position,
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
        1,
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
