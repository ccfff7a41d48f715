"""What Word writes beside plain runs: fields, hidden words, formulas, boxes, tables within tables, fonts and kinds of files."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.oxml import parse_xml

from services.notices.audit.documents.files import read_file
from services.notices.audit.documents.model import Document

_NAMES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    }.items()
)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*parts: str, properties: str = "") -> str:
    runs = "".join(part if part.startswith("<") else run(part) for part in parts)
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text if text.startswith('<') else paragraph(text)}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    made = "".join(one if one.startswith("<w:tc>") else cell(one) for one in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{made}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def instruction(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


def box(text: str) -> str:
    content = f"<w:txbxContent>{paragraph(text)}</w:txbxContent>"
    return (
        f"<w:r><mc:AlternateContent><mc:Choice><w:drawing>{content}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{content}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def saved(*blocks: str) -> bytes:
    opened, out = docx.Document(), io.BytesIO()
    body = opened.element.body
    for block in blocks:
        body.insert(len(body) - 1, parse_xml(re.sub(r"^<w:\w+", rf"\g<0> {_NAMES}", block)))
    opened.save(out)
    return out.getvalue()


def texts(document: Document) -> list[object]:
    """Paragraphs, and rows of tables."""
    return [
        block.text if block.rows is None else [[one.text for one in cells] for cells in block.rows] for block in document.blocks
    ]


FOUND = "Tiếp nhận 30.556 hồ sơ"
NESTED = (
    field("begin"), instruction("IF "), field("begin"), instruction("MERGEFIELD n"), field("separate"), "9", field("end"),
    instruction(" = 1"), field("separate"), "556", field("end"),
)  # fmt: skip
SHOWN: dict[str, list[str]] = {
    "result of a field within an instruction": [paragraph("Tiếp nhận 30.", *NESTED, " hồ sơ")],
    "hidden": [paragraph("Tiếp nhận ", run("9", "<w:vanish/>"), run("30", '<w:vanish w:val="0"/>'), ".556 hồ sơ")],
    "moved": [paragraph("Tiếp nhận ", f"<w:moveFrom>{run('9')}</w:moveFrom><w:moveTo>{run('30')}</w:moveTo>", ".556 hồ sơ")],
    "end of a paragraph deleted": [paragraph("Tiếp nhận 30", properties="<w:rPr><w:del/></w:rPr>"), paragraph(".556 hồ sơ")],
    "large first letter": [paragraph("T", properties='<w:framePr w:dropCap="drop"/>'), paragraph("iếp nhận 30.556 hồ sơ")],
    "mark of a note": [paragraph("Tiếp nhận 30.556", run("1", '<w:vertAlign w:val="superscript"/>'), " hồ sơ")],
    "line broken by hand": [paragraph("Tiếp nhận 30.556", "<w:r><w:br/></w:r>", "hồ sơ")],
    "font of TCVN3": [paragraph(run("TiÕp nhËn 30.556 hå s¬", '<w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/>'))],
    "font of VNI": [
        paragraph(
            run("Tieáp nhaän 30.", '<w:rFonts w:ascii="VNI-Times"/>'), run("556 hoà sô", '<w:rFonts w:ascii="VNI-Times"/>')
        )
    ],
    "Unicode in an old font": [paragraph(run(FOUND, '<w:rFonts w:ascii=".VnTime"/>'))],
    "content control": [paragraph("Tiếp nhận ", f"<w:sdt><w:sdtContent>{run('30.556')}</w:sdtContent></w:sdt>", " hồ sơ")],
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_paragraph_is_read_as_it_is_printed(name: str) -> None:
    assert texts(read_file("a.docx", saved(*SHOWN[name]))) == [FOUND]


def test_a_style_hides_and_a_style_names_the_font() -> None:
    opened, out = docx.Document(), io.BytesIO()
    opened.styles["Normal"].font.name = ".VnTime"
    hiding = opened.styles.add_style("Nháp", 2)
    hiding.font.hidden = True
    written = opened.add_paragraph("TiÕp nhËn 30.556 ")
    written.add_run("99", style="Nháp")
    written.add_run("hå s¬")
    opened.save(out)
    assert texts(read_file("a.docx", out.getvalue())) == [FOUND]


def test_formulas_and_signs_are_read() -> None:
    fraction = (
        "<m:oMath><m:f><m:num><m:r><m:t>4561</m:t></m:r></m:num><m:den><m:r><m:t>5650</m:t></m:r></m:den></m:f></m:oMath>"
    )
    percent = '<w:r><w:sym w:font="Symbol" w:char="F025"/></w:r>'
    assert texts(read_file("a.docx", saved(paragraph("Tỷ lệ ", fraction, " đạt 80,73", percent)))) == [
        "Tỷ lệ 4561/5650 đạt 80,73%"
    ]


def test_what_is_struck_through_inserted_or_drawn_is_named() -> None:
    chart = '<w:r><w:drawing><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart"/></w:drawing></w:r>'
    document = read_file("a.docx", saved(paragraph("Nhận ", run("7", "<w:strike/>"), "9 hồ sơ", chart), "<w:altChunk/>"))
    assert texts(document) == ["Nhận 9 hồ sơ"]
    assert document.unread == (
        "1 biểu đồ, sơ đồ: không được đọc",
        "1 phần chèn từ tệp khác: không được đọc; mở bằng Word và lưu lại để gộp vào",
        "1 chỗ gạch ngang: không được đọc",
    )


def test_items_that_are_numbered_with_a_tab_are_no_table() -> None:
    tab = "<w:r><w:tab/></w:r>"
    items = [paragraph(f"{number}.", tab, f"Xã {number} giải quyết {number} hồ sơ") for number in range(1, 5)]
    assert texts(read_file("a.docx", saved(*items))) == [
        f"{number}. Xã {number} giải quyết {number} hồ sơ" for number in range(1, 5)
    ]


def test_tables_are_those_that_are_printed() -> None:
    deleted = row("Xã B", "9", "9", properties="<w:del/>")
    head = row(cell("Hồ sơ", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>"), "Tỷ lệ")
    boxed = row("Xã A", cell(paragraph(box("5"))), "7")
    assert texts(read_file("a.docx", saved(table(head, boxed, deleted)))) == [[["Hồ sơ", "Hồ sơ", "Tỷ lệ"], ["Xã A", "5", "7"]]]


def test_a_table_in_the_frame_of_another_keeps_its_cells() -> None:
    inner = table(row("Xã", "Nhận"), row("An", "3"))
    framed = table(row(cell(paragraph("Biểu 1") + inner + paragraph(""))))
    beside = table(row("Trái", cell(inner + paragraph(""))))
    assert texts(read_file("a.docx", saved(framed, beside))) == [
        "Biểu 1", [["Xã", "Nhận"], ["An", "3"]], "Trái", [["Xã", "Nhận"], ["An", "3"]]
    ]  # fmt: skip


def changed(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """An archive with each of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as made:
        for name in archive.namelist():
            made.writestr(name, change(archive.read(name)))
    return out.getvalue()


def strict(part: bytes) -> bytes:
    """A part as the strict form of the standard names things."""
    names = rb"http://schemas.openxmlformats.org/(officeDocument|wordprocessingml|spreadsheetml|drawingml)/2006/(\w+)"
    return re.sub(names, rb"http://purl.oclc.org/ooxml/\1/\2", part)


_KIND = b"vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
KINDS: dict[str, Callable[[bytes], bytes]] = {
    "with macros": lambda part: part.replace(_KIND, b"vnd.ms-word.document.macroEnabled.main+xml"),
    "for templates": lambda part: part.replace(_KIND, _KIND.replace(b"document.main", b"template.main")),
    "strict": strict,
}


@pytest.mark.parametrize("kind", KINDS)
def test_other_kinds_of_its_files_are_read(kind: str) -> None:
    assert texts(read_file("a.docm", changed(saved(paragraph(FOUND)), KINDS[kind]))) == [FOUND]
