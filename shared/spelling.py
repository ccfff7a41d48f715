"""Unknown names in requests: the sentence about one, with the known name that was probably meant.

A misspelt name that is ignored gives its sender a response to another request, so each is refused. One rule holds for
parameters, fields, values, KPIs, sections and scopes alike: `nearest`. What is repeated of a name in a sentence is bounded:
names in foreign records may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache, lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from shared.errors import FieldFault, Invalid
from shared.languages import Bilingual, bilingual

FIELD = Bilingual("field", "trường")
PARAMETER = Bilingual("parameter", "tham số")
VALUE = Bilingual("value", "giá trị")
KPI = Bilingual("KPI", "chỉ tiêu")
SECTION = Bilingual("section with findings", "mục có nội dung kiểm tra")
PROBLEM = Bilingual("kind of problem", "loại lỗi")
SCOPE = Bilingual("scope", "phạm vi")

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,39}")
MAX_LISTED = 64
"""Known names that a sentence lists whole; of more it lists a few that are like the unknown one, and how many there are."""
_FEW = 8
_MIN_LIKE = 0.4
"""Similarity from which a name is among these few."""
_MIN_RATIO = 0.7
"""Similarity of two names, by `difflib`, from which one is suggested for the other: below it a suggestion is a guess."""


def printable(name: str) -> str | None:
    """A name that may be repeated in a sentence: a plain identifier of at most 40 characters; None: any other."""
    return name if _PLAIN.fullmatch(name) else None


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that is most like `name`, the first in alphabetical order of several; None where none is like it.

    Case and the characters `_`, `-` and `.` make no difference: `receivedAt`, `Received-At` and `received_at` are the same.
    """
    return _nearest(name, tuple(sorted(known))) if printable(name) is not None else None


@lru_cache(4096)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    by_letters: dict[str, str] = {}
    for one in known:
        by_letters.setdefault(_letters(one), one)
    # difflib takes the last of several that are equally like it
    matches = get_close_matches(_letters(name), sorted(by_letters, reverse=True), 1, _MIN_RATIO)
    return by_letters[matches[0]] if matches else None


def _letters(name: str) -> str:
    return re.sub(r"[_.-]", "", name).lower()


def unknown_name(kind: Bilingual, name: str, known: Collection[str], *, where: Bilingual | None = None) -> Bilingual:
    """The sentences about an unknown name: `kind` is what it should name (`FIELD`), `known` are the names that there are.

    `where` is a sentence on where they are listed, in place of the list.
    """
    written = (
        Bilingual(f"`{name}`", f"`{name}`")
        if printable(name) is not None
        else Bilingual("of that name, which is no plain identifier", "có tên như vậy (tên không hợp lệ)")
    )
    return bilingual(
        "There is no {kind} {written}. {suggestion}",
        "Không có {kind} {written}. {suggestion}",
        kind=kind,
        written=written,
        suggestion=suggestion(name, known, where=where),
    )


def suggestion(name: str, known: Collection[str], *, where: Bilingual | None = None) -> Bilingual:
    """The sentences that follow one about a name: which was probably meant, and which there are."""
    like = nearest(name, known)
    if where is None:
        where = _listed(name, sorted(known))
    if like is None:
        return where
    return Bilingual(f"Did you mean `{like}`? {where.en}", f"Có phải ý bạn là `{like}`? {where.vi}")


def _listed(name: str, known: Sequence[str]) -> Bilingual:
    """Which names there are."""
    if not known:
        return Bilingual("None is known here.", "Ở đây không có tên nào.")
    if len(known) <= MAX_LISTED:
        listed = ", ".join(f"`{one}`" for one in known)
        return Bilingual(f"Known: {listed}.", f"Các tên có sẵn: {listed}.")
    like = get_close_matches(name, known, _FEW, _MIN_LIKE) if printable(name) is not None else []
    listed = ", ".join(f"`{one}`" for one in like or known[:_FEW])
    return Bilingual(f"Known are {len(known)}, such as {listed}.", f"Có {len(known)} tên, như {listed}.")


def require_known_members(value: object, kind: Any, at: str, what: Bilingual = FIELD) -> None:
    """Raise `Invalid` where an object in `value` has a member that `kind`, a struct or what holds structs, does not have.

    `at` is its path in the request, `what` states what its members are.
    """
    for path, name, known in _strays(value, kind, at):
        raise Invalid.of_fields(
            [FieldFault(f"{path}.{printable(name) or '?'}", unknown_name(what, name, known), "unknown_field")]
        )


def _strays(value: object, kind: Any, at: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Unknown members: the paths of their objects, their names, and the names that are known there."""
    for one in alternatives(kind):
        if _is_struct(one) and isinstance(value, Mapping):
            known, inner = _members(one)
            if not value.keys() <= known:
                yield at, str(next(name for name in value if name not in known)), known
            for name, type_ in inner:
                if name in value:
                    yield from _strays(value[name], type_, f"{at}.{name}")
        elif get_origin(one) in (list, tuple) and isinstance(value, list | tuple):
            for index, part in enumerate(value):
                yield from _strays(part, get_args(one)[0], f"{at}.{index}")


@cache
def _members(struct: type[msgspec.Struct]) -> tuple[frozenset[str], tuple[tuple[str, Any], ...]]:
    """The names of a struct's members, and those with their types that hold structs themselves."""
    fields = msgspec.structs.fields(struct)
    return frozenset(field.encode_name for field in fields), tuple(
        (field.encode_name, field.type) for field in fields if _holds_struct(field.type)
    )


def _holds_struct(kind: Any) -> bool:
    return any(_is_struct(one) or any(map(_holds_struct, get_args(one))) for one in alternatives(kind))


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def alternatives(kind: Any) -> tuple[Any, ...]:
    """The types that a type allows: of a union each, of `Annotated` the type itself."""
    if get_origin(kind) is Annotated:
        return alternatives(get_args(kind)[0])
    if isinstance(kind, UnionType) or get_origin(kind) is Union:
        return tuple(one for part in get_args(kind) for one in alternatives(part))
    return (kind,)
