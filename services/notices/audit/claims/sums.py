"""Totals: a whole and its parts as the text groups them, and by what the measures mean wherever they stand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from services.notices.audit.claims.facts import RECEIVED, Facts, Meaning, meaning_of
from services.notices.audit.claims.slips import mends, mends_exchange
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.groups import DIVIDING, Certainty, Group, is_complete, value_of
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import vocabulary

NEARLY = (8, 13)
"""A list of parts of unknown kind that makes up so many tenths of its whole is meant to make up all of it; less is a choice,
and
more are parts that overlap."""

BEFORE_LEVELS = 4
"""Paragraphs between a total and the first level that it is divided by."""
NESTED = 2
"""More parts than these, the first may be divided by all others."""


def grouped(groups: Sequence[Group]) -> Iterator[list[Equation]]:
    """What the text groups."""
    for group in groups:
        whole = Term(group.whole)
        terms = [Term(part, group.times.get(id(part), 1)) for part in group.parts]
        bound = Equation("bound" if len(terms) == 1 else "list", Form.at_least, whole, tuple(terms))
        total = Equation("sum", Form.total, whole, tuple(terms))
        again = terms[1:] if len(terms) > 2 and group.parts[0].value == group.whole.value else []
        if again and not _adds_up(whole, again):
            continue  # the first part is all of it: what follows is no list of parts
        named = group.dimension in ("", "name")
        first = next((terms[:many] for many in range(2, len(terms)) if named and _adds_up(whole, terms[:many])), again)
        if first and not total.holds():
            # The whole is said twice, or what follows its parts divides one of them.
            yield [Equation("sum", Form.total, whole, tuple(first))]
            continue
        nested = (
            Equation("sum", Form.total, terms[0], tuple(terms[1:]))
            if len(terms) > NESTED and group.dimension != "name" and group.certainty is not Certainty.sure
            else None
        )
        if nested is not None and not total.holds() and (nested.holds() or mends_exchange(nested)):
            # `nhận 750 đơn, trong đó có 560 đơn đủ điều kiện với 65 đơn khiếu nại, 49 đơn tố cáo và 446 đơn kiến nghị`
            yield [Equation("bound", Form.at_least, whole, (terms[0],))]
            yield [nested]
            continue
        if group.certainty is Certainty.bound:
            if len(terms) > 1 and total.holds():
                yield [total]
            elif len(terms) > 1 and group.dimension != "name" and _is_exchanged(total):
                total.mistaken = True
                yield [total]
            elif len(terms) > 1 or group.dimension in DIVIDING:
                yield [bound]
            continue
        readings = [total]
        if group.certainty is Certainty.likely:
            added = sum((term.value * term.factor for term in terms), start=0 * whole.value)
            nearly = whole.value * NEARLY[0] <= added * 10 <= whole.value * NEARLY[1]
            apart = group.dimension == "name" and added > whole.value
            total.mistaken = not total.holds() and len(terms) > 1 and mends(total)
            total.certain = (nearly or apart or total.mistaken) and group.whole.exact
            total.guessed = not total.certain
            if not total.certain and added <= whole.value:
                yield [total, bound] if group.dimension == "name" else [total]
                continue
            if not is_complete(group.dimension, [value_of(part, group.dimension) for part in group.parts]):
                # Two ways to divide one whole may stand in one list.
                fewer = (tuple(terms[:many]) for many in range(2, len(terms)))
                readings.extend(Equation("sum", Form.total, whole, some, certain=False) for some in fewer)
        for many in range(1, len(group.beyond) + 1):
            more = (*terms, *(Term(part) for part in group.beyond[:many]))
            readings.append(Equation("sum", Form.total, whole, more, certain=False))
        if group.times:
            readings.append(Equation("sum", Form.total, whole, tuple(Term(part) for part in group.parts), certain=False))
        yield readings


def _is_exchanged(total: Equation) -> bool:
    """Whether the digits of a total of some size are those of its parts together, in another order."""
    computed, claimed = total.computed(), total.claimed.figure
    if computed is None or not claimed.exact or claimed.value < 100 or claimed.decimals:
        return False
    return computed != claimed.value and sorted(str(int(computed))) == sorted(str(int(claimed.value)))


def _adds_up(whole: Term, terms: Sequence[Term]) -> bool:
    return sum((term.value * term.factor for term in terms), start=0 * whole.value) == whole.value


def by_meaning(facts: Facts, groups: Sequence[Group]) -> Iterator[list[Equation]]:
    """Wholes and parts that the text gives in different places."""
    known = {(id(group.whole), frozenset(id(part) for part in group.parts)) for group in groups}
    grouped_parts = {id(part): id(group.whole) for group in groups for part in group.parts}
    divided = {(id(group.whole), group.dimension) for group in groups if len(group.parts) > 1}
    for bucket in facts.buckets():
        for rest, dimension, sets in _dividable(bucket):
            wholes = _wholes(bucket, rest, dimension)
            if not wholes:
                continue
            best = _fullest(bucket, rest, dimension, sets)
            if best is None:
                continue
            readings: list[Equation] = []
            for whole, parts in product(wholes[:4], _choices(best, limit=6)):
                if whole in parts or (id(whole), frozenset(id(part) for part in parts)) in known:
                    readings = []
                    break
                if (id(whole), dimension) in divided:
                    continue
                near = _near(whole, parts)
                certain = (
                    whole.exact
                    and all(part.exact and "default" not in part.inherited for part in parts)
                    and (near or not _elsewhere(whole, parts, grouped_parts))
                    and (dimension != "progress" or whole.meaning.get("stage") == "handled")
                    and (dimension != "level" or near)
                )
                readings.append(
                    Equation("sum", Form.total, Term(whole), tuple(Term(part) for part in parts), certain=certain, guessed=True)
                )
            readings.sort(key=lambda one: _distance(one))
            if dimension == "level" and readings and not any(one.certain or one.holds() for one in readings):
                _settle_levels(readings)
            if readings:
                yield readings


def _settle_levels(readings: Sequence[Equation]) -> None:
    """`Cấp huyện tiếp nhận 61.722 hồ sơ ... Cấp xã tiếp nhận 109.350 hồ sơ ...`: of the total told before, where one slip
    explains why it fails."""
    for one in readings:
        paragraphs = {term.figure.paragraph for term in one.terms}
        before = min(paragraphs) - one.claimed.figure.paragraph
        if max(paragraphs) - min(paragraphs) <= 2 and 0 <= before <= BEFORE_LEVELS and len(one.terms) > 1 and mends(one):
            one.mistaken = one.certain = True
            return


def balances(figures: Sequence[Figure]) -> Iterator[list[Equation]]:
    """What is left: carried over and received, without what was resolved, withdrawn, returned and suspended."""
    by: dict[tuple[int, str, str, bool], dict[str, list[Figure]]] = {}
    for figure in figures:
        if figure.counts and set(figure.meaning) == {"stage"} and figure.unit in (None, "dossier") and figure.cell is None:
            here = by.setdefault((figure.paragraph, figure.scope, figure.topic, figure.wished), {})
            here.setdefault(figure.meaning["stage"], []).append(figure)
    for told in by.values():
        received = told.get("new") or told.get("received") or []
        if "handled" in told or not (told.get("carried") and received and told.get("resolved") and told.get("in_process")):
            continue
        kept = [Term(told["carried"][0]), Term(received[0]), Term(told["resolved"][0], -1)]
        others = [Term(one, -1) for stage in ("withdrawn", "returned", "suspended") for one in told.get(stage, ())[:1]]
        left = Term(told["in_process"][-1])
        readings = [Equation("sum", Form.total, left, (*kept, *others))]
        if others:
            readings.append(Equation("sum", Form.total, left, tuple(kept), certain=False))
        yield readings


def _dividable(bucket: dict[Meaning, list[Figure]]) -> Iterator[tuple[dict[str, str], str, list[list[str]]]]:
    """Every measure of which at least two parts by some dimension are told."""
    seen: set[tuple[Meaning, str]] = set()
    for meaning in list(bucket):
        dimensions = dict(meaning)
        for dimension in (*DIVIDING, "stage", "progress"):
            name = "stage" if dimension == "progress" else dimension
            value = dimensions.get(name)
            sets = [sorted(one) for one in vocabulary().complete.get(dimension, ()) if value in one]
            if value is None or not sets:
                continue
            rest = {key: kept for key, kept in dimensions.items() if key != name}
            if (meaning_of(rest), dimension) in seen:
                continue
            seen.add((meaning_of(rest), dimension))
            yield rest, dimension, [sorted(one) for one in vocabulary().complete[dimension]]


def _wholes(bucket: dict[Meaning, list[Figure]], rest: dict[str, str], dimension: str) -> list[Figure]:
    if dimension in ("stage", "progress"):
        found = [one for stage in ("handled", "received") for one in bucket.get(meaning_of({**rest, "stage": stage}), ())]
    else:
        stage = rest.get("stage", "")
        stages = RECEIVED if dimension == "level" and stage in RECEIVED else (stage,) if stage else ()
        found = [one for each in stages for one in bucket.get(meaning_of({**rest, "stage": each}), ())]
    return [one for one in found if one.kind is FigureKind.count]


def _fullest(
    bucket: dict[Meaning, list[Figure]], rest: dict[str, str], dimension: str, sets: list[list[str]]
) -> list[list[Figure]] | None:
    """The figures of the largest complete set of parts that is told."""
    name = "stage" if dimension == "progress" else dimension
    best: list[list[Figure]] | None = None
    for values in sets:
        options = [_counted(bucket, {**rest, name: value}) for value in values]
        if all(options) and (best is None or len(options) > len(best)):
            best = options
    return best


def _counted(bucket: dict[Meaning, list[Figure]], measure: dict[str, str]) -> list[Figure]:
    """The figures of a measure; where only those in process within their limit are told, they are all."""
    found = bucket.get(meaning_of(measure), [])
    if not found and measure.get("stage") == "in_process" and not bucket.get(meaning_of({**measure, "time": "overdue"})):
        return bucket.get(meaning_of({**measure, "time": "in_time"}), [])
    return found


def _choices(options: list[list[Figure]], *, limit: int) -> Iterator[tuple[Figure, ...]]:
    found = sorted(product(*(option[:3] for option in options)), key=_spread)
    yield from found[:limit]


def _spread(parts: tuple[Figure, ...]) -> int:
    return max(part.start for part in parts) - min(part.start for part in parts)


def _near(whole: Figure, parts: Sequence[Figure]) -> bool:
    return all(part.paragraph == whole.paragraph for part in parts)


def _elsewhere(whole: Figure, parts: Sequence[Figure], grouped_parts: dict[int, int]) -> bool:
    """Whether the parts are told as parts of another figure."""
    return any(grouped_parts.get(id(part), id(whole)) != id(whole) for part in parts) and not all(
        part.meaning.get("stage") in ("resolved", "in_process", "new", "carried") and len(part.own) == 1 for part in parts
    )


def _distance(equation: Equation) -> tuple[bool, int]:
    starts = [figure.start for figure in equation.figures]
    return not equation.certain, max(starts) - min(starts)
