"""The dashboard and the alert rules use only what is really exported."""

from __future__ import annotations

import json
import re

import yaml

from tests.deploy.alerting import DASHBOARD, RULES
from tests.metrics.conftest import Api
from tests.metrics.test_kpis_api import received_now
from tests.patience import until

_NAME = re.compile(r"\bmotcua_[a-z_]+")


def named() -> dict[str, set[str]]:
    rules = yaml.safe_load(RULES.read_text())
    alerts = {rule["expr"] for group in rules["groups"] for rule in group["rules"]}
    board = json.loads(DASHBOARD.read_text())
    panels = {target["expr"] for panel in board["panels"] for target in panel["targets"]}
    panels |= {variable["query"] for variable in board["templating"]["list"]}
    return {place: set(_NAME.findall(" ".join(texts))) for place, texts in (("alerts", alerts), ("panels", panels))}


async def test_every_series_of_the_dashboard_and_the_rules_is_exported(api: Api) -> None:
    await api.count([received_now(1, 1)])
    await api.client.post("/v1/consistency-checks", params={"province": api.province})
    # The API of metrics alone is asked here: workers and notices export series of their own.
    wanted = {name for name in set().union(*named().values()) if not name.startswith(("motcua_worker_", "motcua_notices_"))}
    wanted |= {"motcua_worker_silent"}
    assert len(wanted) > 10

    def missing(body: str) -> set[str]:
        exported = set(re.findall(r"^# TYPE (motcua_\w+)", body, re.M)) | set(re.findall(r"^(motcua_\w+)", body, re.M))
        return wanted - exported

    async def exported() -> str:
        return (await api.client.get("/metrics")).text

    checked = f'motcua_metrics_failed_consistency_checks{{province="{api.province}"}} 0.0'
    body = await until(exported, lambda body: not missing(body) and checked in body)
    assert f'motcua_metrics_position{{province="{api.province}"}} 1.0' in body
