"""The API of metrics with one KPI more than its catalogue has, and a component of an index that reads it."""

from __future__ import annotations

from services.metrics.figures.kpis import catalogue as kpis
from services.metrics.figures.kpis.algebra import Kpi, flow
from services.metrics.indices import model as indices
from services.metrics.indices.model import Component, PointsRule
from shared.contracts.definitions import ExampleFigure
from shared.contracts.kpis import Text

received = flow("received_online") + flow("received_counter") + flow("received_post") + flow("received_unstated")
ANOTHER = Kpi(
    "counter_share",
    Text("Tỷ lệ trực tiếp", "Counter share"),
    Text("Tiếp nhận trực tiếp / tiếp nhận mới", "Received at the counter / newly received"),
    flow("received_counter"),
    received,
    unit="share",
    better="lower",
    decimals=2,
    example=ExampleFigure(2, 9, 0.2222),  # B H
)


def _points(values: indices.Values) -> float | None:
    share = values[ANOTHER.id]
    return None if share is None else 9 * share


RULE = PointsRule((ANOTHER.id,), _points)
COMPONENT = Component("desk", Text("Thử", "Trial"), ANOTHER.name, 9, Text("9 nhân tỷ lệ", "9 by the share"), RULE)

kpis.KPIS = (*kpis.KPIS, ANOTHER)
kpis.BY_ID[ANOTHER.id] = ANOTHER
indices.CIRCULAR_01 = (*indices.CIRCULAR_01, COMPONENT)

from services.metrics.app import app  # noqa: E402 - the service reads the catalogue as it is imported

__all__ = ["ANOTHER", "app"]
