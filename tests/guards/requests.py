"""Requests made from an OpenAPI document: one that the document's examples make valid, and each with one value spoilt."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

Path = tuple[str | int, ...]

INVENTED = "provinze"
"""A name that nothing here has."""


@dataclass(frozen=True)
class Request:
    """What is sent; `spoilt` tells what was changed from the valid one."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    spoilt: str = ""
    named: str = ""
    """The name that its refusal has to say."""

    @property
    def target(self) -> str:
        """Path and query."""
        return self.path + ("?" + urlencode(self.query, errors="surrogatepass") if self.query else "")


@dataclass
class Operation:
    """One operation of a document, with values for its parameters and bodies that fit."""

    method: str
    template: str
    described: dict[str, Any]
    document: dict[str, Any]
    known: dict[str, Any]
    """Values by parameter name that exist in the database."""
    values: dict[tuple[str, str], Any] = field(default_factory=dict)
    bodies: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        for one in self.described.get("parameters", ()):
            value = self.known.get(
                f"{self.template} {one['name']}", self.known.get(one["name"], example_of(one, self.document))
            )
            if one.get("required") or one["name"] in self.known:
                self.values[one["in"], one["name"]] = value
        content = self.described.get("requestBody", {}).get("content", {}).get("application/json")
        if content is not None:
            given = [content["example"]] if "example" in content else []
            given += [one["value"] for one in content.get("examples", {}).values()]
            self.bodies = [*given, sample(content.get("schema", {}), self.document)]

    def requests(self, texts: list[Any], numbers: list[Any], days: list[Any]) -> Iterator[Request]:
        """The valid requests, and every parameter and every leaf of every body with every value that is bad for its kind."""
        for body in self.bodies or [None]:
            yield self._request({}, body, "")
        for one in self.described.get("parameters", ()):
            kind = kinds_of(one.get("schema", {}), self.document)
            bad = [*texts, *numbers, *days] if one["in"] != "header" else [text for text in texts if printable(text)]
            if "integer" not in kind and "number" not in kind:
                bad = [value for value in bad if value in texts or value in days or value == numbers[0]]
            for value in bad:
                name = (one["in"], one["name"])
                yield self._request({name: value}, next(iter(self.bodies), None), f"{one['in']} {one['name']} = {value!r:.60}")
        for body in self.bodies:
            for path, leaf in leaves(body):
                for value in bad_for(leaf, texts, numbers, days):
                    yield self._request({}, with_value(body, path, value), f"body {path} = {value!r:.60}")

    def misnamed(self) -> Iterator[Request]:
        """Requests that would be valid but for a name or a value that nobody knows, or a single parameter given twice."""
        body = next(iter(self.bodies), None)
        yield self._request({("query", INVENTED): "1"}, body, "an invented parameter", INVENTED)
        for one in self.described.get("parameters", ()):
            if one["in"] == "query" and not any(part.get("type") == "array" for part in branches(one["schema"], self.document)):
                value = self.values.get(("query", one["name"]), example_of(one, self.document))
                yield self._request({("query", one["name"]): [value, value]}, body, "a parameter given twice", one["name"])
            allowed = [value for part in branches(one["schema"], self.document) for value in part.get("enum", ())]
            if allowed:
                yield self._request({(one["in"], one["name"]): INVENTED}, body, f"an invented {one['name']}", allowed[0])

    def misnamed_bodies(self) -> Iterator[Request]:
        """The same with a field that nobody knows in each object of each body."""
        schema = self.described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        for body in self.bodies:
            for path, one in closed(body, schema, self.document):
                yield self._request({}, with_value(body, path, {INVENTED: 1, **one}), f"a field invented at {path}", INVENTED)

    def _request(self, changed: dict[tuple[str, str], Any], body: Any, spoilt: str, named: str = "") -> Request:
        values = self.values | changed
        path = self.template
        for (where, name), value in values.items():
            if where == "path":
                path = path.replace(f"{{{name}}}", quote(str(value), safe="", errors="surrogatepass"))
        query = tuple(
            (name, str(one))
            for (where, name), value in values.items()
            if where == "query"
            for one in (value if isinstance(value, list) else [value])
        )
        headers = tuple((name, str(value)) for (where, name), value in values.items() if where == "header")
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers += (("content-type", "application/json"),)
        return Request(self.method.upper(), path, query, headers, content, spoilt, named)


def operations(document: dict[str, Any], known: dict[str, Any]) -> list[Operation]:
    """All operations of a document."""
    return [
        Operation(method, path, described, document, known)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference leads to."""
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
    return schema


def branches(schema: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    """The alternatives of a schema, `null` left out."""
    schema = resolved(schema, document)
    found = schema.get("anyOf") or schema.get("oneOf")
    if found is None:
        return [] if schema.get("type") == "null" else [schema]
    beside: dict[str, Any] = {name: schema[name] for name in ("maxLength", "pattern") if name in schema}  # of whichever it is
    return [{**beside, **one} for part in found for one in branches(part, document)]


def kinds_of(schema: dict[str, Any], document: dict[str, Any]) -> set[str]:
    """The JSON types that a parameter may have, those of an array's items too."""
    kinds: set[str] = set()
    for one in branches(schema, document):
        kinds |= kinds_of(one["items"], document) if one.get("type") == "array" and "items" in one else {one.get("type", "")}
    return kinds


def example_of(parameter: dict[str, Any], document: dict[str, Any]) -> Any:
    """A value that fits a parameter."""
    schema = parameter.get("schema", {})
    examples = schema.get("examples") or [one["examples"][0] for one in branches(schema, document) if one.get("examples")]
    return examples[0] if examples else sample(schema, document)


def sample(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """A value of a schema in which nothing is left out."""
    alternatives = branches(schema, document)
    if not alternatives:
        return None
    one = alternatives[0]
    if examples := schema.get("examples") or one.get("examples"):
        return copy.deepcopy(examples[0])
    if "const" in one or "enum" in one:
        return one["const"] if "const" in one else one["enum"][0]
    kind = one.get("type")
    if kind == "object" or "properties" in one:
        made = {name: sample(part, document) for name, part in one.get("properties", {}).items()}
        more = one.get("additionalProperties")
        return made | ({"name": sample(more, document) if isinstance(more, dict) else "value"} if more else {})
    if kind == "array":
        return [sample(one.get("items", {}), document)]
    if kind in ("integer", "number"):
        return max(one.get("minimum", 1), 1)
    if kind == "boolean":
        return True
    return {"date": "2023-06-15", "date-time": "2023-06-15T09:00:00+07:00"}.get(one.get("format", ""), "30")


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every part of a body that holds no others."""
    parts: Any = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value[:1])
    if not parts:
        yield path, value
    for name, part in parts:
        yield from leaves(part, (*path, name))


def closed(value: Any, schema: dict[str, Any], document: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The objects of a body whose names are ours: all but mappings of names that callers choose."""
    alternatives = branches(schema, document)
    if isinstance(value, dict):
        alternatives = [one for one in alternatives if fits(value, one)]
        known = {name: part for one in alternatives for name, part in one.get("properties", {}).items()}
        chosen = [one["additionalProperties"] for one in alternatives if isinstance(one.get("additionalProperties"), dict)]
        chosen += [part for one in alternatives for part in one.get("patternProperties", {}).values()]
        if not chosen:
            yield path, value
        for name, part in value.items():
            yield from closed(part, known.get(name, chosen[0] if chosen else {}), document, (*path, name))
    elif isinstance(value, list):
        items: dict[str, Any] = next((one["items"] for one in alternatives if "items" in one), {})
        for part in value[:1]:
            yield from closed(part, items, document, (*path, 0))


def fits(value: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether an object has the values that an alternative is known by."""
    parts = schema.get("properties", {}).items()
    return all(value.get(name) in part["enum"] for name, part in parts if len(part.get("enum", ())) == 1)


def with_value(body: Any, path: Path, value: Any) -> Any:
    """The body with another value at a place."""
    if not path:
        return value
    made = copy.copy(body)
    made[path[0]] = with_value(body[path[0]], path[1:], value)
    return made


def bad_for(leaf: Any, texts: list[Any], numbers: list[Any], days: list[Any]) -> list[Any]:
    """What is tried in the place of a value."""
    if isinstance(leaf, str):
        return [*texts, numbers[0], None, *(days if leaf[:4].isdigit() and "-" in leaf else ())]
    if isinstance(leaf, bool) or leaf is None:
        return [texts[0], numbers[0]]
    if isinstance(leaf, int | float):
        return [*numbers, texts[0], None]
    return [{texts[0]: texts[0]}, {"deep": [{"er": texts[0]}]}, {"number": numbers[0]}, [texts[0]], texts[0], numbers[0]]


def printable(text: str) -> bool:
    """Whether a header may hold the text."""
    return text.isascii() and text.isprintable()


def unbounded(schema: dict[str, Any], document: dict[str, Any], place: str) -> Iterator[str]:
    """The places in a schema where a text, a number or a list has no bound, or a text may hold U+0000."""
    alternatives = branches(schema, document)
    for one in alternatives:
        kind = one.get("type")
        if kind == "string" and any(other.get("type") == "number" for other in alternatives):
            continue  # the same number, written as a text
        if "enum" in one or "const" in one or one.get("format") in ("date", "date-time", "binary"):
            continue
        if kind == "string":
            accepted = re.compile(one.get("pattern", ""))
            if accepted.search("a\0b") or accepted.search("2023\0"):
                yield f"{place} may hold U+0000"
            if "maxLength" not in one and any(accepted.search(letter * 100_000) for letter in "a1"):
                yield f"{place} is a text without end"
        elif kind in ("integer", "number"):
            if not ({"minimum", "exclusiveMinimum"} & one.keys() and {"maximum", "exclusiveMaximum"} & one.keys()):
                yield f"{place} is a number without bounds"
        elif kind == "array":
            if "maxItems" not in one:
                yield f"{place} is a list without end"
            yield from unbounded(one.get("items", {}), document, f"{place}[]")
        for name, part in one.get("properties", {}).items():
            yield from unbounded(part, document, f"{place}.{name}")
        more = one.get("additionalProperties")
        if isinstance(more, dict):
            if "maxProperties" not in one:
                yield f"{place} has members without end"
            yield from unbounded(one.get("propertyNames", {"type": "string"}), document, f"{place}.<name>")
            yield from unbounded(more, document, f"{place}.<value>")
