"""Evidence and inspections over the API: every change keeps the old, and what does not fit is refused at the door."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from openpyxl import load_workbook

from deploy.local.services import ROOT
from services.notices.evidence.api import examples
from services.notices.evidence.api.inspected import InspectionChanged, ReadInspection
from services.notices.inspections.model import Inspection
from services.notices.inspections.store import InspectionRow
from shared.spreadsheets import XLSX
from shared.web.responses import as_json
from tests.notices.conftest import Services
from tests.notices.counted import UNEXPLAINED
from tests.notices.test_evidence_forms import filled

AN_PHUONG = "10864@2019-12-01"


def reference_body() -> dict[str, Any]:
    body: dict[str, Any] = json.loads((ROOT / "deploy" / "demo" / "reference_evidence.json").read_text())
    return body


def put(services: Services, address: str, body: dict[str, Any], tag: str | None) -> httpx.Response:
    return services.http.put(address, json=body, headers={} if tag is None else {"If-Match": tag})


def test_a_corrected_inspection_keeps_the_version_before(services: Services) -> None:
    address = services.submit(team="Doàn kiểm tra")
    read = services.http.get(address)
    body = read.json()["inspection"]
    assert put(services, address, body, None).status_code == 428
    corrected = put(services, address, body | {"team": "Đoàn kiểm tra liên ngành"}, read.headers["etag"])
    assert (corrected.status_code, corrected.json()["version"]) == (200, 2)
    assert put(services, address, body, read.headers["etag"]).status_code == 412
    # Whoever lost the response sends the same again, under the ETag of before.
    again = put(services, address, body | {"team": "Đoàn kiểm tra liên ngành"}, read.headers["etag"])
    assert (again.status_code, again.json()["version"], again.headers["etag"]) == (200, 2, corrected.headers["etag"])
    assert put(services, address, body | {"scope": "10864"}, corrected.headers["etag"]).status_code == 422
    now, then = services.http.get(address), services.http.get(address, params={"version": 1})
    assert now.json()["inspection"]["team"] == "Đoàn kiểm tra liên ngành"
    assert then.json()["inspection"]["team"] == "Doàn kiểm tra"
    assert now.headers["etag"] == corrected.headers["etag"] != then.headers["etag"]
    assert services.http.get(address, params={"version": 3}).status_code == 404
    same = put(services, address, now.json()["inspection"], now.headers["etag"])
    assert same.json()["version"] == 2


def test_evidence_is_stored_by_version_and_opens_to_its_items(services: Services) -> None:
    address = services.submit() + "/evidence"
    none = services.http.get(address)
    assert (none.json()["version"], none.json()["items"]) == (0, [])
    stored = put(services, address, reference_body(), none.headers["etag"])
    assert (stored.status_code, stored.json()["version"]) == (200, 1), stored.text
    again = put(services, address, reference_body(), none.headers["etag"])
    assert (again.status_code, again.json()["version"], again.headers["etag"]) == (200, 1, stored.headers["etag"])
    assert put(services, address, {"items": reference_body()["items"][1:]}, none.headers["etag"]).status_code == 412
    assert services.http.get(address).json()["version"] == 1, "what is refused stores nothing"

    late = services.http.get(address, params={"item": "reporting.reports", "measure": "late_reports", "limit": 2}).json()
    assert [one["mark"] for one in late["items"]] == ["not_met"] * 2
    rest = {"item": "reporting.reports", "measure": "late_reports", "cursor": late["next_cursor"]}
    assert len(services.http.get(address, params=rest).json()["items"]) == 1

    changed = {
        "items": [{"item": "publication.posted", "agency": "10864", "mark": "partly"}],
        "remove": [{"item": "reporting.reports", "agency": "10864", "about": "Báo cáo quý I/2023"}],
    }
    patched = services.http.patch(address, json=changed)
    assert patched.json() | {"inspection": 7} == {"inspection": 7, "version": 2, "inserted": 0, "changed": 1, "removed": 1}
    assert services.http.patch(address, json=changed).json()["version"] == 2  # nothing differs any more
    late_tag = {"If-Match": stored.headers["etag"]}
    assert services.http.patch(address, json=changed, headers=late_tag).json()["version"] == 2
    of_one = {"item": "publication.posted", "agency": AN_PHUONG}
    marks = [services.http.get(address, params=of_one | {"version": n}).json()["items"][0]["mark"] for n in (1, 2)]
    assert marks == ["met", "partly"]
    told = services.http.get(address + "/changes", params={"from": 1}).json()
    assert [(one["kind"], (one["after"] or one["before"])["item"]) for one in told["changes"]] == [
        ("changed", "publication.posted"),
        ("removed", "reporting.reports"),
    ]
    assert (told["from"], told["to"], [one["version"] for one in told["versions"]]) == (1, 2, [2])
    first = services.http.get(address + "/changes", params={"limit": 1}).json()
    second = services.http.get(address + "/changes", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert first["changes"][0]["after"] != second["changes"][0]["after"]


def test_everyone_without_an_entry_leaves_what_others_handed_in(services: Services) -> None:
    address = services.submit() + "/evidence"
    late = {"item": "desk.steady", "agency": "10864", "mark": "not_met"}
    services.http.patch(address, json={"items": [late]})
    rest = {"items": [{"item": "desk.steady", "agencies": ["*"], "mark": "met"}]}
    assert (services.http.patch(address, json=rest).json()["inserted"], len(marks := _marks(services, address))) == (31, 32)
    assert marks[AN_PHUONG] == "not_met"
    name = {key: late[key] for key in ("item", "agency")}
    assert services.http.patch(address, json=rest | {"remove": [name]}).json()["changed"] == 1
    assert set(_marks(services, address).values()) == {"met"}


def _marks(services: Services, address: str) -> dict[str, str]:
    items = services.http.get(address, params={"item": "desk.steady", "limit": 100}).json()["items"]
    return {one["entry"]["agency"]: one["mark"] for one in items}


def test_a_notice_states_the_evidence_and_tells_what_changed_since(services: Services) -> None:
    address = services.submit()
    assert put(services, address + "/evidence", reference_body(), "*").status_code == 200
    ordered = services.http.post(address + "/notices")
    notice = services.ended(ordered.json()["id"])
    assert notice["state"] == "draft", notice["error"]
    stands = {"inspection": 1, "evidence": 1, "newest_inspection": 1, "newest_evidence": 1, "changes": None}
    assert notice["stands_on"] == stands
    counted = [one["evidence"] for one in notice["figures"].values() if "evidence" in one]
    assert counted
    for origin in counted:
        assert services.http.get(address + "/evidence", params={**origin, "limit": 1}).status_code == 200, origin
    about_one = next(key for key, figure in notice["figures"].items() if figure.get("evidence", {}).get("about"))
    assert services.http.get(f"/v1/notices/{notice['id']}/figures/{quote(about_one, safe='')}").status_code == 200
    none = services.http.get(f"/v1/notices/{notice['id']}/figures/{quote('evidence.a.met:quý I/2023', safe='')}")
    assert none.headers["content-type"].startswith("application/problem")
    assert "quý I/2023" in none.json()["detail"]
    patch = {"items": [{"item": "publication.posted", "agency": "10864", "mark": "partly"}]}
    services.http.patch(address + "/evidence", json=patch)
    since = services.http.get(f"/v1/notices/{notice['id']}").json()["stands_on"]
    assert (since["evidence"], since["newest_evidence"]) == (1, 2)
    assert len(services.http.get(since["changes"]).json()["changes"]) == 1
    shorter = UNEXPLAINED | {"period": UNEXPLAINED["period"] | {"to": "2023-03-01"}}
    assert put(services, address, shorter, "*").status_code == 200
    one = services.http.get(f"/v1/notices/{notice['id']}").json()
    listed = next(
        row for row in services.http.get("/v1/notices", params={"limit": 100}).json()["notices"] if row["id"] == one["id"]
    )
    assert one["stands_on"]["newest_inspection"] == 2
    assert one["period"] == listed["period"] == UNEXPLAINED["period"], "that of the figures that it states"


@pytest.mark.parametrize(
    ("entry", "at", "words"),
    [
        ({"item": "publication.posted", "agency": "10865", "mark": "met"}, "body.items.0.agency", "10865"),
        ({"item": "publication.postd", "agency": "10864", "mark": "met"}, "body.items.0.item", "publication.posted"),
        ({"item": "desk.steady", "agency": "10864", "mark": "met", "note": "17 hồ sơ chậm"}, "body.items.0.note", "17"),
    ],
)
def test_unknown_agencies_items_and_numbers_in_texts_are_refused_at_the_door(
    services: Services, entry: dict[str, Any], at: str, words: str
) -> None:
    address = services.submit() + "/evidence"
    refused = put(services, address, {"items": [entry]}, "*")
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["at"] == at
    assert words in error["message"]
    assert services.http.get(address).json()["version"] == 0


def test_the_template_of_a_year_is_listed(services: Services) -> None:
    listed = services.http.get("/v1/evidence-templates", params={"period_end": "2024-12-14"}).json()
    assert listed["year"] == 2023
    assert listed["items"][0] == json.loads(as_json(examples.TEMPLATE))["items"][0]


def test_items_and_measures_that_there_are_not_are_named_with_the_nearest(services: Services) -> None:
    address = services.submit() + "/evidence"
    for query in ({"item": "desk.stead"}, {"item": "desk.steady", "measure": "late"}, {"measure": "late"}):
        assert services.http.get(address, params=query).status_code == 422
    assert services.http.get(address, params={"version": 1}).status_code == 404
    assert services.http.get(address + "/changes", params={"from": 1}).status_code == 422


def test_evidence_is_not_stored_of_an_inspection_that_was_corrected_while_it_was_handed_in() -> None:
    row = InspectionRow(7, "30", "294", {}, datetime(2026, 1, 15, tzinfo=UTC), 2, None)
    inspection = Inspection.model_validate(UNEXPLAINED)
    ReadInspection(inspection, 2, ()).demand_unchanged(row)
    with pytest.raises(InspectionChanged, match="Inspection 7 was corrected"):
        ReadInspection(inspection, 1, ()).demand_unchanged(row)


def test_evidence_outlasts_the_template_by_which_it_was_handed_in(services: Services) -> None:
    address = services.submit()
    evidence, read = address + "/evidence", services.http.get(address)
    quarters = {"item": "assessment.quarters", "agency": "10864", "count": 1, "of": 2}
    steady = {"item": "desk.steady", "agency": "10864", "mark": "met"}
    assert put(services, evidence, {"items": [quarters, steady]}, "*").status_code == 200
    given = services.http.get(address + "/evidence-form", params={"agency": "10864"}).content
    # The period is corrected to one of another template, which has no quarters.
    body = read.json()["inspection"]
    later = {"period": {"from": "2022-12-15", "to": "2025-07-14"}, "report": body["report"] | {"on": "2026-01-15"}}
    corrected = put(services, address, body | later, read.headers["etag"])
    assert corrected.status_code == 200, corrected.text
    assert len(services.http.get(evidence).json()["items"]) == 2

    partly = {"items": [steady | {"mark": "partly"}]}
    for refused in (services.http.patch(evidence, json=partly), services.http.post(address + "/notices")):
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/evidence-of-another-template"), refused.text
        assert "assessment.quarters" in refused.json()["detail"]
    removed = {"item": "assessment.quarters", "agency": AN_PHUONG}
    assert services.http.patch(evidence, json=partly | {"remove": [removed]}).json()["version"] == 2
    before = services.http.get(evidence, params={"version": 1}).json()
    assert (before["template"], [one["mark"] for one in before["items"]]) == (2023, ["partly", "met"])
    of_quarters: dict[str, Any] = {"version": 1, "item": "assessment.quarters", "measure": "rate"}
    assert len(services.http.get(evidence, params=of_quarters).json()["items"]) == 1
    assert services.http.get(evidence).json()["template"] == 2025
    assert services.http.get(evidence, params=of_quarters | {"version": 2}).status_code == 422

    # A form of the template before is taken where it fits; what the new one has not is named by its cell.
    def sent(**cells: Any) -> httpx.Response:
        form = filled(given, **cells)
        return services.http.post(address + "/evidence-files", content=form, headers={"Content-Type": XLSX})

    taken = sent(publication_posted__mark="Đạt")
    assert (taken.status_code, taken.json()["inserted"], taken.json()["changed"]) == (200, 1, 0), taken.text
    refused = sent(publication_posted__mark="Đạt", assessment_processed__mark="Đạt", assessment_quarters__count=2)
    assert {one["rule"] for one in refused.json()["errors"]} == {"of_another_template"}, refused.text
    assert len(refused.json()["errors"]) == 2
    sheet: Any = load_workbook(
        BytesIO(services.http.get(address + "/evidence-form", params={"agency": "10864"}).content)
    ).active
    assert "assessment.quarters" not in {cell.value for cell in sheet["A"]}
