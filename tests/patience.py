"""How a test waits for a fact: until it is so, and far longer than it takes: that a loaded machine is slow is no finding."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

PATIENCE = 300.0
"""Seconds after which nothing is to be expected any more."""

T = TypeVar("T")


async def until(read: Callable[[], Awaitable[T]], holds: Callable[[T], object]) -> T:
    """What `read` gives, once that `holds`; fails with the last of it."""
    deadline = time.monotonic() + PATIENCE
    while not holds(value := await read()):
        assert time.monotonic() < deadline, value
        await asyncio.sleep(0.02)
    return value
