"""The arithmetic of notices: our own by their figures, anyone's by reading the text."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.local.services import ROOT
from services.notices.audit.checks import check
from services.notices.audit.engine import audit_text
from services.notices.audit.model import Audit, Verdict
from services.notices.composition.model import FigureRun, Paragraph, TextRun, plain_text
from tests.notices import answers
from tests.notices.reference import altered, composed, pinned, sentences
from tests.quick import cases
from tests.slowness import slowness

CONTRADICTORY = (ROOT / "tests" / "notices" / "contradictory.txt").read_text()
"""A district's notice with the figures and the contradictions of the reference notice of 2023, in words of our own."""


def equations(found: Audit, verdict: Verdict) -> set[str]:
    return {one.equation for one in found.claims if one.verdict is verdict}


def test_the_contradictions_of_a_notice_are_found_with_the_only_repair_that_changes_one_figure() -> None:
    found = audit_text(CONTRADICTORY)
    sums, online = found.contradictions
    assert sums.equation == "30.938 = 30.556 + 372; 30.556 = 24.458 + 6.108"
    assert [(one.from_, one.to) for one in sums.repairs] == [("30.556", "30.566")]
    assert (online.claimed, online.computed) == ("80,18%", "80,02%")
    assert [one.to for one in online.repairs] == ["80,02%"]
    undecided = {one.claimed: one.reason for one in found.claims if one.verdict is Verdict.undecided}
    assert undecided == {
        "98,89%": "mẫu số 25.317-25.319 không được nêu trong văn bản",
        "98,07%": "mẫu số 25.068-25.070 không được nêu trong văn bản",
    }


def test_what_holds_in_a_notice_with_contradictions_is_known_to_hold() -> None:
    assert equations(audit_text(CONTRADICTORY), Verdict.holds) >= {
        *("30.515 = 29.859 + 641 + 15", "15 = 10 + 03 + 01 + 01", "423 = 421 + 02", "30.938 = 423 + 30.515"),
        *("2.626 = 2.523 + 103", "2.415 = 2.405 + 10", "211 = 210 + 01"),
        "112 + 34 + 28 + 11 + 9 + 8 + 2 × 6 + 5 ≤ 261",
        *("2.405 / 2.415 = 99,59%", "(29.859 + 641) / 30.515 = 99,95%", "30 / 32 = 93,75%", "261 / 30.938 = 0,84%"),
        *("0,29% = 0,34% - 0,05%", "38,83% = 98,89% - 60,06%", "40,17% = 98,07% - 57,9%"),
    }


def test_a_place_leads_to_the_figure_in_the_text() -> None:
    for one in audit_text(CONTRADICTORY).claims:
        words = " ".join(CONTRADICTORY[one.at.start : one.at.end].split())
        assert one.claimed in words, one
        assert words in one.quote


def test_our_own_conclusion_holds_by_its_figures_and_to_a_reader() -> None:
    notice, figures = composed()
    assert [one for one in check(notice, figures, pinned()) if not one.ok] == []
    read = audit_text(plain_text(notice))
    assert read.contradictions == ()
    assert read.equations > 30


def _counted_numbers() -> list[tuple[str, str]]:
    """Every different number that the figures say in the reference conclusion, with its section."""
    found: dict[tuple[str, str], None] = {}
    for block in composed()[0].body:
        if isinstance(block, Paragraph) and block.source == "figures":
            for run in block.runs:
                if isinstance(run, FigureRun):
                    found[(block.section, run.text)] = None
    return list(found)


# Said once, with nothing in the text to hold them against.
UNCHECKABLE = {"11", "49,45\u00a0%", "54,45\u00a0%", "59,67\u00a0%", "59,69\u00a0%", "63,48\u00a0%", "100\u00a0%"}
UNCHECKABLE |= {"85,44\u00a0%", "85,43\u00a0%"}  # of those that lead


@pytest.mark.parametrize(("section", "number"), _counted_numbers())
def test_a_slip_in_any_number_is_noticed_by_the_figures_and_by_a_reader(section: str, number: str) -> None:
    notice, figures = composed()
    digits = number.replace("\u00a0%", "")
    slipped = number.replace(digits, digits[:-1] + str((int(digits[-1]) + 3) % 10))
    wrong = altered(notice, number, slipped)
    failed = {one.name for one in check(wrong, figures, pinned()) if not one.ok}
    assert "every number in the text prints its figure" in failed, section
    if number not in UNCHECKABLE:
        assert "a reader of the text finds no contradiction" in failed, section


def test_a_number_without_a_figure_is_found() -> None:
    notice, figures = composed()
    stray = msgspec.structs.replace(notice, body=(Paragraph((TextRun("Có 17 hồ sơ tốt."),), section="review"), *notice.body))
    failed = [one for one in check(stray, figures, pinned()) if not one.ok]
    assert [(one.name, one.detail) for one in failed] == [("no number in the text is without a figure", "17 in section review")]


def test_contradictory_dossiers_are_stated_by_agency_and_the_conclusion_holds() -> None:
    made = answers.with_contradictory({"294.TNMT": 7, "10864": 2, "10846": 1})
    notice, figures = composed(made)
    assert [one for one in check(notice, figures, pinned(made)) if not one.ok] == []
    text = plain_text(notice).replace("\u00a0", " ")
    assert "Có 10 hồ sơ mà ngày, trạng thái hoặc các bước ghi trong phần mềm mâu thuẫn nhau" in text
    assert "từ các hồ sơ này: Tài nguyên và Môi trường 07 hồ sơ; An Phượng 02 hồ sơ; Thanh Hải 01 hồ sơ." in text
    read = audit_text(plain_text(notice))
    assert read.contradictions == ()
    assert read.equations > 30
    assert "mâu thuẫn" not in plain_text(composed()[0])


BY_DEPARTMENT: dict[str | None, tuple[int, int, int]] = {
    "Phòng Tài nguyên và Môi trường": (900, 700, 31),
    "Phòng Tư pháp": (400, 380, 12),
    "Tổ 5": (50, 50, 9),
    "Văn thư": (50, 50, 4),
    "Thanh tra": (50, 50, 4),
    "Phòng Nội vụ": (50, 50, 4),
    "Kho bạc Nhà nước": (30, 30, 0),
    None: (100, 90, 3),
}
"""Steps ended, of those timed and of those overdue; three departments tie over the place that the list ends at."""


@pytest.mark.parametrize(
    ("departments", "misrouted", "said"),
    [
        (
            BY_DEPARTMENT,
            7,
            "Các bộ phận đã hoàn thành 1.630 lượt xử lý theo các bước của quy trình nội bộ (hồ sơ qua mỗi bước tính là một "
            "lượt). Trong số 1.400 lượt có thời hạn, 67 lượt quá hạn, chiếm 4,79 %: Phòng Tài nguyên và Môi trường 31 lượt; "
            "Phòng Tư pháp 12 lượt; Tổ 5: 09 lượt; các bộ phận còn lại 12 lượt; chưa xác định bộ phận 03 lượt. "
            "07 hồ sơ kết thúc trong kỳ đã bị chuyển nhầm, chuyển vòng giữa các bộ phận.",
        ),
        (
            {"Phòng Tư pháp": (14, 12, 3), "Văn thư": (4, 4, 0)},
            0,
            "Các bộ phận đã hoàn thành 18 lượt xử lý theo các bước của quy trình nội bộ (hồ sơ qua mỗi bước tính là một lượt). "
            "Trong số 16 lượt có thời hạn, 03 lượt quá hạn, chiếm 18,75 %, đều thuộc Phòng Tư pháp.",
        ),
        (
            {None: (14, 12, 3)},
            0,
            "Các bộ phận đã hoàn thành 14 lượt xử lý theo các bước của quy trình nội bộ (hồ sơ qua mỗi bước tính là một lượt). "
            "Trong số 12 lượt có thời hạn, 03 lượt quá hạn, chiếm 25 %.",
        ),
        (
            {"Phòng Tư pháp": (14, 12, 0)},
            0,
            "Các bộ phận đã hoàn thành 14 lượt xử lý theo các bước của quy trình nội bộ (hồ sơ qua mỗi bước tính là một lượt). "
            "Trong số 12 lượt có thời hạn, không có lượt quá hạn.",
        ),
        (
            {"Phòng Tư pháp": (14, 0, 0)},
            0,
            "Các bộ phận đã hoàn thành 14 lượt xử lý theo các bước của quy trình nội bộ (hồ sơ qua mỗi bước tính là một lượt).",
        ),
    ],
    ids=["many", "one", "unknown", "none late", "without due times"],
)
def test_late_steps_are_stated_by_department_and_the_conclusion_holds(
    departments: dict[str | None, tuple[int, int, int]], misrouted: int, said: str
) -> None:
    made = answers.with_steps(departments, misrouted)
    notice, figures = composed(made)
    assert sentences(notice, "internal_process").split("\n")[1] == said
    assert [one for one in check(notice, figures, pinned(made)) if not one.ok] == []
    assert audit_text(plain_text(notice)).contradictions == ()
    assert "bước của quy trình nội bộ" not in plain_text(composed()[0])


BY_STEP = {
    "Thẩm định hồ sơ": 40,
    "Ký duyệt": 11,
    "Bước 3": 9,
    "Tiếp nhận": 4,
    "Trả kết quả": 1,
    "Văn thư": 1,
    None: 1,
}
"""Those overdue by the name of the step; two tie over the place that the list ends at."""


@pytest.mark.parametrize(
    ("late", "said"),
    [
        (
            BY_STEP,
            ". Quá hạn ở các bước: Thẩm định hồ sơ 40 lượt; Ký duyệt 11 lượt; Bước 3: 09 lượt; Tiếp nhận 04 lượt; các bước "
            "còn lại 02 lượt; chưa xác định bước xử lý 01 lượt. 07 hồ sơ",
        ),
        ({"Ký duyệt": 67, "Văn thư": 0}, ". Quá hạn đều ở bước Ký duyệt. 07 hồ sơ"),
        ({None: 67}, "bộ phận 03 lượt. 07 hồ sơ"),
    ],
    ids=["many", "one", "unknown"],
)
def test_late_steps_are_stated_by_their_names(late: dict[str | None, int], said: str) -> None:
    made = answers.with_steps(BY_DEPARTMENT, 7, late)
    notice, figures = composed(made)
    assert said in sentences(notice, "internal_process").split("\n")[1]
    assert [one for one in check(notice, figures, pinned(made)) if not one.ok] == []
    assert audit_text(plain_text(notice)).contradictions == ()
    made["step"]["rows"][0]["kpis"]["steps_overdue"]["numerator"] += 1
    notice, figures = composed(made)
    assert {one.name for one in check(notice, figures, pinned(made)) if not one.ok} == {"the steps add up to steps_overdue"}


def test_departments_that_do_not_add_up_to_the_late_steps_fail_the_check() -> None:
    made = answers.with_steps(BY_DEPARTMENT)
    made["department"]["rows"][0]["kpis"]["steps_overdue"]["numerator"] += 1
    notice, figures = composed(made)
    failed = {one.name for one in check(notice, figures, pinned(made)) if not one.ok}
    assert failed == {
        "a reader of the text finds no contradiction",
        "the departments add up to steps_overdue",
        "steps_overdue_share = steps_overdue / steps_timed",
    }


def test_contradictory_dossiers_beyond_those_on_time_fail_the_check() -> None:
    made = answers.with_contradictory({"294.TNMT": 700})
    notice, figures = composed(made)
    failed = [one.name for one in check(notice, figures, pinned(made)) if not one.ok]
    assert "contradictory dossiers that ended lie within those on time or refused" in failed


def test_a_number_in_the_name_of_an_agency_counts_nothing() -> None:
    made = answers.reference()
    names = {"294.TNMT": "Tổ 5", "294.TCKH": "Phòng 12", "10864": "Phường 3", "10846": "Tổ 55"}
    for row in made["agency"]["rows"]:
        row["name"]["vi"] = names.get(row["code"], row["name"]["vi"])
    notice, figures = composed(made)
    assert "(Tổ 5: 10 hồ sơ; Phòng 12: 03 hồ sơ; phường 3: 01 hồ sơ; Tổ 55: 01 hồ sơ)" in plain_text(notice)
    assert [one for one in check(notice, figures, pinned(made)) if not one.ok] == []


@pytest.mark.parametrize(
    ("kpi", "failing"),
    [
        ("resolved_early", "resolved = resolved_early + resolved_on_time + resolved_overdue"),
        (
            "received_online",
            "received_new = received_online + received_counter + received_post + received_unstated",
        ),
        ("carried_over", "received_new + carried_over = resolved + in_process"),
        ("returned", "the agencies add up to returned"),
        ("contradictory", "the agencies add up to contradictory"),
    ],
)
def test_figures_of_one_agency_that_do_not_add_up_are_named(kpi: str, failing: str) -> None:
    made = answers.reference()
    row = next(row for row in made["agency"]["rows"] if row["code"] == "10864")
    row["kpis"][kpi]["numerator"] += 1
    notice, figures = composed(made)
    failed = {one.name: one.detail for one in check(notice, figures, pinned(made)) if not one.ok}
    assert failing in failed
    assert "add up" in failing or "Xã An Phượng" in failed[failing]


@pytest.mark.parametrize(
    ("text", "contradictions"),
    [
        ("Tiếp nhận 10 hồ sơ, trong đó có 03 hồ sơ trực tuyến và 02 hồ sơ bưu chính.", 0),
        ("Tổng số 10 hồ sơ, trong đó: mới 07 hồ sơ, cũ 02 hồ sơ.", 1),
        ("Tổng số 10 hồ sơ, trong đó: mới 07 hồ sơ, cũ 03 hồ sơ.", 0),
        ("Đã hoàn thành 30/32 nhiệm vụ, đạt 93,75%.", 0),
        ("Đã hoàn thành 30/32 nhiệm vụ, đạt 93,70%.", 1),
        ("Đã hoàn thành 0/0 nhiệm vụ, đạt 100%.", 1),
        ("Số hóa đạt 98,1% tăng 38,1% so với năm 2022 (60,0%).", 0),
        ("Số hóa đạt 98,1% giảm 38,1% so với năm 2022 (60,0%).", 1),
        ("Theo Kế hoạch số 34/KH-UBND ngày 09/3/2023, giai đoạn 2022-2025, tại Điều 15.", 0),
        ("Có 25 hồ sơ trả lại: xã A 20 hồ sơ; xã B 04 hồ sơ.", 1),
        ("Có 25 hồ sơ trả lại, điển hình như: xã A 20 hồ sơ; xã B 04 hồ sơ.", 0),
        ("Có 25 hồ sơ trả lại, điển hình như: xã A 20 hồ sơ; xã B 06 hồ sơ.", 1),
        ("Toàn huyện tiếp nhận 80 hồ sơ trực tuyến trên tổng số 100 hồ sơ, đạt 80,00%.", 0),
        ("Toàn huyện tiếp nhận 80 hồ sơ trực tuyến trên tổng số 100 hồ sơ, đạt 80,18%.", 1),
        ("Tổng số 10 hồ sơ, trong đó: Tổ 5 07 hồ sơ, Tổ 12 03 hồ sơ.", 0),
        ("Tổng số 10 hồ sơ, trong đó: Tổ 5: 07 hồ sơ, Tổ 12: 04 hồ sơ.", 1),
        ("", 0),
    ],
)
def test_claims_of_free_text_are_judged_charitably_but_judged(text: str, contradictions: int) -> None:
    assert len(audit_text(text).contradictions) == contradictions, audit_text(text)


class ReportedPlace(msgspec.Struct):
    """Where something stands."""

    page: int | None
    paragraph: int
    start: int
    end: int


class ReportedRepair(msgspec.Struct, rename={"before": "from"}):
    """A change that mends a claim."""

    before: str
    to: str
    at: ReportedPlace


class ReportedClaim(msgspec.Struct):
    """A claim as other programs read it; there may be more fields."""

    verdict: Literal["holds", "contradicted", "undecided"]
    kind: Literal["sum", "rate", "change", "repeat", "share", "list", "table", "bound"]
    quote: str
    at: ReportedPlace
    claimed: str
    computed: str
    repairs: list[ReportedRepair]


class ReportEntry(msgspec.Struct):
    """What `reports/audit.json` has of a file."""

    claims: list[ReportedClaim]
    equations: int
    contradictions: list[ReportedClaim]
    figures: int


def test_the_command_prints_one_entry_and_keeps_it_with_the_others(tmp_path: Path) -> None:
    (tmp_path / "notice.txt").write_text(CONTRADICTORY)
    (tmp_path / "other.txt").write_text("Tổng số 10 hồ sơ, trong đó: mới 07 hồ sơ, cũ 03 hồ sơ.")
    for name in ("notice.txt", "other.txt"):
        done = subprocess.run(
            [sys.executable, "-m", "services.notices.audit", name],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert list(json.loads(done.stdout)) == [name]
    report = json.loads((tmp_path / "reports" / "audit.json").read_text())
    assert {name: (entry["equations"], len(entry["contradictions"])) for name, entry in report.items()} == {
        "notice.txt": (audit_text(CONTRADICTORY).equations, 2),
        "other.txt": (1, 0),
    }
    written = msgspec.json.decode((tmp_path / "reports" / "audit.json").read_bytes(), type=dict[str, ReportEntry], strict=True)
    entry = written["notice.txt"]
    assert [one for one in entry.claims if one.verdict == "contradicted"]
    assert {one.at.start for one in entry.contradictions} <= {one.at.start for one in entry.claims}
    repair = entry.contradictions[0].repairs[0]
    assert CONTRADICTORY[repair.at.start : repair.at.end].startswith(repair.before)


def test_a_file_that_cannot_be_read_is_one_clear_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services.notices.audit", str(tmp_path / "missing.txt")],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "cannot be read" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


PIECES = st.sampled_from(
    [
        *("hồ sơ", "trong đó", "trong đó có", "gồm", "đạt", "chiếm", "tỷ lệ", "tăng", "giảm", "so với năm 2022", "%", "/"),
        *("điểm phần trăm", "trực tuyến", "quá hạn", "trước hạn", "đang giải quyết", "đã giải quyết", "tổng số", "như"),
        *("trên", "và", "mục tiêu", "TTHC liên thông", "(", ")", ":", ";", ",", ".", "\n", "- "),
        *("0", "02", "10", "1.234", "30.938", "99,95", "0,05"),
    ]
)


@settings(max_examples=cases(400), deadline=None)
@given(st.lists(PIECES, max_size=60).map(" ".join))
def test_words_of_reports_in_any_order_are_audited_without_an_exception(text: str) -> None:
    found = audit_text(text)
    assert found.equations == sum(one.verdict is not Verdict.undecided for one in found.claims)


def test_a_table_copied_along_claims_nothing_and_takes_no_time() -> None:
    began = time.process_time()
    assert audit_text("Tổng số 10 hồ sơ, trong đó: " + "; ".join(str(number) for number in range(20_000))).equations == 0
    assert time.process_time() - began < 5 * slowness()


def test_any_text_at_all_is_audited_without_an_exception() -> None:
    for text in ("(((((1", "10%%% 1/0 hồ sơ", "1.234.567,89 % / 0", "\x0c- + IV. a) 0", "9" * 400 + " hồ sơ, trong đó: 1; 2"):
        assert isinstance(audit_text(text), Audit)
