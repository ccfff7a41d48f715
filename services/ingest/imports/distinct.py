"""How many different codes a file names, in some bytes for each: its rows may be millions. Pure."""

from __future__ import annotations

from array import array

_PARTS = 64
"""Parts that are thinned out one by one, so that little is held twice."""
_MIN_SIZE = 1_024
"""Entries of a part that are not worth thinning out."""
_MASK = 2**64 - 1


class DistinctCount:
    """Counts different codes by hashes of 64 bits: among a million the chance that two are taken for one is one in 10^7."""

    def __init__(self) -> None:
        """None came yet."""
        self._parts = [array("Q") for _ in range(_PARTS)]
        self._limits = [_MIN_SIZE] * _PARTS

    def add(self, code: str) -> None:
        """A code came; it may have come before."""
        key = hash(code) & _MASK
        number = key % _PARTS
        part = self._parts[number]
        part.append(key)
        if len(part) >= self._limits[number]:
            part = self._parts[number] = array("Q", set(part))
            self._limits[number] = 2 * len(part) + _MIN_SIZE

    def total(self) -> int:
        """How many different ones came."""
        return sum(len(set(part)) for part in self._parts)
