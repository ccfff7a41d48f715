"""`python -m tests.bench._attacker URL KEY RATE`: attacks an ingest API at a steady rate until it is ended.

It writes a line when the first was begun: making what is sent takes a moment.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from tests.faults.attacks import BODIES, JUNK, MB, PIECE, UPLOADS
from tests.wire import Header, Wire, head

JSON = "application/json"
TEXT = [JUNK] * (600 * MB // PIECE)
HEADERS = [b"x-%d: %b\r\n" % (number, b"a" * PIECE) for number in range(16)] * 200


@dataclass(frozen=True)
class Attack:
    """A request without end, or one that is made to cost more than it weighs."""

    start: bytes
    pieces: Iterable[bytes]
    chunked: bool = False

    async def make(self, url: str) -> None:
        """Send it until it is answered."""
        wire = Wire(url)
        await wire.flood(self.start, self.pieces, chunked=self.chunked)
        wire.close()


def _post(path: str, media: str, pieces: list[bytes], *more: Header, chunked: bool = False) -> Attack:
    length: Header = ("transfer-encoding", "chunked") if chunked else ("content-length", str(sum(map(len, pieces))))
    return Attack(head("POST", path, [*more, ("content-type", media), length]), pieces, chunked)


def _cut(body: bytes) -> list[bytes]:
    return [body[start : start + PIECE] for start in range(0, len(body), PIECE)]


def attacks(key: str) -> list[Attack]:
    """Two of strangers and one of a client, in turn."""
    known: Header = ("authorization", f"Bearer {key}")
    events, deadlines = "/v1/events?source=own", "/v1/deadlines"
    bodies = {name: _cut(body) for name, body in BODIES.items()}
    strangers = [_post(events, JSON, pieces, chunked=chunked) for pieces in bodies.values() for chunked in (False, True)]
    strangers += [_post(deadlines, "text/plain", TEXT), Attack(b"GET / HTTP/1.1\r\n", HEADERS)]
    clients = [_post(events, JSON, pieces, known) for pieces in bodies.values()]
    clients += [_post(deadlines, "text/plain", TEXT, known, chunked=chunked) for chunked in (False, True)]
    clients += [_post("/v1/imports/rehearsal?source=lists", media, _cut(body), known) for media, body in UPLOADS.values()]
    turns = max(len(strangers) // 2, len(clients))
    return [
        one
        for turn in range(turns)
        for one in (
            strangers[2 * turn % len(strangers)],
            strangers[(2 * turn + 1) % len(strangers)],
            clients[turn % len(clients)],
        )
    ]


async def attack(url: str, key: str, rate: float) -> None:
    """Attack after attack, `rate` a second; one that takes long does not hold up the next."""
    made = attacks(key)
    running: set[asyncio.Task[None]] = set()
    for number in count():
        if number == 1:
            print("begun", flush=True)
        task = asyncio.ensure_future(made[number % len(made)].make(url))
        running.add(task)
        task.add_done_callback(running.discard)
        await asyncio.sleep(1 / rate)


if __name__ == "__main__":
    os.nice(19)  # an attacker is elsewhere: what it takes from this machine's processors is not the service's
    asyncio.run(attack(sys.argv[1], sys.argv[2], float(sys.argv[3])))
