"""Figures beside others: as a series, against another period, ranked, and restated between two positions."""

from __future__ import annotations

from typing import Any

from services.metrics import figures
from services.metrics.figures import Moment, columns_of, figures_of, formulas_of, head_of, moment, period_of, unit_of
from services.metrics.kpis import BY_ID
from services.metrics.kpis.algebra import Kpi, added, value_of
from services.metrics.periods import Against, Period, Step, before, steps
from services.metrics.questions import Question, around, scope_name
from services.metrics.store import opening, streams, sums
from services.metrics.units import Group, Units
from shared.database import Connection
from shared.errors import Invalid, NotFound

LONGEST_SERIES = 800
"""Pieces of a series at most."""

Answer = dict[str, Any]


async def series(tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None, step: Step) -> Answer:
    """KPIs of a scope, piece by piece of its period; stocks are those at the end of each piece."""
    pieces = list(steps(question.period, step))
    if len(pieces) > LONGEST_SERIES:
        raise Invalid(f"That makes {len(pieces)} pieces; a series has at most {LONGEST_SERIES}. Take a longer step.")
    at = await moment(tx, question)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    formulas = formulas_of(question.kpis)
    asked = sums.Asked(question.stream, sorted(scope.members), question.period, columns=columns_of(question.kpis))
    rows = await sums.series(tx, asked, pieces, None if at.is_current else at.position)
    name = scope_name(scope, alone=False)
    return {
        **head_of(question, scope, at),
        "step": step,
        "points": [
            {
                "period": period_of(piece),
                "figures": figures_of(
                    formulas, row, *around(question.stream, at.position, name, piece, question.structure_on, None)
                ),
            }
            for piece, row in zip(pieces, rows, strict=True)
        ],
        "freshness": figures.freshness(at.stream, at.silence),
        "generation": at.stream.generation,
    }


async def comparison(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None, against: Against
) -> Answer:
    """KPIs of a scope and its agencies in two periods, and how they differ.

    Agencies are compared like for like: both periods by the structure of the later one's last day, unless a day is named.
    """
    earlier = before(question.period, against)
    structure_on = question.structure_on
    if question.by == "agency" and structure_on is None:
        structure_on = question.period.until
    asked = Question(
        question.stream,
        question.period,
        question.scope,
        question.by,
        question.kpis,
        question.as_of,
        structure_on,
        question.level,
    )
    now = await figures.answer(tx, asked, units, permitted)
    then = await figures.answer(tx, asked.over(earlier), units, permitted)
    earlier_rows = {row.get("agency") or row.get("procedure"): row for row in then["rows"]}
    rows = []
    for row in now["rows"]:
        name = row.get("agency") or row.get("procedure")
        other = earlier_rows.get(name)
        rows.append({**row, "figures": _compared(question.kpis, row["figures"], other["figures"] if other else None)})
    moved = structure_on is not None and any(
        old != new for old, new in units.structure.successions(structure_on).items() if _lived(units, old, earlier)
    )
    return {
        **{name: value for name, value in now.items() if name not in ("total", "rows")},
        "against": {"kind": against, "period": then["period"]},
        "structure": "then" if structure_on is None else structure_on,
        "like_for_like": moved,
        "total": {"figures": _compared(question.kpis, now["total"]["figures"], then["total"]["figures"])},
        "rows": rows,
        "balance": {
            "ok": now["balance"]["ok"] and then["balance"]["ok"],
            "breaks": now["balance"]["breaks"] + then["balance"]["breaks"],
        },
    }


def _lived(units: Units, key: str, period: Period) -> bool:
    unit = units.structure[key]
    return unit.valid_from <= period.until and (unit.valid_to is None or unit.valid_to > period.since)


def _compared(kpis: tuple[Kpi, ...], now: Answer, then: Answer | None) -> Answer:
    return {
        kpi.id: {
            **now[kpi.id],
            "before": then[kpi.id] if then else None,
            "difference": difference(kpi, now[kpi.id]["value"], then[kpi.id]["value"] if then else None),
        }
        for kpi in kpis
    }


def difference(kpi: Kpi, now: float | None, then: float | None) -> Answer | None:
    """How a value moved: a share in percentage points, anything else absolutely and in per cent; None where one lacks."""
    if now is None or then is None:
        return None
    if kpi.unit == "share":
        return {"value": (now - then) * 100, "unit": "points"}
    return {"value": now - then, "unit": kpi.unit, "per_cent": (now - then) / then * 100 if then else None}


async def ranking(tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None, minimum: int) -> Answer:
    """The agencies of a scope in the order of one KPI, the better first; equals share a place, and the next one is left out.

    Whoever has a base (the denominator; of a count, what was to be handled) below `minimum` has no place, and is told apart.
    """
    (kpi,) = question.kpis
    if kpi.better is None:
        raise Invalid(
            f"{kpi.id} has no better direction, so nobody can be ranked by it. Choose one that has (see the catalogue)."
        )
    volume = BY_ID["to_handle"]
    asked = Question(
        question.stream, question.period, question.scope, "agency", (kpi, volume), question.as_of, question.structure_on,
        question.level,
    )  # fmt: skip
    found = await figures.answer(tx, asked, units, permitted)
    ranked: list[Answer] = []
    unranked: list[Answer] = []
    for row in found.pop("rows"):
        figure, to_handle = row["figures"][kpi.id], row["figures"][volume.id]["value"]
        base = to_handle if figure["denominator"] is None else figure["denominator"]
        place = {**row, "figures": {kpi.id: figure}, "volume": base, "to_target": to_target(kpi, figure["value"])}
        (ranked if figure["value"] is not None and base >= max(1, minimum) else unranked).append(place)
    ranked.sort(key=lambda row: row["figures"][kpi.id]["value"], reverse=kpi.better == "higher")
    places: list[Answer] = []
    for number, row in enumerate(ranked, 1):
        equal = places and places[-1]["figures"][kpi.id]["value"] == row["figures"][kpi.id]["value"]
        places.append({"rank": places[-1]["rank"] if equal else number, **row})
    return {
        **{name: value for name, value in found.items() if name != "total"},
        "kpi": kpi.id,
        "better": kpi.better,
        "target": kpi.target,
        "minimum": minimum,
        "total": {"figures": {kpi.id: found["total"]["figures"][kpi.id]}},
        "rows": places,
        "unranked": unranked,
    }


def to_target(kpi: Kpi, value: float | None) -> Answer | None:
    """How far a value is from the KPI's target: positive when it is beyond it in the better direction."""
    if kpi.target is None or value is None:
        return None
    beyond = value - kpi.target if kpi.better == "higher" else kpi.target - value
    share = kpi.unit == "share"
    return {"value": beyond * 100 if share else beyond, "unit": "points" if share else kpi.unit, "reached": beyond >= 0}


async def restatement(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None, after: int, upto: int | None
) -> Answer:
    """What the batches between two positions moved in a period: per KPI and agency, before and after."""
    at = await moment(tx, question)
    first, last = await _between(tx, question.stream, at, after, upto)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    asked = sums.Asked(question.stream, sorted(scope.members), question.period, "agency")
    booked = await sums.booked(tx, asked, first, last)
    old = await sums.as_of(tx, asked, first)
    rows, total_old, total_new = [], [], []
    for group in units.rows(scope, question.level, question.period.since, question.period.until, question.structure_on):
        then = added(old[number] for number in group.members if number in old)
        now = added([then, *(booked[number] for number in group.members if number in booked)])
        total_old.append(then)
        total_new.append(now)
        moves = _moves(question, group, then, now, first, last, alone=question.level is None)
        if moves:
            rows.append({**unit_of(group), "figures": moves})
    return {
        **head_of(question, scope, at),
        "after": {"position": first, "at": await streams.applied_at(tx, question.stream, first)},
        "upto": {"position": last, "at": await streams.applied_at(tx, question.stream, last)},
        "total": {"figures": _moves(question, scope, added(total_old), added(total_new), first, last, alone=False)},
        "rows": rows,
        "freshness": figures.freshness(at.stream, at.silence),
        "generation": at.stream.generation,
    }


async def _between(tx: Connection, stream: str, at: Moment, after: int, upto: int | None) -> tuple[int, int]:
    last = at.position if upto is None else await streams.batch_at(tx, stream, upto)
    first = await streams.batch_at(tx, stream, after)
    if first > last:
        raise Invalid(f"A restatement goes from an earlier to a later position; {first} is after {last}.")
    return first, last


def _moves(
    question: Question, group: Group, then: Any, now: Any, first: int, last: int, *, alone: bool
) -> dict[str, dict[str, Any]]:
    formulas = formulas_of(question.kpis)
    old, new = formulas.counts(then), formulas.counts(now)
    name = scope_name(group, alone=alone)
    sides = [around(question.stream, place, name, question.period, question.structure_on, None) for place in (first, last)]
    moves = {}
    for number, kpi in enumerate(question.kpis):
        pair = slice(2 * number, 2 * number + 2)
        if old[pair] == new[pair] and (kpi.percentile is None or value_of(kpi, then, None, 1) == value_of(kpi, now, None, 1)):
            continue
        before_value, after_value = value_of(kpi, then, *old[pair]), value_of(kpi, now, *new[pair])
        moves[kpi.id] = {
            "before": _side(old[pair], before_value, kpi.rule.join(sides[0])),
            "after": _side(new[pair], after_value, kpi.rule.join(sides[1])),
            "difference": difference(kpi, after_value, before_value),
            "rule": kpi.rule,
        }
    return moves


def _side(counts: tuple[int | None, ...], value: float | None, figure: str) -> dict[str, Any]:
    return {"numerator": counts[0], "denominator": counts[1], "value": value, "figure": figure}


async def restated_dossiers(
    tx: Connection,
    question: Question,
    units: Units,
    permitted: frozenset[int] | None,
    after: int,
    upto: int | None,
    *,
    denominator: bool,
    after_number: int,
    limit: int,
) -> Answer:
    """The dossiers that moved one KPI of a scope between two positions, with what each contributed before and after."""
    (kpi,) = question.kpis
    at = await moment(tx, question)
    first, last = await _between(tx, question.stream, at, after, upto)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    side = kpi.denominator if denominator else kpi.numerator
    if side is None:
        raise NotFound(f"{kpi.id} is a count: it has a numerator only.")
    found = await opening.moved(
        tx, question.stream, sorted(scope.members), side, question.period, first, last,
        procedure=None, after_number=after_number, limit=limit + 1,
    )  # fmt: skip
    page = found[:limit]
    return {
        **head_of(question, scope, at),
        "kpi": kpi.id,
        "part": "denominator" if denominator else "numerator",
        "after": {"position": first},
        "upto": {"position": last},
        "dossiers": [
            {
                **{name: value for name, value in row._asdict().items() if not name.startswith("agency_")},
                "agency_before": units.seen(row.agency_before, permitted),
                "agency_after": units.seen(row.agency_after, permitted),
            }
            for row in page
        ],
        "next": page[-1].number if len(found) > limit else None,
        "generation": at.stream.generation,
    }
