"""One notice in every format that is read: paragraphs, a list, and a table with merged cells."""

from __future__ import annotations

import io
import struct
import tempfile
import zlib
from html import escape
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import typst
import xlsxwriter

PARAGRAPHS = (
    "Trong kỳ, Ủy ban nhân dân huyện tiếp nhận 30.556 hồ sơ, trong đó: trực tuyến 24.458 hồ sơ, trực tiếp 6.108 hồ sơ. Đã giải"
    " quyết 30.000 hồ sơ: trước hạn 29.000 hồ sơ, đúng hạn 900 hồ sơ, quá hạn 100 hồ sơ.",
    "Kết quả tại cấp xã 1.200 hồ sơ, cụ thể:",
)
ITEMS = ("Xã Thanh Sơn: 700 hồ sơ;", "Xã Thanh Thủy: 500 hồ sơ.")
HEAD = ("Lĩnh vực", "Tiếp nhận", "Đã giải quyết", "Đang giải quyết")
ROWS = (("Đất đai", "1.200", "1.000", "200"), ("Hộ tịch", "300", "250", "50"), ("Tổng cộng", "1.500", "1.250", "260"))
TITLE = "Cấp huyện"
"""Stands in one cell over the whole width."""


def as_text() -> bytes:
    """Plain text."""
    table = [HEAD, (TITLE, TITLE, TITLE, TITLE), *ROWS]
    lines = [*PARAGRAPHS, *(f"- {item}" for item in ITEMS), "", *(f"| {' | '.join(row)} |" for row in table)]
    return "\n".join(lines).encode()


def as_docx() -> bytes:
    """Word: each character a run of its own, the dashes made by a list, a merged cell."""
    document, out = docx.Document(), io.BytesIO()
    for text in PARAGRAPHS:
        paragraph = document.add_paragraph()
        for sign in text:
            paragraph.add_run(sign)
    for item in ITEMS:
        document.add_paragraph(item, style="List Bullet")
    table = document.add_table(rows=2 + len(ROWS), cols=len(HEAD))
    for row, texts in zip(table.rows, [HEAD, (TITLE, "", "", ""), *ROWS], strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(1, 3))
    document.save(out)
    return out.getvalue()


def as_pdf() -> bytes:
    """A PDF with page numbers, justified lines and a table with drawn lines."""
    items = "\n\n".join(f"\\- {escaped(item)}" for item in ITEMS)
    cells = ", ".join(f"[{escaped(text)}]" for row in ROWS for text in row)
    heads = ", ".join(f"[{text}]" for text in HEAD)
    return typst.compile(
        (
            '#set page(paper: "a4", margin: 2cm, numbering: "1")\n#set par(justify: true, first-line-indent: 1cm)\n'
            + "\n\n".join(escaped(text) for text in PARAGRAPHS)
            + f"\n\n{items}\n\n#table(columns: 4, {heads}, table.cell(colspan: 4)[{TITLE}], {cells})\n"
        ).encode()
    )


def as_xlsx() -> bytes:
    """A workbook: the figures of the table are numbers, and a hidden sheet has others."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Biểu")
        grouped = book.add_format({"num_format": "#,##0"})
        lines = [*PARAGRAPHS, *(f"- {item}" for item in ITEMS)]
        for row, text in enumerate(lines):
            sheet.write_string(row, 0, text)
        begin = len(lines) + 1
        sheet.write_row(begin, 0, HEAD)
        sheet.merge_range(begin + 1, 0, begin + 1, 3, TITLE)
        for row, texts in enumerate(ROWS, begin + 2):
            sheet.write_string(row, 0, texts[0])
            for column, text in enumerate(texts[1:], 1):
                sheet.write_number(row, column, int(text.replace(".", "")), grouped)
        hidden = book.add_worksheet("Nháp")
        hidden.write_string(0, 0, "Tiếp nhận 10 hồ sơ, trong đó: trực tuyến 1 hồ sơ, trực tiếp 2 hồ sơ.")
        hidden.hide()
    return out.getvalue()


def as_html() -> bytes:
    """A page with a list and a table; a script has other figures."""
    rows = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in ROWS)
    heads = "".join(f"<th>{text}</th>" for text in HEAD)
    return (
        '<!doctype html><html><head><meta charset="utf-8"><title>Thông báo 5 = 6</title><style>p{}</style></head><body>'
        "<script>var x = 'tiếp nhận 10 hồ sơ: 1 hồ sơ và 2 hồ sơ'</script>"
        + "".join(f"<p>{escape(text).replace('30.556', '<b>30</b>.<i>556</i>')}</p>" for text in PARAGRAPHS)
        + "<ul>"
        + "".join(f"<li>{escape(item)}</li>" for item in ITEMS)
        + f"</ul><table><tr>{heads}</tr><tr><td colspan=4>{TITLE}</td></tr>{rows}</table></body></html>"
    ).encode()


FORMATS = {"docx": as_docx, "pdf": as_pdf, "xlsx": as_xlsx, "html": as_html}


def escaped(text: str) -> str:
    """A text for the typesetter."""
    return "".join("\\" + sign if sign in "\\#*_$@`<>[]\"'~=+-/" else sign for sign in text)


def scanned_pdf(text: str = PARAGRAPHS[0].split(" Đã")[0]) -> bytes:
    """A PDF whose second page is a picture; `text` is on its first."""
    content = f"#set page(width: 10cm, height: 10cm, margin: 1cm)\n{text}\n#pagebreak()\n"
    content += '#set page(margin: 0cm)\n#image("scan.png", width: 100%, height: 100%)\n'
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "scan.png").write_bytes(picture())
        (Path(folder) / "notice.typ").write_text(content)
        return bytes(typst.compile(Path(folder) / "notice.typ"))


def picture() -> bytes:
    """A PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((row * 7 + column * 3) % 256 for column in range(64)) for row in range(64))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def archive(**files: bytes) -> bytes:
    """A ZIP archive; `__` in a name stands for a slash."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()
