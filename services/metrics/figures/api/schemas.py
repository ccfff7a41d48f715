"""Components of the OpenAPI document that the catalogue of KPIs makes: clients read `kpis.received_new` by its name."""

from __future__ import annotations

from pydantic import WithJsonSchema

from services.metrics.figures.kpis.algebra import Kpi
from services.metrics.figures.kpis.catalogue import KPIS

Json = dict[str, object]

KPI_ID = WithJsonSchema({"$ref": "#/components/schemas/KpiId"})
"""The schema of a parameter or field that names a KPI."""


def _by_id(title: str, figure: str, description: str) -> Json:
    """The schema of an object with a property for each KPI; `figure`: name of the component of its values."""
    return {
        "title": title,
        "description": description,
        "type": "object",
        "properties": {kpi.id: {"$ref": f"#/components/schemas/{figure}", "description": _describe(kpi)} for kpi in KPIS},
        "additionalProperties": False,
    }


def _describe(kpi: Kpi) -> str:
    name, description = kpi.name, kpi.description
    return f"{name.en}: {description.en}. {name.vi}: {description.vi}."


SCHEMAS: dict[str, Json] = {
    "KpiId": {
        "title": "KpiId",
        "description": "Id of a KPI; `GET /v1/kpis/catalogue` defines them",
        "type": "string",
        "enum": [kpi.id for kpi in KPIS],
    },
    "Kpis": _by_id("FiguresByKpi", "KpiFigure", "The figures of a row by KPI, those of the query."),
    "ComparedKpis": _by_id(
        "ComparedFiguresByKpi", "ComparedFigure", "The figures of a row in both periods by KPI, those of the query."
    ),
    "PreviewedKpis": _by_id("PreviewedFiguresByKpi", "PreviewedFigure", "The figures of a row that would move."),
    "ChangedKpis": {
        "title": "ChangesByKpi",
        "description": "What dossiers made of the figures of a row, by KPI and kind of change.",
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "additionalProperties": {"$ref": "#/components/schemas/DossierEffect"},
        },
    },
    "MovedKpis": _by_id("MovedFiguresByKpi", "MovedFigure", "The figures of a row that moved."),
}
