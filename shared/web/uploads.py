"""Files as bodies of requests: read as they arrive, and given up when the sender disconnects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from fastapi import Request
from starlette.requests import ClientDisconnect

from shared.errors import Malformed
from shared.languages import Bilingual

T = TypeVar("T")


async def while_connected(request: Request, work: Callable[[AsyncIterator[bytes]], Awaitable[T]]) -> T:
    """What `work` makes of the body; it is cancelled when the client goes away, also after the body is whole.

    Raises what `work` raises.
    """
    over = asyncio.Event()

    async def run() -> T:
        return await work(_chunks(request, over))

    async def gone() -> None:
        await over.wait()
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, leaving = asyncio.create_task(run()), asyncio.create_task(gone())
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise _closed()
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _chunks(request: Request, over: asyncio.Event) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            if chunk:
                yield chunk
    except ClientDisconnect as error:
        over.set()
        raise _closed() from error
    over.set()


def _closed() -> Malformed:
    return Malformed(
        Bilingual(
            "The connection closed before the file was taken in. Send it again, with 'resume' if it was counted.",
            "Kết nối bị đóng trước khi nhận xong tệp. Gửi lại, kèm 'resume' nếu tệp được ghi nhận.",
        )
    )
