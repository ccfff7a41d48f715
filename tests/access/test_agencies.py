"""Keys bound to agencies are let in only where that binding is enforced, and there they reach nothing of other agencies."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from shared.access.keys import create_key
from shared.access.scopes import AGENCY_SCOPES, SCOPES
from shared.errors import Invalid
from shared.settings import SERVICES, Service
from tests.access.conftest import Provinces
from tests.access.provinces import CSV, DISTRICT, OF_NO_PROVINCE, TOWN, Ask, Things, every_ask, routes
from tests.guards.test_doors import _needs
from tests.patience import PATIENCE

_FIGURES = {"from": "2023-01-20", "to": "2023-03-30"}


def _scope(**more: Any) -> Callable[[Things, str], list[Ask]]:
    return lambda mine, agency: [
        Ask(query={"province": mine.province, "scope": scope, **_FIGURES, **more})
        for scope in ([agency], [TOWN, agency], ["10813", agency.partition("@")[0]])
    ]


def _figures(mine: Things, agency: str) -> list[Ask]:
    scopes = (agency, f"={agency}", f"{TOWN},{agency}")
    return [Ask({"figure": mine.figure.replace("~all~", f"~{scope}~")}) for scope in scopes]


def _assessed(mine: Things, agency: str) -> list[Ask]:
    body = {"province": mine.province, "scope": agency, "component": "1.1", "points": 1, "basis": "BC"}
    return [Ask({"index": "766"}, json=body | _FIGURES)]


def _ruled(mine: Things, agency: str) -> list[Ask]:
    return [Ask(json={"province": mine.province, "name": "x", "kpi": "late_share", "above": 0.5, "scope": [agency]})]


def _evident(mine: Things, agency: str) -> list[Ask]:
    return [Ask(json={"province": mine.province, "agency": agency, "on": "2023-02-01", "ratings": 1, "source": "BC"})]


def _petitions(mine: Things, agency: str) -> list[Ask]:
    petition = {"code": "A", "agency": agency, "subject": "rule", "received_on": "2023-02-01"}
    return [Ask(json={"province": mine.province, "petitions": [petition]})]


def _published(mine: Things, agency: str) -> list[Ask]:
    answer = '{"data": {"parent": {"totalReceived": 2, "totalOnTime": 1}}}'
    body = {"province": mine.province, "scope": agency, "published_on": "2023-03-01", "response": answer}
    return [Ask(json=body | _FIGURES)]


ENFORCED: dict[str, Callable[[Things, str], list[Ask]]] = {
    "GET /v1/kpis": _scope(),
    "GET /v1/kpis/series": _scope(),
    "GET /v1/kpis/counts": _scope(),
    "GET /v1/kpis/comparison": _scope(),
    "GET /v1/kpis/ranking": _scope(kpi="in_time_share"),
    "GET /v1/restatements": _scope(after=0),
    "GET /v1/restatements/changes": _scope(after=0),
    "GET /v1/restatements/dossiers": _scope(after=0, kpi="received_new"),
    "GET /v1/indices/766/ranking": _scope(),
    "GET /v1/indices/766/losses": _scope(),
    "GET /v1/indices/766/published": _scope(),
    "POST /v1/indices/766/published": _published,
    "GET /v1/indices/{index}": lambda mine, agency: [Ask({"index": "766"}, one.query) for one in _scope()(mine, agency)],
    "GET /v1/figures/{figure}": _figures,
    "GET /v1/disagreements": _scope(),
    "POST /v1/alerts/rules": _ruled,
    "POST /v1/manual-inputs": _evident,
    "GET /v1/petitions": _scope(),
    "POST /v1/petitions": _petitions,
    "POST /v1/petitions/files": lambda mine, agency: [
        Ask(query={"province": mine.province, "agency": agency}, content=CSV),
    ],
    "POST /v1/indices/{index}/assessments": _assessed,
}
"""Routes that take the name of an agency; both hold nothing else, so that a foreign one is the only reason to refuse."""

LISTED = {"GET /v1/agencies", "GET /v1/alerts", "GET /v1/alerts/rules", "DELETE /v1/alerts/rules/{number}", "GET /v1/watch"}
"""Routes without such a name that show and take only what belongs to the key's agencies: tried one by one below."""

OF_NOTICES = {
    "GET /v1/recommendations",
    "GET /v1/recommendations/{recommendation}",
    "POST /v1/recommendations/{recommendation}/answers",
}
"""Tried in `tests/notices/test_recommendations.py`."""


def declared(route: APIRoute) -> tuple[str, str]:
    """The scope that a route demands, and what it declares of keys that are bound to agencies."""
    for need in _needs(route.dependant):
        if getattr(need.call, "__qualname__", "").startswith("require."):
            said = inspect.getclosurevars(need.call).nonlocals
            return said["scope"], said["agencies"]
    return "events:write", "refused"  # the national format has a door of its own, which demands it by itself


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_that_lets_keys_of_agencies_in_is_tried_and_any_other_refuses_them(service: Service) -> None:
    made = {name: declared(route) for name, route in routes(service)}
    enforced = {name: scope for name, (scope, agencies) in made.items() if agencies == "enforced"}
    wanted = {"metrics": {*ENFORCED, *LISTED, "GET /v1/kpis/catalogue"}, "notices": OF_NOTICES}
    assert set(enforced) == wanted.get(service, set())
    assert set(enforced.values()) == AGENCY_SCOPES[service]
    if service == "metrics":  # a repeat from the cache is given without asking the route
        cached = {name for name, route in routes(service) if "deliver(" in inspect.getsource(route.endpoint)}
        assert len(cached) > 5
        assert {made[name] for name in cached} == {("figures:read", "enforced")}


async def test_no_key_is_made_for_agencies_where_nothing_enforces_them(provinces: Provinces) -> None:
    for service in SERVICES:
        for scope in SCOPES:
            if scope in AGENCY_SCOPES[service]:
                await create_key(provinces.owner, service, name="x", scopes=[scope], agencies=["10813"])
                continue
            for scopes in ([scope], [scope, *AGENCY_SCOPES[service]]):
                with pytest.raises(Invalid, match="enforces no agencies"):
                    await create_key(provinces.owner, service, name="x", scopes=scopes, agencies=["10813"])


@pytest.mark.parametrize("service", SERVICES)
async def test_a_key_of_agencies_that_came_about_otherwise_is_refused_where_nothing_enforces_them(
    provinces: Provinces, service: Service
) -> None:
    key = await provinces.key(service, province=provinces.mine.province, agencies=["10813"])
    # A ticket is looked up as its key, each time: what it opens refuses it or enforces the agencies.
    refused = {name for name, route in routes(service) if declared(route)[1] == "refused"} - {"POST /v1/tickets"}
    before = await provinces.digest(service)
    asks = [(name, ask) for name, ask in every_ask(service, provinces.mine, provinces.mine) if name in refused]
    asks += [(name, ask) for name, ask in OF_NO_PROVINCE[service].items() if name in refused]
    assert asks
    for name, ask in asks:
        answer = provinces.call(service, name, ask, key)
        if name == "POST /v1/national/{source}":
            assert answer.json()["error_code"] == 401, answer.text
        else:
            assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "forbidden"), (name, answer.text)
    assert await provinces.digest(service) == before


async def test_another_agency_is_answered_as_one_that_there_is_not_and_nothing_is_done_to_it(provinces: Provinces) -> None:
    mine = provinces.mine
    key = await provinces.key("metrics", province=mine.province, agencies=["10813"])
    before = await provinces.digest("metrics")
    for route, asks in ENFORCED.items():
        for foreign, missing in zip(asks(mine, DISTRICT), asks(mine, "99999@2019-12-01"), strict=True):
            answers = [provinces.call("metrics", route, ask, key) for ask in (foreign, missing)]
            assert [answer.status_code for answer in answers] == [404, 404], (route, foreign, answers[0].text)
            said = [answer.json()["detail"].replace("99999", "294") for answer in answers]
            assert said[0] == said[1], route
    assert await provinces.digest("metrics") == before
    for route, asks in ENFORCED.items():
        if route.startswith("GET"):
            assert provinces.call("metrics", route, asks(mine, TOWN)[0], key).status_code == 200, route
    whole = Ask(query={"province": mine.province, **_FIGURES})
    assert provinces.call("metrics", "GET /v1/kpis", whole, key).status_code == 403
    assert provinces.call("metrics", "GET /v1/figures/{figure}", Ask({"figure": mine.figure}), key).status_code == 404


async def test_alerts_and_their_rules_are_those_of_the_keys_agencies(provinces: Provinces) -> None:
    mine = provinces.mine
    key = await provinces.key("metrics", province=mine.province, agencies=["10813"])
    every = await provinces.key("metrics")

    def ask(route: str, who: str, path: dict[str, Any] | None = None, **query: Any) -> Any:
        return provinces.call("metrics", route, Ask(path or {}, {"province": mine.province, **query}), who)

    def rule(who: str, *scope: str) -> int:
        body = {"province": mine.province, "name": "x", "kpi": "late_share", "above": 0.5, "scope": scope}
        answer = provinces.call("metrics", "POST /v1/alerts/rules", Ask(json=body), who)
        assert answer.status_code == 201, answer.text
        number: int = answer.json()["id"]
        return number

    own, foreign, whole = rule(key, "10813"), rule(every, "294"), rule(every)
    alerts = [
        await provinces.owner.fetchval(
            "INSERT INTO metrics.alert (rule, province, agency, value, position, opened_at)"
            " VALUES ($1, $2, $3, 1, 1, now()) RETURNING id", number, mine.province, agency,
        )
        for number, agency in ((own, None), (whole, TOWN), (whole, "10828@2024-12-01"), (foreign, None), (whole, None))
    ]  # fmt: skip
    assert [one["id"] for one in ask("GET /v1/alerts/rules", key).json()["rules"]] == [own]
    assert {own, foreign, whole} <= {one["id"] for one in ask("GET /v1/alerts/rules", every).json()["rules"]}
    # The newest ones are of others: a page that was cut before it was filtered would be empty.
    page = ask("GET /v1/alerts", key, limit=1).json()
    assert [one["id"] for one in page["alerts"]] == [alerts[1]]
    following = ask("GET /v1/alerts", key, limit=1, cursor=page["next_cursor"]).json()
    assert [one["id"] for one in following["alerts"]] == [alerts[0]]
    assert {one["id"] for one in ask("GET /v1/alerts", every).json()["alerts"]} >= set(alerts)
    refused = [ask("DELETE /v1/alerts/rules/{number}", key, {"number": number}) for number in (foreign, whole, 9_000_001)]
    assert [answer.status_code for answer in refused] == [404, 404, 404]
    assert {foreign, whole} <= {one["id"] for one in ask("GET /v1/alerts/rules", every).json()["rules"]}
    assert ask("DELETE /v1/alerts/rules/{number}", key, {"number": own}).status_code == 204
    assert {one["code"] for one in ask("GET /v1/agencies", key).json()["agencies"]} == {"10813"}
    for number in (foreign, whole):
        assert ask("DELETE /v1/alerts/rules/{number}", every, {"number": number}).status_code == 204


async def test_a_watcher_of_some_agencies_is_told_of_positions_alone(provinces: Provinces) -> None:
    mine = provinces.mine
    key = await provinces.key("metrics", province=mine.province, agencies=["10813"])
    every = await provinces.key("metrics")
    url = str(provinces.clients["metrics"].base_url)
    told: dict[str, list[str]] = {key: [], every: []}
    began: dict[str, asyncio.Event] = {key: asyncio.Event(), every: asyncio.Event()}

    async def watch(who: str, until: str) -> None:
        async with (
            httpx.AsyncClient(base_url=url, headers={"X-API-Key": who}, timeout=PATIENCE) as client,
            client.stream("GET", "/v1/watch", params={"province": mine.province}) as response,
        ):
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    told[who].append(line.removeprefix("event: "))
                    began[who].set()
                    if told[who].count(until.split()[0]) == int(until.split()[1]):
                        return

    watching = [asyncio.create_task(watch(every, "alerts 1")), asyncio.create_task(watch(key, "position 2"))]
    await asyncio.gather(*(one.wait() for one in began.values()))
    await provinces.owner.execute(
        "INSERT INTO metrics.alert (rule, province, agency, value, position, opened_at) VALUES ($1, $2, $3, 1, 1, now())",
        mine.rule, mine.province, TOWN,
    )  # fmt: skip
    await watching[0]
    # What is told of after the alert is not the alert.
    await provinces.owner.execute("UPDATE metrics.province SET revision = revision + 1 WHERE province = $1", mine.province)
    await watching[1]
    assert "alerts" in told[every]
    assert told[key] == ["position", "position"]


async def test_a_petition_of_another_agency_is_not_restated_by_a_key_of_one(provinces: Provinces) -> None:
    whole = await provinces.key("metrics", province=provinces.mine.province)
    bound = await provinces.key("metrics", province=provinces.mine.province, agencies=["10813"])

    def stated(key: str, code: str, agency: str) -> int:
        petition = {"code": code, "agency": agency, "subject": "rule", "received_on": "2023-02-01"}
        body = {"province": provinces.mine.province, "petitions": [petition]}
        return provinces.call("metrics", "POST /v1/petitions", Ask(json=body), key).status_code

    assert stated(whole, "P-1", DISTRICT) == 201
    before = await provinces.digest("metrics")
    assert stated(bound, "P-1", TOWN) == 404
    assert await provinces.digest("metrics") == before
    assert stated(bound, "P-2", TOWN) == stated(bound, "P-2", TOWN) == 201
    assert stated(whole, "P-2", DISTRICT) == 201  # it was passed on
    assert stated(bound, "P-2", TOWN) == 404
