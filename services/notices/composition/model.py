"""The typed tree of a notice: its content, without layout.

One tree, many readers: the PDF, the DOCX, the annexes in XLSX, the JSON response and the audit. A quantity in it is always a
`Bound`, which names the figure it prints; plain text holds none.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

import msgspec


class TextRun(msgspec.Struct, frozen=True, tag="text"):
    """Words; the only digits in them are those of dates, periods and citations."""

    text: str
    """As printed."""


class FigureRun(msgspec.Struct, frozen=True, tag="figure"):
    """A number as printed, bound to the figure that it prints."""

    text: str
    """As printed: `30.938`, `80,02 %`."""
    figure: str
    """Key of that figure among the notice's `figures`."""


Run: TypeAlias = TextRun | FigureRun


class Heading(msgspec.Struct, frozen=True, tag="heading"):
    """`I.` (level 1, bold capitals), `1.` (level 2, bold), `a)` (level 3)."""

    level: int
    label: str
    text: str
    section: str = ""
    """Id of the section that it heads; empty in notices drafted before it was stored."""


ParagraphSource = Literal["figures", "evidence", "findings", "form", "person"]
"""What a paragraph states: counted figures, items that the team entered, its own words, words of the form, or what a person
wrote over the draft."""


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """One paragraph, justified, its first line indented."""

    runs: tuple[Run, ...]
    lead: str = ""
    """`-` or `+` before it, or nothing."""
    section: str = ""
    """Id of its section."""
    key: str = ""
    """Which paragraph of the notice it is, the same at every composition: `handling.resolved`. Of a text of the team it follows
    from the text, so that one that is added moves no other. Empty in notices drafted before paragraphs had keys."""
    source: ParagraphSource = "form"
    """`figures`: states what was counted; `evidence`: states items that the team entered; `findings`: words of the inspection
    team; `form`: belongs to the form; `person`: was written or changed by a person."""
    emphasis: bool = False
    """Set in italics, as the reference to an annex is."""
    agencies: tuple[str, ...] = ()
    """Unit keys of the agencies that it names without a figure of theirs."""
    typed: tuple[str, ...] = ()
    """Numbers that a person typed by hand: they print no figure."""


Block: TypeAlias = Heading | Paragraph


class HeaderCell(msgspec.Struct, frozen=True):
    """A cell of a table's head."""

    text: str
    """As printed."""
    columns: int = 1
    """How many columns it spans."""
    rows: int = 1
    """How many rows of the head it spans."""


class Cell(msgspec.Struct, frozen=True):
    """A cell of a table's body: words, or a number with the figure it prints."""

    text: str
    """As printed."""
    figure: str | None = None
    """Key of the figure that it prints; null for words."""
    number: str | None = None
    """The printed number in machine form (`80.02`), for spreadsheets; null for words and for a rate of nothing."""


RowKind = Literal["unit", "group", "total"]
"""`unit`: of an agency or a procedure; `group`: a subtotal; `total`: of the whole."""


class Row(msgspec.Struct, frozen=True):
    """A line of a table."""

    cells: tuple[Cell, ...]
    """From left to right, one for each column."""
    kind: RowKind = "unit"
    """`unit`: of an agency or a procedure; `group`: the subtotal of the units below it; `total`: of the whole, the last."""


class Column(msgspec.Struct, frozen=True):
    """A column of a table."""

    number: str
    """As the form numbers it; its note speaks of columns by these."""
    width: float
    """Its share of the table's width, relative to the other columns."""
    align: Literal["left", "center", "right"] = "right"
    """How its cells stand."""


class Annex(msgspec.Struct, frozen=True):
    """A table on landscape pages of its own, numbered by themselves."""

    id: str
    """`by_agency`, `by_procedure`, `online`."""
    label: str
    """`Biểu số 01` or `Phụ lục I`."""
    title: str
    """What it shows."""
    subtitle: str
    """The period, in brackets."""
    belongs: str
    """Which notice it goes with."""
    unit: str
    """What its counts count."""
    columns: tuple[Column, ...]
    """From left to right."""
    header: tuple[tuple[HeaderCell, ...], ...]
    """Rows of the head; a cell that spans several rows stands in the first of them."""
    rows: tuple[Row, ...]
    """The body, without the head and the line of column numbers."""
    note: str = ""
    """Below the table: how its columns add up, and the caveats."""


class Shortcoming(msgspec.Struct, frozen=True):
    """Something that falls short."""

    kind: str
    """What it is: `late`, `reporting`."""
    agencies: tuple[str, ...]
    """Unit keys of the agencies whose it is; empty: of the whole."""
    figures: tuple[str, ...]
    """Keys of the figures that show it."""


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a notice asks for: what the next inspection follows up."""

    key: str
    """Which of the notice's recommendations it is: `late`, or `found.1a2b3c4d` of one in the team's own words."""
    shortcoming: str | None
    """Kind of the shortcoming that it answers; null: it answers none of its own."""
    addressees: tuple[str, ...]
    """Unit keys of the agencies that it asks; empty: all that were inspected, or `outside`."""
    deadline: date | None
    """By when it is to be carried out; null: no day was set."""
    text: str
    """What is to be done, in Vietnamese, as printed."""
    outside: str = ""
    """Who is asked instead of the inspected, in Vietnamese, such as the keeper of the software; empty: nobody else."""


class NoticeDocument(msgspec.Struct, frozen=True):
    """A notice (thông báo) in the form of decree 30/2020/NĐ-CP."""

    superior: str
    """Superior body, in capitals; empty where there is none."""
    issuer: tuple[str, ...]
    """Issuing body in capitals, line by line."""
    reference: str
    """`Số:        /TB-UBND` while it has no number."""
    locality_and_date: str
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
    shortcomings: tuple[Shortcoming, ...] = ()
    """What falls short; empty in notices drafted before it was stored."""
    recommendations: tuple[Recommendation, ...] = ()
    """What it asks for; empty in notices drafted before it was stored."""


def words(paragraph: Paragraph) -> str:
    """The text of a paragraph."""
    return "".join(run.text for run in paragraph.runs)


def plain_text(notice: NoticeDocument) -> str:
    """The body as plain lines, as copied from the document."""
    lines = [notice.kind, *notice.abstract, ""]
    for block in notice.body:
        if isinstance(block, Heading):
            lines.append(f"{block.label} {block.text}")
        else:
            lines.append(f"{block.lead} {words(block)}".strip())
    return "\n".join(lines)
