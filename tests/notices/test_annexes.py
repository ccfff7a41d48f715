"""Tables of annexes are audited by themselves: whatever printed number of one is another, something does not add up."""

from __future__ import annotations

import random

import msgspec

from services.notices.audit.annexes import miscalculated
from services.notices.composition.model import Cell, NoticeDocument
from services.notices.figures.model import Figure
from services.notices.issuing.correction import CorrectedNotice, corrected
from tests.notices.reference import DATED_AT, composed, inspection, pinned


def with_cell(notice: NoticeDocument, annex: int, row: int, column: int, cell: Cell) -> NoticeDocument:
    """The notice with another cell."""
    table = notice.annexes[annex]
    cells = table.rows[row].cells
    changed = msgspec.structs.replace(table.rows[row], cells=(*cells[:column], cell, *cells[column + 1 :]))
    table = msgspec.structs.replace(table, rows=(*table.rows[:row], changed, *table.rows[row + 1 :]))
    return msgspec.structs.replace(notice, annexes=(*notice.annexes[:annex], table, *notice.annexes[annex + 1 :]))


def test_every_number_of_an_annex_is_held_by_others() -> None:
    notice, figures = composed()
    assert list(miscalculated(notice, figures)) == []
    chance, unnoticed = random.Random(5), []
    for _ in range(150):
        annex = chance.randrange(len(notice.annexes))
        row = chance.randrange(len(notice.annexes[annex].rows))
        column = chance.randrange(2, len(notice.annexes[annex].columns))
        cell = notice.annexes[annex].rows[row].cells[column]
        change = chance.choice(({"text": "7.777"}, {"number": "7777"}, {"figure": "received_post"}, {"figure": None}))
        other = msgspec.structs.replace(cell, **change)
        if not list(miscalculated(with_cell(notice, annex, row, column, other), figures)):
            unnoticed.append((annex, row, column, change))
    assert unnoticed == []


def test_what_a_correction_calls_the_difference_is_the_difference() -> None:
    notice, figures = composed()
    key = "received_online"
    before: dict[str, Figure] = figures | {key: msgspec.structs.replace(figures[key], numerator=24_000)}
    old = CorrectedNotice("05/TB-UBND", DATED_AT.date(), "UBND huyện", before)
    made = corrected(notice, figures, pinned(), inspection(), old)
    assert list(miscalculated(made, figures)) == []
    last = len(made.annexes) - 1
    cell = made.annexes[last].rows[0].cells[5]
    assert cell.text == "+458"
    wrong = with_cell(made, last, 0, 5, msgspec.structs.replace(cell, text="+457"))
    assert list(miscalculated(wrong, figures)) != []
