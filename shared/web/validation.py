"""What FastAPI found wrong with a request, said to whoever sent it: with the name or the value that was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from shared.errors import FieldError
from shared.spelling import alternatives, printable, suggestion, unknown_name

MAX_FIELD_ERRORS = 50
"""Faults that one refusal tells of."""
_MAX_NAME_LENGTH = 64
"""Characters of a name in a place: a body's own keys may be longer."""
_OF_NAMES = ("extra_forbidden", "unknown_")
"""How the rules begin that say that a name is not known: pydantic's, and those of names that a model looks up by itself."""
_EXPECTED = re.compile(r"'([^']*)'")


def field_errors(errors: Sequence[ErrorDetails], body: Any) -> list[FieldError]:
    """The faults of a request; `body` is the type of what the route takes in its body.

    Names that are not known come first, since they are why others are missing.
    """
    sorted_errors = sorted(errors, key=lambda error: not error["type"].startswith(_OF_NAMES))
    return [_field_error(error, body) for error in sorted_errors[:MAX_FIELD_ERRORS]]


def _field_error(error: ErrorDetails, body: Any) -> FieldError:
    path, rule = tuple(error["loc"]), str(error["type"])
    if rule == "extra_forbidden":
        *outer, name = path
        message = unknown_name("field", str(name), sorted(names_at(body, outer[1:])))
        return FieldError(_at([*outer, printable(str(name)) or "?"]), message, "unknown_field")
    if rule in ("literal_error", "enum") and (allowed := _EXPECTED.findall(error["ctx"]["expected"])):
        given = error["input"]
        message = (
            unknown_name("value", given, allowed)
            if isinstance(given, str)
            else f"This is no value of it. {suggestion('', allowed)}"
        )
        return FieldError(_at(path), message, rule)
    return FieldError(_at(path), str(error["msg"]), rule)


def _at(path: Sequence[str | int]) -> str:
    return ".".join(str(part)[:_MAX_NAME_LENGTH] for part in path if part != "[key]")


def names_at(kind: Any, path: Sequence[str | int]) -> set[str]:
    """The names that the object at a place in a body of this type may have."""
    if not path:
        return {field.alias or name for model in _models(kind) for name, field in model.model_fields.items()}
    part, rest = path[0], path[1:]
    found: set[str] = set()
    for one in alternatives(kind):
        origin, inner = get_origin(one), get_args(one)
        if isinstance(one, type) and issubclass(one, BaseModel):
            for name, field in one.model_fields.items():
                if part == (field.alias or name):
                    found |= names_at(field.annotation, rest)
        elif isinstance(part, int) and inner:
            found |= names_at(inner[0], rest)
        elif origin in (dict, Mapping):
            found |= names_at(inner[1], rest)
    # Of a union, the place also names the alternative that was tried.
    return found or names_at(kind, rest)


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    for one in alternatives(kind):
        if isinstance(one, type) and issubclass(one, BaseModel):
            yield one
