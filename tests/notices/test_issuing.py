"""Issuing: numbers without gaps or doubles whatever is killed, signed files of their standards, and nothing changes them."""

from __future__ import annotations

import asyncio
import io
import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import pdfua
import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from services.notices.drafting.store import notices as notices_store
from services.notices.issuing import store as issued_store
from services.notices.issuing.api.gauges import valid_until
from services.notices.issuing.model import numbered
from services.notices.issuing.requirements import REQUIREMENTS, Candidate
from services.notices.issuing.signer import CertificateNotValid, demand_valid
from services.notices.issuing.signing import Certificates, Certified, SigningKey, SigningOrder, _holder, signed, signer_of
from services.notices.issuing.trial_certificates import TRIAL, trial_certificate
from services.notices.verification.offline import verify_offline
from services.notices.verification.signatures import read_signed
from shared.civil import VIETNAM
from shared.database import Database
from shared.errors import Invalid, Unavailable
from tests.faults.proxy import LossyProxy
from tests.notices.conftest import Services
from tests.notices.counted import UNEXPLAINED
from tests.notices.issued import ADDRESS, BODY, key
from tests.notices.reference import DATED_AT, composed
from tests.notices.test_archive_rules import RULES
from tests.notices.test_life import approver, changed_annex, notice_of, step, waive_all
from tests.notices.test_number_series import is_of_one_body_and_the_last_of_its_series
from tests.notices.test_verification import MARGIN, reprinted, saved_anew, signed_further
from tests.patience import PATIENCE

IMMUTABLE = (
    "rendering",
    "notice_counts",
    "notice_revision",
    "notice",
    "issued_notice",
    "taken_number",
    "number_series",
    "notice_step",
    "recommendation",
    "recommendation_step",
)
NEVER_ISSUED = """
    INSERT INTO notices.notice
        (inspection_id, province, key_id, state, position, pinned, figures, document, checks, drafted_at)
    SELECT inspection_id, province, key_id, 'issued', position, pinned, figures, document, checks, drafted_at
    FROM notices.notice WHERE id = $1
"""
"""Has no number and no signed file."""


@pytest.fixture(scope="module")
def opened(issued: bytes) -> Iterator[Any]:
    with pikepdf.open(io.BytesIO(issued)) as file:
        yield file


@pytest.mark.parametrize("rule", RULES)
def test_a_signed_pdf_keeps_the_rules_of_its_standards(rule: str, opened: Any, issued: bytes) -> None:
    assert RULES[rule](opened, issued)


def test_a_validator_of_accessibility_finds_nothing_in_a_signed_pdf(issued: bytes, tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(issued)
    assert [str(one) for one in pdfua.validate(str(path)).findings] == []


async def signatures(document: bytes) -> list[tuple[str, bool, bool]]:
    """Field, and whether the signature is intact and made with the key of its certificate."""
    reader = PdfFileReader(io.BytesIO(document))
    found = []
    for one in reader.embedded_signatures:
        context = ValidationContext(trust_roots=[one.signer_cert], allow_fetching=False)
        status = await asyncio.to_thread(validate_pdf_signature, one, context)
        found.append((one.field_name, status.intact, status.valid))
    return found


async def test_the_signatory_signs_first_and_the_body_signs_that(issued: bytes) -> None:
    assert await signatures(issued) == [("signatory", True, True), ("body", True, True)]
    at = issued.index(b"Type/Page") if b"Type/Page" in issued else 2_000
    changed = issued[:at] + bytes([issued[at] ^ 1]) + issued[at + 1 :]
    assert all(not intact for _, intact, _ in await signatures(changed))


def chained(certificates: int) -> SigningKey:
    """A key whose file has so many certificates beside its own, each of about a kilobyte."""
    own = pkcs12.load_pkcs12(trial_certificate("A", "secret", datetime.now(UTC)), b"secret")
    assert own.cert is not None
    made = ec.generate_private_key(ec.SECP256R1())
    others = []
    for number in range(certificates):
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"CA {number}")])
        builder = x509.CertificateBuilder(name, name, made.public_key(), number + 1, DATED_AT, datetime.now(UTC) + timedelta(1))
        others.append(builder.add_extension(x509.SubjectKeyIdentifier(bytes(750)), critical=False).sign(made, hashes.SHA256()))
    protection = serialization.BestAvailableEncryption(b"secret")
    assert isinstance(own.key, rsa.RSAPrivateKey)
    return SigningKey(pkcs12.serialize_key_and_certificates(b"a", own.key, own.cert.certificate, others, protection), "secret")


def test_a_signature_has_room_for_a_long_chain_of_certificates_and_tells_when_it_has_not(rendered: bytes) -> None:
    held = read_signed(signed(rendered, SigningOrder(b"", chained(20), key("B"), "Thanh Hà", ADDRESS)))
    assert [one.field for one in held.signatures] == ["signatory", "body"]
    with pytest.raises(
        Unavailable, match=r"signature of the signatory takes more than the 32,768 bytes .* too many certificates"
    ):
        signed(rendered, SigningOrder(b"", chained(40), key("B"), "Thanh Hà", ADDRESS))


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2023, 8, 16), None),
        (date(2023, 8, 15), "A is valid from 16/08/2023"),
        (date(2024, 8, 17), "A was valid until 16/08/2024"),
    ],
)
def test_a_certificate_signs_only_while_it_is_valid(day: date, words: str | None) -> None:
    begin, end = (datetime(year, 8, 16, tzinfo=VIETNAM) for year in (2023, 2024))
    lasting = Certified("B", "CA", begin - timedelta(days=900), end + timedelta(days=900))
    now = datetime.combine(day, time(8), VIETNAM)
    for certificates, setting in (
        (Certificates(Certified("A", "CA", begin, end), lasting), "SIGNATORY_CERTIFICATE"),
        (Certificates(lasting, Certified("A", "CA", begin, end)), "BODY_CERTIFICATE"),
        (
            Certificates(lasting, msgspec.structs.replace(lasting, chain=(Certified("CA", "R", begin, end),))),
            "BODY_CERTIFICATE",
        ),
    ):
        if words is None:
            demand_valid(certificates, now)
            continue
        with pytest.raises(CertificateNotValid, match=f"{words} .*{setting}"):
            demand_valid(certificates, now)


def test_the_chain_of_a_certificate_is_whoever_vouches_for_it_and_nobody_else_in_its_file() -> None:
    now = datetime.now(UTC)
    made = ec.generate_private_key(ec.SECP256R1())
    name = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in ("A", "CA", "Root", "Other")]

    def certificate(subject: int, issuer: int, days: int) -> x509.Certificate:
        until = now + timedelta(days=days)
        builder = x509.CertificateBuilder(name[issuer], name[subject], made.public_key(), subject + 1, DATED_AT, until)
        return builder.sign(made, hashes.SHA256())

    others = [certificate(1, 2, 5), certificate(2, 2, 40), certificate(3, 3, 1)]
    protection = serialization.BestAvailableEncryption(b"secret")
    file = pkcs12.serialize_key_and_certificates(b"A", made, certificate(0, 1, 90), others, protection)
    holder = _holder(signer_of(SigningKey(file, "secret"), "body"))
    assert [one.name for one in holder.chain] == ["CA", "Root"]
    assert (valid_until(holder) - now).days in (4, 5)


def test_number_and_date_stand_in_the_head_and_in_each_annex() -> None:
    notice = numbered(composed()[0], 5, date(2024, 2, 7))
    assert (notice.reference, notice.locality_and_date) == ("Số: 05/TB-UBND", "Thanh Hà, ngày 07 tháng 02 năm 2024")
    assert {one.belongs for one in notice.annexes} == {
        "(Kèm theo Thông báo số 05/TB-UBND ngày 07 tháng 02 năm 2024 của Ủy ban nhân dân huyện Thanh Hà)"
    }


async def verified(http: httpx.AsyncClient, content: bytes) -> dict[str, Any]:
    response = await http.post("/v1/verifications", content=content, headers={"Content-Type": "application/octet-stream"})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def approved(services: Services, by: dict[str, str]) -> int:
    number: int = services.drafted()["id"]
    assert step(services, number, "submit").status_code == 200
    assert step(services, number, "approve", by, waive=waive_all(services, number)).status_code == 200
    return number


def numbers(services: Services) -> dict[str, Any]:
    query: dict[str, Any] = {"province": "30", "body": BODY, "year": datetime.now(UTC).year}
    taken: dict[str, Any] = services.http.get("/v1/taken-numbers", params=query).json()
    return taken


async def is_in_force_until_people_decide_otherwise(services: Services, number: int) -> None:
    """A statement alone neither withdraws it nor puts nothing in its place."""
    connection = await asyncpg.connect(services.database_url)
    try:
        await connection.execute("SET ROLE motcua_notices")
        for state in ("superseded", "withdrawn"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await connection.execute(f"UPDATE notices.notice SET state = '{state}' WHERE id = $1", number)
    finally:
        await connection.close()


async def is_corrected_in_its_province_only(services: Services, number: int) -> None:
    """A body of the same name in another province is another body, also to a key of all provinces."""
    database = Database(services.database_url, size=1)
    (corrects,) = (one for one in REQUIREMENTS if one.name == "corrects")
    try:
        async with database.transaction() as tx:
            row, before = await notices_store.find(tx, number), await issued_store.find(tx, number)
            assert row is not None
            given: dict[str, Any] = dict.fromkeys(
                ("principal", "steps", "hands", "checks", "keys", "timestamp_url", "signer", "held")
            )
            one = Candidate(row=row._replace(province="31"), body=BODY, corrects=row, before=before, **given)
            with pytest.raises(Invalid, match="corrects"):
                await corrects.demand(one)
    finally:
        await database.close()


async def test_an_approved_notice_is_issued_signed_and_changed_no_more(
    services: Services, signing: Any, commits: LossyProxy
) -> None:
    chief = await approver(services)
    number = await approved(services, chief)
    unset = services.http.post(f"/v1/notices/{number}/issue", headers={**chief, "If-Match": "*"})
    assert (unset.status_code, unset.json()["type"].rpartition("/")[2]) == (409, "signing-not-set")
    before = numbers(services)["next"]
    used = {"province": "30", "body": BODY, "year": datetime.now(UTC).year, "number": before, "use": "Ban hành giấy"}
    assert services.http.post("/v1/taken-numbers", json=used, headers=chief).status_code == 201
    # The response may have been lost: the same once more is no other use of the number.
    again = services.http.post("/v1/taken-numbers", json=used, headers=chief)
    assert (again.status_code, [one["number"] for one in again.json()["numbers"]].count(before)) == (201, 1)
    other = used | {"use": "Việc khác"}
    assert services.http.post("/v1/taken-numbers", json=other, headers=chief).json()["type"].endswith("number-taken")
    async with httpx.AsyncClient(base_url=signing.url, headers={**chief, "If-Match": "*"}, timeout=PATIENCE) as http:
        async with changed_annex(services, number):
            refused = await http.post(f"/v1/notices/{number}/issue")
            assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "notice-changed-since-approval")
        response = await http.post(f"/v1/notices/{number}/issue")
        assert response.status_code == 200, response.text
        issue = response.json()
        await is_in_force_until_people_decide_otherwise(services, number)
        # What is to take its place is another notice, although nothing else moved.
        inspected = (await http.get(f"/v1/notices/{number}")).json()["inspection"]
        anew = services.http.post(f"/v1/inspections/{inspected}/notices").json()
        assert (anew["existing"], anew["id"] > number) == (False, True)
        assert (issue["state"], issue["reference"]) == ("issued", f"{before + 1:02d}/TB-UBND")
        assert issue["signatory_certificate"] == f"signatory {TRIAL}"
        document = (await http.get(issue["documents"]["pdf"])).content
        alone = await asyncio.to_thread(verify_offline, document)
        assert (alone.state, alone.reasons) == ("unchanged", [])
        assert alone.bundle is not None
        assert (alone.counts or 0) > 100
        assert (alone.bundle.issue.reference, alone.bundle.issue.code) == (issue["reference"], issue["code"])
        assert await signatures(document) == [("signatory", True, True), ("body", True, True)]
        known = await verified(http, document)
        assert (known["ours"], known["file"], known["state"], known["moved"]) == (True, "unchanged", "issued", [])
        stamped = await verified(http, await asyncio.to_thread(signed_further, document, MARGIN))
        assert (known["stamped_pages"], stamped["file"], stamped["stamped_pages"]) == ([], "signed_further", [1])
        for copy in (saved_anew((await http.get(issue["documents"]["docx"])).content), reprinted(document)):
            told = await verified(http, copy)
            assert (told["ours"], told["file"], told["notice"]["reference"]) == (True, "changed", issue["reference"])
            assert "saved anew by a program" in told["reason"]
        workbook = (await http.get(issue["documents"]["xlsx"])).content
        assert (await verified(http, workbook))["file"] == "unchanged"
        at = len(document) // 2
        assert (await verified(http, document[:at] + bytes([document[at] ^ 1]) + document[at + 1 :]))["file"] == "changed"
        assert (await verified(http, b"%PDF-1.7 of somebody else"))["ours"] is False
        for code in (issue["code"], issue["code"].lower()):
            assert issue["reference"] in (await http.get(f"/v/{code}", headers={"Authorization": ""})).text
        stranger = {"X-API-Key": await services.processes.key("notices", services.database_url, "notices:read", province="31")}
        async with httpx.AsyncClient(base_url=signing.url, headers=stranger, timeout=PATIENCE) as foreign:
            assert await verified(foreign, document) == await verified(foreign, b"%PDF-1.7 of somebody else")
        exposures = [f'motcua_notices_certificate_valid_until_seconds{{certificate="{one}"}}' for one in ("signatory", "body")]
        async with httpx.AsyncClient(base_url=signing.url, timeout=PATIENCE) as http_metrics:
            exposed = (await http_metrics.get("/metrics")).text
        assert [one for one in exposures if one not in exposed] == []
        await is_corrected_in_its_province_only(services, number)
        await is_of_one_body_and_the_last_of_its_series(services, number)
        # An inspection that is corrected later moves no figure of what was issued.
        address = f"/v1/inspections/{notice_of(services, number)['inspection']}"
        shorter = UNEXPLAINED | {"period": UNEXPLAINED["period"] | {"to": "2023-03-01"}}
        assert services.http.put(address, json=shorter, headers={"If-Match": "*"}).status_code == 200
        assert (await verified(http, document))["moved"] == []
        again = (await http.post(f"/v1/notices/{number}/issue")).json()
        assert again["type"].endswith("notice-step-not-possible")
        edit = {"author": "A", "reason": "B", "edits": [{"key": "preamble.basis", "remove": True}]}
        edited = services.http.post(f"/v1/notices/{number}/revisions", json=edit, headers={"If-Match": "*"}).json()
        assert edited["detail"].endswith("issue that one with `corrects`.")  # nobody can give it back
        notice = services.http.get(f"/v1/notices/{number}").json()
        assert notice["head"]["reference"] == f"Số: {before + 1:02d}/TB-UBND"
        # Of the same inspection, whose period was put right: its figures are not those of the other period that moved.
        corrected = services.ended(services.http.post(f"{address}/notices").json()["id"])["id"]
        assert step(services, corrected, "submit").status_code == 200
        assert step(services, corrected, "approve", chief, waive=waive_all(services, corrected)).status_code == 200
        for reason in ("Sửa kỳ", "Sửa lần nữa"):
            # What the approval did not see, nobody has approved: also not where an earlier change was waived.
            changed = UNEXPLAINED | {"recipients": [*UNEXPLAINED["recipients"], reason]}
            assert services.http.put(address, json=changed, headers={"If-Match": "*"}).status_code == 200
            refused = await http.post(f"/v1/notices/{corrected}/issue", json={"corrects": number})
            assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "notice-changed-since-approval")
            assert step(services, corrected, "return", chief, reason=reason).status_code == 200
            assert step(services, corrected, "submit").status_code == 200
            waive = waive_all(services, corrected)
            assert step(services, corrected, "approve", chief, waive=waive).status_code == 200
        correction = (await http.post(f"/v1/notices/{corrected}/issue", json={"corrects": number})).json()
        alone = await asyncio.to_thread(verify_offline, (await http.get(correction["documents"]["pdf"])).content)
        assert (alone.state, alone.reasons) == ("unchanged", [])
        assert alone.bundle is not None
        assert alone.bundle.issue.corrects == issue["reference"]
        assert correction["corrects"] == number
        assert services.http.get(f"/v1/notices/{number}/issue").json()["superseded_by"] == corrected
        assert services.http.get(f"/v1/notices/{number}").json()["state"] == "superseded"
        sections = services.http.get(f"/v1/notices/{corrected}").json()["sections"]
        assert issue["reference"] in sections[0]["paragraphs"][0]["text"]
        assert "Số liệu thay đổi" not in sections[0]["paragraphs"][0]["text"]
        superseded = await verified(http, document)
        assert superseded["superseded_by"]["reference"] == correction["reference"]
        assert (known["in_force"], superseded["in_force"]) == (known["notice"], superseded["superseded_by"])
        commits.left = 1
        withdrawal = {"step": "withdraw", "reason": "Sai đối tượng"}
        withdrawn = await http.post(f"/v1/notices/{corrected}/steps", json=withdrawal)
        assert (commits.left, withdrawn.status_code, withdrawn.json()["state"]) == (0, 200, "withdrawn")
        # What took its place is not in force either.
        last = await verified(http, document)
        assert (last["superseded_by"], last["in_force"]) == (superseded["superseded_by"], None)
        public = (await http.get(f"/v/{issue['code']}", headers={"Authorization": "", "Accept-Language": "vi"})).text
        assert correction["reference"] in public
        assert "Thông báo đó đã bị thu hồi" in public
    connection = await asyncpg.connect(services.database_url)
    try:
        await connection.execute("SET ROLE motcua_notices")
        for table in IMMUTABLE:
            with pytest.raises(asyncpg.RestrictViolationError):
                await connection.execute(f"TRUNCATE notices.{table} CASCADE")
        for statement in (
            "UPDATE notices.rendering SET notice_id = $1 WHERE notice_id <> $1",
            "INSERT INTO notices.rendering SELECT $1::bigint, format || 'x', content, digest FROM notices.rendering",
            "UPDATE notices.number_series SET year = year - 1 WHERE id <> $1",
            "DELETE FROM notices.number_series WHERE id <> $1",
            "UPDATE notices.recommendation SET text = 'x' WHERE notice_id = $1",
            "UPDATE notices.recommendation SET carried_to = NULL WHERE notice_id = $1",
            "DELETE FROM notices.recommendation WHERE notice_id = $1",
            "UPDATE notices.rendering SET content = 'x' WHERE notice_id = $1",
            "UPDATE notices.notice_counts SET counts = '{}' WHERE notice_id = $1",
            "DELETE FROM notices.notice_counts WHERE notice_id = $1",
            "DELETE FROM notices.rendering WHERE notice_id = $1",
            "UPDATE notices.notice SET figures = '{}' WHERE id = $1",
            "UPDATE notices.notice SET state = 'draft' WHERE id = $1",
            "UPDATE notices.notice SET state = 'issued' WHERE id = $1",
            "UPDATE notices.issued_notice SET evidence = '[]' WHERE notice_id = $1",
            "DELETE FROM notices.issued_notice WHERE notice_id = $1",
            "UPDATE notices.taken_number SET number = 99 WHERE notice_id = $1",
            "DELETE FROM notices.notice_step WHERE notice_id = $1",
            NEVER_ISSUED,
        ):
            with pytest.raises(asyncpg.RestrictViolationError):
                await connection.execute(statement, number)
        await connection.execute("UPDATE notices.notice SET revision = revision + 1 WHERE id = $1", number)
    finally:
        await connection.close()


async def test_an_api_killed_while_it_issues_has_taken_no_number(services: Services, signing: Any) -> None:
    chief = await approver(services)
    number = await approved(services, chief)
    before = numbers(services)["next"]
    async with httpx.AsyncClient(base_url=signing.url, headers={**chief, "If-Match": "*"}, timeout=PATIENCE) as http:
        issuing = asyncio.create_task(http.post(f"/v1/notices/{number}/issue"))
        connection = await asyncpg.connect(services.database_url)
        try:
            # It holds the series, and renders.
            query = (
                "SELECT count(*) FROM pg_locks WHERE relation = 'notices.number_series'::regclass AND mode = 'RowExclusiveLock'"
            )
            while not await connection.fetchval(query):
                assert not issuing.done(), issuing.result().text
                await asyncio.sleep(0.002)
        finally:
            await connection.close()
        signing.child.send_signal(signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            await issuing
    assert numbers(services)["next"] == before
    assert services.http.get(f"/v1/notices/{number}").json()["state"] == "approved"
