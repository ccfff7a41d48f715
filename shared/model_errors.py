"""What pydantic found wrong with a request, as sentences of our own in both languages.

A sentence names the rule and its bound; for unknown names and values it names the one that was probably meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from shared.errors import FieldFault
from shared.fields import LINE, TEXT
from shared.languages import Bilingual, bilingual
from shared.spelling import FIELD, VALUE, alternatives, printable, suggestion, unknown_name

MAX_FIELD_ERRORS = 50
"""Errors that one problem lists."""
_MAX_NAME_LENGTH = 64
"""Characters of one name in a path: keys in a body may be longer."""
_OF_NAMES = ("extra_forbidden", "unknown_")
"""How the rules begin that state that a name is unknown: pydantic's, and those of names that a model checks by itself."""
_EXPECTED = re.compile(r"'([^']*)'")

_DAY = ("It must be a day that exists, like 2023-04-28.", "Phải là ngày có thật, viết như 2023-04-28.")
_INSTANT = ("It must be an instant like 2023-04-28T09:00:00+07:00.", "Phải là thời điểm, viết như 2023-04-28T09:00:00+07:00.")
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("It is missing. Give it.", "Thiếu giá trị này. Cần bổ sung."),
    "none_required": ("It must be null or left out.", "Phải để null hoặc bỏ trống."),
    "string_type": ("It must be a text.", "Phải là chuỗi ký tự."),
    "string_unicode": ("It must be a text in valid Unicode.", "Phải là chuỗi Unicode hợp lệ."),
    "string_too_short": ("It must have at least {min_length} characters.", "Phải có ít nhất {min_length} ký tự."),
    "string_too_long": ("It may have at most {max_length} characters.", "Được có tối đa {max_length} ký tự."),
    "string_pattern_mismatch": ("It does not match the pattern `{pattern}`.", "Không đúng định dạng `{pattern}`."),
    "int_type": ("It must be a whole number.", "Phải là số nguyên."),
    "int_parsing": ("It must be a whole number.", "Phải là số nguyên."),
    "int_from_float": ("It must be a whole number, without a fraction.", "Phải là số nguyên, không có phần thập phân."),
    "int_parsing_size": ("It has too many digits.", "Số có quá nhiều chữ số."),
    "float_type": ("It must be a number.", "Phải là số."),
    "float_parsing": ("It must be a number.", "Phải là số."),
    "decimal_type": ("It must be a number.", "Phải là số."),
    "decimal_parsing": ("It must be a number.", "Phải là số."),
    "finite_number": ("It must be a finite number.", "Phải là số hữu hạn."),
    "multiple_of": ("It must be a multiple of {multiple_of}.", "Phải là bội số của {multiple_of}."),
    "greater_than": ("It must be greater than {gt}.", "Phải lớn hơn {gt}."),
    "greater_than_equal": ("It must be at least {ge}.", "Giá trị tối thiểu là {ge}."),
    "less_than": ("It must be less than {lt}.", "Phải nhỏ hơn {lt}."),
    "less_than_equal": ("It must be at most {le}.", "Giá trị tối đa là {le}."),
    "too_short": ("It must have at least {min_length} entries; it has {actual_length}.",
                  "Phải có ít nhất {min_length} mục; hiện có {actual_length}."),
    "too_long": ("It may have at most {max_length} entries.", "Được có tối đa {max_length} mục."),
    "bool_type": ("It must be true or false.", "Phải là true hoặc false."),
    "bool_parsing": ("It must be true or false.", "Phải là true hoặc false."),
    "list_type": ("It must be a list.", "Phải là danh sách."),
    "tuple_type": ("It must be a list.", "Phải là danh sách."),
    "set_type": ("It must be a list.", "Phải là danh sách."),
    "dict_type": ("It must be an object.", "Phải là đối tượng (object)."),
    "mapping_type": ("It must be an object.", "Phải là đối tượng (object)."),
    "model_type": ("It must be an object.", "Phải là đối tượng (object)."),
    "model_attributes_type": ("It must be an object.", "Phải là đối tượng (object)."),
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "timezone_aware": ("It needs an offset from UTC, like 2023-04-28T09:00:00+07:00.",
                       "Cần ghi múi giờ, như 2023-04-28T09:00:00+07:00."),
    "time_parsing": ("It must be a time of day like 09:00.", "Phải là giờ trong ngày, viết như 09:00."),
    "union_tag_not_found": ("It lacks the field {discriminator}, which states its kind.",
                            "Thiếu trường {discriminator} cho biết loại."),
    "json_invalid": ("The body is not JSON.", "Nội dung không phải JSON."),
    "json_type": ("The body is not JSON.", "Nội dung không phải JSON."),
}  # fmt: skip
"""By pydantic's name of the rule; the names in braces are the bounds that it gives with an error."""
_PATTERNS = {
    LINE: Bilingual("It must be one line without control characters.", "Phải là một dòng, không có ký tự điều khiển."),
    TEXT: Bilingual("It must be without control characters.", "Không được có ký tự điều khiển."),
}
"""Patterns that say little to people."""
_DAY_OF_PYTHON = re.compile(r"datetime\.date\((\d+), (\d+), (\d+)\)")
_OTHER = Bilingual("This value is not valid here; the documents at /docs state what is.", "Giá trị không hợp lệ; xem /docs.")


class FieldValueError(ValueError):
    """What a rule over several fields of a model finds wrong: raised by its validator, it is told at this one of them."""

    def __init__(self, field: str, message: Bilingual) -> None:
        super().__init__(message)
        self.field = field


def field_errors(errors: Sequence[ErrorDetails], body: Any) -> list[FieldFault]:
    """The faults of a request; `body` is the type of what the route takes in its body.

    Unknown names come first, since they are why others are missing.
    """
    sorted_errors = sorted(errors, key=lambda error: not error["type"].startswith(_OF_NAMES))
    return [_field_error(error, body) for error in sorted_errors[:MAX_FIELD_ERRORS]]


def _field_error(error: ErrorDetails, body: Any) -> FieldFault:
    path, rule = tuple(error["loc"]), str(error["type"])
    if rule == "extra_forbidden":
        *outer, name = path
        message = unknown_name(FIELD, str(name), names_at(body, outer[1:]))
        return FieldFault(_at([*outer, printable(str(name)) or "?"]), message, "unknown_field")
    raised = error.get("ctx", {}).get("error")
    where = (*path, raised.field) if isinstance(raised, FieldValueError) else path
    return FieldFault(_at(where), _message(rule, error), rule)


def _message(rule: str, error: ErrorDetails) -> Bilingual:
    values: Mapping[str, Any] = error.get("ctx", {})
    if rule in ("literal_error", "enum") and (allowed := _EXPECTED.findall(str(values["expected"]))):
        return _unknown_value(error["input"], allowed)
    if rule == "union_tag_invalid":
        return _unknown_value(values["tag"], _EXPECTED.findall(str(values["expected_tags"])))
    if rule == "string_pattern_mismatch" and values["pattern"] in _PATTERNS:
        return _PATTERNS[values["pattern"]]
    if rule in _SENTENCES:
        return bilingual(*_SENTENCES[rule], **{name: _written(value) for name, value in values.items()})
    return _own(error, values) or _OTHER


def _written(bound: Any) -> Any:
    """A bound as people write it: pydantic gives those of days as Python does."""
    day = _DAY_OF_PYTHON.fullmatch(bound) if isinstance(bound, str) else None
    return date(*map(int, day.groups())).isoformat() if day is not None else bound


def _unknown_value(given: object, allowed: Sequence[str]) -> Bilingual:
    if isinstance(given, str):
        return unknown_name(VALUE, given, allowed)
    return bilingual("This is no value of it. {known}", "Giá trị không được nhận. {known}", known=suggestion("", allowed))


def _own(error: ErrorDetails, values: Mapping[str, object]) -> Bilingual | None:
    """The sentence that our own code gave: as the argument of a `ValueError`, or with a rule of its own name."""
    raised = values.get("error")
    given = raised.args[0] if isinstance(raised, ValueError) and raised.args else None
    for one in (given, *values.values()):
        if isinstance(one, Bilingual):
            return one
    if isinstance(given, str):
        return Bilingual(given, given)
    return None if "url" in error else Bilingual(error["msg"], error["msg"])


def _at(path: Sequence[str | int]) -> str:
    return ".".join(str(part)[:_MAX_NAME_LENGTH] for part in path if part != "[key]")


def names_at(kind: Any, path: Sequence[str | int]) -> set[str]:
    """The names that the object at a path in a body of this type may have."""
    if not path:
        return {field.alias or name for model in _models(kind) for name, field in model.model_fields.items()}
    part, rest = path[0], path[1:]
    names: set[str] = set()
    for one in alternatives(kind):
        origin, inner = get_origin(one), get_args(one)
        if isinstance(one, type) and issubclass(one, BaseModel):
            for name, field in one.model_fields.items():
                if part == (field.alias or name):
                    names |= names_at(field.annotation, rest)
        elif isinstance(part, int) and inner:
            names |= names_at(inner[0], rest)
        elif origin in (dict, Mapping):
            names |= names_at(inner[1], rest)
    # Of a union, the path also names the alternative that was tried.
    return names or names_at(kind, rest)


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    for one in alternatives(kind):
        if isinstance(one, type) and issubclass(one, BaseModel):
            yield one
