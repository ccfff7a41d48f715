"""A notice as HTML, to be read in a browser: the same tree as the PDF, each number with its figure. Pure.

All text is escaped; there is no script. Each number is a `data` element: its value in machine form, and the key of its figure.
Numbers that a person typed by hand are `mark.typed`, on the screen only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from services.notices.composition.model import Annex, Block, Cell, FigureRun, Heading, NoticeDocument, Row, Run
from services.notices.figures.model import Figure
from services.notices.quantities import wording
from services.notices.quantities.references import quantity_spans

STYLE = (
    "body{max-width:52rem;font-family:'Times New Roman','Liberation Serif',serif;font-size:1.15rem}"
    "h1,.head,.kind{text-align:center}.head{display:grid;grid-template-columns:2fr 3fr;gap:.6rem 1rem}"
    ".issuer,.motto,.kind{font-weight:700}.dated,.emphasis,.belongs{font-style:italic}.motto span{border-bottom:1px solid}"
    "h2,h3,h4{font-size:1em;margin:.6em 0;text-indent:1.27cm}h4{font-weight:400}"
    ".notice p{margin:.5em 0;text-align:justify;text-indent:1.27cm}.signatures{display:grid;grid-template-columns:1fr 1fr}"
    ".signatures ul{list-style:none;padding:0;font-size:.85em}.authority{text-align:center;font-weight:700}"
    ".authority p{text-indent:0;text-align:center}.signatory{margin-top:5rem}"
    "section{margin-top:3rem;overflow-x:auto}section h2,section p{text-align:center;text-indent:0}"
    "table{font-size:.8em}td,th{border:1px solid;padding:.15rem .4rem}td{text-align:right}td.words{text-align:left}"
    "th{text-align:center}tr.group,tr.total{font-weight:700}data[title]{cursor:help;border-bottom:1px dotted}"
    "@media print{mark.typed{background:none}}"
)
_LEVELS = {1: "h2", 2: "h3", 3: "h4"}


def html(notice: NoticeDocument, figures: Mapping[str, Figure]) -> str:
    """The content of a page, below its title."""
    last = "".join(f"<p>{escape(line)}</p>" for line in notice.authority)
    recipients = "".join(f"<li>{escape(line)}</li>" for line in notice.recipients)
    return (
        f'<div class="notice" lang="vi">{_head(notice)}{"".join(_block(block, figures) for block in notice.body)}'
        f'<div class="signatures"><div><strong><em>Nơi nhận:</em></strong><ul>{recipients}</ul></div>'
        f'<div class="authority">{last}<p class="signatory">{escape(notice.signatory)}</p></div></div></div>'
        + "".join(_annex(annex, figures) for annex in notice.annexes)
    )


def _head(notice: NoticeDocument) -> str:
    superior = f"<div>{escape(notice.superior)}</div>" if notice.superior else ""
    return (
        f'<div class="head"><div>{superior}<div class="issuer">{_lines(notice.issuer)}</div></div>'
        '<div class="motto"><div>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</div><span>Độc lập - Tự do - Hạnh phúc</span></div>'
        f'<div>{escape(notice.reference)}</div><div class="dated">{escape(notice.locality_and_date)}</div></div>'
        f'<p class="kind">{escape(notice.kind)}<br>{_lines(notice.abstract)}</p>'
    )


def _lines(lines: Iterable[str]) -> str:
    return "<br>".join(escape(line) for line in lines)


def _block(block: Block, figures: Mapping[str, Figure]) -> str:
    if isinstance(block, Heading):
        name = _LEVELS[block.level]
        return f"<{name}>{escape(block.label)} {escape(block.text)}</{name}>"
    mark = ' class="emphasis"' if block.emphasis else ""
    lead = f"{block.lead} " if block.lead else ""
    return f"<p{mark}>{lead}{''.join(_run(run, figures, block.typed) for run in block.runs)}</p>"


def _run(run: Run, figures: Mapping[str, Figure], typed: tuple[str, ...]) -> str:
    if isinstance(run, FigureRun):
        return _number(run.text, run.figure, figures)
    parts, end = [], 0
    for start, stop in quantity_spans(run.text) if typed else ():
        if run.text[start:stop] in typed:
            parts += [escape(run.text[end:start]), f'<mark class="typed">{escape(run.text[start:stop])}</mark>']
            end = stop
    return "".join((*parts, escape(run.text[end:])))


def _number(text: str, key: str, figures: Mapping[str, Figure]) -> str:
    figure = figures.get(key)
    stated = "" if figure is None or figure.value is None else f' value="{figure.value}"'
    if figure is not None and figure.denominator and figure.numerator is not None:
        stated += f' title="{wording.cell(figure.numerator)} : {wording.cell(figure.denominator)}"'
    return f'<data{stated} data-figure="{escape(key)}">{escape(text)}</data>'


def _annex(annex: Annex, figures: Mapping[str, Figure]) -> str:
    head = "".join(
        "<tr>"
        + "".join(
            f'<th scope="{"colgroup" if cell.columns > 1 else "col"}" colspan="{cell.columns}" rowspan="{cell.rows}">'
            f"{escape(cell.text)}</th>"
            for cell in row
        )
        + "</tr>"
        for row in annex.header
    )
    numbers = "".join(f"<th>({escape(column.number)})</th>" for column in annex.columns)
    note = f"<p><em>Ghi chú: {escape(annex.note)}</em></p>" if annex.note else ""
    return (
        f'<section lang="vi"><h2>{escape(annex.label)}<br>{escape(annex.title)}</h2><p>{escape(annex.subtitle)}</p>'
        f'<p class="belongs">{escape(annex.belongs)}</p><p><em>{escape(annex.unit)}</em></p>'
        f"<table><thead>{head}<tr>{numbers}</tr></thead>"
        f"<tbody>{''.join(_row(row, figures) for row in annex.rows)}</tbody></table>{note}</section>"
    )


def _row(row: Row, figures: Mapping[str, Figure]) -> str:
    return f'<tr class="{row.kind}">{"".join(_cell(cell, figures) for cell in row.cells)}</tr>'


def _cell(cell: Cell, figures: Mapping[str, Figure]) -> str:
    if cell.figure is None:
        return f'<td class="words">{escape(cell.text)}</td>'
    return f"<td>{_number(cell.text, cell.figure, figures)}</td>"
