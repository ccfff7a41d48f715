"""Lists from which rows leave, to which others come and in which they change places, between any two calls: no row that stood
still is missing from what is called verified."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor
from typing import Any, TypeVar, cast

import msgspec
import pytest

from services.ingest.sources.http.client import PortalClient
from services.ingest.sources.kinds.igate import rows, verification, walk
from services.ingest.sources.kinds.igate.record import Decoder
from services.ingest.sources.kinds.igate.rows import ReadRows
from services.ingest.sources.kinds.igate.settings import Settings
from services.ingest.sources.kinds.igate.walk import Walk
from tests.ingest.igate_reading import Seen
from tests.quick import cases

T = TypeVar("T")
START = datetime(2023, 6, 1, tzinfo=UTC)
LATEST = datetime(2026, 1, 2, tzinfo=UTC)
SETTINGS = Settings(base_url="https://motcua.example", page_size=5, overlap_seconds=0, concurrency=1)
LISTS = 300


class MovingList:
    """A portal whose list moves before each call; answers as the client of a portal does."""

    out_of_time = False

    def __init__(self, seed: int) -> None:
        self.chance = chance = random.Random(seed)
        self.order = chance.choice(("change", "change", "code"))
        self.tie_minutes = chance.choice((1, 1, 60 * 24))
        self.late = chance.choice((0, 0, 0.05))
        """How often a page begins a row too late."""
        self.moves = chance.choice((0.0, 0.05, 0.3))
        """How often a row leaves while another one comes; as often one changes."""
        self.minute = self.numbers = 0
        self.rows: dict[int, tuple[int, int]] = {}
        """Minutes of receipt and of change by number."""
        for _ in range(chance.randrange(6, 40)):
            self.receive()
        for number in chance.sample(sorted(self.rows), len(self.rows) // 3):
            self.change(number)

    def receive(self) -> None:
        self.numbers += 1
        self.minute += self.chance.choice((1, 60 * 7))
        # Not in the order of receipt.
        self.rows[self.numbers * 7_919 % 10_007] = (self.minute, self.minute)

    def change(self, number: int) -> None:
        self.minute += 1
        self.rows[number] = (self.rows[number][0], self.minute)

    def moment(self, minute: int) -> datetime:
        return START + timedelta(minutes=minute - minute % self.tie_minutes)

    def shown(self) -> dict[str, datetime]:
        return {f"H-{number}": self.moment(changed) for number, (_, changed) in self.rows.items()}

    def move(self) -> None:
        chance = self.chance
        if chance.random() < self.moves:
            for one in (
                chance.sample(("leave", "receive"), 2) if chance.random() < 0.7 else [chance.choice(("leave", "receive"))]
            ):
                if one == "receive":
                    self.receive()
                else:
                    del self.rows[chance.choice(sorted(self.rows))]
        if chance.random() < self.moves:
            self.change(chance.choice(sorted(self.rows)))

    async def fetch(self, path: str, params: Mapping[str, Any], decode: Callable[[bytes], T]) -> T:
        self.move()
        numbers = sorted(self.rows)
        if self.order == "change":
            self.chance.shuffle(numbers)
            numbers.sort(key=lambda number: self.moment(self.rows[number][1]), reverse=True)
        begin = params["page"] * params["size"]
        begin += begin > 0 and self.chance.random() < self.late
        rows = [
            {
                "id": f"{number}",
                "code": f"H-{number}",
                "dossierStatus": {"name": "Đang xử lý"},
                "acceptedDate": (START + timedelta(minutes=self.rows[number][0])).isoformat(),
                "updatedDate": self.moment(self.rows[number][1]).isoformat(),
            }
            for number in numbers[begin : begin + params["size"]]
        ]
        return decode(msgspec.json.encode({"content": rows, "totalElements": len(numbers)}))


@pytest.mark.parametrize("max_reread", [verification.MAX_REREAD, 3], ids=["short", "long"])
async def test_a_row_that_stood_still_is_in_what_is_called_verified(max_reread: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (verification, walk):
        monkeypatch.setattr(module, "MAX_REREAD", max_reread)
    verified = 0
    for seed in range(cases(LISTS)):
        portal = MovingList(seed)
        seen = Seen()
        is_open = False
        for _ in range(4):
            before = portal.shown()
            decoder = Decoder("x", SETTINGS, LATEST)
            async for batch in Walk(cast(PortalClient, portal), decoder, SETTINGS, seen.cursor).batches():
                seen.store(batch)
            assert seen.cursor is not None
            # A whole list that was not verified is closed by another one only, as `quality` holds it open.
            is_open = not seen.cursor["verified"] or (is_open and not seen.cursor.get("whole"))
            if is_open:
                continue
            verified += 1
            after = portal.shown()
            still = {code: at for code, at in before.items() if after.get(code) == at}
            lost = {code for code, at in still.items() if seen.versions.get(code) != at}
            assert not lost, (seed, seen.cursor["verification"])
    assert verified > cases(LISTS)


@pytest.mark.parametrize(
    ("passes", "counted"),
    [
        ([([1, 2, 3], 3), ([3, 2, 1], 3)], (3, True)),
        ([([1, 2, 3], 3), ([1, 2, 4], 3)], (3, False)),  # 3 may have left while a row was skipped
        ([([1, 2], 3), ([2, 3], 3), ([1, 3], 3)], (3, False)),  # 2 was not read again
        ([([1, 2], 3), ([2, 3], 3), ([1, 3], 3), ([2], 3)], (3, True)),
        ([([1, 2, 3], 3), ([1, 2, 3, 4], 4)], (3, True)),  # 4 came meanwhile
        ([([1, 2, 3], None), ([1, 2, 3], None)], (None, False)),
        ([([9], 3), ([1, 2, 3], 3), ([1, 2, 3], 3)], (3, True)),  # 9 left before
        ([([1, 2], 3), ([1, 2], 3)], (None, False)),
    ],
)
def test_rows_are_a_list_only_where_each_was_read_again_after_they_were_counted(
    passes: list[tuple[list[int], int | None]], counted: tuple[int | None, bool]
) -> None:
    read = ReadRows()
    for number, (digests, total) in enumerate(passes):
        read.add(digests)
        if number < len(passes) - 1:
            read.end(total)
    assert read.counted() == counted
    last = passes[-1][0]
    assert read.summary() == (len(set(last)), reduce(xor, set(last)))


def test_counting_passes_against_one_another_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ReadRows()
    for _ in range(3):
        found.add([1, 2, 3])
        found.end(3)
    found.add([1, 2, 3])
    assert found.counted() == (3, True)
    monkeypatch.setattr(rows, "MAX_COMPARED", 5)
    assert found.counted() == (None, False)


async def test_rows_are_counted_beside_the_loop_and_against_earlier_passes_only_where_that_is_lacking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[tuple[str, bool]] = []
    for name in ("summary", "counted"):

        def noted(read: ReadRows, name: str = name, count: Callable[[ReadRows], object] = getattr(ReadRows, name)) -> object:
            called.append((name, threading.current_thread() is threading.main_thread()))
            return count(read)

        monkeypatch.setattr(ReadRows, name, noted)
    of_walks = []
    for seed in range(40):
        began = len(called)
        moving = Walk(cast(PortalClient, MovingList(seed)), Decoder("x", SETTINGS, LATEST), SETTINGS, None)
        async for _ in moving.batches():
            pass
        of_walks.append({name for name, _ in called[began:]})
    assert {name for name, _ in called} == {"summary", "counted"}
    assert not any(in_loop for _, in_loop in called)
    assert {"summary"} in of_walks
