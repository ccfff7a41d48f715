"""Evidence: what answers an item, what the answers add up to, and the template of the year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from services.notices.evidence.aggregates import add_totals, measured
from services.notices.evidence.entries import Checked, EvidenceEntry, check_entries
from services.notices.evidence.model import MEASURES, EvidenceItem, EvidenceItems, EvidenceSet
from services.notices.evidence.templates import template_named, template_of, templates
from services.notices.figures.model import FigureSet
from services.notices.inspections.outline import SECTIONS
from tests.notices.reference import pinned, reference_evidence

TEMPLATE = template_named(2023)
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
    assert template_of(date(1999, 1, 1)) is templates()[-1]
    assert [template_of(date(2025, 6, 29 + day)).year for day in (0, 1)] == [2023, 2023]
    assert template_of(date(2025, 7, 1)).year == 2025
    assert {level.scope for level in template_of(date(2026, 1, 1)).levels} == {"province", "commune"}


def checked(*entries: Mapping[str, object], present: EvidenceItems = ()) -> Checked:
    read = [EvidenceEntry.model_validate(one) for one in entries]
    return check_entries(read, TEMPLATE, pinned().agencies, reported_on=date(2023, 8, 15), present=present)


def test_the_reference_evidence_gives_the_figures_of_the_reference() -> None:
    found, figures = reference_evidence(), FigureSet(pinned())
    add_totals(figures, found)
    for key, number in {
        "publication.posted.met": 32,
        "staffing.contact.met": 32,
        "assessment.points.excellent": 32,
        "feedback.coordinated.count": 1,
        "reporting.reports.late": 2,
        "tasks.plan.count": 30,
        "tasks.plan.of": 32,
        "review.repealed.count": 3,
    }.items():
        assert figures[f"evidence.{key}"].size == number, key
    assert figures["evidence.tasks.plan.rate"].value == Decimal("93.75")
    assert figures["evidence.assessment.officials.rate"].value == Decimal(100)
    assert set(found.subjects("reporting.reports", "late")) == {AN_PHUONG, THANH_HONG}
    assert len(found.subjects("communication.web", "partly")) == 3
    assert found.first_day("payment.since") == date(2023, 7, 1)
    assert measured(figures, found, "review.corrected", "count", "group:office", "Đường bộ").size == 12


def test_one_entry_stands_for_all_agencies_without_their_own() -> None:
    found = checked(
        {"item": "desk.steady", "agencies": ["*"], "mark": "met"}, {"item": "desk.steady", "agency": "10864", "mark": "partly"}
    )
    assert not found.faults
    assert len(found.items) == 32
    assert [one.agency for one in found.items if one.mark == "partly"] == [AN_PHUONG]


@pytest.mark.parametrize(
    ("entry", "at", "rule"),
    [
        ({"item": "publication.postd", "agency": "10864", "mark": "met"}, "item", "unknown_item"),
        ({"item": "publication.posted", "agency": "10865", "mark": "met"}, "agency", "unknown_agency"),
        ({"item": "publication.posted", "agencies": ["10864", "99"], "mark": "met"}, "agencies.1", "unknown_agency"),
        ({"item": "publication.posted", "mark": "met"}, "agency", "missing"),
        ({"item": "publication.posted", "agency": "10864"}, "mark", "missing"),
        ({"item": "publication.posted", "agency": "10864", "mark": "met", "count": 1}, "count", "none_required"),
        ({"item": "tasks.assigned", "agency": "10864", "count": 3, "of": 2}, "count", "less_than_equal"),
        ({"item": "tasks.assigned", "agency": "10864", "count": 3}, "of", "missing"),
        ({"item": "reporting.reports", "agency": "10864", "due": "2023-06-15"}, "about", "missing"),
        ({"item": "reporting.reports", "agency": "10864", "about": "Báo cáo quý I/2023"}, "due", "missing"),
        (
            {"item": "leadership.own_report", "agency": "10864", "due": "2023-06-15", "on": "2023-06-17", "days": 3},
            "days",
            "literal_error",
        ),
        ({"item": "review.repealed", "about": "Đường bộ", "count": 1}, "level", "missing"),
        ({"item": "review.rest_fits", "level": "office", "agency": "10864", "mark": "met"}, "agency", "none_required"),
        ({"item": "payment.since", "agency": "10864"}, "on", "missing"),
        ({"item": "assessment.points", "agency": "10864", "about": "quý I/2023", "count": 19}, "count", "less_than_equal"),
        ({"item": "leadership.own_report", "agency": "10864", "due": "2023-08-20"}, "due", "less_than"),
        ({"item": "leadership.own_report", "agency": "10864", "due": "2023-06-15", "days": 0}, "days", "none_required"),
        ({"item": "leadership.control_plan", "agency": "10864", "on": "2023-08-16"}, "on", "less_than_equal"),
        ({"item": "leadership.own_report", "agency": "10864", "days": 3, "mark": "met"}, "mark", "literal_error"),
        ({"item": "leadership.own_report", "agency": "10864", "due": "2023-06-15", "mark": "partly"}, "mark", "literal_error"),
        ({"item": "publication.months", "agency": "10864", "count": 0, "of": 7, "mark": "met"}, "mark", "literal_error"),
        ({"item": "publication.months", "agency": "10864", "count": 7, "of": 7, "mark": "not_met"}, "mark", "literal_error"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused_with_its_place(entry: dict[str, object], at: str, rule: str) -> None:
    (fault,) = checked(entry).faults
    assert (fault.at, fault.rule) == (f"body.items.0.{at}", rule)
    assert fault.message.vi


def test_doubled_entries_and_points_that_are_no_sum_are_refused() -> None:
    same = {"item": "desk.steady", "agency": "10864", "mark": "met"}
    assert [fault.rule for fault in checked(same, same).faults] == ["doubled"]
    criteria = [item.id for item in TEMPLATE.items if item.sums_to]
    entries: list[dict[str, object]] = [{"item": one, "agency": "10864", "about": "quý I/2023", "count": 2} for one in criteria]
    points: dict[str, object] = {"item": "assessment.points", "agency": "10864", "about": "quý I/2023", "count": 17}
    assert [fault.rule for fault in checked(*entries, points).faults] == ["sum"]
    assert not checked(*entries, points | {"count": 18}).faults


def test_points_are_held_against_criteria_that_were_handed_in_before() -> None:
    criteria = [item.id for item in TEMPLATE.items if item.sums_to]
    about = "quý I/2023"
    before = tuple(answer(one, AN_PHUONG, about=about, count=2, of=2) for one in criteria)
    points: dict[str, object] = {"item": "assessment.points", "agency": "10864", "about": about, "count": 17}
    assert [fault.rule for fault in checked(points, present=before).faults] == ["sum"]
    whole = (*before, answer("assessment.points", AN_PHUONG, about=about, count=18, of=18))
    one_less: dict[str, object] = {"item": criteria[0], "agency": "10864", "about": about, "count": 1}
    assert [fault.rule for fault in checked(one_less, present=whole).faults] == ["sum"]
    assert not checked(one_less, points, present=whole).faults


def test_entries_that_stand_for_too_many_items_are_refused_before_they_are_expanded() -> None:
    many = [
        {"item": "reporting.reports", "agencies": ["*"], "about": f"Báo cáo số {n}/BC-UBND", "days": 1} for n in range(1600)
    ]
    (fault,) = checked(*many).faults
    assert (fault.at, fault.rule) == ("body.items", "too_long")
