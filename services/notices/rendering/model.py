"""The forms in which a notice is rendered, and what their document properties state. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from services.notices.composition.model import Block, Heading, NoticeDocument, words
from services.notices.figures.model import Figure

RenderingFormat = Literal["docx", "pdf", "xlsx"]
"""Word, PDF/A, and the annexes as a workbook."""


class Stamp(msgspec.Struct, frozen=True):
    """What a reader sees of a signature."""

    lines: tuple[str, ...]
    """Who signed and when."""
    color: Literal["blue", "red"]
    """Blue of the signatory, red of the body."""


class IssueMarks(msgspec.Struct, frozen=True):
    """What only an issued notice shows: its signatures, and where it is verified."""

    stamps: tuple[Stamp, ...]
    """In the order of signing."""
    verification: str
    """Address of the page that states whether it is in force."""
    qr: str
    """That address as a QR code, in SVG."""
    bundle: str = ""
    """What its figures follow from, as JSON: attached; empty: nothing is."""
    counts: str = ""
    """The counts of each day and agency that they are summed of, as JSON: attached; empty: nothing is."""


class TitledDocument(NoticeDocument, frozen=True, kw_only=True):
    """A notice with what document properties show."""

    title: str
    author: str


def with_title(notice: NoticeDocument) -> TitledDocument:
    """The notice with its title and author."""
    title = f"{notice.kind.capitalize()} {' '.join(notice.abstract)}"
    return TitledDocument(**msgspec.structs.asdict(notice), title=title, author=" ".join(notice.issuer))


def attached_figures(figures: dict[str, Figure]) -> bytes:
    """The attachment `figures.json` of the PDF."""
    return msgspec.json.encode(list(figures.values()))


def printed(block: Block) -> str:
    """A block of the body as one text, with its label or lead."""
    return f"{block.label} {block.text}".strip() if isinstance(block, Heading) else f"{block.lead} {words(block)}".strip()


def leads_in(block: Block) -> bool:
    """Whether a block may not stand at the foot of a page without the one after it: a heading, and what ends with a colon."""
    return isinstance(block, Heading) or words(block).endswith(":")
