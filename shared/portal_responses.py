"""What portals respond: bytes within bounds, however they are packed, and when they want to be asked again. Pure."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import AsyncIterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Literal

_FIRST_BYTES = 200


class ResponseFault(Exception):
    """The bytes of a response cannot be read."""

    def __init__(self, kind: Literal["packed_otherwise", "does_not_unpack", "cut_off", "too_large"]) -> None:
        """`kind`: packed in a way that was not asked for, broken, ended in the middle, or more than is allowed."""
        super().__init__(kind)
        self.kind = kind


class Gunzip:
    """Unpacks gzip as it arrives and never more than is allowed: a bomb goes off in small pieces."""

    def __init__(self) -> None:
        """Nothing was unpacked yet."""
        self._inflate = zlib.decompressobj(31)

    @property
    def whole(self) -> bool:
        """Whether the packed stream came to its end."""
        return self._inflate.eof

    def decompress(self, packed: bytes, room: int) -> bytes:
        """Unpack the next bytes to at most `room` + 1 bytes, from which the caller sees that it is too much."""
        unpacked = self._inflate.decompress(packed, max(room, 0) + 1)
        while self._inflate.eof and self._inflate.unused_data and len(unpacked) <= room:
            # Packed in several members.
            rest = self._inflate.unused_data
            self._inflate = zlib.decompressobj(31)
            unpacked += self._inflate.decompress(rest, max(room - len(unpacked), 0) + 1)
        return unpacked


async def read_response(chunks: AsyncIterable[bytes], encoding: str, max_bytes: int) -> bytes:
    """The bytes that arrive, unpacked by their `Content-Encoding`, and without a byte order mark, which no JSON has.

    Raises `ResponseFault` as soon as they are more than `max_bytes`, unpacked, and for what is no whole response.
    """
    encoding = encoding.strip().lower()
    if encoding not in ("identity", "", "gzip"):
        raise ResponseFault("packed_otherwise")
    unpack = Gunzip() if encoding == "gzip" else None
    found: list[bytes] = []
    size = 0
    async for chunk in chunks:
        if unpack is not None:
            try:
                chunk = unpack.decompress(chunk, max_bytes - size)
            except zlib.error as error:
                raise ResponseFault("does_not_unpack") from error
        size += len(chunk)
        if size > max_bytes:
            raise ResponseFault("too_large")
        found.append(chunk)
    if unpack is not None and not unpack.whole:
        raise ResponseFault("cut_off")
    return b"".join(found).removeprefix(codecs.BOM_UTF8)


def is_page(body: bytes) -> bool:
    """Whether a response is a page for people, as portals give during maintenance, whatever it is called."""
    return body[:_FIRST_BYTES].lstrip()[:1] == b"<"


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds of `Retry-After`; a date is counted by the portal's own clock where it shows it, else from `now`."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal() and len(value) < 10:
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        date = headers.get("date")
        start = parsedate_to_datetime(date) if date else now
        return max((until - start).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
