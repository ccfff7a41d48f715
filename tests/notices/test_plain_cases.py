"""Cases that a table has room for and a sentence has not: one agency alone, all dossiers of one kind, nobody's dossiers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from services.notices.audit.checks import check
from services.notices.composition.model import Heading, NoticeDocument
from services.notices.composition.service import compose
from services.notices.evidence.model import EvidenceItem, EvidenceSet
from services.notices.evidence.templates import template_of
from shared.contracts.kpis import Kpis
from tests.notices import answers
from tests.notices.reference import marked, pinned
from tests.notices.test_conclusion import world
from tests.notices.test_issuers import ISSUERS

Kpi = dict[str, dict[str, Any]]


def _draft(issuer: str, change: Callable[[list[Kpi]], None], *, short: tuple[str, ...] = ()) -> NoticeDocument:
    """The draft of an issuer whose agencies have other figures, and meet the items `short` only partly."""
    kind, units, inspection = ISSUERS[issuer]
    made = world(kind, units)
    rows = [row["kpis"] for row in made["agency"]["rows"]]
    change(rows)
    for name in ("total", "agency"):
        for kpi in rows[0]:
            whole = made[name]["total"]["kpis"][kpi]
            whole["numerator"] = sum(row[kpi]["numerator"] for row in rows)
            if whole["denominator"] is not None:
                whole["denominator"] = sum(row[kpi]["denominator"] for row in rows)
    whole = made["total"]["total"]["kpis"]
    for kpi in answers.LATENESS:
        whole[kpi]["numerator"] = 0
    for state in ("resolved", "in_process"):
        whole[f"{state}_overdue_staff"]["numerator"] = whole[f"{state}_overdue"]["numerator"]
    made["procedure"] = answers.answer(msgspec.convert(whole, Kpis), [])
    given = pinned(made)
    items = tuple(EvidenceItem(item=item, agency=agency.key, mark="partly") for agency in given.agencies for item in short)
    notice, figures = compose(inspection, given, EvidenceSet(1, template_of(inspection.period.end), items))
    assert [one for one in check(notice, figures, given) if not one.ok] == []
    return notice


def _late(rows: list[Kpi]) -> None:
    for row in rows:
        for state, other in (("resolved", "resolved_early"), ("in_process", "in_process_within_limit")):
            row[f"{state}_overdue"]["numerator"] = 1
            row[other]["numerator"] -= 1
        row["overdue_share"]["numerator"] = 1
        row["in_time_share"]["numerator"] -= 1
        row["returned"]["numerator"] = row["returned_share"]["numerator"] = 6


def _nothing_of_the_first(rows: list[Kpi]) -> None:
    for kpi in rows[0].values():
        kpi["numerator"] = 0
        if kpi["denominator"] is not None:
            kpi["denominator"] = 0


def _nothing(rows: list[Kpi]) -> None:
    for place in range(len(rows)):
        _nothing_of_the_first(rows[place:])


SHORT = ("desk.steady", "communication.web", "communication.radio", "tasks.quality", "reporting.content")


def test_of_one_agency_nobody_is_told_whose_its_shortcomings_are() -> None:
    text = marked(_draft("agency", _late, short=SHORT)).replace("~", " ")
    inspected, _, appraised = text.partition("ĐÁNH GIÁ CHUNG")
    assert "(đều thuộc" not in text
    assert "thuộc Sở Tư pháp" not in text
    assert "Sở Tư pháp" not in appraised.partition("KIẾN NGHỊ")[0]
    assert "việc tuyên truyền trên hệ thống truyền thanh; đăng tin, bài thường xuyên" in inspected
    assert "hồ sơ đang giải quyết quá hạn: cán bộ, công chức xử lý chậm.  <" in text


def test_shortcomings_of_all_are_stated_of_all() -> None:
    text = marked(_draft("commune", lambda rows: None, short=SHORT))
    assert "nội dung báo cáo chưa đạt yêu cầu (các cơ quan, đơn vị)." in text
    assert text.partition("ĐÁNH GIÁ CHUNG")[2].count("Kinh tế; Văn hóa - Xã hội") == 0


def test_those_without_dossiers_are_named() -> None:
    text = marked(_draft("commune", _nothing_of_the_first))
    assert "- Trong kỳ, không phát sinh hồ sơ TTHC tại: Kinh tế.  <handling.idle figures>" in text
    assert "<handling.idle" not in marked(_draft("commune", lambda rows: None))


def test_dossiers_that_are_all_alike_are_not_divided() -> None:
    text = marked(_draft("commune", lambda rows: None))
    assert "- Đang giải quyết ⟦24 in_process⟧ hồ sơ, đều trong hạn.  <" in text


@pytest.mark.parametrize(
    ("change", "short", "asked"),
    [
        (_nothing, SHORT, "đề nghị Sở Tư pháp chủ động khắc phục các tồn tại, hạn chế và tập trung thực hiện"),
        (_late, SHORT, "phát huy những mặt đã làm được, chủ động khắc phục các tồn tại, hạn chế và tập trung thực hiện"),
    ],
)
def test_nobody_is_asked_to_keep_up_or_to_mend_what_the_conclusion_has_not_named(
    change: Callable[[list[Kpi]], None], short: tuple[str, ...], asked: str
) -> None:
    text = marked(_draft("agency", change, short=short))
    assert asked in text


def test_shortcomings_without_causes_stand_under_a_heading_of_their_own() -> None:
    notice = _draft("agency", _late, short=SHORT)
    headings = [(block.level, block.label, block.text) for block in notice.body if isinstance(block, Heading)]
    assert (2, "2.", "Tồn tại, hạn chế") in headings
    assert "Tồn tại, hạn chế và nguyên nhân" not in {text for _, _, text in headings}
