"""Tables and items of plain texts: Markdown, drawn boxes, CSV, tabs behind the number of an item."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.notices.audit.__main__ import main
from services.notices.audit.documents.files import read_file
from services.notices.audit.documents.model import Document
from services.notices.audit.engine import audit

ROWS = [["Đơn vị", "Tiếp nhận", "Trực tuyến", "Trực tiếp"], ["Xã A", "1.200", "1.000", "200"], ["Xã B", "300", "250", "50"]]
TOTAL = ["Tổng cộng", "1.500", "1.250", "260"]


def texts(document: Document) -> list[object]:
    """Paragraphs, and rows of tables."""
    return [
        block.text if block.rows is None else [[cell.text for cell in row] for row in block.rows] for block in document.blocks
    ]


def markdown() -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in ROWS)
    return "\n".join([head, "|---|---:|---:|---:|", *body, f"| {' | '.join(f'**{one}**' for one in TOTAL)} |"])


def drawn() -> str:
    lines = (f"│ {' │ '.join(row)} │\n├────┼───┼───┼───┤" for row in [*ROWS, TOTAL])
    return "┌────┬───┬───┬───┐\n" + "\n".join(lines)


def separated(sign: str) -> str:
    """As spreadsheets write it: values with the sign in them stand in quotation marks."""
    rows = ([one.replace(".", ",") if sign == "," else one for one in row] for row in [*ROWS, TOTAL])
    return "\r\n".join(sign.join(f'"{one}"' if sign in one else one for one in row) for row in rows)


TABLES = {
    "Markdown with bold figures": ("a.md", markdown()),
    "drawn with lines": ("a.txt", drawn()),
    "semicolons": ("a.csv", separated(";")),
    "commas": ("a.csv", separated(",")),
    "tabs": ("text/csv", separated("\t")),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_in_a_text_has_its_cells(name: str) -> None:
    file, text = TABLES[name]
    document = read_file(file, text.encode())
    table = [[cell.replace(",", ".") for cell in row] for row in texts(document)[-1]]  # type: ignore[attr-defined]
    assert table == [*ROWS, TOTAL]
    assert [[(one.from_, one.to) for one in found.repairs] for found in audit(document).contradictions] == [[("260", "250")]]
    for row in document.blocks[-1].rows or ():
        for cell in row:
            assert document.text[cell.start :].startswith(cell.text)


def test_titles_and_groups_of_a_list_of_values_keep_their_places() -> None:
    text = (
        "Báo cáo tháng 6;;;\n\n" + ";".join(ROWS[0]) + "\nNhóm một;;;\n" + ";".join(ROWS[1]) + "\n\nGhi chú: số liệu đến 30/6\n"
    )
    title, table, note = texts(read_file("a.csv", text.encode()))
    assert (title, note) == ("Báo cáo tháng 6", "Ghi chú: số liệu đến 30/6")
    assert table == [ROWS[0], ["Nhóm một", "", "", ""], ROWS[1]]


@pytest.mark.parametrize("blank", ["\t", "    "])
def test_what_numbers_an_item_is_no_cell(blank: str) -> None:
    lines = [f"{mark}{blank}Xã thứ {place} giải quyết {place + 5} hồ sơ" for place, mark in enumerate(("1.", "2.", "3.", "a)"))]
    document = read_file("a.txt", "\n".join(lines).encode())
    assert [block.rows for block in document.blocks] == [None] * 4


def test_a_value_without_end_is_read() -> None:
    assert read_file("a.csv", b'"' + b"a" * 200_000 + b'",1\n').blocks[0].rows is not None


def test_a_folder_without_documents_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ảnh.jpg").write_bytes(b"5")
    assert main([str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "no documents, not audited: ảnh.jpg" in told
    assert "holds no document" in told
