"""Figures of the index of decision 766/QĐ-TTg: read of metrics, and computed again of what a notice keeps of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal

import msgspec

from services.notices.figures.index_766 import (
    Index766,
    IndexCause,
    IndexedAgency,
    IndexLine,
    IndexPart,
    exact,
    out_of,
    points_of,
    rounded,
)
from services.notices.figures.index_periods import IndexPeriod
from services.notices.figures.model import Figure, FigureUnit, IndexOrigin, Pinned
from services.notices.figures.pinning import demand_position
from services.notices.quantities import wording
from shared.contracts.indices import IndexRanking, IndexRow, Score, ScoredComponent
from shared.errors import Unavailable

_HANDLED = "2.1"
"""The component of dossiers that were received or handled: who has no points of it had none."""


def with_index(pinned: Pinned, period: IndexPeriod, score: Score, ranking: IndexRanking) -> Pinned:
    """The same with the index of a period. Raises `Unavailable` where the responses are of another position, or their counts
    do not give their points by the rules that they state."""
    demand_position(pinned.position, score.position, ranking.position)
    if not any(part.max_points for one in score.components for part in one.parts):
        return pinned  # of a release that does not tell the rules yet
    if score.rules is None:
        raise Unavailable("Metrics gave no rules of the index of decision 766. Check that both services are of one release.")
    index = Index766(
        since=period.since,
        until=period.until,
        period=period.name,
        valid_from=score.rules.valid_from,
        in_force=score.rules.in_force,
        lines=tuple(_line(one) for one in score.components),
        agencies=tuple(_agencies(ranking.rows)),
    )
    for line, given in zip(index.lines, score.components, strict=True):
        if (None if line.points is None else float(rounded(line.points))) != given.points:
            raise Unavailable(
                f"Metrics gives {given.points} points for {line.id}, its counts give {line.points}. Check that both services "
                "are of one release."
            )
    return msgspec.structs.replace(pinned, index=index, figures=pinned.figures | figures_of(index))


def _line(given: ScoredComponent) -> IndexLine:
    parts = tuple(
        IndexPart(
            numerator=one.numerator,
            denominator=one.denominator,
            points_at_full=one.points_at_full,
            full_at=one.full_at,
            empty=one.empty,
            max_points=one.max_points,
            causes=tuple(IndexCause(of.kpi, _plain(of.name.vi), of.dossiers, of.figure) for of in one.causes),
        )
        for one in given.parts
    )
    return IndexLine(
        id=given.id,
        group=wording.normal(given.group.vi),
        name=wording.normal(given.name.vi),
        of=given.out_of,
        assessed=given.points if given.source == "assessed" else None,
        parts=parts,
    )


def _plain(name: str) -> str:
    """The name of a cause as it stands behind `hồ sơ`, without the decision, which the sentence has named."""
    return wording.lower_first(wording.normal(name).removesuffix(" theo Quyết định 766")).removeprefix("hồ sơ ")


def _agencies(rows: list[IndexRow]) -> Iterator[IndexedAgency]:
    for row in rows:
        if row.share is not None and row.components.get(_HANDLED) is not None:
            yield IndexedAgency(row.agency or "unmapped", row.share)


def figures_of(index: Index766) -> dict[str, Figure]:
    """Every figure of the index by its key: `index` and `index.out_of` of the whole, `index.of` of all components together;
    `index.group<n>`, `index.<component>` and what is lost of that; `index.share@<unit key>`; `index.cause.<KPI>`."""
    found: dict[str, Figure] = {}

    def score(key: str, points: Fraction, measure: Literal["points", "out_of", "of", "lost"], of: str = "") -> None:
        origin = IndexOrigin(index.since, index.until, measure, of)
        found[key] = Figure(key=key, unit=FigureUnit.score, stated=str(rounded(points)), index=origin)

    score("index", points_of(index.lines), "points")
    score("index.out_of", out_of(index.lines), "out_of")
    score("index.of", sum((exact(one.of) for one in index.lines), Fraction(0)), "of")
    for number, lines in enumerate(index.groups.values(), 1):
        score(f"index.group{number}", points_of(lines), "points", f"group:{number}")
        score(f"index.group{number}.out_of", out_of(lines), "out_of", f"group:{number}")
    for line in index.lines:
        if line.points is not None:
            score(f"index.{line.id}", line.points, "points", line.id)
            score(f"index.{line.id}.lost", line.lost, "lost", line.id)
    for agency in index.agencies:
        key, origin = f"index.share@{agency.key}", IndexOrigin(index.since, index.until, "share", agency.key)
        share = rounded(100 * exact(agency.share))
        found[key] = Figure(key=key, unit=FigureUnit.rate, stated=str(share), index=origin)
    for cause in (cause for line in index.lines for part in line.parts for cause in part.causes):
        key = f"index.cause.{cause.kpi}"
        found[key] = Figure(key=key, unit=FigureUnit.count, numerator=cause.dossiers, figure_id=cause.figure)
    return found


def misscored(index: Index766, figures: Mapping[str, Figure]) -> Iterator[str]:
    """Where figures of the index are not what its counts give by their rules, in English."""
    expected = figures_of(index)
    for key, figure in figures.items():
        if (figure.index is not None or key.startswith("index.cause.")) and expected.get(key) != figure:
            given = expected.get(key)
            yield f"{key} is {figure.value}, its counts give {None if given is None else given.value}"
    for key in expected.keys() - figures.keys():
        yield f"{key} is missing"
