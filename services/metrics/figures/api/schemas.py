"""Components of the OpenAPI document that the catalogue of KPIs makes: clients read `kpis.received_new` by its name."""

from __future__ import annotations

from pydantic import WithJsonSchema

from services.metrics.figures.kpis import KPIS
from services.metrics.figures.kpis.algebra import Kpi

Json = dict[str, object]

KPI_ID = WithJsonSchema({"$ref": "#/components/schemas/KpiId"})
"""What a parameter or a field of a body that names a KPI says of itself."""


def _by_id(figure: str, says: str) -> Json:
    """An object with a property for each KPI; `figure`: the component that it holds."""
    return {
        "title": f"{figure}sByKpi",
        "description": says,
        "type": "object",
        "properties": {kpi.id: {"$ref": f"#/components/schemas/{figure}", "description": _told(kpi)} for kpi in KPIS},
        "additionalProperties": False,
    }


def _told(kpi: Kpi) -> str:
    name, description = kpi.name, kpi.description
    return f"{name.en}: {description.en}. {name.vi}: {description.vi}."


SCHEMAS: dict[str, Json] = {
    "KpiId": {
        "title": "KpiId",
        "description": "Id of a KPI; `GET /v1/kpis/catalogue` defines them",
        "type": "string",
        "enum": [kpi.id for kpi in KPIS],
    },
    "Kpis": _by_id("Figure", "The figures of a row, of the KPIs that were asked for."),
    "ComparedKpis": _by_id("ComparedFigure", "The figures of a row in both periods, of the KPIs that were asked for."),
    "MovedKpis": _by_id("MovedFigure", "The figures of a row that moved."),
}
