"""Records in a JSON text, each parsed by itself: one with an impossible value is rejected alone, without its batch.

Imported by the child that reads files, so it knows nothing else of ours.
"""

from __future__ import annotations

import json
import re
from typing import cast

import msgspec

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
_decode = msgspec.json.Decoder().decode
_split = msgspec.json.Decoder(list[msgspec.Raw]).decode
_UNPARSABLE = (msgspec.DecodeError, ValueError, RecursionError)
_DETAIL = "The record holds {}: it alone was rejected."


class Faulty:
    """A record that no strict parser takes: why, and what a lenient one makes of it."""

    def __init__(self, what: str, raw: bytes) -> None:
        """`what` stands in the sentence about it."""
        self.detail = _DETAIL.format(what)
        self.raw = raw
        self.value = _leniently(raw)


_ARRAY = re.compile(rb"[ \t\r\n]*+\[")


def split(array: bytes | msgspec.Raw) -> list[object]:
    """The records of a JSON array, parsed; raises `msgspec.DecodeError` or `ValueError` where it is none.

    A record that no strict parser takes is `Faulty`.
    """
    whole = bytes(array)
    if _ARRAY.match(whole) is None:  # before a value of megabytes is made of it
        raise ValueError("it is no array")
    if b"\\u0000" not in whole:
        try:
            records = _decode(whole)
        except _UNPARSABLE:
            pass
        else:
            return cast("list[object]", records)
    return [parsed(bytes(raw)) for raw in _split(whole)]


def parsed(raw: bytes) -> object:
    """One record, or `Faulty`."""
    if b"\\u0000" in raw and _NUL.search(raw):
        return Faulty("the character U+0000", raw)
    try:
        return _decode(raw)
    except _UNPARSABLE:
        return Faulty("a number out of range, or what is no JSON in UTF-8", raw)


def _leniently(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
