"""Names that a source's records give to the codes of agencies and procedures: for whoever enters them into a catalogue."""

from __future__ import annotations

from typing import Literal

import msgspec

from services.ingest.sources.fields.codes import MAX_CODE, is_personal, names_a_person
from shared.printing import without_unprintable

CodeKind = Literal["agency", "procedure"]
"""What a code should name."""
MAX_NAME = 500
"""Characters of a name; real ones have up to 400."""


class NamedCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code as records name it."""

    kind: CodeKind
    code: str
    name: str
    parent: str | None = None
    """Name of the agency above it."""
    sector: str | None = None
    """Code of the procedure's sector."""


def named_code(
    kind: CodeKind, code: str, name: str | None, *, parent: str | None = None, sector: str | None = None
) -> NamedCode | None:
    """A code and its name, as a record gives them; None where either of them cannot be one, or may be a person's.

    `name`, `parent` and `sector` are as the record has them.
    """
    code, printed = code.strip(), printed_name(name)
    if printed is None or not 0 < len(code) <= MAX_CODE or not code.isprintable() or names_a_person(code):
        return None
    sector = sector.strip() if sector is not None else ""
    within = sector if 0 < len(sector) <= MAX_CODE and sector.isprintable() and not names_a_person(sector) else None
    return NamedCode(kind=kind, code=code, name=printed, parent=printed_name(parent), sector=within)


def printed_name(name: str | None) -> str | None:
    """A name as a document can print it; None where there is none, it is longer than any, or it may be a person's."""
    if name is None or len(name) > MAX_NAME:
        return None
    printed = without_unprintable(name).strip()
    return printed if printed and not is_personal(printed) else None
