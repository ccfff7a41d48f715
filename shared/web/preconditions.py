"""The header `If-Match` of requests that change what was read before (RFC 9110, 13.1.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from fastapi import Header

from shared.errors import PreconditionFailed, PreconditionRequired
from shared.fields import LINE
from shared.languages import Bilingual, bilingual

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1_000,
        pattern=LINE,
        description="The ETag under which what is to be changed was read; `*`: whatever it is now",
        examples=['"inspection-7-1"'],
    ),
]

_TAG = re.compile(r'"([^"]*?)(?:-gzip)?"')


def demand_match(
    given: str | None, etag: str, *, required: bool = True, counted: Callable[[str], str] = str, done: bool = False
) -> None:
    """Raise `PreconditionRequired` without the header, where it is `required`, and `PreconditionFailed` where it does not name
    `etag`; weak tags never do. `counted`: what of a tag counts; left out, all. `done`: what is asked for stands already, as
    after a request whose response was lost: then an earlier tag is as good (RFC 9110, 13.1.1).
    """
    if given is None:
        if required:
            raise PreconditionRequired(
                bilingual(
                    "Send the ETag under which it was read in `If-Match`; now it is {etag}.",
                    "Gửi ETag đã đọc trong `If-Match`; hiện tại là {etag}.",
                    etag=etag,
                )
            )
        return
    strong = [tag for weak, tag in re.findall(r'(W/)?("[^"]*")', given) if not weak]
    if not done and given.strip() != "*" and counted(etag) not in {counted(_TAG.sub(r'"\1"', tag)) for tag in strong}:
        raise PreconditionFailed(
            Bilingual(
                f"It has changed since it was read: now its ETag is {etag}. Read it again and change that.",
                f"Đã thay đổi sau khi đọc: ETag hiện tại là {etag}. Đọc lại và sửa trên bản mới.",
            )
        )
