"""Numbers of a series have no gaps and no doubles, whoever is killed while he takes one."""

from __future__ import annotations

import asyncio
import random

import asyncpg

from services.notices.issuing import store
from services.notices.issuing.model import next_number
from tests.notices.conftest import Services
from tests.notices.issued import BODY
from tests.notices.test_number_series import SPELLINGS

SERIES = {"province": "30", "series": "TB-UBND"}


def test_the_first_number_that_is_free_is_the_next() -> None:
    assert [next_number(taken) for taken in ([], [1, 2], [2, 3], [1, 3, 20])] == [1, 3, 1, 2]


async def test_a_hundred_issue_at_once_while_some_are_killed_without_a_gap_or_a_double(services: Services) -> None:
    """Each takes its number as an issue does, and spells the body in its own way; of those that are killed
    the connection is cut before the commit."""
    chance = random.Random(7)

    async def take(killed: bool) -> int | None:
        connection = await asyncpg.connect(services.database_url)
        try:
            transaction = connection.transaction()
            await transaction.start()
            held = await store.hold_series(connection, **SERIES, body=chance.choice(SPELLINGS[BODY]), year=2031)
            number = next_number(await store.taken(connection, held.of_body))
            await store.take(connection, held.id, number, notice_id=None, outside="x", key_id="k", name="n", now=held.now)
            await asyncio.sleep(chance.random() / 500)
            if killed:
                connection.terminate()
                return None
            await transaction.commit()
            return number
        finally:
            if not connection.is_closed():
                await connection.close()

    room = asyncio.Semaphore(40)

    async def one(killed: bool) -> int | None:
        async with room:
            return await take(killed)

    taken = await asyncio.gather(*(one(number % 5 == 0) for number in range(125)))
    assert sorted(number for number in taken if number is not None) == list(range(1, 101))
