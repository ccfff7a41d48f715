"""What a file may do to the child process that reads it, and what comes of it for everybody else."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from deploy.local.services import ROOT
from shared.errors import Problem, TooLarge, Unavailable, Unreadable
from shared.sandbox.parent import ChildDied, Sandbox, SandboxLimits, SharedSandbox
from tests.patience import PATIENCE

READERS = "tests.ingest.strange_readers"


async def pieces(*some: bytes) -> AsyncIterator[bytes]:
    for piece in some:
        yield piece


async def said(reader: str, *some: bytes, limits: SandboxLimits | None = None, order: bytes = b"order") -> list[bytes]:
    async with Sandbox(limits).child(f"{READERS}:{reader}", order) as child:
        pid = child.pid
        try:
            return [message async for message in child.messages(pieces(*some or (b"piece",)))]
        finally:
            await child.end()
            assert not Path(f"/proc/{pid}").exists()


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not fact():
            await asyncio.sleep(0.02)


async def test_the_child_has_no_environment_and_no_file_but_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://motcua:secret@localhost/motcua")
    order, state, *read = await said("tell", b"one", b"two")
    assert (order, read) == (b"order", [b"one", b"two"])
    environment, files = json.loads(state)
    assert set(environment) <= {"LD_LIBRARY_PATH", "LC_CTYPE"}
    assert files == [0, 1, 2]


async def test_a_file_of_any_size_is_read_to_its_end() -> None:
    assert await said("count", *(bytes(300_001) for _ in range(50))) == [b"15000050"]


async def test_what_the_child_refuses_is_raised_and_what_it_says_of_a_fault_holds_no_data() -> None:
    with pytest.raises(TooLarge, match="than anybody"):
        await said("refuse")
    with pytest.raises(Unreadable, match=r"\(KeyError\)") as caught:
        await said("err")
    assert "Nguyễn" not in caught.value.detail


@pytest.mark.parametrize(
    ("reader", "limits", "words"),
    [
        ("eat", SandboxLimits(), "within 512 MB of memory"),
        ("abort", SandboxLimits(), "within 512 MB of memory"),
        ("point_nowhere", SandboxLimits(), "crashed on it"),
        ("spin", SandboxLimits(seconds=1), "within 1 s of processor time"),
        ("stay_silent", SandboxLimits(idle_seconds=0.2), "read on for 0 s"),
    ],
)
async def test_its_death_is_a_problem_that_says_why(reader: str, limits: SandboxLimits, words: str) -> None:
    with pytest.raises(ChildDied, match=words) as caught:
        await said(reader, limits=limits)
    assert caught.value.status == 422
    assert "CSV" in caught.value.detail


async def test_it_cannot_write_a_file(tmp_path: Path) -> None:
    file = tmp_path / "left"
    with pytest.raises(Problem):
        await said("write", order=bytes(file))
    assert not file.exists() or not file.stat().st_size


async def test_a_sender_may_be_silent_for_longer_than_the_child() -> None:
    async def slow() -> AsyncIterator[bytes]:
        await asyncio.sleep(2.2)
        yield b"x"

    async with Sandbox(SandboxLimits(idle_seconds=2)).child(f"{READERS}:count", b"") as child:
        assert [message async for message in child.messages(slow())] == [b"1"]


async def test_what_came_before_the_sender_broke_off_is_read_and_then_that_is_raised() -> None:
    async def torn() -> AsyncIterator[bytes]:
        yield b"one"
        raise ConnectionResetError

    heard: list[bytes] = []

    async def read() -> None:
        async with Sandbox().child(f"{READERS}:tell", b"") as child:
            async for message in child.messages(torn()):
                heard.append(message)  # noqa: PERF401  (what was heard before the end is asked for)

    with pytest.raises(ConnectionResetError):
        await read()
    assert heard[2:] == [b"one"]


async def test_a_few_children_work_at_once_and_the_next_is_asked_to_come_again() -> None:
    shared = SharedSandbox(concurrency=1, patience=0.1)
    async with shared.of("a").child(f"{READERS}:count", b""):
        with pytest.raises(Unavailable) as caught:
            async with shared.of("b").child(f"{READERS}:count", b""):
                pass
        assert caught.value.headers["Retry-After"]
    async with shared.of("b").child(f"{READERS}:count", b"") as child:
        assert [message async for message in child.messages(pieces(b"x"))] == [b"1"]


async def test_slow_files_of_one_key_keep_no_child_from_those_of_others() -> None:
    shared = SharedSandbox(concurrency=4, patience=0.2)
    never = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x"
        await never.wait()

    async def send() -> None:
        async with shared.of("a").child(f"{READERS}:count", b"") as child:
            async for _ in child.messages(slow()):
                pass

    sending = [asyncio.create_task(send()) for _ in range(6)]
    await until(lambda: sum(one.done() for one in sending) == 4)
    refusals = [one.exception() for one in sending if one.done()]
    assert {type(one) for one in refusals} == {Unavailable}
    assert {one.headers["RateLimit-Policy"] for one in refusals if isinstance(one, Unavailable)} == {
        '"files-of-key";q=2;qu="concurrent-requests"'
    }
    async with shared.of("b").child(f"{READERS}:count", b"") as first, shared.of("c").child(f"{READERS}:count", b"") as second:
        for child in (first, second):
            assert [message async for message in child.messages(pieces(b"x"))] == [b"1"]
        with pytest.raises(Unavailable) as caught:  # all places are taken now
            async with shared.of("d").child(f"{READERS}:count", b""):
                pass
        assert caught.value.headers["RateLimit-Policy"].startswith('"files";')
    for sender in sending:
        sender.cancel()
    await asyncio.gather(*sending, return_exceptions=True)
    async with shared.of("a").child(f"{READERS}:count", b"") as child:
        assert [message async for message in child.messages(pieces(b"x"))] == [b"1"]


async def test_it_dies_with_its_parent_even_while_it_works() -> None:
    program = f"""
import asyncio
from shared.sandbox.parent import Sandbox
async def pieces():
    yield b"x"
async def main():
    async with Sandbox().child("{READERS}:spin", b"") as child:
        async for _ in child.messages(pieces()):
            print(child.pid, flush=True)
asyncio.run(main())
"""
    parent = _started(program)
    assert parent.stdout is not None
    pid = int(await asyncio.to_thread(parent.stdout.readline))
    assert _alive(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    await until(lambda: not _alive(pid))


def _started(program: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)


def _alive(pid: int) -> bool:
    # Whoever inherits an orphan reaps it in its own time.
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_a_cancelled_reading_leaves_no_process() -> None:
    pids: list[int] = []
    begun = asyncio.Event()

    async def read() -> None:
        async with Sandbox().child(f"{READERS}:spin", b"") as child:
            pids.append(child.pid)
            async for _ in child.messages(pieces(b"x")):
                begun.set()

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
