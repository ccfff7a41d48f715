"""Records in a JSON text, each parsed by itself: one with an impossible value is rejected alone, without its batch.

Imported by the child that reads files, so it knows nothing else of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import overload

import msgspec

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
_decode = msgspec.json.Decoder().decode
_split = msgspec.json.Decoder(list[msgspec.Raw]).decode
_UNPARSABLE = (msgspec.DecodeError, ValueError, RecursionError)
MAX_DEPTH = 32
"""Levels of a record."""
MAX_KEYS = 5_000
"""Keys of one object."""
MAX_DIGITS = 1_000
"""Digits of a number."""
_DIGITS = bytes(ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256))
_LONG = b"0" * (MAX_DIGITS + 1)
_WINDOW = 65_536
_DETAIL = "The record holds {}: it alone was rejected."


class Faulty:
    """A record that no strict parser takes: why, and what a lenient one makes of it."""

    def __init__(self, what: str, raw: bytes) -> None:
        """`what` stands in the sentence about it."""
        self.detail = _DETAIL.format(what)
        self.raw = raw
        self.value = _leniently(raw)


_ARRAY = re.compile(rb"[ \t\r\n]*+\[")


class Records(Sequence[object]):
    """The records of a JSON array, each parsed when its turn comes: all at once would take many times the text's size.

    A record that no strict parser takes is `Faulty`.
    """

    def __init__(self, array: bytes | msgspec.Raw) -> None:
        """Raises `msgspec.DecodeError` or `ValueError` where `array` is none."""
        if _ARRAY.match(memoryview(array)) is None:  # before a value of megabytes is made of it
            raise ValueError("it is no array")
        self._raws = _split(array)

    def __len__(self) -> int:
        return len(self._raws)

    @overload
    def __getitem__(self, index: int) -> object: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[object]: ...
    def __getitem__(self, index: int | slice) -> object:
        if isinstance(index, slice):
            return [parsed(bytes(raw)) for raw in self._raws[index]]
        return parsed(bytes(self._raws[index]))


def parsed(raw: bytes) -> object:
    """One record, or `Faulty`."""
    if b"\\u0000" in raw and _NUL.search(raw):
        return Faulty("the character U+0000 or half of a surrogate pair", raw)
    if _has_long_number(raw):
        return Faulty(f"a number of more than {MAX_DIGITS} digits", raw)
    try:
        value = _decode(raw)
    except _UNPARSABLE:
        return Faulty("a number out of range, or what is no JSON in UTF-8", raw)
    # Most records are not looked into: their bytes show that they are within the bounds.
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH or raw.count(b":") > MAX_KEYS:
        beyond = _beyond(value)
        if beyond is not None:
            return Faulty(beyond, raw)
    return value


def _has_long_number(raw: bytes) -> bool:
    """Whether so many digits stand in a row. Looked for as bytes: a pattern takes ten times as long over megabytes of text."""
    return any(_LONG in raw[start : start + _WINDOW + MAX_DIGITS].translate(_DIGITS) for start in range(0, len(raw), _WINDOW))


def _beyond(value: object) -> str | None:
    """Which bound a value breaks; level by level, since a value may be nested as deep as the parser goes."""
    level = [value]
    for _ in range(MAX_DEPTH):
        if any(isinstance(one, dict) and len(one) > MAX_KEYS for one in level):
            return f"an object of more than {MAX_KEYS} keys"
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return None
    return f"more than {MAX_DEPTH} levels"


def _leniently(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
