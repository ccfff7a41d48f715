"""The forms in which a notice is rendered, and what their document properties state. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from services.notices.composition.model import NoticeDocument

RenderingFormat = Literal["docx", "pdf", "xlsx"]
"""Word, PDF/A, and the annexes as a workbook."""


class TitledDocument(NoticeDocument, frozen=True, kw_only=True):
    """A notice with what document properties show."""

    title: str
    author: str


def with_title(notice: NoticeDocument) -> TitledDocument:
    """The notice with its title and author."""
    title = f"{notice.kind.capitalize()} {' '.join(notice.abstract)}"
    return TitledDocument(**msgspec.structs.asdict(notice), title=title, author=" ".join(notice.issuer))
