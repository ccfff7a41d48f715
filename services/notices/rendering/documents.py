"""The files of a notice from its tree: what a renderer's process does, for one notice after another.

The process is one of `shared.sandbox`: it has no environment, no database, no file that it could write, and of memory and
processor what its limits say.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from services.notices.composition.model import NoticeDocument
from services.notices.figures.model import Figure
from services.notices.rendering.docx import docx
from services.notices.rendering.model import RenderingFormat
from services.notices.rendering.pdf import Unprintable, pdf
from services.notices.rendering.xlsx import xlsx

SIZE_BYTES = 8
"""Of the number before each order: how many bytes it has."""


class RenderingOrder(msgspec.Struct, frozen=True):
    """A notice to be rendered."""

    document: NoticeDocument
    figures: dict[str, Figure]
    """Attached to the PDF."""
    dated_at: datetime
    """The only date in the files."""


class Rendered(msgspec.Struct, frozen=True, tag=True):
    """Its files."""

    files: dict[RenderingFormat, bytes]


class NotRendered(msgspec.Struct, frozen=True, tag=True):
    """Why a notice could not be rendered."""

    reason: str
    """What the typesetter says of it."""


def rendered(order: RenderingOrder) -> dict[RenderingFormat, bytes]:
    """The files: the same tree gives the same bytes. Raises `Unprintable`."""
    return {
        "docx": docx(order.document, dated_at=order.dated_at),
        "xlsx": xlsx(order.document, dated_at=order.dated_at),
        "pdf": pdf(order.document, order.figures, dated_at=order.dated_at),
    }


def serve(_: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Orders come as their size and their JSON, in chunks; for each goes a `Rendered` or `NotRendered` in MessagePack."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= SIZE_BYTES:
            size = int.from_bytes(waiting[:SIZE_BYTES], "big")
            if len(waiting) < SIZE_BYTES + size:
                break
            order = msgspec.json.decode(waiting[SIZE_BYTES : SIZE_BYTES + size], type=RenderingOrder)
            del waiting[: SIZE_BYTES + size]
            yield _response(order)


def _response(order: RenderingOrder) -> bytes:
    try:
        return msgspec.msgpack.encode(Rendered(rendered(order)))
    except (Unprintable, RuntimeError) as error:  # the typesetter raises its own errors as RuntimeError
        return msgspec.msgpack.encode(NotRendered(f"{type(error).__name__}: {error}"[:500]))
