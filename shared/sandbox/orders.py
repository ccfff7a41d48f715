"""Orders to a child that serves one after another: each is its size and its bytes, in chunks of any size."""

from __future__ import annotations

from collections.abc import Iterator

SIZE_BYTES = 8
"""Of the number before each order: how many bytes it has."""


def written(body: bytes) -> bytes:
    """An order as it is sent."""
    return len(body).to_bytes(SIZE_BYTES, "big") + body


def orders(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The orders that come, one after another."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= SIZE_BYTES:
            size = int.from_bytes(waiting[:SIZE_BYTES], "big")
            if len(waiting) < SIZE_BYTES + size:
                break
            body = bytes(waiting[SIZE_BYTES : SIZE_BYTES + size])
            del waiting[: SIZE_BYTES + size]
            yield body
