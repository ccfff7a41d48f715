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
}
SAMPLE = {"GET /v1/kpis", "GET /v1/figures/{figure}", "GET /v1/alerts", "GET /v1/notices/{number}/figures"}
"""Some that bear figures: the reading of the documents is tried by them."""
Json = dict[str, Any]


def _resolved(schema: Json, document: Json) -> Json:
    name = schema.get("$ref")
    return document["components"]["schemas"][name.rpartition("/")[2]] if name else schema


def _variants(schema: Json, document: Json) -> Iterator[Json]:
    schema = _resolved(schema, document)
    if "anyOf" not in schema:
        yield schema
    for one in schema.get("anyOf", ()):
        yield from _variants(one, document)


def _fields(schema: Any, document: Json, seen: set[str]) -> Iterator[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from _fields(one, document, seen)
    elif isinstance(schema, dict):
        if (name := schema.get("$ref")) is not None and name not in seen:
            seen.add(name)
            yield from _fields(_resolved(schema, document), document, seen)
        yield from schema.get("properties", ())
        for key, one in schema.items():
            if key not in ("example", "examples"):
                yield from _fields(one, document, seen)


@pytest.mark.parametrize("service", ["metrics", "notices"])
def test_a_response_with_figures_says_how_complete_they_are(service: str) -> None:
    document = msgspec.json.decode((ROOT / "docs" / "openapi" / f"{service}.json").read_bytes())
    bearing, silent = set(), set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            route = f"{method.upper()} {path}"
            content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
            for one in _variants(content.get("schema", {}), document):
                if BEARS & set(_fields(one, document, set())):
                    bearing.add(route)
                    if "freshness" not in one.get("properties", {}):
                        silent.add(route)
            headers = operation["responses"].get("200", {}).get("headers", {})
            if route in bearing and "text/csv" in operation["responses"]["200"]["content"]:
                assert {"Figures-Complete", "Figures-Incomplete"} <= headers.keys(), route
    here = {f"GET {path}" for path in document["paths"]}
    assert here & SAMPLE <= bearing
    assert silent == here & OTHERWISE.keys()
