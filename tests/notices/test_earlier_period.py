"""Rates of the period against those of an earlier one: entered, or counted by metrics at the same position."""

from __future__ import annotations

from typing import Any

import pytest

from services.notices.audit.checks import check
from services.notices.composition.service import compose
from services.notices.drafting.service import pin_figures
from services.notices.inspections.model import Inspection
from tests.notices.conftest import Workbench
from tests.notices.counted import UNEXPLAINED
from tests.notices.reference import inspection_body, sentences

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


@pytest.mark.parametrize("change", [{}, {"rate": "60.06", "counted_in": JANUARY}])
def test_a_comparison_has_one_source(change: dict[str, Any]) -> None:
    comparison = {"kpi": "online_share", "period": "năm 2022"} | change
    with pytest.raises(ValueError, match="Give either the earlier rate, or the days"):
        Inspection.model_validate(inspection_body(comparisons=[comparison]))
