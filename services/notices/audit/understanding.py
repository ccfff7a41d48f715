"""What a document says: its paragraphs and tables as they were read, their figures with what they mean, and the groups that
these make. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.notices.audit.claims.tables.headings import without_columns
from services.notices.audit.claims.tables.reading import ReadTable, read_table
from services.notices.audit.documents.model import Block, Document
from services.notices.audit.figures import Figure, ParagraphFigures
from services.notices.audit.frames import Frames
from services.notices.audit.groups import Group
from services.notices.audit.itemized import itemized
from services.notices.audit.lists import complete_sets, is_breakdown, items_summed_up, parents, side_by_side
from services.notices.audit.moods import settle_moods
from services.notices.audit.paragraphs import read_paragraph
from services.notices.audit.structure import groups
from services.notices.audit.thresholds import settle_thresholds

NOTES = 3
"""Paragraphs below a table in which formulas of its columns may stand."""


@dataclass(slots=True)
class Reading:
    """A document as it was understood."""

    paragraphs: list[ParagraphFigures] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    """By paragraph: the number of its block."""
    tables: list[ReadTable] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    own_period: str = ""
    """The time that it is about."""
    items: dict[int, list[ParagraphFigures]] = field(default_factory=dict)
    """By the number of a paragraph: the ones that are its items."""

    @property
    def figures(self) -> list[Figure]:
        """All figures, those of tables last."""
        return [
            *(one for paragraph in self.paragraphs for one in paragraph.figures),
            *(one for table in self.tables for one in table.figures),
        ]


def understand(document: Document) -> Reading:
    """Read the figures of a document with what they mean."""
    reading = Reading()
    caption = ""
    for number, block in enumerate(document.blocks):
        if block.rows is not None:
            below = [one.text for one in document.blocks[number + 1 : number + 1 + NOTES] if one.rows is None]
            plain = "" if any(char.isdigit() for char in caption) else caption
            table = read_table(block, -1 - number, plain, below)
            if table is not None:
                reading.tables.append(table)
            else:
                _as_paragraphs(block, number, reading)
            continue
        _add(reading, without_columns(block.text), block.start, number)
        caption = block.text
    above = parents(reading.paragraphs)
    frames = Frames()
    frames.begin(reading.paragraphs)
    for paragraph in reading.paragraphs:
        frames.read(paragraph, above.get(paragraph.number))
    frames.settle(reading.paragraphs)
    reading.own_period = frames.own_period
    settle_moods(reading.paragraphs, above)
    for paragraph in reading.paragraphs:
        settle_thresholds(paragraph)
    for number, parent in above.items():
        reading.items.setdefault(parent.number, []).append(reading.paragraphs[number])
    before = divided = None
    for paragraph in reading.paragraphs:
        reading.groups.extend(groups(paragraph, reading.items.get(paragraph.number, []), before, divided))
        before = paragraph
        divided = divided if is_breakdown(paragraph) else paragraph
    reading.groups.extend(items_summed_up(reading.paragraphs))
    reading.groups.extend(itemized(reading.paragraphs, reading.items))
    before = None
    parts = {id(part) for group in reading.groups for part in group.parts}
    wholes = {id(group.whole) for group in reading.groups}
    for paragraph in reading.paragraphs:
        complete = list(complete_sets(paragraph, before, parts))
        wholes |= {id(group.whole) for group in complete}
        beside = list(side_by_side(paragraph, wholes))
        parts |= {id(part) for group in (*complete, *beside) for part in group.parts}
        reading.groups += [*complete, *beside]
        before = paragraph
    _settle(reading.groups)
    return reading


def _add(reading: Reading, text: str, start: int, block: int) -> None:
    reading.paragraphs.append(read_paragraph(text, len(reading.paragraphs), start))
    reading.blocks.append(block)


def _as_paragraphs(block: Block, number: int, reading: Reading) -> None:
    """A table without columns of numbers is layout: each cell is a paragraph."""
    assert block.rows is not None
    seen: set[int] = set()
    for row in block.rows:
        for cell in row:
            if cell.text.strip() and cell.start not in seen:
                seen.add(cell.start)
                _add(reading, cell.text, cell.start, number)


def _settle(grouped: Sequence[Group]) -> None:
    """What is divided into new and carried over is all that had to be handled."""
    for group in grouped:
        stage = group.whole.meaning.get("stage", "received")
        rated = (group.dimension == "stage" and len(group.parts) > 1) or stage == "received"
        if rated and group.dimension in ("stage", "progress"):
            group.whole.meaning["stage"] = "handled"
