"""An excerpt as a document: the words of the excerpt, in the form of its notice, by the rules that hold for notices."""

from __future__ import annotations

import io
import re
from pathlib import Path

import msgspec
import pdfua
import pikepdf
import pypdf
import pytest
from docx import Document

from services.notices.composition.addressees import addressed
from services.notices.composition.excerpt_documents import excerpt_document, printed_figures
from services.notices.composition.excerpts import Excerpt, excerpt
from services.notices.composition.model import NoticeDocument, Paragraph, TextRun, words
from services.notices.figures.model import Subject
from services.notices.rendering.documents import RenderingOrder, rendered
from services.notices.rendering.layout import findings, read
from services.notices.rendering.pdf import pdf
from tests.notices.random_notices import random_notice
from tests.notices.reference import DATED_AT, composed, pinned
from tests.notices.test_archive_rules import RULES

AN_PHUONG = "10864@2019-12-01"


def _excerpt(key: str, notice: NoticeDocument | None = None) -> tuple[Excerpt, NoticeDocument]:
    whole, figures = composed()
    given = pinned()
    agency = next(one for one in given.agencies if one.key == key)
    found = excerpt(notice or whole, figures, given, agency)
    return found, excerpt_document(notice or whole, found, figures, addressee=addressed(agency, given.agencies), issued=False)


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_pdf_and_docx_of_an_excerpt_have_its_words_and_no_line_of_another_agency(tmp_path: Path) -> None:
    found, document = _excerpt(AN_PHUONG)
    _, figures = composed()
    printed = printed_figures(document, figures)
    order = RenderingOrder(document, printed, msgspec.structs.replace(pinned(), figures={}), DATED_AT, is_excerpt=True)
    made = rendered(order)
    assert sorted(made.files) == ["docx", "pdf"]
    word = Document(io.BytesIO(made.files["docx"]))
    of_word = "".join(one.text for one in word.paragraphs) + "".join(
        cell.text for table in word.tables for row in table.rows for cell in row.cells
    )
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.files["pdf"])).pages]
    of_pdf = "".join(re.sub(r"^\s*\d+\s*\n", "", page) for page in pages)  # without the page's number
    said = [one.text for one in found.paragraphs] + [one.text for one in found.recommendations]
    said += [one.name for one in found.worklist]
    said += ["(Phần nội dung liên quan đến UBND xã An Phượng)", "liên quan đến UBND xã An Phượng./.", "- UBND xã An Phượng;"]
    said += ["TRÍCH THÔNG BÁO", *(cell for row in found.rows for cell in row.cells)]
    for text in said:
        assert _squeezed(text) in _squeezed(of_word), text
        assert _squeezed(text) in _squeezed(of_pdf), text
    assert len(found.worklist) == 1
    assert {len(annex.rows) for annex in document.annexes} == {1}
    assert AN_PHUONG in "".join(printed)
    path = tmp_path / "excerpt.pdf"
    path.write_bytes(made.files["pdf"])
    assert [str(one) for one in pdfua.validate(str(path)).findings] == []
    with pikepdf.open(path) as opened:
        assert [rule for rule, holds in RULES.items() if not holds(opened, made.files["pdf"])] == []


@pytest.mark.parametrize("seed", range(10))
def test_no_page_of_an_excerpt_breaks_a_rule_of_layout(seed: int) -> None:
    given = pinned()
    key = given.agencies[seed * 7 % len(given.agencies)].key
    # Every other one is of a notice whose text is unlike the reference's, and concerns the agency throughout.
    notice = None if seed % 2 else _about(random_notice(seed), key)
    _, document = _excerpt(key, notice)
    assert findings(read(pdf(document, {}, dated_at=DATED_AT))) == []


def _about(notice: NoticeDocument, key: str) -> NoticeDocument:
    body = [
        msgspec.structs.replace(block, agencies=(key,), key=f"random.{place}") if isinstance(block, Paragraph) else block
        for place, block in enumerate(notice.body)
    ]
    return msgspec.structs.replace(notice, body=tuple(body))


@pytest.mark.parametrize("many", [1, 57])
def test_codes_of_dossiers_stand_below_their_kind_each_on_one_line_and_the_rest_is_counted(many: int) -> None:
    whole, figures = composed()
    given = pinned()
    agency = next(one for one in given.agencies if one.key == AN_PHUONG)
    found = excerpt(whole, figures, given, agency)
    (late,) = found.worklist
    found = msgspec.structs.replace(found, worklist=(msgspec.structs.replace(late, count=many + 3),))
    codes = [f"000.00.15.H23-2303{place % 28 + 1:02}-{place:04}" for place in range(many)]
    made = excerpt_document(
        whole, found, figures, addressee="UBND xã An Phượng", issued=False, codes={late.figure: tuple(codes)}
    )
    *_, counted, listed, _ = (words(one) for one in made.body if isinstance(one, Paragraph))
    assert counted == "Giải quyết quá hạn: 01 hồ sơ:"
    assert listed == f"Mã hồ sơ: {'; '.join(codes)}; và 03 hồ sơ khác."
    pages = read(pdf(made, {}, dated_at=DATED_AT))
    assert findings(pages) == []
    printed = [line.text for page in pages for line in page.lines]
    assert [code for code in codes if not any(code in line for line in printed)] == []


def test_an_excerpt_has_no_heading_without_text_and_the_paragraph_that_leads_to_an_item() -> None:
    whole, figures = composed()
    agency = Subject("99@2020-01-01", "99", "Xã Mới")
    lead = Paragraph((TextRun("Các đơn vị sau chậm:"),), lead="-", section="s", key="lead")
    item = Paragraph((TextRun("Xã Mới;"),), lead="+", section="s", key="item", agencies=(agency.key,))
    other = Paragraph((TextRun("Xã khác;"),), lead="+", section="s", key="other")
    notice = msgspec.structs.replace(whole, body=(*whole.body[:3], lead, other, item, *whole.body[3:]))
    found = excerpt(notice, figures, pinned(), agency)
    keys = [one.key for one in found.paragraphs]
    assert keys.index("item") == keys.index("lead") + 1
    assert "other" not in keys
    made = excerpt_document(notice, found, figures, addressee="UBND xã Mới", issued=True)
    assert (type(made.body[-1]).__name__, made.authority[-1]) == ("Paragraph", "(Đã ký)")
