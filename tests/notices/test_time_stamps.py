"""Signatures are stamped by an authority of time stamps (RFC 3161), which may be away: then nothing is issued."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

from services.notices.issuing.signing import NotSigned, SignedNotice, SigningOrder, response_to
from services.notices.verification.__main__ import lines
from services.notices.verification.offline import verify_offline
from tests.certificates import signing_settings
from tests.notices.conftest import Services
from tests.notices.counted import UNEXPLAINED
from tests.notices.issued import ADDRESS, key
from tests.notices.test_issuing import approved
from tests.notices.test_life import ANY, approver, notice_of
from tests.patience import PATIENCE

AUTHORITY = "Tổ chức cấp dấu thời gian (thử nghiệm)"


class Authority:
    """An authority that listens; it answers as asked."""

    def __init__(self) -> None:
        private = rsa.generate_private_key(65_537, 2_048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY)])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(
            name, name, private.public_key(), 1, now - timedelta(hours=1), now + timedelta(days=2)
        )
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        made = builder.add_extension(usage, critical=True).sign(private, hashes.SHA256())
        encoding, plain = serialization.Encoding.DER, serialization.NoEncryption()
        der = private.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
        certificate = asn1_x509.Certificate.load(made.public_bytes(encoding))
        self._stamper = DummyTimeStamper(certificate, keys.PrivateKeyInfo.load(der))
        self.url = ""
        self.failures: list[tuple[int, bytes]] = []
        """Statuses and bodies to answer instead, one for each request."""
        self.requests = 0

    def response(self, body: bytes) -> tuple[int, bytes]:
        self.requests += 1
        if self.failures:
            return self.failures.pop(0)
        return 200, self._stamper.request_tsa_response(tsp.TimeStampReq.load(body)).dump()


@contextmanager
def listening(authority: Authority) -> Iterator[None]:
    """The authority answers at its `url`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, content = authority.response(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    authority.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    made = Authority()
    with listening(made):
        yield made


def order(rendered: bytes, url: str) -> SigningOrder:
    return SigningOrder(rendered, key("A"), key("B"), "Thanh Hà", ADDRESS, url)


@pytest.fixture(scope="module")
def stamped(rendered: bytes, authority: Authority) -> bytes:
    signed = response_to(order(rendered, authority.url))
    assert isinstance(signed, SignedNotice)
    return signed.content


def test_both_signatures_are_stamped_and_the_stamps_are_verified_alone(stamped: bytes, issued: bytes) -> None:
    found = verify_offline(stamped)
    assert (found.state, found.reasons) == ("unchanged", [])
    for one in found.signatures:
        assert one.stamp is not None
        assert one.stamp.authority == AUTHORITY
        assert abs(one.stamp.at - datetime.now(UTC)) < timedelta(minutes=10)
    assert [one for one in lines(found) if AUTHORITY in one] != []
    assert all(one.stamp is None for one in verify_offline(issued).signatures)


def test_no_byte_of_a_stamp_is_changed_unnoticed(stamped: bytes) -> None:
    end = stamped.rindex(b"/ByteRange")
    begin = stamped.rindex(b"<30", 0, end) if b"<30" in stamped[:end] else stamped.index(b"<30", end)
    last = max(begin, stamped.rindex(b"<30"))
    written = stamped[last + 1 : stamped.index(b">", last)].rstrip(b"0")
    chance, unnoticed = random.Random(3), []
    for _ in range(25):
        at = last + 1 + chance.randrange(len(written))
        digit = chance.choice([one for one in b"0123456789ABCDEF" if one != stamped[at]])
        if verify_offline(stamped[:at] + bytes([digit]) + stamped[at + 1 :]).holds:
            unnoticed.append(at - last)
    assert unnoticed == []


@pytest.mark.parametrize("failure", [(503, b""), (200, b"<html>"), (200, b"")], ids=["away", "a page", "nothing"])
def test_an_authority_that_fails_once_is_asked_again_and_twice_nothing_is_signed(
    failure: tuple[int, bytes], rendered: bytes, authority: Authority
) -> None:
    authority.failures = [failure]
    assert isinstance(response_to(order(rendered, authority.url)), SignedNotice)
    authority.failures, authority.requests = [failure, failure], 0
    refused = response_to(order(rendered, authority.url))
    assert isinstance(refused, NotSigned)
    assert authority.requests == 2
    assert authority.url in refused.reason
    assert "Nothing was issued" in refused.reason
    assert "Chưa ban hành" in refused.reason_vi


def test_an_authority_that_is_not_there_is_named(rendered: bytes) -> None:
    refused = response_to(order(rendered, "http://127.0.0.1:9"))
    assert isinstance(refused, NotSigned)
    assert "TIMESTAMP_URL" in refused.reason


def readiness(http: httpx.Client, number: int, **query: int) -> dict[str, Any]:
    """The answer, and what is not met by name."""
    found: dict[str, Any] = http.get(f"/v1/notices/{number}/readiness", params=query).json()
    assert found["ready"] is all(one["met"] for one in found["requirements"])
    found["unmet"] = {one["name"]: one for one in found["requirements"] if not one["met"]}
    assert all(one["detail_vi"] and one["what_to_do_vi"] for one in found["unmet"].values())
    return found


MOVE = """
    UPDATE notices.notice SET
        pinned = jsonb_set(pinned, '{position}', to_jsonb((pinned ->> 'position')::int + $2)),
        figures = jsonb_set(figures, '{received_new,numerator}', to_jsonb((figures #>> '{received_new,numerator}')::int + $2))
    WHERE id = $1
"""


@contextmanager
def moved_figure(services: Services, number: int) -> Iterator[None]:
    """A figure of a notice is another one, and of a later position: metrics is asked because of which dossiers."""

    async def move(by: int) -> None:
        connection = await asyncpg.connect(services.database_url)
        await connection.execute(MOVE, number, by)
        await connection.close()

    asyncio.run(move(1))
    yield
    asyncio.run(move(-1))


def test_an_authority_or_a_metrics_that_is_away_costs_no_number_and_the_same_succeeds_later(
    services: Services, authority: Authority, tmp_path: Path
) -> None:
    chief = asyncio.run(approver(services))
    settings = signing_settings(tmp_path) | {"metrics_url": services.proxy.url, "metrics_key": services.metrics.key}
    api = services.processes.api("notices", database_url=services.database_url, timestamp_url=authority.url, **settings)
    with httpx.Client(base_url=api.url, headers=chief | ANY, timeout=PATIENCE) as http:
        first = asyncio.run(approved(services, chief))
        authority.failures = [(503, b"")] * 2
        ahead = readiness(http, first)
        assert (list(ahead["unmet"]), authority.url in ahead["unmet"]["time_stamps"]["detail"]) == (["time_stamps"], True)
        authority.failures = [(503, b"")] * 2
        refused = http.post(f"/v1/notices/{first}/issue")
        assert (refused.status_code, authority.url in refused.json()["detail"]) == (503, True)
        assert refused.headers["Retry-After"]
        assert notice_of(services, first)["state"] == "approved"
        ahead = readiness(http, first)
        assert (ahead["ready"], ahead["unmet"]) == (True, {})
        issue = http.post(f"/v1/notices/{first}/issue").json()
        assert (issue["reference"], issue["timestamped"]) == (ahead["reference"], True)
        assert list(readiness(http, first)["unmet"]) == ["state"]

        second = asyncio.run(approved(services, chief))
        correction = {"corrects": first}
        with moved_figure(services, second):
            services.proxy.failures = [503] * 9
            away = readiness(http, second, **correction)["unmet"]["metrics"]
            refused = http.post(f"/v1/notices/{second}/issue", json=correction)
            assert (refused.status_code, refused.json()["type"].rpartition("/")[2], away["problem"]) == (
                503,
                "metrics-away",
                "metrics-away",
            )
            services.proxy.reset()
        authority.failures = [(503, b"")] * 2
        assert http.post(f"/v1/notices/{second}/issue", json=correction).status_code == 503
        assert [notice_of(services, one)["state"] for one in (first, second)] == ["issued", "approved"]
        ahead = readiness(http, second, **correction)
        assert (ahead["ready"], ahead["unmet"]) == (True, {})
        assert http.post(f"/v1/notices/{second}/issue", json=correction).json()["reference"] == ahead["reference"]
        assert [notice_of(services, one)["state"] for one in (first, second)] == ["superseded", "issued"]
        assert list(readiness(http, second, **correction)["unmet"]) == ["state", "corrects"]
    api.kill()


def test_who_is_to_approve_or_issue_sees_beforehand_what_is_missing_and_what_to_do(services: Services) -> None:
    chief = asyncio.run(approver(services))
    notice = services.drafted()
    number, longer = notice["id"], UNEXPLAINED | {"recipients": [*UNEXPLAINED["recipients"], "Lưu: VT"]}
    assert services.http.put(f"/v1/inspections/{notice['inspection']}", json=longer, headers=ANY).status_code == 200
    program = readiness(services.http, number)["unmet"]
    assert list(program) == ["person", "state", "four_eyes", "content", "certificates"]
    kinds = ["forbidden", "notice-step-not-possible", "same-person", "notice-not-approvable", "signing-not-set"]
    assert [one["problem"] for one in program.values()] == kinds
    with httpx.Client(base_url=services.http.base_url, headers=chief, timeout=PATIENCE) as http:
        assert list(readiness(http, number)["unmet"]) == ["state", "content", "certificates"]
        own = http.post(f"{services.submit()}/notices").json()["id"]
        services.ended(own)
        assert "four_eyes" in readiness(http, own)["unmet"]
