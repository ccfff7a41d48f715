"""Random numbers that are the same on every machine and in every version of Python.

Of `random.Random` only `random()` is used, whose sequence Python promises to keep for a given seed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from deploy.simulator.rendering import mix

T = TypeVar("T")


class Draw:
    """A sequence of random numbers; equal `parts` give an equal sequence."""

    def __init__(self, *parts: int) -> None:
        self._next = random.Random(mix(*parts)).random

    def below(self, bound: int) -> int:
        """A whole number from 0 to `bound` - 1."""
        return int(self._next() * bound)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._next() * (high - low + 1))

    def chance(self, percent: float) -> bool:
        """True in that many of a hundred cases."""
        return self._next() * 100 < percent

    def pick(self, among: Sequence[T]) -> T:
        """One of them."""
        return among[self.below(len(among))]

    def sample(self, among: Sequence[T], count: int) -> list[T]:
        """`count` different ones; ValueError if there are fewer."""
        if count > len(among):
            raise ValueError(f"{count} asked of {len(among)}")
        return self.shuffled(among)[:count]

    def shuffled(self, among: Sequence[T]) -> list[T]:
        """All of them in another order."""
        mixed = list(among)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed
