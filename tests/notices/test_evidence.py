"""Evidence: what answers an item, what the answers add up to, and the template of the year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from services.notices.evidence.aggregates import add_totals, measured
from services.notices.evidence.model import MEASURES, EvidenceItem, EvidenceSet
from services.notices.evidence.templates import template_of, templates
from services.notices.figures.model import FigureSet
from services.notices.inspections.outline import SECTIONS
from tests.notices.reference import pinned

TEMPLATE = template_of(2023)
AN_PHUONG, THANH_HONG, THANH_SON = "10864@2019-12-01", "10879@2019-12-01", "10867@2019-12-01"


def evidence(*items: EvidenceItem) -> EvidenceSet:
    return EvidenceSet(3, TEMPLATE, items)


def answer(item: str, agency: str | None = None, **values: object) -> EvidenceItem:
    return EvidenceItem(item=item, agency=agency, **values)  # type: ignore[arg-type]


def test_agencies_by_mark_are_figures_that_open_to_their_answers() -> None:
    figures = FigureSet(pinned())
    add_totals(
        figures,
        evidence(
            answer("publication.posted", AN_PHUONG, mark="met"),
            answer("publication.posted", THANH_HONG, mark="partly"),
            answer("publication.posted", "294.TP@2019-12-01", mark="met"),
        ),
    )
    stated = {measure: figures[f"evidence.publication.posted.{measure}"] for measure in MEASURES["mark"]}
    assert [stated[name].size for name in ("answered", "met", "partly", "not_met")] == [3, 2, 1, 0]
    assert stated["met_rate"].value == Decimal("66.67")
    assert stated["met"].evidence is not None
    assert (stated["met"].evidence.item, stated["met"].evidence.version) == ("publication.posted", 3)
    assert "evidence.publication.web.met" not in figures  # nobody answered it


def test_reports_late_are_counted_and_their_agencies_once() -> None:
    due = date(2023, 6, 15)
    found = evidence(
        answer("reporting.reports", AN_PHUONG, about="Báo cáo quý I", due=due, on=date(2023, 6, 18)),
        answer("reporting.reports", AN_PHUONG, about="Báo cáo quý II", due=due),
        answer("reporting.reports", THANH_HONG, about="Báo cáo quý I", days=1),
        answer("reporting.reports", THANH_SON, about="Báo cáo quý I", due=due, on=due),
    )
    figures = FigureSet(pinned())
    assert found.subjects("reporting.reports", "late") == (AN_PHUONG, THANH_HONG)
    names = ("count", "late_reports", "late", "days", "met", "not_met")
    assert [measured(figures, found, "reporting.reports", name).size for name in names] == [4, 3, 2, 3, 1, 2]  # type: ignore[arg-type]
    assert measured(figures, found, "reporting.reports", "late_reports", AN_PHUONG).size == 2
    assert found.mark("reporting.reports", AN_PHUONG) == "not_met"


def test_levels_answer_for_themselves_or_by_their_agencies() -> None:
    found = evidence(
        EvidenceItem(item="review.repealed", level="office", about="Nông nghiệp", count=2),
        EvidenceItem(item="review.repealed", level="commune", about="Người có công", count=1),
        answer("tasks.assigned", AN_PHUONG, count=9, of=10),
        answer("tasks.assigned", "294.TP@2019-12-01", count=5, of=5),
    )
    figures = FigureSet(pinned())
    assert measured(figures, found, "review.repealed", "count", "group:office").size == 2
    assert measured(figures, found, "review.repealed", "count", "group:office", "Nông nghiệp").size == 2
    assert measured(figures, found, "tasks.assigned", "rate", "group:commune").value == Decimal("90.00")
    assert measured(figures, found, "tasks.assigned", "met", "group:office").size == 1
    assert measured(figures, found, "tasks.assigned", "rate").value == Decimal("93.33")


@pytest.mark.parametrize(("points", "grade"), [(15, "excellent"), (14, "good"), (6, "average"), (0, "weak")])
def test_an_agency_has_the_grade_of_its_worst_quarter(points: int, grade: str) -> None:
    found = evidence(
        answer("assessment.points", AN_PHUONG, about="quý I/2023", count=points, of=18),
        answer("assessment.points", AN_PHUONG, about="quý II/2023", count=18, of=18),
    )
    assert found.grade("assessment.points", AN_PHUONG) == grade
    assert measured(FigureSet(pinned()), found, "assessment.points", grade).size == 1


def test_codes_of_agencies_become_their_keys() -> None:
    found = evidence(answer("desk.steady", "10864", mark="met")).with_keys(pinned().agencies)
    assert found.subjects("desk.steady", "met") == (AN_PHUONG,)


def test_templates_are_whole() -> None:
    sections = {section.id for section in SECTIONS}
    for template in templates():
        ids = [item.id for item in template.items]
        assert len(set(ids)) == len(ids)
        assert {item.section for item in template.items} <= sections
        assert {item.sums_to for item in template.items} <= {None, *ids}
        assert template.grade(0) == "weak"
        for item in template.items:
            assert item.unit or item.kind in ("mark", "day", "days"), item.id
    assert template_of(1999) is templates()[-1]
