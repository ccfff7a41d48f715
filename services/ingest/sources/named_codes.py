"""Names that a source's records give to the codes of agencies and procedures: for whoever enters them into a catalogue."""

from __future__ import annotations

from typing import Literal

import msgspec

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
