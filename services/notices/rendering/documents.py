"""The files of a notice from its tree, and its checks: what a renderer's process does, for one notice after another.

The process is one of `shared.sandbox`: it has no environment, no database, no file that it could write, and of memory and
processor what its limits say. The checks read what people wrote, so they are made there, too.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import msgspec

from services.notices.audit.checks import Check, check
from services.notices.composition.model import NoticeDocument
from services.notices.figures.model import Figure, Pinned
from services.notices.rendering.docx import docx
from services.notices.rendering.model import IssueMarks, RenderingFormat
from services.notices.rendering.pdf import Unprintable, forget, pdf
from services.notices.rendering.xlsx import xlsx
from shared.sandbox.orders import orders


class RenderingOrder(msgspec.Struct, frozen=True):
    """A notice to be checked and rendered."""

    document: NoticeDocument
    figures: dict[str, Figure]
    """Attached to the PDF."""
    pinned: Pinned
    """By what it is checked; its own figures may be left out."""
    dated_at: datetime
    """The only date in the files."""
    marks: IssueMarks | None = None
    """What only an issued notice shows."""
    is_excerpt: bool = False
    """An excerpt states parts of a notice: neither are its sums checked, nor is there a workbook of it."""


class Rendered(msgspec.Struct, frozen=True, tag=True):
    """Its files, and what the checks of its arithmetic found."""

    files: dict[RenderingFormat, bytes]
    checks: list[Check]


class NotRendered(msgspec.Struct, frozen=True, tag=True):
    """Why a notice could not be rendered."""

    reason: str
    """What the typesetter says of it; of a fault its type and where it was raised, nothing of the text."""
    is_fault: bool
    """Whether the program failed over it, rather than the typesetter refused it."""


def rendered(order: RenderingOrder) -> Rendered:
    """The files and checks: the same tree gives the same bytes. Raises `Unprintable`."""
    # The typesetter, which takes longest, leaves the interpreter to the others.
    with ThreadPoolExecutor(1) as beside:
        typeset = beside.submit(pdf, order.document, order.figures, dated_at=order.dated_at, marks=order.marks)
        checks = [] if order.is_excerpt else check(order.document, order.figures, order.pinned)
        files: dict[RenderingFormat, bytes] = {"docx": docx(order.document, dated_at=order.dated_at)}
        if not order.is_excerpt:
            files["xlsx"] = xlsx(order.document, dated_at=order.dated_at)
        return Rendered({**files, "pdf": typeset.result()}, checks)


def serve(_: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Orders come as their size and their JSON, in chunks; for each goes a `Rendered` or `NotRendered` in MessagePack."""
    for body in orders(chunks):
        yield _response(msgspec.json.decode(body, type=RenderingOrder))
        # After the response, so that nobody waits for it.
        forget()


def _response(order: RenderingOrder) -> bytes:
    try:
        return msgspec.msgpack.encode(rendered(order))
    except Unprintable as error:
        return msgspec.msgpack.encode(NotRendered(error.reason, is_fault=False))
    except MemoryError:
        raise
    except Exception as error:
        return msgspec.msgpack.encode(NotRendered(cause_of(error), is_fault=True))


def cause_of(error: BaseException) -> str:
    """`KeyError at docx.py:120 in _run, docx.py:80 in docx`: never its message, which may hold what a person wrote."""
    places = traceback.extract_tb(error.__traceback__)[:-4:-1]
    where = ", ".join(f"{Path(place.filename).name}:{place.lineno} in {place.name}" for place in places)
    return f"{type(error).__name__} at {where}" if where else type(error).__name__
