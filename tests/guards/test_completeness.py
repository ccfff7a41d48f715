"""Whatever gives a figure, or the dossiers behind one, says how complete it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from deploy.local.services import ROOT

BEARS = {"numerator", "figure", "figure_id", "contribution", "kpi", "doubtful_figure"}
"""Fields by which a response is known to give figures."""
OTHERWISE = {
    "GET /v1/kpis/catalogue": "definitions",
    "GET /v1/alerts/rules": "thresholds",
    "GET /v1/inspections/{number}": "what a team submitted",
    "PUT /v1/inspections/{number}": "what a team submitted",
}
SAMPLE = {"GET /v1/kpis", "GET /v1/figures/{figure}", "GET /v1/alerts", "GET /v1/notices/{number}/figures"}
"""Some that bear figures: the reading of the documents is tried by them."""
Json = dict[str, Any]


def _resolved(schema: Json, document: Json) -> Json:
    name = schema.get("$ref")
    return document["components"]["schemas"][name.rpartition("/")[2]] if name else schema


def _fields(schema: Any, document: Json, seen: set[str], *, fresh: bool) -> Iterator[str]:
    """The fields of a schema and of all below; `fresh`: also of those that say how complete they are."""
    if isinstance(schema, list):
        for one in schema:
            yield from _fields(one, document, seen, fresh=fresh)
    elif isinstance(schema, dict):
        name = schema.get("$ref")
        if name is not None and name not in seen:
            seen.add(name)
            found = _resolved(schema, document)
            if fresh or "freshness" not in found.get("properties", {}):
                yield from _fields(found, document, seen, fresh=fresh)
        yield from schema.get("properties", ())
        for key, one in schema.items():
            if key not in ("example", "examples"):
                yield from _fields(one, document, seen, fresh=fresh)


@pytest.mark.parametrize("service", ["metrics", "notices"])
def test_a_response_with_figures_says_how_complete_they_are(service: str) -> None:
    document = msgspec.json.decode((ROOT / "docs" / "openapi" / f"{service}.json").read_bytes())
    bearing, silent = set(), set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            route = f"{method.upper()} {path}"
            content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
            schema = content.get("schema", {})
            if BEARS & set(_fields(schema, document, set(), fresh=True)):
                bearing.add(route)
            if BEARS & set(_fields(schema, document, set(), fresh=False)):
                silent.add(route)
            headers = operation["responses"].get("200", {}).get("headers", {})
            if route in bearing and "text/csv" in operation["responses"]["200"]["content"]:
                assert {"Figures-Complete", "Figures-Incomplete", "Figures-Doubtful"} <= headers.keys(), route
    here = {f"{method.upper()} {path}" for path, operations in document["paths"].items() for method in operations}
    assert here & SAMPLE <= bearing
    assert silent == here & OTHERWISE.keys()
