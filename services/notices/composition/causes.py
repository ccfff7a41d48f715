"""Whether the counts bear the causes of lateness that the team states. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import msgspec

from services.notices.composition.kpis import LATE_BY_LAW
from services.notices.figures.model import Pinned, Unit
from services.notices.inspections.causes import Weight, weight_of
from services.notices.inspections.model import PLACEHOLDER, Inspection, LateCause
from shared.contracts.kpis import KpiResponse, UnitRow
from shared.errors import Guidance, Invalid
from shared.workdays.causes import DelayCause

STATED = {"overdue_causes": "resolved_overdue", "pending_causes": "in_process_overdue"}
"""Where an inspection states causes, and the dossiers that it states them of."""


class Unborne(msgspec.Struct, frozen=True):
    """A stated cause that the counts do not bear."""

    path: str
    """Where in the inspection: `overdue_causes.0`."""
    cause: str
    """The stated cause, by its kind."""
    claims: str
    """How much of the lateness the text claims for it: `some`, `largest`, `majority`, `all`; or `count`, where the team's own
    count is larger than the counted one."""
    counted: int
    """Dossiers late by law that metrics counts under the cause."""
    of: int
    """All dossiers late by law that it is stated of: the resolved ones, or those in process."""
    causes: dict[str, int]
    """What metrics counts instead: dossiers by cause, without those of none."""


class UnborneCauses(msgspec.Struct, frozen=True):
    """The causes that keep an inspection from becoming a notice."""

    causes: list[Unborne]
    """Those that the team does not insist on."""


_WHAT_TO_DO = (
    "Correct the causes, or insist with `own_finding` (the record they rest on): the notice then marks them as the team's own."
)


class CausesUnborne(Invalid):
    """An inspection states causes of lateness that the counts do not bear."""

    type = "causes-unborne"
    title = "The counted causes do not bear what is stated"
    guidance = Guidance(
        "Compare the stated causes with the counts in the answer; correct them, or mark them as the team's `own_finding`.",
        "Nguyên nhân không khớp số liệu",
        "Cuộc kiểm tra nêu nguyên nhân chậm hạn mà số liệu không chứng minh.",
        "Đối chiếu nguyên nhân với số liệu trong câu trả lời; sửa lại, hoặc ghi là phát hiện riêng của đoàn (`own_finding`).",
    )

    @classmethod
    def example(cls) -> Self:
        """A cause that is said to be behind all, and is behind most."""
        one = Unborne("overdue_causes.0", "staff", Weight.all.value, 12, 15, {"staff": 12, "due_moved": 3})
        return cls(f"{_explained(one)}. {_WHAT_TO_DO}", members=UnborneCauses([one]))


def counts_of(answer: KpiResponse[UnitRow]) -> dict[str, int]:
    """The counts of the whole in an answer of metrics."""
    return {kpi: one.numerator for kpi, one in answer.total.kpis.items() if one.numerator is not None}


def counts_in(pinned: Pinned) -> dict[str, int]:
    """The counts among pinned figures."""
    return {key: figure.size for key, figure in pinned.figures.items() if figure.unit is Unit.count}


def unborne(inspection: Inspection, counts: Mapping[str, int]) -> list[Unborne]:
    """Every stated cause that the counts do not bear, whether the team insists on it or not."""
    found = []
    for name, part in STATED.items():
        by_cause = {cause: counts.get(kpi, 0) for kpi, cause in LATE_BY_LAW[part].items()}
        for number, stated in enumerate(causes_stated(inspection, name)):
            claims = _unborne_claim(inspection, stated, by_cause, counts[part])
            if claims is not None:
                some = {cause.value: count for cause, count in by_cause.items() if count}
                counted = by_cause.get(stated.cause, 0)
                found.append(Unborne(f"{name}.{number}", stated.cause.value, claims, counted, counts[part], some))
    return found


def demand_borne(inspection: Inspection, counts: Mapping[str, int]) -> None:
    """Raise `CausesUnborne`, with the counted figures, unless the team insists on each cause that the counts do not bear."""
    refused = [one for one in unborne(inspection, counts) if not _at(inspection, one.path).own_finding]
    if refused:
        said = "; ".join(_explained(one) for one in refused)
        raise CausesUnborne(f"{said}. {_WHAT_TO_DO}", members=UnborneCauses(refused))


def _explained(one: Unborne) -> str:
    instead = ", ".join(f"{cause} {count}" for cause, count in one.causes.items()) or "no cause"
    return f"{one.path} claims {one.claims} for {one.cause}, but of {one.of} dossiers {one.counted} are counted so ({instead})"


def _unborne_claim(inspection: Inspection, stated: LateCause, by_cause: Mapping[DelayCause, int], whole: int) -> str | None:
    """What it claims and the counts deny."""
    counted, weight = by_cause.get(stated.cause, 0), weight_of(stated.text)
    borne = {
        Weight.some: counted > 0,
        Weight.largest: 0 < counted == max(by_cause.values()),
        Weight.majority: 2 * counted > whole,
        Weight.all: 0 < counted == whole,
    }
    if not borne[weight]:
        return weight.value
    named = [inspection.counts[name].value for name, part in PLACEHOLDER.findall(stated.text) if not part]
    return "count" if any(count > counted for count in named) else None


def causes_stated(inspection: Inspection, name: str) -> tuple[LateCause, ...]:
    """The causes stated under `overdue_causes` or `pending_causes`."""
    return inspection.overdue_causes if name == "overdue_causes" else inspection.pending_causes


def _at(inspection: Inspection, path: str) -> LateCause:
    name, _, number = path.partition(".")
    return causes_stated(inspection, name)[int(number)]
