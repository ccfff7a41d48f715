"""Whether the counts support the causes of lateness that the team states. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import msgspec

from services.notices.composition.kpis import LATE_BY_LAW
from services.notices.figures.model import FigureUnit, Pinned
from services.notices.inspections.causes import Weight, weight_of
from services.notices.inspections.model import PLACEHOLDER, Inspection, StatedCause
from shared.contracts.kpis import KpiResponse, UnitRow
from shared.errors import Guidance, Invalid
from shared.workdays.causes import DelayCause

EXPLAINED_KPIS = {"overdue_causes": "resolved_overdue", "pending_causes": "in_process_overdue"}
"""Fields of an inspection that state causes, and the KPI that counts the late dossiers of each."""


class UnsupportedCause(msgspec.Struct, frozen=True):
    """A stated cause that the counts do not support."""

    path: str
    """Where in the inspection: `overdue_causes.0`."""
    cause: str
    """The stated cause, by its kind."""
    claims: str
    """How much of the lateness the text attributes to it: `some`, `largest`, `majority`, `all`; or `count`, where the team's
    own count is larger than the counted one."""
    counted: int
    """Dossiers late by law that metrics counts under the cause."""
    of: int
    """All dossiers late by law that the statement is about: the resolved ones, or those in process."""
    causes: dict[str, int]
    """What metrics counts: dossiers by cause, without causes that have none."""


class UnsupportedCauses(msgspec.Struct, frozen=True):
    """The causes that keep an inspection from becoming a notice."""

    causes: list[UnsupportedCause]
    """Those without an `own_finding`."""


_GUIDANCE = (
    "Correct the causes, or give `own_finding` (the document they rest on): the notice then marks them as the team's own."
)


class CausesUnsupported(Invalid):
    """An inspection states causes of lateness that the counts do not support."""

    type = "causes-unsupported"
    title = "The counts do not support the stated causes"
    guidance = Guidance(
        "Compare the stated causes with the counts in the response; correct them, or mark them as the team's `own_finding`.",
        "Nguyên nhân không khớp số liệu",
        "Cuộc kiểm tra nêu nguyên nhân chậm hạn mà số liệu không chứng minh.",
        "Đối chiếu nguyên nhân với số liệu trong câu trả lời; sửa lại, hoặc ghi là phát hiện riêng của đoàn (`own_finding`).",
    )

    @classmethod
    def example(cls) -> Self:
        """A cause that is claimed for all late dossiers, and counted for most."""
        one = UnsupportedCause("overdue_causes.0", "staff", Weight.all.value, 12, 15, {"staff": 12, "due_moved": 3})
        return cls(f"{_detail(one)}. {_GUIDANCE}", members=UnsupportedCauses([one]))


def counts_of_response(response: KpiResponse[UnitRow]) -> dict[str, int]:
    """The counts of the whole in an response of metrics."""
    return {kpi: one.numerator for kpi, one in response.total.kpis.items() if one.numerator is not None}


def counts_of_pinned(pinned: Pinned) -> dict[str, int]:
    """The counts among pinned figures."""
    return {key: figure.size for key, figure in pinned.figures.items() if figure.unit is FigureUnit.count and figure.is_known}


def unsupported_causes(inspection: Inspection, counts: Mapping[str, int]) -> list[UnsupportedCause]:
    """Every stated cause that the counts do not support, with or without an `own_finding`."""
    unsupported = []
    for name, part in EXPLAINED_KPIS.items():
        by_cause = {cause: counts.get(kpi, 0) for kpi, cause in LATE_BY_LAW[part].items()}
        for number, stated in enumerate(causes_stated(inspection, name)):
            claims = _unsupported_claim(inspection, stated, by_cause, counts[part])
            if claims is not None:
                some = {cause.value: count for cause, count in by_cause.items() if count}
                counted = by_cause.get(stated.cause, 0)
                unsupported.append(
                    UnsupportedCause(f"{name}.{number}", stated.cause.value, claims, counted, counts[part], some)
                )
    return unsupported


def demand_supported(inspection: Inspection, counts: Mapping[str, int]) -> None:
    """Raise `CausesUnsupported`, with the counted figures, unless each unsupported cause has an `own_finding`."""
    refused = [one for one in unsupported_causes(inspection, counts) if not _at(inspection, one.path).own_finding]
    if refused:
        details = "; ".join(_detail(one) for one in refused)
        raise CausesUnsupported(f"{details}. {_GUIDANCE}", members=UnsupportedCauses(refused))


def _detail(one: UnsupportedCause) -> str:
    instead = ", ".join(f"{cause} {count}" for cause, count in one.causes.items()) or "no cause"
    return f"{one.path} claims {one.claims} for {one.cause}, but of {one.of} dossiers {one.counted} are counted so ({instead})"


def _unsupported_claim(
    inspection: Inspection, stated: StatedCause, by_cause: Mapping[DelayCause, int], whole: int
) -> str | None:
    """What the text claims and the counts contradict; None where they support it."""
    counted, weight = by_cause.get(stated.cause, 0), weight_of(stated.text)
    supported = {
        Weight.some: counted > 0,
        Weight.largest: 0 < counted == max(by_cause.values()),
        Weight.majority: 2 * counted > whole,
        Weight.all: 0 < counted == whole,
    }
    if not supported[weight]:
        return weight.value
    named = [inspection.counts[name].value for name, part in PLACEHOLDER.findall(stated.text) if not part]
    return "count" if any(count > counted for count in named) else None


def causes_stated(inspection: Inspection, name: str) -> tuple[StatedCause, ...]:
    """The causes stated under `overdue_causes` or `pending_causes`."""
    return inspection.overdue_causes if name == "overdue_causes" else inspection.pending_causes


def _at(inspection: Inspection, path: str) -> StatedCause:
    name, _, number = path.partition(".")
    return causes_stated(inspection, name)[int(number)]
