"""What pollers and front ends see of the KPIs."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from services.metrics.counting import service as rollup
from services.metrics.figures.kpis.catalogue import BY_ID
from services.metrics.provinces.store import batches
from shared.access.keys import create_key
from shared.contracts.feed import FeedItem
from shared.database import Connection
from shared.dossier import Channel, Facts, Outcome, Status
from tests.conftest import Processes
from tests.metrics import by_hand, worlds
from tests.metrics.conftest import Api, World
from tests.metrics.worlds import day, random_feed
from tests.patience import PATIENCE, until

COMMUNE = "10813@2019-12-01"


async def world_of(api: Api, seed: int = 1, versions: int = 400) -> World:
    source = random.Random(seed)
    return await api.count(random_feed(source, 120, versions), source)


def received_now(position: int, number: int, agency: str = COMMUNE) -> FeedItem:
    facts = Facts(
        code=f"N{number}", status=Status.received, agency=agency, channel=Channel.online, received_on=day(10), interlinked=False
    )
    return FeedItem(position, number, facts)


async def test_a_scope_answers_with_its_total_and_the_rows_of_its_agencies(api: Api) -> None:
    world = await world_of(api)
    answer = await api.get("/v1/kpis", scope="294", since=str(day(5)), to=str(day(40)), by="agency")
    state = worlds.state(world.feed, world.ends[-1])
    assert answer["scope"]["agency"] == "294@2019-12-01"
    assert answer["scope"]["name"] == {"vi": "Huyện Thanh Hà", "en": "Thanh Hà district"}
    assert answer["position"] == 400
    assert answer["balance"] == {"ok": True, "breaks": []}
    # Every unit that was ever below the district belongs to it, the commune of 2024 too.
    expected = by_hand.kpis([one for one in state.values() if one.agency is not None], day(5), day(40))
    total = answer["total"]["kpis"]
    assert set(total) == set(BY_ID)
    got = {name: (total[name]["numerator"], total[name]["denominator"]) for name in expected}
    assert got == expected
    rows = {row["agency"]: row["kpis"] for row in answer["rows"]}
    assert len(rows) >= 32
    for name in ("received_new", "in_process", "resolved", "suspended"):
        assert sum(row[name]["value"] for row in rows.values()) == total[name]["value"]
    assert rows["10816@2019-12-01"]["in_time_share"] == {
        "numerator": 0,
        "denominator": 0,
        "value": None,
        "rule": "in_time_share@1",
        "figure": rows["10816@2019-12-01"]["in_time_share"]["figure"],
    }


async def test_dossiers_without_a_known_agency_are_a_row_of_their_own_in_the_whole_province(api: Api) -> None:
    world = await world_of(api)
    answer = await api.get("/v1/kpis", since=str(day(0)), to=str(day(80)), by="agency", kpi="received_new")
    unmapped = [row for row in answer["rows"] if row["agency"] is None]
    state = worlds.state(world.feed, world.ends[-1]).values()
    expected = by_hand.kpis([one for one in state if one.agency is None], day(0), day(80))["received_new"][0]
    assert [row["kpis"]["received_new"]["value"] for row in unmapped] == [expected]


async def test_every_figure_opens_to_exactly_the_dossiers_behind_it(api: Api) -> None:
    world = await world_of(api, seed=2)
    position = random.Random(2).choice(world.ends[2:])
    words: dict[str, Any] = {"since": str(day(10)), "to": str(day(35)), "as_of": position}
    total = (await api.get("/v1/kpis", **words))["total"]["kpis"]
    agencies = (await api.get("/v1/kpis", by="agency", **words))["rows"]
    linked = (await api.get("/v1/kpis", by="procedure", **words))["rows"]
    opened = 0
    for figures in (total, agencies[0]["kpis"], agencies[-1]["kpis"], linked[0]["kpis"]):
        for kpi_id, figure in figures.items():
            kpi = BY_ID[kpi_id]
            for part in ("numerator", "denominator"):
                if part == "denominator" and figure["denominator"] is None:
                    continue
                dossiers: list[dict[str, Any]] = []
                cursor: str | None = None
                while True:
                    page = await api.get(
                        f"/v1/figures/{figure['figure']}", part=part, limit=7, **({"cursor": cursor} if cursor else {})
                    )
                    dossiers += page["dossiers"]
                    cursor = page["next_cursor"]
                    if cursor is None:
                        break
                assert page["position"] == position
                numbers = [dossier["number"] for dossier in dossiers]
                assert len(set(numbers)) == len(numbers)
                if kpi_id in {"satisfaction", "feedback_in_time_share"}:
                    continue
                assert sum(dossier["contribution"] for dossier in dossiers) == page["sum"], (kpi_id, part)
                if kpi.percentile is None:
                    # What no source states is not known, and no dossier is listed for it.
                    assert page["sum"] == (figure[part] or 0)
                opened += len(dossiers)
    assert opened > 500


async def test_asked_as_of_an_old_position_or_instant_the_answer_is_the_one_of_then(api: Api) -> None:
    source = random.Random(3)
    feed = random_feed(source, 60, 300)
    world = await api.count(feed[:150], source)
    then = await api.get("/v1/kpis", since=str(day(0)), to=str(day(60)))
    async with api.database.transaction() as tx:
        instant = await batches.applied_at(tx, api.province, world.ends[-1])
    assert instant is not None
    await count_more(api, feed[150:])
    now = await api.until(300, "/v1/kpis", since=str(day(0)), to=str(day(60)))
    assert now["total"] != then["total"]
    for as_of in (
        "150",
        instant.isoformat(),
        (instant + timedelta(microseconds=1)).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).isoformat(),
    ):
        again = await api.get("/v1/kpis", since=str(day(0)), to=str(day(60)), as_of=as_of)
        assert again["position"] == 150
        assert again["total"] == then["total"]
    response = await api.client.get("/v1/kpis", params={"province": api.province, "as_of": 301})
    assert response.status_code == 409
    assert response.json()["type"].endswith("/not-counted-yet")


async def count_more(api: Api, items: list[FeedItem]) -> None:
    async def work(tx: Connection) -> None:
        await rollup.apply(tx, api.province, items, items[-1].position)

    await api.database.run(work)


async def test_a_repeat_is_answered_304_and_a_new_position_is_seen_at_once(api: Api) -> None:
    await world_of(api)
    words = {"province": api.province, "from": str(day(0)), "to": str(day(60))}
    await api.until(400, "/v1/kpis", since=str(day(0)), to=str(day(60)))
    first = await api.client.get("/v1/kpis", params=words)
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    second = await api.client.get("/v1/kpis", params=words)
    assert (second.status_code, second.content, second.headers["etag"]) == (200, first.content, etag)
    same = await api.client.get("/v1/kpis", params=words, headers={"If-None-Match": etag})
    assert (same.status_code, same.content) == (304, b"")
    other = await api.client.get("/v1/kpis", params={**words, "kpi": "received_new"}, headers={"If-None-Match": etag})
    assert other.status_code == 200
    await count_more(api, [received_now(401, 9_001)])
    moved = await until(
        lambda: api.client.get("/v1/kpis", params=words, headers={"If-None-Match": etag}),
        lambda answer: answer.status_code == 200,
    )
    assert moved.json()["position"] == 401
    figures = first.json()["total"]["kpis"]
    assert moved.json()["total"]["kpis"]["received_online"]["value"] == figures["received_online"]["value"] + 1


async def test_no_process_answers_older_than_what_the_client_has_seen(api: Api, processes: Processes) -> None:
    await world_of(api)
    other = processes.api("metrics", database_url=api.owner_url)
    words = {"province": api.province, "from": str(day(0)), "to": str(day(60)), "kpi": "received_new"}
    async with httpx.AsyncClient(
        base_url=other.url, headers={"Authorization": f"Bearer {api.key}"}, timeout=PATIENCE
    ) as second:
        clients = [api.client, second]
        etag, seen = "", 0
        for step in range(60):
            if step % 3 == 0:
                await count_more(api, [received_now(401 + step // 3, 9_000 + step)])
            headers = {"If-None-Match": etag} if etag else {}
            response = await clients[step % 2].get("/v1/kpis", params=words, headers=headers)
            if response.status_code == 304:
                continue
            etag = response.headers["etag"]
            assert response.json()["position"] >= seen
            seen = response.json()["position"]
    assert seen == 420


async def test_a_key_for_some_agencies_sees_these_and_no_others(api: Api) -> None:
    await world_of(api)
    async with api.database.transaction() as tx:
        narrow = await create_key(tx, "metrics", name="x", scopes=["figures:read"], agencies=["10813"], province=api.province)
        foreign = await create_key(tx, "metrics", name="y", scopes=["figures:read"], province="31")
        blind = await create_key(tx, "metrics", name="z", scopes=["feed:read"])

    async def status(key: str, path: str = "/v1/kpis", **words: str) -> int:
        if path == "/v1/kpis":
            words = {"province": api.province, **words}
        return (await api.client.get(path, params=words, headers={"Authorization": f"Bearer {key}"})).status_code

    figure = (await api.get("/v1/kpis", scope="294"))["total"]["kpis"]["received_new"]["figure"]
    assert await status(narrow, scope="10813") == 200
    assert await status(narrow, scope="294") == 404
    assert await status(narrow) == 403
    assert await status(narrow, f"/v1/figures/{figure}") == 404
    assert await status(foreign) == 404
    assert await status(blind) == 403
    assert await status("mc_nobody_knows") == 401


async def test_wrong_questions_are_answered_with_what_to_do(api: Api) -> None:
    await world_of(api, versions=20)
    cases = {
        ("kpi", "nonsense"): (422, "catalogue"),
        ("scope", "99999"): (404, "/v1/agencies"),
        ("as_of", "yesterday"): (422, "offset"),
        ("as_of", "2023-01-01T00:00:00"): (422, "offset"),
        ("as_of", "2099-01-01T00:00:00Z"): (422, "lies in the future"),
        ("as_of", (datetime.now(UTC) + timedelta(minutes=1)).isoformat()): (422, "lies in the future"),
        ("structure", "later"): (422, "2025-07-01"),
        ("period", "2023-Q5"): (422, "2023-Q2"),
        ("from", "2099-01-01"): (422, "before it begins"),
        ("to", "0001-01-01"): (422, "between"),
        ("from", "9999-12-31"): (422, "between"),
        ("scope", "a~b"): (422, "scope"),
        ("province", "77"): (404, "may see"),
    }
    for (name, value), (status, hint) in cases.items():
        response = await api.client.get("/v1/kpis", params={"province": api.province, name: value})
        assert response.status_code == status, (name, value, response.text)
        assert response.headers["content-type"] == "application/problem+json"
        assert hint in response.json()["detail"]
    response = await api.client.get("/v1/figures/not-a-figure-at-all")
    assert response.status_code == 404


async def test_by_the_structure_of_a_later_day_units_that_are_no_more_count_where_they_went(api: Api) -> None:
    facts = [("10828@2019-12-01", 1), ("10819@2019-12-01", 2), ("10813@2019-12-01", 3), ("294.TNMT@2019-12-01", 4)]
    await api.count([received_now(number, number, agency) for agency, number in facts])
    words = {"since": str(day(0)), "to": str(day(60)), "by": "agency", "kpi": "received_new"}

    async def rows(structure: str) -> dict[str, int]:
        answer = await api.get("/v1/kpis", structure=structure, **words)
        assert answer["total"]["kpis"]["received_new"]["value"] == 4
        return {
            row["agency"]: row["kpis"]["received_new"]["value"]
            for row in answer["rows"]
            if row["kpis"]["received_new"]["value"]
        }

    assert await rows("then") == {agency: 1 for agency, _ in facts}
    merged = await rows("2025-01-01")
    assert merged["10828@2024-12-01"] == 2
    five = await rows("2025-07-01")
    assert sum(five.values()) == 4
    assert len(five) < 4 or five != merged


async def test_the_catalogue_names_every_kpi_in_both_languages_with_its_formula(api: Api) -> None:
    body = await api.get("/v1/kpis/catalogue")
    assert [kpi["id"] for kpi in body["kpis"]] == list(BY_ID)
    for kpi in body["kpis"]:
        assert kpi["name"]["vi"]
        assert kpi["name"]["en"]
        assert kpi["numerator"]
        assert kpi["source"]
    (share,) = [kpi for kpi in body["kpis"] if kpi["id"] == "overdue_share"]
    assert (share["better"], share["parts"], share["base"]) == ("lower", ["resolved_overdue"], ["resolved"])
    assert body["balances"][0] == {
        "name": "received_new + carried_over = resolved + in_process",
        "left": ["received_new", "carried_over"],
        "relation": "=",
        "right": ["resolved", "in_process"],
    }


async def test_a_returned_dossier_is_inside_on_time_and_shown_apart(api: Api) -> None:
    facts = Facts(
        code="R1",
        status=Status.returned,
        agency=COMMUNE,
        channel=Channel.counter,
        received_on=day(1),
        ended_on=day(3),
        outcome=Outcome.returned,
    )
    await api.count([FeedItem(1, 1, facts)])
    figures = (await api.get("/v1/kpis", scope="10813", since=str(day(0)), to=str(day(9))))["total"]["kpis"]
    assert [figures[name]["value"] for name in ("returned", "resolved_on_time", "resolved", "in_process")] == [1, 1, 1, 0]


async def test_no_parameter_makes_it_stumble(api: Api) -> None:
    await world_of(api, versions=20)
    source = random.Random(71)
    texts = [
        "",
        "0",
        "-1",
        "9" * 19,
        "1e9",
        "null",
        "\ud7ff",
        "'; --",
        "%",
        "2023-13-45",
        "0001-01-01",
        "x" * 300,
        "294",
        "30d",
        "now",
    ]
    paths = [
        "/v1/kpis",
        "/v1/kpis/series",
        "/v1/kpis/counts",
        "/v1/kpis/comparison",
        "/v1/kpis/ranking",
        "/v1/restatements",
        "/v1/restatements/dossiers",
        "/v1/agencies",
        "/v1/indices/766",
        "/v1/indices/x",
        "/v1/alerts",
        "/v1/consistency-checks",
        "/v1/provinces",
    ]
    paths += [f"/v1/figures/{text or 'x'}~{text}~in_process@1~all~{text}~2023-02-01~then" for text in texts]
    described = (await api.client.get("/openapi.json")).json()["paths"]
    names: dict[str, list[str]] = {}
    for path in paths:
        (template,) = (
            one for one in described if re.fullmatch(re.sub(r"{\w+}", "[^/]+", one), path) and "get" in described[one]
        )
        names[path] = [one["name"] for one in described[template]["get"].get("parameters", ()) if one["in"] == "query"]
    statuses = set()
    for _ in range(400):
        path = source.choice(paths)
        known = names[path]
        words = {name: source.choice(texts) for name in source.sample(known, min(len(known), source.randint(0, 3)))}
        if "province" in known and source.random() < 0.9:
            words["province"] = api.province
        response = await api.client.get(path, params=words)
        statuses.add(response.status_code)
        assert response.status_code < 500, (response.url, response.text)
    assert {200, 404, 422} <= statuses
