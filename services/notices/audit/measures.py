"""What phrases say of a measure when they are said together. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.notices.audit.vocabulary import Cue, Dimensions, vocabulary


def merged(one: Dimensions, other: Dimensions) -> Dimensions:
    """`one`, filled up by `other`; both named together where they make a value of its own (`trước hạn, đúng hạn`)."""
    out = dict(one)
    for dimension, value in other.items():
        mine = out.get(dimension)
        if mine is None:
            out[dimension] = value
        elif mine != value:
            for whole, parts in vocabulary().contains.get(dimension, {}).items():
                if {mine, value} == parts:
                    out[dimension] = whole
    return out


def stated_by(cues: Sequence[Cue]) -> Dimensions:
    """What phrases say together; where two say different things of one dimension, the more telling one counts."""
    out: Dimensions = {}
    for cue in cues:
        if cue.measure is None:
            continue
        for dimension, value in cue.measure.items():
            mine = out.get(dimension)
            if mine is None or mine == value:
                out[dimension] = value
            elif dimension == "stage":
                out[dimension] = _stage(mine, value)
            elif mine in vocabulary().contains.get(dimension, {}).get(value, ()):
                out[dimension] = value
            else:
                out = merged(out, {dimension: value})
    return out


def _stage(one: str, other: str) -> str:
    """Of two stages said together: `trả kết quả ... đã tiếp nhận`; the rarer word tells more."""
    order = (
        "left",
        "received",
        "resolved",
        "new",
        "handled",
        "in_process",
        "carried",
        "digitised",
        "supplemented",
        "suspended",
    )
    if {one, other} == {"digitised", "received"}:
        return "digitised_intake"
    if {one, other} == {"digitised", "resolved"}:
        return "digitised_result"
    rank = {name: place for place, name in enumerate(order)}
    return max((one, other), key=lambda stage: rank.get(stage, 99))
