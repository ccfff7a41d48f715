"""An excerpt as a document of its own, in the form of its notice: what is printed for one agency. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from services.notices.composition.excerpts import Excerpt
from services.notices.composition.model import Block, FigureRun, Heading, NoticeDocument, Paragraph, TextRun
from services.notices.figures.model import Figure
from services.notices.quantities import wording

_RECOMMENDED_TITLE = "NỘI DUNG YÊU CẦU THỰC HIỆN"
_WORKLIST_TITLE = "HỒ SƠ CẦN RÀ SOÁT, GIẢI TRÌNH"


def excerpt_document(
    notice: NoticeDocument,
    found: Excerpt,
    figures: Mapping[str, Figure],
    *,
    addressee: str,
    issued: bool,
    codes: Mapping[str, Sequence[str]] | None = None,
) -> NoticeDocument:
    """The excerpt under the head of its notice: paragraphs below their headings, what is asked, dossiers, lines of the annexes.

    Headings keep the numbers that they have in the notice. `addressee`: the agency as one speaks to it. `issued`: the notice
    was signed, which the excerpt states. `codes`: by key of a figure of the worklist, codes of its dossiers.
    """
    stated = {one.key for one in found.paragraphs}
    body = list(_headed([block for block in notice.body if isinstance(block, Heading) or block.key in stated]))
    # Without numbers of their own: those of the notice go on.
    body.extend(_recommended(found))
    body.extend(_worklist(found, figures, codes or {}))
    body.append(Paragraph((TextRun(f"Trên đây là nội dung của Thông báo liên quan đến {addressee}./."),), key="closing"))
    lines = {(row.annex, row.cells) for row in found.rows}
    return msgspec.structs.replace(
        notice,
        kind="TRÍCH THÔNG BÁO",
        abstract=(*notice.abstract, f"(Phần nội dung liên quan đến {addressee})"),
        body=tuple(body),
        authority=(*notice.authority, "(Đã ký)") if issued else notice.authority,
        recipients=(f"- {wording.upper_first(addressee)};", "- Lưu: VT."),
        annexes=tuple(
            msgspec.structs.replace(annex, rows=rows)
            for annex in notice.annexes
            if (rows := tuple(row for row in annex.rows if (annex.id, tuple(cell.text for cell in row.cells)) in lines))
        ),
        shortcomings=(),
        recommendations=found.recommendations,
    )


def printed_figures(document: NoticeDocument, figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """The figures that a document prints."""
    runs = [run for block in document.body if isinstance(block, Paragraph) for run in block.runs]
    cells = [cell for annex in document.annexes for row in annex.rows for cell in row.cells]
    printed = {run.figure for run in runs if isinstance(run, FigureRun)} | {cell.figure for cell in cells}
    return {key: figure for key, figure in figures.items() if key in printed}


def _headed(blocks: list[Block]) -> Iterator[Block]:
    """The blocks without headings below which nothing stands."""
    waiting: list[Heading] = []
    for block in blocks:
        if isinstance(block, Heading):
            waiting = [*(one for one in waiting if one.level < block.level), block]
        else:
            yield from waiting
            waiting = []
            yield block


def _recommended(found: Excerpt) -> Iterator[Block]:
    if found.recommendations:
        yield Heading(1, "", _RECOMMENDED_TITLE)
        for one in found.recommendations:
            yield Paragraph((TextRun(one.text),), lead="-", section="recommendations", key=f"recommendations.{one.key}")


def _worklist(found: Excerpt, figures: Mapping[str, Figure], codes: Mapping[str, Sequence[str]]) -> Iterator[Block]:
    if found.worklist:
        yield Heading(1, "", _WORKLIST_TITLE)
        for place, one in enumerate(found.worklist, 1):
            listed = codes.get(one.figure, ())
            end = " hồ sơ:" if listed else " hồ sơ." if place == len(found.worklist) else " hồ sơ;"
            runs = (TextRun(f"{one.name}: "), FigureRun(figures[one.figure].prose(), one.figure), TextRun(end))
            yield Paragraph(runs, lead="-", section="worklist", key=f"worklist.{one.figure}", source="figures")
            if listed:
                more = f"; và {wording.count(one.count - len(listed))} hồ sơ khác" if one.count > len(listed) else ""
                text = f"Mã hồ sơ: {'; '.join(listed)}{more}."
                key = f"worklist.{one.figure}.codes"
                yield Paragraph((TextRun(text),), lead="+", section="worklist", key=key, source="figures")
