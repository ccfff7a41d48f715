"""What msgspec found wrong with values, as sentences in both languages that name the field; its own speak of types."""

from __future__ import annotations

import re
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from shared.languages import Bilingual, bilingual

_PARTS = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<field>[^`]*)`)?", re.DOTALL)
_TYPES = {
    "int": Bilingual("a whole number", "số nguyên"),
    "float": Bilingual("a number", "số"),
    "str": Bilingual("a text", "chuỗi ký tự"),
    "bool": Bilingual("true or false", "true hoặc false"),
    "array": Bilingual("a list", "danh sách"),
    "object": Bilingual("an object", "đối tượng (object)"),
    "date": Bilingual("a day like 2023-04-28", "ngày, viết như 2023-04-28"),
    "datetime": Bilingual("an instant like 2023-04-28T09:00:00+07:00", "thời điểm, viết như 2023-04-28T09:00:00+07:00"),
}
_BOUNDS = {
    ">=": ("at least", "ít nhất"),
    ">": ("greater than", "lớn hơn"),
    "<=": ("at most", "tối đa"),
    "<": ("less than", "nhỏ hơn"),
}
_RULES: tuple[tuple[re.Pattern[str], tuple[str, str]], ...] = (
    (re.compile(r"Invalid enum value '?(?P<value>.*?)'?"), ("`{value}` is no value of it.", "không nhận giá trị `{value}`.")),
    (re.compile(r"Object missing required field `(?P<name>[^`]*)`"), ("`{name}` is missing.", "thiếu `{name}`.")),
    (re.compile(r"Object contains unknown field `(?P<name>[^`]*)`"),
     ("there is no field `{name}`.", "không có trường `{name}`.")),
    (re.compile(r"Invalid (?:RFC3339 |ISO8601 )?(?:encoded )?(?P<type>datetime|date)\b.*"),
     ("it must be {type}.", "phải là {type}.")),
    (re.compile(r"Expected `\w+`(?: of length)? (?P<bound>[<>]=?) (?P<number>\S+)"),
     ("it must be {bound} {number}.", "phải {bound} {number}.")),
    (re.compile(r"Expected `\w+` matching regex .*"), ("it is not written as it must be.", "viết không đúng định dạng.")),
    (re.compile(r"Expected `(?P<type>\w+)[^`]*`.*"), ("it must be {type}.", "phải là {type}.")),
)  # fmt: skip
_OTHER = ("its value is not valid.", "giá trị không hợp lệ.")
_STEP = re.compile(r"([^.\[\]]+)|\[[^\]]*\]")
"""A field, or an index of a list or mapping, in a path of msgspec."""
MAX_LISTED = 50
"""Values that a sentence lists at most."""


def field_of(error: msgspec.ValidationError) -> str:
    """The path of the field that is wrong: `clock.0.supplement`; empty where the error is about a value as a whole."""
    parts = _PARTS.fullmatch(str(error))
    path = parts["field"] if parts is not None else None
    return ".".join(step[1] or step[0].strip("[].") or "?" for step in _STEP.finditer(path or ""))


def sentence_of(error: msgspec.ValidationError, kind: Any = None) -> Bilingual:
    """`field: what is wrong with it.`; without the field where the error is about a value as a whole.

    With `kind`, the type that the values should be of, the sentence lists the values that are allowed, where they are few.
    """
    parts = _PARTS.fullmatch(str(error))
    assert parts is not None, "the pattern matches any text"
    field = parts["field"] or ""
    for pattern, templates in _RULES:
        match = pattern.fullmatch(parts["what"])
        if match is not None:
            values: dict[str, object] = dict(match.groupdict())
            if "type" in values:
                values["type"] = _TYPES.get(str(values["type"]), Bilingual("of another type", "kiểu khác"))
            if "bound" in values:
                values["bound"] = Bilingual(*_BOUNDS[str(values["bound"])])
            what = bilingual(*templates, **values)
            if "value" in values:
                what = _with_known(what, _values_at(kind, field))
            break
    else:
        what = _own(error.__cause__) or Bilingual(*_OTHER)
    return bilingual("{field}: {what}", "{field}: {what}", field=field, what=what) if field else what


def _with_known(what: Bilingual, known: list[str]) -> Bilingual:
    if not 0 < len(known) <= MAX_LISTED:
        return what
    listed = ", ".join(f"`{one}`" for one in sorted(known))
    return bilingual("{what} Known: {listed}.", "{what} Các giá trị có sẵn: {listed}.", what=what, listed=listed)


def _values_at(kind: Any, path: str) -> list[str]:
    """The values that the type allows at a path, where it lists them."""
    kinds = _alternatives(kind)
    for step in _STEP.finditer(path):
        kinds = [inner for one in kinds for inner in _inside(one, step[1])]
    return [value for one in kinds for value in _listed(one)]


def _inside(kind: Any, name: str | None) -> list[Any]:
    """The types of a field of that name, or of what is in a list or mapping (None)."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        fields = msgspec.structs.fields(kind)
        return [inner for one in fields if one.encode_name == name for inner in _alternatives(one.type)]
    within = get_args(kind) if name is None and get_origin(kind) in (dict, list, tuple) else ()
    values = [one for one in within if one is not ...]
    return _alternatives(values[-1]) if values else []


def _listed(kind: Any) -> list[str]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(one.value) for one in kind]
    return [str(one) for one in get_args(kind)] if get_origin(kind) is Literal else []


def _alternatives(kind: Any) -> list[Any]:
    """The types that a type allows: of a union each, of `Annotated` the type itself."""
    if get_origin(kind) is Annotated:
        return _alternatives(get_args(kind)[0])
    if isinstance(kind, UnionType) or get_origin(kind) is Union:
        return [one for part in get_args(kind) for one in _alternatives(part)]
    return [kind]


def _own(cause: BaseException | None) -> Bilingual | None:
    """The sentence of a check of our own in a struct's `__post_init__`."""
    given = cause.args[0] if isinstance(cause, ValueError) and cause.args else None
    if isinstance(given, str):
        return Bilingual(f"{given}.", f"{given}.")
    return given if isinstance(given, Bilingual) else None
