"""Bodies and files that are made to cost their reader more than their sender."""

from __future__ import annotations

import io
import os
import re
import zipfile

MB = 1024 * 1024
LARGEST = 16 * MB - 16
PIECE = 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

JUNK = os.urandom(PIECE)
BODIES: dict[str, bytes] = {
    "32 kB of quotes": b'\\"' * (16 * 1024),
    "64 kB of quotes": b'["' + b'\\"' * (32 * 1024),
    "16 MB of quotes": b'["' + b'\\"' * (8 * MB - 16),
    "one string of 16 MB": b'"' + b"x" * (LARGEST - 2) + b'"',
    "16 MB of [": b"[" * LARGEST,
    '16 MB of {"a":': b'{"a":' * (LARGEST // 5),
    "16 MB of digits": b"[" + b"7" * (LARGEST - 2) + b"]",
    "16 MB of blanks": b"[" + b" " * (LARGEST - 2) + b"]",
    "16 MB of blanks before it": b" " * (LARGEST - 2) + b"{}",
    "16 MB of blanks after it": b"{}" + b" " * (LARGEST - 2),
    "16 MB of numbers and blanks": b"[" + b"1, \t \t \t \t \t \t \t \t \t \t \t \t \t \t \t" * (LARGEST // 33 - 1) + b"1]",
    "a key and 16 MB of blanks": b'{"a":1' + b" " * (LARGEST - 15) + b',"b":1}',
    "objects with escaped keys": b"[" + b",".join(b'{"\\u0061%d":1,"\\u0062%d":2}' % (n, n) for n in range(160_000)) + b"]",
    "16 MB of wide characters": b'["' + "😀".encode() * (LARGEST // 4 - 1) + b'"]',
    "16 MB of texts with one wide character each": b"["
    + b",".join([b'"' + b"x" * 999_990 + "😀".encode() + b'"'] * (LARGEST // 999_997 - 1))
    + b"]",
    "16 MB of escaped wide characters": b'["' + b"\\ud83d\\ude00" * (LARGEST // 12 - 1) + b'"]',
    "16 MB of junk": JUNK * (LARGEST // PIECE),
}

_FORMATS = "http://schemas.openxmlformats.org"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_OFFICE = f"{_FORMATS}/officeDocument/2006/relationships"


def _led_to(target: str, kind: str) -> str:
    relation = f'<Relationship Id="r1" Target="{target}" Type="{_OFFICE}/{kind}"/>'
    return f'<Relationships xmlns="{_FORMATS}/package/2006/relationships">{relation}</Relationships>'


def sheet(cells: str, *, padding: int = 0) -> bytes:
    """An XLSX by hand, with these cells and so many blanks that shrink to nothing."""
    main = f'xmlns="{_FORMATS}/spreadsheetml/2006/main" xmlns:r="{_OFFICE}"'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_FORMATS}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/s.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
        "_rels/.rels": _led_to("xl/workbook.xml", "officeDocument"),
        "xl/workbook.xml": f'<workbook {main}><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _led_to("s.xml", "worksheet"),
        "xl/s.xml": f"<worksheet {main}><sheetData>{cells}</sheetData></worksheet>" + " " * padding,
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def _cell(place: str) -> str:
    return f'<row r="{re.sub("[A-Z]", "", place)}"><c r="{place}" t="inlineStr"><is><t>code</t></is></c></row>'


UPLOADS: dict[str, tuple[str, bytes]] = {
    "a sheet of two cells, A1 and XFD1048576": (XLSX, sheet(_cell("A1") + _cell("XFD1048576"))),
    "a table of 500.000 columns": ("text/csv", b",".join(b"c%d" % number for number in range(500_000)) + b"\n1\n"),
    "a sheet that unpacks to 500 MB": (XLSX, sheet(_cell("A1"), padding=500 * MB)),
}
