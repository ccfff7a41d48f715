"""Starts the child process, sets its limits, sends it the file, reads its messages, and always ends it."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from shared import logs
from shared.errors import Invalid, Malformed, Problem, TooLarge, Unreadable, UnsupportedMedia
from shared.languages import Bilingual, bilingual
from shared.sandbox.child import DONE, FAULT, HEAD, LENGTH, MESSAGE, OUT_OF_MEMORY, REFUSED, TAKEN
from shared.sandbox.turns import Turns

log = logs.logger("sandbox")

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
"""Bytes of a file that are handed over at once."""
AHEAD = 16
"""Chunks that may wait for the child; beyond them reading from the sender pauses."""

_ROOT = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path[:] = sys.argv[3:]; from shared.sandbox.child import main; main(*sys.argv[1:3])"
_MEGABYTE = 2**20
_LAST_SECOND = 3600
_PATIENCE = 5.0
"""Seconds for which a file waits for its turn."""
_REFUSALS: dict[str, type[Problem]] = {kind.type: kind for kind in (Invalid, Malformed, TooLarge, UnsupportedMedia, Unreadable)}


class ChildDied(Unreadable):
    """The child was killed, by its limits or from outside; its messages before that are valid."""


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What one child may use."""

    megabytes: int = 512
    """Address space, in megabytes."""
    seconds: int = 30
    """Seconds of processor time, to begin with ..."""
    seconds_per_megabyte: float = 0.5
    """... and so many more for each megabyte of the file that came: five times what ordinary files need."""
    idle_seconds: float = 60.0
    """Seconds within which a child that has something to read must send a message."""


class SharedSandbox:
    """Starts children for many keys: a limited number at a time, half of them for one key; others wait."""

    def __init__(
        self,
        limits: SandboxLimits | None = None,
        *,
        concurrency: int = 4,
        patience: float = _PATIENCE,
        advice: Bilingual | None = None,
    ) -> None:
        """`patience` is how long, in seconds, a file waits for others before it is refused.

        `advice` is a sentence on what to do with a file that cannot be read; left out: what to do with a list.
        """
        self._limits = limits or SandboxLimits()
        self._advice = advice or _ANEW
        self._turns = Turns(concurrency, patience)

    def of(self, key: str) -> Sandbox:
        """What reads the files of a key."""
        return Sandbox(self._limits, turns=self._turns, key=key, advice=self._advice)


class Sandbox:
    """Starts children, of nobody but its owner or, of a `SharedSandbox`, of one key."""

    def __init__(
        self,
        limits: SandboxLimits | None = None,
        *,
        turns: Turns | None = None,
        key: str | None = None,
        advice: Bilingual | None = None,
    ) -> None:
        """`turns` left out: one child at a time; `advice` as of `SharedSandbox`."""
        self._limits = limits or SandboxLimits()
        self._advice = advice or _ANEW
        self._turns = turns or Turns(1, _PATIENCE)
        self._key = key

    @asynccontextmanager
    async def child(self, target: str, order: bytes) -> AsyncIterator[Child]:
        """A child that will run `target` (`module:function`) with `order`; nothing is left of it afterwards.

        Raises `Unavailable` when too many others are at work.
        """
        async with self._turns.turn(self._key):
            child = await _started(target, order, self._limits, self._advice)
            try:
                yield child
            finally:
                await child.end()


class Child:
    """One child process and the file that it reads."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        limits: SandboxLimits,
        advice: Bilingual,
    ) -> None:
        """The process was started; nothing was sent yet."""
        self._advice = advice
        self._process, self._reader, self._writer, self._limits = process, reader, writer, limits
        self._feeder: asyncio.Task[None] | None = None
        self._fed = 0
        self._waiting = 0
        self._ended = False
        self._room = asyncio.Event()
        self._deadline: asyncio.Timeout | None = None
        self._seconds = limits.seconds

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    async def messages(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """What the child says of a file while that comes. To be called once.

        Raises the child's own `Problem`, `ChildDied` when it was killed or went silent, `Unreadable` when it failed, and what
        `chunks` raised, after all messages about the chunks before.
        """
        self._feeder = asyncio.create_task(self._feed(chunks))
        while True:
            kind, body = await self._heard()
            if kind == TAKEN:
                self._waiting -= 1
                self._room.set()
            elif kind == MESSAGE:
                yield body
            elif kind == REFUSED:
                slug, english, vietnamese = msgspec.json.decode(body, type=tuple[str, str, str | None])
                raise _REFUSALS.get(slug, Unreadable)(english if vietnamese is None else Bilingual(english, vietnamese))
            elif kind == FAULT:
                log.warning("reader failed", error=body.decode())
                raise Unreadable(
                    bilingual(
                        "The file cannot be read ({error}). {anew}",
                        "Không đọc được tệp ({error}). {anew}",
                        error=body.decode(),
                        anew=self._advice,
                    )
                )
            else:
                break
        if self._feeder.done():
            await self._feeder

    async def _heard(self) -> tuple[bytes, bytes]:
        try:
            async with asyncio.timeout(None) as self._deadline:
                self._watch()
                kind, size = HEAD.unpack(await self._reader.readexactly(HEAD.size))
                if size > MAX_MESSAGE_BYTES or kind not in (TAKEN, MESSAGE, DONE, REFUSED, FAULT):
                    raise Unreadable(
                        bilingual(
                            "The reader of the file sent an impossible message. {anew}",
                            "Lỗi khi đọc tệp. {anew}",
                            anew=self._advice,
                        )
                    )
                return kind, await self._reader.readexactly(size)
        except TimeoutError as error:
            raise ChildDied(
                bilingual(
                    "The file could not be read on for {seconds:.0f} s. {anew}",
                    "Việc đọc tệp không tiến triển trong {seconds:.0f} giây. {anew}",
                    seconds=self._limits.idle_seconds,
                    anew=self._advice,
                )
            ) from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ChildDied(await self._last_words()) from error
        finally:
            self._deadline = None

    def _watch(self) -> None:
        """A child that has something to read may not be silent for long; one that waits for the sender may."""
        if self._deadline is not None and self._deadline.when() is None and (self._waiting or self._ended):
            self._deadline.reschedule(asyncio.get_running_loop().time() + self._limits.idle_seconds)

    async def _last_words(self) -> Bilingual:
        code = await asyncio.to_thread(self._process.wait)
        limits = self._limits
        log.warning("reader died", code=code)
        if code == -signal.SIGXCPU:
            return bilingual(
                "The file could not be read within {seconds} s of processor time. {anew}",
                "Không đọc xong tệp trong {seconds} giây xử lý. {anew}",
                seconds=self._seconds,
                anew=self._advice,
            )
        if code in (OUT_OF_MEMORY, -signal.SIGABRT):  # a library that is refused memory aborts
            return bilingual(
                "The file could not be read within {megabytes} MB of memory, as when cells far outside of its list are filled."
                " {anew}",
                "Không đọc được tệp trong {megabytes} MB bộ nhớ, ví dụ khi có ô dữ liệu nằm xa ngoài danh sách. {anew}",
                megabytes=limits.megabytes,
                anew=self._advice,
            )
        if code == -signal.SIGKILL:
            return bilingual(
                "The reader of the file was killed, as when the machine has no memory left. Send it again. {anew}",
                "Việc đọc tệp bị dừng, ví dụ khi máy chủ hết bộ nhớ. Gửi lại tệp. {anew}",
                anew=self._advice,
            )
        return bilingual(
            "The reader of the file crashed on it ({code}). {anew}",
            "Lỗi khi đọc tệp ({code}). {anew}",
            code=code,
            anew=self._advice,
        )

    async def _feed(self, chunks: AsyncIterator[bytes]) -> None:
        try:
            async for chunk in chunks:
                for begin in range(0, len(chunk), CHUNK_BYTES):
                    if not await self._hand(chunk[begin : begin + CHUNK_BYTES]):
                        return
        except BaseException:
            # What came whole is still read; then `messages` raises this.
            self._ended = True
            self._watch()
            with suppress(OSError, RuntimeError):
                self._writer.write_eof()
            raise
        self._ended = True
        self._watch()
        with suppress(ConnectionError):
            self._writer.write(LENGTH.pack(0))
            await self._writer.drain()

    async def _hand(self, chunk: bytes) -> bool:
        """False when the child is gone, of which `messages` tells."""
        self._fed += len(chunk)
        self._allow()
        while self._waiting >= AHEAD:
            self._room.clear()
            await self._room.wait()
        self._waiting += 1
        self._watch()
        try:
            self._writer.write(LENGTH.pack(len(chunk)) + chunk)
            await self._writer.drain()
        except ConnectionError:
            return False
        return True

    def _allow(self) -> None:
        """A longer file may take longer."""
        seconds = min(int(self._limits.seconds + self._fed / _MEGABYTE * self._limits.seconds_per_megabyte), _LAST_SECOND)
        if seconds > self._seconds:
            self._seconds = seconds
            with suppress(ProcessLookupError):
                resource.prlimit(self.pid, resource.RLIMIT_CPU, (seconds, _LAST_SECOND))

    async def end(self) -> None:
        """Kill it, wherever it is, and reap it."""
        self._process.kill()
        self._writer.transport.abort()
        if self._feeder is not None:
            self._feeder.cancel()
            await asyncio.gather(self._feeder, return_exceptions=True)
        # Also when the request is cancelled meanwhile, or the process would stay behind as a zombie.
        await asyncio.shield(asyncio.to_thread(self._process.wait))


_ANEW = Bilingual(
    "Save the list anew as CSV (UTF-8), with its own rows and columns only, and send that.",
    "Lưu lại danh sách thành tệp CSV (UTF-8), chỉ gồm các dòng và cột của danh sách, rồi gửi tệp đó.",
)


async def _started(target: str, order: bytes, limits: SandboxLimits, advice: Bilingual) -> Child:
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            process = _process(target, theirs.fileno())
    except BaseException:
        ours.close()
        raise
    try:
        _bound(process.pid, limits)
        ours.setblocking(False)
        reader, writer = await asyncio.open_unix_connection(sock=ours, limit=4 * _MEGABYTE)
        writer.write(LENGTH.pack(len(order)) + order)
    except BaseException:
        ours.close()
        process.kill()
        process.wait()
        raise
    return Child(process, reader, writer, limits, advice)


def _process(target: str, line: int) -> subprocess.Popen[bytes]:
    # In the thread of the loop, since the child dies with the thread that started it; it takes one to two milliseconds.
    path = [str(_ROOT), *(place for place in sys.path if place)]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-X", "utf8", "-c", _START, target, str(os.getpid()), *path],
        stdin=line,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # a traceback can hold what stands in the file
        # No secrets; where the interpreter finds its own libraries is none.
        env={name: value for name, value in os.environ.items() if name == "LD_LIBRARY_PATH"},
        cwd="/",
    )


def _bound(pid: int, limits: SandboxLimits) -> None:
    memory = limits.megabytes * _MEGABYTE
    for what, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, limits.seconds, _LAST_SECOND),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, 64, 64),
    ):
        resource.prlimit(pid, what, (soft, hard))
