"""What became of the recommendations of an earlier notice. Pure."""

from __future__ import annotations

import msgspec

from services.notices.composition.model import Recommendation
from services.notices.inspections.model import FollowUp


class FollowedNotice(msgspec.Struct, frozen=True):
    """An earlier notice with what it recommended, and what the team found of it."""

    recommendations: tuple[Recommendation, ...]
    """Those of the earlier notice."""
    outcomes: tuple[FollowUp, ...]
    """What became of them, as far as the team established it."""
