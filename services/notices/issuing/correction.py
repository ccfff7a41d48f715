"""What a corrected notice states of the one whose place it takes: that it does, and every figure that is another, with
the kinds of dossiers that made it so. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

import msgspec

from services.notices.composition.annexes import NUMBER_WIDTH, label
from services.notices.composition.model import Annex, Cell, Column, HeaderCell, NoticeDocument, Paragraph, Row, TextRun
from services.notices.figures.model import Figure, FigureUnit, Pinned, key_parts
from services.notices.inspections.model import Inspection
from services.notices.issuing.changes import ChangesBetween, Effects, kinds_of, signed
from services.notices.quantities import wording

_KEY = re.compile(r"(?P<kpi>[a-z][a-z0-9_]*)(?P<of>[@#:].*)?")
"""Of a figure of metrics as `pin` makes it; parts and bases of shares and earlier shares are stated by other figures."""
_HEADS = ("STT", "Chỉ tiêu", "Cơ quan, đơn vị, thủ tục hành chính", "Đã nêu", "Nay là", "Tăng, giảm")
_BECAUSE = "Do các hồ sơ"
_UNKNOWN = "Không còn xác định được các hồ sơ đã làm thay đổi số liệu."


class CorrectedNotice(NamedTuple):
    """The issued notice whose place another takes."""

    reference: str
    issued_on: date
    body: str
    figures: Mapping[str, Figure]
    """As it states them; empty: they are of another scope or period, and not compared."""


class ChangedFigure(NamedTuple):
    """A figure of metrics that two notices state differently."""

    key: str
    kpi: str
    of: str
    """What the key names beside the KPI: `@10813@2019-12-01`; empty of the whole."""
    old: Figure
    new: Figure


def changed_figures(before: Mapping[str, Figure], now: Mapping[str, Figure]) -> Iterator[ChangedFigure]:
    """Those of metrics that both state, and print differently: a share may move by less than is printed."""
    for key, old in before.items():
        new, parts = now.get(key), _KEY.fullmatch(key)
        if new is None or old.tabular() == new.tabular():
            continue
        if old.index is not None and new.index is not None and old.index.measure in ("points", "share"):
            yield ChangedFigure(key, *_kpi_of_index(key), old, new)
        if parts is None or old.figure_id is None:
            continue
        yield ChangedFigure(key, parts["kpi"], parts["of"] or "", old, new)


def _kpi_of_index(key: str) -> tuple[str, str]:
    name, mark, subject = key_parts(key)
    return name, mark + subject


def _names_of_index(pinned: Pinned) -> dict[str, str]:
    """What rows call the figures of the index of decision 766."""
    if pinned.index is msgspec.UNSET:
        return {}
    title = "Bộ chỉ số theo Quyết định số 766/QĐ-TTg"
    names = {"index": f"{title}: tổng điểm", "index.share": f"{title}: tỷ lệ điểm đạt"}
    names |= {f"index.group{number}": f"{title}: {name}" for number, name in enumerate(pinned.index.groups, 1)}
    return names | {f"index.{line.id}": f"{title}: {line.name}" for line in pinned.index.lines}


def corrected(
    document: NoticeDocument,
    figures: Mapping[str, Figure],
    pinned: Pinned,
    inspection: Inspection,
    before: CorrectedNotice,
    changes: ChangesBetween | None = None,
) -> NoticeDocument:
    """The notice with the paragraph that cites what it takes the place of, and the annex of the figures that changed.

    `changes`: what metrics tells of the dossiers; None: both notices are of one position, where none changed.
    """
    rows = tuple(_rows(before.figures, figures, pinned, changes))
    text = f"Thông báo này thay thế Thông báo số {before.reference} {wording.long_day(before.issued_on)} của {before.body}."
    annexes = document.annexes
    if rows:
        annexes = (*annexes, _annex(rows, document, inspection, before, changes))
        text += f" Số liệu thay đổi nêu tại {annexes[-1].label} kèm theo"
        kinds = [name for name, _ in kinds_of(changes.found)] if changes is not None and changes.found is not None else []
        text += f", do có hồ sơ: {'; '.join(kinds)}." if kinds else "."
    cited = Paragraph((TextRun(text),), section="preamble", key="preamble.supersedes")
    return msgspec.structs.replace(document, body=(cited, *document.body), annexes=annexes)


def _annex(
    rows: tuple[Row, ...],
    document: NoticeDocument,
    inspection: Inspection,
    before: CorrectedNotice,
    changes: ChangesBetween | None,
) -> Annex:
    like = document.annexes[0]
    explained = changes is not None and changes.found is not None
    widths = (NUMBER_WIDTH, 5.5, 4.5, 1.7, 1.7, 1.7, 6.0) if explained else (NUMBER_WIDTH, 7.0, 6.0, 2.0, 2.0, 2.0)
    return Annex(
        id="corrected",
        label=label(inspection, len(document.annexes) + 1),
        title=f"Số liệu thay đổi so với Thông báo số {before.reference}",
        subtitle=like.subtitle,
        belongs=like.belongs,
        unit="Đơn vị tính: Hồ sơ; tỷ lệ: %",
        columns=tuple(
            Column(str(number), width, "center" if number == 1 else "left" if number in (2, 3, 7) else "right")
            for number, width in enumerate(widths, 1)
        ),
        header=(tuple(HeaderCell(one) for one in ((*_HEADS, _BECAUSE) if explained else _HEADS)),),
        rows=rows,
        note=_note(changes),
    )


def _note(changes: ChangesBetween | None) -> str:
    if changes is None:
        return ""
    if changes.found is None:
        return _UNKNOWN
    kinds = "; ".join(f"{name}: {wording.cell(count)}" for name, count in kinds_of(changes.found))
    return (
        f"Số hồ sơ làm thay đổi số liệu chung: {kinds or 'không có'}. Cột 7 nêu số hồ sơ theo từng loại làm thay đổi số liệu "
        "của dòng đó; trong ngoặc là mức tăng, giảm do loại hồ sơ ấy."
    )


def _rows(
    before: Mapping[str, Figure], now: Mapping[str, Figure], pinned: Pinned, changes: ChangesBetween | None
) -> Iterator[Row]:
    """One for each figure of metrics that both state, and state differently."""
    kpis = {kpi.id: kpi.name.vi for kpi in pinned.catalogue.kpis} | _names_of_index(pinned)
    names = {"": "Toàn bộ"} | {f"@{one.key}": one.name for one in pinned.agencies}
    for mark, subjects in (("#", pinned.procedures), (":", pinned.departments), (">", pinned.steps)):
        names |= {f"{mark}{one.key}": one.name for one in subjects}
    effects = Effects(changes.found) if changes is not None and changes.found is not None else None
    number = 0
    for one in changed_figures(before, now):
        kpi, name = kpis.get(one.kpi), names.get(one.of)
        if kpi is None or name is None:
            continue
        number += 1
        printed = Cell(one.new.tabular(), one.key, None if one.new.value is None else str(one.new.value))
        cells = (
            Cell(str(number)),
            Cell(kpi),
            Cell(name),
            Cell(one.old.tabular()),
            printed,
            Cell(_difference(one.old, one.new)),
        )
        yield Row(cells if effects is None else (*cells, Cell(effects.kinds(one.kpi, one.of, one.old, one.new))))


def _difference(old: Figure, new: Figure) -> str:
    """By how much it moved, with its sign; empty of a share, and where one of the two is not known."""
    if not new.unit is old.unit is FigureUnit.count or not (new.is_known and old.is_known):
        return ""
    return signed(new.size - old.size)
