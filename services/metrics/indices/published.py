"""Scores as the national portal publishes them: its JSON read in both of its shapes, and compared with ours. Pure.

What is null there stays unknown, and is never 0. Nothing of it is changed: it is stored as published, with its day.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

import msgspec

from shared.contracts.kpis import Text
from shared.errors import Invalid

PROGRESS, PAYMENT = "PROGRESS", "PAYMENT"
"""Codes of ours for groups that the portal publishes without one."""
Cause = Literal[
    "not_synchronised", "other_base", "other_day", "judged_otherwise", "other_points", "unmapped_unit", "not_scored_here"
]
"""Why scores may differ: ours hold dossiers that theirs lack, or theirs more than ours; ours were the same on their day;
the same dossiers judged otherwise; the same counts give other points; a unit that the catalogue does not know; a component that
is not known from dossiers."""

CAUSE_NAMES: dict[Cause, Text] = {
    "not_synchronised": Text("Cổng thiếu hồ sơ: chưa đồng bộ", "The portal lacks dossiers: not synchronised"),
    "other_base": Text("Cổng có nhiều hồ sơ hơn: mẫu số khác", "The portal holds more: another base"),
    "other_day": Text("Số của ngày khác: bằng số của ta vào ngày công bố", "Of another day: equal to ours as of their day"),
    "judged_otherwise": Text("Cùng số hồ sơ, đánh giá khác", "The same number of dossiers, judged otherwise"),
    "other_points": Text("Cùng số liệu, điểm khác: cách tính khác", "The same counts, other points: another rule"),
    "unmapped_unit": Text("Danh mục không có đơn vị này", "The catalogue has no such unit"),
    "not_scored_here": Text("Không tính được ở đây", "Not known here"),
}
"""Causes in words."""

_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
_Whole = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
_Points = Annotated[float, msgspec.Meta(ge=0, le=1_000)]
Count = _Whole | Annotated[float, msgspec.Meta(ge=0, le=10**12)] | None


class _Metric(msgspec.Struct, rename="camel"):
    code: _Code
    numerator: Count = None
    denominator: Count = None
    score: _Points | None = None
    max_score: _Points | None = None


class _Evaluated(msgspec.Struct, rename="camel"):
    metrics: Annotated[list[_Metric], msgspec.Meta(max_length=1_000)] = []
    department_code: _Code | None = None


class _Unit(msgspec.Struct, rename="camel"):
    department_code: _Code | None = None
    total_received: Count = None
    total_on_time: Count = None
    score: _Points | None = None
    total_score: _Points | None = None
    max_score: _Points | None = None
    total_dossier_online_payment_success: Count = None
    total_dossier_financial_obligation: Count = None


class _Data(msgspec.Struct, rename="camel"):
    parent: _Unit | None = None
    children: Annotated[list[_Unit], msgspec.Meta(max_length=5_000)] = []
    overview: _Evaluated | list[_Metric] | None = None
    evaluation: Annotated[list[_Evaluated], msgspec.Meta(max_length=5_000)] = []


class _Response(msgspec.Struct, rename="camel"):
    data: _Data


class Published(NamedTuple):
    """A published count of a component or part."""

    code: str
    """As the portal names it, or `PROGRESS`, `PAYMENT`."""
    unit: str | None
    """Code of the unit by the portal; None: the unit that was asked for."""
    numerator: float | None
    denominator: float | None
    points: float | None
    out_of: float | None


def read_published(body: bytes) -> list[Published]:
    """What a response of the portal states. Raises `Invalid` where it is none of its shapes, or states nothing."""
    try:
        data = msgspec.json.decode(body, type=_Response).data
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Invalid(f"This is no response of the national portal: {error}") from error
    found = list(_read(data))
    if not found:
        raise Invalid("This response of the national portal has no metrics, and no parent with counts.")
    keys = [(one.code, one.unit) for one in found]
    if len(set(keys)) < len(keys):
        raise Invalid("A unit has a metric twice in this response.")
    return found


def _read(data: _Data) -> Iterator[Published]:
    if isinstance(data.overview, list):
        yield from _metrics(_Evaluated(data.overview))
    elif data.overview is not None:
        yield from _metrics(data.overview)
    for evaluated in data.evaluation:
        yield from _metrics(evaluated)
    if data.parent is not None:
        yield from _unit(data.parent, None)
    for child in data.children:
        if child.department_code:
            yield from _unit(child, child.department_code)


def _metrics(evaluated: _Evaluated) -> Iterator[Published]:
    for one in evaluated.metrics:
        yield Published(
            one.code,
            evaluated.department_code,
            as_published(one.numerator),
            as_published(one.denominator),
            one.score,
            one.max_score,
        )


def _unit(unit: _Unit, code: str | None) -> Iterator[Published]:
    points = unit.total_score if unit.score is None else unit.score
    if unit.total_received is not None:
        yield Published(
            PROGRESS, code, as_published(unit.total_on_time), as_published(unit.total_received), points, unit.max_score
        )
    elif unit.total_dossier_financial_obligation is not None:
        paid, due = unit.total_dossier_online_payment_success, unit.total_dossier_financial_obligation
        yield Published(PAYMENT, code, as_published(paid), as_published(due), points, unit.max_score)


def as_published(count: float | None) -> float | None:
    """A count with the decimals that were published; a whole number without any. A part of last year's may be the base."""
    return int(count) if count is not None and count == int(count) else count


Pair = tuple[float | None, float | None]


def cause_of(theirs: Pair, ours: Pair, then: Pair | None = None) -> Cause | None:
    """Why counts (above, below) may differ; None: they do not, or one side states none.

    `then`: ours as they were known on the day that theirs are of.
    """
    above, below = ours
    if above is None or below is None:
        return None if theirs == (None, None) else "not_scored_here"
    if theirs[0] is None or theirs[1] is None or theirs == ours:
        return None
    if theirs == then:
        return "other_day"
    if below != theirs[1]:
        return "not_synchronised" if below > theirs[1] else "other_base"
    return "judged_otherwise"
