"""Answering questions about KPIs: figures with numerator, denominator and value, for a scope, its rows, and any period."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from services.metrics.completeness import Found, Kind, reasons
from services.metrics.kpis import BALANCE
from services.metrics.kpis.algebra import CounterRow, Formulas, Kpi, Text, added, value_of
from services.metrics.periods import Period
from services.metrics.questions import Question, around, scope_name
from services.metrics.store import catalogue, opening, streams, sums
from services.metrics.store.streams import Stream
from services.metrics.units import Group, Units
from shared.database import Connection
from shared.errors import Conflict, no_stream
from shared.heartbeat import Silence, silence

AT_ONCE = 16
"""Rows of a table that are made without a pause."""


class NotCountedYet(Conflict):
    """A position in the future."""

    type = "not-counted-yet"
    title = "The position is not counted yet"


@dataclass(frozen=True, slots=True)
class Moment:
    """At which state of knowledge a question is answered."""

    stream: Stream
    position: int
    """End of a batch; figures of the answer carry it."""
    at: datetime | None
    """When that batch was applied; None before the first."""
    is_current: bool
    silence: Silence | None
    """What is silent of the worker."""


async def moment(tx: Connection, question: Question) -> Moment:
    """The state of knowledge that the question asks for; raises `NotFound` for an unknown stream."""
    stream = await streams.stream(tx, question.stream)
    if stream is None:
        raise no_stream(question.stream)
    silent = await silence(tx, "metrics")
    if question.as_of is None:
        return Moment(stream, stream.position, stream.applied_at, True, silent)
    if isinstance(question.as_of, int):
        if question.as_of > stream.position:
            raise NotCountedYet(
                f"Stream {stream.stream} is counted up to {stream.position}. Ask for that or an earlier position."
            )
        position = await streams.batch_at(tx, stream.stream, question.as_of)
    else:
        position = await streams.batch_on(tx, stream.stream, question.as_of)
    return Moment(stream, position, await streams.applied_at(tx, stream.stream, position), position == stream.position, silent)


async def rows_of(tx: Connection, asked: sums.Asked, at: Moment) -> dict[int, CounterRow]:
    """The rows by group at a moment."""
    return await (sums.now(tx, asked) if at.is_current else sums.as_of(tx, asked, at.position))


async def answer(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None, *, written: bool = False
) -> dict[str, Any]:
    """The answer of `GET /v1/kpis`, and the stream's `generation` that it belongs to.

    Wants a transaction that sees one state (REPEATABLE READ). `written`: the figures of rows are JSON text already.
    """
    at = await moment(tx, question)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    formulas = formulas_of(question.kpis)
    columns = columns_of(question.kpis)
    table: list[dict[str, Any]] = []
    breaks: list[dict[str, Any]] = []
    by: sums.GroupedBy = "agency" if question.by == "agency" else "nothing"
    asked = sums.Asked(question.stream, sorted(scope.members), question.period, by, columns=columns)
    rows = await rows_of(tx, asked, at)
    total = added(rows.values())
    breaks += broken(None, total)
    if question.by == "agency":
        groups = units.rows(scope, question.level, question.period.since, question.period.until, question.structure_on)
        for place, group in enumerate(groups):
            if place % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)  # a table of hundreds of rows must not keep the answers of others waiting
            present = [rows[number] for number in group.members if number in rows]
            if not any(map(any, present)) and not units.is_expected(group, question.period.since, question.period.until):
                continue
            row = present[0] if len(present) == 1 else added(present)
            breaks += broken(group.key or "unmapped", row)
            name = scope_name(group, alone=question.level is None)
            table.append({**unit_of(group), "figures": _figures(formulas, row, question, at, name, written=written)})
    elif question.by == "procedure":
        names = await catalogue.procedures(tx, question.stream)
        found = await opening.by_procedure(tx, question.stream, sorted(scope.members), question.period, at.position)
        for code in sorted(found):
            breaks += broken(code, found[code])
            figures = _figures(formulas, found[code], question, at, scope_name(scope, alone=False), code)
            named = names.get(code, Text(code, code))
            table.append({"procedure": code, "name": {"vi": named.vi, "en": named.en}, "figures": figures})
    return {
        **head_of(question, scope, at),
        "total": {"figures": _figures(formulas, total, question, at, scope_name(scope, alone=False))},
        "rows": table,
        "balance": {"ok": not breaks, "breaks": breaks[:100]},
        "freshness": freshness(at.stream, at.silence),
        "generation": at.stream.generation,
    }


def head_of(question: Question, scope: Group, at: Moment) -> dict[str, Any]:
    """What was asked and at which state of knowledge it is answered."""
    return {
        "stream": question.stream,
        "position": at.position,
        "as_of": at.at,
        "period": period_of(question.period),
        "structure": "then" if question.structure_on is None else question.structure_on,
        "scope": unit_of(scope),
    }


def period_of(period: Period) -> dict[str, Any]:
    """A period as answers show it."""
    named = {"name": period.name} if period.name else {}
    return {"from": period.since, "to": period.until, "days": period.days, **named}


def unit_of(group: Group) -> dict[str, Any]:
    """A unit or group of units as answers show it."""
    return {"agency": group.key, "code": group.code, "name": group.name, "kind": group.kind}


@lru_cache(maxsize=256)
def formulas_of(kpis: tuple[Kpi, ...]) -> Formulas:
    """The compiled formulas of these KPIs."""
    return Formulas(kpis)


@lru_cache(maxsize=256)
def columns_of(kpis: tuple[Kpi, ...]) -> frozenset[sums.Column] | None:
    """The columns to read for these KPIs and for the balance; None: all of them."""
    wanted = formulas_of(kpis).columns | {(when, name) for side in BALANCE for _, when, name in side.terms}
    return None if len(wanted) > 80 else frozenset(wanted)


def _figures(
    formulas: Formulas,
    row: CounterRow,
    question: Question,
    at: Moment,
    scope: str,
    procedure: str | None = None,
    *,
    written: bool = False,
) -> Any:
    before, after = around(question.stream, at.position, scope, question.period, question.structure_on, procedure)
    if written:
        return orjson.Fragment(formulas.as_json(row, _escaped(before), _escaped(after)))
    return figures_of(formulas, row, before, after)


def _escaped(text: str) -> str:
    return orjson.dumps(text)[1:-1].decode()


def figures_of(formulas: Formulas, row: CounterRow, before: str, after: str) -> dict[str, dict[str, Any]]:
    """The figures of one row by KPI id; `before` and `after` stand around the rule in each figure's id."""
    figures = {}
    counts = iter(formulas.counts(row))
    for kpi, rule in zip(formulas.kpis, formulas.rules, strict=True):
        numerator, denominator = next(counts), next(counts)
        value = value_of(kpi, row, numerator, denominator)
        if kpi.percentile is not None:
            numerator = None  # it is no quotient
        figures[kpi.id] = {
            "numerator": numerator,
            "denominator": denominator,
            "value": value,
            "rule": rule,
            "figure": before + rule + after,
        }
    return figures


_LEFT, _RIGHT = BALANCE


def broken(where: str | None, row: CounterRow) -> list[dict[str, Any]]:
    """The balance of a row, when it does not hold: received + carried over = resolved + in process."""
    left, right = row.of(_LEFT), row.of(_RIGHT)
    if left == right:
        return []
    return [{"agency": where, "received_and_carried_over": left, "resolved_and_in_process": right}]


def freshness(stream: Stream, silence: Silence | None) -> dict[str, Any]:
    """How far the answer reaches, and everything that may be missing from it: complete means that there is no such reason.

    `silence`: what is silent of the worker. What is not known is None, never 0.
    """
    asked, lag = stream.ingest, stream.lag
    missing = list(stream.quality.get("missing", ()))
    quarantined = stream.quality.get("quarantined")
    found: dict[Kind, Found] = {
        "source_missing": (len(missing), min((one["since"] for one in missing if one["since"]), default=None))
    }
    if silence is not None:
        found["worker_silent"] = (len(silence.loops) or 1, silence.since)
    if stream.other_feed is not None:
        found["ingest_restored"] = (1, stream.other_feed[1])
    if not stream.ingest_known:
        found["ingest_unreachable"] = (1, asked and asked.asked_at)
    elif asked is not None and asked.worker_silent:
        found["ingest_worker_silent"] = (1, asked.worker_since)
    if lag:
        found["behind"] = (lag, (asked and asked.behind_since) or stream.applied_at)
    if quarantined is None:
        found["sources_unknown"] = (1, None)
    else:
        found["quarantined"] = (quarantined, None)
    return {
        "head": asked.head if asked and stream.other_feed else max(stream.head, stream.position, (asked and asked.head) or 0),
        "behind": lag,
        "applied_at": stream.applied_at,
        "quarantined": quarantined,
        "gap": stream.quality.get("gap"),
        "missing": missing,
        "complete": not (told := reasons(found)),
        "reasons": told,
    }
