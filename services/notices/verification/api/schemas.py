"""Responses of verification."""

from __future__ import annotations

from datetime import date

import msgspec

from services.notices.drafting.api.schemas import PinnedFreshness
from services.notices.drafting.model import IssuedState
from services.notices.verification.model import FileVerdict, RecountedFigure


class IssuedReference(msgspec.Struct, frozen=True):
    """An issued notice, as it is cited."""

    notice: int
    """`id` of the notice."""
    reference: str
    """Its number and symbol: `06/TB-UBND`."""
    issued_on: date
    """Its date."""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a file."""

    ours: bool
    """Whether we issued it, or what it was made of."""
    file: FileVerdict | None
    """`unchanged`: as it was issued, byte by byte; `signed_further`: nothing but signatures was added; `changed`: anything
    else: a signature whose picture hides any of the notice, a file that was saved anew or cut off, and any other that bears the
    code of a notice, or its number, date and body, and is not the issued file; null: it is not ours."""
    reason: str | None
    """Why it is changed; null: it is not, or it is not ours."""
    reason_vi: str | None
    """The same in Vietnamese."""
    stamped_pages: list[int]
    """Pages on which the signatures that were added show: what is read there beside the notice is not ours; empty: on none."""
    notice: IssuedReference | None
    """The notice that it is of; null: it is not ours."""
    body: str | None
    """Who issued it; null: it is not ours."""
    state: IssuedState | None
    """`issued`: in force; `superseded`; `withdrawn`; null: it is not ours."""
    superseded_by: IssuedReference | None
    """What took its place, which may have been superseded or withdrawn itself; null: nothing did."""
    in_force: IssuedReference | None
    """What is in force today: the notice itself, or the last of those that took its place one after the other; null: none, as
    that was withdrawn, or the file is not ours."""
    moved: list[RecountedFigure] | None
    """Its figures that would be printed otherwise now; null: metrics is away, or it is not ours."""
    freshness: PinnedFreshness | None
    """How complete metrics called the figures of the notice when it was drafted; null: it is not ours."""
