"""Debian's Prometheus for the tests: its programs, the rules, and a server that scrapes real processes every second."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from deploy.local.servers import free_port
from deploy.local.services import ROOT, Process
from tests.patience import until

RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
RUNBOOK = RULES.with_name("README.md")
DASHBOARD = ROOT / "deploy" / "grafana" / "motcua.json"


def program(name: str) -> str:
    """The path of `prometheus` or `promtool`; skips without it, and fails where PROMETHEUS_REQUIRED is set."""
    found = shutil.which(name)
    if found is None:
        why = f"{name} is not here: `apt-get install prometheus` brings it"
        if os.environ.get("PROMETHEUS_REQUIRED"):
            pytest.fail(why)
        pytest.skip(why)
    return found


def rules() -> list[dict[str, Any]]:
    """All alert rules."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def panels() -> list[tuple[str, str]]:
    """Title and query of every target on the dashboard, for all provinces."""
    board = json.loads(DASHBOARD.read_text())
    return [
        (panel["title"], target["expr"].replace("$province", ".*")) for panel in board["panels"] for target in panel["targets"]
    ]


def named(*expressions: str) -> set[str]:
    """Our series that expressions name."""
    return set(re.findall(r"\bmotcua_[a-z_]+", " ".join(expressions)))


def address(process: Process) -> str:
    """Where Prometheus reads an API or a worker."""
    return process.url.removeprefix("http://") or f"127.0.0.1:{process.env['WORKER_METRICS_PORT']}"


@dataclass
class Prometheus:
    """A running Prometheus."""

    url: str

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an expression at this moment."""
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            answer = await client.get("/api/v1/query", params={"query": expression})
        found = answer.json()
        assert found["status"] == "success", found
        samples: list[dict[str, Any]] = found["data"]["result"]
        return samples

    async def firing(self) -> set[str]:
        """Names of the alerts that fire."""
        return {sample["metric"]["alertname"] for sample in await self.query('ALERTS{alertstate="firing"}')}

    async def open(self) -> set[str]:
        """Names of the alerts that fire, or will if it lasts."""
        return {sample["metric"]["alertname"] for sample in await self.query("ALERTS")}

    async def until_firing(self, wanted: set[str]) -> None:
        """Wait until these alerts fire, and no others; fails with the names of those that do not, or should not."""
        try:
            await until(self.firing, lambda firing: firing == wanted)
        except AssertionError:
            firing = await self.firing()
            pytest.fail(f"do not fire: {sorted(wanted - firing)}; fire and should not: {sorted(firing - wanted)}")

    async def until_query(self, expression: str, holds: Callable[[list[dict[str, Any]]], object], about: str) -> None:
        """Wait until the samples of an expression are so; fails with what it is about."""
        try:
            await until(lambda: self.query(expression), holds)
        except AssertionError as error:
            pytest.fail(f"{about}: {expression} gives {error}")


def configuration(folder: Path, targets: dict[str, list[str]], shortened: dict[str, str]) -> Path:
    """A configuration that scrapes and evaluates every second; `shortened` maps patterns to shorter times."""
    text = RULES.read_text()
    for pattern, short in shortened.items():
        text, number = re.subn(pattern, short, text)
        assert number, pattern
    (folder / "alerts.yml").write_text(text)
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(folder / "alerts.yml")],
        "scrape_configs": [{"job_name": job, "static_configs": [{"targets": them}]} for job, them in targets.items()],
    }
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config))
    return path


def prometheus(folder: Path, config: Path) -> Process:
    """A Prometheus that is not started yet; its data lie in `folder`."""
    port = free_port()
    command = [
        program("prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    return Process("prometheus", command, {}, folder / "prometheus.log", f"http://127.0.0.1:{port}")
