"""Paging: lists take `cursor` and return `next_cursor`, which is null on the last page.

A cursor holds the sort key of the last row of a page. It is opaque: clients send it back unchanged, with the same parameters.
It is not secret and gives no access: what a page may show is decided for each request. Positions of the feed are not cursors:
they have a meaning outside of a list.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from fastapi import Query

from shared.errors import Invalid
from shared.fields import INT8, Line
from shared.languages import Bilingual

K = TypeVar("K")
Row = TypeVar("Row")

CursorParameter = Annotated[
    Line | None,
    Query(max_length=400, description="`next_cursor` of the page before, to the same question; none: the first page"),
]
RowNumber = Annotated[int, msgspec.Meta(ge=0, le=INT8)]
"""The id of a row, as a sort key."""

_CHECKED = 6
"""Bytes of the digest before a key."""


class Cursor(Generic[K]):
    """The cursors of one list; cursors of other lists, and damaged ones, are refused."""

    def __init__(self, name: str, key: Any) -> None:
        """`name` is the list's own; `key` is the type that msgspec reads sort keys as, with their bounds."""
        self._name = name.encode()
        self._decoder: msgspec.msgpack.Decoder[K] = msgspec.msgpack.Decoder(key)

    def encode(self, key: K) -> str:
        """The cursor that begins after `key`."""
        content = msgspec.msgpack.encode(key)
        return base64.urlsafe_b64encode(self._digest(content) + content).rstrip(b"=").decode()

    def decode(self, cursor: str | None) -> K | None:
        """The key to begin after, None for the first page; raises `Invalid` for what is no cursor of this list."""
        if cursor is None:
            return None
        try:
            content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            if content[:_CHECKED] != self._digest(content[_CHECKED:]):
                raise ValueError("it is of another list, or torn")
            return self._decoder.decode(content[_CHECKED:])
        except (ValueError, msgspec.DecodeError) as error:
            raise Invalid(
                Bilingual(
                    "The cursor is not one of this list. Send `next_cursor` of the page before as it was given, or leave it"
                    " out.",
                    "`cursor` không thuộc danh sách này. Gửi đúng `next_cursor` của trang trước, hoặc bỏ trống.",
                )
            ) from error

    def page(self, rows: Sequence[Row], limit: int, key_of: Callable[[Row], K]) -> tuple[Sequence[Row], str | None]:
        """At most `limit` of the rows, of which one more was read, and the cursor of the next page; None at the end."""
        return rows[:limit], self.encode(key_of(rows[limit - 1])) if len(rows) > limit else None

    def _digest(self, content: bytes) -> bytes:
        return hashlib.blake2s(content, digest_size=_CHECKED, key=self._name).digest()
