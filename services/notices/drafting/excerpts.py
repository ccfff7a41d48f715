"""Excerpts as documents: made when they are asked for, one at a time, in a process of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

import msgspec

from services.notices.composition.addressees import addressed
from services.notices.composition.excerpt_documents import excerpt_document, printed_figures
from services.notices.composition.excerpts import Excerpt
from services.notices.composition.model import NoticeDocument
from services.notices.figures.metrics_client import Metrics
from services.notices.figures.model import Figure, Pinned
from services.notices.rendering.documents import RenderingOrder
from services.notices.rendering.model import RenderingFormat
from services.notices.rendering.renderer import Renderer, RendererDied, RenderingFailed
from shared.errors import Unavailable
from shared.languages import Bilingual
from shared.side_by_side import side_by_side

PATIENCE = 20.0
"""Seconds for which a request waits for those before it."""
IDLE_SECONDS = 60.0
"""After so long without an excerpt the process is ended."""
_AGAIN = {"Retry-After": "5"}
LISTED = 200
"""Codes of dossiers of one kind that an excerpt prints; the figure lists them all."""


async def codes_of(metrics: Metrics, found: Excerpt) -> dict[str, tuple[str, ...]]:
    """By key of a figure of the worklist: the codes of its dossiers, at most `LISTED`, as they were known to the notice.

    Raises what `Metrics` raises.
    """
    async with side_by_side() as group:
        pages = {one.figure: group.create_task(metrics.dossiers(one.figure_id, LISTED)) for one in found.worklist}
    return {key: tuple(one.code for one in page.result().dossiers) for key, page in pages.items()}


class ExcerptRenderer:
    """Renders excerpts; its process is none of those that draft and issue, so that they wait for no excerpt."""

    def __init__(self) -> None:
        """No process is started before it is needed."""
        self._turn = asyncio.Lock()
        self._renderer = Renderer()
        self._end: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Nothing is started."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """The process is ended."""
        if self._end is not None:
            self._end.cancel()
        await self._renderer.__aexit__(*error)

    async def files(
        self,
        notice: NoticeDocument,
        found: Excerpt,
        figures: dict[str, Figure],
        pinned: Pinned,
        *,
        dated_at: datetime,
        issued: bool,
        codes: Mapping[str, Sequence[str]],
    ) -> dict[RenderingFormat, bytes]:
        """The PDF and DOCX of an excerpt, with the codes of dossiers that are given: the same notice gives the same bytes.

        Raises `Unprintable`, and `Unavailable` when the turn does not come in time or the process dies.
        """
        agency = next(one for one in pinned.agencies if one.key == found.agency)
        addressee = addressed(agency, pinned.agencies)
        document = excerpt_document(notice, found, figures, addressee=addressee, issued=issued, codes=codes)
        order = RenderingOrder(
            document,
            printed_figures(document, figures),
            msgspec.structs.replace(pinned, figures={}),
            dated_at,
            is_excerpt=True,
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turn.acquire()
        except TimeoutError as error:
            raise Unavailable(
                Bilingual(
                    "Others have excerpts made at the moment. Ask for this one again in a few seconds.",
                    "Đang lập các bản trích khác. Yêu cầu lại sau vài giây.",
                ),
                headers=_AGAIN,
            ) from error
        try:
            return dict((await self._renderer.render(order)).files)
        except (RendererDied, RenderingFailed) as error:
            raise Unavailable(
                Bilingual(
                    f"The excerpt could not be rendered: {error}",
                    "Không dựng được bản trích. Thử lại; nếu vẫn lỗi, báo người vận hành.",
                ),
                headers=_AGAIN,
            ) from error
        finally:
            self._turn.release()
            self._end_later()

    def _end_later(self) -> None:
        """Nobody asks for excerpts most of the day: the memory of the process is given back then."""
        if self._end is not None:
            self._end.cancel()
        self._end = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._start_end)

    def _start_end(self) -> None:
        self._ending = asyncio.create_task(self._end_idle())

    async def _end_idle(self) -> None:
        async with self._turn:
            await self._renderer.__aexit__()
