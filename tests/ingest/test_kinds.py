"""A kind of source is one module and one line: all else follows from it, also for one that is added."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from deploy.local import services
from deploy.local.servers import free_port
from services.ingest.sources.api.kinds import kind_components, settings_schema
from services.ingest.sources.kinds import KINDS
from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE


@pytest_asyncio.fixture
async def http(processes: Processes, new_database: NewDatabase) -> AsyncIterator[httpx.AsyncClient]:
    """The API of ingest with a kind that is added to it."""
    url, port = await new_database("ingest"), free_port()
    app = ("--factory", "tests.ingest.added_kind:app")
    command = (sys.executable, "-m", "shared.web", *app, "--host=127.0.0.1", f"--port={port}")
    log = processes.logs / "added-kind.log"
    process = services.Process("ingest-api", command, processes.environment("ingest", url), log, f"http://127.0.0.1:{port}")
    api = processes.run(process)
    key = await processes.key("ingest", url, "sources:manage", "events:write", "feed:read")
    async with httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": key}, timeout=PATIENCE) as client:
        yield client


async def test_a_kind_that_is_added_is_connected_sends_and_stands_in_the_feed(http: httpx.AsyncClient) -> None:
    listed = {one["kind"]: one for one in (await http.get("/v1/sources/kinds")).json()["kinds"]}
    assert listed.keys() == {*KINDS, "ledger"}
    ledger = listed["ledger"]
    assert (ledger["arrival"], ledger["address"]) == ("events", "POST /v1/events?source=<name>")
    assert (ledger["reports_totals"], ledger["offers_procedures"]) == (False, False)
    shelf = ledger["settings"]["properties"]["shelf"]
    assert (shelf["default"], shelf["minimum"], shelf["maximum"]) == (3, 1, 9)

    async def connect(settings: dict[str, Any], kind: str = "ledger") -> httpx.Response:
        return await http.put("/v1/sources/office", json={"province": "30", "kind": kind, "settings": settings})

    assert "shelf must lie between 1 and 9" in (await connect({"marks": {}, "shelf": 12})).json()["detail"]
    assert "ledger" in (await connect({}, "leger")).json()["detail"]
    assert (await connect(ledger["example_settings"])).json()["settings"] == ledger["example_settings"]
    sent = await http.post("/v1/events?source=office", json=[ledger["example_record"], {"ref": "x", "mark": "v"}])
    assert (sent.json()["accepted"], sent.json()["quarantined"]) == (1, 1)
    (item,) = (await http.get("/v1/feed?province=30")).json()["items"]
    assert (item["facts"]["code"], item["facts"]["outcome"]) == (ledger["example_record"]["ref"], "resolved")
    # What the worker does not read is late for nobody, and has no totals and no catalogue.
    assert (await http.get("/v1/quality?province=30")).json()["missing"] == []
    days = {"from": "2023-01-01", "to": "2023-06-30"}
    assert (await http.post("/v1/sources/office/reconcile", json=days)).status_code == 409

    document = (await http.get("/openapi.json")).json()["components"]["schemas"]
    assert document["SourceIn"]["discriminator"]["mapping"]["ledger"] == "#/components/schemas/LedgerSourceIn"
    assert document["LedgerSettings"]["properties"]["marks"]["description"] == "What its marks mean."


async def test_the_name_of_the_list_of_kinds_is_no_name_of_a_source(http: httpx.AsyncClient) -> None:
    refused = await http.put("/v1/sources/kinds", json={"province": "30", "kind": "own", "settings": {}})
    assert refused.status_code == 422
    assert "Choose another name" in refused.json()["detail"]


@pytest.mark.parametrize("name", KINDS)
def test_the_document_shows_a_source_of_each_kind(name: str) -> None:
    made = kind_components()
    (sent,) = [one for one in made.values() if one["title"] == f"{name.title()}SourceIn"]
    assert sent["properties"]["kind"]["enum"] == [name]
    settings = made[sent["properties"]["settings"]["$ref"].rpartition("/")[2]]
    assert settings["properties"].keys() == set(KINDS[name].Settings.__struct_encode_fields__)
    whole = settings_schema(KINDS[name])
    assert "#/components" not in str(whole)
    assert all("description" in one for one in whole["properties"].values())
