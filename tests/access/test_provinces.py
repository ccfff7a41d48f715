"""A key of one province reaches nothing of another, and cannot even tell that it is there: at every route there is."""

from __future__ import annotations

import re
from typing import Any

import httpx
import orjson
import pytest

from shared.settings import SERVICES, Service
from shared.web.queries import parameters_of
from tests.access.conftest import Provinces
from tests.access.provinces import LISTS, MISSING, OF_NO_PROVINCE, ROUTES, Ask, event, every_ask, routes
from tests.notices.reference import inspection_body


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_is_tried_with_a_key_of_another_province(service: Service) -> None:
    tried = {*ROUTES[service], *LISTS[service], *OF_NO_PROVINCE[service]}
    assert {name for name, _ in routes(service)} == tried


def _said(answer: httpx.Response) -> Any:
    """A problem without what differs from request to request: its correlation id, and the names that were asked for."""
    said = {name: value for name, value in answer.json().items() if name != "instance"}
    return re.sub(r"\d+", "#", str(said))


@pytest.mark.parametrize("service", SERVICES)
async def test_what_another_province_has_is_answered_as_what_is_not_there_and_stays_as_it_is(
    provinces: Provinces, service: Service
) -> None:
    key = await provinces.key(service, province=provinces.mine.province)
    before = await provinces.digest(service)
    foreign = list(every_ask(service, provinces.mine, provinces.its))
    missing = list(every_ask(service, provinces.mine, MISSING))
    for (route, ask), (_, none) in zip(foreign, missing, strict=True):
        answer = provinces.call(service, route, ask, key)
        if route == "POST /v1/national/{source}":  # the format's own way
            assert answer.json()["error_code"] != 0, (route, ask, answer.text)
        else:
            assert answer.status_code == 404, (route, ask, answer.text)
        detail = str(answer.json().get("detail", answer.json().get("message")))
        given = str(answer.request.url) + answer.request.content.decode(errors="replace")
        assert set(re.findall(r"\d{2,}", detail)) <= set(re.findall(r"\d{2,}", given)), (route, detail)
        if ask.alike:
            assert _said(answer) == _said(provinces.call(service, route, none, key)), route
        assert await provinces.digest(service) == before, f"{route} {ask} had an effect"


@pytest.mark.parametrize("service", SERVICES)
async def test_lists_hold_what_is_ones_own_and_are_filled_with_it(provinces: Provinces, service: Service) -> None:
    mine, both = await provinces.key(service, province=provinces.mine.province), await provinces.key(service)
    declared = dict(routes(service))
    for route in sorted(LISTS[service]):
        # The other province's rows are newer: a page that was cut before it was filtered would be empty.
        query = {"limit": 1} if "limit" in parameters_of(declared[route].dependant) else {}
        answer = provinces.call(service, route, Ask(query=query), mine)
        assert answer.status_code == 200, (route, answer.text)
        # The depth of quarantine has two: by source and reason, and by province.
        rows = [row for value in answer.json().values() if isinstance(value, list) for row in value]
        assert rows, route
        assert {row["province"] for row in rows} == {provinces.mine.province}, route
        seen = provinces.call(service, route, Ask(), both).json().values()
        rows = [row for value in seen if isinstance(value, list) for row in value]
        assert {row["province"] for row in rows} == {provinces.mine.province, provinces.its.province}, route


UNTRIED = {
    "GET /v1/watch",
    "POST /v1/catalogue/{province}/procedures/from-source",
    "DELETE /v1/alerts/rules/{number}",
    "POST /v1/provinces/{province}/resync",
    "POST /v1/sources/{name}/retire",
    "POST /v1/provinces/{province}/retire",
    "DELETE /v1/sources/{name}",
    "DELETE /v1/provinces/{province}",
    "GET /v1/notices/{number}/issue",
}
"""Never ends, is not there before a notice is issued, asks a portal that is not there, or takes away what others look at."""


@pytest.mark.parametrize("service", SERVICES)
async def test_of_ones_own_everything_can_be_asked(provinces: Provinces, service: Service) -> None:
    """Or the refusals above would prove nothing: each request is a good one but for whose the things are."""
    key = await provinces.key(service, province=provinces.mine.province)
    mine = provinces.mine
    for route, ask in every_ask(service, mine, mine):
        if route in UNTRIED:
            continue
        answer = provinces.call(service, route, ask, key)
        assert answer.status_code not in (401, 403, 404, 405), (route, ask, answer.text)
    for route, ask in OF_NO_PROVINCE[service].items():
        assert provinces.call(service, route, ask, key).status_code in (200, 201), route


async def test_the_same_idempotency_key_of_another_key_is_another_request(provinces: Provinces) -> None:
    mine, its = provinces.mine, provinces.its
    for service, path, body in (
        ("ingest", "/v1/events?source={own}", lambda who: [event(f"I{who.province}-1")]),
        ("notices", "/v1/inspections", lambda who: inspection_body(province=who.province)),
    ):
        said = []
        for who in (its, mine):
            key = await provinces.key(service, province=who.province)  # type: ignore[arg-type]
            answer = provinces.clients[service].post(  # type: ignore[index]
                path.format(own=who.source("own")),
                json=body(who),
                headers={"X-API-Key": key, "Idempotency-Key": "same"},
            )
            assert answer.is_success, answer.text
            said.append(answer.json())
        assert said[0] != said[1] or service == "ingest"


async def test_who_reaches_for_what_is_anothers_is_in_the_log(provinces: Provinces) -> None:
    key = await provinces.key("notices", province=provinces.mine.province)
    provinces.call("notices", "GET /v1/notices/{number}", Ask({"number": provinces.its.notice}), key)
    lines = (provinces.logs / "notices-api.log").read_text().splitlines()
    (line,) = (line for line in map(orjson.loads, lines) if line.get("key") == key.split("_")[1])
    assert (line["event"], line["area"], line["province"]) == ("refused", "access", provinces.its.province)


async def test_an_inspection_that_follows_a_notice_of_another_province_follows_none_that_there_is(provinces: Provinces) -> None:
    mine, its = provinces.mine, provinces.its
    for key in (await provinces.key("notices", province=mine.province), await provinces.key("notices")):
        said = []
        for notice in (its.notice, MISSING.notice):
            followed = {"follows": notice, "follow_ups": [{"recommendation": "late", "outcome": "done"}]}
            body = inspection_body(province=mine.province) | followed
            inspected = provinces.call("notices", "POST /v1/inspections", Ask(json=body), key)
            assert inspected.status_code == 201, inspected.text
            number = {"number": inspected.json()["id"]}
            answer = provinces.call("notices", "POST /v1/inspections/{number}/notices", Ask(number), key)
            assert answer.status_code == 404, answer.text
            said.append(_said(answer))
        assert said[0] == said[1]
