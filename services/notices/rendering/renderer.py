"""A process that checks and renders notices one after another, and is replaced when it dies, hangs or has grown old.

What is rendered comes from people: a text on which the checks or the typesetter hang, or need all memory, ends this process
and fails that notice; the worker and every other notice go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Self

import msgspec

from services.notices.rendering.documents import SIZE_BYTES, NotRendered, Rendered, RenderingOrder
from services.notices.rendering.pdf import Unprintable
from shared.errors import Problem
from shared.sandbox.parent import Sandbox, SandboxLimits

LIMITS = SandboxLimits(megabytes=1024, seconds=600, idle_seconds=30.0)
"""Of one process: its whole life may take ten minutes of processor time, and one notice half a minute."""
LIFETIME = 200
"""Notices after which a process is replaced, so that nothing that it gathers lasts."""

_SERVE = "services.notices.rendering.documents:serve"
_RESPONSE: msgspec.msgpack.Decoder[Rendered | NotRendered] = msgspec.msgpack.Decoder(Rendered | NotRendered)


class RendererDied(Exception):
    """The process died or hung over a notice; the next one has a new process."""


class RenderingFailed(Exception):
    """The program failed over a notice; its text names the fault and where it was raised, nothing that a person wrote."""


class Renderer:
    """Renders notices in a process of its own."""

    def __init__(self, limits: SandboxLimits = LIMITS, lifetime: int = LIFETIME) -> None:
        """No process is started before it is needed."""
        self._limits = limits
        self._sandbox = Sandbox(limits, concurrency=1)
        self._lifetime = lifetime
        self._one_at_a_time = asyncio.Lock()
        self._life: AsyncExitStack | None = None
        self._orders: asyncio.Queue[bytes] = asyncio.Queue()
        self._responses: AsyncGenerator[bytes, None] | None = None
        self._rendered = 0
        self.pid: int | None = None
        """The process, while there is one."""

    async def __aenter__(self) -> Self:
        """Nothing is started."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """The process is ended."""
        await self._end()

    async def render(self, order: RenderingOrder) -> Rendered:
        """The files and checks of a notice.

        Raises `Unprintable`, `RendererDied` when the process died or hung over it, and `RenderingFailed`.
        """
        async with self._one_at_a_time:
            done = False
            try:
                responses = self._responses if self._responses is not None else await self._start()
                body = msgspec.json.encode(order)
                self._orders.put_nowait(len(body).to_bytes(SIZE_BYTES, "big") + body)
                response = _RESPONSE.decode(await anext(responses))
                self._rendered += 1
                done = self._rendered < self._lifetime
            except (Problem, StopAsyncIteration) as error:
                raise RendererDied(
                    f"The process that renders documents ended, or was silent for {self._limits.idle_seconds:.0f} s, over this"
                    f" notice ({_cause(error)}). Other notices go on; shorten its longest text when this comes again."
                ) from error
            finally:
                if not done:
                    await self._end()
        if isinstance(response, NotRendered):
            raise RenderingFailed(response.reason) if response.is_fault else Unprintable(response.reason)
        return response

    async def _start(self) -> AsyncGenerator[bytes, None]:
        self._life = AsyncExitStack()
        self._orders = asyncio.Queue()
        self._rendered = 0
        child = await self._life.enter_async_context(self._sandbox.child(_SERVE, b""))
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
    detail = error.detail.partition(". ")[0] if isinstance(error, Problem) else "it said nothing"
    return f"{type(error).__name__}: {detail}"
