"""A child that serves orders one after another, and is replaced when it dies, hangs or has grown old."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Self

from shared.errors import Problem
from shared.sandbox.orders import written
from shared.sandbox.parent import Sandbox, SandboxLimits


class ServerDied(Exception):
    """The process died or hung over an order; the next one has a new process. Its text states what is known of it."""


class SandboxServer:
    """Serves orders in a process of its own, which runs `target` (`module:function`)."""

    def __init__(self, target: str, limits: SandboxLimits, lifetime: int) -> None:
        """`lifetime` is how many orders a process serves. No process is started before it is needed."""
        self._target = target
        self._sandbox = Sandbox(limits)
        self._lifetime = lifetime
        self._one_at_a_time = asyncio.Lock()
        self._life: AsyncExitStack | None = None
        self._orders: asyncio.Queue[bytes] = asyncio.Queue()
        self._responses: AsyncGenerator[bytes, None] | None = None
        self._served = 0
        self.pid: int | None = None
        """The process, while there is one."""

    async def __aenter__(self) -> Self:
        """Nothing is started."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """The process is ended."""
        await self._end()

    async def response(self, order: bytes) -> bytes:
        """What the process sends for an order. Raises `ServerDied`."""
        async with self._one_at_a_time:
            done = False
            try:
                responses = self._responses if self._responses is not None else await self._start()
                self._orders.put_nowait(written(order))
                response = await anext(responses)
                self._served += 1
                done = self._served < self._lifetime
            except (Problem, StopAsyncIteration) as error:
                raise ServerDied(_cause(error)) from error
            finally:
                if not done:
                    await self._end()
        return response

    async def _start(self) -> AsyncGenerator[bytes, None]:
        self._life = AsyncExitStack()
        self._orders = asyncio.Queue()
        self._served = 0
        child = await self._life.enter_async_context(self._sandbox.child(self._target, b""))
        self.pid = child.pid
        self._responses = child.messages(self._waiting())
        return self._responses

    async def _waiting(self) -> AsyncGenerator[bytes, None]:
        orders = self._orders
        while True:
            yield await orders.get()

    async def _end(self) -> None:
        life, responses = self._life, self._responses
        self._life = self._responses = self.pid = None
        if responses is not None:
            await responses.aclose()
        if life is not None:
            await life.aclose()


def _cause(error: Exception) -> str:
    """What is known of it: `ChildDied: The reader of the file was killed`."""
    detail = error.detail.partition(". ")[0] if isinstance(error, Problem) else "it sent nothing"
    return f"{type(error).__name__}: {detail}"
