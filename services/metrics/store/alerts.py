"""Thresholds that are watched, and when they were crossed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.metrics.store.streams import announce
from shared.database import Connection

Kind = Literal["kpi", "silence", "incomplete"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is watched: a KPI of a scope over the last days, a stream that falls silent, or why answers are not complete."""

    id: int
    stream: str
    name: str
    kind: Kind
    kpi: str | None
    scope: tuple[str, ...]
    each_agency: bool
    days: int
    above: float | None
    """Open when the value is above; of a silence the hours without a new position."""
    below: float | None
    minimum: int
    """A rate over a smaller base opens nothing."""
    reason: str | None = None
    """Kind `incomplete`: the reason."""


_RULE = "id, stream, name, kind, kpi, scope, each_agency, days, above, below, minimum, reason"


async def add_rule(tx: Connection, rule: Rule, by: str) -> int:
    """Store a rule; its `id` is given here."""
    number: int = await tx.fetchval(
        "INSERT INTO metrics.alert_rule (stream, name, kind, kpi, scope, each_agency, days, above, below, minimum, made_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
        rule.stream,
        rule.name,
        rule.kind,
        rule.kpi,
        list(rule.scope),
        rule.each_agency,
        rule.days,
        rule.above,
        rule.below,
        rule.minimum,
        by,
    )
    return number


async def rules(tx: Connection, stream: str | None = None, *, ended: bool = False) -> list[Rule]:
    """The rules in force; with `ended` also those that are no longer."""
    rows = await tx.fetch(
        f"SELECT {_RULE} FROM metrics.alert_rule WHERE (ended_at IS NULL OR $2) AND ($1::text IS NULL OR stream = $1)"
        " ORDER BY id",
        stream,
        ended,
    )
    return [Rule(**{**dict(row), "scope": tuple(row["scope"])}) for row in rows]


async def reason_rules(tx: Connection, stream: str, names: Mapping[Any, str]) -> dict[str, Rule]:
    """The rules of the reasons why a stream's answers are not complete, by reason; `names` are those that there should be.

    They are made by themselves; one that somebody ended stays ended.
    """
    await tx.execute(
        "INSERT INTO metrics.alert_rule (stream, name, kind, reason, made_by)"
        " SELECT $1, name, 'incomplete', reason, 'motcua' FROM unnest($2::text[], $3::text[]) AS new (reason, name)"
        " ON CONFLICT (stream, reason) DO NOTHING",
        stream,
        list(names),
        list(names.values()),
    )
    return {rule.reason: rule for rule in await rules(tx, stream) if rule.reason is not None}


async def end_rule(tx: Connection, stream: str, number: int) -> bool:
    """Watch no longer; open alerts of the rule close. False when there is no such rule."""
    status = await tx.execute(
        "UPDATE metrics.alert_rule SET ended_at = now() WHERE id = $1 AND stream = $2 AND ended_at IS NULL", number, stream
    )
    if status != "UPDATE 1":
        return False
    await tx.execute("UPDATE metrics.alert SET closed_at = now() WHERE rule = $1 AND closed_at IS NULL", number)
    await announce(tx, stream)
    return True


async def settle(
    tx: Connection, rule: Rule, crossed: dict[str | None, float | None], position: int, now: datetime
) -> tuple[int, int]:
    """Open alerts for what newly crossed the rule's threshold, close those that no longer do; how many of each."""
    open_ = {
        row["agency"]: row["id"]
        for row in await tx.fetch("SELECT id, agency FROM metrics.alert WHERE rule = $1 AND closed_at IS NULL", rule.id)
    }
    opened = [agency for agency in crossed if agency not in open_]
    closed = [number for agency, number in open_.items() if agency not in crossed]
    for agency in opened:
        await tx.execute(
            "INSERT INTO metrics.alert (rule, stream, agency, value, position, opened_at) VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT DO NOTHING",
            rule.id,
            rule.stream,
            agency,
            crossed[agency],
            position,
            now,
        )
    if closed:
        await tx.execute("UPDATE metrics.alert SET closed_at = $2 WHERE id = ANY($1)", closed, now)
    if opened or closed:
        await announce(tx, rule.stream)
    return len(opened), len(closed)


async def alerts(
    tx: Connection, stream: str, *, only_open: bool, after: int, limit: int, within: tuple[list[str], list[int]] | None = None
) -> list[dict[str, Any]]:
    """Alerts, newest first, with their rule's name; `after` is the last id of the page before, or 0.

    `within`: only those of these agencies (unit keys), and those of a whole scope of these rules.
    """
    agencies, rules = within or (None, None)
    rows = await tx.fetch(
        "SELECT alert.id, rule, rule.name, rule.kpi, rule.reason, alert.agency, value, position, opened_at, closed_at"
        " FROM metrics.alert JOIN metrics.alert_rule AS rule ON rule.id = alert.rule"
        " WHERE alert.stream = $1 AND ($2 IS FALSE OR closed_at IS NULL) AND ($3::bigint = 0 OR alert.id < $3)"
        " AND ($5::text[] IS NULL OR alert.agency = ANY($5) OR (alert.agency IS NULL AND rule = ANY($6::bigint[])))"
        " ORDER BY alert.id DESC LIMIT $4",
        stream,
        only_open,
        after,
        limit,
        agencies,
        rules,
    )
    return [dict(row) for row in rows]


async def open_counts(tx: Connection) -> dict[str, int]:
    """How many alerts are open, by stream."""
    rows = await tx.fetch("SELECT stream, count(*) AS open FROM metrics.alert WHERE closed_at IS NULL GROUP BY stream")
    return {row["stream"]: row["open"] for row in rows}


async def newest(tx: Connection) -> dict[str, int]:
    """A number per stream that moves whenever an alert opens or closes."""
    rows = await tx.fetch("SELECT stream, max(id) + count(closed_at) AS moved FROM metrics.alert GROUP BY stream")
    return {row["stream"]: row["moved"] for row in rows}
