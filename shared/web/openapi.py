"""The OpenAPI document of a service: FastAPI's own, completed.

FastAPI drops nulls in examples, knows one of the two ways to send a key, and documents errors that are never sent. So its
document is completed here: responses and bodies from their structs, descriptions from the docstrings of their fields, problems
from the key, the parameters and the body that a route takes.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from shared.errors import (
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Problem,
    TooLarge,
    TooManyRequests,
    Unauthorised,
    Unavailable,
    UnsupportedMedia,
)
from shared.fields import LINE
from shared.idempotency import KeyInUse, KeyMalformed, KeyReused
from shared.web.idempotency import IDEMPOTENCY_KEY
from shared.web.operations import Operation, operation_of
from shared.web.problems import PROBLEM_JSON, PROBLEM_TYPES, ProblemDocument, problem_document
from shared.web.responses import MAX_TAGS_LENGTH
from shared.web.routes import JSON, KEYLESS, scopes_of
from shared.web.schemas import REF, Json, schema_of, schemas_of

_KEYED = (Unauthorised, Forbidden, TooManyRequests)
_DEPRECATION = {
    "Deprecation": "Since when the operation is to be left, as `@` and seconds since 1970",
    "Sunset": "When the operation ends",
    "Link": "What says why it is to be left, and what to use in its place",
}
_LIMITED = {
    "Retry-After": "Seconds to wait before the next attempt",
    "RateLimit-Policy": "The bound that was reached; absent where it is none of the caller's doing",
    "RateLimit": "What is left of it, and in how many seconds that may change",
}
_BODIED = (TooLarge, UnsupportedMedia)
_ALWAYS = (Malformed, Invalid, Unavailable, Problem)
_ETAG: Json = {"description": "Names this state of the answer; give it back in `If-None-Match`", "schema": {"type": "string"}}
_IF_NONE_MATCH: Json = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "`ETag` of the response that the client has; while it still holds, the response is 304. More than"
    f" {MAX_TAGS_LENGTH} characters match nothing",
    "schema": {"type": "string", "maxLength": MAX_TAGS_LENGTH, "pattern": LINE},
}
EVENTS = "text/event-stream"


def describe(app: FastAPI, *, tags: Mapping[str, str], origin: str, schemas: Mapping[str, Json] | None = None) -> None:
    """Have `app` publish its finished document; `tags` state what each group of operations is for.

    `origin` is the address at which `make run` serves it, the default of the document's server.
    `schemas` are components that no type stands for, such as one that is made from a catalogue.
    """

    def openapi() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, tags, origin, schemas or {})
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI, tags: Mapping[str, str], origin: str, schemas: Mapping[str, Json]) -> Json:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    components = document.setdefault("components", {})
    known = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        known.pop(name, None)
    known |= schemas_of([ProblemDocument])
    components["securitySchemes"] = {
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key of the form mc_<id>_<secret>"},
        "bearer": {"type": "http", "scheme": "bearer", "description": "The same key as a bearer token"},
    }
    components["responses"] = {}
    document["info"]["contact"] = {"name": "The office that runs this service"}
    document["tags"] = [{"name": name, "description": text} for name, text in tags.items()]
    document["servers"] = [
        {
            "url": "{origin}",
            "variables": {"origin": {"default": origin, "description": "Where this service is reached"}},
        }
    ]
    for route in iter_route_contexts(app.routes):
        if route.path_format not in document["paths"]:
            continue
        for method in route.methods or ():
            described = document["paths"][route.path_format].get(method.lower())
            if described is not None:
                _finish(described, route, known, components["responses"])
    known |= schemas
    for schema in known.values():
        _add_defaults(schema)
        _add_keys(schema)
    named = _named({**document, "components": components["responses"]}, known)
    components["schemas"] = {name: schema for name, schema in sorted(known.items()) if name in named}
    return document


def _named(part: Any, known: Mapping[str, Json]) -> set[str]:
    """The components that a part of the document leads to: the type of a mapping's keys is a component that nothing names."""
    found: set[str] = set()
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
            name = str(one.get("$ref", "")).rpartition("/")[2]
            if name in known and name not in found:
                found.add(name)
                waiting.append(known[name])
    return found


def _add_defaults(schema: Json) -> None:
    """Say in words what a field is when it is left out: generators take a `default` for a promise that the field is there."""
    for described in schema.get("properties", {}).values():
        if "default" in described:
            default = described.pop("default")
            if default is not None and default != [] and default != {}:
                told = msgspec.json.encode(default).decode()
                described["description"] = f"{described.get('description', '')} Left out: `{told}`.".strip()


def _add_keys(schema: Json) -> None:
    """Say what the keys of a mapping must look like beside what it holds: few generators know `patternProperties`."""
    for described in schema.get("properties", {}).values():
        if patterns := described.pop("patternProperties", None):
            ((pattern, described["additionalProperties"]),) = patterns.items()
            described["propertyNames"] = {"pattern": pattern}


def _finish(described: Json, route: Any, known: Json, shared: Json) -> None:
    declared = operation_of(route.endpoint)
    keyed = route.path_format not in KEYLESS
    scopes = scopes_of(route.dependant)
    described["security"] = [{"key": []}, {"bearer": []}] if keyed else []
    if scopes:
        words = " or ".join(f"`{scope}`" for scope in scopes)
        described["description"] = f"{described.get('description', '')}\n\nNeeds a key with the scope {words}.".strip()
        described["x-scopes"] = list(scopes)
    responses = described["responses"]
    responses.pop("default", None)
    responses.pop("422", None)
    status = next((code for code in responses if code.startswith("2")), "200")
    response = responses.setdefault(status, {"description": ""})
    _response(response, declared, getattr(route.endpoint, "response_type", None), known)
    if response["description"] in ("", "Successful Response"):
        response["description"] = described["summary"]
    if declared.unchanged:
        responses[status].setdefault("headers", {})["ETag"] = _ETAG
        responses["304"] = {"description": "Not modified: the client has it already", "headers": {"ETag": _ETAG}}
        described.setdefault("parameters", []).append(_IF_NONE_MATCH)
    if "requestBody" in described:
        _body(described["requestBody"]["content"], declared, known)
    parameters = {one["name"] for one in described.get("parameters", ())}
    problems = [*declared.problems, *_ALWAYS, *(_KEYED if keyed else ()), *(_BODIED if "requestBody" in described else ())]
    if "{" in route.path_format or "province" in parameters:
        problems.append(NotFound)
    if IDEMPOTENCY_KEY in parameters:
        problems += (KeyMalformed, KeyInUse, KeyReused)
    by_status: dict[int, list[type[Problem]]] = {}
    for problem in problems:
        if problem not in by_status.setdefault(problem.status, []):
            by_status[problem.status].append(problem)
    for code, kinds in sorted(by_status.items()):
        name = "".join(sorted(kind.__name__ for kind in kinds))
        if name not in shared:
            shared[name] = _problem_response(kinds, known)
        responses[str(code)] = {"$ref": f"#/components/responses/{name}"}


def _body(content: Json, declared: Operation, known: Json) -> None:
    if declared.body is not None:
        types = declared.body if isinstance(declared.body, tuple) else (declared.body,)
        known |= schemas_of([*types], received=True)
        schemas = [schema_of(one) for one in types]
        content[JSON]["schema"] = schemas[0] if len(schemas) == 1 else {"oneOf": schemas}
    if declared.body_example is not None:
        content[JSON]["example"] = _written(declared.body_example)
    if declared.body_examples:
        content[JSON]["examples"] = {
            words: {"summary": words, "value": _written(value)} for words, value in declared.body_examples.items()
        }
    for media, message in declared.body_media.items():
        content[media]["schema"] = {"type": "string", "format": "binary", "description": message}


def _response(response: Json, declared: Operation, annotated: Any, known: Json) -> None:
    type_ = declared.response or annotated or (type(declared.example) if isinstance(declared.example, msgspec.Struct) else None)
    content = response.setdefault("content", {})
    if type_ is not None:
        if not (isinstance(type_, type) and issubclass(type_, BaseModel)):
            known |= schemas_of([type_])
        content.setdefault(JSON, {})["schema"] = schema_of(type_)
    if declared.example is not None:
        content.setdefault(JSON, {})["example"] = _written(declared.example)
    for media in declared.media:
        content[media] = {"schema": {"type": "string"} if media.startswith("text/") else {"type": "string", "format": "binary"}}
    if declared.events:
        known |= schemas_of([*declared.events.values()])
        content[EVENTS] = {
            "schema": {"type": "string", "description": _event_schemas(declared.events)},
            # OpenAPI 3.1 has no word for the type of an event.
            "x-events": {name: schema_of(type_) for name, type_ in declared.events.items()},
        }
    if not content:
        del response["content"]
    texts = dict(declared.headers)
    if declared.deprecated is not None:
        texts |= {name: _DEPRECATION[name] for name in declared.deprecated.headers()}
    if texts:
        response["headers"] = _headers(texts)


def _written(example: Any) -> Any:
    """An example as its JSON reads, with all that was given."""
    if isinstance(example, BaseModel):
        return example.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return msgspec.to_builtins(example)


def _event_schemas(events: Mapping[str, type[msgspec.Struct]]) -> str:
    lines = (f"- `{name}`: `{type_.__name__}`. {inspect.cleandoc(type_.__doc__ or '')}" for name, type_ in events.items())
    return "Server-sent events; `data` is JSON, by the name in `event`:\n" + "\n".join(lines)


def _problem_response(kinds: list[type[Problem]], known: Json) -> Json:
    """The response of one status: a schema for each kind that has members of its own, and examples of all."""
    examples = [(kind, kind.example()) for kind in kinds]
    own = [_problem_schema(kind, example.members, known) for kind, example in examples if example.members is not None]
    names = [*own, *(["ProblemDocument"] if len(own) < len(kinds) else [])]
    schemas: list[Json] = [{"$ref": REF.format(name=name)} for name in names]
    return {
        "description": "; ".join(kind.title for kind in kinds),
        **({"headers": _headers(_LIMITED)} if kinds[0].status in (429, 503) else {}),
        "content": {
            PROBLEM_JSON: {
                "schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas},
                "examples": {
                    kind.type: {
                        "summary": kind.title,
                        "value": msgspec.json.decode(problem_document(example, "8b0f6f0c2f5b4d0e")),
                    }
                    for kind, example in examples
                },
            }
        },
    }


def _headers(texts: Mapping[str, str]) -> Json:
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in texts.items()}


def _problem_schema(kind: type[Problem], members: msgspec.Struct, known: Json) -> str:
    """Puts the schema of a problem with members of its own among those `known`; its name."""
    parts = schemas_of([ProblemDocument, type(members)])
    document, own = parts.pop("ProblemDocument"), parts.pop(type(members).__name__)
    known |= parts
    name = f"{kind.__name__}Problem"
    address = {**document["properties"]["type"], "enum": [PROBLEM_TYPES + kind.type]}
    known[name] = {
        "title": name,
        "type": "object",
        "description": inspect.cleandoc(kind.__doc__ or kind.title),
        "properties": {**document["properties"], "type": address, **own["properties"]},
        "required": [*document["required"], *own["required"]],
    }
    return name
