"""Versions of the catalogue are kept: who changed what, and one call goes back to any of them, facts and all."""

from __future__ import annotations

from typing import Any

import msgspec

from services.ingest.feed import store as feed_store
from shared.agencies import reference_structure
from shared.procedures import reference_procedures
from tests.ingest.catalogue_door import Door, door, new_dossier, redated, taken_in

__all__ = ["door"]


async def _facts(door: Door) -> dict[int, str]:
    """The newest facts of each dossier, byte by byte."""
    async with door.database.connection() as connection:
        rows = await feed_store.read_after(connection, "30", 0, 10_000)
    return {number: facts for _, number, facts in rows if number}


async def _listed(door: Door) -> list[dict[str, Any]]:
    response = await door.client.get("/v1/catalogue/30/versions")
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["versions"]
    return found


async def _parts(door: Door) -> tuple[Any, Any, list[str]]:
    agencies = (await door.client.get("/v1/catalogue/30/agencies")).json()
    procedures = (await door.client.get("/v1/catalogue/30/procedures")).json()
    async with door.database.connection() as connection:
        rows = await connection.fetch("SELECT day::text, verified FROM ingest.day_override WHERE province = '30' ORDER BY day")
        policies = await connection.fetchval("SELECT policies::text FROM ingest.province WHERE province = '30'")
    return agencies, procedures, [*(f"{row[0]} {row[1]}" for row in rows), policies]


async def test_every_kind_of_change_is_listed_and_undone_to_the_byte(door: Door) -> None:
    await taken_in(
        door.database,
        new_dossier(1, "2023-03-06T09:00", ended="2023-03-10T09:00", due="2023-03-09T17:00"),
        new_dossier(2, "2023-03-13T09:00", ended="2023-03-14T09:00", due="2023-03-16T17:00"),
        new_dossier(3, "2023-03-13T09:00"),
    )
    await redated(door.database)
    states = {2: (await _facts(door), await _parts(door))}
    json = {"Content-Type": "application/json"}
    slower = [
        msgspec.structs.replace(one, limit=msgspec.structs.replace(one.limit, amount=one.limit.amount + 1))
        if one.limit
        else one
        for one in reference_procedures()
    ]
    day = {
        "day": "2023-03-08",
        "worked": False,
        "legal_basis": "Công văn 1/UBND",
        "known_from": "2023-03-07",
        "verified": False,
    }
    renamed = [msgspec.structs.replace(one, name_vi=f"{one.name_vi} mới") for one in reference_structure()]
    changes: list[tuple[str, str, Any]] = [
        ("procedures", "put", {"procedures": msgspec.to_builtins(slower)}),
        ("days", "post", [day]),
        ("policies", "put", {"office_hours": "mon-fri 08:00-12:00"}),
        ("agencies", "put", {"agencies": []}),
        ("agencies", "put", {"agencies": msgspec.to_builtins(renamed)}),
    ]
    for number, (path, method, body) in enumerate(changes, 3):
        response = await door.client.request(
            method,
            f"/v1/catalogue/30/{path}",
            content=msgspec.json.encode(body),
            headers=json,
            params={"note": f"Lý do {number}"},
        )
        assert response.status_code == 200, response.text
        await redated(door.database)
        states[number] = await _facts(door), await _parts(door)
    assert states[6][0] != states[5][0], "without agencies no dossier has one"
    listed = await _listed(door)
    assert [(one["version"], one["reason"], one["note"]) for one in listed] == [
        (7, "agencies", "Lý do 7"),
        (6, "agencies", "Lý do 6"),
        (5, "policies", "Lý do 5"),
        (4, "calendar", "Lý do 4"),
        (3, "procedures", "Lý do 3"),
        (2, "procedures", None),
        (1, "agencies", None),
    ]
    assert listed[0]["decided_by"]
    assert listed[-1]["decided_by"] is None
    assert listed[1]["changed"] == 3
    assert all(one["finished_at"] for one in listed)

    newest = 7
    for version in (2, 6, 4, 3, 5, 7, 2):
        response = await door.client.post(f"/v1/catalogue/30/versions/{version}/restore", params={"note": "Ghi nhầm"})
        newest += 1
        assert response.json()["version"] == newest, response.text
        await redated(door.database)
        assert (await _facts(door), await _parts(door)) == states[version], version
    head = (await _listed(door))[0]
    assert (head["reason"], head["note"]) == ("restored", "Ghi nhầm")
    again = await door.client.post("/v1/catalogue/30/versions/2/restore")
    assert (again.json()["version"], again.json()["parts"]) == (newest, []), "nothing is other"
    then = (await door.client.get("/v1/catalogue", params={"province": "30", "position": head["position"] - 1})).json()
    assert then["version"] == newest - 1


async def test_a_version_that_there_is_not_is_not_gone_back_to(door: Door) -> None:
    for version, status in ((3, 404), (99, 404), (0, 422)):
        response = await door.client.post(f"/v1/catalogue/30/versions/{version}/restore")
        assert response.status_code == status, response.text
    async with door.database.transaction() as tx:  # as a catalogue of before versions were stored
        await tx.execute("DELETE FROM ingest.catalogue_part WHERE province = '30' AND version = 1 AND part = 'procedures'")
        await tx.execute("UPDATE ingest.catalogue_part SET version = 0 WHERE province = '30'")
    response = await door.client.post("/v1/catalogue/30/versions/1/restore")
    assert response.status_code == 409, response.text
    assert (await door.client.post("/v1/catalogue/30/versions/2/restore")).json()["parts"] == []
