"""Indices of decision 766 by the rules of metrics over random counts, for notices that are composed without metrics."""

from __future__ import annotations

import random
from datetime import date

import msgspec

from services.metrics.indices.rules import rulesets
from services.notices.figures.index_766 import Index766, IndexCause, IndexedAgency, IndexLine, IndexPart
from services.notices.figures.index_figures import figures_of
from services.notices.figures.model import Pinned
from tests.notices.reference import pinned

JUNE = (date(2023, 6, 1), date(2023, 6, 30))


def random_index(source: random.Random, agencies: int = 3, *, known: float = 0.8) -> Index766:
    """An index by the rules of metrics over random counts."""
    lines = []
    for component in rulesets()[0].component:
        parts = []
        for part in component.part:
            base = source.choice([0, 1, 7, 2_417, 30_938]) if source.random() < known else None
            above = None if base is None else source.randint(0, base)
            short = 0 if base is None or above is None else base - above
            causes = (IndexCause(f"{part.numerator}_short", "chưa có kết quả điện tử", short, "figure"),) if short else ()
            given = {"points_at_full": float(part.points), "full_at": float(part.full_at), "max_points": float(part.max)}
            parts.append(IndexPart(numerator=above, denominator=base, empty=part.empty, causes=causes, **given))
        group = rulesets()[0].groups[component.group].vi
        lines.append(
            IndexLine(id=component.id, group=group, name=component.name.vi, of=float(component.max), parts=tuple(parts))
        )
    ranked = sorted((source.choice([0.4, 0.5123, 0.9]) for _ in range(agencies)), reverse=True)
    rows = tuple(IndexedAgency(agency.key, share) for agency, share in zip(pinned().agencies[:agencies], ranked, strict=True))
    name, first = "tháng 6/2023", date(2026, 1, 1)
    return Index766(
        since=JUNE[0], until=JUNE[1], period=name, valid_from=first, in_force=False, lines=tuple(lines), agencies=rows
    )


def with_figures(index: Index766, given: Pinned | None = None) -> Pinned:
    """The figures of the reference period, or others, with those of an index."""
    given = given or pinned()
    return msgspec.structs.replace(given, index=index, figures=given.figures | figures_of(index))
