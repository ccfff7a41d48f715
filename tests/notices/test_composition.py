"""The conclusion as a tree: its golden form, every section, and wording that fits the figures."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.local.services import ROOT
from services.notices.audit.checks import check
from services.notices.composition.model import FigureRun, Heading, Paragraph, plain_text, words
from services.notices.inspections.model import Inspection
from services.notices.inspections.outline import SECTIONS
from shared.errors import Invalid, Unavailable
from tests.notices import answers
from tests.notices.reference import composed, inspection_body, marked, not_stated, nothing_of, pinned, sentences, without


def test_the_reference_conclusion_is_the_golden_one() -> None:
    assert marked(composed()[0]) == (ROOT / "tests" / "notices" / "golden.txt").read_text()


def test_the_figures_of_the_reference_notice_are_all_said() -> None:
    text = plain_text(composed()[0]).replace("\u00a0", " ")
    for number in (
        *("30.938", "30.566", "24.458", "6.108", "372", "30.515", "29.859", "641", "423", "421", "261"),
        *("2.626", "2.523", "103", "2.415", "2.405", "211", "210", "25.037", "25.318", "24.585", "25.069", "30/32"),
        *("99,95 %", "0,05 %", "99,59 %", "80,02 %", "98,89 %", "98,07 %", "0,84 %", "93,75 %"),
        *("0,29 điểm phần trăm", "38,83 điểm phần trăm", "40,17 điểm phần trăm"),
    ):
        assert number in text, number


def test_every_section_has_its_place_and_the_parts_are_numbered_as_decree_30_does() -> None:
    headings = [block for block in composed()[0].body if isinstance(block, Heading)]
    assert len(headings) == len(SECTIONS) - 1  # no earlier notice is followed up
    assert [block.label for block in headings if block.level == 1] == ["I.", "II.", "III.", "IV."]
    assert all(block.text.isupper() for block in headings if block.level == 1)
    points = [block.label for block in headings if block.level == 3]
    assert points == ["a)", "b)", "c)", "d)", "đ)", "e)", "g)", "h)", "a)", "b)", "c)", "a)", "b)"]


def test_a_section_without_anything_to_say_is_left_out_and_the_numbering_closes_up() -> None:
    notice, _ = composed(evidence=without("review", "feedback"))
    headings = {block.text: block.label for block in notice.body if isinstance(block, Heading)}
    assert "Rà soát, đánh giá TTHC" not in headings
    assert headings["Truyền thông và thực hiện chế độ thông tin, báo cáo"] == "c)"


def test_a_document_is_cited_in_full_once_and_by_its_number_after_that() -> None:
    text = plain_text(composed()[0])
    assert text.count("Kế hoạch số 34/KH-UBND ngày 09 tháng 3 năm 2023 của") == 1
    assert text.count("Kế hoạch số 34/KH-UBND") == 3


def test_long_forms_are_explained_at_their_first_place_and_shortened_after_it() -> None:
    body = "\n".join(words(block) for block in composed()[0].body if isinstance(block, Paragraph))
    for long, short in (("thủ tục hành chính", "TTHC"), ("Ủy ban nhân dân", "UBND")):
        assert body.count(f"{long} ({short})") == 1
        assert body.count(long) == 1


def test_the_text_ends_with_the_closing_mark() -> None:
    notice, _ = composed()
    last = notice.body[-1]
    assert isinstance(last, Paragraph)
    assert words(last).endswith("./.")
    assert plain_text(notice).count("./.") == 1


def test_numbers_stand_in_the_text_only_as_bound_figures() -> None:
    notice, figures = composed()
    bound = [run for block in notice.body if isinstance(block, Paragraph) for run in block.runs if isinstance(run, FigureRun)]
    assert len(bound) > 80
    for run in bound:
        figure = figures[run.figure]
        assert [figure.figure_id, figure.input_path, figure.evidence, figure.derived].count(None) == 3, figure.key


def test_agencies_are_listed_from_the_largest_and_ties_in_dictionary_order() -> None:
    text = sentences(composed()[0], "handling")
    assert "(Tài nguyên và Môi trường 10 hồ sơ; Tài chính - Kế hoạch 03 hồ sơ; An Phượng 01 hồ sơ; Thanh Hải 01 hồ sơ)" in text
    assert "quá hạn 02 hồ sơ (đều thuộc Tài nguyên và Môi trường)" in text


def test_a_long_list_ends_with_the_sum_of_the_rest_and_never_parts_equals() -> None:
    text = sentences(composed()[0], "shortcomings")
    assert "Liên Mạc 05 hồ sơ; các cơ quan, đơn vị còn lại 21 hồ sơ" in text
    made = answers.reference()
    for row in made["agency"]["rows"]:
        row["kpis"]["returned"]["numerator"] = 9
    made["total"]["total"]["kpis"]["returned"]["numerator"] = 9 * 32
    text = sentences(composed(made)[0], "shortcomings")
    assert text.count(" 09 hồ sơ") == 10  # all equal: cut by the dictionary, since nothing else tells them apart
    assert "còn lại 198 hồ sơ" in text


def test_the_lowest_online_shares_are_named_and_whoever_ties_with_the_last_too() -> None:
    made = answers.reference()
    for row in made["agency"]["rows"]:
        if row["code"] in ("10816", "10819"):
            row["kpis"]["online_share"] |= {"numerator": 6348, "denominator": 10000}
    text = sentences(composed(made)[0], "shortcomings")
    named = text[text.index("thấp nhất là: ") :].split(".\n")[0]
    assert named.endswith("Hồng Lạc 63,48 %; Việt Hồng 63,48 %")
    assert named.count(";") == 5


def test_a_rate_that_got_worse_is_a_shortcoming_and_one_that_stayed_is_called_equal() -> None:
    comparisons = [
        {"kpi": "digitised_intake", "period": "năm 2022", "rate": "99.00"},
        {"kpi": "digitised_result", "period": "năm 2022", "rate": "98.07"},
    ]
    notice, _ = composed(comparisons=comparisons)
    worse = "tỷ lệ số hóa thành phần hồ sơ khi tiếp nhận đạt 98,89 %, giảm 0,11 điểm phần trăm so với tỷ lệ 99 % của năm 2022"
    assert worse in sentences(notice, "shortcomings")
    assert "tỷ lệ số hóa kết quả giải quyết đạt 98,07 %, bằng năm 2022" in sentences(notice, "achievements")


def test_a_period_without_dossiers_is_said_in_words_without_a_single_rate() -> None:
    notice, _ = composed(nothing_of(*answers.COUNTED), comparisons=[], tasks=None, overdue_causes=[], pending_causes=[])
    assert "không phát sinh hồ sơ TTHC" in sentences(notice, "handling")
    assert "không phát sinh hồ sơ TTHC liên thông" in sentences(notice, "internal_process")
    # Nothing is listed of them, and no annex is named where nothing is.
    assert "Chi tiết tại" not in sentences(notice, "internal_process")
    assert [(one.id, one.label) for one in notice.annexes] == [("by_agency", "Biểu số 01"), ("online", "Biểu số 02")]
    assert "(Chi tiết tại Biểu số 02 kèm theo)" in sentences(notice, "online_service")
    assert "không có hồ sơ mới tiếp nhận" in sentences(notice, "online_service")
    assert "không phát sinh hồ sơ phải số hóa khi tiếp nhận" in sentences(notice, "online_service")
    counted = [block for block in notice.body if isinstance(block, Paragraph) and block.source == "figures"]
    assert counted
    assert not [run for block in counted for run in block.runs if isinstance(run, FigureRun)]
    cells = [cell for annex in notice.annexes for cell in annex.rows[-1].cells]
    assert [cell.text for cell in cells if cell.figure and cell.figure.endswith("_share")] == ["không phát sinh"]


@pytest.mark.parametrize(
    ("kpis", "section", "said", "unsaid"),
    [
        (("resolved_overdue",), "handling", "không có hồ sơ quá hạn", "đối với 15 hồ sơ giải quyết quá hạn"),
        (("resolved_overdue", "in_process_overdue"), "shortcomings", "Số hồ sơ phải trả lại", "Vẫn còn"),
        (("in_process", "in_process_within_limit", "in_process_overdue"), "handling", "không còn hồ sơ đang", "bị quá hạn"),
        (("carried_over",), "handling", "không có hồ sơ từ kỳ trước chuyển sang", "và 372"),
        (("received_counter", "received_post"), "handling", "(đều nộp trực tuyến)", "bưu chính"),
        (("received_online",), "handling", "(đều nộp trực tiếp hoặc qua dịch vụ bưu chính công ích)", "trực tuyến"),
        (("received_online",), "online_service", "không có hồ sơ nào nộp trực tuyến", "đạt tỷ lệ"),
        (("returned",), "handling", "đúng hạn 641 hồ sơ", "trả lại"),
        (("returned",), "shortcomings", "Vẫn còn", "trả lại"),
        (("resolved",), "handling", "chưa có hồ sơ nào được giải quyết xong", "Tỷ lệ"),
        (("digitised_result",), "online_service", "không phát sinh kết quả phải số hóa", "24.585"),
    ],
)
def test_what_did_not_happen_is_said_or_left_out(kpis: tuple[str, ...], section: str, said: str, unsaid: str) -> None:
    text = sentences(composed(nothing_of(*kpis), comparisons=[], overdue_causes=[], pending_causes=[])[0], section)
    assert said in text
    assert unsaid not in text


STATABLE = ("online_share", "digitised_intake", "digitised_result", "online_payment_share", "steps_ended", "steps_timed")


def test_what_no_source_states_is_said_not_to_be_known_in_text_and_annexes_and_is_no_shortcoming() -> None:
    made = not_stated(*STATABLE, "steps_overdue", "steps_overdue_share", "misrouted")
    notice, figures = composed(made, comparisons=[])
    text = sentences(notice, "online_service")
    assert "Trong tổng số 30.566 hồ sơ mới tiếp nhận, số nộp trực tuyến chưa có số liệu do nguồn" in text
    assert "số hóa kết quả giải quyết trong 25.069 hồ sơ đã có kết quả thuộc các TTHC phải số hóa: chưa có số liệu" in text
    assert [found for found in ("0 %", "0,00", "80,02", "chưa số hóa") if found in text] == []
    assert "Số hóa hồ sơ chưa đạt" not in sentences(notice, "shortcomings")
    assert "bước" not in sentences(notice, "internal_process")
    none = "chưa có số liệu"
    for row in notice.annexes[-1].rows:
        base, cells = row.cells[2].text, [cell.text for cell in row.cells[2:]]
        assert cells == [base, none, none, row.cells[5].text, none, none, row.cells[8].text, none, none]
        assert {cell.number for cell in row.cells[3:5]} == {None}
    assert [one for one in check(notice, figures, pinned(made)) if not one.ok] == []


def test_what_some_agencies_do_not_state_is_not_known_of_them_alone() -> None:
    made = not_stated("digitised_result", agencies=2)
    notice, figures = composed(made, comparisons=[])
    shown = {row.cells[1].text: [cell.text for cell in row.cells[-3:]] for row in notice.annexes[-1].rows}
    first, second = (row["name"]["vi"] for row in made["agency"]["rows"][:2])
    assert [shown[name][1:] for name in (first, second)] == [["chưa có số liệu"] * 2] * 2
    assert [name for name, cells in shown.items() if "chưa có số liệu" in cells] == [first, second]
    # The whole counts all of them; the sum of the agencies then lacks what the reference has of these two.
    failed = {one.name for one in check(notice, figures, pinned(made)) if not one.ok}
    assert failed == {"the annexes add up, by rows and by columns", "the agencies add up to digitised_result.part"}


def test_annexes_carry_the_names_that_were_asked_for() -> None:
    for naming, labels in (
        ("Biểu số", ["Biểu số 01", "Biểu số 02", "Biểu số 03"]),
        ("Phụ lục", ["Phụ lục I", "Phụ lục II", "Phụ lục III"]),
    ):
        notice, _ = composed(annex_naming=naming)
        assert [annex.label for annex in notice.annexes] == labels
        assert f"(Chi tiết tại {labels[0]} kèm theo)" in sentences(notice, "handling")
        assert all("Kèm theo Thông báo số" in annex.belongs for annex in notice.annexes)


def test_annexes_end_with_the_figures_of_the_text() -> None:
    notice, _ = composed()
    by_agency, by_procedure, online = ([cell.text for cell in annex.rows[-1].cells] for annex in notice.annexes)
    assert by_agency[2:] == ["30.938", "24.458", "6.108", "372", "30.515", "29.859", "641", "15", "423", "421", "2", "261"]
    assert by_procedure[2:] == ["2.626", "2.523", "103", "2.415", "2.405", "10", "99,59", "211", "210", "1"]
    assert online[2:] == ["30.566", "24.458", "80,02", "25.318", "25.037", "98,89", "25.069", "24.585", "98,07"]
    assert [row.kind for row in notice.annexes[0].rows].count("group") == 2
    assert len(notice.annexes[1].rows) == 12


def test_an_unknown_agency_in_the_findings_is_named() -> None:
    finding = {"text": "Báo cáo chậm", "agencies": ["99999"]}
    with pytest.raises(Invalid, match="99999"):
        composed(findings={"communication": [finding]})


def test_a_figure_that_metrics_did_not_give_stops_the_composition() -> None:
    made = answers.reference()
    del made["total"]["total"]["kpis"]["returned"]
    with pytest.raises(Unavailable, match="returned"):
        composed(made)


def test_answers_of_different_positions_are_not_mixed() -> None:
    made = answers.reference()
    made["agency"]["position"] += 1
    with pytest.raises(Unavailable, match="one position"):
        composed(made)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"findings": {"review": [{"text": "Bãi bỏ 12 TTHC"}]}}, "the quantity 12"),
        ({"findings": {"review": [{"text": "Bãi bỏ {repealed} TTHC"}]}}, "not declared"),
        (
            {
                "findings": {"review": [{"text": "Đạt {repealed.rate}"}]},
                "counts": {"repealed": {"value": 3, "source_document": "Báo cáo rà soát"}},
            },
            "the base of the share",
        ),
        ({"findings": {"review": [{"text": "Đạt {feedback"}]}}, "brace"),
        ({"findings": {"review": [{"text": "Chuông \u0007"}]}}, "findings.review.0.text"),
        ({"findings": {"review": [{"text": "\u200b\u4e2d"}]}}, "cannot be printed"),
        ({"period": {"from": "2023-07-20", "to": "2022-12-15"}}, "ends before it begins"),
        ({"tasks": {"done": 33, "assigned": 32}}, "More tasks are done than assigned"),
        ({"deadline": "2023-08-15"}, "not after 2023-08-15"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_an_inspection_that_cannot_become_a_sound_notice_is_refused_with_the_reason(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        Inspection.model_validate(inspection_body(**change))
    assert says in str(refused.value)


def test_braces_in_a_name_are_words_and_not_places_to_fill() -> None:
    made = answers.reference()
    for row in made["agency"]["rows"]:
        if row["code"] == "294.TNMT":
            row["name"]["vi"] = "Phòng {resolved}"
    assert "({resolved} 10 hồ sơ" in sentences(composed(made)[0], "handling")


def test_decomposed_letters_come_out_composed() -> None:
    finding = {"text": "Ti\u0065\u0302\u0301p nha\u0323\u0302n ho\u0302\u0300 so\u031b"}
    notice, _ = composed(findings={"publication": [finding]})
    assert "- Tiếp nhận hồ sơ." in plain_text(notice)
