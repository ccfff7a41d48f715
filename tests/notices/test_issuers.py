"""Drafts of the issuers there are since 2025-07-01: a province, a commune, one agency, and units that were merged."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

from services.notices.audit.checks import check
from services.notices.composition.addressees import addressed
from services.notices.composition.model import NoticeDocument
from services.notices.composition.service import compose
from services.notices.evidence.model import EvidenceItem, EvidenceSet
from services.notices.evidence.templates import template_of
from services.notices.figures.model import Subject
from services.notices.inspections.model import Inspection
from shared.contracts.kpis import Kpis
from tests.notices import answers
from tests.notices.reference import inspection_body, marked, pinned
from tests.notices.test_conclusion import world

GOLDEN = Path(__file__).parent / "issuers"
Unit = tuple[str, str, str]

DEPARTMENTS = ("Sở Nội vụ", "Sở Tư pháp", "Sở Xây dựng", "Sở Tài chính", "Sở Y tế", "Sở Công Thương", "Ban Quản lý khu kinh tế")
PROVINCE: list[Unit] = [
    *((f"31.{number}", name, "office") for number, name in enumerate(DEPARTMENTS, 1)),
    *((f"11{number:03}", f"{'Phường' if number < 20 else 'Xã'} Đơn vị {_letters}", "commune") for number, _letters in enumerate(
        (f"{first}{second}" for first in "BCDGHKLMNP" for second in "aeiouyăâêô"), 1
    ) if number < 100),
    ("11999", "Đặc khu Cát Hải", "commune"),
]  # fmt: skip
COMMUNE: list[Unit] = [
    ("10813.KT", "Phòng Kinh tế", "office"),
    ("10813.VHXH", "Phòng Văn hóa - Xã hội", "office"),
    ("10813.VP", "Văn phòng HĐND và UBND xã", "office"),
]
AGENCY: list[Unit] = [("31.STP", "Sở Tư pháp", "office")]
ALONE: list[Unit] = [("10816", "Xã Hà Bắc", "commune")]
MERGED: list[Unit] = [
    ("10813", "Thị trấn Thanh Hà", "commune"),
    ("10867", "Xã Thanh Sơn", "commune"),
    ("10864", "Xã Hà Đông", "commune"),
    ("10876", "Xã Hà Đông", "commune"),
    ("10813", "Xã Thanh Hà", "commune"),
]
"""Units of both sides of a merger, which a period that spans it has: codes and names are used again."""
MERGED_FROM = ("2019-12-01", "2019-12-01", "2019-12-01", "2025-07-01", "2025-07-01")


def _body(name: str, short: str, territory: str, inspected: str, scope: str, begin: str) -> Inspection:
    """An inspection of 2025, without findings of its team."""
    body = inspection_body(
        province="31", scope=scope, year=2025, period={"from": begin, "to": "2025-12-14"}, inspected=inspected
    )
    body["issuer"] = {
        "name": name, "short_name": short, "lines": ["ỦY BAN NHÂN DÂN", short.removeprefix("UBND ")], "territory": territory,
        "place_of_issue": "Hải Phòng",
    }  # fmt: skip
    plan = {"kind": "Kế hoạch", "number": "12/KH-UBND", "on": "2025-08-01", "issuer": name, "subject": "kiểm tra năm 2025"}
    body |= {"plans": [plan], "report": plan | {"kind": "Báo cáo", "number": "7/BC-ĐKT", "on": "2025-12-20"}}
    for key in ("findings", "counts", "targets"):
        body[key] = {}
    for key in ("overdue_causes", "pending_causes", "causes", "recommendations", "comparisons", "subject"):
        body[key] = []
    body |= {"tasks": None, "deadline": None, "recipients": ["- Chủ tịch, các PCT UBND;", "- Lưu: VT."]}
    return Inspection.model_validate(body)


CITY = ("Ủy ban nhân dân thành phố Hải Phòng", "UBND thành phố Hải Phòng", "thành phố")
ISSUERS: dict[str, tuple[str, list[Unit], Inspection]] = {
    "province": ("province", PROVINCE, _body(*CITY, "các sở, ban, ngành và UBND các xã, phường, đặc khu", "31", "2025-07-01")),
    "commune": (
        "commune",
        COMMUNE,
        _body("Ủy ban nhân dân xã Thanh Hà", "UBND xã Thanh Hà", "xã", "các phòng thuộc UBND xã", "10813", "2025-07-01"),
    ),
    "agency": ("office", AGENCY, _body(*CITY, "Sở Tư pháp", "31.STP", "2025-07-01")),
    "alone": ("commune", ALONE, _body(*CITY, "UBND xã Hà Bắc", "10816", "2025-07-01")),
    "merged": ("province", MERGED, _body(*CITY, "UBND các xã, phường, đặc khu", "31", "2024-12-15")),
}


def draft(issuer: str) -> NoticeDocument:
    """The draft of an issuer, of which every equation holds."""
    kind, units, inspection = ISSUERS[issuer]
    made = world(kind, units)
    whole = made["total"]["total"]["kpis"]
    for kpi in answers.LATENESS:
        whole[kpi]["numerator"] = 0
    for state in ("resolved", "in_process"):
        whole[f"{state}_overdue_staff"]["numerator"] = whole[f"{state}_overdue"]["numerator"]
    made["procedure"] = answers.answer(msgspec.convert(whole, Kpis), [])
    if issuer == "merged":
        for row, since in zip(made["agency"]["rows"], MERGED_FROM, strict=True):
            row["agency"] = f"{row['code']}@{since}"
    given = pinned(made)
    keys = [agency.key for agency in given.agencies]
    items = [EvidenceItem(item="publication.posted", agency=key, mark="met") for key in keys]
    items += [EvidenceItem(item="desk.steady", agency=key, mark="partly" if key == keys[-1] else "met") for key in keys]
    items += [EvidenceItem(item="assessment.carried_out", agency=key, mark="met") for key in keys]
    items += [
        EvidenceItem(item="assessment.points", agency=key, about="tháng 11/2025", count=78 if key == keys[0] else 92, of=100)
        for key in keys
    ]
    if issuer == "alone":
        (key,) = keys
        items += [
            EvidenceItem(item="publication.procedures", agency=key, count=118, of=120),
            EvidenceItem(item="sample.dossiers", agency=key, count=40),
            EvidenceItem(item="sample.faults", agency=key, about="sai thể thức", count=2),
            EvidenceItem(item="tasks.assigned", agency=key, count=3, of=4),
        ]
    if issuer == "province":
        items += [EvidenceItem(item="review.shortened", level=level, count=4) for level in ("office", "commune")]
    evidence = EvidenceSet(1, template_of(inspection.period.end), tuple(items))
    notice, figures = compose(inspection, given, evidence)
    assert [one for one in check(notice, figures, given) if not one.ok] == []
    return notice


def text_of(notice: NoticeDocument) -> str:
    """The draft with its annexes by their first rows."""
    text, table, annexes = marked(notice).partition("\n= ")
    return text + table + "\n".join(line for line in annexes.splitlines() if "Tổng" in line or "=" in line) + "\n"


def test_of_one_commune_nothing_is_told_by_agency_and_its_kind_is_a_common_noun() -> None:
    text = text_of(draft("alone"))
    assert "Đã niêm yết, công khai ⟦118" in text
    for wrong in (
        "lượt TTHC",
        "lượt nhiệm vụ",
        "01 cơ quan, đơn vị",
        "(Hà Bắc",
        ": Hà Bắc",
        ", Xã Hà Bắc",
        "đề nghị Xã",
        ": Xã",
        "của Xã",
    ):
        assert wrong not in text, wrong
    assert "- Xã Hà Bắc đã niêm yết" in text  # as a sentence begins


@pytest.mark.parametrize("issuer", ISSUERS)
def test_the_draft_of_an_issuer_is_as_it_was_read(issuer: str) -> None:
    text = text_of(draft(issuer))
    assert text == (GOLDEN / f"{issuer}.txt").read_text()
    assert "huyện" not in text
    assert "Bộ phận Tiếp nhận" not in text
    assert "01/2018" not in text


def test_what_is_asked_of_a_unit_that_was_merged_is_asked_of_whoever_took_over_its_tasks() -> None:
    notice = draft("merged")
    asked = next(one.text for one in notice.recommendations if one.key == "returned")
    former = "cơ quan tiếp nhận nhiệm vụ của UBND xã Hà Đông (trước sắp xếp)"
    assert asked.startswith(f"Đối với {former}; UBND xã Hà Đông; UBND xã Thanh Hà: ")
    units = [
        Subject("1@2019-12-01", "1", "Thị trấn Thanh Hà", "commune"),
        Subject("1@2025-07-01", "1", "Xã Thanh Hà", "commune"),
    ]
    assert [addressed(one, units) for one in units] == [
        "cơ quan tiếp nhận nhiệm vụ của UBND thị trấn Thanh Hà",
        "UBND xã Thanh Hà",
    ]


def test_of_one_agency_no_annex_repeats_its_line_as_a_total_or_tells_anything_by_agency() -> None:
    annexes = draft("agency").annexes
    assert [[row.kind for row in annex.rows] for annex in annexes] == [["unit"], ["unit"]]
    assert [annex.title for annex in annexes if "theo cơ quan" in annex.title] == []
    assert [annex.rows[-1].kind for annex in draft("commune").annexes] == ["total", "total"]


def test_of_units_with_one_name_those_before_a_merger_are_called_so() -> None:
    text = marked(draft("merged"))
    assert "Hà Đông (trước sắp xếp)" in text
    assert text.count("trước sắp xếp") < text.count("Hà Đông")


if __name__ == "__main__":
    # Writes the drafts anew after the wording was changed on purpose; read the differences before committing them.
    for one in sys.argv[1:] or ISSUERS:
        (GOLDEN / f"{one}.txt").write_text(text_of(draft(one)))
