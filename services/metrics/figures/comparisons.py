"""Figures beside others: as a series, against another period, ranked, and restated between two positions."""

from __future__ import annotations

from dataclasses import replace

from msgspec import UNSET

from services.metrics.agencies.model import Group, Units
from services.metrics.figures import service as figures
from services.metrics.figures.kpis import BY_ID
from services.metrics.figures.kpis.algebra import CounterRow, Kpi, added, rounded, unrounded, value_of
from services.metrics.figures.periods import Against, Period, Step, before, steps
from services.metrics.figures.query import Question, key_of_row
from services.metrics.figures.service import (
    Answered,
    Moment,
    Page,
    columns_of,
    figures_of,
    formulas_of,
    head_again,
    head_of,
    moment,
    period_of,
)
from services.metrics.figures.store import drilldown as opening
from services.metrics.figures.store import sums
from services.metrics.provinces import store as provinces
from shared.contracts.comparisons import (
    ComparedFigure,
    ComparedRow,
    ComparedTotal,
    Comparison,
    CountedAt,
    Difference,
    Distance,
    Earlier,
    KnownFigure,
    MovedFigure,
    MovedRow,
    MovedTotal,
    Point,
    RankedRow,
    Ranking,
    Restatement,
    Series,
    UnrankedRow,
)
from shared.contracts.dossiers import AtPosition, MovedDossier, MovedDossiers
from shared.contracts.kpis import Balance, Figure, Kpis, Total, UnitRow
from shared.database import Connection
from shared.errors import Invalid, NotFound

PER_CENT_DIGITS = 2
"""Digits after the point of a difference in per cent."""
LONGEST_SERIES = 800
"""Pieces of a series at most."""


async def series(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None, step: Step
) -> Answered[Series]:
    """KPIs of a scope, piece by piece of its period; stocks are those at the end of each piece."""
    pieces = list(steps(question.period, step))
    if len(pieces) > LONGEST_SERIES:
        raise Invalid(f"That makes {len(pieces)} pieces; a series has at most {LONGEST_SERIES}. Take a longer step.")
    at = await moment(tx, question)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    formulas = formulas_of(question.kpis)
    asked = sums.Asked(question.province, sorted(scope.members), question.period, columns=columns_of(question.kpis))
    rows = await sums.series(tx, asked, pieces, None if at.is_current else at.position)
    points = [
        Point(period_of(piece), figures_of(formulas, row, key_of_row(question.over(piece), at.position, scope.scope)))
        for piece, row in zip(pieces, rows, strict=True)
    ]
    found = Series(
        **head_of(question, scope, at), step=step, points=points, freshness=figures.freshness(at.province, at.outage)
    )
    return Answered(found, at.province.generation)


async def comparison(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None, against: Against
) -> Answered[Comparison]:
    """KPIs of a scope and its agencies in two periods, and how they differ.

    Agencies are compared like for like: both periods by the structure of the later one's last day, unless a day is named.
    """
    earlier = before(question.period, against)
    structure_on = question.structure_on
    if question.by == "agency" and structure_on is None:
        structure_on = question.period.until
    asked = replace(question, structure_on=structure_on)
    answered = await figures.answer(tx, asked, units, permitted)
    now = answered.answer
    then = (await figures.answer(tx, asked.over(earlier), units, permitted)).answer
    earlier_rows = {row.agency: row.kpis for row in then.rows}
    moved = structure_on is not None and any(
        old != new for old, new in units.structure.successions(structure_on).items() if _lived(units, old, earlier)
    )
    found = Comparison(
        **head_again(now),
        against=Earlier(against, then.period),
        like_for_like=moved,
        total=ComparedTotal(_compared(question.kpis, now.total.kpis, then.total.kpis)),
        rows=[
            ComparedRow(
                agency=row.agency,
                code=row.code,
                name=row.name,
                kind=row.kind,
                kpis=_compared(question.kpis, row.kpis, earlier_rows.get(row.agency)),
            )
            for row in now.rows
        ],
        balance=Balance(now.balance.ok and then.balance.ok, now.balance.breaks + then.balance.breaks),
        freshness=now.freshness,
    )
    return Answered(found, answered.generation)


def _lived(units: Units, key: str, period: Period) -> bool:
    unit = units.structure[key]
    return unit.valid_from <= period.until and (unit.valid_to is None or unit.valid_to > period.since)


def _compared(kpis: tuple[Kpi, ...], now: Kpis, then: Kpis | None) -> dict[str, ComparedFigure]:
    compared = {}
    for kpi in kpis:
        one, other = now[kpi.id], then[kpi.id] if then else None
        moved = difference(kpi, one.value, other.value if other else None)
        compared[kpi.id] = ComparedFigure(
            one.numerator, one.denominator, one.value, one.rule, one.figure, before=other, difference=moved
        )
    return compared


def difference(kpi: Kpi, now: float | None, then: float | None) -> Difference | None:
    """How a value moved: a share in percentage points, anything else absolutely and in per cent; None where one lacks.

    Of values as they are published, so that a reader finds the same.
    """
    if now is None or then is None:
        return None
    # In the last digit that is shown, so that the two values and their difference agree.
    shown = round(now * 10**kpi.digits), round(then * 10**kpi.digits)
    moved = shown[0] - shown[1]
    if kpi.unit == "share":
        return Difference(moved / 10**kpi.decimals, "points", UNSET)
    return Difference(
        moved / 10**kpi.digits if kpi.digits else moved, kpi.unit, rounded(100 * moved, shown[1], PER_CENT_DIGITS)
    )


async def ranking(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None, minimum: int
) -> Answered[Ranking]:
    """The agencies of a scope in the order of one KPI, the better first; equals share a place, and the next one is left out.

    Whoever has a base (the denominator; of a count, what was to be handled) below `minimum` has no place, and is told apart.
    """
    (kpi,) = question.kpis
    if kpi.better is None:
        raise Invalid(
            f"{kpi.id} has no better direction, so nobody can be ranked by it. Choose one that has (see the catalogue)."
        )
    answered = await figures.answer(tx, replace(question, by="agency", kpis=(kpi, BY_ID["to_handle"])), units, permitted)
    found = answered.answer
    valued: list[tuple[float, UnrankedRow]] = []
    unranked: list[UnrankedRow] = []
    for row in found.rows:
        place = _unranked(kpi, row)
        value = unrounded(place.kpis[kpi.id])
        if value is not None and place.volume >= max(1, minimum):
            valued.append((value, place))
        else:
            unranked.append(place)
    valued.sort(key=lambda one: one[0], reverse=kpi.better == "higher")
    ranked: list[RankedRow] = []
    for number, (value, row) in enumerate(valued, 1):
        equal = bool(ranked) and valued[number - 2][0] == value
        ranked.append(
            RankedRow(
                agency=row.agency,
                code=row.code,
                name=row.name,
                kind=row.kind,
                kpis=row.kpis,
                volume=row.volume,
                to_target=row.to_target,
                rank=ranked[-1].rank if equal else number,
            )
        )
    made = Ranking(
        **head_again(found),
        kpi=kpi.id,
        better=kpi.better,
        target=kpi.target,
        minimum=minimum,
        total=Total({kpi.id: found.total.kpis[kpi.id]}),
        rows=ranked,
        unranked=unranked,
        balance=found.balance,
        freshness=found.freshness,
    )
    return Answered(made, answered.generation)


def _unranked(kpi: Kpi, row: UnitRow) -> UnrankedRow:
    figure, to_handle = row.kpis[kpi.id], row.kpis["to_handle"].numerator
    base = to_handle if figure.denominator is None else figure.denominator
    assert base is not None, "a count has a numerator"
    return UnrankedRow(
        agency=row.agency,
        code=row.code,
        name=row.name,
        kind=row.kind,
        kpis={kpi.id: figure},
        volume=base,
        to_target=to_target(kpi, figure),
    )


def to_target(kpi: Kpi, figure: Figure) -> Distance | None:
    """How far a value is from the KPI's target: positive when it is beyond it in the better direction.

    Whether it is reached is asked of the counts, not of the value that is rounded.
    """
    exact = unrounded(figure)
    if kpi.target is None or figure.value is None or exact is None:
        return None
    sign = 1 if kpi.better == "higher" else -1
    beyond = sign * (round(figure.value * 10**kpi.digits) - round(kpi.target * 10**kpi.digits))
    reached = sign * (exact - kpi.target) >= 0
    if kpi.unit == "share":
        return Distance(beyond / 10**kpi.decimals, "points", reached)
    return Distance(beyond / 10**kpi.digits, kpi.unit, reached)


async def restatement(
    tx: Connection, question: Question, units: Units, permitted: frozenset[int] | None, after: int, upto: int | None
) -> Answered[Restatement]:
    """What the batches between two positions moved in a period: per KPI and agency, before and after."""
    at = await moment(tx, question)
    first, last = await _between(tx, question.province, at, after, upto)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    asked = sums.Asked(question.province, sorted(scope.members), question.period, "agency")
    booked = await sums.booked(tx, asked, first, last)
    old = await sums.as_of(tx, asked, first)
    rows, total_old, total_new = [], [], []
    for group in units.rows(scope, question.level, question.period.since, question.period.until, question.structure_on):
        then = added(old[number] for number in group.members if number in old)
        now = added([then, *(booked[number] for number in group.members if number in booked)])
        total_old.append(then)
        total_new.append(now)
        moves = _moves(question, group, then, now, first, last)
        if moves:
            unit = group.unit
            rows.append(MovedRow(agency=unit.agency, code=unit.code, name=unit.name, kind=unit.kind, kpis=moves))
    found = Restatement(
        **head_of(question, scope, at),
        after=CountedAt(first, await provinces.applied_at(tx, question.province, first)),
        upto=CountedAt(last, await provinces.applied_at(tx, question.province, last)),
        total=MovedTotal(_moves(question, scope, added(total_old), added(total_new), first, last)),
        rows=rows,
        freshness=figures.freshness(at.province, at.outage),
    )
    return Answered(found, at.province.generation)


async def _between(tx: Connection, province: str, at: Moment, after: int, upto: int | None) -> tuple[int, int]:
    last = at.position if upto is None else await provinces.batch_at(tx, province, upto)
    first = await provinces.batch_at(tx, province, after)
    if first > last:
        raise Invalid(f"A restatement goes from an earlier to a later position; {first} is after {last}.")
    return first, last


def _moves(
    question: Question, group: Group, then: CounterRow, now: CounterRow, first: int, last: int
) -> dict[str, MovedFigure]:
    formulas = formulas_of(question.kpis)
    old, new = formulas.counts(then), formulas.counts(now)
    sides = [key_of_row(question, position, group.scope).around() for position in (first, last)]
    moves = {}
    for number, kpi in enumerate(question.kpis):
        pair = slice(2 * number, 2 * number + 2)
        if old[pair] == new[pair] and (kpi.percentile is None or value_of(kpi, then, None, 1) == value_of(kpi, now, None, 1)):
            continue
        before_value, after_value = value_of(kpi, then, *old[pair]), value_of(kpi, now, *new[pair])
        moves[kpi.id] = MovedFigure(
            KnownFigure(old[pair][0], old[pair][1], before_value, kpi.rule.join(sides[0])),
            KnownFigure(new[pair][0], new[pair][1], after_value, kpi.rule.join(sides[1])),
            difference(kpi, after_value, before_value),
            kpi.rule,
        )
    return moves


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
) -> Page[MovedDossiers, int]:
    """The dossiers that moved one KPI of a scope between two positions, with what each contributed before and after."""
    (kpi,) = question.kpis
    at = await moment(tx, question)
    first, last = await _between(tx, question.province, at, after, upto)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    side = kpi.denominator if denominator else kpi.numerator
    if side is None:
        raise NotFound(f"{kpi.id} is a count: it has a numerator only.")
    found = await opening.moved(
        tx, question.province, sorted(scope.members), side, question.period, first, last,
        procedure=None, after_number=after_number, limit=limit + 1,
    )  # fmt: skip
    page = found[:limit]
    moved = MovedDossiers(
        **head_of(question, scope, at),
        kpi=kpi.id,
        part="denominator" if denominator else "numerator",
        after=AtPosition(first),
        upto=AtPosition(last),
        dossiers=[
            MovedDossier(
                number=row.number,
                code=row.code,
                before=row.before,
                after=row.after,
                position=row.position,
                agency_before=units.seen(row.agency_before, permitted),
                agency_after=units.seen(row.agency_after, permitted),
            )
            for row in page
        ],
        next_cursor=None,
    )
    return Page(moved, at.province.generation, page[-1].number if len(found) > limit else None)
