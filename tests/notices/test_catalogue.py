"""What KPIs are made of is asked of metrics: which way one is better, what adds up to it, what must hold between them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.notices.audit.checks import check
from services.notices.composition.service import compose
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.model import Figure, Pinned
from shared.errors import Invalid, Unavailable
from tests.notices import answers
from tests.notices.conftest import Services, Workbench
from tests.notices.reference import composed, inspection, pinned, sentences

FELL = {"kpi": "digitised_intake", "period": "năm 2022", "rate": "99.00"}
WRONG = {"name": "as many are returned as are withdrawn", "left": ["returned"], "relation": "=", "right": ["withdrawn"]}


def changed(kpi: str, **to: Any) -> dict[str, Any]:
    """The catalogue with one KPI told otherwise."""
    catalogue = answers.catalogue()
    return catalogue | {"kpis": [one | to if one["id"] == kpi else one for one in catalogue["kpis"]]}


def test_a_direction_turned_in_the_catalogue_turns_the_sentence() -> None:
    stated = inspection(comparisons=[FELL])
    as_it_is, _ = compose(stated, pinned())
    turned, _ = compose(stated, pinned(catalogue=changed("digitised_intake", better="lower")))
    words = "tỷ lệ số hóa thành phần hồ sơ khi tiếp nhận {} 98,89 %, giảm 0,11 điểm phần trăm so với tỷ lệ 99 % của năm 2022"
    assert words.format("đạt") in sentences(as_it_is, "shortcomings")
    assert words.format("còn") not in sentences(as_it_is, "achievements")
    assert words.format("còn") in sentences(turned, "achievements")
    assert "kém hơn kỳ so sánh" not in sentences(turned, "shortcomings")


def test_a_target_is_missed_from_the_side_that_is_worse() -> None:
    stated = inspection(targets={"digitised_result": "99.00"})
    assert "chưa đạt mục tiêu" in sentences(compose(stated, pinned())[0], "shortcomings")
    turned = pinned(catalogue=changed("digitised_result", better="lower"))
    assert "chưa đạt mục tiêu" not in sentences(compose(stated, turned)[0], "shortcomings")


async def test_a_balance_added_to_the_catalogue_is_checked_in_the_next_draft_which_keeps_it(workbench: Workbench) -> None:
    def add_balance(path: str, _query: object, body: dict[str, Any]) -> None:
        if path.endswith("/catalogue"):
            body["balances"].append(WRONG)

    workbench.proxy.change = add_balance
    row = await workbench.attempt(await workbench.order())
    async with workbench.database.transaction() as tx:
        content = await notices_store.content(tx, row.id)
    figures = msgspec.json.decode(content.figures, type=dict[str, Figure])
    returned, withdrawn = (figures[kpi].size for kpi in ("returned", "withdrawn"))
    assert returned != withdrawn
    failed = {one["name"]: one["detail"] for one in msgspec.json.decode(content.checks) if not one["ok"]}
    assert failed == {WRONG["name"]: f"the whole: {returned} against {withdrawn}"}
    kept = msgspec.json.decode(content.pinned, type=Pinned).catalogue
    assert kept.balances[-1].name == WRONG["name"]
    assert kept["overdue_share"].base == ("resolved",)


def test_a_balance_whose_figures_metrics_does_not_give_does_not_pass() -> None:
    figures = pinned(catalogue={**answers.catalogue(), "balances": [WRONG]})
    notice, used = compose(inspection(), figures)
    failed = [(one.name, one.detail) for one in check(notice, used, figures) if not one.ok]
    assert failed == [(WRONG["name"], "the whole: metrics did not give all its figures")]


def test_parts_of_the_catalogue_are_checked_wherever_they_are_pinned() -> None:
    made = answers.reference()
    made["procedure"]["rows"][0]["kpis"]["interlinked_resolved"]["numerator"] += 1
    made["total"]["total"]["kpis"]["overdue_share"]["numerator"] += 1
    figures = pinned(made)
    notice, used = compose(inspection(), figures)
    failed = {one.name: one.detail for one in check(notice, used, figures) if not one.ok}
    assert failed["overdue_share = resolved_overdue / resolved"] == "the whole: 16/30515 against 15/30515"
    name = made["procedure"]["rows"][0]["name"]["vi"]
    assert failed["interlinked_resolved = interlinked_resolved_in_time + interlinked_resolved_overdue"].startswith(name)


def test_dossiers_of_no_stated_channel_are_no_fault_of_the_figures_but_of_the_text_that_leaves_them_out() -> None:
    made = answers.reference()
    row = next(row for row in made["agency"]["rows"] if row["code"] == "10864")
    for figures in (made["total"]["total"]["kpis"], row["kpis"]):
        figures["received_counter"]["numerator"] -= 1
        figures["received_unstated"]["numerator"] += 1
    drafted, used = composed(made)
    failed = {one.name for one in check(drafted, used, pinned(made)) if not one.ok}
    assert failed == {"a reader of the text finds no contradiction", "the annexes add up, by rows and by columns"}


def test_figures_counted_by_another_rule_than_the_catalogue_tells_are_not_pinned() -> None:
    with pytest.raises(Unavailable, match="resolved@1"):
        pinned(catalogue=changed("resolved", rule="resolved@2"))


@pytest.mark.parametrize("kpi", ["resolved", "no_such_kpi", "processing_days_mean"])
def test_what_is_no_share_cannot_be_compared(kpi: str) -> None:
    with pytest.raises(Invalid, match=f"'{kpi}'.*overdue_share"):
        composed(comparisons=[{"kpi": kpi, "period": "năm 2022", "rate": "1"}])


async def test_any_share_of_the_real_catalogue_can_be_compared_and_nothing_else(services: Services) -> None:
    refused = services.order(comparisons=[{"kpi": "resolved", "period": "năm 2022", "rate": "1"}])
    assert refused.status_code == 422
    assert "late_share" in refused.json()["detail"]
    notice = services.drafted(comparisons=[{"kpi": "late_share", "period": "năm 2022", "rate": "0"}])
    said = " ".join(one["text"] for section in notice["sections"] for one in section["paragraphs"])
    assert "tỷ lệ quá hạn trên tổng số là " in said
    assert notice["figures"]["late_share"]["figure_id"]
    names = {check["name"] for check in notice["checks"]}
    assert {"overdue_share = resolved_overdue / resolved", "every overdue dossier is counted under one cause"} <= names
