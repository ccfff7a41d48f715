"""A change of the catalogue says what it would do before it applies: exactly what it does when it is applied."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.ingest.events.model import About, Event, WorkStep
from services.ingest.feed import store as feed_store
from services.ingest.previews import service as previews
from services.ingest.previews.service import Rulesets, preview_next
from shared.agencies import reference_structure
from shared.dossier import Facts
from shared.procedures import reference_procedures
from tests.ingest.catalogue_door import Door, door, new_dossier, redated, taken_in

__all__ = ["door"]
JSON = {"Content-Type": "application/json"}


def _dossiers(source: random.Random, count: int) -> list[Event]:
    found = []
    for number in range(1, count + 1):
        received = f"2023-03-{source.randint(1, 20):02}T{source.choice([8, 9, 15]):02}:00"
        ended = f"2023-03-{source.randint(21, 28)}T09:00" if source.random() < 0.7 else None
        event = new_dossier(number, received, ended=ended, due=f"2023-03-{source.randint(21, 28)}T17:00")
        if number % 3 == 0:
            begun, due, done = (datetime(2023, 3, day, hour, tzinfo=UTC) for day, hour in ((13, 2), (15, 10), (16, 3)))
            work = (
                WorkStep("Phòng Tư pháp", "Thụ lý hồ sơ", begun, due, done),
                WorkStep(None if number % 2 else "Văn thư", None, done, None, done),
            )
            event = msgspec.structs.replace(event, about=About("10816", "2.000986"), work=work)
        if source.random() < 0.2:
            event = msgspec.structs.replace(event, about=None)
        found.append(event)
    return found


async def _facts(door: Door) -> dict[int, Facts]:
    async with door.database.connection() as connection:
        rows = await feed_store.read_after(connection, "30", 0, 10_000)
    return {number: msgspec.json.decode(facts, type=Facts) for _, number, facts in rows if number}


async def _previewed(door: Door, change: dict[str, Any]) -> dict[str, Any]:
    asked = await door.client.post("/v1/catalogue/30/previews", content=msgspec.json.encode(change), headers=JSON)
    assert asked.status_code == 202, asked.text
    assert (asked.json()["examined"], asked.json()["finished_at"]) == (0, None)
    rulesets = Rulesets()
    while await door.database.run(lambda tx: preview_next(tx, rulesets, datetime.now(UTC))):
        pass
    found: dict[str, Any] = (await door.client.get(f"/v1/catalogue/30/previews/{asked.json()['id']}")).json()
    assert found["finished_at"]
    return found


async def _table_states_the_same(door: Door, found: dict[str, Any]) -> None:
    path = f"/v1/catalogue/30/previews/{found['id']}"
    answer = await door.client.get(path, params={"format": "csv"}, headers={"Accept-Language": "en"})
    assert f"catalogue-preview-{found['id']}-30.csv" in answer.headers["content-disposition"]
    head, whole, *rows = csv.reader(io.StringIO(answer.text))
    assert head == ["Agency", "Name", "Dossiers", "Due dates", "Judgements", "Joined", "Left"]
    moved = found["agencies_changed"]
    assert [int(one) for one in whole[2:]] == [
        found["dossiers"], found["due_dates"], sum(found["judgements"].values()), moved, moved,
    ]  # fmt: skip
    fields = ("dossiers", "due_dates", "judgements", "joined", "left")
    assert {row[0]: dict(zip(fields, map(int, row[2:]), strict=True)) for row in rows} == found["agencies"]
    assert all(row[1] and row[1] != row[0] for row in rows), rows


async def test_what_a_preview_says_is_what_the_change_does(door: Door, monkeypatch: Any) -> None:
    monkeypatch.setattr(previews, "BATCH_SIZE", 7)
    await taken_in(door.database, *_dossiers(random.Random(4), 40))
    await redated(door.database)
    slower = [
        msgspec.structs.replace(one, limit=msgspec.structs.replace(one.limit, amount=one.limit.amount + 4))
        if one.limit
        else one
        for one in reference_procedures()
    ]
    fewer = [one for one in reference_structure() if one.key != "10816@2019-12-01"]
    day = {"day": "2023-03-16", "worked": False, "legal_basis": "Công văn 1/UBND", "known_from": "2023-03-07"}
    clock = {"version": "ours@1", "valid_from": "2020-01-01", "stop_event": "delivered"}
    changes: list[tuple[str, str, dict[str, Any], Any]] = [
        ("procedures", "put", {"procedures": msgspec.to_builtins(slower)}, None),
        ("days", "post", {"days": [day]}, [day]),
        ("policies", "put", {"policies": {"clock": [clock]}}, {"clock": [clock]}),
        ("agencies", "put", {"agencies": msgspec.to_builtins(fewer)}, None),
        ("versions/2/restore", "post", {"version": 2}, {}),
    ]
    seen: Counter[str] = Counter()
    for path, method, change, body in changes:
        before = await _facts(door)
        found = await _previewed(door, change)
        assert await _facts(door) == before, "a preview changes nothing"
        content = msgspec.json.encode(change if body is None else body)
        applied = await door.client.request(method, f"/v1/catalogue/30/{path}", content=content or None, headers=JSON)
        assert applied.status_code == 200, applied.text
        await redated(door.database)
        after = await _facts(door)
        moved = [number for number in before if before[number] != after[number]]
        assert (found["examined"], found["share"], found["dossiers"]) == (40, 1.0, len(moved)), path
        assert found["due_dates"] == sum(before[number].due_on != after[number].due_on for number in moved)
        judged = Counter(
            f"{before[number].timeliness or 'none'}>{after[number].timeliness or 'none'}"
            for number in moved
            if before[number].timeliness != after[number].timeliness
        )
        assert found["judgements"] == judged
        assert found["agencies_changed"] == sum(before[number].agency != after[number].agency for number in moved)
        for key, effect in found["agencies"].items():
            name = None if key == "unmapped" else key
            ours = [number for number in moved if name in (before[number].agency, after[number].agency)]
            assert effect["dossiers"] == len(ours)
            assert effect["left"] == sum(before[number].agency == name != after[number].agency for number in ours)
            assert effect["joined"] == sum(after[number].agency == name != before[number].agency for number in ours)
        await _table_states_the_same(door, found)
        redating = (await door.client.get("/v1/catalogue/30/redatings")).json()["redatings"][0]
        assert redating["changed"] == found["dossiers"]
        version = (await door.client.get("/v1/catalogue/30/versions")).json()["versions"][0]
        told = {name: found[name] for name in redating["effect"]}
        assert redating["effect"] == version["effect"] == told, "what was done is what the preview said"
        seen.update(due_dates=found["due_dates"], judgements=len(judged), agencies=found["agencies_changed"])
    assert all(seen.values()), seen


async def test_what_cannot_be_applied_is_not_previewed_and_a_change_meanwhile_ends_it(door: Door) -> None:
    for change, status in (
        ({}, 422),
        ({"agencies": [{"code": "A"}]}, 422),
        (
            {
                "agencies": [
                    {"code": "A", "name_vi": "A", "name_en": "A", "kind": "commune", "valid_from": "2020-01-01", "parent": "Z"}
                ]
            },
            422,
        ),
        ({"days": []}, 422),
        ({"version": 99}, 404),
        ({"policies": {"office_hours": "sometimes"}}, 422),
        ({"agency": []}, 422),
    ):
        response = await door.client.post("/v1/catalogue/30/previews", content=msgspec.json.encode(change), headers=JSON)
        assert response.status_code == status, response.text
    assert (await door.client.get("/v1/catalogue/30/previews/1")).status_code == 404
    asked = await door.client.post("/v1/catalogue/30/previews", content=b'{"agencies": []}', headers=JSON)
    await door.client.post("/v1/catalogue/30/redatings")
    await door.database.run(lambda tx: preview_next(tx, Rulesets(), datetime.now(UTC)))
    found = (await door.client.get(f"/v1/catalogue/30/previews/{asked.json()['id']}")).json()
    assert (found["outdated"], found["examined"]) == (True, 0)
