"""Work that goes side by side and succeeds or fails as one."""

from __future__ import annotations

from asyncio import TaskGroup
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def side_by_side() -> AsyncIterator[TaskGroup]:
    """Tasks of which the first that fails cancels all others, and what waits in the block.

    Raises the error itself, as if there had been one task only: callers tell problems apart by their types.
    """
    try:
        async with TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors.exceptions[0].__cause__
