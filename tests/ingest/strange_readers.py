"""What a child process may be made to do by a file; run by name (`test_sandbox`)."""

from __future__ import annotations

import ctypes
import json
import os
import resource
from collections.abc import Iterator
from time import sleep

from shared.errors import TooLarge


def tell(order: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The order, the environment and the open files, then each piece."""
    yield order
    yield json.dumps([dict(os.environ), sorted(map(int, os.listdir("/proc/self/fd")))[:-1]]).encode()
    yield from pieces


def count(order: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """How many bytes there were."""
    yield str(sum(map(len, pieces))).encode()


def refuse(order: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A problem of its own."""
    yield b"first"
    raise TooLarge("Larger than anybody can read.")


def err(order: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A fault of ours."""
    next(pieces)
    raise KeyError("Nguyễn Văn An")


def eat(order: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """More memory than there is."""
    next(pieces)
    yield bytes(resource.getrlimit(resource.RLIMIT_AS)[0])


def spin(order: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Work without end."""
    yield b"begun"
    while True:
        pass


def stay_silent(order: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Nothing, for long."""
    next(pieces)
    sleep(600)
    yield b""


def abort(order: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What a library does that gets no memory."""
    yield b"first"
    os.abort()


def point_nowhere(order: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What a broken library does."""
    yield b"first"
    ctypes.string_at(0)


def write(order: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Leave something behind."""
    with open(order, "wb") as file:
        file.write(b"x")
        file.flush()
    yield b"written"
