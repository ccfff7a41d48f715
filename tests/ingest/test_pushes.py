"""Records that are sent to us, over a real API: our own shape, files, quarantine, and what no sender may break."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial

from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls import store as pulls_store
from services.ingest.pushes.service import decode_records, push
from services.ingest.sources.store import sources as sources_store
from services.ingest.sources.store.sources import SourceRow
from shared.access.keys import create_key
from shared.database import Connection, Database
from tests.ingest.hostile import mutated
from tests.ingest.pushing import Door, event
from tests.ingest.pushing import door as door
from tests.ingest.test_source_contract import PERSONAL, national_dossier, national_progress


async def test_own_events_are_taken_in_and_what_cannot_be_read_is_listed(door: Door) -> None:
    answer = await door.own([event(1), event(2, status="lost"), event(3, at="yesterday"), 7, event(4, status=8)])
    said = answer.json()
    assert answer.status_code == 200
    assert (said["served"], said["accepted"], said["quarantined"]) == (5, 1, 4)
    assert [(one["index"], one["reason"]) for one in said["rejected"]] == [
        (1, "unknown_status"),
        (2, "bad_date"),
        (3, "wrong_type"),
        (4, "wrong_type"),
    ]
    assert all(one["vi"] and one["en"] for one in said["rejected"])


async def test_a_request_under_an_idempotency_key_has_one_effect_and_one_answer(door: Door) -> None:
    events = [event(number) for number in range(50)]
    key = {"Idempotency-Key": "push-1"}
    answers = await asyncio.gather(*(door.own(events, **key) for _ in range(5)))
    assert {json.dumps(answer.json(), sort_keys=True) for answer in answers} == {json.dumps(answers[0].json(), sort_keys=True)}
    assert answers[0].json()["accepted"] == 50
    assert (await door.pushes("own"))["served"] == 50
    other = await door.own(events[:1], **key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


async def test_a_misspelt_field_puts_its_record_aside_until_it_is_sent_again(door: Door) -> None:
    misspelt = {**event(2), "recieved_at": "2023-06-15T08:00:00+07:00", "applicant": PERSONAL}
    said = (await door.own([event(1), misspelt, event(3)])).json()
    assert (said["accepted"], said["quarantined"]) == (2, 1)
    (rejected,) = said["rejected"]
    assert (rejected["index"], rejected["code"], rejected["reason"]) == (1, "H30-2", "unknown_field")
    assert rejected["detail"].startswith("There is no field `recieved_at`. Did you mean `received_at`?")
    listed = (await door.http.get("/v1/quarantine?province=30&reason=unknown_field")).json()["records"]
    assert PERSONAL not in json.dumps([said, listed])
    replayed = (await door.http.post("/v1/quarantine/replay?province=30")).json()
    assert (replayed["released"], replayed["rejected"]) == (0, 1)
    assert (await door.own([event(2)])).json()["accepted"] == 1


async def test_quarantined_records_are_replayed_once_the_mapping_knows_them(door: Door) -> None:
    strange = national_dossier(TrangThaiHoSo="11")
    told = await door.enveloped("DongBoHoSoMC", strange)
    assert f"{strange['MaHoSo']}: Tên trạng thái hồ sơ chưa được khai báo" in told["message"]
    await door.enveloped("DongBoHoSoMC", strange)
    listed = (await door.http.get("/v1/quarantine?province=30&reason=unknown_status")).json()["records"]
    assert [(one["times"], one["code"]) for one in listed] == [(2, strange["MaHoSo"])]
    assert PERSONAL not in json.dumps(listed)
    assert listed[0]["vi"]
    number = listed[0]["id"]
    sender = await create_key(door.database, "ingest", name="sender", scopes=["events:write"], province="30")
    seen = (await door.http.get("/v1/quarantine", headers={"Authorization": f"Bearer {sender}"})).json()["records"]
    assert [(one["id"], one["vi"]) for one in seen] == [(number, listed[0]["vi"])]
    (depth,) = (await door.http.get("/v1/quarantine/depth?province=30")).json()["provinces"]
    assert (depth["province"], depth["records"], depth["servings"]) == ("30", 1, 2)

    for reason, status in (("  ", 422), ("Hồ sơ thử", 200)):
        answer = await door.http.post(f"/v1/quarantine/{number}/dismiss", json={"reason": reason})
        assert answer.status_code == status
    assert (answer.json()["dismissed_for"], answer.json()["dismissed_by"]) == ("Hồ sơ thử", "test")
    assert [one["id"] for one in (await door.http.get("/v1/quarantine?state=dismissed")).json()["records"]] == [number]
    assert (await door.http.get("/v1/quarantine/depth")).json() == {"depth": [], "provinces": []}
    assert (await door.http.get("/v1/quality?province=30")).json()["quarantined"] == 0
    back = (await door.http.delete(f"/v1/quarantine/{number}/dismissal")).json()
    assert back["dismissed_at"] is None
    before = (await door.http.post(f"/v1/quarantine/{number}/replay")).json()
    assert (before["released"], before["rejected"], before["changed"]) == (0, 1, [])
    await door.http.put(
        "/v1/sources/hai-duong", json={"province": "30", "kind": "national", "settings": {"statuses": {"11": "delivered"}}}
    )
    done = (await door.http.post("/v1/quarantine/replay?province=30")).json()
    assert (done["released"], done["rejected"], done["changed"]) == (1, 0, [strange["MaHoSo"]])
    assert (await door.dossier(strange["MaHoSo"]))["facts"]["status"] == "delivered"
    again = (await door.http.post(f"/v1/quarantine/{number}/replay")).json()
    assert (again["replayed"], again["changed"]) == (0, [])
    assert (await door.http.get("/v1/quarantine?province=30")).json()["records"] == []
    assert (await door.http.get("/v1/quarantine/depth")).json()["depth"] == []
    assert (await door.http.get(f"/v1/quarantine/{number}")).json()["released_at"] is not None


async def test_a_file_is_rehearsed_and_taken_in_by_api(door: Door) -> None:
    await door.http.put("/v1/sources/lists", json={"province": "30", "kind": "files", "settings": {}})
    lines = "".join(f"H30-{number};Nguyễn Văn An;15/06/2023;20/06/2023\n" for number in range(7000))
    body = ("Mã hồ sơ;Họ tên;Ngày tiếp nhận;Hẹn trả\n" + lines + "H30-x;;hôm qua;\n").encode("utf-8-sig")
    headers = {"Content-Type": "text/csv"}
    seen = (await door.http.post("/v1/imports/rehearsal?source=lists", content=body, headers=headers)).json()
    assert (seen["format"], seen["rows"], seen["readable"], seen["reasons"]) == ("csv", 7001, 7000, {"bad_date": 1})
    assert [(one["row"], one["code"]) for one in seen["problems"]] == [(7001, "H30-x")]
    done = (await door.http.post("/v1/imports?source=lists", content=body, headers=headers)).json()
    assert (done["state"], done["row_count"], done["accepted"], done["quarantined"]) == ("complete", 7001, 7000, 1)
    assert (done["lines"], done["skipped"]) == (7002, {"heading": 1})
    told = {name: done.pop(name) for name in ("unmapped", "corrected", "sheets", "duplicates", "dates")}
    assert told == {
        **{name: [] for name in ("unmapped", "corrected", "sheets", "duplicates")},
        "dates": [{"field": field, "order": "dd/mm", "proven": True} for field in ("received_at", "due_at")],
    }
    assert (await door.http.get(f"/v1/imports/{done['id']}")).json() == done
    assert (await door.http.get("/v1/imports?source=lists")).json()["imports"] == [done]
    wrong = await door.http.post("/v1/imports?source=lists", content=b"a,b\n1,2\n", headers=headers)
    assert wrong.status_code == 422
    assert "headings" in wrong.json()["detail"]
    form = await door.http.post("/v1/imports?source=lists", files={"file": b"x"})
    assert form.status_code == 415
    other = await door.http.post("/v1/imports?source=own", content=body, headers=headers)
    assert other.status_code == 404


async def test_only_sources_that_are_pulled_can_be_reconciled(door: Door) -> None:
    days = {"from": "2022-12-15", "to": "2023-07-20"}
    assert (await door.http.post("/v1/sources/own/reconcile", json=days)).status_code == 409
    assert (await door.http.post("/v1/sources/nobody/reconcile", json=days)).status_code == 404
    settings = {"base_url": "http://127.0.0.1:9"}
    source = {"province": "30", "kind": "igate", "settings": settings}
    await door.http.put("/v1/sources/portal", json={**source, "enabled": False})
    assert (await door.http.post("/v1/sources/portal/reconcile", json=days)).status_code == 409
    await door.http.put("/v1/sources/portal", json=source)
    planned = await door.http.post("/v1/sources/portal/reconcile", json=days)
    assert planned.status_code == 202
    assert (planned.json()["state"], planned.json()["equal"]) == ("planned", None)
    number = planned.json()["id"]
    await door.database.execute(
        "INSERT INTO ingest.difference (reconciliation, code, cause, agency, there, applied)"
        " VALUES ($1, 'H30-1', 'never_served', '=10813', '{\"due_at\": \"2023-06-20T10:00:00Z\"}', true),"
        " ($1, 'H30-2', 'date_shifted', null, null, false)",
        number,
    )
    page = (await door.http.get(f"/v1/reconciliations/{number}/differences?limit=1")).json()
    assert [one["code"] for one in page["differences"]] == ["H30-1"]
    rest = (await door.http.get(f"/v1/reconciliations/{number}/differences", params={"cursor": page["next_cursor"]})).json()
    assert [one["code"] for one in rest["differences"]] == ["H30-2"]
    address = f"/v1/reconciliations/{number}/differences"
    table = await door.http.get(address, headers={"Accept": "text/csv", "Accept-Language": "vi"})
    assert table.text.startswith("\ufeffMã hồ sơ;")
    assert ";'=10813;" in table.text  # no formula
    plain = await door.http.get(address, params={"format": "csv"}, headers={"Accept-Language": "en"})
    assert plain.text.startswith("Dossier,Agency,")
    assert ",'=10813," in plain.text
    assert (await door.http.get("/v1/reconciliations?source=portal")).json()["reconciliations"][0]["differences"] == 2
    backwards = {"from": "2023-07-20", "to": "2022-12-15"}
    assert (await door.http.post("/v1/sources/portal/reconcile", json=backwards)).status_code == 422


async def test_mutated_pushes_are_never_a_fault_of_ours(door: Door) -> None:
    chance = random.Random(11)
    statuses: Counter[int] = Counter()
    served = 0
    for _ in range(40):
        records = [mutated(chance.choice((national_dossier(), national_progress())), chance) for _ in range(50)]
        body = json.dumps(records).encode("utf-8", "surrogatepass")
        answer = await door.http.post("/v1/national/hai-duong", content=body, headers={"Content-Type": "application/json"})
        statuses[answer.status_code] += 1
        if answer.status_code == 200:
            assert answer.json()["error_code"] == 0
            served += len(records)
        assert answer.status_code < 500, answer.text
    for _ in range(20):
        # Record by record, so that one that is no JSON for us does not hide the others.
        record = mutated(national_dossier(), chance)
        answer = await door.http.post(
            "/v1/national/hai-duong", content=json.dumps([record]).encode(), headers={"Content-Type": "application/json"}
        )
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, answer.text
        served += answer.status_code == 200
    row = await door.pushes("hai-duong")
    assert row["served"] == served == row["accepted"] + row["known"] + row["superseded"] + row["quarantined"]
    assert statuses[200] > 5
    kept = await door.database.fetchval("SELECT string_agg(fields::text, '') FROM ingest.quarantine")
    assert PERSONAL not in kept


async def test_the_day_of_a_source_that_sends_ends_at_midnight_in_viet_nam(ingest_database: Database) -> None:
    before_midnight = datetime(2026, 3, 1, 16, 59, tzinfo=UTC)
    instants = [before_midnight, before_midnight + timedelta(minutes=2), before_midnight + timedelta(hours=24)]

    async def connect(tx: Connection) -> SourceRow | None:
        await provinces_store.ensure(tx, "30")
        await sources_store.put_source(
            tx,
            name="own",
            province="30",
            kind="own",
            settings={},
            secret=None,
            every_seconds=60,
            enabled=True,
            now=before_midnight,
        )
        return await sources_store.source(tx, "own")

    source = await ingest_database.run(connect)
    assert source is not None
    for number, now in enumerate(instants):
        await ingest_database.run(
            partial(push, rulesets=RulesetCache(), source=source, sent=decode_records(source, [event(number)], now), now=now)
        )
    async with ingest_database.connection() as connection:
        today, yesterday = await pulls_store.pulls(connection, "30", "own", None, 10)
    assert (yesterday.state, yesterday.pages, yesterday.finished_at) == ("complete", 1, instants[1])
    assert (today.state, today.pages, today.started_at) == ("running", 2, instants[1])
    assert today.seconds == (instants[2] - instants[1]).total_seconds()
