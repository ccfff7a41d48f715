"""Names of agencies and procedures in a page of an iGate portal, read beside its dossiers where codes are new."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import msgspec
from msgspec import Struct

from services.ingest.sources.kinds.igate.names import name_of
from services.ingest.sources.kinds.igate.wire import Coded, Named
from services.ingest.sources.named_codes import NamedCode, named_code, printed_name
from shared.procedures import normal_code

T = TypeVar("T")


class _Agency(Struct, rename="camel"):
    code: str | int | None = None
    name: object = None
    parent: object = None


class _Procedure(Struct, rename="camel"):
    code: str | int | None = None
    name: object = None
    translate: object = None
    sector: object = None


class _Row(Struct, rename="camel"):
    agency: _Agency | None = None
    procedure: _Procedure | None = None


class _Rows(Struct):
    content: list[_Row]


def named_codes(body: bytes) -> Iterator[NamedCode]:
    """The codes that a page names, each once; none of a page that is not as agreed."""
    try:
        rows = msgspec.json.decode(body, type=_Rows).content
    except (msgspec.DecodeError, ValueError, RecursionError):
        return
    seen: set[tuple[str, str]] = set()
    for row in rows:
        for one in (_agency(row.agency), _procedure(row.procedure)):
            if one is not None and (one.kind, one.code) not in seen:
                seen.add((one.kind, one.code))
                yield one


def _agency(agency: _Agency | None) -> NamedCode | None:
    if agency is None or agency.code is None:
        return None
    above = agency.parent.get("name") if isinstance(agency.parent, dict) else None
    return named_code("agency", str(agency.code), _name(agency.name), parent=_name(above))


def _procedure(procedure: _Procedure | None) -> NamedCode | None:
    if procedure is None or procedure.code is None:
        return None
    name = printed_name(_name(procedure.name)) or _name(procedure.translate)
    sector = _read(procedure.sector, Coded)
    code = None if sector is None or sector.code is None else str(sector.code)
    return named_code("procedure", normal_code(str(procedure.code)), name, sector=code)


def _name(value: object) -> str | None:
    """The name in any form."""
    named = _read({"name": value}, Named)
    return None if named is None else name_of(named.name)


def _read(value: object, kind: type[T]) -> T | None:
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError):
        return None
