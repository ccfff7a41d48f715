"""What comes back from a portal: its bytes within bounds, when to ask again, and failures that may pass by themselves."""

from __future__ import annotations

import codecs
import zlib
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from services.ingest.sources.errors import SourceError, SourceUnreadable
from shared.languages import Bilingual, bilingual

_FIRST_BYTES = 200


class TransientFailure(Exception):
    """Something that may pass by itself; `final` is what is raised when it does not."""

    def __init__(self, kind: str, final: SourceError, *, retry_after: float | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.final = final
        self.retry_after = retry_after


class TokenExpired(Exception):
    """401: the token is no longer believed."""


class Gunzip:
    """Unpacks gzip as it arrives and never more than is allowed: a bomb goes off in small pieces."""

    def __init__(self) -> None:
        """Nothing was unpacked yet."""
        self._inflate = zlib.decompressobj(31)

    @property
    def whole(self) -> bool:
        """Whether the packed stream came to its end."""
        return self._inflate.eof

    def decompress(self, packed: bytes, room: int) -> bytes:
        """Unpack the next bytes to at most `room` + 1 bytes, from which the caller sees that it is too much."""
        unpacked = self._inflate.decompress(packed, max(room, 0) + 1)
        while self._inflate.eof and self._inflate.unused_data and len(unpacked) <= room:
            # Packed in several members.
            rest = self._inflate.unused_data
            self._inflate = zlib.decompressobj(31)
            unpacked += self._inflate.decompress(rest, max(room - len(unpacked), 0) + 1)
        return unpacked


def retry_after(response: httpx.Response, now: datetime) -> float | None:
    """The seconds of its `Retry-After`; a date is counted by the source's own clock where it shows it, else from `now`."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal() and len(value) < 10:
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        # By the source's own clock, where it shows it.
        date = response.headers.get("date")
        start = parsedate_to_datetime(date) if date else now
        return max((until - start).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


async def body_of(response: httpx.Response, max_bytes: int) -> bytes:
    """Its bytes, unpacked. Raises `SourceUnreadable`, and `TransientFailure` for what is cut or a page for people."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip"):
        raise SourceUnreadable(
            Bilingual(
                "The source packs its answers in a way that we did not ask for.",
                "Nguồn nén câu trả lời theo cách không được yêu cầu.",
            ),
            settled=True,
        )
    unpack = Gunzip() if encoding == "gzip" else None
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
        if unpack is not None:
            try:
                chunk = unpack.decompress(chunk, max_bytes - size)
            except zlib.error as error:
                raise TransientFailure(
                    "cut",
                    SourceUnreadable(
                        Bilingual("The source's packed answers do not unpack.", "Không giải nén được câu trả lời của nguồn.")
                    ),
                ) from error
        size += len(chunk)
        if size > max_bytes:
            raise SourceUnreadable(
                bilingual(
                    "An answer is larger than {size} bytes. Lower page_size.",
                    "Một câu trả lời lớn hơn {size} byte. Giảm page_size.",
                    size=max_bytes,
                ),
                settled=True,
            )
        chunks.append(chunk)
    if unpack is not None and not unpack.whole:
        raise TransientFailure(
            "cut",
            SourceUnreadable(
                Bilingual("The source's packed answers end in the middle.", "Câu trả lời nén của nguồn bị cắt giữa chừng.")
            ),
        )
    # Some software begins its JSON with a byte order mark, which no JSON has, and some calls it text/html.
    body = b"".join(chunks).removeprefix(codecs.BOM_UTF8)
    if body[:_FIRST_BYTES].lstrip()[:1] == b"<":
        raise TransientFailure(
            "html",
            SourceUnreadable(
                Bilingual("The source answers with HTML pages in place of JSON.", "Nguồn trả lời bằng trang HTML thay vì JSON.")
            ),
        )
    return body
