"""Sessions of the national format: what makes one, and what ends it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.ingest.pushes import sessions
from shared.access.keys import create_key
from tests.conftest import Processes
from tests.ingest.pushing import SESSION_SECRET, Door
from tests.ingest.pushing import door as door
from tests.ingest.test_source_contract import national_dossier
from tests.patience import PATIENCE

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HASH = hashlib.sha256(b"x").digest()


def test_a_session_holds_for_its_key_its_secret_and_its_hours() -> None:
    session = sessions.issued(SESSION_SECRET, "abc123", HASH, None, NOW)
    claim = sessions.claimed(session, NOW + sessions.MAX_LIFETIME - timedelta(seconds=1))
    assert claim is not None
    assert sessions.holds(claim, SESSION_SECRET, HASH)
    assert not sessions.holds(claim, SESSION_SECRET + "!", HASH)
    assert not sessions.holds(claim, SESSION_SECRET, hashlib.sha256(b"y").digest())
    assert not sessions.holds(claim._replace(key_id="abc124"), SESSION_SECRET, HASH)
    assert not sessions.holds(claim._replace(expires=claim.expires + 1), SESSION_SECRET, HASH)
    assert sessions.claimed(session, NOW + sessions.MAX_LIFETIME) is None
    assert sessions.claimed(session, NOW - 2 * sessions.SKEW) is None, "it lasts longer than any that is issued"


def test_a_session_does_not_outlive_its_key() -> None:
    session = sessions.issued(SESSION_SECRET, "abc123", HASH, NOW + timedelta(minutes=5), NOW)
    assert sessions.claimed(session, NOW + timedelta(minutes=4)) is not None
    assert sessions.claimed(session, NOW + timedelta(minutes=5)) is None


@pytest.mark.parametrize(
    "session",
    [None, "", 5, {}, "x", "a.b.c", "a.1.b", "a." + "9" * 400 + "." + "0" * 64, "a.-1." + "0" * 64, "a.٣." + "0" * 64, "\0"],
    ids=repr,
)
def test_what_is_no_session_is_none(session: Any) -> None:
    assert sessions.claimed(session, NOW) is None


def forged(key_id: str, secret: bytes, secret_hash: bytes, expires: int) -> str:
    """As `sessions` does it, written a second time."""
    said = b"session." + key_id.encode() + b"." + str(expires).encode() + b"." + secret_hash
    return f"{key_id}.{expires}.{hmac.new(secret, said, hashlib.sha256).hexdigest()}"


async def test_whoever_reads_the_row_of_a_key_makes_no_session_of_it(door: Door) -> None:
    row = await door.database.fetchrow("SELECT * FROM ingest.api_key WHERE id = $1", door.key.split("_")[1])
    assert row is not None

    async def code(session: str) -> int:
        envelope = {"madonvi": "x", "service": "DongBoHoSoMC", "data": [national_dossier()], "session": session}
        said: int = (await door.national(envelope))["error_code"]
        return said

    hours = int((datetime.now(UTC) + timedelta(hours=7)).timestamp())
    years = 99_999_999_999
    for secret in (row["secret_hash"], row["secret_hash"].hex().encode(), b""):
        for expires in (hours, years):
            plain = hmac.new(secret, f"session.{row['id']}.{expires}".encode(), hashlib.sha256).hexdigest()
            assert await code(f"{row['id']}.{expires}.{plain}") != 0
            assert await code(forged(row["id"], secret, row["secret_hash"], expires)) != 0
    assert await code(forged(row["id"], SESSION_SECRET.encode(), row["secret_hash"], hours)) == 0
    assert await code(forged(row["id"], SESSION_SECRET.encode(), row["secret_hash"], years)) != 0


async def test_a_session_ends_with_its_key_at_once(door: Door) -> None:
    for ends in ("revoked_at", "expires_at"):
        key = await create_key(door.database, "ingest", name="x", scopes=["events:write"])
        session = (await door.national({"username": "x", "password": key}))["session"]
        envelope = {"madonvi": "x", "service": "DongBoHoSoMC", "data": [national_dossier()], "session": session}
        assert (await door.national(envelope))["error_code"] == 0
        await door.database.execute(f"UPDATE ingest.api_key SET {ends} = now() WHERE id = $1", key.split("_")[1])
        assert (await door.national(envelope))["error_code"] != 0
        # The key itself may be believed for some seconds more; it gives no session.
        assert "session" not in await door.national({"username": "x", "password": key})


async def test_a_message_in_a_session_counts_as_a_use_of_its_key_and_one_in_a_forged_session_does_not(door: Door) -> None:
    key = await create_key(door.database, "ingest", name="x", scopes=["events:write"])
    row = await door.database.fetchrow("SELECT id, secret_hash FROM ingest.api_key WHERE id = $1", key.split("_")[1])
    assert row is not None

    async def used_at() -> Any:
        return await door.database.fetchval("SELECT last_used_at FROM ingest.api_key WHERE id = $1", row["id"])

    async def sent(secret: str) -> int:
        session = sessions.issued(secret, row["id"], row["secret_hash"], None, datetime.now(UTC))
        envelope = {"madonvi": "x", "service": "DongBoHoSoMC", "data": [national_dossier()], "session": session}
        said: int = (await door.national(envelope))["error_code"]
        return said

    assert await sent(SESSION_SECRET + "!") != 0
    assert await used_at() is None
    assert await sent(SESSION_SECRET) == 0
    first = await used_at()
    assert first is not None
    assert await sent(SESSION_SECRET) == 0
    assert await used_at() == first, "it is stored once a minute"
    await door.database.execute(
        "UPDATE ingest.api_key SET last_used_at = last_used_at - interval '61 seconds' WHERE id = $1", row["id"]
    )
    assert await sent(SESSION_SECRET) == 0
    assert await used_at() >= first


async def test_without_a_secret_no_session_is_given_or_taken_and_the_bare_array_is(door: Door, processes: Processes) -> None:
    session = (await door.national({"username": "x", "password": door.key}))["session"]
    owner_url = processes.started[0].env["INGEST_DATABASE_URL"].replace("//motcua_ingest@", "//motcua@")
    api = await asyncio.to_thread(processes.api, "ingest", database_url=owner_url, session_secret="too short to sign with")
    async with httpx.AsyncClient(base_url=api.url, timeout=PATIENCE) as http:

        async def sent(body: Any, **headers: str) -> httpx.Response:
            return await http.post("/v1/national/hai-duong", json=body, headers=headers)

        for body in ({"username": "x", "password": door.key}, {"session": session, "service": "DongBoHoSoMC", "data": []}):
            answer = await sent(body)
            assert answer.status_code == 503, answer.text
            assert "SESSION_SECRET" in answer.json()["detail"]
        assert (await sent([national_dossier()], **{"X-API-Key": door.key})).json()["error_code"] == 0
