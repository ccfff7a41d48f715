"""Keys are made as they are meant: nothing empty, zero or said twice ever reaches further than what was said."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from deploy.local.services import ROOT
from services.ingest import app as ingest
from services.metrics import app as metrics
from services.notices import app as notices
from shared.access.__main__ import parse_arguments
from shared.access.keys import create_key, list_keys, revoke_key
from shared.access.lookups import MAX_WAITING
from shared.access.principals import Access, Principal
from shared.access.scopes import SCOPES
from shared.database import Database
from shared.errors import Invalid, Unauthorised, Unavailable
from shared.web.routes import scopes_of
from tests.conftest import NewDatabase
from tests.patience import PATIENCE

GOOD = ["--service", "metrics", "--name", "x", "--scopes", "figures:read", "--days", "30"]


@pytest.mark.parametrize(
    "changed",
    [
        {"--name": ""},
        {"--scopes": ""},
        {"--scopes": "figures:read,"},
        {"--scopes": " , "},
        {"--agencies": ""},
        {"--agencies": "294,,10813"},
        {"--days": "0"},
        {"--days": "-1"},
        {"--days": ""},
        {"--days": "99999999999"},
        {"--days": "1.5"},
        {"--days": None},
        {"--revoke": ""},
        {"--revoke": "mc_0123456789ab_secret"},
        {"--revoke": "0123456789ab"},
        {"--service": ""},
        {"--no-expiry": True},
        {"--list": True},
        {"--days": None, "--no-exp": True},
        {"--person=": True},
        {"--service=metrics": True},
        {"--province": "30", "--province=31": True},
    ],
    ids=str,
)
def test_the_command_refuses_what_is_empty_zero_or_said_twice(changed: dict[str, Any], capsys: Any) -> None:
    words = dict(zip(GOOD[::2], GOOD[1::2], strict=True)) | changed
    arguments = [
        part for name, value in words.items() if value is not None for part in ((name,) if value is True else (name, value))
    ]
    if changed != {"--name": ""}:  # its length is looked at when the key is made
        with pytest.raises(SystemExit) as ended:
            parse_arguments(arguments)
        assert ended.value.code == 2
        assert re.search("error: ", capsys.readouterr().err)
    assert parse_arguments(GOOD).days == 30


EMPTY_OR_TWICE: list[dict[str, Any]] = [
    {"name": ""},
    {"name": " "},
    {"name": "a\0b"},
    {"name": "x" * 101},
    {"scopes": []},
    {"scopes": ["figures:read", "figures:read"]},
    {"scopes": ["figures:read", ""]},
    {"scopes": ["everything"]},
    {"province": ""},
    {"province": "30 "},
    {"province": "x" * 17},
    {"agencies": []},
    {"agencies": [""]},
    {"agencies": ["294", "294"]},
    {"agencies": ["294,10813"]},
    {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
]


async def test_no_key_is_made_of_what_is_empty_or_said_twice(metrics_database: Database) -> None:
    async with metrics_database.transaction() as tx:
        for changed in EMPTY_OR_TWICE:
            with pytest.raises(Invalid):
                await create_key(tx, "metrics", **({"name": "x", "scopes": ["figures:read"]} | changed))
        assert await tx.fetchval("SELECT count(*) FROM metrics.api_key") == 0


async def test_the_command_makes_a_key_that_expires_and_revokes_it(new_database: NewDatabase) -> None:
    url = await new_database("metrics")
    database = Database(url, size=1)

    async def command(*arguments: str) -> tuple[int | None, str]:
        run = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "shared.access", "--service", "metrics", *arguments,
            env=os.environ | {"METRICS_DATABASE_URL": url}, cwd=ROOT, stdout=-1, stderr=-1,
        )  # fmt: skip
        out, _ = await run.communicate()
        return run.returncode, out.decode().strip()

    code, key = await command("--name", "x", "--scopes", "figures:read", "--province", "30", "--days", "30")
    assert code == 0
    async with database.transaction() as tx:
        (row,) = await tx.fetch("SELECT * FROM metrics.api_key")
    assert row["id"] == key.split("_")[1]
    assert (row["province"], row["agencies"], list(row["scopes"])) == ("30", None, ["figures:read"])
    assert abs(row["expires_at"] - row["created_at"] - timedelta(days=30)) < timedelta(hours=1)
    assert await command("--revoke", row["id"]) == (0, f"{row['id']} revoked")
    await database.close()


async def test_a_key_is_not_believed_beyond_its_expiry(metrics_database: Database) -> None:
    access = Access(metrics_database, "metrics", seconds=3600)
    async with metrics_database.transaction() as tx:
        soon = datetime.now(UTC) + timedelta(seconds=600)
        key = await create_key(tx, "metrics", name="x", scopes=["figures:read"], expires_at=soon)
        longer = await create_key(tx, "metrics", name="x", scopes=["figures:read"])
    assert (await access.principal(key)).name == (await access.principal(longer)).name == "x"
    until = time.monotonic() + 600
    assert access.remembered(key, until) is None
    assert access.remembered(longer, until + 30) is not None
    async with metrics_database.transaction() as tx:
        await revoke_key(tx, "metrics", key.split("_")[1], datetime.now(UTC))
    with pytest.raises(Unauthorised):
        await Access(metrics_database, "metrics", seconds=60).principal(key)


async def test_the_last_use_of_a_key_is_stored_once_a_minute_and_only_of_whoever_has_its_secret(
    metrics_database: Database,
) -> None:
    async with metrics_database.transaction() as tx:
        key = await create_key(tx, "metrics", name="x", scopes=["figures:read"])

    async def asked(given: str) -> datetime | None:
        with suppress(Unauthorised):
            await Access(metrics_database, "metrics", seconds=60).principal(given)
        async with metrics_database.transaction() as tx:
            (listed,) = await list_keys(tx, "metrics")
        return listed.last_used_at

    assert await asked(key[:-1] + ("a" if key[-1] != "a" else "b")) is None
    first = await asked(key)
    assert first is not None
    assert await asked(key) == first
    async with metrics_database.transaction() as tx:
        await tx.execute("UPDATE metrics.api_key SET last_used_at = last_used_at - interval '61 seconds'")
        # Who comes while another stores the same, or where nothing can be written, does not wait and is not refused.
        await tx.execute("SELECT FROM metrics.api_key FOR UPDATE")
        await Access(metrics_database, "metrics", seconds=60).principal(key)
    assert (await asked(key) or first) > first


async def test_a_key_is_believed_where_its_use_cannot_be_stored(new_database: NewDatabase) -> None:
    url = await new_database("metrics")
    writing = Database(url, size=1)
    reading = Database(f"{url}{'&' if '?' in url else '?'}default_transaction_read_only=on", size=1)
    async with writing.transaction() as tx:
        key = await create_key(tx, "metrics", name="x", scopes=["figures:read"])
    assert (await Access(reading, "metrics", seconds=60).principal(key)).name == "x"
    async with writing.transaction() as tx:
        assert [one.last_used_at for one in await list_keys(tx, "metrics")] == [None]
    await reading.close()
    await writing.close()


async def test_strangers_keys_keep_no_connection_from_others(new_database: NewDatabase) -> None:
    url = await new_database("metrics")
    database, other = Database(url, size=4), Database(url, size=1)
    async with database.transaction() as tx:
        known, new, late = [await create_key(tx, "metrics", name=name, scopes=["figures:read"]) for name in "knl"]
    access = Access(database, "metrics", seconds=0)  # what was cached has expired
    assert (await access.principal(known)).name == "k"

    def asked(*keys: str) -> list[asyncio.Task[Principal]]:
        return [asyncio.create_task(access.principal(key)) for key in keys]

    async with other.transaction() as tx:
        await tx.execute("LOCK TABLE metrics.api_key")  # each look-up takes as long as this
        same = asked(*[new] * 20)
        strangers = asked(*(f"mc_{number}_x" for number in range(500)))
        async with asyncio.timeout(PATIENCE):
            while sum(one.done() for one in strangers) < 500 - MAX_WAITING - 1:
                await asyncio.sleep(0.01)
            async with database.connection() as connection:
                assert await connection.fetchval("SELECT 1") == 1
        with pytest.raises(Unavailable, match="not known") as refusal:
            await access.principal(late)
        again = asked(known)
        await asyncio.sleep(0)
    assert refusal.value.headers is not None
    assert refusal.value.headers["Retry-After"] == "1"
    assert {(await one).name for one in same} == {"n"}
    assert [(await one).name for one in again] == ["k"]
    answers = await asyncio.gather(*strangers, return_exceptions=True)
    assert {type(one) for one in answers} == {Unauthorised, Unavailable}
    await database.close()
    await other.close()


async def test_a_key_that_ended_is_not_preferred_to_those_of_strangers(metrics_database: Database) -> None:
    access = Access(metrics_database, "metrics", seconds=0)
    async with metrics_database.transaction() as tx:
        key = await create_key(tx, "metrics", name="x", scopes=["figures:read"])
    await access.principal(key)
    async with metrics_database.transaction() as tx:
        await revoke_key(tx, "metrics", key.split("_")[1], datetime.now(UTC))
    for _ in range(2):
        with pytest.raises(Unauthorised):
            await access.principal(key)
        assert access._known == {}


def test_every_scope_is_demanded_by_a_route() -> None:
    apps = (ingest.app, metrics.app, notices.app)
    routes = [route for app in apps for route in iter_route_contexts(app.routes)]
    demanded = {scope for route in routes for scope in scopes_of(getattr(route, "dependant", None))}
    assert demanded == SCOPES.keys()
