"""What a conclusion states from evidence: its sources, shortcomings, recommendations, and the words for who was inspected."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from datetime import date
from typing import Any

import msgspec
import pytest

from services.notices.audit.checks import check
from services.notices.composition.excerpts import excerpt
from services.notices.composition.model import Heading, Paragraph, plain_text, words
from services.notices.composition.recommendations import RECOMMENDED
from services.notices.composition.service import compose
from services.notices.composition.shortcomings.counted import COUNTED
from services.notices.composition.shortcomings.faults import TOPICS
from services.notices.composition.thresholds import THRESHOLDS, read_thresholds
from services.notices.evidence.model import EvidenceItem, EvidenceSet
from services.notices.evidence.templates import template_named
from shared.errors import Invalid
from tests.notices import answers
from tests.notices.reference import composed, inspection, nothing_of, pinned, reference_evidence, sentences, without

TEMPLATE = template_named(2023)
ALONE: dict[str, Any] = {"overdue_causes": [], "pending_causes": [], "comparisons": [], "findings": {}, "targets": {}}
AN_PHUONG, THANH_HONG, TU_PHAP = "10864@2019-12-01", "10879@2019-12-01", "294.TP@2019-12-01"


def of(*items: EvidenceItem) -> EvidenceSet:
    return EvidenceSet(1, TEMPLATE, items)


def marked(item: str, **marks: str) -> list[EvidenceItem]:
    """Everybody meets an item, but those of other marks, by code without its dots."""
    return [
        EvidenceItem(item=item, agency=agency.key, mark=marks.get("_" + agency.code.replace(".", ""), "met"))  # type: ignore[arg-type]
        for agency in pinned().agencies
    ]


def section(notice: Any, name: str) -> list[Paragraph]:
    return [block for block in notice.body if isinstance(block, Paragraph) and block.section == name]


def test_four_fifths_of_the_reference_conclusion_are_figures_or_evidence_and_a_tenth_is_typed_at_most() -> None:
    sources = Counter(block.source for block in composed()[0].body if isinstance(block, Paragraph))
    whole = sources.total()
    assert whole >= 80
    assert sources["figures"] + sources["evidence"] >= 0.8 * whole, sources
    assert sources["findings"] <= 0.1 * whole, sources


def test_what_was_not_established_is_not_stated() -> None:
    notice, _ = compose(inspection(), pinned(), of())
    assert {block.section for block in notice.body if isinstance(block, Paragraph)} == {
        *("preamble", "handling", "internal_process", "online_service", "achievements", "shortcomings", "causes"),
        "recommendations",
    }


def test_all_some_and_none_are_worded_apart_with_those_who_fall_short() -> None:
    item = "leadership.catalogue_updated"

    def text(**marks: str) -> str:
        return sentences(compose(inspection(), pinned(), of(*marked(item, **marks)))[0], "leadership")

    done = "cập nhật, công khai kịp thời danh mục TTHC thuộc thẩm quyền"
    assert text() == f"Các cơ quan, đơn vị (32/32) đều {done}."
    assert text(_10864="partly", _294TP="not_met") == (
        f"30/32 cơ quan, đơn vị (đạt 93,75 %) {done}; 01 cơ quan, đơn vị thực hiện chưa đầy đủ: An Phượng; 01 cơ quan, đơn "
        "vị chưa thực hiện: Tư pháp."
    )
    nobody = {"_" + agency.code.replace(".", ""): "not_met" for agency in pinned().agencies}
    assert text(**nobody) == f"Chưa có cơ quan, đơn vị nào {done}."
    one = EvidenceItem(item=item, agency=AN_PHUONG, mark="not_met")
    assert sentences(compose(inspection(), pinned(), of(one))[0], "leadership") == f"Xã An Phượng chưa {done}."


def test_who_falls_short_is_named_with_what_was_noted_and_everyone_is_counted_once() -> None:
    fees = marked("desk.fees_posted", _10864="not_met", _10879="partly")
    noted = [
        msgspec.structs.replace(one, note="thiếu bảng niêm yết", citation="Biên bản số 5/BB-ĐKT ngày 20/7/2023")
        if one.agency == AN_PHUONG
        else one
        for one in fees
    ]
    notice, figures = compose(inspection(), pinned(), of(*noted, *marked("publication.posted"), *marked("desk.steady")))
    stated = sentences(notice, "one_stop")
    assert "thực hiện chưa đầy đủ: Thanh Hồng; 01 cơ quan" in stated
    assert "chưa thực hiện: An Phượng (thiếu bảng niêm yết theo Biên bản số 5/BB-ĐKT ngày 20/7/2023)." in stated
    assert sentences(notice, "publication").startswith("Các cơ quan, đơn vị (32/32) đều niêm yết")
    assert stated.startswith("Các cơ quan, đơn vị đều duy trì")
    assert [one for one in check(notice, figures, pinned()) if not one.ok] == []


def test_evidence_of_an_agency_that_left_the_scope_is_refused_by_its_name() -> None:
    with pytest.raises(Invalid, match="99999@2019-12-01"):
        compose(inspection(), pinned(), of(EvidenceItem(item="desk.steady", agency="99999@2019-12-01", mark="met")))


def test_a_rate_that_is_a_little_below_the_whole_is_no_shortcoming() -> None:
    made = world("district", [("1", "Xã Một", "commune"), ("2", "Xã Hai", "commune")])
    notice, _ = compose(inspection(**ALONE), pinned(made), of())
    assert "online" not in {one.kind for one in notice.shortcomings}


def test_a_shortcoming_has_its_agencies_its_figures_and_a_recommendation_with_addressees_and_a_deadline() -> None:
    notice, figures = composed()
    by_kind = {one.kind: one for one in notice.shortcomings}
    assert by_kind["reporting"].agencies == (AN_PHUONG, THANH_HONG)
    assert set(by_kind["late"].figures) <= figures.keys()
    asked = {one.key: one for one in notice.recommendations}
    assert {one.shortcoming for one in asked.values() if one.shortcoming} == by_kind.keys()
    assert asked["reporting"].addressees == (AN_PHUONG, THANH_HONG)
    assert asked["late"].deadline == date(2023, 9, 14)
    assert asked["late"].text.startswith(
        "Đối với Phòng Tài chính - Kế hoạch; Phòng Tài nguyên và Môi trường; UBND xã Thanh Hải; UBND xã An Phượng: giải trình"
    )
    assert asked["late"].text.endswith("hoàn thành trước ngày 14/9/2023.")
    assert asked["digitised"].addressees == ()
    stated = [words(block) for block in section(notice, "recommendations")]
    assert [one.text for one in notice.recommendations] == stated[1:-1]
    sooner, _ = composed(deadline="2023-08-31")
    assert "hoàn thành trước ngày 31/8/2023." in sentences(sooner, "recommendations")


def test_every_kind_of_shortcoming_leads_to_a_recommendation() -> None:
    kinds = {"late", "returned", "refused", "suspended", "contradictory", "online", "digitised", "payment", "satisfaction"}
    kinds |= {"feedback", "steps", "rates", "sample_faults", "communication", "reporting", "tasks", "payment_since", *TOPICS}
    kinds |= {"grades", "officials", "harassment", "plan", "satisfaction_examined"}
    assert kinds == RECOMMENDED.keys()
    assert len(COUNTED) == 12


def test_a_gap_of_any_topic_is_a_shortcoming_and_is_asked_to_be_closed() -> None:
    found = of(*marked("desk.fees_posted", _10864="not_met"), *marked("publication.posted", _10879="partly"))
    notice, figures = compose(inspection(), pinned(), found)
    assert {"desk", "publication"} <= {one.kind for one in notice.shortcomings}
    assert "chưa công khai đầy đủ phí, lệ phí (An Phượng)" in sentences(notice, "shortcomings")
    assert "Đối với UBND xã Thanh Hồng: niêm yết, công khai đầy đủ TTHC" in sentences(notice, "recommendations")
    assert [one for one in check(notice, figures, pinned()) if not one.ok] == []


def with_further() -> dict[str, dict[str, Any]]:
    """The reference answers with dossiers refused and suspended at An Phượng, and shares of manual inputs that are low."""
    made = answers.reference()
    for kpi, count in (("refused", 900), ("suspended", 60)):
        for row in made["agency"]["rows"]:
            here = count if row["code"] == "10864" else 0
            row["kpis"][kpi] = msgspec.to_builtins(answers.figure(kpi, here, where=row["code"]))
        made["total"]["total"]["kpis"][kpi] = msgspec.to_builtins(answers.figure(kpi, count))
    for kpi, part, base in (("online_payment_share", 10, 40), ("satisfaction", 80, 100), ("feedback_in_time_share", 3, 4)):
        for row in made["agency"]["rows"]:
            row["kpis"][kpi] = msgspec.to_builtins(answers.figure(kpi, 0, 0, row["code"]))
        made["total"]["total"]["kpis"][kpi] = msgspec.to_builtins(answers.figure(kpi, part, base))
    return made


def test_payment_satisfaction_feedback_refusals_and_suspensions_are_stated_from_their_kpis() -> None:
    made = with_further()
    given = pinned(made)
    notice, figures = compose(inspection(), given, without("satisfaction", "feedback"))
    assert "Thanh toán trực tuyến 10/40 hồ sơ phải nộp phí, lệ phí, đạt 25 %." in sentences(notice, "online_service")
    assert "Mức độ hài lòng: 80/100 ý kiến hài lòng, đạt 80 %." in sentences(notice, "assessment")
    assert "được xử lý đúng hạn đạt 75 % (03/04)" in sentences(notice, "feedback")
    assert "có 900 hồ sơ bị từ chối tiếp nhận (đều thuộc An Phượng)" in sentences(notice, "handling")
    wanting = {"refused", "suspended", "payment", "satisfaction", "feedback"}
    assert wanting <= {one.kind for one in notice.shortcomings}
    assert wanting <= {one.shortcoming for one in notice.recommendations}
    assert [one for one in check(notice, figures, given) if not one.ok] == []


def test_thresholds_are_data() -> None:
    text = b"""max_agencies = 3
max_lowest = 2
max_best = 1
min_lead = 1
min_gap = 5
deadline_days = 10
praise = {in_time_share = 99.9}
below = {satisfaction = 90}
above = {returned_share = 1.5}"""
    other = read_thresholds(text)
    share = composed()[1]["returned_share"].value
    assert THRESHOLDS.is_too_high("returned_share", share)
    assert not other.is_too_high("returned_share", share)
    assert not other.is_too_low("satisfaction", None)
    with pytest.raises(msgspec.ValidationError):
        read_thresholds(b"max_agencies = 3")


def test_the_agencies_of_a_part_stand_behind_it_also_where_another_part_is_nothing() -> None:
    none_within = nothing_of("in_process_within_limit")
    assert "quá hạn 02 hồ sơ (đều thuộc Tài nguyên và Môi trường), không có hồ sơ trong hạn" in sentences(
        composed(none_within)[0], "handling"
    )


def world(kind: str, agencies: list[tuple[str, str, str]]) -> dict[str, dict[str, Any]]:
    """The reference answers of a scope of a kind, with the first agencies under other codes, names and kinds."""
    made = answers.reference()
    of_reference = made["agency"]["rows"]
    rows = [deepcopy(of_reference[place % len(of_reference)]) for place in range(len(agencies))]
    for row, (code, name, of_kind) in zip(rows, agencies, strict=True):
        row |= {"agency": f"{code}@2025-07-01", "code": code, "kind": of_kind}
        row["name"] = {"vi": name, "en": name}
    totals = dict.fromkeys(rows[0]["kpis"], 0)
    for one in made.values():
        one["scope"]["kind"] = kind
    for kpi in totals:
        for of_one in ("total", "agency"):
            whole = made[of_one]["total"]["kpis"][kpi]
            whole["numerator"] = sum(row["kpis"][kpi]["numerator"] for row in rows)
            if whole["denominator"] is not None:
                whole["denominator"] = sum(row["kpis"][kpi]["denominator"] for row in rows)
    made["agency"]["rows"] = rows
    return made


ISSUERS = [
    (
        "province",
        "tỉnh",
        [("01.SNV", "Sở Nội vụ", "office"), ("1", "Xã Thanh Hà", "commune"), ("2", "Phường Ái Quốc", "commune"),
         ("3", "Đặc khu Cát Hải", "commune")],
        ("toàn tỉnh", "Sở, ban, ngành", "Xã, phường, đặc khu"),
    ),
    (
        "commune",
        "xã",
        [("1.KT", "Phòng Kinh tế", "office"), ("1.VH", "Phòng Văn hóa - Xã hội", "office")],
        ("toàn xã", "Phòng Kinh tế", "Phòng Văn hóa - Xã hội"),
    ),
    ("office", "sở",
     [("01.STP", "Sở Tư pháp", "office")],
     ("Sở Tư pháp tiếp nhận", "Sở Tư pháp có trách nhiệm", "Sở Tư pháp đã thường xuyên cập nhật")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "territory", "agencies", "texts"), ISSUERS, ids=[one[0] for one in ISSUERS])
def test_a_province_a_commune_and_a_single_agency_have_words_of_their_own(
    kind: str, territory: str, agencies: list[tuple[str, str, str]], texts: tuple[str, ...]
) -> None:
    issuer = inspection().issuer.model_dump() | {"territory": territory, "name": "Ủy ban nhân dân", "short_name": "UBND"}
    given = inspection(issuer=issuer, overdue_causes=[], pending_causes=[], comparisons=[])
    made = world(kind, agencies)
    figures_of = pinned(made)
    found = of(
        *(EvidenceItem(item="publication.updated", agency=code, mark="met") for code, _, _ in agencies),
        *(EvidenceItem(item="publication.posted", agency=code, mark="met") for code, _, _ in agencies),
    )
    notice, _ = compose(given, figures_of, found)
    printed = plain_text(notice) + "\n" + "\n".join(row.cells[1].text for annex in notice.annexes for row in annex.rows)
    for text in texts:
        assert text in printed, text
    own = [block for block in notice.body if isinstance(block, Paragraph)]
    texts_of_ours = [words(block) for block in own if block.section not in ("preamble", "recommendations")]
    assert not [text for text in texts_of_ours if "huyện" in text]
    assert "thị trấn" not in "".join(row.cells[1].text for annex in notice.annexes for row in annex.rows)


def test_an_excerpt_holds_what_concerns_an_agency_and_the_dossiers_that_it_has_to_look_into() -> None:
    notice, figures = composed()
    given = pinned()
    agency = next(one for one in given.agencies if one.key == AN_PHUONG)
    found = excerpt(notice, figures, given, agency)
    keys = [one.key for one in found.paragraphs]
    assert {"handling.resolved", "communication.reports", "shortcomings.reporting", "other_tasks.quality"} <= set(keys)
    assert "shortcomings.returned" not in keys
    assert {one.key for one in found.recommendations} >= {"late", "reporting", "tasks", "digitised"}
    assert "online" not in {one.key for one in found.recommendations}
    assert [(one.figure, one.count) for one in found.worklist] == [(f"resolved_overdue@{AN_PHUONG}", 1)]
    assert [one.annex for one in found.rows] == ["by_agency", "online"]


def test_the_reference_evidence_leaves_no_heading_empty() -> None:
    notice, figures = composed()
    assert reference_evidence().items
    blocks = list(notice.body)
    for place, block in enumerate(blocks[:-1]):
        after = blocks[place + 1]
        if isinstance(block, Heading) and isinstance(after, Heading):
            assert after.level > block.level
    assert [one for one in check(notice, figures, pinned()) if not one.ok] == []
