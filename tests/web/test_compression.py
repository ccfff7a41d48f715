"""Responses that are the same for everyone are compressed once."""

from __future__ import annotations

import asyncio
import gzip
import os

import pytest

from shared.web import compression
from shared.web.compression import HEAVY, MAX_FIXED, compressed_once


async def test_whoever_asks_again_waits_for_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    body = os.urandom(2 * HEAVY)
    first = await compressed_once(body)
    assert gzip.decompress(first) == body

    async def refused(*_: object, **__: object) -> None:
        raise AssertionError("a thread was asked")

    monkeypatch.setattr(asyncio, "to_thread", refused)
    assert await compressed_once(body) is first


async def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "_fixed", {})
    bodies = [b"%d" % number for number in range(MAX_FIXED + 3)]
    for body in bodies:
        await compressed_once(body)
    assert list(compression._fixed) == bodies[3:]
