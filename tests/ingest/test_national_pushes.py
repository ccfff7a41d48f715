"""The national format as provinces send it, over a real API, and what is answered in its own way."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

from shared.access.keys import create_key, revoke_key
from tests.ingest.pushing import Door, event
from tests.ingest.pushing import door as door
from tests.ingest.test_source_contract import PERSONAL, national_dossier, national_progress


async def test_a_province_that_sends_the_national_format_needs_no_change_of_software(door: Door) -> None:
    said = await door.enveloped("DongBoHoSoMC", national_dossier())
    assert said["error_code"] == 0
    assert "thành công" in said["message"]
    facts = (await door.dossier("000.00.19.H30-230615-0042"))["facts"]
    assert (facts["status"], facts["channel"]) == ("delivered", "online")
    assert (facts["received_on"], facts["ended_on"], facts["delivered_on"]) == ("2023-06-15", "2023-06-19", "2023-06-20")
    assert facts["suspensions"] == [["2023-06-16", "2023-06-17"]]

    bare = await door.http.post(
        "/v1/national/hai-duong?MaDinhDanhDV=000.00.19.H30&isUpdating=True", json=[national_dossier(MaHoSo="H30-2")]
    )
    assert bare.json()["error_code"] == 0
    assert (await door.dossier("H30-2"))["facts"]["status"] == "delivered"
    row = await door.pushes("hai-duong")
    assert (row["served"], row["accepted"], row["quarantined"]) == (2, 2, 0)


async def test_the_same_record_sent_again_is_known_and_a_correction_counts(door: Door) -> None:
    for _ in range(3):
        await door.enveloped("DongBoHoSoMC", national_dossier())
    row = await door.pushes("hai-duong")
    assert (row["served"], row["accepted"], row["known"]) == (3, 1, 2)
    # A correction bears no newer date than what it corrects: what was sent last counts, also where it was sent before.
    for due, sent in (("2023-06-21", {"NgayHenTra": "20230621170000"}), ("2023-06-20", {})):
        await door.enveloped("DongBoHoSoMC", national_dossier(**sent))
        dossier = await door.dossier("000.00.19.H30-230615-0042")
        assert (dossier["facts"]["portal_due_on"], len(dossier["events"])) == (due, 2)


async def test_a_dossier_of_two_systems_shows_the_word_of_each_and_the_order_decides(door: Door) -> None:
    code = "000.00.19.H30-230615-0042"
    await door.enveloped("DongBoHoSoMC", national_dossier(KenhThucHien="2"))
    event = {"code": code, "id": "1", "at": "2023-06-16T08:00:00+07:00", "status": "processing", "channel": "post"}
    assert (await door.http.post("/v1/events", params={"source": "own"}, json=[event])).status_code == 200
    sources = {"order": ["own", "hai-duong"], "fields": {"channel": ["hai-duong"]}}
    for body, believed in (({}, []), ({"sources": sources}, ["course"])):
        assert (await door.http.put("/v1/catalogue/30/policies", json=body)).status_code == 200
        dossier = await door.dossier(code)
        national, own = dossier["sources"]
        assert (national["source"], own["source"], own["believed"]) == ("hai-duong", "own", believed)
        assert (national["about"]["channel"], own["about"]["channel"]) == ("online", "post")
        assert (own["course"]["status"], dossier["facts"]["channel"]) == ("processing", "online")
        assert dossier["facts"]["status"] == (own if believed else national)["course"]["status"]
    refused = await door.http.put("/v1/catalogue/30/policies", json={"sources": {"order": ["nobody"]}})
    assert (refused.status_code, "nobody" in refused.json()["detail"]) == (422, True)


async def test_a_closed_record_without_its_receipt_contradicts_itself_until_the_receipt_comes(door: Door) -> None:
    await door.enveloped("DongBoHoSoMC", national_dossier(NgayTiepNhan="", DanhSachHoSoBoSung=[]))
    code = "000.00.19.H30-230615-0042"
    wrong = (await door.dossier(code))["facts"]
    assert wrong["contradictions"] == [{"kind": "received_missing", "source": "hai-duong"}]
    assert (wrong["received_on"], wrong["ended_on"], wrong["timeliness"]) == ("2023-06-19", "2023-06-19", "on_time")
    assert {"due_on", "late_from", "cause"} & wrong.keys() == set()
    deadline = (await door.http.get(f"/v1/dossiers/{code}/deadline", params={"province": "30"})).json()
    (told,) = deadline["contradictions"]
    assert told["explained"]["vi"] == {
        "text": "Hồ sơ đã kết thúc nhưng không có ngày tiếp nhận.",
        "action": "Bổ sung ngày tiếp nhận tại phần mềm nguồn.",
    }
    assert told["explained"]["en"]["action"] == "Enter the date of receipt at the source."
    assert (deadline["due_on"], deadline["cause_explained"]) == (None, None)
    await door.enveloped("DongBoHoSoMC", national_dossier(DanhSachHoSoBoSung=[]))
    corrected = (await door.dossier(code))["facts"]
    assert (corrected["received_on"], "contradictions" in corrected) == ("2023-06-15", False)


async def test_a_pause_sent_as_finished_is_recognised_where_the_steps_go_on(door: Door) -> None:
    trapped = national_dossier(
        TrangThaiHoSo="9", NgayKetThucXuLy="", NgayTra="", DanhSachHoSoBoSung=[], DanhSachGiayToKetQua=[]
    )
    await door.enveloped("DongBoHoSoMC", trapped)
    await door.enveloped(
        "CapNhatTienDoHoSoMC",
        national_progress(ThoiDiemXuLy="20230616090000", TrangThai="4"),
        national_progress(ThoiDiemXuLy="20230617090000", TrangThai="9"),
        national_progress(ThoiDiemXuLy="20230619090000", TrangThai="4"),
    )
    found = await door.dossier("000.00.19.H30-230615-0042")
    assert "outcome" not in found["facts"]
    assert found["facts"]["suspensions"] == [["2023-06-17", "2023-06-19"]]
    assert "finish_contradicted" in {finding["kind"] for finding in found["findings"]}


async def test_progress_records_tell_departments_lateness_and_a_wrong_way_and_never_a_person(door: Door) -> None:
    code = "000.00.19.H30-230615-0042"
    await door.http.put(
        "/v1/sources/hai-duong",
        json={"province": "30", "kind": "national", "settings": {"departments": {"Tổ liên ngành": "Tổ liên ngành đất đai"}}},
    )
    await door.enveloped("DongBoHoSoMC", national_dossier(NgayHenTra="20230616170000", DanhSachHoSoBoSung=[]))
    way = (
        ("Bộ phận Một cửa", "Cán bộ tiếp nhận", "20230615090000", "20230615100000"),
        ("Phòng Tư pháp", "Chuyên viên", "20230616100000", "20230616110000"),
        (f"Tổ liên ngành ông {PERSONAL}", "", "20230616150000", ""),
        ("Phòng Tư pháp huyện", "Chuyên viên", "20230619090000", "20230616170000"),
        (PERSONAL, PERSONAL, "20230619093000", ""),
    )
    records = [
        national_progress(PhongBanXuLy=department, ChucDanh=role, ThoiDiemXuLy=at, NgayBatDau="", NgayKetThucTheoQuyDinh=due)
        for department, role, at, due in way
    ]
    random.Random(42).shuffle(records)
    for one in (*records, *records):
        assert (await door.enveloped("CapNhatTienDoHoSoMC", one))["error_code"] == 0
    found = await door.dossier(code)
    said = [(one.get("department"), one.get("step"), one.get("minutes_over")) for one in found["facts"]["steps"]]
    assert said == [
        ("Bộ phận Một cửa", "Tiếp nhận hồ sơ", 0),
        ("Phòng Tư pháp", "Thụ lý hồ sơ", 0),
        ("Tổ liên ngành đất đai", None, None),
        ("Phòng Tư pháp", "Thụ lý hồ sơ", 90),
    ]
    assert (found["facts"]["misrouted"], found["facts"].get("cause")) == (1, "misrouted")
    deadline = (await door.http.get(f"/v1/dossiers/{code}/deadline?province=30")).json()
    assert "1 lần" in deadline["cause_explained"]["vi"]["text"]
    assert PERSONAL not in json.dumps([found, deadline])
    for table in await door.database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'ingest'"):
        rows = await door.database.fetch(f'SELECT * FROM ingest."{table["tablename"]}"')
        assert PERSONAL.encode() not in b"".join(bytes(str(tuple(row)), "utf-8") for row in rows)


async def test_nobody_sends_without_a_session_that_holds(door: Door) -> None:
    envelope = {"madonvi": "x", "service": "DongBoHoSoMC", "data": [national_dossier()]}
    wrong = await door.national({"username": "x", "password": "mc_000000000000_wrong"})
    assert wrong["error_code"] != 0
    assert "session" not in wrong
    for session in (None, "", "x", "a.b.c", 5, {"a": 1}, "0.99999999999.00"):
        assert (await door.national({**envelope, "session": session}))["error_code"] != 0
    assert (await door.national([national_dossier()]))["error_code"] != 0
    good = (await door.national({"username": "x", "password": door.key}))["session"]
    key_id, expires, signature = good.split(".")
    assert (await door.national({**envelope, "session": f"{key_id}.{int(expires) + 1}.{signature}"}))["error_code"] != 0
    assert (await door.national({**envelope, "session": good}))["error_code"] == 0
    await revoke_key(door.database, "ingest", key_id, datetime.now(UTC))
    assert (await door.national({**envelope, "session": good}))["error_code"] != 0
    reader = await create_key(door.database, "ingest", name="r", scopes=["feed:read"])
    assert (await door.national({"username": "x", "password": reader}))["error_code"] != 0
    elsewhere = await create_key(door.database, "ingest", name="e", scopes=["events:write"], province="31")
    session = (await door.national({"username": "x", "password": elsewhere}))["session"]
    foreign = await door.national({**envelope, "session": session})
    assert foreign["error_code"] != 0
    # Clerks read them: no English sentence follows the Vietnamese words.
    assert [one["message"].partition(": ")[2].partition(" ")[0] for one in (wrong, foreign)] == ["Khóa", "Không"]


async def test_an_unknown_service_and_a_wrong_shape_are_answered_in_the_formats_own_way(door: Door) -> None:
    assert (await door.enveloped("TraCuuGiDo", national_dossier()))["error_code"] == 400
    headers = {"X-API-Key": door.key}
    for body in ({"service": "DongBoHoSoMC", "data": {}}, {"service": "DongBoHoSoMC"}, 5, "x"):
        answer = await door.http.post("/v1/national/hai-duong", json=body, headers=headers)
        assert answer.json().get("error_code") in (400, 401)
    answer = await door.http.post(
        "/v1/national/hai-duong", content=b"\xff\xfe", headers={**headers, "Content-Type": "text/xml"}
    )
    assert answer.status_code == 400


async def test_a_dossier_is_looked_up_as_its_own_source_told_it(door: Door) -> None:
    sent = national_dossier()
    await door.enveloped("DongBoHoSoMC", sent)
    await door.own([event(5)])
    session = (await door.national({"username": "x", "password": door.key}))["session"]

    async def looked_up(code: object) -> dict[str, Any]:
        return await door.national({"session": session, "service": "TraCuuHoSo", "mahoso": code})

    found = await looked_up(sent["MaHoSo"])
    assert found["error_code"] == 0
    (record,) = found["data"]
    kept = ("MaHoSo", "TrangThaiHoSo", "KenhThucHien", "NgayTiepNhan", "NgayHenTra", "NgayTra", "NgayKetThucXuLy")
    assert {name: record[name] for name in kept} == {name: sent[name] for name in kept}
    assert PERSONAL not in json.dumps(found)
    await door.enveloped("DongBoHoSoMC", national_dossier(MaHoSo="H30-77", TrangThaiHoSo="11"))
    # Of another source, of nobody, and one that waits with its reason.
    answers = [await looked_up(code) for code in ("H30-5", "H30-6", "H30-77")]
    assert [one["error_code"] for one in answers] == [404] * 3
    assert "Tên trạng thái" in answers[2]["message"]
    assert [(await looked_up(code))["error_code"] for code in ("", None, 5, "x" * 500)] == [400] * 4
