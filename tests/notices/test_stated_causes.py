"""Why dossiers are late: the conclusion says what was counted, and no stated cause passes that the counts do not bear."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.notices.audit.checks import check
from services.notices.composition.causes import CausesUnsupported, UnsupportedCauses
from services.notices.composition.service import compose
from services.notices.inspections.causes import BY_PORTAL, PRINTED, Weight, explains_lateness, weight_of
from services.notices.inspections.model import Inspection, Prose, StatedCause
from shared.workdays.causes import BY_LAW, DelayCause
from tests.notices import answers
from tests.notices.conftest import Services
from tests.notices.reference import composed, inspection, inspection_body, nothing_of, pinned, sentences
from tests.slowness import slowness

BY_STAFF = {"cause": "staff", "text": "Hồ sơ trình nhầm tài khoản người phê duyệt"}
BY_SOFTWARE = {
    "cause": "not_closed_in_software",
    "text": "Kết quả đã trả cho người dân nhưng công chức chưa kết thúc hồ sơ trên phần mềm",
}
BY_DAYS_OFF = {"cause": "days_off_counted", "text": "Phần mềm tính cả ngày nghỉ vào thời hạn giải quyết"}
RECORD = "Biên bản làm việc với Phòng Tài nguyên và Môi trường"


def failed(made: dict[str, dict[str, Any]] | None = None, **changes: Any) -> set[str]:
    """The checks that do not hold."""
    figures = pinned(made)
    notice, used = compose(inspection(**changes), figures)
    return {one.name for one in check(notice, used, figures) if not one.ok}


def test_every_cause_of_the_law_is_printed_and_is_either_by_law_or_by_the_portal_alone() -> None:
    assert set(PRINTED) == set(DelayCause)
    assert {*BY_LAW, *BY_PORTAL} == set(DelayCause)
    assert not set(BY_LAW) & set(BY_PORTAL)


def test_the_conclusion_says_every_counted_cause_and_those_of_the_software_alone() -> None:
    text = sentences(composed()[0], "handling")
    assert (
        "Nguyên nhân theo số liệu của hệ thống đối với 15 hồ sơ giải quyết quá hạn: cán bộ, công chức xử lý chậm 12 hồ sơ; "
        "ngày hẹn trả trên phần mềm muộn hơn thời hạn quy định, không có văn bản hẹn lại 03 hồ sơ."
    ) in text
    assert "đối với 02 hồ sơ đang giải quyết quá hạn: cán bộ, công chức xử lý chậm." in text
    assert (
        "phần mềm thể hiện quá hạn đối với 278 hồ sơ mà theo quy định chưa quá hạn, không tính vào số hồ sơ quá hạn nêu trên: "
        "phần mềm tính cả ngày nghỉ vào thời hạn giải quyết 146 hồ sơ; đã có kết quả trong hạn nhưng chậm kết thúc trên "
        "phần mềm 74 hồ sơ; phần mềm không trừ thời gian tạm dừng 58 hồ sơ."
    ) in text
    assert failed() == set()


def test_misrouted_dossiers_that_are_late_are_a_cause_of_their_own() -> None:
    made = answers.reference()
    counts = made["total"]["total"]["kpis"]
    counts["resolved_overdue_staff"]["numerator"] -= 3
    counts["resolved_overdue_misrouted"]["numerator"] += 3
    misrouted = "Hồ sơ bị chuyển nhầm, chuyển vòng giữa các bộ phận, tài khoản xử lý làm 03 hồ sơ quá hạn."
    assert misrouted in sentences(composed(made, overdue_causes=[])[0], "causes")
    assert failed(made, overdue_causes=[]) == set()
    assert "chuyển vòng" not in sentences(composed()[0], "causes")


def test_the_counted_causes_are_said_even_when_the_team_states_none_and_those_of_the_software_when_nothing_is_late() -> None:
    silent = sentences(composed(overdue_causes=[], pending_causes=[])[0], "handling")
    assert "đối với 15 hồ sơ giải quyết quá hạn: cán bộ, công chức xử lý chậm 12 hồ sơ" in silent
    by_law = [kpi for kpi in answers.LATENESS if kpi.startswith(("resolved_", "in_process_"))]
    made = nothing_of("resolved_overdue", "in_process_overdue", *by_law)
    text = sentences(composed(made, overdue_causes=[], pending_causes=[])[0], "handling")
    assert "278 hồ sơ" in text
    assert "Nguyên nhân theo số liệu" not in text


@pytest.mark.parametrize(
    ("changes", "path", "claims", "counted", "of"),
    [
        ({"overdue_causes": [BY_STAFF, BY_SOFTWARE]}, "overdue_causes.1", "some", 0, 15),
        ({"pending_causes": [BY_DAYS_OFF]}, "pending_causes.0", "some", 0, 2),
        (
            {"overdue_causes": [{"cause": "supplement_needed", "text": "Phải bổ sung giấy tờ"}]},
            "overdue_causes.0",
            "some",
            0,
            15,
        ),
        ({"pending_causes": [{"cause": "due_moved", "text": "Ngày hẹn trả bị lùi"}]}, "pending_causes.0", "some", 0, 2),
        (
            {"overdue_causes": [{"cause": "due_moved", "text": "Chủ yếu do ngày hẹn trả bị lùi"}]},
            "overdue_causes.0",
            "largest",
            3,
            15,
        ),
        (
            {"overdue_causes": [{"cause": "due_moved", "text": "Đa số bị lùi ngày hẹn trả"}]},
            "overdue_causes.0",
            "majority",
            3,
            15,
        ),
        (
            {"overdue_causes": [{"cause": "staff", "text": "Toàn bộ do công chức chậm xử lý"}]},
            "overdue_causes.0",
            "all",
            12,
            15,
        ),
        (
            {
                "counts": {"slow": {"value": 13, "source_document": "Biên bản kiểm tra"}},
                "overdue_causes": [{"cause": "staff", "text": "Có {slow} hồ sơ trình nhầm tài khoản"}],
            },
            "overdue_causes.0",
            "count",
            12,
            15,
        ),
    ],
)
def test_a_cause_that_the_counts_do_not_bear_is_refused_with_what_was_counted(
    changes: dict[str, Any], path: str, claims: str, counted: int, of: int
) -> None:
    with pytest.raises(CausesUnsupported) as refused:
        composed(**changes)
    assert isinstance(refused.value.members, UnsupportedCauses)
    (one,) = refused.value.members.causes
    assert (one.path, one.claims, one.counted, one.of) == (path, claims, counted, of)
    assert one.causes == ({"staff": 12, "due_moved": 3} if of == 15 else {"staff": 2})
    assert f"of {of} dossiers {counted}" in refused.value.detail


@pytest.mark.parametrize(
    "text",
    ["Chủ yếu do công chức chậm xử lý", "Phần lớn do công chức chậm xử lý", "Công chức chậm xử lý, phổ biến ở một số nơi"],
)
def test_a_cause_may_be_said_to_weigh_as_much_as_was_counted(text: str) -> None:
    causes = [{"cause": "staff", "text": text}]
    assert "(thuộc 12 hồ sơ nêu trên)" in sentences(composed(overdue_causes=causes)[0], "handling")


def test_all_of_the_lateness_may_be_put_on_a_cause_that_has_all_of_it() -> None:
    causes = [{"cause": "staff", "text": "Đều do công chức chậm xử lý"}]
    assert weight_of(causes[0]["text"]) is Weight.all
    assert failed(pending_causes=causes) == set()


def test_a_team_that_insists_is_printed_as_the_one_that_says_so() -> None:
    insisted = [BY_STAFF, {**BY_SOFTWARE, "own_finding": RECORD}]
    text = sentences(composed(overdue_causes=insisted)[0], "handling")
    assert (
        "Theo ghi nhận của Đoàn kiểm tra TTHC (căn cứ biên bản làm việc với Phòng Tài nguyên và Môi trường) đối với hồ sơ giải "
        "quyết quá hạn: kết quả đã trả cho người dân nhưng công chức chưa kết thúc hồ sơ trên phần mềm; nội dung này không thể "
        "hiện qua số liệu của hệ thống."
    ) in text
    assert "làm rõ: hồ sơ trình nhầm tài khoản người phê duyệt (thuộc 12 hồ sơ nêu trên)" in text
    assert failed(overdue_causes=insisted) == set()


@pytest.mark.parametrize(
    ("cause", "text", "words"),
    [
        ("staff", "Phần mềm phát sinh lỗi khi chuyển bước xử lý", "Phần mềm"),
        ("staff", "Công chức chậm xử lý do đường truyền", "đường truyền"),
        ("due_moved", "Phần mềm tính cả ngày nghỉ", "ngày nghỉ"),
        ("supplement_needed", "Hồ sơ nhầm tài khoản người duyệt", "nhầm tài khoản"),
        ("staff", "Công chức chưa kết thúc hồ sơ", "chưa kết thúc"),
    ],
)
def test_words_that_speak_of_another_cause_than_the_named_one_are_refused_at_the_door(
    cause: str, text: str, words: str
) -> None:
    with pytest.raises(ValueError, match=f"'{words}' means"):
        Inspection.model_validate(inspection_body(overdue_causes=[{"cause": cause, "text": text}]))


@pytest.mark.parametrize(
    "text",
    [
        "Không để phát sinh hồ sơ quá hạn do chậm kết thúc trên phần mềm",
        "Phần mềm chậm, lỗi dẫn đến hồ sơ quá hạn",
        "Nguyên nhân hồ sơ trễ hạn là phần mềm",
        "Vì phần mềm lỗi nên hồ sơ bị quá hạn",
    ],
)
@pytest.mark.parametrize("section", ["causes", "recommendations", "shortcomings"])
def test_no_other_text_may_say_why_dossiers_are_late(text: str, section: str) -> None:
    finding = [{"text": text}]
    change: dict[str, Any] = {"findings": {section: finding}} if section == "shortcomings" else {section: finding}
    with pytest.raises(ValueError, match="explains why dossiers are late"):
        Inspection.model_validate(inspection_body(**change))


def _counted_otherwise(**counts: int) -> dict[str, dict[str, Any]]:
    made = answers.reference()
    for kpi, count in counts.items():
        made["total"]["total"]["kpis"][kpi]["numerator"] = count
    return made


def test_late_dossiers_whose_cause_is_one_of_the_software_are_called_unexplained_and_stay_in_the_sums() -> None:
    # Their software was wrong about the date first, and then the law's date passed too.
    made = _counted_otherwise(in_process_overdue_staff=1, overdue_days_off_counted=147)
    text = sentences(composed(made)[0], "handling")
    assert "quá hạn: cán bộ, công chức xử lý chậm 01 hồ sơ; chưa xác định được nguyên nhân 01 hồ sơ." in text
    assert "(kể cả 01 hồ sơ nay đã quá hạn theo quy định): phần mềm tính cả ngày nghỉ vào thời hạn giải quyết 147 hồ sơ" in text
    assert failed(made) == set()


def test_a_cause_that_is_counted_twice_or_not_at_all_fails_a_check() -> None:
    once = "every overdue dossier is counted under one cause"
    assert once in failed(_counted_otherwise(overdue_days_off_counted=147))
    assert {once, "the causes lie within resolved_overdue"} <= failed(_counted_otherwise(resolved_overdue_staff=13))


async def test_an_order_is_held_to_the_counted_causes_at_the_door(services: Services) -> None:
    stated = [{"cause": "extended", "text": "Đã gia hạn bằng văn bản"}]
    refused = services.order(overdue_causes=stated)
    assert refused.status_code == 422, refused.text
    assert refused.json()["type"].endswith("/causes-unsupported")
    (one,) = refused.json()["causes"]
    assert (one["path"], one["counted"]) == ("overdue_causes.0", 0)
    assert one["causes"]["staff"] == one["of"] > 0

    notice = services.drafted(
        overdue_causes=[{"cause": "staff", "text": "Đều do chậm xử lý"}, {**stated[0], "own_finding": RECORD}]
    )
    held = {check["name"]: check["ok"] for check in notice["checks"]}
    assert held["every overdue dossier is counted under one cause"]
    assert held["the causes lie within resolved_overdue"]
    said = [paragraph["text"] for section in notice["sections"] for paragraph in section["paragraphs"]]
    assert any(text.startswith("Theo ghi nhận của Đoàn kiểm tra") for text in said)
    figure = notice["figures"]["resolved_overdue_staff"]
    assert (figure["numerator"], bool(figure["figure_id"])) == (one["of"], True)


@pytest.mark.parametrize(
    "text",
    [
        "Hồ sơ quá hạn chủ yếu bắt nguồn từ phần mềm", "Công chức xã gây chậm trễ nhiều hồ sơ", "Phần lớn hồ sơ trễ hạn",
        "Hồ sơ quá hạn là lỗi của phần mềm", "Phần mềm khiến nhiều hồ sơ bị chậm", "Quá nửa số hồ sơ quá hạn",
        "Hồ sơ trễ hạn xuất phát từ phía công dân", "Đường truyền làm kéo dài thời gian giải quyết",
    ],
)  # fmt: skip
def test_whoever_is_blamed_for_late_dossiers_is_named_where_it_is_compared(text: str) -> None:
    assert explains_lateness(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "Báo cáo quý III/2023 gửi chậm", "Phần mềm chạy trên Windows 10 còn chậm", "Xin lỗi tổ chức, cá nhân khi hồ sơ quá hạn",
        "Công chức chậm cập nhật hồ sơ lên phần mềm", "Không để hồ sơ quá hạn", "Tất cả hồ sơ quá hạn phải có thư xin lỗi",
        "Phần lớn hồ sơ nộp trực tuyến", "Một số hồ sơ giải quyết quá hạn", "Việc gửi báo cáo chậm gây khó khăn cho tổng hợp",
    ],
)  # fmt: skip
def test_what_blames_nobody_for_late_dossiers_is_free_text(text: str) -> None:
    assert explains_lateness(text) is None
    assert TypeAdapter(Prose).validate_python(text)


def test_a_number_of_dossiers_in_words_is_a_quantity() -> None:
    for text in ("Có năm mươi hồ sơ trễ hạn", "Còn hai hồ sơ chưa trả", "Hàng trăm hồ sơ quá hạn", "Có năm hồ sơ tồn"):
        with pytest.raises(ValueError, match="counts"):
            TypeAdapter(Prose).validate_python(text)
    for text in ("Trong năm hồ sơ tăng", "Công dân chỉ nộp một hồ sơ", "Một số hồ sơ thiếu phiếu"):
        assert TypeAdapter(Prose).validate_python(text)


def test_staff_who_are_blamed_are_no_other_cause() -> None:
    for text in ("Do công chức tiếp nhận chậm", "Cán bộ địa chính thẩm định còn chậm", "Lãnh đạo ký muộn"):
        with pytest.raises(ValueError, match="means"):
            StatedCause(cause=DelayCause.supplement_needed, text=text)
        assert StatedCause(cause=DelayCause.staff, text=text)
    assert StatedCause(cause=DelayCause.supplement_needed, text="Người dân nộp giấy tờ chậm")


def test_a_text_costs_no_more_than_its_length() -> None:
    began = time.process_time()
    for words in ("do ", "quá hạn ", "dẫn đến "):
        assert explains_lateness(words * 20_000) is None
    assert explains_lateness("hồ sơ quá hạn " + "do " * 20_000) is not None
    assert time.process_time() - began < 2 * slowness()
