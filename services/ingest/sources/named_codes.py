"""Names that a source's records give to the codes of agencies and procedures: for whoever enters them into a catalogue."""

from __future__ import annotations

from typing import Literal

import msgspec

from services.ingest.sources.fields.codes import is_personal
from shared.printing import without_unprintable

CodeKind = Literal["agency", "procedure"]
"""What a code should name."""


class NamedCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code as records name it."""

    kind: CodeKind
    code: str
    name: str
    parent: str | None = None
    """Name of the agency above it."""
    sector: str | None = None
    """Code of the procedure's sector."""


def printed_name(name: str | None) -> str | None:
    """A name as a document can print it; None where there is none, or it may be a person's."""
    printed = None if name is None else without_unprintable(name).strip()
    return printed if printed and not is_personal(printed) else None
