"""Names of procedures in records of the national format: they are not kept with dossiers, and name what the catalogue lacks."""

from __future__ import annotations

from services.ingest.sources.fields.codes import MAX_CODE
from services.ingest.sources.named_codes import NamedCode, printed_name
from shared.procedures import normal_code

MAX_NAME = 500
"""Characters of a name; real ones have up to 400."""


def named_codes(record: object) -> list[NamedCode]:
    """The procedure that a record names (`MaTTHC`, `TenTTHC`); none where code or name is no text, or the name a person's."""
    if not isinstance(record, dict):
        return []
    code, name = record.get("MaTTHC"), record.get("TenTTHC")
    if not isinstance(code, str) or not isinstance(name, str) or not 0 < len(code) <= MAX_CODE or len(name) > MAX_NAME:
        return []
    printed = printed_name(name)
    return [] if printed is None else [NamedCode(kind="procedure", code=normal_code(code.strip()), name=printed)]
