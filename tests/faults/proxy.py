"""A TCP proxy before PostgreSQL that now and then swallows the answer to a COMMIT and cuts the connection."""

from __future__ import annotations

import asyncio
import math
import random
import threading
from contextlib import suppress

_SSL_REQUEST = 80877103
_COMMITS = (b"COMMIT", b"commit")


class LossyProxy:
    """Stands before the server at `target` (a port of the loopback); runs in a thread of its own, with a loop of its own.

    It reads the client's side of the protocol message by message. A COMMIT that is chosen is passed on, its answer awaited
    from the server and then kept: the transaction is done and the client cannot know.
    """

    def __init__(self, target: int, *, rate: float, seed: int) -> None:
        """`rate` is the share of COMMITs whose answer is lost."""
        self.lost_acks = 0
        self.left = math.inf
        """How many more answers are lost, at most."""
        self.rate = rate
        self._target = target
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._port = 0
        threading.Thread(target=self._run, name="proxy", daemon=True).start()
        self._ready.wait()

    @property
    def port(self) -> int:
        """Where clients connect."""
        return self._port

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            server, forth = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            back.transport.abort()
            return
        losing = asyncio.Event()
        answers = asyncio.create_task(_pass(server, back, losing))
        with suppress(asyncio.IncompleteReadError, OSError):
            await self._questions(client, forth, losing)
        if losing.is_set():
            with suppress(TimeoutError, OSError):
                await asyncio.wait_for(answers, 5)  # ends with the answer to the COMMIT
        answers.cancel()
        back.transport.abort()
        forth.transport.abort()

    async def _questions(self, client: asyncio.StreamReader, forth: asyncio.StreamWriter, losing: asyncio.Event) -> None:
        """Passes the client's messages on until the answer to one of them is to be lost."""
        started = False
        while True:
            head = await client.readexactly(5 if started else 8)
            length = int.from_bytes(head[1:5] if started else head[:4])
            body = await client.readexactly(length + 1 - len(head) if started else length - len(head))
            if started:
                if head[:1] == b"Q" and body.startswith(_COMMITS) and self._chosen():
                    losing.set()
                    self.lost_acks += 1
            elif int.from_bytes(head[4:]) != _SSL_REQUEST:
                started = True
            forth.write(head + body)
            await forth.drain()
            if losing.is_set():
                return

    def _chosen(self) -> bool:
        if self.left <= 0 or self._random.random() >= self.rate:
            return False
        self.left -= 1
        return True


async def _pass(server: asyncio.StreamReader, back: asyncio.StreamWriter, losing: asyncio.Event) -> None:
    with suppress(OSError):
        while data := await server.read(1 << 16):
            if losing.is_set():
                return
            back.write(data)
            await back.drain()
    back.transport.abort()
