"""The texts of the corpus as documents: plain text, DOCX, XLSX and HTML, with real tables where lines begin with `|`."""

from __future__ import annotations

import html
import io
from collections.abc import Iterator
from pathlib import Path

import docx
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
