"""Where a source may be: public addresses over https, what the operator lists, and nothing that a name turns into later."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.ingest.sources.errors import SourceAway, SourceMisconfigured
from services.ingest.sources.http.addresses import IP, Permitted, address_of
from services.ingest.sources.http.client import PortalClient
from services.ingest.sources.http.rate_limits import Limits
from tests.conftest import NewDatabase, Processes
from tests.ingest.portals import Scripted, answer
from tests.patience import PATIENCE

TLS = Path(__file__).parent / "tls"
GOOD = answer(200, b'{"a":1}')
NOT_PUBLIC = [
    *("127.0.0.1", "127.255.0.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.254"),
    *("192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "[::]", "[::1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]"),
    *("[::ffff:169.254.169.254]", "[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]"),
    *("[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[2001:db8::1]", "[100::1]"),
]


@pytest.mark.parametrize(
    "base_url",
    [
        *("ftp://portal.example", "https:portal.example", "//portal.example", "https://", "https:///x", "javascript:1", ""),
        *("https://user:word@portal.example", "https://user@portal.example", "https://portal.example@10.0.0.1"),
        *("https://portal.example?x=1", "https://portal.example#x", "https://portal.example\\@10.0.0.1", "https://a b.example"),
        *("https://portal.example\n", "\thttps://portal.example", "https://pörtal.example", "https://１２７.0.0.1"),
        *(
            "https://2130706433",
            "https://0x7f000001",
            "https://0x7f.1",
            "https://0177.0.0.1",
            "https://127.1",
            "https://1.2.3.4.5",
        ),
        *(
            "https://127.0.0.1.",
            "https://portal.example.",
            "https://.example",
            "https://-a.example",
            f"https://{'a' * 64}.example",
        ),
        *("https://[fe80::1%25eth0]", "https://[::1", "https://[127.0.0.1]", "https://::1", "https://[:::1]"),
        *("https://portal.example:0", "https://portal.example:65536", "https://portal.example:-1", "https://portal.example:x"),
        f"https://portal.example/{'x' * 500}",
    ],
)
def test_an_address_that_two_readers_could_read_differently_is_none(base_url: str) -> None:
    with pytest.raises(SourceMisconfigured):
        address_of(base_url)


@pytest.mark.parametrize("host", NOT_PUBLIC)
def test_what_is_not_public_is_no_source_unless_the_operator_lists_it(host: str) -> None:
    address = address_of(f"https://{host}")
    with pytest.raises(SourceMisconfigured, match="SOURCE_HOSTS"):
        Permitted("").require_permitted(address)
    with pytest.raises(SourceMisconfigured):
        Permitted("").require_called(address_of("https://portal.example"), [ip_address("8.8.8.8"), ip_address(address.host)])
    Permitted(f"{host}").require_permitted(address)


@pytest.mark.parametrize("base_url", ["https://8.8.8.8", "https://[2606:4700::1111]/x", "https://motcua.haiduong.gov.vn:443"])
def test_what_is_public_is_read_over_https_on_its_port_only(base_url: str) -> None:
    address = address_of(base_url)
    Permitted("").require_permitted(address)
    for other in (address._replace(scheme="http", port=80), address._replace(port=8443), address._replace(port=6379)):
        with pytest.raises(SourceMisconfigured):
            Permitted("").require_permitted(other)


@pytest.mark.parametrize(
    ("listed", "base_url", "ips", "good"),
    [
        ("portal.lan", "http://portal.lan", ["10.1.2.3"], True),
        ("portal.lan", "https://PORTAL.lan", ["10.1.2.3"], True),
        ("portal.lan", "http://portal.lan:8080", ["10.1.2.3"], False),
        ("portal.lan:8080", "http://portal.lan:8080", ["10.1.2.3"], True),
        ("portal.lan", "http://other.lan", ["10.1.2.3"], False),
        ("10.1.0.0/16", "http://other.lan", ["10.1.2.3"], True),
        ("10.1.0.0/16", "http://other.lan", ["::ffff:10.1.2.3"], True),
        ("10.1.0.0/16", "http://other.lan", ["10.2.2.3"], False),
        ("10.1.0.0/16", "http://other.lan", ["10.1.2.3", "127.0.0.1"], False),
        ("10.1.0.0/16", "http://other.lan:6379", ["10.1.2.3"], False),
        ("10.1.0.0/16, [fd00::/8]:*", "https://other.lan:9443", ["fd00::1"], True),
    ],
)
def test_the_operators_list_is_names_and_networks_with_their_ports(
    listed: str, base_url: str, ips: list[str], good: bool
) -> None:
    permitted, address = Permitted(listed), address_of(base_url)
    if good:
        permitted.require_permitted(address)
        permitted.require_called(address, [ip_address(ip) for ip in ips])
    else:
        with pytest.raises(SourceMisconfigured):
            permitted.require_called(address, [ip_address(ip) for ip in ips])


@pytest.mark.parametrize(
    "listed", ["portal.lan:http", "10.0.0.0/33", "[fd00::/8", "http://portal.lan", "a:b:c", "portal.lan:0"]
)
def test_a_list_that_cannot_be_read_is_said_to_be(listed: str) -> None:
    with pytest.raises(ValueError, match="SOURCE_HOSTS"):
        Permitted(listed)


class Names:
    """A resolver that answers as a test says, each time with the next answer."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> Sequence[IP]:
        self.asked += 1
        return [ip_address(ip) for ip in self.answers[min(self.asked, len(self.answers)) - 1]]


def client(base_url: str, listed: str, names: Names, verify: Any = True) -> PortalClient:
    limits = Limits(attempts=1, rate=100)
    return PortalClient(base_url, None, limits, permitted=Permitted(listed), resolve=names, verify=verify)


async def test_a_name_that_leads_elsewhere_at_the_second_call_is_not_followed() -> None:
    script = Scripted([GOOD])
    async with script.serving("127.0.0.2") as url:
        port = url.rpartition(":")[2]
        async with script.serving("127.0.0.1", int(port)):
            names = Names(["127.0.0.2"], ["127.0.0.1"])
            one = client(f"http://portal.lan:{port}", f"127.0.0.2:{port}", names)
            assert await one.fetch("/x", {}, json.loads) == {"a": 1}
            assert names.asked == 1
            with pytest.raises(SourceMisconfigured, match="SOURCE_HOSTS"):
                await one.fetch("/x", {}, json.loads)
            await one.close()
    assert [headers["host"] for _, _, headers, _ in script.asked] == [f"portal.lan:{port}"]


async def test_another_address_of_the_name_is_tried_when_one_does_not_answer() -> None:
    script = Scripted([GOOD])
    async with script.serving("127.0.0.2") as url:
        port = url.rpartition(":")[2]
        one = client(f"http://portal.lan:{port}", f"portal.lan:{port}", Names(["127.0.0.3", "127.0.0.2"]))
        assert await one.fetch("/x", {}, json.loads) == {"a": 1}
        await one.close()


async def test_the_certificate_must_bear_the_name_and_not_the_address_that_is_called() -> None:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(TLS / "portal.pem", TLS / "portal.key")
    shown: list[str | None] = []
    serving.sni_callback = lambda _, name, __: shown.append(name)
    believed = ssl.create_default_context(cafile=str(TLS / "portal.pem"))
    script = Scripted([GOOD])
    async with script.serving(tls=serving) as url:
        port = url.rpartition(":")[2]
        for host, good in (("portal.example", True), ("other.example", False)):
            one = client(f"https://{host}:{port}", "127.0.0.0/8:*", Names(["127.0.0.1"]), believed)
            if good:
                assert await one.fetch("/x", {}, json.loads) == {"a": 1}
            else:
                with pytest.raises(SourceAway):
                    await one.fetch("/x", {}, json.loads)
            await one.close()
    assert shown == ["portal.example", "other.example"]
    assert len(script.asked) == 1


async def test_a_name_without_an_address_is_away() -> None:
    one = PortalClient("https://nobody.invalid", None, Limits(attempts=1), permitted=Permitted(""))
    with pytest.raises(SourceAway):
        await one.fetch("/x", {}, json.loads)
    await one.close()


async def test_no_key_connects_a_source_inside_the_operators_network(processes: Processes, new_database: NewDatabase) -> None:
    url = await new_database("ingest")
    key = await processes.key("ingest", url, "sources:manage")
    api = await asyncio.to_thread(processes.api, "ingest", database_url=url, source_hosts="portal.lan:8080")
    async with httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": key}, timeout=PATIENCE) as door:
        for base_url, status in (
            ("http://169.254.169.254", 422),
            ("http://127.0.0.1:6379", 422),
            ("https://[::ffff:127.0.0.1]", 422),
            ("http://portal.example", 422),
            ("http://portal.lan:8080", 200),
            ("https://portal.example/gateway", 200),
        ):
            body = {"province": "30", "kind": "igate", "settings": {"base_url": base_url}, "enabled": False}
            assert (await door.put("/v1/sources/x", json=body)).status_code == status, base_url
