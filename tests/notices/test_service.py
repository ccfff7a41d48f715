"""The service as its clients meet it: API and worker as real processes, real PostgreSQL and Redis, the real metrics."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.notices.drafting import service as drafting
from services.notices.drafting.api import examples
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store import queue as notice_queue
from services.notices.drafting.store.queue import DraftingJob
from services.notices.inspections.api import examples as inspection_examples
from services.notices.inspections.model import Inspection
from services.notices.worker import draft_next
from shared.database import Connection
from shared.statements import begun_at
from tests.notices.conftest import Services, Workbench, until
from tests.notices.counted import UNEXPLAINED
from tests.patience import PATIENCE

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def one_too_many(_path: str, _query: dict[str, list[str]], body: dict[str, Any]) -> None:
    """Metrics gives a total that its rows do not add up to."""
    if "resolved_early" in (total := body.get("total", {}).get("kpis", {})):
        total["resolved_early"]["numerator"] += 1


def is_idle(state: dict[str, Any]) -> bool:
    """Whether no notice waits; a loaded machine may be late with signs of life, then nothing is told of the queue."""
    return state.get("waiting") == 0


async def test_an_inspection_becomes_a_notice_in_all_its_forms(services: Services) -> None:
    ordered = services.order()
    assert (ordered.status_code, ordered.json()["state"]) == (202, "queued")
    notice = services.ended(ordered.json()["id"])
    assert (notice["state"], notice["position"]) == ("draft", services.position), notice["error"]
    assert [check for check in notice["checks"] if not check["ok"]] == []
    # One position for all: that of the first response.
    position = [str(services.position)]
    assert [query.get("as_of") for query in services.proxy.queries[-8:]] == [None, *[position] * 7]
    assert services.http.get(f"/v1/notices/{notice['id']}/document.pdf").content.startswith(b"%PDF-")
    assert services.http.get(f"/v1/notices/{notice['id']}/document.docx").content.startswith(b"PK")
    assert services.http.get(f"/v1/notices/{notice['id']}/annexes.xlsx").content.startswith(b"PK")
    for media in (PDF, DOCX, XLSX):
        response = services.http.get(f"/v1/notices/{notice['id']}", headers={"Accept": media})
        assert response.headers["content-type"] == media
    for name, media in (("pdf", PDF), ("docx", DOCX), ("xlsx", XLSX), ("json", "application/json")):
        linked = services.http.get(f"/v1/notices/{notice['id']}", params={"format": name}, headers={"Accept": PDF})
        assert linked.headers["content-type"] == media
    # The same figures and the same inspection give the same file, whoever drafts it and whenever.
    again = services.drafted()
    files = [services.http.get(f"/v1/notices/{number}/document.pdf").content for number in (notice["id"], again["id"])]
    assert files[0] == files[1]


def test_every_number_of_the_json_leads_to_its_figure_and_that_to_metrics(services: Services) -> None:
    notice = services.drafted()
    paragraphs = [paragraph for section in notice["sections"] for paragraph in section["paragraphs"]]
    bound = [run for paragraph in paragraphs for run in paragraph["runs"] if run["type"] == "figure"]
    assert bound
    for run in bound:
        figure = notice["figures"][run["figure"]]
        assert figure["printed"] == run["text"]
        for key in figure.get("derived", {}).get("inputs", []):
            assert key in notice["figures"]
    handled = services.http.get(f"/v1/notices/{notice['id']}/figures/handled").json()
    assert {one["key"] for one in handled["inputs"]} == {"received_new", "carried_over"}
    assert handled["value"] == sum(one["value"] for one in handled["inputs"]) > 0
    headers = {"X-API-Key": services.metrics.key}
    for one in handled["inputs"]:
        figure = httpx.get(f"{services.metrics.url}/v1/figures/{one['figure_id']}", headers=headers, timeout=PATIENCE).json()
        assert figure["value"] == one["value"]
    everything = services.http.get(f"/v1/notices/{notice['id']}/figures").json()["figures"]
    assert len(everything) > 1000
    assert services.http.get(f"/v1/notices/{notice['id']}/figures/nothing").status_code == 404


def test_late_steps_are_stated_by_department_and_name_and_open_to_their_dossiers(services: Services) -> None:
    notice = services.drafted()
    said = [paragraph for section in notice["sections"] for paragraph in section["paragraphs"]]
    runs = next(one["runs"] for one in said if one["section"] == "internal_process" and "lượt quá hạn" in one["text"])
    printed = [run["figure"] for run in runs if run["type"] == "figure"]
    assert printed[:4] == ["steps_ended", "steps_timed", "steps_overdue", "steps_overdue_share"]
    assert printed[-1] == "misrouted"
    figures = notice["figures"]
    by_department = [key for key in printed if key.startswith(("steps_overdue:", "steps_overdue.rest"))]
    by_step = [key for key in printed if key.startswith(("steps_overdue>", "late_steps.rest"))]
    assert printed[4:-1] == [*by_department, *by_step]
    assert len(by_department) > 3
    for stated in (by_department, by_step) if by_step else (by_department,):
        assert sum(figures[key]["value"] for key in stated) == figures["steps_overdue"]["value"] > 0
    headers = {"X-API-Key": services.metrics.key}
    for key in printed:
        if "figure_id" in figures[key]:
            opened = httpx.get(
                f"{services.metrics.url}/v1/figures/{figures[key]['figure_id']}", headers=headers, timeout=PATIENCE
            ).json()
            assert opened["dossiers"]
            if key != "steps_overdue_share":
                assert opened["sum"] == figures[key]["value"]


async def test_an_unchanged_response_costs_a_304(services: Services) -> None:
    number = services.drafted()["id"]
    parts = ("", "/document.pdf", "/document.docx", "/annexes.xlsx", "/figures", "/figures/handled")
    for path in (*(f"/v1/notices/{number}{part}" for part in parts), "/v1/notices", "/v1/inspections", "/v1/inspections/1"):
        first = services.http.get(path)
        again = services.http.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    tags = {services.http.get(f"/v1/notices/{number}", headers={"Accept": media}).headers["etag"] for media in ("*/*", PDF)}
    assert len(tags) == 2


async def test_a_repeated_request_under_its_key_is_the_same_request(services: Services) -> None:
    key = {"Idempotency-Key": "inspection-2023"}
    first = services.http.post("/v1/inspections", json=UNEXPLAINED, headers=key)
    again = services.http.post("/v1/inspections", json=UNEXPLAINED, headers=key)
    other = services.http.post("/v1/inspections", json=UNEXPLAINED | {"year": 2024}, headers=key)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    quoted = services.http.post("/v1/inspections", json=UNEXPLAINED, headers={"Idempotency-Key": '"inspection-2023"'})
    assert quoted.json() == first.json()
    orders = [services.http.post(f"{first.headers['location']}/notices", headers={"Idempotency-Key": "n1"}) for _ in range(2)]
    assert len({order.json()["id"] for order in orders}) == 1


def test_an_order_while_metrics_is_away_is_refused_and_leaves_nothing(services: Services) -> None:
    location = services.submit()
    # No worker may take the failure that is meant for the order.
    until(lambda: services.http.get("/readyz").json(), is_idle)
    before = services.http.get("/v1/notices").json()
    services.proxy.failures = [503]
    refused = services.http.post(f"{location}/notices")
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (503, "metrics-away")
    assert services.http.get("/v1/notices").json() == before
    # A repeat of what was ordered before is answered from what is stored.
    key = {"Idempotency-Key": "away"}
    ordered = services.http.post(f"{location}/notices", headers=key)
    assert services.ended(ordered.json()["id"])["state"] == "draft"
    services.proxy.failures = [503]
    again = services.http.post(f"{location}/notices", headers=key)
    assert (again.status_code, again.json()["id"]) == (202, ordered.json()["id"])
    assert services.proxy.failures == [503]


async def test_figures_that_do_not_add_up_are_drafted_with_the_failed_checks(services: Services) -> None:
    services.proxy.change = one_too_many
    failed = {check["name"] for check in services.drafted()["checks"] if not check["ok"]}
    assert "resolved = resolved_early + resolved_on_time + resolved_overdue" in failed
    assert "the agencies add up to resolved_early" in failed


async def test_a_worker_killed_at_work_costs_no_notice(workbench: Workbench) -> None:
    notice = await workbench.order()
    database = workbench.database

    # A worker takes it and is never heard of again.
    async def claim(tx: Connection) -> DraftingJob | None:
        return await notice_queue.QUEUE.claim(tx, "dead", await begun_at(tx), timedelta(minutes=1))

    dead = await database.run(claim)
    assert dead is not None
    assert not await draft_next(database, workbench.client, workbench.renderer, "alive")
    async with database.transaction() as tx:
        await tx.execute("UPDATE notices.notice SET lease_until = now() - interval '1 second'")
    assert await draft_next(database, workbench.client, workbench.renderer, "alive")
    # What the lost one still brings is not taken: the row belongs to the second.
    inspection = Inspection.model_validate(UNEXPLAINED)
    pinned = await drafting.pin_figures(workbench.client, inspection, None)
    rendered = await drafting.render(workbench.renderer, inspection, pinned)
    async with database.transaction() as tx:
        assert not await drafting.store(tx, dead, rendered, await begun_at(tx))
        row = await notices_store.find(tx, notice)
    assert row is not None
    assert (row.state, row.attempts) == ("draft", 2)


async def test_a_worker_killed_with_sigkill_is_followed_by_the_next(services: Services) -> None:
    services.worker.kill()
    orders = [services.order().json()["id"] for _ in range(3)]
    services.worker.start()
    assert services.ended(orders[0])["state"] == "draft"
    services.worker.kill()
    services.worker.start()
    assert {services.ended(number)["state"] for number in orders} == {"draft"}


async def test_lists_go_page_by_page_from_the_newest(services: Services) -> None:
    numbers = [services.order().json()["id"] for _ in range(3)]
    listed: list[int] = []
    cursor = None
    while True:
        params: dict[str, str] = {"province": "30", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = services.http.get("/v1/notices", params=params).json()
        listed += [row["id"] for row in page["notices"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert listed[:3] == numbers[::-1]
    assert listed == sorted(set(listed), reverse=True)
    assert services.http.get("/v1/notices", params={"cursor": "x"}).status_code == 422
    assert len(services.http.get("/v1/inspections").json()["inspections"]) >= 3


async def test_keys_open_only_what_they_are_for(services: Services) -> None:
    number = services.drafted()["id"]
    reading = await services.processes.key("notices", services.database_url, "notices:read")
    foreign = await services.processes.key("notices", services.database_url, "notices:read", "notices:write", province="31")
    useless = await services.processes.key("notices", services.database_url, "figures:read")
    url = str(services.http.base_url)

    def status(method: str, path: str, key: str | None, **more: Any) -> int:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.request(method, url + path, headers=headers, timeout=PATIENCE, **more).status_code

    assert status("POST", "/v1/inspections", reading, json=UNEXPLAINED) == 403
    assert status("POST", "/v1/inspections", foreign, json=UNEXPLAINED) == 404
    for path in (f"/v1/notices/{number}", f"/v1/notices/{number}/document.pdf", f"/v1/notices/{number}/figures"):
        assert status("GET", path, reading) == 200
        assert status("GET", path, foreign) == 404
        assert status("GET", path, useless) == 403
        assert status("GET", path, None) == 401
    assert status("GET", "/v1/notices?province=30", foreign) == 404


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/v1/inspections", b'{"year": NaN}', 400),
        ("/v1/inspections", b'{"province": "\\ud800"}', 400),
        ("/v1/inspections", b'{"province": "30\\u0000"}', 400),
        ("/v1/inspections", b"[]", 422),
        ("/v1/inspections", b"", 422),
        ("/v1/inspections/99999999999999999999/notices", b"{}", 422),
        ("/v1/inspections/7000000/notices", b"{}", 404),
        ("/v1/inspections/7000000/notices", b'{"as_of": "yesterday"}', 422),
        ("/v1/inspections/7000000/notices", b'{"as_of": -1}', 422),
    ],
)
async def test_a_bad_request_is_answered_with_a_problem(services: Services, path: str, content: bytes, status: int) -> None:
    response = services.http.post(path, content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]


async def test_readiness_tells_how_many_notices_wait(services: Services) -> None:
    def read() -> dict[str, Any]:
        state: dict[str, Any] = services.http.get("/readyz").json()
        return state

    until(read, is_idle)
    services.worker.kill()
    for waiting in (1, 2):
        assert services.order().status_code == 202
        assert read()["waiting"] == waiting
    services.worker.start()
    until(read, is_idle)


async def test_prometheus_is_told_of_waiting_notices_and_of_drafts_that_do_not_add_up(services: Services) -> None:
    services.proxy.change = one_too_many
    services.drafted()
    patterns = [
        r"^motcua_notices_unsound [1-9]",
        r'^motcua_notices\{state="draft"\} [1-9]',
        r"^motcua_notices_waiting_seconds 0\.0$",
    ]
    until(
        lambda: services.http.get("/metrics").text,
        lambda text: all(re.search(pattern, text, re.M) for pattern in patterns),
    )


def _shape(value: Any) -> Any:
    """What members there are, to compare a response with its example."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    return type(value).__name__ if isinstance(value, (str, bool)) else "other"


async def test_the_documented_examples_look_like_the_responses(services: Services) -> None:
    notice = services.drafted()
    example: Any = examples.plain(examples.NOTICE)
    assert set(notice) == set(example)
    assert _shape(notice["head"]) == _shape(example["head"])
    assert set(notice["sections"][1]) == set(example["sections"][0])
    paragraph = next(one for section in notice["sections"] for one in section["paragraphs"])
    assert set(paragraph) == set(example["sections"][0]["paragraphs"][0])
    for figure in (examples.FIGURE, examples.METRICS_FIGURE):
        assert _shape(notice["figures"][figure.key]) == _shape(examples.plain(figure))
    listed = services.http.get("/v1/notices").json()
    assert _shape(listed["notices"][0]) == _shape(examples.plain(examples.ROW))
    inspections = services.http.get("/v1/inspections").json()
    assert _shape(inspections["inspections"][0]) == _shape(examples.plain(inspection_examples.INSPECTIONS.inspections[0]))
    assert services.http.post("/v1/inspections", json=inspection_examples.INSPECTION.stored()).status_code == 201
