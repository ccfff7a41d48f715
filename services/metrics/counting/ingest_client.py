"""Ingest as metrics sees it: the feed, the catalogue and previews of its changes, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Self

import httpx
import msgspec

from shared.contracts.feed import Catalogue, FeedPage, Heads, Quality
from shared.contracts.petitions import PetitionFile
from shared.contracts.previews import PreviewedPage
from shared.errors import Guidance, NotFound, TooLarge, Unavailable, Unreadable
from shared.languages import Bilingual, Language, bilingual

_PAGE = msgspec.json.Decoder(FeedPage)
_HEADS = msgspec.json.Decoder(Heads)
_CATALOGUE = msgspec.json.Decoder(Catalogue)
_QUALITY = msgspec.json.Decoder(Quality)
_PETITIONS = msgspec.json.Decoder(PetitionFile)
_PREVIEWED = msgspec.json.Decoder(PreviewedPage)

MAX_PAGE = 10_000
"""Versions that ingest gives at most at once."""
FILE_SECONDS = 120.0
"""Within which a file is read."""


class IngestAway(Unavailable):
    """Ingest does not answer, or not as agreed."""

    type = "ingest-away"
    title = "Ingest does not answer"
    guidance = Guidance(
        "Try again later. The operator checks INGEST_URL, INGEST_KEY and that both services are of one release.",
        "Ingest không trả lời",
        "Ingest không trả lời, hoặc trả lời không đúng thỏa thuận.",
        "Thử lại sau. Người vận hành kiểm tra INGEST_URL, INGEST_KEY và hai dịch vụ cùng phiên bản.",
    )


class Ingest:
    """A client of ingest's read routes; one connection is kept, failures are `IngestAway`."""

    def __init__(self, url: str, key: str, *, patience: float = 30) -> None:
        """`key` needs the scope feed:read; `patience`: seconds that a response may take."""
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"},  # it is near: packing costs more
            timeout=httpx.Timeout(patience, connect=min(patience, 5)),
            limits=httpx.Limits(max_connections=4),
            trust_env=False,  # no proxy of the environment gets to see the key
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def heads(self) -> Heads:
        """How far ingest is with each of its provinces, and whether its worker lives."""
        try:
            return _HEADS.decode(await self._get("/v1/provinces"))
        except msgspec.ValidationError as error:
            raise IngestAway(
                f"Ingest's provinces break the contract: {error}. Are both services of the same release?"
            ) from error

    async def feed(self, province: str, after: int, limit: int = MAX_PAGE) -> FeedPage:
        """The versions after a position, in order."""
        body = await self._get("/v1/feed", province=province, after=after, limit=limit)
        try:
            return _PAGE.decode(body)
        except msgspec.ValidationError as error:
            raise IngestAway(f"Ingest's feed breaks the contract: {error}. Are both services of the same release?") from error

    async def catalogue(self, province: str, position: int) -> Catalogue:
        """Agencies and procedures, all generations, as they were known at a position."""
        body = await self._get("/v1/catalogue", province=province, position=position)
        try:
            return _CATALOGUE.decode(body)
        except msgspec.ValidationError as error:
            raise IngestAway(
                f"Ingest's catalogue breaks the contract: {error}. Are both services of the same release?"
            ) from error

    async def quality(self, province: str) -> Quality:
        """What ingest knows the province to lack."""
        body = await self._get("/v1/quality", province=province)
        try:
            return _QUALITY.decode(body)
        except msgspec.ValidationError as error:
            raise IngestAway(
                f"Ingest's quality breaks the contract: {error}. Are both services of the same release?"
            ) from error

    async def previewed(self, province: str, preview: int, after: int, limit: int) -> PreviewedPage:
        """Dossiers that a change of the catalogue would alter, by number. Raises `NotFound` where there is no such preview."""
        response = await self._response(f"/v1/catalogue/{province}/previews/{preview}/dossiers", after=after, limit=limit)
        if response.status_code == 404:
            raise NotFound(
                bilingual(
                    "Province {province} has no preview {preview}: ask ingest for one with POST"
                    " /v1/catalogue/{province}/previews.",
                    "Tỉnh {province} không có bản xem trước {preview}: yêu cầu ở ingest bằng POST"
                    " /v1/catalogue/{province}/previews.",
                    province=province,
                    preview=preview,
                )
            )
        try:
            return _PREVIEWED.decode(_body(response))
        except msgspec.ValidationError as error:
            raise IngestAway(
                f"Ingest's preview breaks the contract: {error}. Are both services of the same release?"
            ) from error

    async def petition_file(self, chunks: AsyncIterator[bytes], dates: str | None, language: Language) -> PetitionFile:
        """A file of petitions as ingest understands it. Raises `Unreadable` and `TooLarge` in ingest's words."""
        headers = {"Content-Type": "application/octet-stream", "Accept-Language": language}
        words = {} if dates is None else {"dates": dates}
        timeout = httpx.Timeout(FILE_SECONDS, connect=5)
        try:
            response = await self._client.post(
                "/v1/petition-files", params=words, content=chunks, headers=headers, timeout=timeout
            )
        except httpx.HTTPError as error:
            raise IngestAway(f"Ingest is not reached ({type(error).__name__}). Check INGEST_URL.") from error
        for kind in (Unreadable, TooLarge):
            if response.status_code == kind.status:
                raise kind(Bilingual(*[_detail(response)] * 2))
        try:
            return _PETITIONS.decode(_body(response))
        except msgspec.ValidationError as error:
            raise IngestAway(
                f"Ingest's reading breaks the contract: {error}. Are both services of the same release?"
            ) from error

    async def _get(self, path: str, **words: str | int) -> bytes:
        return _body(await self._response(path, **words))

    async def _response(self, path: str, **words: str | int) -> httpx.Response:
        try:
            return await self._client.get(path, params=words)
        except httpx.HTTPError as error:
            raise IngestAway(f"Ingest is not reached ({type(error).__name__}). Check INGEST_URL.") from error


_KEY = "Check INGEST_KEY: it needs feed:read."
_ADVICE = {
    401: _KEY,
    403: _KEY,
    429: "It has too much to do; it is asked again.",
    503: "It has too much to do, or a part of it is away: read its /readyz. It is asked again.",
}
_IN_ITS_LOG = "Its log tells why. Are both services of the same release?"


def _detail(response: httpx.Response) -> str:
    """What a problem says."""
    try:
        return str(response.json()["detail"])
    except (ValueError, LookupError, TypeError) as error:
        raise IngestAway(f"Ingest answered {response.status_code} without a problem. {_IN_ITS_LOG}") from error


def _body(response: httpx.Response) -> bytes:
    if response.status_code != 200:
        what = f"Ingest answered {response.status_code} to {response.request.url.path}."
        raise IngestAway(f"{what} {_ADVICE.get(response.status_code, _IN_ITS_LOG)}")
    return response.content
