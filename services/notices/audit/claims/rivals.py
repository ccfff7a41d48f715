"""Two figures that a change may compare, and which pairs stay beside the one that speaks loudest. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.notices.audit.claims.contexts import Context, Role
from services.notices.audit.figures import FigureKind

NAMED = 5
"""Points from which the words name a figure."""


class Pair(NamedTuple):
    """Two figures compared."""

    now: Context
    then: Context
    of_now: int
    """How much speaks for the figure of now."""
    of_then: int
    between: int
    """How well the two go together."""

    @property
    def points(self) -> int:
        """How much speaks for it."""
        return self.of_now + self.of_then + self.between

    @property
    def explicit(self) -> bool:
        """Whether the words name it."""
        return self.of_now >= NAMED and self.of_then >= NAMED and self.between > -NAMED


def is_of_more(pair: Pair, best: Pair) -> bool:
    """Whether a pair compares what the best one's figure of now is only some of: `quá hạn 27 hồ sơ, đất đai có tới 21 hồ sơ quá
    hạn. So với tháng 3 (quá hạn 36), quá hạn giảm 9 hồ sơ`."""
    some, more = best.now.figure, pair.now.figure
    same = pair.then is best.then and some.own == more.own != {} and some.period == more.period
    return same and pair.now.order < best.now.order and more.value > some.value and some.paragraph == more.paragraph


def is_of_divided(pair: Pair, best: Pair, before: Sequence[Context]) -> bool:
    """Whether the best one's figure of now is the last of a list, and this one's is what it divides: `124 đơn vị, gồm 103 xã,
    20 phường và 1 đặc khu, giảm 209 đơn vị so với trước đây (333 đơn vị)`."""
    now, last = pair.now, best.now
    if pair.then is not best.then or now.paragraph is not last.paragraph or now.figure.sentence != last.figure.sentence:
        return False
    between = [one for one in before if now.order < one.order <= last.order]
    return now.figure.value > last.figure.value and any("opener" in one.roles for one in between[:1])


def holds_to_goal(pair: Pair, chain: Sequence[Context]) -> bool:
    """Whether points of some digits are just what lies between two rates: `đạt 85,47%, tăng 1,26 điểm so với năm 2024 (84,21%)
    nhưng thấp hơn mục tiêu 90% là 4,53 điểm`."""
    first = chain[0]
    points = first.figure.kind is FigureKind.points and first.figure.decimals > 1 and len(chain) == 1
    off = pair.now.thousandths - pair.then.thousandths
    return (
        points
        and not pair.now.earlier
        and "target" in pair.then.roles
        and off == (-first.thousandths if first.role is Role.fall else first.thousandths)
    )
