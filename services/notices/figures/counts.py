"""The counts of each day and agency that the figures of a notice are summed of, and whether they give these figures. Pure.

Flows of a period are the sums of its days. A stock is what it was before the period and all that its days added; so what was
carried over, and what is in process at the end, follow from the days too, and the balance is checked on each of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from operator import lt

import msgspec

from services.notices.figures.catalogue import Balance, Catalogue
from services.notices.figures.model import Figure, key_parts
from shared.contracts.counts import CountsByDay, DailyCounts, Formula
from shared.contracts.definitions import Term


class CountedAgency(msgspec.Struct, frozen=True):
    """What was counted of an agency in the period."""

    measures: dict[str, DailyCounts]
    """By the names of the formulas; those that were 0 on every day are absent."""
    manual_inputs: dict[str, int]
    """Over the whole period: what was entered is of periods."""


class CountedDays(msgspec.Struct, frozen=True):
    """What the figures of the whole and of the agencies are summed of."""

    since: date
    """The first civil day of the period, inside."""
    until: date
    """The last civil day, inside."""
    formulas: list[Formula]
    """How the figures of each rule are summed."""
    agencies: dict[str, CountedAgency]
    """By key of the agency, as in keys of figures; they add up to the whole."""

    @property
    def entries(self) -> int:
        """How many counts there are."""
        return sum(len(one.days) for agency in self.agencies.values() for one in agency.measures.values())


def counted_days(response: CountsByDay) -> CountedDays:
    """The counts that metrics gave."""
    agencies = {row.agency or "unmapped": CountedAgency(row.measures, row.manual_inputs) for row in response.rows}
    return CountedDays(response.period.since, response.period.until, response.formulas, agencies)


_Row = Mapping[tuple[str, str], int]
"""Sums of an agency over the period, by how a term takes the measure, and its name."""


def miscounted(counts: CountedDays, figures: Mapping[str, Figure], catalogue: Catalogue) -> Iterator[str]:
    """Where the counts are not what the figures of the period say, in English. Figures of procedures, of departments, of
    steps and of other days are no sums of these days: they are checked by one another."""
    yield from _unread(counts)
    formulas = {one.rule: one for one in counts.formulas}
    rows = {key: _row(agency) for key, agency in counts.agencies.items()}
    whole: Counter[tuple[str, str]] = Counter()
    for row in rows.values():
        whole.update(row)
    stated = set()
    for key, figure in figures.items():
        name, mark, subject = key_parts(key)
        if figure.rule is None or mark in ("#", ":", ">") or name.startswith("before."):
            continue
        kpi, _, side = name.partition(".")
        formula = formulas.get(figure.rule)
        if formula is None or figure.rule.partition("@")[0] != kpi:
            yield f"{key} has no formula"
            continue
        if not mark:
            stated.add(figure.rule)
        row = rows.get(subject, {}) if mark else whole
        found: tuple[int | None, int | None]
        found = _sum(formula.numerator, row), None if formula.denominator is None else _sum(formula.denominator, row)
        if not _is_known(formula, row):
            found = None, found[1]
        if side:
            found = found[side == "base"], None
        if found != (figure.numerator, figure.denominator):
            yield f"{key} is {_written(figure.numerator, figure.denominator)}, its days give {_written(*found)}"
    for rule in formulas.keys() - stated:
        yield f"there is a formula of {rule}, and no figure of the whole"
    by_kpi = {rule.partition("@")[0]: one for rule, one in formulas.items()}
    for balance in catalogue.balances:
        if balance.relation == "=" and by_kpi.keys() >= {*balance.left, *balance.right}:
            yield from _unbalanced(balance, by_kpi, counts)


def _written(numerator: int | None, denominator: int | None) -> str:
    if numerator is None:
        return "not known"
    return f"{numerator}" if denominator is None else f"{numerator}/{denominator}"


def _unread(counts: CountedDays) -> Iterator[str]:
    """What no figure follows from, or could be written in two ways."""
    last = (counts.until - counts.since).days
    if last < 0 or len({one.rule for one in counts.formulas}) != len(counts.formulas):
        yield "the period or the formulas of the counts are not in order"
    terms = {
        (term.taken, term.measure)
        for one in counts.formulas
        for side in (one.numerator, one.denominator or (), one.stated or (), one.among or ())
        for term in side
    }
    measures = {name for taken, name in terms if taken != "manual_input"}
    stocks = {name for taken, name in terms if taken in ("start", "end")}
    inputs = {name for taken, name in terms if taken == "manual_input"}
    for key, agency in counts.agencies.items():
        for name, one in agency.measures.items():
            days = one.days
            in_order = all(map(lt, days, islice(days, 1, None)))
            if (
                name not in measures
                or len(days) != len(one.counts)
                or not in_order
                or (days and not 0 <= days[0] <= days[-1] <= last)
            ):
                yield f"{name} of {key} is not counted by days of the period"
            if 0 in one.counts or not (days or one.before) or (one.before and name not in stocks):
                yield f"{name} of {key} counts nothing"
        if not agency.manual_inputs.keys() <= inputs or 0 in agency.manual_inputs.values():
            yield f"the manual inputs of {key} count nothing"


def _row(agency: CountedAgency) -> _Row:
    row: dict[tuple[str, str], int] = {}
    for name, one in agency.measures.items():
        moved = sum(one.counts)
        row["flow", name] = moved
        row["start", name], row["end", name] = one.before, one.before + moved
    for name, amount in agency.manual_inputs.items():
        row["manual_input", name] = amount
    return row


def _is_known(formula: Formula, row: _Row) -> bool:
    """Whether a source states what the numerator counts, or there is nothing to state it of."""
    if formula.stated is None or formula.among is None:
        return True
    return bool(_sum(formula.stated, row)) or not _sum(formula.among, row)


def _sum(terms: Sequence[Term], row: _Row) -> int:
    return sum(term.factor * row.get((term.taken, term.measure), 0) for term in terms)


def _unbalanced(balance: Balance, formulas: Mapping[str, Formula], counts: CountedDays) -> Iterator[str]:
    """The first day of each agency on which a balance does not hold, which holds in every period, so on every day."""
    factors: Counter[tuple[str, str]] = Counter()
    for sign, side in ((1, balance.left), (-1, balance.right)):
        for kpi in side:
            for term in formulas[kpi].numerator:
                factors[term.taken, term.measure] += sign * term.factor
    days = (counts.until - counts.since).days + 1
    for key, agency in counts.agencies.items():
        standing, moved, later = 0, [0] * days, [0] * days
        for name, one in agency.measures.items():
            before, after = factors["start", name], factors["end", name]
            on_its_day, from_then_on = factors["flow", name] + after, before + after
            standing += from_then_on * one.before
            if on_its_day:
                for number, count in zip(one.days, one.counts, strict=True):
                    moved[number] += on_its_day * count
            if from_then_on:
                for number, count in zip(one.days, one.counts, strict=True):
                    later[number] += from_then_on * count
        for number in range(days):
            if standing + moved[number]:
                yield f"{balance.name} does not hold for {key} on day {number} of the period"
                break
            standing += later[number]
