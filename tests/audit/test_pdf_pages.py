"""Pages as programs print them: repeated headings, rows over pages, two columns, turned pages, notes, recognised letters."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
import typst

from services.notices.audit.documents.files import read_file
from services.notices.audit.documents.layout import _is_alike
from services.notices.audit.documents.model import Document
from services.notices.audit.engine import audit

TEXT = "Trong kỳ, huyện tiếp nhận 30.556 hồ sơ, trong đó: trực tuyến 24.448 hồ sơ, trực tiếp 6.108 hồ sơ."


def texts(document: Document) -> list[object]:
    """Paragraphs, and rows of tables."""
    return [
        block.text if block.rows is None else [[cell.text for cell in row] for row in block.rows] for block in document.blocks
    ]


def pages(source: str, size: str = "width: 14cm, height: 9cm, margin: 1.5cm") -> bytes:
    return bytes(typst.compile(f'#set page({size})\n#set text(lang: "vi")\n{source}'.encode()))


def rewritten(content: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as opened:
        change(opened)
        opened.save(out)
    return out.getvalue()


ROWS = [
    [str(number), f"Xã thứ {number} của huyện miền núi phía tây", str(100 + number), str(90 + number)]
    for number in range(1, 31)
]
HEAD = ["TT", "Đơn vị", "Tiếp nhận", "Giải quyết"]
LOOSE = "#set page(header: [BÁO CÁO QUÝ II], footer: context [Phòng Nội vụ, trang #counter(page).display()])\n"


@pytest.mark.parametrize("repeated", [True, False])
def test_a_table_over_pages_is_one_between_headings_that_they_repeat(repeated: bool) -> None:
    cells = ", ".join(f"[{cell}]" for row in ROWS for cell in row)
    head = ", ".join(f"[{cell}]" for cell in HEAD)
    head = f"table.header({head})" if repeated else head
    document = read_file("a.pdf", pages(f"{LOOSE}{TEXT}\n#table(columns: (1cm, 3cm, 2cm, 2cm), {head}, {cells})\n{TEXT}"))
    assert texts(document) == ["BÁO CÁO QUÝ II", TEXT, [HEAD, *ROWS], TEXT]
    assert not document.unread


def test_a_row_that_goes_on_over_the_page_is_one() -> None:
    # Its lower border is drawn on one page, its upper border on the next one.
    names = ["Trung tâm phục vụ hành chính công", "Chi nhánh văn phòng đăng ký đất đai"] * 4
    rows = [[str(number), name, str(number + 5), "0"] for number, name in enumerate(names, 1)]
    cells = ", ".join(f"[{cell}]" for row in rows for cell in row)
    source = f"#table(columns: (0.8cm, 2.2cm, 2cm, 1cm), [TT], [Đơn vị], [Hồ sơ], [Trễ], {cells})"
    for height in (3.9, 4.4, 5.1):
        document = read_file("a.pdf", pages(source, f"width: 8cm, height: {height}cm, margin: 0.8cm"))
        assert texts(document) == [[["TT", "Đơn vị", "Hồ sơ", "Trễ"], *rows]]


def test_a_sentence_over_pages_is_one_between_their_headings() -> None:
    words = " ".join(f"câu {name} của đoạn văn" for name in ("này", "kia", "đó", "ấy", "nọ", "sau", "trước", "cuối"))
    document = read_file("a.pdf", pages(f"{LOOSE}{words} {words} {words}. {TEXT}", "width: 9cm, height: 5cm, margin: 1.2cm"))
    assert texts(document) == ["BÁO CÁO QUÝ II", f"{words} {words} {words}. {TEXT}"]
    assert audit(document).claims[0].at.page > 1  # type: ignore[operator]


def test_repeated_lines_with_figures_are_named() -> None:
    source = "#set page(footer: [Số liệu của 14 xã, 2 thị trấn])\n" + "\n#pagebreak()\n".join([TEXT] * 3)
    document = read_file("a.pdf", pages(source))
    assert document.unread == ("đầu trang, chân trang lặp lại: có số, không được đọc",)
    assert texts(document)[0] == TEXT


@pytest.mark.parametrize(
    ("one", "other", "further", "alike"),
    [
        ("Trang 2/5", "Trang 3/5", 1, True),
        ("Trang 2/5", "Trang 4/5", 2, True),
        ("Trang 2/5", "Trang 4/5", 1, False),
        ("Tháng 3 có 1.003 hồ sơ", "Tháng 4 có 1.004 hồ sơ", 1, False),
        ("Xã An: 5 hồ sơ", "Xã Bình: 6 hồ sơ", 1, False),
        ("BÁO CÁO", "BÁO CÁO", 2, True),
    ],
)
def test_lines_are_repeated_where_but_the_page_differs(one: str, other: str, further: int, alike: bool) -> None:
    assert _is_alike(one, other, further) is alike


def test_two_columns_are_read_one_after_the_other() -> None:
    paragraphs = [
        f"Đoạn {name}. {TEXT} Xã còn lại giải quyết xong trong kỳ và không có hồ sơ nào quá hạn cả." for name in "ABCDEF"
    ]
    source = (
        "#align(center)[*BẢN TIN CẢI CÁCH HÀNH CHÍNH CỦA HUYỆN, SỐ THÁNG SÁU*]\n#columns(2)[\n"
        + "\n\n".join(paragraphs)
        + "\n]"
    )
    read = texts(read_file("a.pdf", pages(source, "width: 18cm, height: 11cm, margin: 2cm")))
    assert read == ["BẢN TIN CẢI CÁCH HÀNH CHÍNH CỦA HUYỆN, SỐ THÁNG SÁU", *paragraphs]


TABLE = [["Đơn vị", "Tiếp nhận trong kỳ", "Giải quyết"], *([row[1], *row[2:]] for row in ROWS[:12])]


def table(heads: Callable[[str], str] = "[{}]".format) -> str:
    cells = ", ".join((*map(heads, TABLE[0]), *(f"[{cell}]" for row in TABLE[1:] for cell in row)))
    return f"#table(columns: 3, {cells})"


TURNED: dict[str, str] = {
    "heads of columns": table("rotate(-90deg, reflow: true)[{}]".format),
    "the table": f"#rotate(-90deg, reflow: true)[{table()}]",
    "the table to the other side": f"#rotate(90deg, reflow: true)[{table()}]",
}


@pytest.mark.parametrize("name", TURNED)
def test_what_is_written_across_a_page_is_read(name: str) -> None:
    assert texts(read_file("a.pdf", pages(f"{TEXT}\n\n{TURNED[name]}", "width: 16cm, height: 22cm, margin: 1.5cm"))) == [
        TEXT,
        TABLE,
    ]


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_page_is_read_however_it_is_turned(degrees: int) -> None:
    content = pages(f"{TEXT}\n\n{table()}", "width: 16cm, height: 22cm, margin: 1.5cm")
    assert texts(read_file("a.pdf", rewritten(content, lambda opened: opened.pages[0].rotate(degrees, relative=True)))) == [
        TEXT,
        TABLE,
    ]


@pytest.mark.parametrize("way", ["#super[1]", "#super(typographic: false)[1]", "#footnote[Đến 30/6.]"])
def test_the_mark_of_a_note_is_no_digit_of_the_figure_before_it(way: str) -> None:
    (paragraph, *_) = texts(
        read_file("a.pdf", pages(TEXT.replace("30.556", f"30.556{way}").replace("6.108 hồ sơ", f"6.108 hồ sơ{way}")))
    )
    assert paragraph == TEXT


def _unseen(opened: pikepdf.Pdf) -> None:
    page = opened.pages[0]
    page.contents_coalesce()
    page.Contents = opened.make_stream(page.Contents.read_bytes().replace(b"0 Tr", b"3 Tr"))


def test_letters_that_a_program_recognised_are_named_and_their_thousands_put_together() -> None:
    content = rewritten(pages(TEXT.replace("30.556", "30. 556").replace("24.448", "24 .448")), _unseen)
    document = read_file("a.pdf", content)
    assert texts(document) == [TEXT]
    assert document.unread == ("trang 1: chữ do máy nhận dạng từ hình quét, có thể sai",)


def _with_field(opened: pikepdf.Pdf) -> None:
    field = {"/Type": "/Annot", "/Subtype": "/Widget", "/FT": "/Tx"}
    made = {key: pikepdf.Name(name) for key, name in field.items()} | {"/V": "777 hồ sơ", "/Rect": [50, 50, 200, 70]}
    fields = pikepdf.Array([opened.make_indirect(pikepdf.Dictionary(made))])
    opened.pages[0].Annots = fields
    opened.Root.AcroForm = pikepdf.Dictionary(Fields=fields)


def test_fields_of_a_form_with_figures_are_named() -> None:
    document = read_file("a.pdf", rewritten(pages(TEXT), _with_field))
    assert document.unread == ("trang 1: 1 ghi chú, ô biểu mẫu có số: không được đọc",)
