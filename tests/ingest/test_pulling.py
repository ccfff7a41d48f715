"""Reading ahead of what is being stored, and letting go of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from services.ingest.events.model import Batch
from services.ingest.pulls import service as pulling
from tests.patience import PATIENCE


async def endless() -> AsyncIterator[Batch]:
    while True:
        yield Batch([], [])
        await asyncio.sleep(0)


async def failing() -> AsyncIterator[Batch]:
    yield Batch([], [])
    raise ConnectionError("away")


async def given_up() -> None:
    async with aclosing(pulling._chunked(endless())) as drained:
        async for _ in drained:
            await asyncio.sleep(0.05)  # the queue is full by now
            raise pulling.LeaseLost


async def taken(given: list[Batch]) -> None:
    async for batches in pulling._chunked(failing()):
        given += batches


async def test_a_pull_that_gives_up_lets_go_of_a_reader_that_is_far_ahead() -> None:
    task = asyncio.create_task(given_up())
    await asyncio.wait({task}, timeout=PATIENCE)
    done = task.done()
    task.cancel()
    with pytest.raises(pulling.LeaseLost):
        await task
    assert done


async def test_what_was_read_before_a_failure_is_given_out_before_it_is_raised() -> None:
    given: list[Batch] = []
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(taken(given), PATIENCE)
    assert len(given) == 1
