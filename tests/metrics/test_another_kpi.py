"""A KPI is one entry: everything that shows, opens, exports, ranks, scores or watches KPIs knows it by that alone."""

from __future__ import annotations

import asyncio
import csv
import io
import sys
from pathlib import Path
from typing import Any

import httpx

from deploy.local import services
from deploy.local.servers import free_port
from services.metrics.figures.kpis.worked_example import AGENCY, EXAMPLE
from shared.contracts.feed import FeedItem
from tests.conftest import Processes
from tests.metrics.conftest import Api
from tests.patience import PATIENCE

ID = "counter_share"
LOOKS_AT_RULES = """
import asyncio, sys
from datetime import UTC, date, datetime
import tests.metrics.another_kpi
from services.metrics.alerts import service as alerting
from shared.database import Database

async def main():
    database = Database(sys.argv[1], size=1)
    async with database.transaction() as tx:
        await alerting.watch(tx, datetime.now(UTC), date(2023, 3, 31))
    await database.close()

asyncio.run(main())
"""


async def test_a_new_kpi_is_one_entry(api: Api, processes: Processes, tmp_path: Path) -> None:
    await api.count([FeedItem(number, number, one.facts) for number, one in enumerate(EXAMPLE.dossiers, 1)])
    port = free_port()
    plain = services.api("metrics", port, processes.environment("metrics", api.owner_url), tmp_path)
    command = [word.replace("services.metrics.app:app", "tests.metrics.another_kpi:app") for word in plain.command]
    process = processes.run(services.Process("metrics-api", command, plain.env, tmp_path / "another.log", plain.url))
    period = {"from": str(EXAMPLE.since), "to": str(EXAMPLE.until)}
    words: dict[str, Any] = {"province": api.province, "scope": "10813", **period, "kpi": ID}
    async with httpx.AsyncClient(base_url=process.url, headers={"X-API-Key": api.key}, timeout=PATIENCE) as client:

        async def get(path: str, **more: Any) -> httpx.Response:
            response = await client.get(path, params=more)
            assert response.status_code == 200, response.text
            return response

        listed = {kpi["id"]: kpi for kpi in (await get("/v1/kpis/catalogue")).json()["kpis"]}
        assert listed[ID]["example"] == {"numerator": 2, "denominator": 9, "value": 0.2222}
        known = (await get("/openapi.json")).json()["components"]["schemas"]
        assert ID in known["KpiId"]["enum"]
        assert all(ID in known[name]["properties"] for name in ("Kpis", "ComparedKpis", "MovedKpis"))

        answer = (await get("/v1/kpis", by="agency", **words)).json()
        figure = answer["total"]["kpis"][ID]
        assert {part: figure[part] for part in ("numerator", "denominator", "value")} == listed[ID]["example"]
        assert [row["kpis"][ID]["value"] for row in answer["rows"] if row["agency"] == AGENCY] == [0.2222]
        table = csv.reader(io.StringIO((await get("/v1/kpis", by="agency", format="csv", **words)).text))
        assert next(table)[2:] == ["Tỷ lệ trực tiếp", "Tỷ lệ trực tiếp, tử số", "Tỷ lệ trực tiếp, mẫu số"]
        opened = (await get(f"/v1/figures/{figure['figure']}")).json()
        assert {dossier["code"] for dossier in opened["dossiers"]} == {"B", "H"}

        points = (await get("/v1/kpis/series", step="month", **words)).json()["points"]
        assert [point["kpis"][ID]["value"] for point in points] == [0.2222]
        assert (await get("/v1/kpis/ranking", **words)).json()["rows"][0]["kpis"][ID]["value"] == 0.2222
        assert (await get("/v1/kpis/comparison", **words)).json()["total"]["kpis"][ID]["difference"]["value"] == 22.22
        asked = {name: value for name, value in words.items() if name != "kpi"}
        components = {one["id"]: one for one in (await get("/v1/indices/01-2018", **asked)).json()["components"]}
        assert (components["desk"]["points"], components["desk"]["source"]) == (2.0, "computed")

        rule = {"province": api.province, "name": "quầy", "kpi": ID, "above": 0.2, "days": 31}
        assert (await client.post("/v1/alerts/rules", json=rule)).status_code == 201
        looking = await asyncio.create_subprocess_exec(sys.executable, "-c", LOOKS_AT_RULES, api.owner_url)
        assert await looking.wait() == 0
        alerts = [one for one in (await get("/v1/alerts", province=api.province)).json()["alerts"] if one["kpi"] == ID]
        assert [one["value"] for one in alerts] == [0.2222]
