"""Where findings are: the place of each leads to its words, on the page and in the paragraph that it names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pypdfium2
import pytest
import typst

from services.notices.audit.documents.files import read_file
from services.notices.audit.documents.model import Document
from services.notices.audit.engine import audit
from services.notices.audit.model import Audit, Position
from tests.audit import notices

LONG = tuple(f"Tháng {number}, huyện giải quyết {1_000 + number} hồ sơ, bằng năm trước." for number in range(1, 13))
"""Paragraphs that part the notice over pages."""


def over_pages() -> bytes:
    """The notice on small pages: a paragraph runs over the break of one, a blank page lies between."""
    first, second = (notices.escaped(text) for text in notices.PARAGRAPHS)
    filler = "\n\n".join(notices.escaped(text) for text in LONG)
    source = f"#set page(width: 9cm, height: 8cm, margin: 1cm)\n{first}\n\n{filler}\n#pagebreak()\n#pagebreak()\n{second}\n\n"
    return bytes(typst.compile((source + "\n\n".join(f"\\- {notices.escaped(one)}" for one in notices.ITEMS)).encode()))


FILES = {
    "text": ("a.txt", notices.as_text),
    "text with CRLF": ("a.txt", lambda: notices.as_text().replace(b"\n", b"\r\n")),
    **{name: (f"a.{name}", made) for name, made in notices.FORMATS.items()},
    "pdf over pages": ("a.pdf", over_pages),
}


def positions(found: Audit) -> Iterator[tuple[Position, str, str]]:
    """Every place that is given out, with the figure that stands there, and the quote around it where there is one."""
    for claim in found.claims:
        yield claim.at, claim.claimed, claim.quote
        for repair in claim.repairs:
            yield repair.at, repair.from_, ""


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("name", FILES)
def test_the_words_cut_out_at_a_place_are_the_figure_in_its_quote_its_paragraph_and_its_page(name: str) -> None:
    title, made = FILES[name]
    document = read_file(title, made())
    found = list(positions(audit(document)))
    assert len(found) >= 5
    for at, figure, quote in found:
        words = document.text[at.start : at.end]
        assert squeezed(figure) in squeezed(words), (figure, words)
        assert squeezed(words) in squeezed(quote) or not quote
        block = document.blocks[at.paragraph - 1]
        assert block.rows or squeezed(quote) in squeezed(block.text), "words of another paragraph are not about the figure"
        assert block.page_at(at.start) == at.page
        assert squeezed(words) in squeezed(block.text or " ".join(cell.text for row in block.rows or () for cell in row))
        assert block.start <= at.start


def test_places_in_a_decomposed_text_are_those_of_the_text_as_sent() -> None:
    given = unicodedata.normalize("NFD", notices.as_text().decode())
    for at, figure, _ in positions(audit(read_file("a.txt", given.encode()))):
        assert squeezed(figure) in squeezed(unicodedata.normalize("NFC", given[at.start : at.end]))


def test_a_figure_of_a_paragraph_over_pages_is_on_the_page_where_it_stands() -> None:
    words = " ".join(f"câu {name} của đoạn văn" for name in ("này", "kia", "đó", "ấy", "nọ", "sau", "trước"))
    text = f"{words} {words}. Tiếp nhận 15 hồ sơ, trong đó: mới {words} 9 hồ sơ, cũ 5 hồ sơ."
    content = bytes(typst.compile(f"#set page(width: 9cm, height: 4.2cm, margin: 1cm)\n{text}".encode()))
    document = read_file("a.pdf", content)
    assert len(document.blocks) == 1
    (claim,) = audit(document).claims
    with pypdfium2.PdfDocument(content) as opened:
        pages = [page.get_textpage().get_text_range() for page in opened]
    for at, figure in ((claim.at, "15"), *zip(claim.operands, ("9", "5"), strict=True)):
        assert at.page is not None
        assert f"{figure} hồ" in pages[at.page - 1].replace("\r\n", " ")
    assert claim.at.page == 2


def pages_of(document: Document) -> set[int | None]:
    return {block.page for block in document.blocks}


def test_a_page_without_text_between_others_is_named_and_figures_keep_their_pages() -> None:
    document = read_file("a.pdf", over_pages())
    pages = pages_of(document)
    missing = sorted(set(range(1, max(page or 0 for page in pages) + 1)) - pages)
    assert document.unread == tuple(
        f"trang {page}: không có chữ (trang trắng, hoặc chữ được vẽ thành hình)" for page in missing
    )
    assert len(missing) == 1
    last = audit(document).claims[-1]
    assert last.at.page == max(page or 0 for page in pages)
    assert last.at.page > missing[0]
