"""The index of decision 766 in a conclusion: what is stated of it, of which period, and that its points follow from counts."""

from __future__ import annotations

import random
from datetime import date, timedelta

import msgspec
import pytest

from services.metrics.indices.rules import rulesets
from services.metrics.indices.scoring import printed, scored, total
from services.metrics.periods import Period, kind_of
from services.notices.audit.checks import INDEX_CHECK, check, recheck
from services.notices.composition.service import compose
from services.notices.drafting.service import pin_figures
from services.notices.figures.index_766 import Index766, out_of, points_of
from services.notices.figures.index_figures import misscored
from services.notices.figures.index_periods import index_period
from services.notices.figures.model import FigureUnit, Pinned
from services.notices.inspections.model import Inspection
from services.notices.verification.model import moved_figures
from tests.notices.conftest import Workbench
from tests.notices.counted import UNEXPLAINED
from tests.notices.indexed import random_index, with_figures
from tests.notices.reference import inspection, pinned, reference_evidence, sentences


def _stated(given: Pinned) -> Index766:
    assert given.index is not msgspec.UNSET
    return given.index


async def test_the_section_of_the_assessment_states_the_index_that_metrics_gives(workbench: Workbench) -> None:
    given = Inspection.model_validate(UNEXPLAINED)
    found = await pin_figures(workbench.client, given, None)
    period = index_period(given.period.start, given.period.end)
    assert period is not None
    score, ranking = await workbench.client.index(given, period, as_of=str(found.position))
    notice, figures = compose(given, found)
    text = sentences(notice, "assessment")
    assert [one for one in check(notice, figures, found) if not one.ok] == []
    assert (float(figures["index"].stated or 0), float(figures["index.out_of"].stated or 0)) == (score.points, score.out_of)
    assert f"đạt {figures['index'].prose()} điểm trên {figures['index.out_of'].prose()} điểm có số liệu để chấm" in text
    assert "tính theo tháng 2/2023 là kỳ chấm điểm dài nhất nằm trong kỳ kiểm tra" in text
    progress = next(one for one in score.components if one.id == "2.1")
    late = progress.parts[0].causes[0]
    assert figures[f"index.cause.{late.kpi}"].figure_id == late.figure
    lost = figures["index.2.1.lost"].prose()
    assert f"hồ sơ giải quyết trước hạn, đúng hạn {lost} điểm (do {late.dossiers} hồ sơ" in text
    shares = [row.share for row in ranking.rows if row.components["2.1"] is not None]
    best, worst = (next(row for row in ranking.rows if row.share == share) for share in (shares[0], shares[-1]))
    assert figures[f"index.share@{best.agency}"].prose().replace("\u00a0", " ") in text
    assert figures[f"index.share@{worst.agency}"].prose().replace("\u00a0", " ") in text


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 8, 9])
def test_points_are_those_of_metrics_and_no_reader_finds_a_contradiction(seed: int) -> None:
    source = random.Random(seed)
    index = random_index(source, source.choice([0, 1, 3]), known=source.choice([0.3, 0.8, 1]))
    counts = {}
    for component, line in zip(rulesets()[0].component, index.lines, strict=True):
        for part, stated in zip(component.part, line.parts, strict=True):
            counts = {part.numerator: stated.numerator, part.denominator: stated.denominator}
            assert stated.points == scored(msgspec.structs.replace(component, part=(part,)), counts).parts[0].points
        of_line = {part.numerator: one.numerator for part, one in zip(component.part, line.parts, strict=True)}
        of_line |= {part.denominator: one.denominator for part, one in zip(component.part, line.parts, strict=True)}
        if len(of_line) == 2 * len(line.parts):
            assert (line.points or 0, line.out_of) == total([scored(component, of_line)])
    found = with_figures(index)
    notice, figures = compose(inspection(), found, reference_evidence())
    assert [one for one in check(notice, figures, found) if not one.ok] == []
    text = sentences(notice, "assessment")
    assert float(figures["index"].stated or 0) == printed(points_of(index.lines))
    assert ("Cách tính áp dụng từ ngày 01/01/2026" in text) is bool(out_of(index.lines))
    added = sum(round(100 * float(figures[f"index.group{n}"].stated or 0)) for n in range(1, len(index.groups) + 1))
    off = added != round(100 * float(figures["index"].stated or 0))
    assert ("nên cộng lại có thể lệch so với tổng" in text) is (off and bool(out_of(index.lines)))


def test_a_figure_of_the_index_that_does_not_follow_is_found() -> None:
    found = with_figures(random_index(random.Random(5), known=1))
    notice, figures = compose(inspection(), found)
    keys = [key for key in figures if key.startswith("index")]
    assert {"index", "index.group5", "index.4.1.lost"} < {*keys}
    for key in keys:
        figure = figures[key]
        other = (
            msgspec.structs.replace(figure, stated="1.23")
            if figure.unit is not FigureUnit.count
            else msgspec.structs.replace(figure, numerator=figure.size + 1)
        )
        assert [one.partition(" ")[0] for one in misscored(_stated(found), figures | {key: other})] == [key]
        # Who asks later whether figures moved is told of points, too.
        assert [one.key for one in moved_figures({key: figure}, {key: other})] == [key]
    without = {key: one for key, one in figures.items() if key != "index"}
    assert any(one.name == INDEX_CHECK and not one.ok for one in recheck(notice, without, found))


def test_what_is_not_known_is_said_so_and_no_agency_without_dossiers_is_the_best() -> None:
    nothing = with_figures(random_index(random.Random(2), 0, known=0))
    said = sentences(compose(inspection(), nothing)[0], "assessment")
    assert "chưa có số liệu để chấm điểm, tính theo tháng 6/2023" in said
    assert "0 điểm" not in said
    some = with_figures(random_index(random.Random(3), 1))
    assert "Tỷ lệ điểm đạt" not in sentences(compose(inspection(), some)[0], "assessment")
    equal = random_index(random.Random(3), 3)
    equal = msgspec.structs.replace(equal, agencies=tuple(msgspec.structs.replace(one, share=0.5) for one in equal.agencies))
    assert "đều đạt 50 % số điểm được chấm" in sentences(compose(inspection(), with_figures(equal))[0], "assessment")
    short = inspection(period={"from": "2023-03-02", "to": "2023-03-20"})
    assert "không được chấm, do kỳ kiểm tra không trọn tháng nào" in sentences(compose(short, pinned())[0], "assessment")


def test_the_period_taken_is_the_longest_of_the_index_inside_the_inspected_days() -> None:
    assert index_period(date(2022, 12, 15), date(2023, 7, 20)) == (
        date(2022, 12, 15),
        date(2023, 6, 14),
        "kỳ báo cáo 6 tháng đầu năm 2023 (từ ngày 15/12/2022 đến ngày 14/6/2023)",
    )
    assert index_period(date(2026, 1, 1), date(2026, 9, 30)) == (date(2026, 7, 1), date(2026, 9, 30), "quý III/2026")
    assert index_period(date(2025, 1, 1), date(2025, 12, 31)) == (date(2025, 1, 1), date(2025, 12, 31), "năm 2025")
    assert index_period(date(2025, 3, 2), date(2025, 3, 30)) is None
    source = random.Random(766)
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}
    for _ in range(40):
        since = date(2024, 1, 1) + timedelta(days=source.randrange(400))
        until = since + timedelta(days=source.randrange(130))
        days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
        ends = [day for day in days if day.day == 14 or (day + timedelta(days=1)).day == 1]
        inside = {
            kind: (months[kind.partition("_")[2]], kind.startswith("civil"), last)
            for last in ends
            for first in days
            if first.day in (1, 15) and first < last and (kind := kind_of(Period(first, last))) != "other"
        }
        found = index_period(since, until)
        longest = max(inside, key=lambda one: inside[one], default=None)
        assert (found is None) is (longest is None)
        if found is not None and longest is not None:
            assert (kind_of(Period(found.since, found.until)), found.until) == (longest, inside[longest][2])
