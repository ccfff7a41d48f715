"""What a text says of its measures: figures by scope, period, topic and meaning, so that a claim finds the others it speaks
of. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.solver import Term
from services.notices.audit.vocabulary import vocabulary

RECEIVED = ("new", "received", "handled")
"""Stages that a share of what was received may be of, the most natural first."""

AROUND = 60
"""Figures before one, and as many after it, among which those that it speaks of are looked for."""

Meaning = frozenset[tuple[str, str]]
_Bucket = tuple[str, str, str, str, bool]
"""Scope, period, topic and unit, and whether it is wished: what else figures are never compared over."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A way to know the value of a measure: figures that add up to it."""

    terms: tuple[Term, ...]
    certain: bool


class Facts:
    """The counts of a text by what they mean."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._by: dict[_Bucket, dict[Meaning, list[Figure]]] = defaultdict(lambda: defaultdict(list))
        for figure in figures:
            if (
                figure.counts
                and figure.unit not in ("agency", "day", "money", "level")
                and figure.meaning
                and not figure.qualified
            ):
                self._by[_bucket_of(figure)][meaning_of(figure.meaning)].append(figure)

    def buckets(self) -> Iterable[dict[Meaning, list[Figure]]]:
        """The figures of each scope, period and topic, by meaning."""
        return self._by.values()

    def bucket(self, like: Figure) -> dict[Meaning, list[Figure]]:
        """The figures of the same scope, period and topic."""
        if like.kind is FigureKind.rate and like.unit is None:
            for unit in ("dossier", "form", "petition", *(("person",) if "opinion" in like.meaning else ())):
                found = self._by.get((like.scope, like.period, like.topic, unit, like.wished))
                if found:
                    return found
        return self._by.get(_bucket_of(like), {})

    def stated(self, meaning: dict[str, str], like: Figure) -> list[Stated]:
        """How the text gives the value of a measure: as such, by its parts, or as what is left of its whole."""
        bucket = self.bucket(like)
        out = [Stated((Term(one),), True) for one in self._nearest(bucket, meaning, like)]
        for dimension, value in meaning.items():
            parts = vocabulary().contains.get(dimension, {}).get(value)
            if parts and dimension != "stage":
                options = [self._nearest(bucket, {**meaning, dimension: part}, like) for part in sorted(parts)]
                if all(options):
                    out.append(Stated(tuple(Term(option[0]) for option in options), True))
        if not out and "time" not in meaning and meaning.get("stage") == "resolved":
            kept = (self._nearest(bucket, {**meaning, "time": one}, like) for one in ("in_time", "on_time"))
            in_time, late = next((one for one in kept if one), []), self._nearest(bucket, {**meaning, "time": "overdue"}, like)
            if in_time and late:  # `hoàn thành đúng hạn 27, hoàn thành quá hạn 3. Tỷ lệ hoàn thành đạt 85,7%`
                out.append(Stated((Term(in_time[0]), Term(late[0])), True))
        if not out and meaning.get("time") in ("in_time", "on_time", "overdue"):
            whole = {name: kept for name, kept in meaning.items() if name != "time"}
            other = "in_time" if meaning["time"] == "overdue" else "overdue"
            wholes = self._nearest(bucket, whole, like)
            rest = self._nearest(bucket, {**meaning, "time": other}, like)
            if wholes and rest:
                out.append(Stated((Term(wholes[0]), Term(rest[0], -1)), True))
        return out

    @staticmethod
    def _nearest(bucket: dict[Meaning, list[Figure]], meaning: dict[str, str], like: Figure) -> list[Figure]:
        return nearest(around(bucket.get(meaning_of(meaning), ()), like), like)


def _bucket_of(figure: Figure) -> _Bucket:
    return figure.scope, figure.period, figure.topic, figure.unit or "dossier", figure.wished


def meaning_of(dimensions: dict[str, str]) -> Meaning:
    """A measure as a key."""
    return frozenset(dimensions.items())


def around(figures: Sequence[Figure], like: Figure) -> Sequence[Figure]:
    """Of figures in the order of the text, those that stand around one: a long text costs no more for each than a short one."""
    place = bisect_left(figures, like.start, key=lambda one: one.start)
    return figures[max(0, place - AROUND) : place + AROUND]


def nearest(figures: Sequence[Figure], like: Figure) -> list[Figure]:
    """Figures, those of the same paragraph first, then those before, then those after; exact ones before others."""
    return sorted(
        (one for one in figures if one is not like),
        key=lambda one: (
            not one.exact,
            one.paragraph != like.paragraph,
            one.start > like.start,
            abs(one.start - like.start),
        ),
    )
