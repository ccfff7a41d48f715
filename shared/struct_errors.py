"""What msgspec found wrong with values, as sentences in both languages that name the field; its own speak of types."""

from __future__ import annotations

import re

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


def sentence_of(error: msgspec.ValidationError) -> Bilingual:
    """`field: what is wrong with it.`; without the field where the error is about a value as a whole."""
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
            break
    else:
        what = _own(error.__cause__) or Bilingual(*_OTHER)
    return bilingual("{field}: {what}", "{field}: {what}", field=field, what=what) if field else what


def _own(cause: BaseException | None) -> Bilingual | None:
    """The sentence of a check of our own in a struct's `__post_init__`."""
    given = cause.args[0] if isinstance(cause, ValueError) and cause.args else None
    if isinstance(given, str):
        return Bilingual(f"{given}.", f"{given}.")
    return given if isinstance(given, Bilingual) else None
