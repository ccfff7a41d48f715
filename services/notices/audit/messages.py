"""Messages between the child process that reads a body and its parent. Pure."""

from __future__ import annotations

import msgspec

from services.notices.audit.comparison.figures import ReadFigure
from services.notices.audit.model import Audit


class AuditOrder(msgspec.Struct, frozen=True):
    """How a body is to be read."""

    content_type: str
    """The header as it came."""
    name: str | None
    """Of the file, as the caller gave it."""


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How far a document was read."""

    read: int
    pages: int


class Finding(msgspec.Struct, frozen=True, tag="finding"):
    """The end: what the audit found."""

    title: str | None
    """Name of the file."""
    audit: Audit
    page: str
    """The document as HTML, its figures marked by their verdicts."""
    figures: tuple[ReadFigure, ...]
    """What its figures mean, for comparisons."""


decode = msgspec.json.Decoder(Progress | Finding).decode
"""A message; raises `msgspec.MsgspecError` when it is none."""
