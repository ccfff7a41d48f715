"""The typed tree of a notice: what is said, free of how it is drawn.

One tree, many readers: the PDF, the DOCX, the annexes in XLSX, the JSON answer and the audit. A quantity in it is always a
`Bound`, which names the figure it prints; plain text holds none.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Words(msgspec.Struct, frozen=True, tag="text"):
    """Words; the only digits in them are those of dates, periods and citations."""

    text: str


class Bound(msgspec.Struct, frozen=True, tag="figure"):
    """A number as printed, bound to the figure that it prints."""

    text: str
    figure: str
    """Key in the figures stored with the notice."""


Run: TypeAlias = Words | Bound


class Heading(msgspec.Struct, frozen=True, tag="heading"):
    """`I.` (level 1, bold capitals), `1.` (level 2, bold), `a)` (level 3)."""

    level: int
    label: str
    text: str


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """One paragraph, justified, its first line indented."""

    runs: tuple[Run, ...]
    lead: str = ""
    """`-` or `+` before it, or nothing."""
    section: str = ""
    """Id of the section that says it."""
    source: str = "form"
    """`figures`: says what was counted; `evidence`: says what the inspection team found; `form`: belongs to the form."""
    emphasis: bool = False
    """Set in italics, as the reference to an annex is."""


Block: TypeAlias = Heading | Paragraph


class HeaderCell(msgspec.Struct, frozen=True):
    """A cell of a table's head."""

    text: str
    columns: int = 1
    rows: int = 1


class Cell(msgspec.Struct, frozen=True):
    """A cell of a table's body: words, or a number with the figure it prints."""

    text: str
    figure: str | None = None
    number: str | None = None
    """The printed number in machine form (`80.02`), for spreadsheets; None for words."""


class Row(msgspec.Struct, frozen=True):
    """A line of a table; `kind` is `unit`, `group` (a subtotal) or `total`."""

    cells: tuple[Cell, ...]
    kind: str = "unit"


class Column(msgspec.Struct, frozen=True):
    """A column: its number in the form, its share of the width, and how its cells stand."""

    number: str
    width: float
    align: str = "right"


class Annex(msgspec.Struct, frozen=True):
    """A table on landscape pages of its own, numbered by themselves."""

    id: str
    label: str
    """`Biểu số 01` or `Phụ lục I`."""
    title: str
    subtitle: str
    belongs: str
    """Which notice it goes with."""
    unit: str
    columns: tuple[Column, ...]
    header: tuple[tuple[HeaderCell, ...], ...]
    rows: tuple[Row, ...]
    note: str = ""


class Notice(msgspec.Struct, frozen=True):
    """A notice (thông báo) in the form of decree 30/2020/NĐ-CP."""

    superior: str
    """Superior body, in capitals; empty where there is none."""
    issuer: tuple[str, ...]
    """Issuing body in capitals, line by line."""
    reference: str
    """`Số:        /TB-UBND` while it has no number."""
    place_and_date: str
    kind: str
    """THÔNG BÁO."""
    abstract: tuple[str, ...]
    """Trích yếu, line by line."""
    body: tuple[Block, ...]
    authority: tuple[str, ...]
    """`TM. ...`, `KT. ...` and the title, in capitals."""
    signatory: str
    recipients: tuple[str, ...]
    annexes: tuple[Annex, ...]


def words(paragraph: Paragraph) -> str:
    """A paragraph as it reads."""
    return "".join(run.text for run in paragraph.runs)


def plain_text(notice: Notice) -> str:
    """The body as plain lines: what somebody gets who selects and copies the document."""
    lines = [notice.kind, *notice.abstract, ""]
    for block in notice.body:
        if isinstance(block, Heading):
            lines.append(f"{block.label} {block.text}")
        else:
            lines.append(f"{block.lead} {words(block)}".strip())
    return "\n".join(lines)
