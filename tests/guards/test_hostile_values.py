"""No value that a client can write into a request is answered with a fault of ours, and no unknown name is passed over.

Asked of every route as it is described.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import random
import sys
from typing import Any

import httpx
import pytest

from deploy.local import services
from deploy.local.servers import free_port
from services.notices.inspections.api.examples import INSPECTION
from shared.access.scopes import SCOPES
from shared.contracts.feed import FeedItem
from shared.database import Database
from shared.settings import SERVICES, Service
from tests.conftest import NewDatabase, Processes, url_of
from tests.guards.requests import Request, operations, unbounded
from tests.metrics.conftest import count_feed
from tests.metrics.worlds import random_feed
from tests.notices.counted import count_district
from tests.patience import PATIENCE
from tests.wire import Answer, Wire

TEXTS: list[Any] = ["a\0b", "\udc80", "infinity"]
NUMBERS: list[Any] = [2**31, 2**63 - 1, 2**63, -1, float("nan")]
DAYS: list[Any] = ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
HEADERS = {
    "if-none-match": '"999999999999999999.0-0"',
    "accept-language": "\u00ff" * 40,
    "accept": "application/json;q=\u00b2, \u00ff",
    "x-correlation-id": "\u00ff" * 20,
    "range": "bytes=99999999999999999999-",
}
RECORDS = {"/v1/events", "/v1/imports", "/v1/imports/rehearsal"}
"""Bodies of records that are judged one by one: what does not fit waits in quarantine and stops no other."""
PORTALS = {"/v1/national/{source}"}
"""What portals send in their own format, with whatever names they like."""
MEDIA = ("text/plain", "application/octet-stream", "text/csv", "application/json, text/plain")


async def _seeded(service: Service, http: httpx.AsyncClient, url: str) -> dict[str, Any]:
    """Something of each kind, so that requests get as far as they can; the names of it by parameter."""
    known: dict[str, Any] = {"province": "30", "number": 1, "from": "2023-01-01", "to": "2023-06-30"}
    if service == "ingest":
        for name, kind in (("hai-duong", "national"), ("lists", "files"), ("hai-duong-own", "own")):
            source = {"province": "30", "kind": kind, "settings": {}}
            assert (await http.put(f"/v1/sources/{name}", json=source)).is_success
        portal = {"base_url": "http://127.0.0.1:9", "realm": "digo", "client_id": "motcua"}
        assert (
            await http.put("/v1/sources/portal", json={"province": "30", "kind": "igate", "settings": portal, "enabled": False})
        ).is_success
        event = {"code": "000.00.19.H30-230615-0042", "id": "42-7", "at": "2023-06-20T09:00:00+07:00"}
        assert (await http.post("/v1/events?source=hai-duong-own", json=[event, {"code": "broken"}])).is_success
        return known | {"name": "portal", "source": "lists", "/v1/events source": "hai-duong-own", "code": event["code"]}
    if service == "metrics":
        database = Database(url_of(service, url), size=2)
        feed: list[FeedItem] = random_feed(random.Random(1), 30, 60)
        await count_feed(database, feed, random.Random(1))
        await database.close()
        rule = {"province": "30", "name": "trễ hạn", "kpi": "in_time_share", "below": 0.9}
        assert (await http.post("/v1/alerts/rules", json=rule)).is_success
        answer = (await http.get("/v1/kpis", params={"province": "30", "kpi": "received_new"})).json()
        return known | {"figure": answer["total"]["kpis"]["received_new"]["figure"], "kpi": ["received_new"], "index": "766"}
    assert (await http.post("/v1/inspections", json=INSPECTION.stored())).is_success
    ordered = await http.post("/v1/inspections/1/notices", json={})
    if ordered.status_code == 409:  # metrics has found out by now that the ingest behind it is not the one of these dossiers
        confirmed = {"confirm": [one["kind"] for one in ordered.json()["reasons"]], "reason": "thử"}
        ordered = await http.post("/v1/inspections/1/notices", json=confirmed)
    assert ordered.is_success, ordered.text
    return known | {"key": "received"}


async def _metrics(processes: Processes, new_database: NewDatabase) -> dict[str, str]:
    """The settings by which notices reaches a metrics that has counted."""
    url = await new_database("metrics")
    await count_district(url)
    metrics = processes.api("metrics", database_url=url, **await _behind("metrics", processes, new_database))
    return {"metrics_url": metrics.url, "metrics_key": await processes.key("metrics", url, "figures:read")}


async def _behind(service: Service, processes: Processes, new_database: NewDatabase) -> dict[str, str]:
    """The settings by which a service reaches the one that it asks."""
    if service == "notices":
        return await _metrics(processes, new_database)
    if service == "metrics":
        url = await new_database("ingest")
        ingest = processes.api("ingest", database_url=url)
        return {"ingest_url": ingest.url, "ingest_key": await processes.key("ingest", url, "feed:read")}
    return {}


def _unguarded(service: Service, processes: Processes, url: str, **env: str) -> services.Process:
    port = free_port()
    app = ("--factory", f"tests.guards.unguarded:{service}")
    command = (sys.executable, "-m", "shared.web", *app, "--host=127.0.0.1", f"--port={port}")
    environment = processes.environment(service, url, **env)
    return services.Process(
        f"{service}-api", command, environment, processes.logs / f"{service}.log", f"http://127.0.0.1:{port}"
    )


def refused(answer: Answer, name: str) -> bool:
    """Whether a request, or the record of it that holds a name, is refused with that name."""
    said = json.loads(answer.body)
    details = [said["detail"]] if answer.status == 422 else [one["detail"] for one in said.get("rejected", ())]
    return any(f"`{name}`" in detail for detail in details)


@pytest.mark.parametrize("service", SERVICES)
async def test_no_value_in_a_request_is_a_fault_of_ours_and_no_unknown_name_is_passed_over(
    service: Service, processes: Processes, new_database: NewDatabase
) -> None:
    url = await new_database(service)
    settings = await _behind(service, processes, new_database)
    api = processes.run(_unguarded(service, processes, url, **settings))
    key = await processes.key(service, url, *SCOPES)
    async with httpx.AsyncClient(base_url=api.url, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE) as http:
        known = await _seeded(service, http, url)
        document = (await http.get("/openapi.json")).json()
    waiting: list[tuple[Request, dict[str, str]]] = []
    for operation in operations(document, known):
        if operation.template == "/v1/events":
            operation.values["query", "source"] = "hai-duong-own"
        if operation.template == "/v1/sources/{name}/check":  # nobody is there to try a portal
            operation.values["path", "name"] = "hai-duong-own"
        if operation.template == "/v1/provinces/{province}/retire":  # or nothing could be sent any more
            operation.values["path", "province"] = "31"
        if operation.template not in PORTALS:
            waiting += [(one, {}) for one in operation.misnamed()]
            waiting += [(one, {}) for one in operation.misnamed_bodies()]
        if operation.template == "/readyz":  # no worker runs here, and it says so
            continue
        made = list(operation.requests(TEXTS, NUMBERS, DAYS))
        waiting += [(one, {}) for one in made]
        waiting += [(made[0], {name: value}) for name, value in HEADERS.items()]
        if made[0].content is not None:
            waiting += [(made[0], {"content-type": media}) for media in MEDIA]
    faults: list[str] = []
    total = len(waiting)

    async def ask() -> None:
        wire = Wire(api.url)
        while waiting:
            one, headers = waiting.pop()
            sent = {"authorization": f"Bearer {key}", **dict(one.headers), **headers}
            answer = await wire.ask(one.method, one.target, sent.items(), one.content)
            if answer.status >= 500 or answer.status == 0:
                faults.append(f"{answer.status} {one.method} {one.path}: {one.spoilt} {headers or ''}")
            elif one.named and not refused(answer, one.named):
                faults.append(
                    f"{answer.status} {one.method} {one.path}: {one.spoilt} {one.named} not named: {answer.body!r:.300}"
                )
        wire.close()

    await asyncio.gather(*(ask() for _ in range(3)))
    assert total > 300
    assert not faults, "\n".join([f"{len(faults)} of {total}", *faults[:40], api.log_path.read_text()[-3000:]])


@pytest.mark.parametrize("service", SERVICES)
def test_every_text_number_and_list_of_a_request_is_bounded_where_it_is_described(service: Service) -> None:
    document = importlib.import_module(f"services.{service}.app").app.openapi()
    loose = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parts = [(one["name"], one["schema"]) for one in operation.get("parameters", ())]
            for media, content in operation.get("requestBody", {}).get("content", {}).items():
                if "json" in media and path not in RECORDS | PORTALS:
                    parts.append(("body", content["schema"]))
            loose += [f"{method} {path}: {place}" for name, schema in parts for place in unbounded(schema, document, name)]
    assert not loose, "\n".join(loose)
