"""What a corrected notice states of the one whose place it takes: that it does, and every figure that is another. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

import msgspec

from services.notices.composition.annexes import NUMBER_WIDTH, label
from services.notices.composition.model import Annex, Cell, Column, HeaderCell, NoticeDocument, Paragraph, Row, TextRun
from services.notices.figures.model import Figure, FigureUnit, Pinned
from services.notices.inspections.model import Inspection
from services.notices.quantities import wording

_KEY = re.compile(r"(?P<kpi>[a-z][a-z0-9_]*)(?P<of>[@#:].*)?")
"""Of a figure of metrics as `pin` makes it; parts and bases of shares and earlier shares are stated by other figures."""
_HEADS = ("STT", "Chỉ tiêu", "Cơ quan, đơn vị, thủ tục hành chính", "Đã nêu", "Nay là", "Tăng, giảm")


class CorrectedNotice(NamedTuple):
    """The issued notice whose place another takes."""

    reference: str
    issued_on: date
    body: str
    figures: Mapping[str, Figure]
    """As it states them; empty: they are of another scope or period, and not compared."""


def corrected(
    document: NoticeDocument, figures: Mapping[str, Figure], pinned: Pinned, inspection: Inspection, before: CorrectedNotice
) -> NoticeDocument:
    """The notice with the paragraph that cites what it takes the place of, and the annex of the figures that changed."""
    rows = tuple(_rows(before.figures, figures, pinned))
    text = f"Thông báo này thay thế Thông báo số {before.reference} {wording.long_day(before.issued_on)} của {before.body}."
    annexes = document.annexes
    if rows:
        annexes = (*annexes, _annex(rows, document, inspection, before))
        text += f" Số liệu thay đổi nêu tại {annexes[-1].label} kèm theo."
    cited = Paragraph((TextRun(text),), section="preamble", key="preamble.supersedes")
    return msgspec.structs.replace(document, body=(cited, *document.body), annexes=annexes)


def _annex(rows: tuple[Row, ...], document: NoticeDocument, inspection: Inspection, before: CorrectedNotice) -> Annex:
    like = document.annexes[0]
    widths = (NUMBER_WIDTH, 7.0, 6.0, 2.0, 2.0, 2.0)
    return Annex(
        id="corrected",
        label=label(inspection, len(document.annexes) + 1),
        title=f"Số liệu thay đổi so với Thông báo số {before.reference}",
        subtitle=like.subtitle,
        belongs=like.belongs,
        unit="Đơn vị tính: Hồ sơ; tỷ lệ: %",
        columns=tuple(
            Column(str(number), width, "center" if number == 1 else "left" if number <= 3 else "right")
            for number, width in enumerate(widths, 1)
        ),
        header=(tuple(HeaderCell(one) for one in _HEADS),),
        rows=rows,
    )


def _rows(before: Mapping[str, Figure], now: Mapping[str, Figure], pinned: Pinned) -> Iterator[Row]:
    """One for each figure of metrics that both state, and state differently."""
    kpis = {kpi.id: kpi.name.vi for kpi in pinned.catalogue.kpis}
    names = {"": "Toàn bộ"} | {f"@{one.key}": one.name for one in pinned.agencies}
    names |= {f"#{one.key}": one.name for one in pinned.procedures} | {f":{one.key}": one.name for one in pinned.departments}
    number = 0
    for key, old in before.items():
        new, parts = now.get(key), _KEY.fullmatch(key)
        if new is None or parts is None or old.figure_id is None:
            continue
        kpi, name = kpis.get(parts["kpi"]), names.get(parts["of"] or "")
        if kpi is None or name is None or old.tabular() == new.tabular():  # a share may move less than is printed
            continue
        number += 1
        printed = Cell(new.tabular(), key, None if new.value is None else str(new.value))
        yield Row((Cell(str(number)), Cell(kpi), Cell(name), Cell(old.tabular()), printed, Cell(_difference(old, new))))


def _difference(old: Figure, new: Figure) -> str:
    """By how much it moved, with its sign; empty of a share."""
    if new.unit is not FigureUnit.count or old.unit is not FigureUnit.count:
        return ""
    by = new.size - old.size
    return ("+" if by > 0 else "-") + wording.cell(abs(by))
