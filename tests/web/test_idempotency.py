"""Requests with an Idempotency-Key: one effect, one answer, whoever comes when."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.database import Connection, Database
from shared.idempotency import (
    RETENTION,
    KeyedRequest,
    KeyInUse,
    KeyMalformed,
    KeyReused,
    idempotent,
    keyed_request,
    stored_response,
)
from shared.web.idempotency import key_of

NOW = datetime.now(UTC)
REQUEST = keyed_request("key", "order-1", "POST", b"/v1/orders", b"{}")


class Orders:
    """Orders are numbered as they come."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.made = 0

    async def __call__(self, request: KeyedRequest | None = REQUEST, now: datetime = NOW) -> int:
        async def effect() -> int:
            self.made += 1
            await asyncio.sleep(0)
            return self.made

        async def place(tx: Connection) -> int:
            return await idempotent(tx, "ingest", request, now, int, effect)

        return await self.database.run(place)


@pytest.fixture
def order(ingest_database: Database) -> Orders:
    return Orders(ingest_database)


async def test_equal_requests_at_once_have_one_effect_and_the_others_are_told_to_come_again(order: Orders) -> None:
    answers = await asyncio.gather(*(order() for _ in range(4)), return_exceptions=True)
    assert all(answer == 1 or isinstance(answer, KeyInUse) for answer in answers)
    assert 1 in answers
    assert await order() == 1


async def test_a_repeat_does_not_wait_for_the_first(order: Orders) -> None:
    began, goes_on = asyncio.Event(), asyncio.Event()

    async def effect() -> int:
        began.set()
        await goes_on.wait()
        return 1

    first = asyncio.create_task(order.database.run(lambda tx: idempotent(tx, "ingest", REQUEST, NOW, int, effect)))
    await began.wait()
    with pytest.raises(KeyInUse) as refused:
        await order()
    assert (refused.value.status, refused.value.headers) == (409, {"Retry-After": "1"})
    goes_on.set()
    assert [await first, await order(), order.made] == [1, 1, 0]


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ('"order-1"', "order-1"),
        ("order-1", "order-1"),
        ('"a b"', "a b"),
        (r'"a \"b\" \\c"', r'a "b" \c'),
        ("x" * 128, "x" * 128),
    ],
)
def test_a_key_is_a_quoted_string_or_bare(header: str, key: str) -> None:
    assert key_of(header) == key


@pytest.mark.parametrize(
    "header", ["", '""', '"', '"a', '"a"b', r'"a\n"', '"é"', "a b", "é", "x" * 129, '"' + "x" * 129 + '"', '"a";p=1']
)
def test_what_is_no_key_is_a_400(header: str) -> None:
    with pytest.raises(KeyMalformed) as refused:
        key_of(header)
    assert refused.value.status == 400


async def test_a_request_without_a_key_is_never_a_repeat(order: Orders) -> None:
    assert [await order(None), await order(None)] == [1, 2]


async def test_a_key_belongs_to_one_request_of_one_api_key(order: Orders) -> None:
    await order()
    for other in (
        keyed_request("key", "order-1", "PUT", b"/v1/orders", b"{}"),
        keyed_request("key", "order-1", "POST", b"/v1/orders?province=30", b"{}"),
        keyed_request("key", "order-1", "POST", b"/v1/orders", b"{ }"),
    ):
        with pytest.raises(KeyReused):
            await order(other)
        async with order.database.connection() as connection:
            with pytest.raises(KeyReused):
                await stored_response(connection, "ingest", other, int)
    assert await order(keyed_request("another", "order-1", "POST", b"/v1/orders", b"{}")) == 2


async def test_an_effect_that_failed_leaves_the_key_free(order: Orders) -> None:
    async def fail() -> int:
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        await order.database.run(lambda tx: idempotent(tx, "ingest", REQUEST, NOW, int, fail))
    async with order.database.connection() as connection:
        assert await stored_response(connection, "ingest", REQUEST, int) is None
    assert await order() == 1
    async with order.database.connection() as connection:
        assert await stored_response(connection, "ingest", REQUEST, int) == 1


async def test_a_key_is_known_for_a_week_and_new_after_it(order: Orders) -> None:
    assert [await order(), await order(now=NOW + RETENTION - timedelta(minutes=1)), await order(now=NOW + RETENTION * 2)] == [
        1,
        1,
        2,
    ]
