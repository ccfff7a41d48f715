"""Forms of evidence: given out for an agency, filled in, read back in a child process."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from services.notices.evidence.forms.columns import COLUMNS, FIRST_ROW, MAX_ROWS, MAX_SHEETS, cell_value, letter
from services.notices.evidence.forms.service import MAX_VERSIONS
from shared.spreadsheets import XLSX
from tests.notices.conftest import Services

AN_PHUONG = "10864@2019-12-01"


def filled(content: bytes, **cells: Any) -> bytes:
    """The form with values written into cells: `publication_posted__mark="Đạt"`; the first row of the item."""
    book = load_workbook(BytesIO(content))
    sheet = book.active
    assert sheet is not None
    rows = {str(sheet[f"A{row}"].value): row for row in range(sheet.max_row, FIRST_ROW - 1, -1)}
    for name, value in cells.items():
        item, field = name.split("__")
        sheet[f"{letter(field)}{rows[item.replace('_', '.', 1)]}"] = value
    packed = BytesIO()
    book.save(packed)
    return packed.getvalue()


def test_a_form_that_was_filled_in_becomes_evidence_of_its_agency(services: Services) -> None:
    address = services.submit()
    services.http.patch(address + "/evidence", json={"items": [{"item": "desk.steady", "agency": "10864", "mark": "partly"}]})
    given = services.http.get(address + "/evidence-form", params={"agency": "10864"})
    assert given.headers["content-type"] == XLSX
    form = filled(
        given.content,
        publication_posted__mark="Đạt",
        tasks_assigned__count=9,
        tasks_assigned__of="10",
        reporting_reports__about="Báo cáo quý I/2023",
        reporting_reports__due="17/3/2023",
        reporting_reports__on="21/3/2023",
    )
    stored = services.http.post(address + "/evidence-files", content=form, headers={"Content-Type": XLSX})
    assert (stored.status_code, stored.json()["inserted"]) == (200, 3), stored.text
    items = services.http.get(address + "/evidence").json()["items"]
    assert {(one["entry"]["item"], one["mark"], one["days_late"]) for one in items} == {
        ("desk.steady", "partly", None),
        ("publication.posted", "met", None),
        ("tasks.assigned", "partly", None),
        ("reporting.reports", "not_met", 4),
    }
    assert {one["entry"]["agency"] for one in items} == {AN_PHUONG}
    # What is known stands in the next form, and that changes nothing.
    again = services.http.get(address + "/evidence-form", params={"agency": AN_PHUONG}).content
    unchanged = services.http.post(address + "/evidence-files", content=again, headers={"Content-Type": XLSX}).json()
    assert (unchanged["version"], unchanged["changed"]) == (2, 0)


def test_what_does_not_fit_in_a_form_is_named_by_its_cell(services: Services) -> None:
    address = services.submit()
    given = services.http.get(address + "/evidence-form", params={"agency": "10864"}).content
    form = filled(given, tasks_assigned__count=9, tasks_assigned__of=8, desk_steady__mark="tốt", desk_steady__note="17 hồ sơ")
    refused = services.http.post(address + "/evidence-files", content=form, headers={"Content-Type": XLSX})
    assert refused.status_code == 422
    cells = [one["at"].rpartition("!")[2][0] for one in refused.json()["errors"]]
    assert sorted(cells) == sorted([letter("count"), letter("mark"), letter("note")])
    marked = next(one for one in refused.json()["errors"] if one["at"].rpartition("!")[2][0] == letter("mark"))
    assert marked["message"] == "The form knows no such result. Choose one of its list: Đạt, Đạt một phần, Chưa đạt."
    assert services.http.get(address + "/evidence").json()["version"] == 0
    assert services.http.get(address + "/evidence-form", params={"agency": "10865"}).status_code == 404
    for body in (b"PK\x03\x04", b"%PDF-1.7", given):
        none = services.http.post(address + "/evidence-files", content=body, headers={"Content-Type": XLSX})
        assert (none.status_code, none.json()["type"]) == (422, "/problems/unreadable"), none.text


def test_what_is_established_by_level_has_a_form_of_its_own(services: Services) -> None:
    address = services.submit()
    given = services.http.get(address + "/evidence-form").content
    form = filled(given, review_repealed__about="Nông nghiệp", review_repealed__count=2)
    stored = services.http.post(address + "/evidence-files", content=form, headers={"Content-Type": XLSX})
    assert stored.json()["inserted"] == 1, stored.text
    (item,) = services.http.get(address + "/evidence").json()["items"]
    assert (item["entry"]["level"], item["entry"]["count"]) == ("office", 2)


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("due", "5/3/2023", "2023-03-05"),
        ("count", "1.250", 1250),
        ("count", 3.0, 3),
        ("count", "ba", "ba"),
        ("mark", "đạt  một phần", "partly"),
        ("mark", "Không đạt", "not_met"),
        ("note", "  chậm\nnộp ", "chậm nộp"),
        ("note", None, None),
    ],
)
def test_cells_are_read_as_people_type_them(field: str, value: object, read: object) -> None:
    assert field in {column.field for column in COLUMNS}
    assert cell_value(field, value) == read


def test_a_form_does_not_undo_what_another_handed_in_since_it_was_given_out(services: Services) -> None:
    address = services.submit()
    entry = {"item": "desk.steady", "agency": "10864"}
    services.http.patch(address + "/evidence", json={"items": [entry | {"mark": "partly"}]})
    given = services.http.get(address + "/evidence-form", params={"agency": "10864"}).content
    services.http.patch(address + "/evidence", json={"items": [entry | {"mark": "met"}]})
    headers = {"Content-Type": XLSX}
    beside = filled(given, publication_posted__mark="Đạt")  # its row of `desk.steady` is as it was given out
    assert services.http.post(address + "/evidence-files", content=beside, headers=headers).json()["inserted"] == 1
    steady = services.http.get(address + "/evidence", params={"item": "desk.steady"}).json()["items"]
    assert [one["mark"] for one in steady] == ["met"]
    overtaken = services.http.post(
        address + "/evidence-files", content=filled(given, desk_steady__mark="Chưa đạt"), headers=headers
    )
    assert overtaken.status_code == 412
    assert "'Phiếu kiểm tra'!A" in overtaken.json()["detail"]
    other = services.submit(team="Đoàn kiểm tra khác") + "/evidence-files"
    elsewhere = services.http.post(other, content=beside, headers=headers)
    assert [error["at"] for error in elsewhere.json()["errors"]] == ["'Phiếu kiểm tra'!B1"]


def test_no_part_of_a_workbook_is_passed_over(services: Services) -> None:
    address = services.submit()
    given = services.http.get(address + "/evidence-form", params={"agency": "10864"}).content
    form = filled(given, publication_posted__mark="Đạt")

    def changed(change: Callable[[Any, Any], object]) -> tuple[int, str]:
        book = load_workbook(BytesIO(form))
        change(book, book.active)
        packed = BytesIO()
        book.save(packed)
        sent = services.http.post(address + "/evidence-files", content=packed.getvalue(), headers={"Content-Type": XLSX})
        return sent.status_code, sent.text

    for change, status, words in (
        (lambda book, sheet: [book.create_sheet() for _ in range(MAX_SHEETS)], 413, str(MAX_SHEETS)),
        (lambda book, sheet: sheet.cell(FIRST_ROW + MAX_ROWS + 40, 1, "desk.steady"), 413, "Phiếu kiểm tra"),
        (lambda book, sheet: book.copy_worksheet(sheet).__setitem__("A1", None), 422, "Phiếu kiểm tra Copy"),
        (lambda book, sheet: book.create_sheet("trống"), 200, ""),
    ):
        found, text = changed(change)
        assert (found, words in text) == (status, True), text


def test_a_workbook_has_forms_of_few_versions_since_each_is_read_whole(services: Services) -> None:
    address = services.submit()
    entry = {"item": "desk.steady", "agency": "10864", "mark": "met"}
    for number in range(MAX_VERSIONS):
        services.http.patch(address + "/evidence", json={"items": [entry | {"note": "abcdefgh"[number]}]})
    given = services.http.get(address + "/evidence-form", params={"agency": "10864"}).content
    book = load_workbook(BytesIO(given))
    sheet = book.active
    assert sheet is not None
    for version in range(MAX_VERSIONS):
        book.copy_worksheet(sheet)["C1"] = version
        packed = BytesIO()
        book.save(packed)
        sent = services.http.post(address + "/evidence-files", content=packed.getvalue(), headers={"Content-Type": XLSX})
        assert (sent.status_code == 413) is (version == MAX_VERSIONS - 1), sent.text
    assert f"at most {MAX_VERSIONS}" in sent.json()["detail"]
