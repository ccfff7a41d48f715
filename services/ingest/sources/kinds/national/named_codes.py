"""Names of procedures in records of the national format: they are not kept with dossiers, and name what the catalogue lacks."""

from __future__ import annotations

from services.ingest.sources.named_codes import NamedCode, named_code
from shared.procedures import normal_code


def named_codes(record: object) -> list[NamedCode]:
    """The procedure that a record names (`MaTTHC`, `TenTTHC`); none where code or name is none, or may be a person's."""
    if not isinstance(record, dict):
        return []
    code, name = record.get("MaTTHC"), record.get("TenTTHC")
    if not isinstance(code, str) or not isinstance(name, str):
        return []
    named = named_code("procedure", normal_code(code.strip()), name)
    return [] if named is None else [named]
