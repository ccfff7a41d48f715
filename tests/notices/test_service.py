"""The service as its clients meet it: API and worker as real processes, real PostgreSQL and Redis, metrics over real HTTP."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from deploy.local.postgres import PostgreSQL
from deploy.local.redis import Redis
from deploy.local.services import Process
from services.notices.drafting import orders as ordering
from services.notices.drafting import service as drafting
from services.notices.drafting.api import examples
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store import queue as notice_queue
from services.notices.drafting.store.queue import DraftingJob
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.metrics_client import Metrics
from services.notices.inspections import service as submissions
from services.notices.inspections.api import examples as inspection_examples
from services.notices.inspections.model import Inspection
from services.notices.worker import draft_next
from shared.database import Connection, Database
from shared.statements import begun_at
from tests.conftest import Processes
from tests.notices import answers
from tests.notices.metrics_stand_in import MetricsStandIn, metrics_stand_in
from tests.notices.reference import inspection_body

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def _metrics() -> Iterator[MetricsStandIn]:
    with metrics_stand_in() as stand_in:
        yield stand_in


@pytest.fixture
def metrics(_metrics: MetricsStandIn) -> MetricsStandIn:
    """The stand-in, as good as new."""
    _metrics.answers, _metrics.failures = answers.reference(), []
    return _metrics


@dataclass
class Service:
    """A running service and a client with a key of its operator."""

    http: httpx.Client
    worker: Process
    database_url: str
    processes: Processes

    def order(self, as_of: int | None = None, **changes: Any) -> dict[str, Any]:
        """Hand in the reference inspection and order its notice."""
        inspection = self.http.post("/v1/inspections", json=inspection_body(**changes))
        assert inspection.status_code == 201, inspection.text
        ordered = self.http.post(f"{inspection.headers['location']}/notices", json={"as_of": as_of} if as_of else None)
        assert ordered.status_code == 202, ordered.text
        return ordered.json()  # type: ignore[no-any-return]

    def settled(self) -> dict[str, Any]:
        """The newest notices once none waits: the worker asks metrics nothing any more."""
        deadline = time.monotonic() + 20
        while self.http.get("/readyz").json().get("waiting", True):  # a loaded machine may be late with signs of life
            assert time.monotonic() < deadline
            time.sleep(0.03)
        listed: dict[str, Any] = self.http.get("/v1/notices").json()
        return listed

    def made(self, number: int, within: float = 20) -> dict[str, Any]:
        """The notice when it is made or has failed."""
        deadline = time.monotonic() + within
        while True:
            notice: dict[str, Any] = self.http.get(f"/v1/notices/{number}").json()
            if notice["state"] in ("draft", "failed"):
                return notice
            assert time.monotonic() < deadline, notice
            time.sleep(0.03)


@pytest_asyncio.fixture(scope="module")
async def _service(
    postgres: PostgreSQL, _templates: Any, redis: Redis, folder: Path, _metrics: MetricsStandIn
) -> AsyncIterator[Service]:
    """One running service for all tests here: starting it takes longer than most of them."""
    url = postgres.url(await _templates(("notices",)))
    processes = Processes(folder / "notices-logs", redis.url)
    try:
        key = await processes.key("notices", url, "notices:read", "notices:write")
        away = {"metrics_url": _metrics.url, "metrics_key": _metrics.key, "poll_seconds": "0.2"}
        api = processes.api("notices", database_url=url, **away)
        worker = processes.worker("notices", database_url=url, **away)
        with httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {key}"}, timeout=20) as http:
            yield Service(http, worker, url, processes)
    finally:
        for process in processes.started:
            process.kill()


@pytest.fixture
def service(_service: Service, metrics: MetricsStandIn) -> Service:
    """The service, with metrics as good as new."""
    return _service


async def test_an_inspection_becomes_a_notice_in_all_its_forms(service: Service, metrics: MetricsStandIn) -> None:
    ordered = service.order()
    assert ordered["state"] in ("queued", "drafting")
    notice = service.made(ordered["id"])
    assert notice["state"] == "draft", notice["error"]
    assert notice["position"] == 41234
    assert [check["name"] for check in notice["checks"] if not check["ok"]] == []
    # One position for all: the first answer's.
    assert [words.get("as_of") for words in metrics.asked[-3:]] == [None, ["41234"], ["41234"]]
    assert service.http.get(f"/v1/notices/{notice['id']}/document.pdf").content.startswith(b"%PDF-")
    assert service.http.get(f"/v1/notices/{notice['id']}/document.docx").content.startswith(b"PK")
    assert service.http.get(f"/v1/notices/{notice['id']}/annexes.xlsx").content.startswith(b"PK")
    for media in (PDF, DOCX, XLSX):
        answer = service.http.get(f"/v1/notices/{notice['id']}", headers={"Accept": media})
        assert answer.headers["content-type"] == media
    for form, media in (("pdf", PDF), ("docx", DOCX), ("xlsx", XLSX), ("json", "application/json")):
        linked = service.http.get(f"/v1/notices/{notice['id']}", params={"format": form}, headers={"Accept": PDF})
        assert linked.headers["content-type"] == media
    # The same figures and the same inspection give the same file, whoever makes it and whenever.
    again = service.made(service.order()["id"])
    files = [service.http.get(f"/v1/notices/{number}/document.pdf").content for number in (notice["id"], again["id"])]
    assert files[0] == files[1]


async def test_every_number_of_the_json_can_be_opened(service: Service) -> None:
    notice = service.made(service.order()["id"])
    paragraphs = [paragraph for section in notice["sections"] for paragraph in section["paragraphs"]]
    bound = [run for paragraph in paragraphs for run in paragraph["runs"] if run["type"] == "figure"]
    assert bound
    for run in bound:
        figure = notice["figures"][run["figure"]]
        assert figure["printed"] == run["text"]
        for key in figure.get("derived", {}).get("inputs", []):
            assert key in notice["figures"]
    one = service.http.get(f"/v1/notices/{notice['id']}/figures/handled").json()
    assert one["value"] == 30938
    assert {inner["key"] for inner in one["inputs"]} == {"received_new", "carried_over"}
    assert all(inner["figure_id"] for inner in one["inputs"])
    everything = service.http.get(f"/v1/notices/{notice['id']}/figures").json()["figures"]
    assert len(everything) > 1000
    assert service.http.get(f"/v1/notices/{notice['id']}/figures/nothing").status_code == 404


async def test_an_unchanged_answer_costs_a_304(service: Service) -> None:
    number = service.made(service.order()["id"])["id"]
    parts = ("", "/document.pdf", "/document.docx", "/annexes.xlsx", "/figures", "/figures/handled")
    for path in (*(f"/v1/notices/{number}{part}" for part in parts), "/v1/notices", "/v1/inspections", "/v1/inspections/1"):
        first = service.http.get(path)
        again = service.http.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    forms = {service.http.get(f"/v1/notices/{number}", headers={"Accept": media}).headers["etag"] for media in ("*/*", PDF)}
    assert len(forms) == 2


async def test_a_repeated_request_under_its_key_is_the_same_request(service: Service) -> None:
    key = {"Idempotency-Key": "inspection-2023"}
    first = service.http.post("/v1/inspections", json=inspection_body(), headers=key)
    again = service.http.post("/v1/inspections", json=inspection_body(), headers=key)
    other = service.http.post("/v1/inspections", json=inspection_body(year=2024), headers=key)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    quoted = service.http.post("/v1/inspections", json=inspection_body(), headers={"Idempotency-Key": '"inspection-2023"'})
    assert quoted.json() == first.json()
    orders = [service.http.post(f"{first.headers['location']}/notices", headers={"Idempotency-Key": "n1"}) for _ in range(2)]
    assert len({order.json()["id"] for order in orders}) == 1


def test_an_order_while_metrics_is_away_is_refused_and_leaves_nothing(service: Service, metrics: MetricsStandIn) -> None:
    location = service.http.post("/v1/inspections", json=inspection_body()).headers["location"]
    before = service.settled()
    metrics.failures = [503]
    refused = service.http.post(f"{location}/notices")
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (503, "metrics-away")
    assert service.settled() == before
    # A repeat of what was ordered before is answered from what is stored.
    key = {"Idempotency-Key": "away"}
    ordered = service.http.post(f"{location}/notices", headers=key)
    metrics.failures = [200] * 4 + [503] * 5
    assert service.made(ordered.json()["id"])["state"] == "draft"
    again = service.http.post(f"{location}/notices", headers=key)
    assert (again.status_code, again.json()["id"]) == (202, ordered.json()["id"])


async def test_figures_that_do_not_add_up_are_drafted_with_the_failed_checks(service: Service, metrics: MetricsStandIn) -> None:
    metrics.answers["total"]["total"]["kpis"]["resolved_early"]["numerator"] += 1
    notice = service.made(service.order()["id"])
    failed = {check["name"] for check in notice["checks"] if not check["ok"]}
    assert "resolved = resolved_early + resolved_on_time + resolved_overdue" in failed
    assert "the agencies add up to resolved_early" in failed


async def test_a_worker_killed_at_work_costs_no_notice(notices_database: Database, metrics: MetricsStandIn) -> None:
    inspection = Inspection.model_validate(inspection_body())
    async with notices_database.transaction() as tx:
        number = await submissions.submit(tx, inspection, "key")
        notice = await ordering.order(tx, number, "30", None, ConfirmedCaveats(), "key")

    # A worker takes it and is never heard of again.
    async def claim(tx: Connection) -> DraftingJob | None:
        return await notice_queue.claim(tx, "dead", await begun_at(tx), timedelta(minutes=1))

    dead = await notices_database.run(claim)
    assert dead is not None
    async with Metrics(metrics.url, metrics.key) as client:
        assert not await draft_next(notices_database, client, "alive")
        async with notices_database.transaction() as tx:
            await tx.execute("UPDATE notices.notice SET lease_until = now() - interval '1 second'")
        assert await draft_next(notices_database, client, "alive")
        # What the lost one still brings is not taken: the row belongs to the second.
        pinned = await drafting.pin_figures(client, inspection, None)
    async with notices_database.transaction() as tx:
        made = await asyncio.to_thread(drafting.render, inspection, pinned)
        assert not await drafting.store(tx, dead, made, await begun_at(tx))
        row = await notices_store.find(tx, notice)
    assert row is not None
    assert (row.state, row.attempts) == ("draft", 2)


async def test_a_worker_killed_with_sigkill_is_followed_by_the_next(service: Service, metrics: MetricsStandIn) -> None:
    service.worker.kill()
    orders = [service.order()["id"] for _ in range(3)]
    service.worker.start()
    service.made(orders[0])
    service.worker.kill()
    service.worker.start()
    assert {service.made(number, within=30)["state"] for number in orders} == {"draft"}


async def test_lists_go_page_by_page_from_the_newest(service: Service) -> None:
    numbers = [service.order()["id"] for _ in range(3)]
    listed: list[int] = []
    cursor = None
    while True:
        params: dict[str, str] = {"province": "30", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = service.http.get("/v1/notices", params=params).json()
        listed += [row["id"] for row in page["notices"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert listed[:3] == numbers[::-1]
    assert listed == sorted(set(listed), reverse=True)
    assert service.http.get("/v1/notices", params={"cursor": "x"}).status_code == 422
    assert len(service.http.get("/v1/inspections").json()["inspections"]) >= 3


async def test_keys_open_only_what_they_are_for(service: Service) -> None:
    number = service.made(service.order()["id"])["id"]
    reading = await service.processes.key("notices", service.database_url, "notices:read")
    foreign = await service.processes.key("notices", service.database_url, "notices:read", "notices:write", province="31")
    useless = await service.processes.key("notices", service.database_url, "notices:issue")
    url = str(service.http.base_url)

    def status(method: str, path: str, key: str | None, **more: Any) -> int:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.request(method, url + path, headers=headers, **more).status_code

    assert status("POST", "/v1/inspections", reading, json=inspection_body()) == 403
    assert status("POST", "/v1/inspections", foreign, json=inspection_body()) == 404
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
        ("/v1/inspections/77/notices", b"{}", 404),
        ("/v1/inspections/77/notices", b'{"as_of": "yesterday"}', 422),
        ("/v1/inspections/77/notices", b'{"as_of": -1}', 422),
    ],
)
async def test_a_bad_request_is_answered_with_a_problem(service: Service, path: str, content: bytes, status: int) -> None:
    answer = service.http.post(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


async def test_readiness_tells_how_many_notices_wait(service: Service) -> None:
    service.made(service.order()["id"])
    assert service.http.get("/readyz").json()["waiting"] == 0


async def test_prometheus_is_told_of_waiting_notices_and_of_drafts_that_do_not_add_up(
    service: Service, metrics: MetricsStandIn
) -> None:
    metrics.answers["total"]["total"]["kpis"]["resolved_early"]["numerator"] += 1
    service.made(service.order()["id"])
    wanted = [
        r"^motcua_notices_unsound [1-9]",
        r'^motcua_notices\{state="draft"\} [1-9]',
        r"^motcua_notices_waiting_seconds 0\.0$",
    ]
    deadline = time.monotonic() + 20
    while True:
        text = service.http.get("/metrics").text
        if all(re.search(pattern, text, re.M) for pattern in wanted):
            break
        assert time.monotonic() < deadline, text
        await asyncio.sleep(0.2)


def _shape(value: Any) -> Any:
    """What members there are, to compare an answer with its example."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    return type(value).__name__ if isinstance(value, (str, bool)) else "other"


async def test_the_documented_examples_look_like_the_answers(service: Service) -> None:
    notice = service.made(service.order()["id"])
    example: Any = examples.plain(examples.NOTICE)
    assert set(notice) == set(example)
    assert _shape(notice["head"]) == _shape(example["head"])
    assert set(notice["sections"][1]) == set(example["sections"][0])
    paragraph = next(one for section in notice["sections"] for one in section["paragraphs"])
    assert set(paragraph) == set(example["sections"][0]["paragraphs"][0])
    for figure in (examples.FIGURE, examples.METRICS_FIGURE):
        assert _shape(notice["figures"][figure.key]) == _shape(examples.plain(figure))
    listed = service.http.get("/v1/notices").json()
    assert _shape(listed["notices"][0]) == _shape(examples.plain(examples.ROW))
    inspections = service.http.get("/v1/inspections").json()
    assert _shape(inspections["inspections"][0]) == _shape(examples.plain(inspection_examples.INSPECTIONS.inspections[0]))
    assert service.http.post("/v1/inspections", json=inspection_examples.INSPECTION.stored()).status_code == 201
