"""The structure of agencies is known as it was at each position: figures, names, drill-down and restatements agree on it."""

from __future__ import annotations

import random
from typing import Any

import httpx
import msgspec
import pytest

from services.metrics.agencies import store as agencies_store
from services.metrics.counting import service as rollup
from services.metrics.counting.feed_loop import follow
from services.metrics.counting.ingest_client import Ingest
from services.metrics.province_status.service import resync
from shared.agencies import Agency, AgencyKind
from shared.contracts.feed import Catalogue, CatalogueStep, FeedItem
from shared.database import Connection, Database
from tests.conftest import NewDatabase, Processes
from tests.metrics.conftest import Api
from tests.metrics.test_structures import FIRST, random_agencies
from tests.metrics.worlds import random_facts
from tests.patience import PATIENCE

KPIS = ["received_new", "resolved", "in_time_share", "in_process"]
PERIOD: dict[str, Any] = {"since": "2023-01-01", "to": "2023-05-31", "kpi": KPIS}
LEVELS: list[dict[str, Any]] = [
    {"by": "agency"},
    {"by": "agency", "level": "district"},
    {"by": "agency", "structure": "2023-02-01"},
]


async def change(api: Api, version: int, position: int, agencies: list[Agency]) -> None:
    """The catalogue is replaced at a position of the feed."""

    async def work(tx: Connection) -> None:
        changed = Catalogue(api.province, version, agencies, [], position)
        await rollup.apply(tx, api.province, [], position, steps=[CatalogueStep(position, version)], catalogue=changed)

    await api.database.run(work)


async def count(api: Api, items: list[FeedItem]) -> None:
    async def work(tx: Connection) -> None:
        await rollup.apply(tx, api.province, items, items[-1].position)

    await api.database.run(work)


def figures(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says, besides when and how complete."""
    return {name: answer[name] for name in ("position", "scope", "total", "rows", "balance")}


def values(kpis: dict[str, Any]) -> dict[str, Any]:
    return {kpi: (one["numerator"], one["denominator"], one["value"]) for kpi, one in kpis.items()}


async def opened(api: Api, figure: str) -> int:
    page = await api.get(f"/v1/figures/{figure}", limit=1000)
    assert page["next_cursor"] is None
    return sum(dossier["contribution"] for dossier in page["dossiers"])


async def restated(api: Api, words: dict[str, Any], first: dict[str, Any], last: dict[str, Any]) -> list[str]:
    """Compare a restatement with the answers as of its two positions; returns the reasons that it tells of the total."""
    words = {name: value for name, value in words.items() if name != "by"}
    span = {"after": first["position"], "upto": last["position"]}
    found = await api.get("/v1/restatements", **words, **span)
    before, after = values(first["total"]["kpis"]), values(last["total"]["kpis"])
    moved = found["total"]["kpis"]
    assert moved.keys() == {kpi for kpi in before if before[kpi] != after[kpi]}
    for kpi, one in moved.items():
        assert (values({"k": one["before"]})["k"], values({"k": one["after"]})["k"]) == (before[kpi], after[kpi])
        assert one["reasons"]
        if one["difference"] is not None and kpi != "in_time_share":
            by_structure = (one["by_structure"] or {"value": 0})["value"]
            assert ("structure" in one["reasons"]) == (by_structure != 0)
            assert ("dossiers" in one["reasons"]) == (by_structure != one["difference"]["value"])
    rows = {row["kpis"]["received_new"]["figure"].split("~")[3]: row for row in last["rows"]}
    old = {row["kpis"]["received_new"]["figure"].split("~")[3]: row for row in first["rows"]}
    for row in found["rows"]:
        for kpi, one in row["kpis"].items():
            for side, listed in (("before", old), ("after", rows)):
                scope = one[side]["figure"].split("~")[3]
                if scope in listed:
                    assert values({"k": one[side]}) == values({"k": listed[scope]["kpis"][kpi]})
    words = {name: value for name, value in words.items() if name != "level"} | {"kpi": "received_new"}
    page = await api.get("/v1/restatements/dossiers", **words, **span, limit=1000)
    total = sum(one["after"] - one["before"] for one in page["dossiers"])
    assert total == after["received_new"][0] - before["received_new"][0]
    assert {one["reason"] for one in page["dossiers"]} <= {"dossiers", "structure"}
    return [reason for one in moved.values() for reason in one["reasons"]]


@pytest.mark.parametrize("seed", [3, 8])
async def test_every_position_answers_by_the_structure_that_was_known_there(api: Api, seed: int) -> None:
    source = random.Random(seed)
    structures = [random_agencies(source), random_agencies(source), [], random_agencies(source)]
    keys = [unit.key for structure in structures for unit in structure]
    roots = [unit.code for structure in structures for unit in structure if unit.parent is None]
    position, known = 0, 0
    answers: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for version, agencies in enumerate(structures, 1):
        if version == 1:
            await count(api, [FeedItem(1, 1, random_facts(source, 1))])
            position = known = 1
        position += 1
        await change(api, version, position, agencies)
        scopes: list[list[str]] = [[], *([root] for root in dict.fromkeys(roots[:2]))]
        for part in range(2):
            for scope in scopes:
                for level in LEVELS:
                    words = {**PERIOD, **level, **({"scope": scope} if scope else {})}
                    response = await api.client.get("/v1/kpis", params=_words(api, words))
                    if response.status_code == 200:
                        answers.append((words, response.json()))
            if part == 0:
                facts = [random_facts(source, known + 1 + number) for number in range(15)]
                items = [
                    FeedItem(position + number, known + number, _at(one, source.choice(keys)))
                    for number, one in enumerate(facts, 1)
                ]
                position, known = items[-1].position, known + len(items)
                await count(api, items)
    reasons: set[str] = set()
    latest: dict[str, dict[str, Any]] = {}
    for words, answer in answers:
        again = await api.get("/v1/kpis", **words, as_of=answer["position"])
        assert figures(again) == figures(answer)
        assert answer["balance"]["ok"]
        name = repr(words)
        if name in latest:
            reasons.update(await restated(api, words, latest[name], answer))
        latest[name] = answer
    assert reasons == {"dossiers", "structure"}
    for _, answer in answers[:: max(1, len(answers) // 8)]:
        for row in (answer["total"], *answer["rows"]):
            for kpi in ("received_new", "in_process"):
                assert await opened(api, row["kpis"][kpi]["figure"]) == row["kpis"][kpi]["value"]
    check = await api.client.post("/v1/consistency-checks", params={"province": api.province})
    assert check.json()["differences"] == 0
    rebuilt = await api.client.post("/v1/rebuilds", params={"province": api.province})
    assert rebuilt.status_code == 200, rebuilt.text
    words, answer = answers[0]
    assert figures(await api.get("/v1/kpis", **words, as_of=answer["position"])) == figures(answer)


async def test_names_are_those_of_the_position_in_tables_too(api: Api) -> None:
    await count(api, [FeedItem(1, 1, _at(random_facts(random.Random(2), 1), "X@2020-01-01"))])
    await change(api, 1, 2, [unit("X", "Xã Cũ")])
    before = await api.get("/v1/kpis", **PERIOD, by="agency", scope="X")
    await change(api, 2, 3, [unit("X", "Xã Mới")])
    await change(api, 3, 4, [])
    assert before["scope"]["name"]["vi"] == before["rows"][0]["name"]["vi"] == "Xã Cũ"
    for position, name in ((2, "Xã Cũ"), (3, "Xã Mới")):
        params = {**PERIOD, "by": "agency", "scope": "X", "as_of": position, "format": "csv"}
        assert name in (await api.client.get("/v1/kpis", params=_words(api, params))).text
    moved = await api.get("/v1/restatements", **PERIOD, after=2, upto=3)
    assert moved["structure_change"] == {"added": [], "removed": [], "changed": ["X@2020-01-01"]}
    gone = await api.get("/v1/restatements", **PERIOD, after=3, upto=4)
    assert gone["structure_change"] == {"added": [], "removed": ["X@2020-01-01"], "changed": []}
    assert gone["rows"] == [], "a unit that is not listed any more keeps what it counted"
    figure = before["total"]["kpis"]["received_new"]["figure"]
    page = await api.get(f"/v1/figures/{figure}")
    assert page["numerator"] == before["total"]["kpis"]["received_new"]["value"]


async def test_a_change_of_the_list_has_a_position_of_its_own_from_ingest_to_the_figures(
    processes: Processes, new_database: NewDatabase
) -> None:
    url = await new_database("ingest", "metrics")
    database = Database(url, size=4)
    communes = [unit("H", "Tỉnh", AgencyKind.province), unit("A", "Xã An", parent="H"), unit("B", "Xã Ba", parent="H")]
    renamed = [communes[0], unit("A", "Phường An", parent="H"), unit("B", "Xã Ba")]
    key = await processes.key("ingest", url, "feed:read", "catalogue:write", "events:write", "sources:manage")
    api = processes.api("ingest", database_url=url)

    async def names(position: int | None = None) -> dict[str, str | None]:
        async with database.transaction() as tx:
            structure = (await agencies_store.units(tx, "30", position)).structure
        return {one.name_vi: one.parent for one in structure}

    async with (
        httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": key}, timeout=PATIENCE) as door,
        Ingest(api.url, key) as ingest,
    ):

        async def put(agencies: list[Agency]) -> None:
            body = msgspec.json.encode({"agencies": agencies})
            answer = await door.put("/v1/catalogue/30/agencies", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 200, answer.text

        source = {"province": "30", "kind": "own", "settings": {}}
        (await door.put("/v1/sources/own", json=source)).raise_for_status()
        await put(renamed)
        await put(communes)
        event = {"code": "H1", "id": "1", "at": "2023-06-15T09:00:00+07:00", "status": "processing", "agency": "A"}
        event["received_at"] = "2023-06-15T08:00:00+07:00"
        (await door.post("/v1/events", params={"source": "own"}, json=[event])).raise_for_status()
        await follow(database, ingest)
        assert await names() == await names(0) == {"Tỉnh": None, "Xã An": "H", "Xã Ba": "H"}
        await put(renamed)
        await put([])
        await follow(database, ingest)
        await put(renamed)
        await follow(database, ingest)
        assert not await follow(database, ingest), "nothing is left of a feed that ends with a change of the catalogue"
        assert await names(1) == {"Tỉnh": None, "Xã An": "H", "Xã Ba": "H"}
        assert await names(3) == {}
        assert await names() == await names(4) == {"Tỉnh": None, "Phường An": "H", "Xã Ba": None}
        page = (await door.get("/v1/feed", params={"province": "30", "after": 1, "limit": 2})).json()
        assert (page["items"], page["catalogues"]) == ([], [{"position": 2, "version": 3}, {"position": 3, "version": 4}])
        await database.run(lambda tx: resync(tx, "30"))
        await follow(database, ingest)
        assert await names() == {"Tỉnh": None, "Phường An": "H", "Xã Ba": None}
    await database.close()


def unit(code: str, name: str, kind: AgencyKind = AgencyKind.commune, parent: str | None = None) -> Agency:
    return Agency(code, name, name, kind, FIRST, parent=parent)


def _at(facts: Any, key: str) -> Any:
    return type(facts)(**{name: getattr(facts, name) for name in facts.__struct_fields__} | {"agency": key})


def _words(api: Api, words: dict[str, Any]) -> dict[str, Any]:
    return {"province": api.province, **{"from" if name == "since" else name: value for name, value in words.items()}}
