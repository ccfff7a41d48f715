"""Whose turn it is to have a file read: so many at a time, half of them of one key. Others wait for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from shared.errors import Unavailable
from shared.languages import Bilingual, bilingual
from shared.quotas import Quota

_RETRY_SECONDS = 10


class Turns:
    """The turns of one process."""

    def __init__(self, concurrency: int, patience: float) -> None:
        """`concurrency` of all, half of them of one key; after `patience` seconds of waiting a file is refused."""
        self._all = asyncio.Semaphore(concurrency)
        self._share = max(1, concurrency // 2)
        self._patience = patience
        self._of_all = Quota("files", concurrency)
        self._of_key = Quota("files-of-key", self._share)
        self._shares: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        """Of the keys whose files are read or wait."""

    @asynccontextmanager
    async def turn(self, key: str | None) -> AsyncIterator[None]:
        """A turn of a key; None: of nobody's, which has no share. Raises `Unavailable` when it did not come in time."""
        share = None
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(self._patience):
                    if key is not None:
                        # Before the turns of all: what waits for its own key keeps no place from others.
                        share = self._shares.setdefault(key, asyncio.Semaphore(self._share))
                        await held.enter_async_context(share)
                        share = None
                    await held.enter_async_context(self._all)
            except TimeoutError as error:
                raise self._refusal(of_key=share is not None) from error
            yield

    def _refusal(self, *, of_key: bool) -> Unavailable:
        if of_key:
            return Unavailable(
                bilingual(
                    "{n} files of this key are being read already. Send this one when one of them has been read.",
                    "Đang đọc {n} tệp của khóa này. Gửi tệp này khi một trong các tệp đó đã đọc xong.",
                    n=self._share,
                ),
                headers=self._of_key.refusal(_RETRY_SECONDS),
            )
        return Unavailable(
            Bilingual(
                "Too many files are being read at the moment. Send this one again in a few seconds.",
                "Đang có quá nhiều tệp được đọc. Gửi lại tệp này sau vài giây.",
            ),
            headers=self._of_all.refusal(_RETRY_SECONDS),
        )
