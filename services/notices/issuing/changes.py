"""Because of which kinds of dossiers figures are others than in a notice that is corrected: read of metrics, put in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from services.notices.drafting.store.notices import NoticeRow
from services.notices.figures.metrics_client import KpiSelection, Metrics, MetricsAway, MetricsClosed
from services.notices.figures.model import Figure, FigureUnit
from services.notices.quantities import wording
from shared.contracts.restatements import DossierChange, DossierEffect, RestatementChanges
from shared.errors import Problem

WORDS: Mapping[DossierChange, str] = {
    "arrived": "cập nhật muộn",
    "ended": "cập nhật kết quả muộn",
    "corrected": "sửa thông tin",
    "redated": "tính lại hạn do danh mục, lịch làm việc thay đổi",
    "transferred": "chuyển cơ quan",
    "withdrawn": "rút hồ sơ",
    "deleted": "bị xóa tại nguồn",
    "structure": "do sắp xếp cơ quan, đơn vị",
}
"""What became of the dossiers, in the order in which it is listed."""
OTHER = "số liệu không theo hồ sơ"
"""What no dossier moved: manual inputs."""


class ChangesBetween(NamedTuple):
    """What moved the figures of a scope and period from one position to another."""

    after: int
    upto: int
    """Positions of the feed."""
    found: RestatementChanges | None
    """None: metrics cannot tell any more, so the notice says that."""


async def read_changes(metrics: Metrics, row: NoticeRow, kpis: tuple[str, ...], after: int, upto: int) -> ChangesBetween:
    """What moved `kpis` of the scope and period of a notice; raises `MetricsAway` and `MetricsClosed`."""
    since, until = row.period_from.isoformat(), row.period_to.isoformat()
    selection = KpiSelection(row.province, row.scope or None, since, until, None, None)
    try:
        return ChangesBetween(after, upto, await metrics.changes(selection, kpis, after, upto))
    except (MetricsAway, MetricsClosed):
        raise
    except Problem:  # it knows the scope no more, or has been restored to before one of the two
        return ChangesBetween(after, upto, None)


class Effects:
    """The effects of dossiers on figures by their keys."""

    def __init__(self, found: RestatementChanges) -> None:
        """Of what metrics gave."""
        self._by = {"": found.total.kpis}
        self._by |= {f"@{row.agency or 'unmapped'}": row.kpis for row in found.rows}
        self._by |= {f"#{code}": one.kpis for code, one in found.procedures.items()}

    def kinds(self, kpi: str, of: str, old: Figure, new: Figure) -> str:
        """The kinds of dossiers that moved a figure, each with how many and what they made of a count; empty of steps.

        `of`: what its key names beside the KPI.
        """
        if of.startswith((":", ">")):
            return ""
        effects = self._by.get(of, {}).get(kpi, {})
        counted = new.unit is old.unit is FigureUnit.count and new.is_known and old.is_known
        parts = [_part(WORDS[change], effects[change], counted) for change in WORDS if change in effects]
        if counted and (rest := new.size - old.size - sum(one.numerator for one in effects.values())):
            parts.append(f"{OTHER} ({signed(rest)})")
        return "; ".join(parts)


def _part(name: str, effect: DossierEffect, counted: bool) -> str:
    moved = f" ({signed(effect.numerator)})" if counted else ""
    return f"{name}: {wording.cell(effect.dossiers)}{moved}"


def kinds_of(found: RestatementChanges) -> Iterator[tuple[str, int]]:
    """The kinds of dossiers that moved anything of the whole, and how many of each."""
    return ((name, found.dossiers[change]) for change, name in WORDS.items() if change in found.dossiers)


def signed(by: int) -> str:
    """A difference with its sign."""
    return ("+" if by > 0 else "-" if by else "") + wording.cell(abs(by))
