"""What comes back from a portal: its bytes within bounds, and failures that may pass by themselves."""

from __future__ import annotations

import httpx

from services.ingest.sources.errors import SourceError, SourceUnreadable
from shared.languages import Bilingual, bilingual
from shared.portal_responses import ResponseFault, is_page, read_response


class TransientFailure(Exception):
    """Something that may pass by itself; `final` is what is raised when it does not."""

    def __init__(self, kind: str, final: SourceError, *, retry_after: float | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.final = final
        self.retry_after = retry_after


class TokenExpired(Exception):
    """401: the token is no longer believed."""


async def body_of(response: httpx.Response, max_bytes: int) -> bytes:
    """Its bytes, unpacked. Raises `SourceUnreadable`, and `TransientFailure` for what is cut or a page for people."""
    encoding = response.headers.get("content-encoding", "identity")
    try:
        body = await read_response(response.aiter_raw(), encoding, max_bytes)
    except ResponseFault as fault:
        raise _failure(fault, max_bytes) from fault
    if is_page(body):
        raise TransientFailure(
            "html",
            SourceUnreadable(
                Bilingual("The source answers with HTML pages in place of JSON.", "Nguồn trả lời bằng trang HTML thay vì JSON.")
            ),
        )
    return body


def _failure(fault: ResponseFault, max_bytes: int) -> SourceUnreadable | TransientFailure:
    if fault.kind == "packed_otherwise":
        return SourceUnreadable(
            Bilingual(
                "The source packs its answers in a way that we did not ask for.",
                "Nguồn nén câu trả lời theo cách không được yêu cầu.",
            ),
            settled=True,
        )
    if fault.kind == "too_large":
        return SourceUnreadable(
            bilingual(
                "An answer is larger than {size} bytes. Lower page_size.",
                "Một câu trả lời lớn hơn {size} byte. Giảm page_size.",
                size=max_bytes,
            ),
            settled=True,
        )
    if fault.kind == "does_not_unpack":
        what = Bilingual("The source's packed answers do not unpack.", "Không giải nén được câu trả lời của nguồn.")
    else:
        what = Bilingual("The source's packed answers end in the middle.", "Câu trả lời nén của nguồn bị cắt giữa chừng.")
    return TransientFailure("cut", SourceUnreadable(what))
