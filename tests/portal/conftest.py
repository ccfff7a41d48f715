"""Portals as processes of their own, spoken to over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.patience import PATIENCE


class RunningPortal:
    """One portal process and a client of it."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.simulator", "--port", "0", *words], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.url = line.split()[-1]
        self.http = httpx.Client(base_url=self.url, timeout=PATIENCE)

    def token(self, secret: str = "motcua") -> httpx.Response:
        """Ask for a token."""
        form = {"grant_type": "client_credentials", "client_id": "motcua", "client_secret": secret}
        return self.http.post("/auth/realms/tinh/protocol/openid-connect/token", data=form)

    def log_in(self) -> None:
        """Use a new token from here on."""
        self.http.headers["Authorization"] = f"Bearer {self.token().json()['access_token']}"

    def search(self, **query: Any) -> dict[str, Any]:
        """One page of the search, asked for with a good token."""
        answer = self.http.get("/pa/dossier/search", params=query)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    def everything(self, size: int = 100, query: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """All pages of a search after one another."""
        rows: list[dict[str, Any]] = []
        for page in range(10_000):
            answer = self.search(page=page, size=size, **(query or {}))
            rows += answer["content"]
            if answer["last"]:
                return rows
        raise AssertionError("the list has no end")

    def everything_of(self, path: str) -> list[dict[str, Any]]:
        """All pages of a list of the catalogue."""
        rows: list[dict[str, Any]] = []
        for page in range(1000):
            answer = self.http.get(path, params={"page": page, "size": 25}).json()
            rows += answer["content"]
            if answer["last"]:
                return rows
        raise AssertionError("the list has no end")

    def truth(self) -> dict[str, dict[str, Any]]:
        """The ledger by code."""
        lines = self.http.get("/_truth/dossiers").text.splitlines()
        return {entry["code"]: entry for entry in map(json.loads, lines)}

    def stop(self) -> None:
        """End the process."""
        self.http.close()
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def start_portal() -> Iterator[Callable[..., RunningPortal]]:
    """Start portals that are stopped after the test; they come logged in."""
    running: list[RunningPortal] = []

    def start(*words: str) -> RunningPortal:
        portal = RunningPortal(*words)
        running.append(portal)
        portal.log_in()
        return portal

    yield start
    for portal in running:
        portal.stop()


@pytest.fixture(scope="module")
def still() -> Iterator[RunningPortal]:
    """A random world of 700 dossiers in which nothing happens, for tests that only read."""
    portal = RunningPortal("--world", "random", "--dossiers", "700", "--agencies", "23", "--seed", "5")
    portal.log_in()
    yield portal
    portal.stop()
