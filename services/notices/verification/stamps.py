"""Where the signatures of others show on the pages of an issued notice: beside what it states, never over it.

A signature brings its own picture, and a reader draws that over the page: so one that is laid over a figure would print another
one in its place, with no byte changed that was signed. What stands in it is the word of whoever signed it, and is named.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pypdfium2
from pypdfium2 import raw


class Box(NamedTuple):
    """A part of a page, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: Box) -> bool:
        """Whether they have an area in common."""
        return self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top


_OF_FIXED_SIZE = 8 | 16
"""Flags NoZoom and NoRotate (ISO 32000-1, table 165): such a picture covers more of a page the smaller that is shown."""
_ANYWHERE = Box(float("-inf"), float("-inf"), float("inf"), float("inf"))


class VisibleStamps(NamedTuple):
    """What others show on the pages."""

    pages: list[int]
    """From 1, in their order; empty: nothing is seen of it."""
    hides: list[int]
    """Those of them on which it lies over what was issued."""


def visible_stamps(added: Mapping[int, Iterable[Any]], issued: bytes) -> VisibleStamps:
    """What fields show that were `added` to pages, counted from 0; `issued`: the bytes of the file as they were issued.

    Raises what reading a damaged file raises.
    """
    stamps = {number: found for number, fields in added.items() if (found := list(_boxes(fields)))}
    if not stamps:
        return VisibleStamps([], [])
    try:
        opened = pypdfium2.PdfDocument(issued)
    except pypdfium2.PdfiumError as error:
        raise ValueError(str(error)) from error
    with opened:
        hides = [number for number, found in stamps.items() if _hides(opened[number], found)]
    return VisibleStamps([number + 1 for number in stamps], [number + 1 for number in hides])


def _boxes(fields: Iterable[Any]) -> Iterator[Box]:
    for one in fields:
        across, up = (sorted(float(one["/Rect"][at]) for at in axis) for axis in ((0, 2), (1, 3)))
        box = Box(across[0], up[0], across[1], up[1])
        if int(one.get("/F", 0)) & _OF_FIXED_SIZE and box.left < box.right and box.bottom < box.top:
            box = _ANYWHERE
        if box.left < box.right and box.bottom < box.top:
            yield box


def _hides(page: pypdfium2.PdfPage, stamps: list[Box]) -> bool:
    return any(stamp.overlaps(drawn) for drawn in _drawn(page) for stamp in stamps)


def _drawn(page: pypdfium2.PdfPage) -> Iterator[Box]:
    """Everything that a page shows, its text, tables and pictures."""
    sides = [ctypes.c_float() for _ in Box._fields]
    try:
        for number in range(raw.FPDFPage_CountObjects(page.raw)):
            if raw.FPDFPageObj_GetBounds(raw.FPDFPage_GetObject(page.raw, number), *sides):
                yield Box(*(side.value for side in sides))
    finally:
        page.close()
