"""The OpenAPI documents: committed as they are, clean under a linter, and typed through and through."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.settings import SERVICES, Service
from tests.clients.documents import PYTHON_CLIENT, made, path_of, python_client_config
from tests.clients.generating import run_node

every_service = pytest.mark.parametrize("service", SERVICES)


@every_service
def test_the_committed_document_is_that_of_the_code(service: Service) -> None:
    assert path_of(service).read_text() == made(service), "run `make openapi` and look at the difference"


def test_the_committed_settings_of_the_python_generator_name_all_media_types() -> None:
    assert PYTHON_CLIENT.read_text() == python_client_config(), "run `make openapi`"


@every_service
def test_the_linter_finds_nothing(service: Service) -> None:
    said = run_node("@stoplight/spectral-cli/dist/index.js", "lint", "--fail-severity=hint", "--quiet=false", path_of(service))
    assert "No results" in said


_READS_FIGURES = """
import type { components, paths } from "./metrics";
type Answer<P extends "/v1/kpis" | "/v1/kpis/comparison"> = paths[P]["get"]["responses"][200]["content"]["application/json"];
declare const answer: Answer<"/v1/kpis">;
export const received: number | null | undefined = answer.total.kpis.received_new?.value;
declare const compared: Answer<"/v1/kpis/comparison">;
export const earlier: number | null | undefined = compared.rows[0]?.kpis.online_share?.before?.value;
export const asked: components["schemas"]["KpiId"][] = ["online_share"];
declare const moved: components["schemas"]["PositionMoved"];
export const position: number = moved.position;
"""
_MISSPELT = ("answer.total.kpis.recieved_new?.value", 'const kpi: components["schemas"]["KpiId"] = "recieved_new"')


def test_a_program_reads_figures_by_the_ids_of_kpis_and_a_misspelt_one_is_an_error_of_its_compiler(tmp_path: Path) -> None:
    run_node("openapi-typescript/bin/cli.js", path_of("metrics"), "-o", tmp_path / "metrics.ts")
    (tmp_path / "reads.ts").write_text(_READS_FIGURES)
    run_node("typescript/bin/tsc", "--strict", "--noEmit", tmp_path / "reads.ts")
    for number, line in enumerate(_MISSPELT):
        (tmp_path / f"misspelt{number}.ts").write_text(f"{_READS_FIGURES}\n{line}\n")
    with pytest.raises(AssertionError, match="recieved_new") as said:
        run_node("typescript/bin/tsc", "--strict", "--noEmit", *tmp_path.glob("misspelt*.ts"))
    assert str(said.value).count("error TS") >= len(_MISSPELT)


UNTYPED = {"ingest": 3, "metrics": 0, "notices": 0}
"""How many schemas of a document say nothing of what is in them; may only become fewer."""
UNDESCRIBED = {"ingest": 0, "metrics": 0, "notices": 0}
"""How many fields of a document have no description; may only become fewer."""


@every_service
def test_every_schema_says_what_is_in_it_and_every_field_what_it_means(service: Service) -> None:
    untyped, undescribed = [], []
    for place, schema in _schemas(json.loads(path_of(service).read_text()), ()):
        if place[-2] == "properties" and not schema.get("description"):
            undescribed.append("/".join(place))
        kind = set(schema) - {"title", "description", "default"}
        open_object = schema.get("type") == "object" and not schema.get("properties")
        if not kind or (open_object and schema.get("additionalProperties") in (None, True, {})):
            untyped.append("/".join(place))
    assert len(untyped) <= UNTYPED[service], untyped
    assert len(undescribed) <= UNDESCRIBED[service], undescribed


def _schemas(part: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every schema of a document, with where it stands."""
    if not isinstance(part, dict | list):
        return
    holds = {"properties", "schemas", "anyOf", "oneOf", "allOf"}
    if isinstance(part, dict) and (
        place[-1:] in (("schema",), ("items",), ("additionalProperties",)) or (len(place) > 1 and place[-2] in holds)
    ):
        yield place, part
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        if key not in ("example", "examples", "default"):
            yield from _schemas(value, (*place, str(key)))


NAMED_AS_THEIR_FIELD = {"ingest": {"Step"}, "metrics": set[str](), "notices": set[str]()}
"""Schemas that have a field of their own name; may only become fewer."""


@every_service
def test_no_schema_has_a_field_of_its_own_name(service: Service) -> None:
    """A generated Python class would hide its own module's name: type checkers refuse it."""
    schemas = json.loads(path_of(service).read_text())["components"]["schemas"]
    named = {name for name, schema in schemas.items() if _snake(name) in map(_snake, schema.get("properties", {}))}
    assert named <= NAMED_AS_THEIR_FIELD[service], named - NAMED_AS_THEIR_FIELD[service]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
