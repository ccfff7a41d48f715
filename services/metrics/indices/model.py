"""The nine criteria of circular 01/2018/TT-VPCP, of 0, 1 or 2 points each. Pure.

Points come from KPIs where the rule is known, else from an assessment that people entered with its basis. A component that has
neither is "not available", and the total says out of how many points it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from shared.contracts.kpis import Text

Index = Literal["766", "01-2018"]
Values = Mapping[str, float | None]
"""KPI values of a scope and period."""


@dataclass(frozen=True, slots=True)
class PointsRule:
    """How points are computed from KPIs."""

    kpis: tuple[str, ...]
    """Those that it reads."""
    points: Callable[[Values], float | None]
    """Points from their values; None without a base."""


@dataclass(frozen=True, slots=True)
class Component:
    """One line of an index."""

    id: str
    group: Text
    name: Text
    points: float
    rule: Text
    """How points are given, in words."""
    computed: PointsRule | None = None
    """None: only by assessment."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Points that people entered, with what they rest on."""

    component: str
    points: float
    basis: str


@dataclass(frozen=True, slots=True)
class ComponentScore:
    """A component's outcome."""

    component: Component
    points: float | None
    """None: not available."""
    source: Literal["computed", "assessed", "not_available"]
    basis: str | None


_BY_ASSESSMENT = Text("Theo đánh giá được nhập; chưa có quy tắc tính tự động", "As assessed; no rule to compute it is known")


def _time(values: Values) -> float | None:
    spent = values.get("time_of_limit")
    return None if spent is None else 2 if spent < 1 else 1 if spent == 1 else 0


def _contacts(values: Values) -> float | None:
    contacts = values.get("supplements_per_dossier")
    return None if contacts is None else 2 if contacts == 0 else 1 if contacts <= 1 else 0


def _feedback(values: Values) -> float | None:
    if values.get("feedback_recorded") is None:
        return None
    share = values.get("feedback_in_time_share")
    return 2 if share is None or share >= 1 else 1 if share >= 0.9 else 0


_CRITERION = Text("Tiêu chí", "Criterion")

CIRCULAR_01: tuple[Component, ...] = (
    Component("1", _CRITERION, Text("Tổng thời gian giải quyết so với quy định", "Total time against the legal time"), 2,
              Text("Ngắn hơn 2, bằng 1, dài hơn 0", "Shorter 2, equal 1, longer 0"), PointsRule(("time_of_limit",), _time)),
    Component("2", _CRITERION, Text("Thời gian của từng cơ quan tham gia", "Time of each agency taking part"), 2,
        _BY_ASSESSMENT),
    Component("3", _CRITERION, Text("Số lần liên hệ để hoàn thiện hồ sơ", "Contacts to complete the dossier"), 2,
              Text("Không phải bổ sung 2, bình quân đến 1 lần 1, hơn 0",
                  "No supplements 2, up to one on average 1, more 0"), PointsRule(("supplements_per_dossier",), _contacts)),
    Component("4", _CRITERION, Text("Số cơ quan phải liên hệ", "Agencies to be contacted"), 2, _BY_ASSESSMENT),
    Component("5", _CRITERION, Text("Tỷ lệ thực hiện tại Bộ phận Một cửa", "Share handled at the one-stop desk"), 2,
        _BY_ASSESSMENT),
    Component("6", _CRITERION, Text("Công khai thủ tục hành chính", "Publication of procedures"), 2, _BY_ASSESSMENT),
    Component("7", _CRITERION, Text("Thái độ phục vụ", "Attitude"), 2, _BY_ASSESSMENT),
    Component("8", _CRITERION, Text("Tiếp thu, giải trình phản ánh, kiến nghị", "Feedback"), 2,
              Text("Không có hoặc đúng hạn 100 % 2, từ 90 % 1, còn lại 0", "None or all in time 2, from 90 % 1, else 0"),
                  PointsRule(("feedback_in_time_share",), _feedback)),
    Component("9", _CRITERION, Text("Dịch vụ công trực tuyến", "Online service"), 2, _BY_ASSESSMENT),
)  # fmt: skip

BANDS: tuple[tuple[float, Text], ...] = (
    (15, Text("Xuất sắc", "excellent")),
    (12, Text("Tốt", "good")),
    (9, Text("Khá", "fair")),
    (6, Text("Trung bình", "average")),
    (0, Text("Yếu", "weak")),
)
"""Lower bounds of the total of circular 01/2018; a bound belongs to the band above it."""


def kpis_used() -> tuple[str, ...]:
    """The KPIs that the rules read."""
    rules = (one.computed for one in CIRCULAR_01 if one.computed is not None)
    return tuple(dict.fromkeys(kpi for rule in rules for kpi in rule.kpis))


def component_scores(values: Values, assessments: Mapping[str, Assessment]) -> list[ComponentScore]:
    """The outcome of every component; an assessment is taken only where nothing can be computed."""
    found = []
    for component in CIRCULAR_01:
        points = component.computed.points(values) if component.computed else None
        assessment = assessments.get(component.id)
        if points is not None:
            found.append(ComponentScore(component, points, "computed", None))
        elif assessment is not None:
            found.append(ComponentScore(component, assessment.points, "assessed", assessment.basis))
        else:
            found.append(ComponentScore(component, None, "not_available", None))
    return found


def total(found: list[ComponentScore]) -> tuple[float, float]:
    """Points reached, and out of how many."""
    available = [line for line in found if line.points is not None]
    return sum(line.points or 0 for line in available), sum(line.component.points for line in available)


def band(found: list[ComponentScore]) -> Text | None:
    """The band of circular 01/2018; None while a criterion is not available."""
    points, base = total(found)
    if base < sum(line.component.points for line in found):
        return None
    return next(name for bound, name in BANDS if points >= bound)
