"""Whatever stands in the way of a command is one sentence on standard error and an exit code, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.postgres import PostgreSQL, start_postgres
from deploy.local.servers import free_port
from deploy.local.services import ROOT

MAKE_A_KEY = ("shared.access", "--service", "ingest", "--name", "x", "--scopes", "feed:read", "--days", "1")
SPEAKING = {  # commands that speak with the database
    "migrations": ("migrations", "ingest"),
    "access": MAKE_A_KEY,
    "files": ("services.ingest.imports", "FILE", "--source", "lists"),
    "local": ("deploy.local",),
}
OTHERS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "a file of events that is not there": (("services.ingest.imports", "/nowhere.csv", "--source", "lists"), {}),
    "a notice that is not there": (("services.notices.audit", "/nowhere.txt"), {}),
    "a notice that is no notice": (("services.notices.audit", "BROKEN.docx"), {}),
    "a port that is no number": (("deploy.local",), {"MOTCUA_PORT_BASE": "abc"}),
    "data in a file": (("deploy.local",), {"MOTCUA_DATA": "FILE"}),
    "a world that is not there": (("deploy.local", "--world", "/nowhere.csv"), {}),
    "a demo of a world that is not there": (("deploy.demo", "--world", "/nowhere.csv"), {}),
    "a portal of a world that is not there": (("deploy.simulator", "--world", "/nowhere.csv"), {}),
    "a portal of a file that is no world": (("deploy.simulator", "--world", "BROKEN.csv"), {}),
    "a level of logs that is unknown": (("services.ingest.worker",), {"LOG_LEVEL": "loud"}),
    "a worker without its database": (("services.notices.worker",), {"NOTICES_DATABASE_URL": ""}),
}
"""Every command with something else that is wrong."""


def _run(folder: Path, words: tuple[str, ...], url: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    for name in ("FILE", "BROKEN.docx", "BROKEN.csv"):
        (folder / name).write_bytes(b"\xff\xfebroken")
    given = [str(folder / word) if (folder / word).is_file() else word for word in words]
    settings = {"DATABASE_URL": url, "INGEST_DATABASE_URL": url, "METRICS_DATABASE_URL": url, "NOTICES_DATABASE_URL": url}
    env = {name: str(folder / value) if (folder / value).is_file() else value for name, value in env.items()}
    defaults = {"MOTCUA_DATA": str(folder / "data"), "MOTCUA_PORT_BASE": "0"}
    environment = {name: value for name, value in os.environ.items() if name != "MAKELEVEL"} | defaults | settings | env
    return subprocess.run(
        [sys.executable, "-m", *given], capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120, check=False
    )


def _in_a_sentence(ran: subprocess.CompletedProcess[str], words: tuple[str, ...]) -> None:
    said = ran.stderr.strip().splitlines()
    assert ran.returncode in (1, 2), (words, ran)
    assert "Traceback" not in ran.stderr, ran.stderr[-2000:]
    assert said, ran
    assert len([line for line in said if not line.startswith(("usage:", "  "))]) <= 2, ran.stderr


@pytest.mark.parametrize("name", SPEAKING)
def test_a_database_that_is_away_is_told_in_a_sentence(name: str, tmp_path: Path) -> None:
    _in_a_sentence(_run(tmp_path, SPEAKING[name], f"postgresql://motcua@127.0.0.1:{free_port()}/motcua", {}), SPEAKING[name])


def test_an_address_that_is_none_is_told_in_a_sentence(tmp_path: Path) -> None:
    for name in ("migrations", "local"):
        _in_a_sentence(_run(tmp_path, SPEAKING[name], "nonsense", {}), SPEAKING[name])


def test_a_database_that_does_not_know_us_is_told_in_a_sentence(tmp_path: Path, postgres: PostgreSQL) -> None:
    for name, url in (("access", postgres.url(user="nobody_knows")), ("migrations", postgres.url("no_such_database"))):
        _in_a_sentence(_run(tmp_path, SPEAKING[name], url, {}), SPEAKING[name])


def test_a_database_of_another_version_is_told_in_a_sentence(tmp_path: Path, postgres: PostgreSQL) -> None:
    for name in ("access", "files"):
        ran = _run(tmp_path, SPEAKING[name], postgres.url(), {})
        _in_a_sentence(ran, SPEAKING[name])
        assert "python -m migrations" in ran.stderr


def test_a_wrong_password_is_told_in_a_sentence_and_not_repeated(tmp_path: Path, folder: Path) -> None:
    server = start_postgres(folder / "guarded", durable=True)
    try:
        ran = _run(tmp_path, SPEAKING["migrations"], server.url(password="a-wrong-one"), {})
        _in_a_sentence(ran, SPEAKING["migrations"])
        assert "a-wrong-one" not in ran.stderr
    finally:
        server.stop()


@pytest.mark.parametrize("name", OTHERS)
def test_whatever_else_is_wrong_is_told_in_a_sentence(name: str, tmp_path: Path, postgres: PostgreSQL) -> None:
    words, env = OTHERS[name]
    _in_a_sentence(_run(tmp_path, words, postgres.url(), env), words)
