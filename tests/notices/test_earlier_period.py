"""Rates of the period against those of an earlier one: entered, or counted by metrics at the same position."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.notices.audit.checks import check
from services.notices.composition.service import compose
from services.notices.drafting.service import pin_figures
from services.notices.figures.pinning import with_earlier
from services.notices.inspections.model import Inspection
from shared.contracts.kpis import KpiResponse, Reason, Text, UnitRow
from tests.notices import answers
from tests.notices.conftest import Workbench
from tests.notices.counted import UNEXPLAINED
from tests.notices.reference import inspection, inspection_body, pinned, sentences

JANUARY = {"from": "2023-01-02", "to": "2023-01-31"}
BEFORE_DATA = {"from": "2019-12-02", "to": "2019-12-20"}
BEFORE_ANYTHING = {"from": "2018-01-01", "to": "2018-12-31"}


async def pinned_with(workbench: Workbench, *comparisons: dict[str, Any]) -> tuple[Inspection, Any]:
    given = Inspection.model_validate(UNEXPLAINED | {"comparisons": list(comparisons)})
    return given, await pin_figures(workbench.client, given, None)


async def test_a_rate_is_compared_with_the_one_that_metrics_counts_of_the_earlier_days(workbench: Workbench) -> None:
    comparison = {"kpi": "online_share", "period": "năm 2022", "counted_in": JANUARY}
    given, pinned = await pinned_with(workbench, comparison)
    before = pinned.figures["before.online_share"]
    assert before.figure_id
    assert before.denominator
    notice, figures = compose(given, pinned)
    text = sentences(notice, "achievements") + sentences(notice, "shortcomings")
    assert f"điểm phần trăm so với tỷ lệ {before.prose()} của năm 2022".replace("\u00a0", " ") in text
    assert figures["change.online_share"].value == figures["online_share"].value - before.value
    assert [one for one in check(notice, figures, pinned) if not one.ok] == []


@pytest.mark.parametrize("days", [BEFORE_DATA, BEFORE_ANYTHING], ids=["before data", "before the scope"])
async def test_days_before_the_first_data_are_not_compared(workbench: Workbench, days: dict[str, str]) -> None:
    given, pinned = await pinned_with(workbench, {"kpi": "online_share", "period": "năm 2018", "counted_in": days})
    notice, figures = compose(given, pinned)
    assert "change.online_share" not in figures
    assert "năm 2018" not in sentences(notice, "achievements") + sentences(notice, "shortcomings")
    assert "không so sánh tỷ lệ hồ sơ nộp trực tuyến với năm 2018, do" in sentences(notice, "preamble")


def test_shares_of_days_whose_sources_are_missing_are_compared_with_care() -> None:
    made = msgspec.convert(answers.reference()["total"], KpiResponse[UnitRow])
    missing = msgspec.structs.replace(made.freshness, complete=False, reasons=[Reason("behind", 3, None, Text("chờ", "wait"))])
    given = inspection(comparisons=[{"kpi": "online_share", "period": "năm 2022", "counted_in": BEFORE_DATA}])
    for freshness, stated in ((made.freshness, False), (missing, True)):
        earlier = with_earlier(pinned(), msgspec.structs.replace(made, freshness=freshness))
        notice, figures = compose(given, earlier)
        assert "change.online_share" in figures
        doubt = "số liệu của năm 2022 chưa đầy đủ, việc so sánh"
        assert (doubt in sentences(notice, "preamble")) == stated


def test_the_earlier_days_end_before_the_period_begins() -> None:
    comparison = {"kpi": "online_share", "period": "kỳ trước", "counted_in": {"from": "2022-01-01", "to": "2022-12-15"}}
    with pytest.raises(ValueError, match="must end before the period begins"):
        Inspection.model_validate(inspection_body(comparisons=[comparison]))


@pytest.mark.parametrize("change", [{}, {"rate": "60.06", "counted_in": JANUARY}])
def test_a_comparison_has_one_source(change: dict[str, Any]) -> None:
    comparison = {"kpi": "online_share", "period": "năm 2022"} | change
    with pytest.raises(ValueError, match="Give either the earlier rate, or the days"):
        Inspection.model_validate(inspection_body(comparisons=[comparison]))
