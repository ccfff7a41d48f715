"""The kinds of sources: what can be connected, and how its settings and records look. All of it follows from `KINDS`."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from fastapi import Depends

from services.ingest.components import JsonSchema, RecordFields
from services.ingest.sources.api.sources import SourceIn, SourceOut, example_body
from services.ingest.sources.bounds import MAX_ENTRIES, MAX_TEXT, Bounds
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import Arrival, Kind
from services.ingest.sources.traits import offers_procedures, reports_totals
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.web.operations import Router, operation
from shared.web.schemas import REF, Json, schemas_of

router = Router("sources", under="/sources")

ADDRESSES: Mapping[Arrival, str | None] = {
    Arrival.pulled: None,
    Arrival.events: "POST /v1/events?source=<name>",
    Arrival.national: "POST /v1/national/<name>",
    Arrival.imports: "POST /v1/imports?source=<name>",
}
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SETTINGS = "SourceSettings"
SettingsExample = Annotated[Mapping[str, object], msgspec.Meta(extra_json_schema={"$ref": REF.format(name=_SETTINGS)})]
SourceExample = Annotated[Mapping[str, object], msgspec.Meta(extra_json_schema={"$ref": REF.format(name=SourceIn.__name__)})]


class KindOut(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of source that can be connected."""

    kind: str
    """Its name, as `PUT /v1/sources/<name>` takes it."""
    summary: str
    """What kind of source it is."""
    arrival: Arrival
    """How its records come in."""
    address: str | None
    """Where they are sent; null: the worker reads them."""
    bears_version_time: bool
    """Its records bear a version time; else what came last is the newer."""
    reports_totals: bool
    """It counts its dossiers itself, so that it can be reconciled."""
    offers_procedures: bool
    """It has a catalogue of procedures that can be taken over."""
    settings: JsonSchema
    """What `settings` may hold, with defaults and bounds."""
    example_body: SourceExample
    """A body of `PUT /v1/sources/<name>` that connects one; `secret` names a password that the operator bound."""
    example_settings: SettingsExample
    """Settings as they may be given."""
    example_record: RecordFields
    """A record as it may come, which these settings read."""


class KindList(msgspec.Struct, frozen=True):
    """Every kind of source that can be connected."""

    kinds: list[KindOut]
    """In no order."""


def _kind(name: str, kind: Kind) -> KindOut:
    return KindOut(
        kind=name,
        summary=kind.SUMMARY,
        arrival=kind.ARRIVAL,
        address=ADDRESSES[kind.ARRIVAL],
        bears_version_time=kind.BEARS_VERSION_TIME,
        reports_totals=reports_totals(name),
        offers_procedures=offers_procedures(name),
        settings=settings_schema(kind),
        example_body=example_body(name),
        example_settings=kind.EXAMPLE_SETTINGS,
        example_record=kind.EXAMPLE_RECORD,
    )


def settings_schema(kind: Kind) -> Json:
    """The JSON Schema of the settings of a kind, whole in itself."""
    schemas = _schemas(kind)
    found = {"$schema": _DRAFT, **schemas.pop(kind.Settings.__name__)}
    if schemas:
        found["$defs"] = schemas
    prefix = REF.format(name="")
    whole: Json = _renamed(found, lambda ref: "#/$defs/" + ref.removeprefix(prefix))
    return whole


def kind_components() -> dict[str, Json]:
    """Components of the document: the settings of each kind, and what is sent and answered of a source of each."""
    found: dict[str, Json] = {}
    bases = {
        SourceIn.__name__: SourceIn.model_json_schema(ref_template=REF.replace("name", "model")),
        SourceOut.__name__: schemas_of([SourceOut])[SourceOut.__name__],
    }
    for name, kind in KINDS.items():
        title = _of(name, "Settings")
        schemas = _schemas(kind)
        found[title] = {**schemas.pop(kind.Settings.__name__), "title": title}
        found |= schemas
        for base, schema in bases.items():
            found[_of(name, base)] = _for_kind(schema, name, kind, title, _of(name, base))
    for base, schema in bases.items():
        refs = {name: REF.format(name=_of(name, base)) for name in KINDS}
        found[base] = {
            "title": base,
            "description": schema["description"],
            "oneOf": [{"$ref": ref} for ref in refs.values()],
            "discriminator": {"propertyName": "kind", "mapping": refs},
        }
    found[_SETTINGS] = {
        "title": _SETTINGS,
        "description": "The settings of a source, by its kind.",
        "anyOf": [{"$ref": REF.format(name=_of(name, "Settings"))} for name in KINDS],
    }
    return found


def _of(name: str, base: str) -> str:
    return "".join(part.title() for part in re.split("[^a-z0-9]+", name)) + base


def _for_kind(schema: Json, name: str, kind: Kind, settings: str, title: str) -> Json:
    """The schema of a source, as it is for a kind."""
    made = copy.deepcopy(schema)
    made["title"] = title
    made["properties"]["kind"] = {"type": "string", "enum": [name], "description": kind.SUMMARY}
    made["properties"]["settings"] = {
        "$ref": REF.format(name=settings),
        "description": schema["properties"]["settings"]["description"],
    }
    return made


def _schemas(kind: Kind) -> dict[str, Json]:
    """The schemas of the settings of a kind and of all that stands in them, with the bounds of all settings."""
    schemas = schemas_of([kind.Settings], received=True)
    bounds: Bounds = getattr(kind.Settings, "BOUNDS", {})
    for schema in schemas.values():
        for name, described in schema.get("properties", {}).items():
            _bound(described, bounds.get(name))
    return schemas


def _bound(schema: Json, bounds: tuple[float, float] | None) -> None:
    kind = schema.get("type")
    if kind == "string" and "enum" not in schema:
        schema.setdefault("maxLength", MAX_TEXT)
        schema.setdefault("pattern", "^[^\\x00]*$")
    elif kind in ("integer", "number") and bounds is not None:
        schema["minimum"], schema["maximum"] = bounds
    elif kind == "array":
        schema.setdefault("maxItems", MAX_ENTRIES)
    elif kind == "object":
        schema.setdefault("maxProperties", MAX_ENTRIES)
        schema["propertyNames"] = {"type": "string", "maxLength": MAX_TEXT, "pattern": "^[^\\x00]*$"}
    for part in (*schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties")):
        if isinstance(part, dict):
            _bound(part, bounds)


def _renamed(schema: Any, renamed: Any) -> Any:
    if isinstance(schema, list):
        return [_renamed(one, renamed) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: renamed(value) if key == "$ref" else _renamed(value, renamed) for key, value in schema.items()}


def _example() -> KindList:
    return KindList([_kind(name, kind) for name, kind in KINDS.items() if kind.ARRIVAL is Arrival.events])


@router.get("/kinds", summary="The kinds of sources that can be connected")
@operation(example=_example())
async def read_kinds(principal: Annotated[Principal, Depends(require("sources:manage", "ops:read"))]) -> KindList:
    """Each with the JSON Schema of its settings, and with settings and a record as they may be."""
    return KindList([_kind(name, kind) for name, kind in KINDS.items()])
