"""The dashboard and the alert rules use only what is really exported."""

from __future__ import annotations

import asyncio
import json
import math
import re
from pathlib import Path

import httpx

from deploy.local.services import Process
from services.notices.drafting.api import gauges
from shared.database import Database
from tests.certificates import signing_settings
from tests.conftest import NewDatabase, Processes
from tests.deploy.alerting import DASHBOARD, address, named, panels, rules
from tests.metrics.stack import Stack
from tests.patience import until


async def test_every_series_of_the_dashboard_and_the_rules_is_exported(
    stack: Stack, processes: Processes, new_database: NewDatabase, tmp_path: Path
) -> None:
    signing = signing_settings(tmp_path)
    notices = await asyncio.to_thread(processes.api, "notices", database_url=await new_database("notices"), **signing)
    await stack.push("30", 1, 3)
    await stack.until("30", lambda answer: answer["position"] == 3)
    (await stack.watch.post("/v1/consistency-checks", params={"province": "30"})).raise_for_status()
    variables = [one["query"] for one in json.loads(DASHBOARD.read_text())["templating"]["list"]]
    wanted = named(*(rule["expr"] for rule in rules()), *(query for _, query in panels()), *variables)
    assert {name.split("_")[1] for name in wanted} == {"metrics", "notices", "request", "requests", "worker"}

    async def page(process: Process) -> str:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://{address(process)}/metrics")).text

    async def missing() -> set[str]:
        pages = [await page(one) for one in (stack.ingest, stack.ingest_worker, stack.metrics, stack.worker, notices)]
        return wanted - set(re.findall(r"^(motcua_\w+)", "\n".join(pages), re.M)) - {"motcua_metrics_reconciliation_gap"}

    await until(missing, lambda missing: not missing)
    assert 'motcua_metrics_failed_consistency_checks{province="30"} 0.0' in await page(stack.metrics)
    # What nobody compared with its portal is not known to agree with it.
    assert "motcua_metrics_reconciliation_gap{" not in await page(stack.metrics)
    # Each loop's failures begin at 0: a counter that is born at 1 hides the first.
    worker = await page(stack.worker)
    loops = set(re.findall(r'motcua_worker_loop_stalled_seconds\{loop="(\w+)",service="metrics"\}', worker))
    assert loops == {"alerting", "checking", "following", "noting"}
    counted = re.findall(r'motcua_worker_jobs_total\{loop="(\w+)",result="failed",service="metrics"\}', worker)
    assert set(counted) == loops


async def test_notices_that_cannot_be_read_do_not_count_as_none_waiting() -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing", size=1)
    gauges.WAITING_SECONDS.set(0)
    task = asyncio.create_task(gauges.refresh(nowhere))

    async def waiting() -> float:
        (sample,) = [one for metric in gauges.WAITING_SECONDS.collect() for one in metric.samples]
        return sample.value

    await until(waiting, math.isnan)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await nowhere.close()
