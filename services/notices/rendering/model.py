"""The forms in which a notice is rendered, and what their document properties state. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from services.notices.composition.model import Block, Heading, NoticeDocument, words

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


def printed(block: Block) -> str:
    """A block of the body as one text, with its label or lead."""
    return f"{block.label} {block.text}" if isinstance(block, Heading) else f"{block.lead} {words(block)}".strip()


def leads_in(block: Block) -> bool:
    """Whether a block may not stand at the foot of a page without the one after it: a heading, and what ends with a colon."""
    return isinstance(block, Heading) or words(block).endswith(":")
