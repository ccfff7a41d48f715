"""Sources and provinces are retired, and deleted when they are empty: nothing that was counted is lost by it."""

from __future__ import annotations

import asyncpg
import httpx

from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE

EVENT = {
    "code": "000.00.19.H30-230615-0042",
    "id": "42-7",
    "at": "2023-06-20T09:00:00+07:00",
    "status": "processing",
    "received_at": "2023-06-15T09:00:00+07:00",
}


async def test_of_what_is_retired_nothing_is_awaited_and_what_came_counts_or_is_dismissed_and_what_is_empty_is_deleted(
    processes: Processes, new_database: NewDatabase
) -> None:
    owner = await new_database("ingest")
    api = processes.api("ingest", database_url=owner)
    key = await processes.key("ingest", owner, "sources:manage", "events:write", "feed:read", "catalogue:write")
    async with httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": key}, timeout=PATIENCE) as http:

        async def connect(name: str, kind: str = "own", province: str = "30", **more: object) -> None:
            settings = {"base_url": "https://motcua.example", "without_token": True} if kind == "igate" else {}
            body = {"province": province, "kind": kind, "settings": settings, **more}
            (await http.put(f"/v1/sources/{name}", json=body)).raise_for_status()

        async def lacking() -> tuple[int, list[str]]:
            found = (await http.get("/v1/quality?province=30")).json()
            return found["quarantined"], [one["source"] for one in found["missing"]]

        async def words_of(name: str, what: str) -> list[object]:
            found = (await http.get(f"/v1/sources/{name}")).json()
            return [found[f"{what}_{word}"] for word in ("at", "by", "for")]

        async def refused(method: str, path: str, reason: str = "A test.") -> str:
            response = await http.request(method, path, json={"reason": reason})
            assert response.status_code == 409, response.text
            return str(response.json()["detail"])

        await connect("desk", expected_every_seconds=60)
        await connect("typo")
        (await http.post("/v1/events?source=desk", json=[EVENT, {"code": "broken"}])).raise_for_status()
        (await http.post("/v1/events?source=typo", json=[{"code": "broken"}])).raise_for_status()
        connection = await asyncpg.connect(owner)
        await connection.execute("UPDATE ingest.source SET created_at = '2020-01-01'")
        await connection.execute("UPDATE ingest.pull SET touched_at = '2020-01-01'")
        assert await lacking() == (2, ["desk"])

        assert "retire" in await refused("DELETE", "/v1/sources/desk")
        assert (await http.delete("/v1/sources/typo")).status_code == 204
        assert (await http.get("/v1/sources/typo")).status_code == 404
        assert (await lacking())[0] == 1
        assert (await http.post("/v1/sources/desk/retire")).status_code == 422  # nobody says why
        retired = (await http.post("/v1/sources/desk/retire", json={"reason": "the desk was closed"})).json()
        assert (retired["enabled"], retired["retired_at"] is not None) == (False, True)
        assert (retired["retired_by"] is not None, retired["retired_for"]) == (True, "the desk was closed")
        assert (await http.post("/v1/sources/desk/retire", json={"reason": "again"})).json() == retired
        # What it sent and could not be counted is still lacking, and so is what it did not send.
        assert await lacking() == (1, ["desk"])
        assert len((await http.get("/v1/feed?province=30")).json()["items"]) == 1
        told = await http.post("/v1/events?source=desk", json=[EVENT])
        assert (told.status_code, "is retired" in told.json()["detail"]) == (409, True)
        await connect("desk", expected_every_seconds=60)
        assert not any(await words_of("desk", "retired"))
        assert await lacking() == (1, ["desk"])

        # What it sent was read by other settings: it sends all of it again, and somebody says so.
        await connect("desk", settings={"codes": ["X-[0-9]+"]})
        changed = (await http.get("/v1/sources/desk")).json()
        assert (changed["reread_since"] is not None, await lacking()) == (True, (1, ["desk"]))
        said = (await http.post("/v1/sources/desk/sent-again", json={"reason": "sent on Sunday"})).json()
        assert (said["reread_since"], said["sent_again_for"]) == (None, "sent on Sunday")
        assert await lacking() == (1, [])

        await connect("portal", "igate", enabled=False)
        assert "by itself" in (await http.post("/v1/sources/portal/sent-again", json={"reason": "x"})).json()["detail"]
        assert "is disabled" in await refused("POST", "/v1/sources/portal/pull")
        assert "sends by itself" in await refused("POST", "/v1/sources/desk/pull")
        await connect("sync", "national")
        # Retiring proves nothing: who closes a portal of which a part was read closes no gap of it.
        await connection.execute(
            "INSERT INTO ingest.pull (source, province, state, finished_at, verified)"
            " VALUES ('portal', '30', 'complete', now(), false)"
        )
        assert await lacking() == (1, ["portal"])
        retired = (await http.post("/v1/provinces/30/retire", json={"reason": "merged"})).json()["sources"]
        assert {one["name"] for one in retired if one["retired_for"] == "merged"} == {"desk", "portal", "sync"}
        assert await lacking() == (1, ["portal"])
        word = {"reason": "the old list was looked through in the office"}
        assert (await http.post("/v1/sources/portal/dismiss", json=word)).json()["dismissed_for"] == word["reason"]
        assert (await lacking(), None in await words_of("portal", "dismissed")) == ((1, []), False)
        assert (await http.delete("/v1/sources/portal/dismissal")).json()["dismissed_at"] is None
        assert await lacking() == (1, ["portal"])
        (await http.post("/v1/sources/portal/dismiss", json=word)).raise_for_status()
        await connect("portal", "igate", enabled=False)
        # Connected again it can be verified again.
        assert (await lacking(), any(await words_of("portal", "dismissed"))) == ((1, ["portal"]), False)
        assert "is in use" in await refused("POST", "/v1/sources/portal/dismiss")
        (await http.post("/v1/sources/portal/retire", json={"reason": "merged"})).raise_for_status()
        (await http.post("/v1/sources/portal/dismiss", json=word)).raise_for_status()
        assert "is retired" in await refused("POST", "/v1/sources/portal/pull")
        reply = (await http.post("/v1/national/sync", json=[])).json()
        assert reply["error_code"] == 400
        cut_off = "INSERT INTO ingest.import (source, province, state) VALUES ('desk', '30', 'interrupted') RETURNING id"
        number = await connection.fetchval(cut_off)
        assert await lacking() == (1, ["desk"])
        # Somebody puts it aside, with a word: then nothing is lacking.
        dismissed = await http.post("/v1/quarantine/dismiss?province=30&source=desk", json={"reason": "a test of the vendor"})
        assert dismissed.json() == {"dismissed": 1}
        (await http.post(f"/v1/imports/{number}/dismiss", json={"reason": "sent twice"})).raise_for_status()
        (record,) = (await http.get("/v1/quarantine?province=30&state=dismissed")).json()["records"]
        assert (record["dismissed_by"] is not None, record["dismissed_for"]) == (True, "a test of the vendor")
        assert await lacking() == (0, [])
        # What was found to differ from it stays lacking likewise, until somebody dismisses it.
        done = await connection.fetchval(
            "INSERT INTO ingest.reconciliation (source, province, from_on, to_on, state, finished_at, equal)"
            " VALUES ('portal', '30', '2023-01-01', '2023-06-30', 'complete', now(), false) RETURNING id"
        )
        await connection.execute(
            "INSERT INTO ingest.difference (reconciliation, code, cause) VALUES ($1, 'H-1', 'told_otherwise')", done
        )

        async def gap() -> int | None:
            found = (await http.get("/v1/quality?province=30")).json()["gap"]
            return None if found is None else int(found)

        assert await gap() == 1
        path, word = f"/v1/reconciliations/{done}", {"reason": "the portal is closed; looked at in the office"}
        aside = (await http.post(f"{path}/dismiss", json=word)).json()
        assert (aside["dismissed_by"] is not None, aside["dismissed_for"], await gap()) == (True, word["reason"], None)
        back = (await http.delete(f"{path}/dismissal")).json()
        assert (back["dismissed_at"], await gap()) == (None, 1)
        await connect("portal", "igate", enabled=False)
        refusal = await http.post(f"{path}/dismiss", json=word)
        assert (refusal.status_code, "reconcile the source again" in refusal.json()["detail"]) == (409, True)
        (await http.post("/v1/sources/portal/retire", json={"reason": "closed"})).raise_for_status()

        assert "sources or dossiers" in await refused("DELETE", "/v1/provinces/30")
        await connect("other", province="31")
        agency = {"code": "1", "name_vi": "A", "name_en": "A", "kind": "commune", "valid_from": "2020-01-01"}
        (await http.put("/v1/catalogue/31/agencies", json={"agencies": [agency]})).raise_for_status()
        assert "sources or dossiers" in await refused("DELETE", "/v1/provinces/31")
        assert (await http.delete("/v1/sources/other")).status_code == 204
        assert (await http.delete("/v1/provinces/31")).status_code == 204
        assert [one["province"] for one in (await http.get("/v1/provinces")).json()["provinces"]] == ["30"]
        assert (await http.delete("/v1/provinces/31")).status_code == 404
        left = [
            await connection.fetchval(f"SELECT count(*) FROM ingest.{table} WHERE province = '31'")
            for table in ("agency", "ruleset", "catalogue_part", "redating", "quarantine", "source")
        ]
        assert left == [0] * 6
        await connection.close()
