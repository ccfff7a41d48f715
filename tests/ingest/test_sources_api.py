"""How a source is connected: whose it is, what it stays, and what its settings may hold."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from deploy.local.services import ROOT
from services.ingest.sources.api.sources import MAX_SOURCES
from services.ingest.sources.bounds import require_small
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.settings import check_settings
from shared.errors import Invalid, ValidationDetails
from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE


class Door:
    """The API of ingest with keys of two provinces, and one for both."""

    def __init__(self, url: str, keys: dict[str, str]) -> None:
        self._clients = {
            name: httpx.AsyncClient(base_url=url, headers={"X-API-Key": key}, timeout=PATIENCE) for name, key in keys.items()
        }

    async def put(self, who: str, name: str, **changes: Any) -> httpx.Response:
        """Connect a source as the province `who` ("30", "31") or as one for "both"."""
        body = {"province": who, "kind": "own", "settings": {}, **changes}
        return await self._clients[who].put(f"/v1/sources/{name}", json=body)

    def client(self, who: str) -> httpx.AsyncClient:
        """Asks with a key of that province, or of both."""
        return self._clients[who]

    async def get(self, who: str, path: str) -> Any:
        return (await self._clients[who].get(path)).json()

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


@pytest_asyncio.fixture
async def door(processes: Processes, new_database: NewDatabase) -> AsyncIterator[Door]:
    url = await new_database("ingest")
    api = await asyncio.to_thread(processes.api, "ingest", database_url=url)
    keys = {province: await processes.key("ingest", url, "sources:manage", province=province) for province in ("30", "31")}
    made = Door(api.url, {**keys, "both": await processes.key("ingest", url, "sources:manage", "catalogue:write", "feed:read")})
    yield made
    await made.close()


async def test_a_source_stays_with_its_province_and_what_it_is(door: Door) -> None:
    assert (await door.put("30", "desk", settings={})).status_code == 200
    before = await door.get("30", "/v1/sources/desk")

    foreign = await door.put("31", "desk")
    assert foreign.status_code == 404
    assert "30" not in foreign.json()["detail"]
    assert (await door.put("30", "desk", province="31")).status_code == 404
    for change in ({"province": "31"}, {"province": "30", "kind": "national"}):
        changed = await door.put("both", "desk", **change)
        assert changed.status_code == 409
        assert "another name" in changed.json()["detail"]
    assert await door.get("30", "/v1/sources/desk") == before

    assert (await door.put("30", "desk", enabled=False, every_seconds=5)).status_code == 200
    after = await door.get("30", "/v1/sources/desk")
    assert (after["province"], after["kind"], after["enabled"], after["every_seconds"]) == ("30", "own", False, 5)


async def test_only_a_source_that_is_not_pulled_says_how_often_something_comes_of_it(door: Door) -> None:
    portal = {"base_url": "https://motcua.example", "grant": "client_credentials", "without_token": True}
    pulled = await door.put("30", "portal", kind="igate", settings=portal, expected_every_seconds=3600)
    assert pulled.status_code == 422, pulled.text
    assert [(one["at"], one["rule"]) for one in pulled.json()["errors"]] == [("body.expected_every_seconds", "not_applicable")]
    assert "`every_seconds`" in pulled.json()["errors"][0]["message"]
    for kind in ("own", "national", "files"):
        sent = await door.put("30", kind, kind=kind, expected_every_seconds=3600)
        assert (sent.status_code, sent.json().get("expected_every_seconds")) == (200, 3600), sent.text
    for seconds in (59, 367 * 86_400, 0):
        assert (await door.put("30", "own", expected_every_seconds=seconds)).status_code == 422
    assert (await door.put("30", "own")).json()["expected_every_seconds"] is None


async def test_the_bodies_of_the_readme_connect_a_source_of_each_kind(processes: Processes, new_database: NewDatabase) -> None:
    readme = (ROOT / "services" / "ingest" / "sources" / "README.md").read_text()
    bodies = {
        name: json.loads(body)
        for name, body in re.findall(
            r"curl -X PUT \$INGEST/v1/sources/(\S+) [^{]*?-d '(\{.*?\})'$", readme, re.DOTALL | re.MULTILINE
        )
    }
    assert {one["kind"] for one in bodies.values()} == KINDS.keys()
    url = await new_database("ingest")
    bound = {"MOTCUA_SECRET_HAI_DUONG_PROVINCE": "30", "MOTCUA_SECRET_HAI_DUONG_HOSTS": "motcua.example"}
    api = await asyncio.to_thread(lambda: processes.api("ingest", database_url=url, **bound))
    key = await processes.key("ingest", url, "sources:manage")
    async with httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": key}, timeout=PATIENCE) as http:
        kinds = (await http.get("/v1/sources/kinds")).json()["kinds"]
        bodies |= {f"example-{one['kind']}": one["example_body"] for one in kinds}
        for name, body in bodies.items():
            connected = await http.put(f"/v1/sources/{name}", json=body)
            assert (connected.status_code, connected.json().get("settings")) == (200, body["settings"]), connected.text


@pytest.mark.parametrize(
    ("kind", "settings", "at", "told"),
    [
        ("igate", {"base_url": "https://portal.example/pa/dossier/search"}, "settings.base_url", "holds /pa"),
        ("igate", {"base_url": "https://portal.example/auth"}, "settings.base_url", "holds /auth"),
        ("igate", {"base_url": "https://portal.example//api"}, "settings.base_url", "empty part"),
        ("igate", {"base_url": "https://motcua:geheim@portal.example"}, "settings.base_url", "user name or a password"),
        ("igate", {"base_url": "https://portal.example/?token=geheim"}, "settings.base_url", "a query"),
        ("igate", {"base_url": "portal.example"}, "settings.base_url", "begin with https://"),
        ("igate", {"base_url": "http://192.0.2.7"}, "settings.base_url", "SOURCE_HOSTS"),
        (
            "igate",
            {"base_url": "https://portal.example", "grant": "geheim"},
            "settings.grant",
            "`client_credentials`, `password`",
        ),
        (
            "igate",
            {"base_url": "https://portal.example", "statuses": {"Xong": "geheim"}},
            "settings.statuses.Xong",
            "statuses[Xong]",
        ),
        ("igate", {"base_url": "https://portal.example", "rate": "x"}, "settings.rate", "a number"),
        ("igate", {}, "settings", "`base_url` is missing"),
        ("files", {"dates": "geheim"}, "settings.dates", "`dd/mm`, `mm/dd`"),
        ("igates", {}, "kind", "Did you mean `igate`?"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named_with_what_may_stand_there(
    kind: str, settings: dict[str, Any], at: str, told: str
) -> None:
    with pytest.raises(Invalid) as caught:
        check_settings("30", kind, settings, None)
    details = caught.value.members
    assert isinstance(details, ValidationDetails)
    assert isinstance(details.errors, list)
    assert [one.at for one in details.errors] == [f"body.{at}"]
    assert told in caught.value.detail
    assert "base_url" not in at or "geheim" not in caught.value.detail


def test_an_address_in_front_of_which_the_portal_has_a_path_of_its_own_is_one() -> None:
    for base_url in ("https://portal.example", "https://portal.example/", "https://portal.example/api/v1/"):
        check_settings("30", "igate", {"base_url": base_url}, None)


async def test_two_provinces_that_choose_a_name_at_once_do_not_share_a_source(door: Door) -> None:
    answers = await asyncio.gather(*(door.put(who, "same") for who in ("30", "31", "30", "31")))
    won = (await door.get("both", "/v1/sources/same"))["province"]
    assert [answer.status_code for answer in answers] == [200 if who == won else 404 for who in ("30", "31", "30", "31")]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"base_url": "https://portal.example", "rate": 1_000}, "rate must lie between 0.01 and 100"),
        ({"base_url": "https://portal.example", "page_size": 0}, "page_size must lie between 1 and 10 000"),
        ({"base_url": "https://portal.example", "budget_seconds": 1e9}, "budget_seconds must lie between 1 and 3 600"),
        ({"base_url": "https://portal.example", "realm": "x" * 501}, "501 characters"),
        ({"base_url": "https://portal.example", "tasks": {str(n): "resolved" for n in range(2_001)}}, "2001 entries"),
        (
            {"base_url": "https://portal.example", "tasks": {"x" * 400 + str(n): "resolved" for n in range(400)}},
            "bytes as JSON",
        ),
    ],
)
def test_settings_that_are_too_much_are_refused_with_what_is_allowed(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        check_settings("30", "igate", settings, None)


def test_settings_are_not_nested_deeper_than_any_kind_needs() -> None:
    require_small({"a": {"b": ["c"]}})
    with pytest.raises(ValueError, match="3 deep"):
        require_small({"a": {"b": {"c": []}}})


async def test_a_province_may_have_so_many_sources_and_no_more(door: Door) -> None:
    for number in range(MAX_SOURCES):
        assert (await door.put("30", f"desk-{number}")).status_code == 200
    refused = await door.put("30", "one-more")
    assert refused.status_code == 409
    assert str(MAX_SOURCES) in refused.json()["detail"]
    assert (await door.put("30", "desk-0", every_seconds=5)).status_code == 200
    assert (await door.put("31", "one-more")).status_code == 200


async def test_a_province_comes_into_being_under_a_code_of_provinces_only(door: Door) -> None:
    both = door.client("both")
    days = [{"day": "2026-05-04", "worked": False, "legal_basis": "QĐ 1", "known_from": "2026-01-01"}]
    for code in ("-1", "C9999", "3", "030", "nl", "__"):
        of_code = f"/v1/catalogue/{code}"
        for refused in (
            await door.put("both", "desk", province=code),
            await both.put(f"{of_code}/agencies", json={"agencies": []}),
            await both.put(f"{of_code}/agencies", json={"agencies": []}, params={"dry_run": True}),
            await both.put(f"{of_code}/procedures", json={"procedures": []}),
            await both.post(f"{of_code}/days", json=days),
            await both.put(f"{of_code}/policies", json={}),
        ):
            assert refused.status_code == 422, (code, refused.request.url, refused.text)
            assert "two digits" in refused.json()["detail"]
        assert (await both.post(f"{of_code}/redatings")).status_code == 404
    assert (await door.get("both", "/v1/provinces"))["provinces"] == []
    assert (await door.put("both", "desk", province="31")).status_code == 200
    assert [one["province"] for one in (await door.get("both", "/v1/provinces"))["provinces"]] == ["31"]
