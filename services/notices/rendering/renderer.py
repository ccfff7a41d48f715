"""A process that checks and renders notices one after another, and is replaced when it dies, hangs or has grown old.

What is rendered comes from people: a text on which the checks or the typesetter hang, or need all memory, ends this process
and fails that notice; the worker and every other notice go on.
"""

from __future__ import annotations

from typing import Self

import msgspec

from services.notices.rendering.documents import NotRendered, Rendered, RenderingOrder
from services.notices.rendering.pdf import Unprintable
from shared.sandbox.parent import SandboxLimits
from shared.sandbox.serving import SandboxServer, ServerDied

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
        self._server = SandboxServer(_SERVE, limits, lifetime)

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._server.pid

    async def __aenter__(self) -> Self:
        """Nothing is started."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """The process is ended."""
        await self._server.__aexit__(*error)

    async def render(self, order: RenderingOrder) -> Rendered:
        """The files and checks of a notice.

        Raises `Unprintable`, `RendererDied` when the process died or hung over it, and `RenderingFailed`.
        """
        try:
            response = _RESPONSE.decode(await self._server.response(msgspec.json.encode(order)))
        except ServerDied as error:
            raise RendererDied(
                f"The process that renders documents ended, or was silent for {self._limits.idle_seconds:.0f} s, over this"
                f" notice ({error}). Other notices go on; shorten its longest text when this comes again."
            ) from error
        if isinstance(response, NotRendered):
            raise RenderingFailed(response.reason) if response.is_fault else Unprintable(response.reason)
        return response
