"""Schemas of JSON in the OpenAPI documents: from structs, with descriptions from the docstrings of their fields."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import pairwise
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
from pydantic import BaseModel

Json = dict[str, Any]
"""A document or a part of one."""

REF = "#/components/schemas/{name}"
"""Where a component stands."""


def schema_of(type_: Any) -> Json:
    """The schema of a type, components by reference; of a union of structs, which msgspec does not know, any of theirs."""
    if len(structs := _any_of(type_)) > 1:
        return {"anyOf": [schema_of(one) for one in structs]}
    if isinstance(type_, type) and issubclass(type_, BaseModel):
        return {"$ref": REF.format(name=type_.__name__)}
    (schema,), _ = msgspec.json.schema_components([type_], schema_hook=_unknown, ref_template=REF)
    found: Json = _worded(schema)
    return found


def _any_of(type_: Any) -> tuple[Any, ...]:
    """The structs of a union of nothing else; any other type alone."""
    args = get_args(type_) if get_origin(type_) in (Union, UnionType) else ()
    return args if args and all(_struct_of(one) for one in args) else (type_,)


def _struct_of(type_: Any) -> type[msgspec.Struct] | None:
    """The class of a struct, also of a generic one with its arguments; None: it is none."""
    class_ = get_origin(type_) or type_
    return class_ if isinstance(class_, type) and issubclass(class_, msgspec.Struct) else None


def _unknown(type_: type) -> Json:
    """Of JSON whose shape is known elsewhere, such as the settings of a source."""
    if type_ is object:
        return {"description": "JSON whose shape is told elsewhere"}
    raise TypeError(f"{type_} has no schema")


def _worded(schema: Any) -> Any:
    """What few generators know in other words: tuples as arrays of a fixed length, generic types as `KpiAnswerUnitRow`,
    and choices with their type."""
    if isinstance(schema, list):
        return [_worded(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _worded(value) for key, value in schema.items()}
    if isinstance(found.get("$ref"), str):
        # What else stands there is how the component's type is written in Python.
        found = {"$ref": found["$ref"].replace("_", "")}
    if "enum" in found and all(isinstance(one, str) for one in found["enum"]):
        found = {"type": "string", **found}
        if "description" in found:
            found["description"] = inspect.cleandoc(found["description"])
    items = found.pop("prefixItems", None)
    if items is not None:
        kinds = [one for place, one in enumerate(items) if one not in items[:place]]
        found |= {"items": kinds[0] if len(kinds) == 1 else {"anyOf": kinds}, "minItems": len(items), "maxItems": len(items)}
    return found


def schemas_of(types: list[Any], *, received: bool = False) -> dict[str, Json]:
    """The components of types with descriptions of their fields.

    In what is sent every field is there, unless it is not set or its struct leaves out what has its default; in what is
    `received` a field with a default may be left out.
    """
    types = [one for type_ in types for one in _any_of(type_)]
    _, components = msgspec.json.schema_components(types, schema_hook=_unknown, ref_template=REF)
    components = {name.replace("_", ""): _worded(schema) for name, schema in components.items()}
    if clashing := [name for name in components if "." in name]:
        raise ValueError(f"two types share a name, which generators of clients do not bear: {', '.join(sorted(clashing))}")
    by_name = dict(one for type_ in types for one in _structs_in(type_, set()))
    for name, schema in components.items():
        struct = by_name.get(name)
        if struct is None or "properties" not in schema:
            continue
        schema["description"] = inspect.cleandoc(struct.__doc__ or name)
        texts = field_texts(struct)
        for one in msgspec.structs.fields(struct):
            field, value = one.name, one.encode_name
            described = schema["properties"][value]
            if _holds_instants(one.type):
                _call_instants(described)
            if "$ref" in described:
                described = schema["properties"][value] = {"$ref": described["$ref"]}
            if field in texts:
                described["description"] = texts[field]
            if not received:
                described.pop("default", None)
        if struct.__struct_config__.tag_field is not None:
            schema["properties"][struct.__struct_config__.tag_field]["description"] = "Which of the kinds it is"
        if not received and not struct.__struct_config__.omit_defaults:
            absent = {one.encode_name for one in msgspec.structs.fields(struct) if one.default is msgspec.UNSET}
            schema["required"] = [name for name in schema["properties"] if name not in absent]
    return components


def _holds_instants(type_: Any) -> bool:
    return type_ is datetime or any(_holds_instants(one) for one in getattr(type_, "__args__", ()))


def _call_instants(schema: Json) -> None:
    """Strings that are instants are called so, which msgspec does of those alone whose type demands an offset."""
    if schema == {"type": "string"}:
        schema["format"] = "date-time"
    for part in (*schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties")):
        if isinstance(part, dict):
            _call_instants(part)


def _structs_in(type_: Any, seen: set[Any]) -> Iterator[tuple[str, type[msgspec.Struct]]]:
    """Each struct with the name of its component."""
    if type_ in seen:
        return
    seen.add(type_)
    struct = _struct_of(type_)
    if struct is not None:
        yield "".join(one.__name__ for one in (struct, *get_args(type_))), struct
        for one in msgspec.structs.fields(type_):
            yield from _structs_in(one.type, seen)
    for one in getattr(type_, "__args__", ()):
        yield from _structs_in(one, seen)


@cache
def field_texts(struct: type) -> dict[str, str]:
    """The docstrings under the fields of a class and of those that it extends, by field."""
    texts: dict[str, str] = {}
    for one in reversed(struct.__mro__):
        if one.__module__ in ("builtins", "msgspec", "msgspec._core"):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(one)))
        except (OSError, TypeError):
            continue
        body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
        for statement, text in pairwise(body):
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and isinstance(text, ast.Expr)
                and isinstance(text.value, ast.Constant)
                and isinstance(text.value.value, str)
            ):
                texts[statement.target.id] = inspect.cleandoc(text.value.value)
    return texts
