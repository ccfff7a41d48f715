"""The pages of the PDF hold the rules of layout, whatever is printed; and the check of them finds what breaks each.

Written to reports/layout.json: pages read and findings, over the reference conclusion and random notices (4; 50 with
`SIZE=full`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import msgspec
import pytest

from deploy.local.services import ROOT
from services.notices.composition.model import Heading, NoticeDocument, Paragraph, TextRun
from services.notices.composition.service import compose
from services.notices.rendering import line_breaks, model
from services.notices.rendering import pdf as rendering
from services.notices.rendering.layout import Rule, findings, read
from services.notices.rendering.line_breaks import NO_BREAK, Part, parts
from tests.notices import answers
from tests.notices.random_notices import random_notice
from tests.notices.reference import DATED_AT, composed, inspection, pinned
from tests.quick import FULL
from tests.slowness import slowness

SEEDS = range(50 if FULL else 4)
REPORT = ROOT / "reports" / "layout.json"


def test_no_page_breaks_a_rule_of_layout() -> None:
    notice, figures = composed()
    documents = {"reference": read(rendering.pdf(notice, figures, dated_at=DATED_AT))}
    documents |= {f"random {seed}": read(rendering.pdf(random_notice(seed), {}, dated_at=DATED_AT)) for seed in SEEDS}
    found = [{"document": name, **msgspec.to_builtins(one)} for name, pages in documents.items() for one in findings(pages)]
    REPORT.parent.mkdir(exist_ok=True)
    report = {"documents": len(documents), "pages": sum(len(pages) for pages in documents.values()), "findings": found}
    REPORT.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == []


def test_the_counts_of_a_province_touch_no_line_of_the_annexes() -> None:
    made = answers.reference()
    for name in ("total", "agency"):
        for figures in [made[name]["total"]["kpis"], *(row["kpis"] for row in made[name]["rows"])]:
            for kpi in figures.values():
                if kpi["denominator"] is None and kpi["numerator"] is not None:
                    kpi["numerator"] *= 40
    notice, _ = compose(inspection(findings={}, overdue_causes=[], pending_causes=[], counts={}), pinned(made))
    (annex,) = (one for one in notice.annexes if one.id == "by_agency")
    assert "1.237.520" in {cell.text for row in annex.rows for cell in row.cells}
    short = msgspec.structs.replace(notice, body=notice.body[-1:], annexes=(annex,))
    assert findings(read(rendering.pdf(short, {}, dated_at=DATED_AT))) == []


def _rules(notice: NoticeDocument) -> set[Rule]:
    return {one.rule for one in findings(read(rendering.pdf(notice, {}, dated_at=DATED_AT)))}


def _with_body(*paragraphs: Paragraph | Heading) -> NoticeDocument:
    notice, _ = composed()
    return msgspec.structs.replace(notice, body=(*paragraphs, notice.body[-1]), annexes=())


def _sentences(make: Callable[[int], str]) -> list[Paragraph]:
    return [Paragraph((TextRun(make(number)),), lead="-") for number in range(40)]


@pytest.mark.parametrize(
    ("rule", "make"),
    [
        ("a number parted from its unit", lambda n: f"{'ba ' * (n + 8)} có 30.938 hồ sơ và 02 TTHC mới"),
        (
            "a reference number broken",
            lambda n: f"{'ba ' * (n + 8)} theo 895/QĐ-UBND, 01/2018/TT-VPCP, 63/2010/NĐ-CP và thêm nữa",
        ),
        ("a word parted from its number", lambda n: f"{'ba ' * (n + 8)} ngày 15/5/2023 và Điều 18, khoản 2, số 34 và thêm"),
        ("a last line of one short word", lambda n: f"{'nghiêng ' * (6 + n % 3)}{'i' * n} xong."),
        ("a dash begins a line", lambda n: f"{'ba ' * (n + 8)} Phòng Tài chính - Kế hoạch và thêm nữa"),
    ],
)
def test_the_check_finds_what_lines_break_without_the_rules(
    rule: Rule, make: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = _with_body(*_sentences(make))
    assert rule not in _rules(notice)
    monkeypatch.setattr(rendering, "parts", lambda text, **_: (Part(text, whole=False),))
    assert rule in _rules(notice)


def test_recipients_that_fill_more_than_a_page_go_on_on_the_next() -> None:
    many = tuple(f"- Các phòng chuyên môn thuộc UBND huyện và UBND các xã, thị trấn theo danh sách {one};" for one in range(30))
    notice = msgspec.structs.replace(_with_body(Paragraph((TextRun("Xong."),))), recipients=many)
    assert "outside the margins" not in _rules(notice)


def test_the_check_finds_a_lead_in_that_stays_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    lead_in = Paragraph((TextRun("Các việc chính đã làm gồm:"),), lead="-")
    notice = _with_body(*[one for _ in range(60) for one in (lead_in, Paragraph((TextRun("Một việc;"),)))], lead_in)
    assert not _rules(notice)
    monkeypatch.setattr(rendering, "leads_in", lambda block: False)
    assert _rules(notice) == {"a lead-in at the foot of a page"}


def test_the_check_finds_ink_outside_the_margins_and_on_lines() -> None:
    pages = read(rendering.pdf(_with_body(Paragraph((TextRun("Ă" * 30),))), {}, dated_at=DATED_AT))
    wider = [
        page._replace(lines=tuple(line._replace(box=line.box._replace(right=600)) for line in page.lines)) for page in pages
    ]
    assert "outside the margins" in {one.rule for one in findings(wider)}


def test_a_word_that_is_longer_than_a_line_or_a_column_stays_within_the_margins() -> None:
    notice, _ = composed()
    long = [
        "Ă" * 80,
        "mm" * 300,
        "12 " * 60 + "hồ sơ",
        "https://dichvucong.gov.vn/p/ho-so/dvc-tthc-thu-tuc-hanh-chinh-chi-tiet.html?ma=" + "1" * 90,
    ]
    rows = tuple(
        msgspec.structs.replace(row, cells=(row.cells[0], msgspec.structs.replace(row.cells[1], text="W" * 60), *row.cells[2:]))
        for row in notice.annexes[0].rows
    )
    notice = msgspec.structs.replace(
        _with_body(*(Paragraph((TextRun(text),), lead="-") for text in long)),
        issuer=("W" * 60,),
        abstract=("W" * 60,),
        recipients=("W" * 80,),
        annexes=(msgspec.structs.replace(notice.annexes[0], title="W" * 90, rows=rows),),
    )
    pages = read(rendering.pdf(notice, {}, dated_at=DATED_AT))
    assert "outside the margins" not in {one.rule for one in findings(pages)}
    assert "".join(line.text for page in pages for line in page.lines).count("Ă") == 80


def test_lines_hold_together_what_belongs_together() -> None:
    text = (
        "- Theo Quyết định số 895/QĐ-UBND ngày 15/5/2023 có 02 TTHC, 30.938 hồ sơ (Tài chính - Kế hoạch), đạt 80,18 % quy định."
    )
    found = parts(text)
    assert "".join(part.text for part in found).replace(NO_BREAK, " ") == text
    assert [part.text for part in found if part.whole] == ["895/QĐ-UBND"]
    held = line_breaks.held(text).replace(NO_BREAK, "~")
    assert "6~tháng đầu năm" in line_breaks.held("Kết quả 6 tháng đầu năm được công khai").replace(NO_BREAK, "~")
    of_years = "(báo cáo 6 tháng đầu năm 2023 chậm 03 ngày, quý I/2023 chậm, 25/5/2023 chậm, 12/2020 hồ sơ) rồi cả thế nữa"
    assert line_breaks.held(of_years).replace(NO_BREAK, "~") == (
        "(báo cáo 6~tháng đầu năm~2023 chậm 03~ngày, quý~I/2023 chậm, 25/5/2023 chậm, 12/2020~hồ~sơ) rồi cả~thế~nữa"
    )
    for together in ("-~Theo", "số~895", "ngày~15", "02~TTHC", "30.938~hồ~sơ", "chính~- Kế", "80,18~%", "quy~định."):
        assert together in held
    assert "có 02" in held
    assert model.leads_in(Heading(1, "I.", "X"))


def test_a_heading_breaks_no_word_of_two_syllables_and_a_paragraph_may() -> None:
    text = "g) Bố trí công chức đầu mối kiểm soát TTHC và công chức Bộ phận Một cửa"
    heading, paragraph = ("".join(part.text for part in parts(text, is_heading=one)) for one in (True, False))
    assert heading.replace(NO_BREAK, " ") == text
    assert heading.replace(NO_BREAK, "~") == "g) Bố trí công~chức đầu mối kiểm~soát TTHC và công~chức Bộ~phận~Một~cửa"
    assert paragraph.replace(NO_BREAK, "~") == "g) Bố trí công chức đầu mối kiểm soát TTHC và công chức Bộ phận~Một~cửa"
    (page, *_) = read(rendering.pdf(_with_body(Heading(1, "g)", text.removeprefix("g) "))), {}, dated_at=DATED_AT))
    assert "Bộ phận Một cửa" in [line.text.replace(NO_BREAK, " ").strip() for line in page.lines]


def test_no_line_of_the_title_ends_between_a_word_and_its_number() -> None:
    abstract = ("Kết luận kiểm tra công tác cải cách hành chính tại các cơ quan này năm 2023",)
    (page, *_) = read(rendering.pdf(msgspec.structs.replace(composed()[0], abstract=abstract), {}, dated_at=DATED_AT))
    first, last = (line.text.replace(NO_BREAK, " ").strip() for line in page.lines[6:8])
    assert f"{first} {last}" == abstract[0]
    assert last.endswith(" năm 2023")


@pytest.mark.parametrize(
    "text", ["1/" * 100_000, "1-" * 100_000, "AB" * 100_000, "1" * 100_000 + "/" * 100_000, "a\u00a0-" * 70_000]
)
def test_a_text_without_blanks_takes_time_in_proportion_to_its_length(text: str) -> None:
    began = time.process_time()
    assert "".join(part.text for part in parts(text)).replace(NO_BREAK, " ") == text.replace(NO_BREAK, " ")
    assert time.process_time() - began < 2 * slowness()


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Kế hoạch 12-KH/TU, (895/QĐ-UBND); 15/5/2023", ["12-KH/TU", "895/QĐ-UBND"]),
        ("Văn phòng HĐND-UBND huyện Thanh Hà", ["HĐND-UBND"]),
        ("theo a\u00a0-\u00a0b;12/a và các quy định khác", ["a\u00a0-\u00a0b;12/a"]),
        ("theo \u00a0-\u00a0b;c và các quy định khác nữa", []),
    ],
)
def test_no_line_breaks_in_numbers_of_documents_symbols_and_around_dashes(text: str, whole: list[str]) -> None:
    assert [part.text for part in parts(text) if part.whole] == whole
