"""Shortcomings of those inspected, as values: what falls short, whose it is, and the figures that show it. Pure.

The conclusion states each, and derives a recommendation from it. To add one, add a function to `counted` or `observed`, and
what is recommended to `services.notices.composition.recommendations`.
"""

from __future__ import annotations

from services.notices.composition.context import CompositionContext, found_once
from services.notices.composition.shortcomings.counted import COUNTED
from services.notices.composition.shortcomings.model import StatedShortcoming
from services.notices.composition.shortcomings.observed import OBSERVED


@found_once
def shortcomings_of(context: CompositionContext) -> tuple[StatedShortcoming, ...]:
    """Every shortcoming that figures and evidence show, in the order in which the conclusion states them."""
    found = (detect(context) for detect in (*COUNTED, *OBSERVED))
    return tuple(one for one in found if one is not None)
