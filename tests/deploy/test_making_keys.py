"""`make key` and `make env` against the stack that runs, and what they say where none does."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import sys
from pathlib import Path

import asyncpg

from deploy.local.running import Running, write_running
from deploy.local.services import ROOT
from shared.settings import SERVICES
from tests.conftest import NewDatabase, url_of

MAKE = ("make", "-s", "-o", ".venv/.installed")


async def call(data: Path, *command: str) -> tuple[int | None, str, str]:
    """Exit code and output of a command for the stack on this data."""
    ran = await asyncio.create_subprocess_exec(
        *command, env=os.environ | {"MOTCUA_DATA": str(data), "NAME": "shell"}, cwd=ROOT, stdout=-1, stderr=-1
    )
    out, err = await ran.communicate()
    return ran.returncode, out.decode(), err.decode()


async def test_keys_of_the_running_stack_are_made_listed_and_revoked(new_database: NewDatabase, tmp_path: Path) -> None:
    url = await new_database()
    databases = {one: url_of(one, url) for one in SERVICES}
    running = Running({one: f"http://{one}" for one in SERVICES}, databases, {one: f"mc_{one}" for one in SERVICES})
    write_running(tmp_path, running)
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, read, _ = await call(tmp_path, *MAKE, "key")
        assert (code, read.startswith("mc_"), read.count("\n")) == (0, True, 1)
        words = ("SERVICE=ingest", "SCOPES=events:write,dossiers:read", "NAME=portal of 30", "DAYS=7", "PROVINCE=30")
        code, made, _ = await call(tmp_path, *MAKE, "key", *words)
        assert code == 0
        number = made.split("_")[1]
        _, listed, _ = await call(tmp_path, *MAKE, "key", "LIST=1")
        entry = rf"{number}  portal of 30: dossiers:read,events:write; province 30; made on 20\S+; never used; expires on 20"
        assert re.search(entry, listed)
        assert made.strip().split("_")[2] not in listed
        assert await call(tmp_path, *MAKE, "key", f"REVOKE={number}") == (0, f"{number} revoked at ingest\n", "")
        code, _, said = await call(tmp_path, *MAKE, "key", f"REVOKE={number}")
        assert code != 0
        assert f"no valid key {number}" in said
        code, made, _ = await call(tmp_path, *MAKE, "key", "PROVINCE=")
        assert (code, made) == (2, ""), "an empty word must not mean all provinces"
        for word in ("PERSON=", "PERSON=0", "PERSON=no"):
            code, made, _ = await call(tmp_path, *MAKE, "key", word)
            assert (code, made) == (2, ""), "only 1 means a person"
        person = ("SERVICE=notices", "SCOPES=notices:approve", "NAME=Trần Văn C", "PERSON=1")
        assert (await call(tmp_path, *MAKE, "key", *person))[1].startswith("mc_")
        _, variables, _ = await call(tmp_path, *MAKE, "env")
        assert "export INGEST=http://ingest\nexport INGEST_API_KEY=mc_ingest\n" in variables
        assert (tmp_path / "running.json").stat().st_mode & 0o777 == 0o600
    admin = await asyncpg.connect(url)
    rows = await admin.fetch(
        "SELECT name, scopes, expires_at - created_at < interval '31 days' AS bounded FROM metrics.api_key"
    )
    await admin.close()
    assert [(row["scopes"], row["bounded"]) for row in rows] == [(["figures:read"], True)]
    assert rows[0]["name"] != "shell"


async def test_without_a_running_stack_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    for module in ("deploy.local.key", "deploy.local.env"):
        code, out, said = await call(tmp_path, sys.executable, "-m", module)
        assert (code, out) == (1, "")
        assert said == (
            f"motcua: no stack runs on the data in {tmp_path}: start one with `make run`, or set MOTCUA_DATA and call again\n"
        )
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, _, said = await call(tmp_path, sys.executable, "-m", "deploy.local.key", "--list")
        assert code == 1
        assert "is not up yet: call again when it says so" in said
