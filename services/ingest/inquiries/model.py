"""What a source may be asked, and a response."""

from __future__ import annotations

from typing import Literal

import msgspec

from shared.procedures import PortalProcedure

Topic = Literal["check", "procedures"]
"""Of an inquiry: whether the source works, or its own catalogue of procedures."""


class ProcedureOffer(msgspec.Struct, frozen=True, kw_only=True):
    """The procedures of a source, or the category of the failure."""

    procedures: list[PortalProcedure] | None = None
    failure: str | None = None
