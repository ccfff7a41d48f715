"""Figures of a notice beside ours: which of ours each is, whose, and whether the two are the same."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from services.metrics.figures.kpis.catalogue import BY_ID
from services.notices.audit.comparison.comparing import compare
from services.notices.audit.comparison.counterparts import counterparts
from services.notices.audit.comparison.figures import read_figures
from services.notices.audit.comparison.model import ComparedFigure, NoticeComparison
from services.notices.audit.documents.plain_text import read_text
from services.notices.audit.engine import audit_with_reading
from services.notices.audit.vocabulary import vocabulary
from services.notices.composition.model import plain_text
from shared.agencies import AgencyKind
from shared.contracts.kpis import KpiResponse, UnitRow
from tests.notices import answers
from tests.notices.reference import composed

NAMES = {kpi.id: kpi.name for kpi in BY_ID.values()}


def compared(text: str, made: dict[str, Any] | None = None) -> NoticeComparison:
    """A text beside the figures of the reference period."""
    document = read_text(text)
    audit, reading = audit_with_reading(document)
    response = msgspec.convert((made or answers.reference())["agency"], KpiResponse[UnitRow])
    return compare(read_figures(document, reading, audit), response, NAMES)


def one(text: str, made: dict[str, Any] | None = None) -> ComparedFigure:
    """The only figure of a text."""
    (figure,) = compared(text, made).figures
    return figure


def test_our_own_conclusion_is_the_same_as_our_figures() -> None:
    verdicts = [figure.verdict.value for figure in compared(plain_text(composed()[0])).figures]
    assert verdicts.count("same") >= 40
    assert set(verdicts) == {"same", "without_counterpart"}


@pytest.mark.parametrize(
    ("text", "kpis", "ours", "difference", "words"),
    [
        ("Tiếp nhận mới 30.556 hồ sơ.", "received_new", 30566, 10, "10 more"),
        ("Đã giải quyết 30.515 hồ sơ.", "resolved", 30515, None, "the same"),
        ("Đã giải quyết 30.516 hồ sơ.", "resolved", 30515, -1, "1 less"),
        ("Đã giải quyết trước và đúng hạn 30.500 hồ sơ.", "resolved_early resolved_on_time", 30500, None, "the same"),
        ("Tỷ lệ giải quyết trước và đúng hạn đạt 99,95%.", "in_time_share", 99.95, None, "99,95 % (30.500/30.515)"),
        ("Tỷ lệ giải quyết trước và đúng hạn đạt 99,96%.", "in_time_share", 99.95, -0.01, "0,01 points less"),
        ("Tỷ lệ giải quyết trước và đúng hạn đạt 100%.", "in_time_share", 99.95, None, "the same"),
        ("Tỷ lệ giải quyết trước và đúng hạn đạt 98,1%.", "in_time_share", 99.95, 1.85, "1,85 points more"),
        ("Đã giải quyết trên 30.000 hồ sơ.", "resolved", 30515, None, "the same"),
        ("Đã giải quyết gần 30.000 hồ sơ.", "resolved", 30515, 515, "515 more"),
        ("Đã giải quyết khoảng 31.000 hồ sơ.", "resolved", 30515, None, "the same"),
        ("Hồ sơ trả lại: 260 hồ sơ.", "returned", 261, 1, "1 more"),
    ],
)
def test_a_figure_is_beside_ours_in_words(text: str, kpis: str, ours: float, difference: float | None, words: str) -> None:
    figure = one(text)
    assert figure.ours is not None, figure.statement
    assert (" ".join(figure.ours.kpis), figure.ours.value, figure.difference) == (kpis, ours, difference)
    assert figure.verdict.value == ("same" if difference is None else "different")
    assert words in figure.statement.en.replace("\u00a0", " ")
    assert re.search(r"ours: .* as of 01/08/2023 07:00, .*; open: (/v1/figures/\S+ ?)+$", figure.statement.en)
    assert "số của hệ thống" in figure.statement.vi
    assert figure.ours.figures[0].startswith(figure.ours.kpis[0] + "~")
    assert text[figure.at.start : figure.at.end].startswith(figure.printed)


@pytest.mark.parametrize(
    ("text", "printed", "words"),
    [
        ("Ban hành 12 văn bản.", "12", "no counterpart"),
        ("Tiếp nhận 21 phản ánh, kiến nghị.", "21", "no counterpart"),
        ("Số hồ sơ đã giải quyết năm 2023 là 30.515 hồ sơ, tăng 1.200 hồ sơ.", "1.200", "a change"),
        ("Tỷ lệ giải quyết đúng hạn đạt 99,95%, tăng 5% so với năm 2022 (94,95%).", "94,95%", "of another period"),
        ("Tỷ lệ giải quyết đúng hạn tăng từ 94,95% lên 99,95%.", "94,95%", "of another period"),
        ("Tỷ lệ giải quyết đúng hạn đạt 99,95% (mục tiêu 98%).", "98%", "a goal"),
        ("Xã Quỳnh Hội đã giải quyết 1.200 hồ sơ. Xã Quỳnh Phụ giải quyết 90 hồ sơ.", "1.200", "'xã quỳnh hội'"),
    ],
)
def test_what_has_no_counterpart_states_so(text: str, printed: str, words: str) -> None:
    (figure,) = [one for one in compared(text).figures if one.printed.startswith(printed)]
    assert (figure.verdict.value, figure.ours, figure.difference) == ("without_counterpart", None, None)
    assert words in figure.statement.en
    assert figure.statement.vi


def test_at_the_counter_is_all_that_did_not_come_online_where_a_notice_knows_no_third_way() -> None:
    divided = compared("Tiếp nhận mới 30.566 hồ sơ (trực tuyến 24.458 hồ sơ, trực tiếp 6.108 hồ sơ).").figures[2]
    assert divided.ours is not None
    assert divided.ours.kpis == ("received_counter", "received_post")
    alone = one("Tiếp nhận trực tiếp 6.108 hồ sơ.")
    assert alone.ours is not None
    assert alone.ours.kpis == ("received_counter",)


def test_overdue_dossiers_of_no_stated_stage_are_undecided() -> None:
    figure = one("Có 17 hồ sơ quá hạn.")
    assert figure.verdict.value == "undecided"
    assert "leaves it open" in figure.statement.en


def test_a_rate_of_nothing_is_undecided() -> None:
    made = answers.reference()
    made["agency"]["total"]["kpis"]["in_time_share"] |= {"numerator": 0, "denominator": 0, "value": None}
    figure = one("Tỷ lệ giải quyết trước và đúng hạn đạt 100%.", made)
    assert (figure.verdict.value, figure.ours and figure.ours.value) == ("undecided", None)


LISTED = "Hồ sơ quá hạn đã giải quyết 15 hồ sơ, trong đó: {names}."


@pytest.mark.parametrize(
    ("name", "agency"),
    [
        ("An Phượng 01 hồ sơ", "Xã An Phượng"),
        ("UBND xã An Phượng 01 hồ sơ", "Xã An Phượng"),
        ("Phòng Tài chính - Kế hoạch 03 hồ sơ", "Phòng Tài chính - Kế hoạch"),
        ("Tài nguyên và Môi trường: 10 hồ sơ", "Phòng Tài nguyên và Môi trường"),
        ("thị trấn Thanh Hà 00 hồ sơ", "Thị trấn Thanh Hà"),
    ],
)
def test_an_agency_is_found_by_what_notices_call_it(name: str, agency: str) -> None:
    figure = compared(LISTED.format(names=f"{name}; xã Thanh Sơn 00 hồ sơ")).figures[1]
    assert (figure.agency, figure.verdict.value) == (agency, "same"), figure.statement


def test_the_name_of_an_office_may_stand_in_a_sentence() -> None:
    made = answers.reference()
    rows = {row["code"]: row["kpis"]["resolved"]["numerator"] for row in made["agency"]["rows"]}
    text = (
        f"Phòng Tài nguyên và Môi trường đã giải quyết {rows['294.TNMT']} hồ sơ. Phòng Tài chính - Kế hoạch đã giải quyết "
        f"{rows['294.TCKH']} hồ sơ. Thị trấn Thanh Hà đã giải quyết 3 hồ sơ."
    )
    figures = compared(text, made).figures
    agencies = ["Phòng Tài nguyên và Môi trường", "Phòng Tài chính - Kế hoạch", "Thị trấn Thanh Hà"]
    assert [figure.agency for figure in figures] == agencies
    assert [figure.verdict.value for figure in figures] == ["same", "same", "different"]


def test_a_name_of_several_agencies_is_undecided() -> None:
    made = answers.reference()
    rows = {row["code"]: row for row in made["agency"]["rows"]}
    rows["10846"]["name"]["vi"] = rows["10864"]["name"]["vi"]
    figure = compared(LISTED.format(names="An Phượng 01 hồ sơ; xã Thanh Sơn 00 hồ sơ"), made).figures[1]
    assert figure.verdict.value == "undecided"
    assert "several agencies" in figure.statement.en


def test_a_level_is_all_agencies_of_its_kinds_and_opens_each() -> None:
    made = answers.reference()
    communes = [row for row in made["agency"]["rows"] if row["kind"] == "commune"]
    total = sum(row["kpis"]["resolved"]["numerator"] for row in communes)
    text = f"Đã giải quyết 30.515 hồ sơ, trong đó: cấp huyện {30515 - total} hồ sơ, cấp xã {total} hồ sơ."
    of_communes = compared(text, made).figures[2]
    assert (of_communes.agency, of_communes.verdict.value) == ("commune", "same"), of_communes.statement
    assert of_communes.ours is not None
    assert len(of_communes.ours.figures) == len(communes)
    assert [figure.verdict.value for figure in compared(text, made).figures] == ["same"] * 3


def test_every_counterpart_is_of_known_words_and_kpis() -> None:
    known = counterparts()
    assert set(known.kpis) <= set(BY_ID)
    assert {kind for kinds in known.levels.values() for kind in kinds} == {kind.value for kind in AgencyKind}
    measures = vocabulary_values()
    for entry in (*known.count, *known.share):
        assert bool(entry.counts) != (entry.kpi is not None), entry
        for meaning in entry.meaning:
            assert set(meaning.items()) <= measures, meaning
    shares = [entry for entry in known.share if entry.kpi is not None]
    assert all(BY_ID[entry.kpi or ""].unit == "share" for entry in shares)


def vocabulary_values() -> set[tuple[str, str]]:
    """Every value of every dimension that the vocabulary or the engine knows."""
    text = (vocabulary.__wrapped__.__globals__["_FILE"]).read_text()
    return set(re.findall(r'^(\w+) = "(\w+)"$', text, re.MULTILINE))
