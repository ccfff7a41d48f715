"""Repeats are answered before FastAPI; whoever asks cannot tell, and nothing that the layers promise is lost."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

import httpx

from shared.access.keys import create_key, revoke_key
from tests.conftest import Processes
from tests.metrics import worlds
from tests.metrics.conftest import Api
from tests.metrics.test_kpis_api import count_more, received_now
from tests.patience import PATIENCE

BELIEVED = 2.0


def query(api: Api) -> dict[str, str]:
    return {"province": api.province, "from": str(worlds.day(0)), "to": str(worlds.day(60)), "kpi": "received_new"}


async def repeated(api: Api, **headers: str) -> list[httpx.Response]:
    """The same request four times, once the process knows the province: computed, then from the cache."""
    await api.until(1, "/v1/kpis", kpi="received_new")
    return [await api.client.get("/v1/kpis", params=query(api), headers=headers) for _ in range(4)]


async def tallied(api: Api, status: int) -> tuple[float, float]:
    """Requests of `/v1/kpis` with this status, and all of its measured answers."""
    text = (await api.client.get("/metrics")).text
    series = 'method="GET",route="/v1/kpis",service="metrics",status='
    total = re.search(rf'^motcua_requests_total{{{series}"{status}"}} (\S+)', text, re.M)
    timed = re.search(r'^motcua_request_seconds_count{route="/v1/kpis",service="metrics"} (\S+)', text, re.M)
    return float(total[1]) if total else 0.0, float(timed[1]) if timed else 0.0


async def test_a_repeat_is_the_same_answer_with_the_same_headers_and_an_id_of_its_own(api: Api) -> None:
    await api.count([received_now(1, 1)])
    answers = await repeated(api)
    assert {answer.content for answer in answers} == {answers[0].content}
    own = {"x-correlation-id", "date"}
    headers = [{name: text for name, text in answer.headers.items() if name not in own} for answer in answers]
    assert headers == [headers[0]] * 4
    assert headers[0]["vary"] == "Accept, Accept-Encoding, Accept-Language, Authorization, X-API-Key"
    ids = {answer.headers["x-correlation-id"] for answer in answers}
    assert len(ids) == 4
    echoed = await repeated(api, **{"X-Correlation-ID": "poller-0815.1"})
    assert {answer.headers["x-correlation-id"] for answer in echoed} == {"poller-0815.1"}
    smuggled = await repeated(api, **{"X-Correlation-ID": "<script>"})
    assert "<script>" not in {answer.headers["x-correlation-id"] for answer in smuggled}


async def test_an_unknown_parameter_is_refused_each_time_however_well_the_rest_is_known(api: Api) -> None:
    await api.count([received_now(1, 1)])
    assert {answer.status_code for answer in await repeated(api)} == {200}
    for _ in range(3):
        answer = await api.client.get("/v1/kpis", params={**query(api), "provinze": "31"})
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "query.provinze")


async def test_a_repeated_304_carries_what_a_200_would_say_of_itself(api: Api) -> None:
    await api.count([received_now(1, 1)])
    first = (await repeated(api))[-1]
    for answer in await repeated(api, **{"If-None-Match": first.headers["etag"]}):
        assert (answer.status_code, answer.content) == (304, b"")
        for name in ("etag", "cache-control", "vary"):
            assert answer.headers[name] == first.headers[name]
    for other in (f"W/{first.headers['etag']}", f'"1.0-00", {first.headers["etag"]}'):
        assert {answer.status_code for answer in await repeated(api, **{"If-None-Match": other})} == {304}
    assert {answer.status_code for answer in await repeated(api, **{"If-None-Match": '"1.0-00"'})} == {200}


async def test_repeats_are_counted_and_timed_like_all_answers(api: Api) -> None:
    await api.count([received_now(1, 1)])
    etag = (await repeated(api))[-1].headers["etag"]
    before, all_before = await tallied(api, 200)
    unchanged, _ = await tallied(api, 304)
    for _ in range(10):
        await api.client.get("/v1/kpis", params=query(api))
    for _ in range(5):
        await api.client.get("/v1/kpis", params=query(api), headers={"If-None-Match": etag})
    after, all_after = await tallied(api, 200)
    assert after - before == 10
    assert (await tallied(api, 304))[0] - unchanged == 5
    assert all_after - all_before == 15


async def test_what_looks_like_a_repeat_and_is_none_goes_the_whole_way(api: Api) -> None:
    await api.count([received_now(1, 1)])
    await repeated(api)
    assert (await api.client.post("/v1/kpis", params=query(api))).status_code == 405
    csv = await api.client.get("/v1/kpis", params={**query(api), "by": "agency"}, headers={"Accept": "text/csv"})
    assert csv.headers["content-type"].startswith("text/csv")
    nobody = httpx.AsyncClient(base_url=api.client.base_url)
    async with nobody:
        assert (await nobody.get("/v1/kpis", params=query(api))).status_code == 401
        twice = [("Authorization", api.client.headers["Authorization"])] * 2
        balance_breaks = await nobody.get("/v1/kpis", params=query(api), headers=twice)
    assert balance_breaks.status_code == 400
    assert balance_breaks.headers["content-type"] == "application/problem+json"


async def test_a_revoked_key_is_refused_on_repeats_too_once_it_is_not_believed_any_more(api: Api, processes: Processes) -> None:
    await api.count([received_now(1, 1)])
    process = processes.api("metrics", database_url=api.owner_url, key_seconds=str(BELIEVED))
    async with api.database.transaction() as tx:
        key = await create_key(tx, "metrics", name="leaving", scopes=["figures:read"], province=api.province)
    async with httpx.AsyncClient(base_url=process.url, headers={"X-API-Key": key}, timeout=PATIENCE) as client:
        clock = asyncio.get_running_loop().time
        etag = (await client.get("/v1/kpis", params=query(api))).headers["etag"]
        for headers in ({}, {"If-None-Match": etag}) * 5:
            assert (await client.get("/v1/kpis", params=query(api), headers=headers)).status_code < 400
        async with api.database.transaction() as tx:
            assert await revoke_key(tx, "metrics", key.split("_")[1], datetime.now(UTC))
        revoked = clock()
        statuses: list[tuple[float, int]] = []
        while clock() < revoked + BELIEVED + 0.5:
            asked = clock() - revoked
            headers = {"If-None-Match": etag} if len(statuses) % 2 else {}
            statuses.append((asked, (await client.get("/v1/kpis", params=query(api), headers=headers)).status_code))
            await asyncio.sleep(0.01)
    assert {status for asked, status in statuses if asked > BELIEVED} == {401}
    assert statuses[0][1] < 400


async def test_a_repeat_is_asked_anew_when_its_province_moved(api: Api) -> None:
    await api.count([received_now(1, 1)])
    await repeated(api)
    for position in range(2, 8):
        await count_more(api, [received_now(position, position)])
        answer = await api.until(position, "/v1/kpis", since=str(worlds.day(0)), to=str(worlds.day(60)), kpi="received_new")
        assert answer["total"]["kpis"]["received_new"]["value"] == position


async def test_when_a_province_moves_all_who_watch_share_one_answer(api: Api) -> None:
    async def computed() -> float:
        text = (await api.client.get("/metrics")).text
        found = re.search(rf'^motcua_metrics_answers_computed_total{{province="{api.province}"}} (\S+)', text, re.M)
        return float(found[1]) if found else 0.0

    await api.count([received_now(1, 1)])
    await repeated(api)
    asked = {**query(api), "kpi": ["received_new", "resolved", "in_process"], "by": "agency"}
    for position in range(2, 6):
        await count_more(api, [received_now(position, position)])
        await api.until(position, "/v1/kpis", since=str(worlds.day(0)), to=str(worlds.day(60)), kpi="received_new")
        # A position can be read before the process is told of it. It was told once its answer is cached: given at the new
        # position, and not computed.
        async with asyncio.timeout(10):
            told = False
            while not told:
                before = await computed()
                found = (await api.client.get("/v1/kpis", params=query(api))).json()["position"]
                told = found == position and await computed() == before
        answers = await asyncio.gather(*(api.client.get("/v1/kpis", params=asked) for _ in range(25)))
        assert {answer.status_code for answer in answers} == {200}
        assert {answer.json()["position"] for answer in answers} == {position}
        assert await computed() - before == 1
