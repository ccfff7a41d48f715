"""The texts of the corpus as documents: plain text, DOCX, XLSX, HTML and PDF, with real tables where lines begin with `|`."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import docx
import typst
import xlsxwriter

from tests.audit.keys import Text

SUFFIXES = {"text": ".txt", "docx": ".docx", "xlsx": ".xlsx", "html": ".html"}


def blocks(text: str) -> Iterator[str | list[list[str]]]:
    """Paragraphs, and tables as rows of cells, in their order."""
    table: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if set("".join(cells)) - set("-: "):
                table.append(cells)
            continue
        if table:
            yield table
            table = []
        if line.strip():
            yield line


def document(text: Text) -> bytes:
    """The file that an engine is given."""
    return {"text": _plain, "docx": _docx, "xlsx": _xlsx, "html": _html}[text.key.format](text.text)


def write_documents(texts: list[Text], folder: Path) -> None:
    """Writes every text as its document, `<half>.<name>.<suffix>`."""
    folder.mkdir(parents=True, exist_ok=True)
    for text in texts:
        (folder / f"{text.half}.{text.name}{SUFFIXES[text.key.format]}").write_bytes(document(text))


def _plain(text: str) -> bytes:
    return text.encode()


def _docx(text: str) -> bytes:
    file, out = docx.Document(), io.BytesIO()
    for block in blocks(text):
        if isinstance(block, str):
            file.add_paragraph(block)
            continue
        table = file.add_table(rows=len(block), cols=len(block[0]))
        for row, cells in zip(table.rows, block, strict=True):
            for cell, words in zip(row.cells, cells, strict=True):
                cell.text = words
    file.save(out)
    return out.getvalue()


def _xlsx(text: str) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, row = book.add_worksheet("Biểu"), 0
        for block in blocks(text):
            for cells in [[block]] if isinstance(block, str) else block:
                for column, words in enumerate(cells):
                    sheet.write_string(row, column, words)
                row += 1
    return out.getvalue()


def _html(text: str) -> bytes:
    parts = []
    for block in blocks(text):
        if isinstance(block, str):
            parts.append(f"<p>{html.escape(block)}</p>")
        else:
            rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in cells) for cells in block)
            parts.append("<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>")
    head = '<!doctype html><html lang="vi"><meta charset="utf-8"><title>Báo cáo</title>'
    return f"{head}<body>{''.join(parts)}</body></html>".encode()


class Layout(NamedTuple):
    """How the pages of a PDF are set."""

    pages: str
    """Rules for the whole, as typst writes them."""
    table: str = ""
    """Arguments of its tables."""


LAYOUTS = {
    "first lines set in": Layout(
        '#set page(margin: (left: 3cm, rest: 2cm), numbering: "1", number-align: top)\n#set text(size: 14pt)\n'
        "#set par(first-line-indent: (amount: 1cm, all: true), justify: true, spacing: 0.9em)"
    ),
    "blocks": Layout("#set page(margin: 2.5cm)\n#set text(size: 12pt)\n#set par(spacing: 1.4em)"),
    "small pages, wide lines": Layout(
        '#set page(paper: "a5", margin: 1.5cm, numbering: "1")\n#set text(size: 13pt)\n'
        "#set par(first-line-indent: (amount: 1cm, all: true), justify: true, spacing: 1em, leading: 1em)"
    ),
    "rules between rows": Layout(
        "#set page(flipped: true, margin: 2cm, header: [Báo cáo số 12/BC-UBND])\n#set text(size: 13pt)\n"
        "#set par(justify: true, spacing: 1.2em)",
        "stroke: (x: none, y: 0.5pt), inset: 4pt",
    ),
    "no rules": Layout(
        "#set page(margin: 2cm)\n#set text(size: 12pt)\n#set par(justify: true, spacing: 1.5em)",
        "stroke: none, column-gutter: 1.5em",
    ),
    "all but first lines set in": Layout(
        '#set page(paper: "a6", margin: 0.8cm, numbering: "- 1 -")\n#set text(size: 10pt, hyphenate: false)\n'
        "#set par(spacing: 1.1em, hanging-indent: 0.4cm)\n#set table.cell(align: center + horizon)",
        "stroke: 0.4pt + gray",
    ),
}


def pdf(text: str, layout: Layout) -> bytes:
    """A text as the pages of a PDF."""
    parts = [f'{layout.pages}\n#set text(lang: "vi")']
    for block in blocks(text):
        if isinstance(block, str):
            parts.append(f"#par({json.dumps(block, ensure_ascii=False)})")
            continue
        width = max(map(len, block))
        cells = (json.dumps(cell, ensure_ascii=False) for row in block for cell in [*row, *[""] * (width - len(row))])
        parts.append(f"#table(columns: {width}, {layout.table}{', ' if layout.table else ''}{', '.join(cells)})")
    return bytes(typst.compile("\n\n".join(parts).encode()))
