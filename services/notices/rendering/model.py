"""The forms in which a notice is rendered, and what their document properties state. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from services.notices.composition.model import Notice

RenderingFormat = Literal["docx", "pdf", "xlsx"]
"""Word, PDF/A, and the annexes as a workbook."""


class Titled(Notice, frozen=True, kw_only=True):
    """A notice with what document properties show."""

    title: str
    author: str


def titled(notice: Notice) -> Titled:
    """The notice with its title and author."""
    title = f"{notice.kind.capitalize()} {' '.join(notice.abstract)}"
    return Titled(**msgspec.structs.asdict(notice), title=title, author=" ".join(notice.issuer))
