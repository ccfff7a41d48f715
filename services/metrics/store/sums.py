"""Sums of the counters: the rows that KPIs are computed from, now or as they were known at the end of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal

from services.metrics.kpis.algebra import COLUMNS, EMPTY, EVIDENCE, PLACE, When
from services.metrics.measures import BY_NAME, FLOWS, STOCKS
from services.metrics.periods import Cut, Period, cut
from shared.database import Connection, plan_anew

GroupedBy = Literal["agency", "nothing"]
Column = tuple[When, str]

_GROUP = {"agency": "agency_no", "nothing": "0"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What to add up: a stream, some agencies, a period."""

    stream: str
    agencies: Sequence[int]
    period: Period
    by: GroupedBy = "nothing"
    columns: frozenset[Column] | None = None
    """The only columns that will be read; None: all. The others are 0."""


async def now(tx: Connection, asked: Asked) -> dict[int, tuple[int, ...]]:
    """The rows by group number, as counted now; groups without anything are absent."""
    names = _wanted(asked.columns)
    ranges = _ranges(asked.period, names)
    return await _rows(tx, _statement(asked.by, names, *ranges.shape, None), [*_head(asked), *ranges.days], names, asked)


async def as_of(tx: Connection, asked: Asked, position: int) -> dict[int, tuple[int, ...]]:
    """The rows as they were at the end of the batch at `position`.

    Read from whichever piece of the ledger is shorter: what was booked up to then, or what was booked since, taken away again.
    """
    names = _wanted(asked.columns)
    head = await tx.fetchval("SELECT position FROM metrics.stream WHERE stream = $1", asked.stream) or 0
    if position >= head:
        return await now(tx, asked)
    await plan_anew(tx)  # whoever reads little of the ledger wants another plan than who reads much
    period = [asked.period.since, asked.period.until]
    early = position * 2 < head
    ranges = _Ranges((False, 0, False, 0), ()) if early else _ranges(asked.period, names)
    statement, days = _statement(asked.by, names, *ranges.shape, "upto" if early else "since"), ranges.days
    return await _rows(tx, statement, [*_head(asked), *days, *period, position], names, asked, known=position)


async def booked(tx: Connection, asked: Asked, after: int, upto: int) -> dict[int, tuple[int, ...]]:
    """What the batches after `after` up to `upto` added to the rows: the row of a restatement."""
    names = _wanted(asked.columns)
    await plan_anew(tx)
    statement = _statement(asked.by, names, False, 0, False, 0, "between")
    values = [*_head(asked), asked.period.since, asked.period.until, after, upto]
    return await _rows(tx, statement, values, names, asked, known=upto, after=after)


async def series(tx: Connection, asked: Asked, pieces: Sequence[Period], position: int | None) -> list[tuple[int, ...]]:
    """One row per piece of a period that `periods.steps` cut, now or as of a batch; stocks run on from piece to piece."""
    first = replace(asked, period=pieces[0], by="nothing")
    opening = (await (now(tx, first) if position is None else as_of(tx, first, position))).get(0, EMPTY)
    names = _wanted(asked.columns)
    if position is not None:
        await plan_anew(tx)
    taken_back = f"""
        UNION ALL SELECT day, {", ".join(f"-{name}" for name in names)} FROM metrics.ledger
        WHERE stream = $1 AND agency_no = ANY($2) AND day BETWEEN $4 AND $5 AND position > $6"""
    records = await tx.fetch(
        f"""
        SELECT width_bucket(day, $3::date[]) AS piece, {", ".join(f"coalesce(sum({name}), 0)::bigint" for name in names)}
        FROM (
            SELECT day, {", ".join(names)} FROM metrics.agency_day
            WHERE stream = $1 AND agency_no = ANY($2) AND day BETWEEN $4 AND $5
            {taken_back if position is not None else ""}
        ) AS counters GROUP BY 1
        """,
        asked.stream,
        list(asked.agencies),
        [piece.since for piece in pieces],
        pieces[0].since,
        pieces[-1].until,
        *(() if position is None else (position,)),
    )
    found = {record[0]: dict(zip(names, tuple(record)[1:], strict=True)) for record in records}
    standing = {name: opening[PLACE[When.start, name]] for name in STOCKS}
    entered = await _entered(tx, asked, position, pieces)
    answer = []
    for number, _ in enumerate(pieces, 1):
        counts, evidence = found.get(number, {}), entered.get(number, {})
        ending = {name: standing[name] + counts.get(name, 0) for name in STOCKS}
        answer.append(
            (
                *(counts.get(name, 0) for name in FLOWS),
                *standing.values(),
                *ending.values(),
                *(evidence.get(name, 0) for name in EVIDENCE),
            )
        )
        standing = ending
    return answer


@dataclass(frozen=True, slots=True)
class _Ranges:
    """Ranges of days and months that a statement reads: within the period, and before it when a stock is wanted."""

    shape: tuple[bool, int, bool, int]
    """Whether whole months are read, and how many ranges of single days; the same before the period."""
    days: tuple[date, ...]
    """Their bounds in turn."""


def _ranges(period: Period, names: Sequence[str]) -> _Ranges:
    within = cut(period.since, period.until)
    # Stocks add up everything before the period.
    before = cut(date(1900, 1, 1), period.since - timedelta(days=1)) if any(name in STOCKS for name in names) else Cut((), None)
    bounds = [bound for one in (within, before) for bound in (*one.days, *((one.months,) if one.months else ()))]
    return _Ranges(
        (bool(within.months), len(within.days), bool(before.months), len(before.days)),
        tuple(day for bound in bounds for day in bound),
    )


def _head(asked: Asked) -> list[Any]:
    return [asked.stream, list(asked.agencies)]


def _wanted(columns: frozenset[Column] | None) -> tuple[str, ...]:
    if columns is None:
        return (*FLOWS, *STOCKS)
    wanted = {name for when, name in columns if when is not When.entered}
    return tuple(name for name in (*FLOWS, *STOCKS) if name in wanted) or (STOCKS[0],)


@cache
def _statement(
    by: GroupedBy, names: tuple[str, ...], months: bool, days: int, months_before: bool, days_before: int, ledger: str | None
) -> str:
    """The statement; its parameters are the stream, the agencies, and the days of its ranges in turn.

    Parts: `w`, sums within the period; `p`, stocks before it; `l`, the same of a piece of the ledger. One statement, so that
    all parts belong to one moment.
    """
    group = _GROUP[by]
    stocks = [name for name in names if name in STOCKS]
    place = 3
    parts: dict[str, str] = {}

    def ranges(days: int, months: bool, wanted: Sequence[str]) -> str:
        nonlocal place
        pieces = []
        for table, column, there in [*(("agency_day", "day", True),) * days, ("agency_month", "month", months)]:
            if there:
                pieces.append(
                    f"SELECT {group} AS g, {', '.join(wanted)} FROM metrics.{table} WHERE stream = $1"
                    f" AND agency_no = ANY($2) AND {column} BETWEEN ${place}::date AND ${place + 1}::date"
                )
                place += 2
        return " UNION ALL ".join(pieces)

    if days or months:
        within = ranges(days, months, names or ("1 AS nothing",))
        parts["w"] = _grouped(within, [f"{_sum(name)} AS {name}" for name in names])
        before = ranges(days_before, months_before, stocks) if stocks else ""
        if before:
            parts["p"] = _grouped(before, [f"{_sum(name)} AS {name}" for name in stocks])
    if ledger:
        since, until, position = f"${place}", f"${place + 1}", f"${place + 2}"
        condition = {
            "upto": f"position <= {position}",
            "since": f"position > {position}",
            "between": f"position > {position} AND position <= ${place + 3}",
        }[ledger]
        source = (
            f"SELECT {group} AS g, day, {', '.join(names)} FROM metrics.ledger WHERE stream = $1"
            f" AND agency_no = ANY($2) AND day <= {until} AND {condition}"
        )
        sums = [f"{_sum(name, f'day >= {since}')} AS {name}" for name in names]
        sums += [f"{_sum(name, f'day < {since}')} AS before_{name}" for name in stocks]
        parts["l"] = _grouped(source, sums)
    sign = "-" if ledger == "since" else "+"
    outputs = ["g"]
    outputs += [_total(parts, f"w.{name}", f"l.{name}", sign) for name in names]
    outputs += [_total(parts, f"p.{name}", f"l.before_{name}", sign) for name in stocks]
    joined = " FULL JOIN ".join(
        f"({text}) AS {alias}" + (" USING (g)" if number else "") for number, (alias, text) in enumerate(parts.items())
    )
    return f"SELECT {', '.join(outputs)} FROM {joined}"


def _sum(name: str, condition: str = "") -> str:
    summed = f"sum({name})" + (f" FILTER (WHERE {condition})" if condition else "")
    # The sum of integers is a bigint; the sum of bigints a numeric, which costs more to read.
    return f"({summed})::bigint" if BY_NAME[name].wide else summed


def _grouped(source: str, sums: Sequence[str]) -> str:
    return f"SELECT g{''.join(', ' + one for one in sums)} FROM ({source}) AS counters GROUP BY g"


def _total(parts: dict[str, str], main: str, ledger: str, sign: str) -> str:
    sides = [f"coalesce({main}, 0)"] if main[0] in parts else ["0"]
    if "l" in parts:
        sides.append(f"coalesce({ledger}, 0)")
    return f" {sign} ".join(sides)


async def _rows(
    tx: Connection,
    statement: str,
    values: Sequence[Any],
    names: Sequence[str],
    asked: Asked,
    known: int | None = None,
    after: int = -1,
) -> dict[int, tuple[int, ...]]:
    flows = [name for name in names if name in FLOWS]
    stocks = [name for name in names if name in STOCKS]
    records = await tx.fetch(statement, *values)
    whole = len(flows) == len(FLOWS) and len(stocks) == len(STOCKS)
    first, last = 1 + len(flows), 1 + len(flows) + len(stocks)
    answer: dict[int, tuple[int, ...]] = {}
    nothing_entered = (0,) * len(EVIDENCE)
    for record in records:
        values_ = tuple(record)
        changes, starts = values_[first:last], values_[last:]
        if whole:
            ends = tuple(map(int.__add__, starts, changes))
            answer[values_[0]] = values_[1:first] + starts + ends + nothing_entered
            continue
        line = [0] * len(COLUMNS)
        for name, value in zip(flows, values_[1:first], strict=True):
            line[PLACE[When.flow, name]] = value
        for name, start, change in zip(stocks, starts, changes, strict=True):
            line[PLACE[When.start, name]] = start
            line[PLACE[When.end, name]] = start + change
        answer[values_[0]] = tuple(line)
    for group, counts in (await _entered(tx, asked, known, [asked.period], after)).items():
        line = list(answer.get(group, (0,) * len(COLUMNS)))
        for name, value in counts.items():
            line[PLACE[When.entered, name]] = value
        answer[group] = tuple(line)
    return answer


async def _entered(
    tx: Connection, asked: Asked, known: int | None, pieces: Sequence[Period], after: int = -1
) -> dict[int, dict[str, int]]:
    """Evidence by group, entered at positions after `after` up to `known` (None: now)."""
    if asked.columns is not None and not any(when is When.entered for when, _ in asked.columns):
        return {}
    pieces_apart = len(pieces) > 1
    group = "width_bucket(day, $5::date[])" if pieces_apart else "agency_no" if asked.by == "agency" else "0"
    rows: Iterable[Any] = await tx.fetch(
        f"SELECT {group} AS g, measure, sum(amount)::bigint AS amount FROM metrics.evidence WHERE stream = $1"
        " AND agency_no = ANY($2) AND day BETWEEN $3 AND $4 AND ($6::bigint IS NULL OR position <= $6) AND position > $7"
        " AND cardinality($5::date[]) > 0 GROUP BY 1, 2",
        asked.stream,
        list(asked.agencies),
        pieces[0].since,
        pieces[-1].until,
        [piece.since for piece in pieces],
        known,
        after,
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["g"], {})[row["measure"]] = row["amount"]
    return found
