"""Notices of many inspections are ordered at once: each is made once, whatever dies; what fails is named."""

from __future__ import annotations

from typing import Any

from services.notices.drafting import orders as ordering
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.inspections import service as submissions
from services.notices.inspections.model import Inspection
from shared.database import Database
from tests.notices.conftest import Services, until
from tests.notices.counted import PERIOD, UNEXPLAINED


async def _inspections(services: Services, scopes: list[str]) -> list[int]:
    """An inspection of each scope, as it stands in the table: metrics may not know it."""
    database = Database(services.database_url, size=1)
    try:
        async with database.transaction() as tx:
            bodies = [Inspection.model_validate(UNEXPLAINED | {"scope": scope, "findings": {}}) for scope in scopes]
            return [await submissions.submit(tx, body, "key") for body in bodies]
    finally:
        await database.close()


def _batch(services: Services, path: str) -> dict[str, Any]:
    batch: dict[str, Any] = services.http.get(path).json()
    return batch


async def test_a_worker_killed_amid_a_batch_leaves_each_notice_made_once_and_names_what_failed(services: Services) -> None:
    scopes = ["294", "10813", "77777", "10816"]
    inspections = await _inspections(services, scopes)
    order = {"inspections": inspections}
    later = services.http.post("/v1/notice-batches", json={**order, "as_of": "2099-01-01T00:00:00Z"})
    assert (later.status_code, "lies in the future" in later.json()["detail"]) == (422, True)
    ordered = services.http.post("/v1/notice-batches", json=order)
    assert ordered.status_code == 202, ordered.text
    path = ordered.headers["location"]
    assert {one["existing"] for one in ordered.json()["notices"]} == {False}
    until(lambda: _batch(services, path), lambda batch: batch["states"]["drafting"] == 1 or batch["states"]["draft"] > 0)
    services.worker.kill()
    halfway = _batch(services, path)
    assert (halfway["total"], halfway["ended"], sum(halfway["states"].values())) == (4, False, 4)
    # Ordered again meanwhile, nothing is made twice; under a key of its own neither.
    again = services.http.post("/v1/notice-batches", json=order, headers={"Idempotency-Key": "batch-again"})
    numbers = [one["notice"] for one in halfway["notices"]]
    repeated = {one["notice"] for one in again.json()["notices"] if one["existing"]}
    assert repeated == {one["notice"] for one in halfway["notices"] if one["state"] != "failed"}
    services.worker.start()
    ended = until(lambda: _batch(services, path), lambda batch: batch["ended"])
    assert ended["states"] == dict.fromkeys(ended["states"], 0) | {"draft": 3, "failed": 1}
    assert [(one["inspection"], one["scope"]) for one in ended["notices"]] == list(zip(inspections, scopes, strict=True))
    assert [one["notice"] for one in ended["notices"]] == numbers
    (failed,) = (one for one in ended["notices"] if one["state"] == "failed")
    assert (failed["scope"], "77777" in failed["error"]) == ("77777", True)
    drafted = [services.http.get(f"/v1/notices/{number}").json() for number in numbers if number != failed["notice"]]
    assert {one["position"] for one in drafted} == {ended["position"]} == {services.position}
    assert {one["position"] for one in ended["notices"]} == {ended["position"], None}  # None: it failed
    assert len({one["inspection"] for one in drafted}) == 3
    tag = services.http.get(path).headers["etag"]
    assert services.http.get(path, headers={"If-None-Match": tag}).status_code == 304
    # When all has ended, the same batch tries again only what failed.
    anew = services.http.post("/v1/notice-batches", json=order).json()["notices"]
    assert [one["scope"] for one in anew if not one["existing"]] == ["77777"]


async def test_all_agencies_of_a_scope_are_ordered_at_once_and_those_without_an_inspection_are_named(
    services: Services,
) -> None:
    communes = {"province": "30", "under": "294", "level": "commune", "period": PERIOD}
    nobody = services.http.post("/v1/notice-batches", json={"of": communes | {"period": PERIOD | {"to": "2023-03-14"}}})
    assert nobody.status_code == 404
    assert "agencies of this scope has an inspection" in nobody.text
    replaced, *_ = await _inspections(services, ["10828", "10825", "294.TP"])
    _, newest = await _inspections(services, ["10825", "10828"])
    first = services.http.post("/v1/notice-batches", json={"of": communes, "as_of": services.position})
    assert first.status_code == 202, first.text
    batch = first.json()
    assert {"10828", "10825"} <= {one["scope"] for one in batch["notices"]}
    numbers = {one["inspection"] for one in batch["notices"]}
    assert (newest in numbers, replaced in numbers) == (True, False)
    assert "294.TP" not in {one["scope"] for one in batch["notices"]}
    missing = batch["without_inspection"]
    assert len(missing) + batch["total"] == 20
    assert not {"10828", "10825"} & {*missing}
    again = services.http.post("/v1/notice-batches", json={"of": communes, "as_of": services.position}).json()
    of_both = [[one["notice"] for one in each["notices"]] for each in (batch, again)]
    assert of_both[0] == of_both[1]
    assert services.http.get(first.headers["location"]).json()["without_inspection"] == missing
    for body in ({}, {"of": communes, "inspections": [newest]}):
        assert services.http.post("/v1/notice-batches", json=body).status_code == 422
    unknown = services.http.post("/v1/notice-batches", json={"of": communes | {"under": "77777"}})
    assert unknown.status_code == 404


def test_the_same_order_makes_one_notice_until_inspection_or_evidence_change(services: Services) -> None:
    location = services.submit()

    def order(body: dict[str, Any] | None = None) -> dict[str, Any]:
        ordered: dict[str, Any] = services.http.post(f"{location}/notices", json=body).json()
        return ordered

    first, second = order(), order()
    assert (first["existing"], second["existing"], second["id"]) == (False, True, first["id"])
    services.ended(first["id"])
    drafted = order()
    assert (drafted["existing"], drafted["id"], drafted["state"]) == (True, first["id"], "draft")
    assert order({"as_of": services.position})["id"] == first["id"]
    assert order({"as_of": services.position - 1})["id"] != first["id"]
    read = services.http.get(location)
    corrected = UNEXPLAINED | {"team": "Tổ kiểm tra"}
    assert services.http.put(location, json=corrected, headers={"If-Match": read.headers["etag"]}).is_success
    anew = order()
    assert (anew["existing"], anew["id"] > first["id"]) == (False, True)
    services.ended(anew["id"])
    entry = {"item": "desk.steady", "agency": "10864", "mark": "met"}
    for items, version, existing in (([], 0, True), ([entry], 1, False), ([entry], 1, True)):
        handed = services.http.put(f"{location}/evidence", json={"items": items}, headers={"If-Match": "*"})
        assert (handed.json()["version"], order()["existing"]) == (version, existing), handed.text


async def test_an_order_is_not_given_the_notice_that_a_worker_drafts_of_older_figures(notices_database: Database) -> None:
    body = Inspection.model_validate(UNEXPLAINED)
    async with notices_database.transaction() as tx:
        inspection = await submissions.submit(tx, body, "key")

        async def order(as_of: str | None, position: int) -> tuple[int, bool]:
            return await ordering.order(tx, inspection, "30", as_of, ConfirmedCaveats(), "key", position=position)

        newest, _ = await order(None, 7)
        at_seven, _ = await order("7", 7)
        assert await order(None, 8) == (newest, True)  # no worker has pinned anything yet
        await tx.execute("UPDATE notices.notice SET state = 'drafting', inspection_version = 1, evidence_version = 0")
        assert await order(None, 7) == (newest, True)
        assert await order("7", 7) == (at_seven, True)
        assert (await order(None, 8))[1] is False


def test_a_batch_names_each_inspection_that_it_cannot_have(services: Services) -> None:
    number = int(services.submit().rpartition("/")[2])
    missing = services.http.post("/v1/notice-batches", json={"inspections": [number, 10**12, 10**13]})
    assert missing.status_code == 404
    assert f"{10**12}, {10**13}" in missing.json()["detail"]
    twice = services.http.post("/v1/notice-batches", json={"inspections": [number, number]})
    assert twice.status_code == 422
    assert "body.inspections.1" in twice.text
    assert services.http.get("/v1/notice-batches/999999").status_code == 404
