"""The inside of the child process; it imports little, since each import delays every file.

On one socket, its standard input, come frames: the length in four bytes and so many bytes. The first frame is the order, an
empty one the end of the file. Back go frames with a letter before the length: `TAKEN` for each chunk that was read to its end,
messages, and one last word of how it ended.
"""

from __future__ import annotations

import ctypes
import io
import os
import signal
import socket
import struct
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import BinaryIO

import msgspec

from shared.errors import Problem

TAKEN, MESSAGE, DONE, REFUSED, FAULT = b"T", b"M", b"D", b"R", b"F"
LENGTH = struct.Struct(">I")
HEAD = struct.Struct(">cI")
OUT_OF_MEMORY = 77
"""Exit code of a child that was refused memory and could still say so."""

_PR_SET_PDEATHSIG = 1


class CutOff(Exception):
    """The file ended before its end; the function need not catch it."""


def die_with_parent() -> None:
    """Let the kernel kill this process when the thread that started it ends, even by SIGKILL."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def main(target: str, parent: str) -> None:
    """Run the function `target` on what comes; ends the process."""
    die_with_parent()
    if os.getppid() != int(parent):
        os._exit(1)  # the parent died before the kernel was told
    line = socket.socket(fileno=0)
    try:
        _run(target, line)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except OSError:
        pass  # nobody listens any more
    os._exit(0)


def _run(target: str, line: socket.socket) -> None:
    # The imports come before the order is read, so they take place while the first bytes of the file are on their way.
    module, _, name = target.partition(":")
    function: Callable[[bytes, Iterator[bytes]], Iterator[bytes]] = getattr(import_module(module), name)
    incoming: BinaryIO = io.BufferedReader(socket.SocketIO(line, "r"), 256 * 1024)
    try:
        order = _frame(incoming)
        for message in function(order, _chunks(incoming, line)):
            line.sendall(HEAD.pack(MESSAGE, len(message)) + message)
        last, word = DONE, ""
    except CutOff:
        last, word = DONE, ""
    except Problem as problem:
        # The kind and the detail in both languages, the Vietnamese one null where there is none.
        last, word = REFUSED, msgspec.json.encode((problem.type, problem.detail, problem.detail_vi)).decode()
    except (MemoryError, OSError):
        raise
    except BaseException as error:
        # A panic of a foreign library is no Exception. The text could hold what stands in the file; its type cannot.
        last, word = FAULT, type(error).__name__
    line.sendall(HEAD.pack(last, len(word.encode())) + word.encode())


def _chunks(incoming: BinaryIO, line: socket.socket) -> Iterator[bytes]:
    while chunk := _frame(incoming):
        yield chunk
        line.sendall(HEAD.pack(TAKEN, 0))


def _frame(incoming: BinaryIO) -> bytes:
    head = incoming.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise CutOff
    size: int = LENGTH.unpack(head)[0]
    frame = incoming.read(size)
    if len(frame) < size:
        raise CutOff
    return frame
