"""What a conclusion may state of evidence: as much as was established, of those of whom it was, and no failure as a success."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.notices.audit.checks import check
from services.notices.composition.excerpts import excerpt
from services.notices.composition.model import NoticeDocument
from services.notices.composition.recommendations import RECOMMENDED, SOFTWARE_KEEPER
from services.notices.composition.sections.follow_up import quoted
from services.notices.composition.service import compose
from services.notices.composition.shortcomings.faults import FAULTS
from services.notices.evidence.model import EvidenceItem, EvidenceSet, TemplateItem
from services.notices.evidence.templates import template_named
from services.notices.quantities.references import quantities
from tests.notices import answers
from tests.notices.reference import composed, inspection, pinned, sentences
from tests.notices.test_conclusion import with_further

TEMPLATE = template_named(2023)
AGENCIES = pinned().agencies
JULY, JANUARY = date(2023, 7, 19), date(2023, 1, 10)


def concluded(*items: EvidenceItem, made: Any = None) -> NoticeDocument:
    """The conclusion of some evidence, sound in itself."""
    given = pinned(made)
    notice, figures = compose(inspection(), given, EvidenceSet(1, TEMPLATE, items))
    assert [one for one in check(notice, figures, given) if not one.ok] == []
    return notice


def of_each(item: str, *answers_of: dict[str, Any]) -> list[EvidenceItem]:
    """An answer of every agency: the first ones as listed, the others as the last of these."""
    return [
        EvidenceItem(item=item, agency=agency.key, **answers_of[min(place, len(answers_of) - 1)])
        for place, agency in enumerate(AGENCIES)
    ]


def test_online_payment_is_stated_by_marks_and_by_the_range_of_days() -> None:
    item = "payment.since"

    def text(*answers_of: dict[str, Any]) -> str:
        return sentences(concluded(*of_each(item, *answers_of)), "shortcomings")

    assert "chưa được triển khai" not in text({"mark": "met"})
    assert "Thanh toán trực tuyến" not in text({"mark": "met"})
    assert "chưa được triển khai tại các cơ quan, đơn vị." in text({"mark": "not_met"})
    assert "32/32 cơ quan, đơn vị mới bắt đầu thực hiện từ ngày 10/01/2023 đến ngày 19/7/2023" in text(
        {"on": JANUARY}, {"on": JULY}
    )
    assert "01 cơ quan, đơn vị chưa thực hiện: Văn phòng HĐND và UBND huyện" in text({"mark": "not_met"}, {"mark": "met"})
    only = concluded(EvidenceItem(item=item, agency=AGENCIES[1].key, mark="not_met"))
    assert f"chưa được triển khai tại {AGENCIES[1].name}." in sentences(only, "shortcomings")
    before = {"on": date(2022, 1, 4)}
    assert "mới bắt đầu thực hiện từ ngày 19/7/2023: Nội vụ" in text(before, {"on": JULY}, before)


def test_the_software_answers_for_what_it_counts_wrongly_and_officials_for_what_they_close_late() -> None:
    notice, figures = composed()
    text = sentences(notice, "causes")
    assert "Phần mềm tính thời hạn chưa đúng quy định đối với 204 hồ sơ, gồm: phần mềm tính cả ngày nghỉ" in text
    assert "chậm kết thúc trên phần mềm 74 hồ sơ đã có kết quả trong hạn." in text
    asked = {one.key: one for one in notice.recommendations}
    assert "không tính ngày nghỉ vào thời hạn; trừ thời gian tạm dừng." in asked["software"].text
    assert "ngay khi có kết quả" in asked["not_closed"].text
    made = answers.reference()
    whole = made["total"]["total"]["kpis"]
    for kpi, count in (("overdue_by_portal_only", 74), ("overdue_days_off_counted", 0), ("overdue_suspension_hidden", 0)):
        whole[kpi]["numerator"] = count
    asked_less = {one.key for one in concluded(made=made).recommendations}
    assert "not_closed" in asked_less
    assert "software" not in asked_less
    assert figures["overdue_by_software"].size == 204


def test_an_answer_of_some_stands_beside_what_metrics_counts_of_all() -> None:
    some = EvidenceItem(item="satisfaction.satisfied", agency=AGENCIES[0].key, count=9, of=10)
    told = EvidenceItem(item="feedback.in_time", agency=AGENCIES[0].key, count=1, of=1)
    notice = concluded(some, told, made=with_further())
    text = sentences(notice, "assessment")
    assert "Mức độ hài lòng: 80/100 ý kiến hài lòng, đạt 80 %." in text
    assert f"Mức độ hài lòng tại {AGENCIES[0].name}: 09/10 ý kiến hài lòng, đạt 90 %." in text
    assert "đúng hạn đạt 75 %" in sentences(notice, "feedback")
    assert {"satisfaction", "feedback"} <= {one.kind for one in notice.shortcomings}
    all_of_them = concluded(*of_each(some.item, {"count": 9, "of": 10}), made=with_further())
    assert "80/100" not in sentences(all_of_them, "assessment")


@pytest.mark.parametrize(
    ("items", "section", "text"),
    [
        (("feedback.received",), "feedback", "Trong kỳ, {who} không trực tiếp tiếp nhận phản ánh, kiến nghị nào."),
        (("desk.harassment",), "one_stop", "Qua kiểm tra tại {who}, việc giải quyết TTHC thuận tiện"),
        (("tasks.assigned",), "other_tasks", "nhiệm vụ do cấp trên giao cho {who}"),
        (("publication.procedures",), "publication", "thuộc thẩm quyền của {who}"),
        (("staffing.qualified",), "staffing", "công chức Bộ phận Một cửa của {who}"),
        (("assessment.officials",), "assessment", "Bộ phận Tiếp nhận và Trả kết quả của {who}"),
    ],
)
def test_what_was_looked_at_in_some_is_stated_of_these(items: tuple[str, ...], section: str, text: str) -> None:
    def stated(many: int) -> str:
        found = []
        for item in items:
            numbers = {"count": 0} if TEMPLATE[item].kind == "count" else {"count": 3, "of": 3}
            found += [EvidenceItem(item=item, agency=agency.key, **numbers) for agency in AGENCIES[:many]]  # type: ignore[arg-type]
        return sentences(concluded(*found), section)

    assert text.format(who=AGENCIES[0].name) in stated(1)
    assert text.format(who="03 cơ quan, đơn vị được kiểm tra nội dung này") in stated(3)
    assert text.format(who="các cơ quan, đơn vị") in stated(len(AGENCIES))


def worst(item: TemplateItem, agency: str) -> EvidenceItem:
    """The worst answer there is."""
    match item.kind:
        case "mark" | "day":
            return EvidenceItem(item=item.id, agency=agency, mark="not_met")
        case "days":
            return EvidenceItem(item=item.id, agency=agency, due=date(2023, 7, 1), about="báo cáo" if item.about else "")
        case "share":
            return EvidenceItem(item=item.id, agency=agency, count=0, of=4)
        case "graded":
            return EvidenceItem(item=item.id, agency=agency, count=0, of=18, about="quý I/2023")
        case "count":
            return EvidenceItem(item=item.id, agency=agency, count=3)


NO_FAILURE = {"leadership.visited", "publication.places", "sample.dossiers", "feedback.received", "communication.articles"}
"""Items that only tell how many there were."""
EXAMINED = [
    item
    for item in TEMPLATE.items
    if item.per == "agency" and item.id not in NO_FAILURE and not item.id.startswith("assessment.criterion")
]


@pytest.mark.parametrize("item", EXAMINED, ids=lambda item: item.id)
def test_no_failure_is_an_achievement_and_each_is_a_shortcoming_or_a_cause_with_a_remedy(item: TemplateItem) -> None:
    sound = concluded()
    failed = concluded(*(worst(item, agency.key) for agency in AGENCIES))

    def more(section: str) -> bool:
        return sentences(failed, section) != sentences(sound, section)

    assert not more("achievements")
    assert more("causes") if item.section == "causes" else more("shortcomings")
    assert more("recommendations") or item.id == "payment.skills"


def test_every_item_that_all_are_to_meet_has_words_for_not_meeting_it() -> None:
    assert FAULTS.keys() <= {item.id for item in TEMPLATE.items}
    texts = sentences(concluded(*of_each("desk.fees_posted", {"mark": "not_met"}, {"mark": "met"})), "shortcomings")
    assert "chưa công khai đầy đủ phí, lệ phí (Văn phòng HĐND và UBND huyện)" in texts


def test_what_is_done_partly_is_not_stated_as_not_done() -> None:
    item = "leadership.catalogue_updated"
    one = sentences(concluded(EvidenceItem(item=item, agency=AGENCIES[1].key, mark="partly")), "leadership")
    assert one.startswith("Phòng Nội vụ thực hiện chưa đầy đủ việc cập nhật")
    every = sentences(concluded(*of_each(item, {"mark": "partly"})), "leadership")
    assert every.startswith("Các cơ quan, đơn vị (32/32) thực hiện chưa đầy đủ việc cập nhật")
    mixed = sentences(concluded(*of_each(item, {"mark": "partly"}, {"mark": "not_met"})), "leadership")
    assert "; 01 cơ quan, đơn vị thực hiện chưa đầy đủ" in mixed
    assert "; 31 cơ quan, đơn vị chưa thực hiện" in mixed


def test_a_list_that_is_cut_adds_up() -> None:
    item = "desk.harassment"
    text = sentences(concluded(*of_each(item, {"count": 5}, {"count": 1})), "one_stop")
    assert "các cơ quan, đơn vị còn lại 22." in text
    behind = sentences(concluded(*of_each("tasks.assigned", {"count": 1, "of": 2})), "other_tasks")
    assert behind.count(" 01/02") == 10
    assert "và các cơ quan, đơn vị khác" in behind


def test_what_is_left_of_the_plan_is_asked_of_those_who_have_not_begun_it() -> None:
    notice, _ = composed()
    asked = next(one for one in notice.recommendations if one.key == "plan")
    assert asked.addressees == ("10864@2019-12-01", "10879@2019-12-01")
    assert asked.deadline == date(2023, 9, 14)
    assert "tiếp tục thực hiện Kế hoạch số 34/KH-UBND, triển khai 02 lượt nhiệm vụ chưa thực hiện" in asked.text


def test_the_reference_states_of_communes_what_only_they_have() -> None:
    notice, _ = composed()
    assert "Các xã, thị trấn (20/20) đều thông báo kết quả giải quyết trên hệ thống truyền thanh." in sentences(
        notice, "publication"
    )
    for section in ("communication", "staffing", "one_stop"):
        assert "Các xã, thị trấn đều " in sentences(notice, section)


def test_a_topic_says_whom_it_is_of_once() -> None:
    for section in ("communication", "assessment", "staffing", "one_stop", "internal_process"):
        assert sentences(composed()[0], section).count("Các cơ quan, đơn vị (") <= 1


def test_a_target_of_online_service_that_is_reached_is_stated() -> None:
    for target, stated in (("80", True), ("85", False)):
        notice, figures = composed(targets={"online_share": target})
        assert ("bảo đảm chỉ tiêu giao (80 %)" in sentences(notice, "online_service")) == stated
        assert [one for one in check(notice, figures, pinned()) if not one.ok] == []


def test_whoever_leads_is_before_the_others() -> None:
    assert "Dẫn đầu" not in sentences(composed()[0], "achievements")
    made = answers.reference()
    for row in made["agency"]["rows"]:
        if row["code"] == "10843":
            share = row["kpis"]["online_share"]
            share["numerator"] = share["denominator"]
    notice, _ = compose(inspection(), pinned(made))
    assert "Dẫn đầu về tỷ lệ hồ sơ nộp trực tuyến trong các cơ quan, đơn vị: Liên Mạc 100 %." in sentences(
        notice, "achievements"
    )


def test_the_keeper_of_the_software_is_asked_and_no_agency() -> None:
    notice, figures = composed()
    outside = {one.key for one in notice.recommendations if one.outside == SOFTWARE_KEEPER}
    assert outside == {"software", "software_steady"}
    found = excerpt(notice, figures, pinned(), AGENCIES[0])
    assert not outside & {one.key for one in found.recommendations}


def test_more_agencies_than_are_named_are_asked_by_what_they_have_in_common() -> None:
    notice = concluded(*of_each("desk.fees_posted", *[{"mark": "not_met"}] * 12, {"mark": "met"}))
    asked = next(one for one in notice.recommendations if one.key == "desk")
    assert len(asked.addressees) == 12
    assert asked.text.startswith("Đối với các cơ quan, đơn vị có tồn tại nêu trên: ")
    returned = next(one for one in notice.recommendations if one.key == "returned")
    assert returned.text.startswith("Đối với các cơ quan, đơn vị có hồ sơ trả lại: ")


def test_a_quoted_recommendation_holds_no_numbers_of_its_time() -> None:
    text = "Hoàn thành 02 nhiệm vụ còn lại của Kế hoạch số 34/KH-UBND, đạt 98,50 % trước ngày 14/9/2023."
    assert quoted(text) == ("Hoàn thành (...) nhiệm vụ còn lại của Kế hoạch số 34/KH-UBND, đạt (...) trước ngày 14/9/2023")
    for one in composed()[0].recommendations:
        assert quantities(quoted(one.text)) == []


def test_every_recommendation_is_in_words_of_its_own() -> None:
    notice, _ = composed()
    keys = [one.key for one in notice.recommendations]
    assert len(set(keys)) == len(keys)
    assert {"heads", "not_closed", "software_steady", "lasting_communication"} <= set(keys)
    assert len(RECOMMENDED) == len(set(RECOMMENDED))
