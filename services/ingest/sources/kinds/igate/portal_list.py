"""The list of dossiers of an iGate portal, page by page as it is served."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

from services.ingest.sources.http.client import PortalClient
from services.ingest.sources.kinds.igate.record import Decoder, Page
from services.ingest.sources.kinds.igate.settings import Settings

PATH = "/pa/dossier/search"
_SORT = "updatedDate,desc"


class PortalList:
    """All dossiers of a portal, or those that filters leave, asked for by change, newest first."""

    def __init__(self, client: PortalClient, decoder: Decoder, settings: Settings, filters: Mapping[str, str]) -> None:
        """`filters` are parameters of the portal."""
        self._client, self._decoder, self._settings, self._filters = client, decoder, settings, filters

    async def page(self, number: int, size: int) -> Page:
        """One page; the first has the number 0."""
        params: dict[str, str | int] = {"spec": "page", "page": number + self._settings.first_page, "size": size, "sort": _SORT}
        return await self._client.fetch(PATH, {**params, **self._filters}, self._decoder.page)

    async def newest(self) -> tuple[tuple[datetime, int] | None, int | None]:
        """The newest row and the total: both the same after a while means that nothing was added or changed."""
        page = await self.page(0, 1)
        return (page.keys[0] if page.keys else None), page.total

    async def pages(self, first: int, count: int, size: int) -> AsyncIterator[Page]:
        """Several pages, some at once, in their order; fewer when the time budget is used up."""
        waiting: deque[asyncio.Task[Page]] = deque()
        try:
            following = first
            while following < first + count or waiting:
                while following < first + count and len(waiting) < self._settings.concurrency:
                    if following > first and self._client.out_of_time:
                        count = following - first
                        break
                    waiting.append(asyncio.create_task(self.page(following, size)))
                    following += 1
                yield await waiting.popleft()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
