"""`hostile_calls`: calls made to a portal that fails, beside the fewest that its failures allow, and never above the rate.

The portal answers 30 % 5xx, 10 % 429 and 10 % cut JSON. Of every call that is answered so, one more is unavoidable: the fewest
possible are the pages there are and the token, divided by the share of calls that come through. The portal counts the calls.
Calls are counted and not seconds, so the pauses between them are short: the back-off begins at a tenth of the usual one, and
half of the 429s ask for none.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import httpx

from deploy.local.servers import free_port
from deploy.local.services import Process
from tests.bench._rows import parts, row
from tests.bench.portal_to_kpi import PROVINCE, access_to, catalogue, pulled

DOSSIERS = 20_000
PAGE = 200
RATE = 40.0
FAULTS = {"p5xx": 0.3, "p429": 0.1, "cut": 0.1}


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The row `hostile_calls`."""
    ours, fewest = [], []
    async with parts() as made:
        for number in range(runs):
            portal = f"http://127.0.0.1:{free_port()}"
            faults = ",".join(f"{name}={rate}" for name, rate in FAULTS.items()) + ",retry_after=0"
            words = ["--world", "random", "--dossiers", DOSSIERS, "--province", PROVINCE, "--dirt", 0, "--seed", number + 1]
            command = [sys.executable, "-m", "deploy.simulator", "--port", portal.rsplit(":", 1)[1], *map(str, words)]
            serving = Process("portal", [*command, "--faults", faults], dict(os.environ), made.folder / "portal.log", portal)
            serving.start()
            try:
                serving.wait_until_ready(60)
                url = await made.database("ingest")
                key = await made.key("ingest", url)
                ingest = made.start("api", "ingest", url, **access_to(portal))
                made.start("worker", "ingest", url, **access_to(portal))
                async with httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": key}, timeout=60) as door:
                    agencies, procedures = catalogue()
                    for name, body in (("agencies", agencies), ("procedures", procedures)):
                        (await door.put(f"/v1/catalogue/{PROVINCE}/{name}", json={name: body})).raise_for_status()
                    settings = {"base_url": portal, "page_size": PAGE, "rate": RATE, "backoff_seconds": 0.05}
                    pull = await pulled(door, settings, patience=3, poll_seconds=0.5)
                async with httpx.AsyncClient(base_url=portal) as truth:
                    calls = (await truth.get("/_truth/calls")).json()
                made.stop()
            finally:
                serving.kill()
            if pull["accepted"] != DOSSIERS:
                raise RuntimeError(f"{pull['accepted']} of {DOSSIERS} accepted")
            made_calls = calls["total"]
            if calls["peak_per_second"] > RATE + 1:
                raise RuntimeError(f"{calls['peak_per_second']} calls in a second, {RATE} were agreed")
            ours.append(float(made_calls))
            fewest.append((DOSSIERS / PAGE + 1) / (1 - sum(FAULTS.values())))
    return {"hostile_calls": row(ours, fewest, "calls", "lower")}
