"""Passwords of sources: whose they are, where they may go, and that they go nowhere else."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from services.ingest.sources.errors import SourceError, SourceMisconfigured
from services.ingest.sources.http.addresses import address_of
from services.ingest.sources.http.client import Credentials, PortalClient
from services.ingest.sources.http.rate_limits import Limits
from services.ingest.sources.http.secrets import Secret, secret_of
from tests.conftest import NewDatabase, Processes
from tests.ingest.portals import Scripted, access, answer, secret_for
from tests.patience import PATIENCE

BOUND = {
    "MOTCUA_SECRET_HAI_DUONG": "s3cret",
    "MOTCUA_SECRET_HAI_DUONG_PROVINCE": "30",
    "MOTCUA_SECRET_HAI_DUONG_HOSTS": "portal.example, Spare.example:8443",
    "MOTCUA_SECRET_LOOSE": "s3cret",
    "DATABASE_URL": "postgresql://owner:s3cret@db/motcua",
}


@pytest.mark.parametrize("url", ["https://portal.example", "https://PORTAL.example:443/api", "https://spare.example:8443"])
def test_a_secret_is_given_to_the_province_and_the_hosts_it_is_bound_to(url: str) -> None:
    secret = secret_of("HAI_DUONG", "30", address_of(url), BOUND)
    assert secret.value == "s3cret"
    assert "s3cret" not in repr(secret)


@pytest.mark.parametrize(
    ("name", "province", "url"),
    [
        ("HAI_DUONG", "31", "https://portal.example"),  # another province's
        ("HAI_DUONG", "30", "https://portal.example.attacker.example"),
        ("HAI_DUONG", "30", "https://portal.example:8443"),
        ("HAI_DUONG", "30", "http://portal.example"),
        ("LOOSE", "30", "https://portal.example"),  # nobody bound it
        ("NOBODY", "30", "https://portal.example"),
        ("DATABASE_URL", "30", "https://portal.example"),
    ],
)
def test_what_is_not_bound_so_is_refused_in_the_same_words(name: str, province: str, url: str) -> None:
    with pytest.raises(SourceMisconfigured) as caught:
        secret_of(name, province, address_of(url), BOUND)
    assert str(caught.value).startswith(f"No secret {name} is bound to province {province} and {address_of(url).written}.")


@pytest.mark.parametrize("name", ["HAI_DUONG_PROVINCE", "HAI_DUONG_HOSTS"])
def test_a_binding_is_no_secret(name: str) -> None:
    bound = {f"MOTCUA_SECRET_{name}_PROVINCE": "30", f"MOTCUA_SECRET_{name}_HOSTS": "portal.example", **BOUND}
    with pytest.raises(SourceMisconfigured, match="can be named"):
        secret_of(name, "30", address_of("https://portal.example"), bound)


async def _ask(url: str, secret: Secret) -> None:
    client = PortalClient(
        url, Credentials(token_path="/token", client_id="motcua", secret=secret), Limits(attempts=1, rate=100)
    )
    try:
        await client.fetch("/x", {}, json.loads)
    finally:
        await client.close()


async def test_a_password_is_sent_to_its_hosts_alone() -> None:
    script = Scripted([answer(200, b'{"access_token":"one"}')])
    async with script.serving() as url:
        with pytest.raises(SourceMisconfigured, match="may not be sent to"):
            await _ask(url, secret_for("https://portal.example"))
    assert script.asked == []


async def test_a_password_follows_no_redirect() -> None:
    elsewhere = Scripted([answer(200, b'{"access_token":"one"}')])
    async with elsewhere.serving() as other:
        script = Scripted([answer(307, location=f"{other}/token")])
        async with script.serving() as url:
            with pytest.raises(SourceError):
                await _ask(url, secret_for(url, "s3cret"))
    assert b"s3cret" in script.asked[0][3]
    assert elsewhere.asked == []


async def test_a_password_goes_through_no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Scripted([answer(200, b'{"access_token":"one"}')])
    script = Scripted([answer(200, b'{"access_token":"one"}'), answer(200, b"{}")])
    async with proxy.serving() as between, script.serving() as url:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, between)
        await _ask(url, secret_for(url))
    assert (len(proxy.asked), len(script.asked)) == (0, 2)


async def test_a_source_is_not_connected_with_a_secret_it_would_not_get(
    processes: Processes, new_database: NewDatabase
) -> None:
    url = await new_database("ingest")
    key = await processes.key("ingest", url, "sources:manage", province="30")
    portal = "https://portal.example:443"
    given = {name: value for name, value in access(portal, "30").items() if name != "MOTCUA_SECRET_TEST"}
    theirs = {name.replace("TEST", "THEIRS"): value for name, value in access(portal, "31").items()}
    api = await asyncio.to_thread(processes.api, "ingest", database_url=url, **given, **theirs)
    async with httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": key}, timeout=PATIENCE) as door:

        async def put(secret: Any, base_url: str = portal, **changes: Any) -> httpx.Response:
            body = {"province": "30", "kind": "igate", "settings": {"base_url": base_url}, "enabled": False, "secret": secret}
            return await door.put("/v1/sources/x", json=body | changes)

        assert (await put("TEST")).status_code == 200
        for secret in ("THEIRS", "DATABASE_URL", "INGEST_DATABASE_URL", "TEST_HOSTS"):
            assert (await put(secret)).status_code == 422
        assert "No secret TEST is bound" in (await put("TEST", "https://attacker.example")).json()["detail"]
        assert (await put("TEST", kind="own", settings={})).status_code == 422
        assert (await put(None, secret_env="TEST")).status_code == 422
