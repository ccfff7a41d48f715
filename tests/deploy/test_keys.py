"""The keys of the local stack, and the passwords that the services' roles are given."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import asyncpg

from deploy.local.credentials import open_keys
from tests.conftest import NewDatabase


async def test_a_roles_password_is_quoted_by_the_database(new_database: NewDatabase, tmp_path: Path) -> None:
    url = await new_database()
    kept = tmp_path / "keys.json"
    kept.write_text(json.dumps({"role_passwords": {"notices": "it's \\; CREATEROLE --"}}))
    keys = await asyncio.to_thread(open_keys, url, kept, roles=["notices"])
    assert set(keys.operator) == {"ingest", "metrics", "notices"}
    admin = await asyncpg.connect(url)
    row = await admin.fetchrow("SELECT rolpassword, rolcreaterole FROM pg_authid WHERE rolname = 'motcua_notices'")
    await admin.execute("ALTER ROLE motcua_notices PASSWORD NULL")  # the role is the server's, and other tests use it
    await admin.close()
    assert row is not None
    assert row["rolpassword"].startswith("SCRAM-SHA-256")
    assert not row["rolcreaterole"]
