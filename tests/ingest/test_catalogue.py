"""Agencies, procedures, days and policies of a province: how they are handed in, shown before they apply, and what they do."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import date, datetime, time
from typing import Any

import httpx
import msgspec
import openpyxl
import pytest

from deploy.simulator.app import Portal
from deploy.simulator.clock import PortalClock
from deploy.simulator.random_world import RandomWorld
from deploy.simulator.reference.world import offerings
from services.ingest.catalogue import service as catalogue
from services.ingest.catalogue.rulesets import Policies
from services.ingest.files import spreadsheets
from shared.agencies import Agency, reference_structure
from shared.database import Database
from shared.errors import Invalid
from shared.procedures import Procedure, reference_procedures
from shared.sandbox.parent import Sandbox
from shared.spreadsheets import CSV, XLSX, to_csv
from shared.workdays import Policy, TimeLimit, policies
from shared.workdays.rules import Effect, StopEvent
from tests.conftest import NewDatabase, Processes
from tests.ingest.catalogue_door import Door, _begin, _opened, new_dossier, redated, taken_in
from tests.ingest.catalogue_door import door as door
from tests.ingest.portals import SECRET, access, serving


async def test_what_goes_out_as_csv_comes_in_again_and_changes_nothing(door: Door) -> None:
    asked: tuple[tuple[str, dict[str, str], dict[str, str]], ...] = (
        ("agencies", {}, {"Accept": CSV}),
        ("procedures", {"format": "csv"}, {}),
        ("agencies", {"format": "csv", "dialect": "excel-vi"}, {}),
        ("procedures", {"format": "csv"}, {"Accept-Language": "vi"}),
    )
    for kind, words, headers in asked:
        response = await door.client.get(f"/v1/catalogue/30/{kind}", params=words, headers=headers)
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        assert response.content.startswith(b"\xef\xbb\xbf") == ("dialect" in words or "Accept-Language" in headers)
        answer = await door.handed_in(kind, response.content, CSV, dry_run=True)
        assert answer["dry_run"] is True
        assert answer["unknown_headings"] == []
        if kind == "agencies":
            assert [answer["differences"][name] for name in ("added", "changed", "removed")] == [[], [], []]
        else:
            assert answer["differences"] == []
    assert await door.version() == 2


@pytest.mark.parametrize("kind", ["agencies", "procedures"])
async def test_what_get_gives_put_takes_as_it_is(door: Door, kind: str) -> None:
    given = await door.client.get(f"/v1/catalogue/30/{kind}")
    answer = await door.handed_in(kind, given.content, "application/json")
    assert answer["entries"] == len(given.json()[kind]) > 40
    if kind == "agencies":
        assert [answer["differences"][name] for name in ("added", "changed", "removed")] == [[], [], []]
    else:
        assert answer["differences"] == []
    assert (await door.client.get(f"/v1/catalogue/30/{kind}")).content == given.content


@pytest.mark.parametrize("media_type", ["application/json", CSV])
async def test_a_procedure_is_handed_in_with_or_without_the_suffix_of_its_code(door: Door, media_type: str) -> None:
    rows = [
        {"code": code, "name_vi": "Đăng ký kết hôn", "name_en": "Marriage", "sector": "HT", "valid_from": day}
        for code, day in (("7.000894.000.00.00.H56", "2020-01-01"), ("7.000656", "2020-01-01"))
    ]
    table = to_csv([tuple(rows[0]), *(tuple(row.values()) for row in rows)], "rfc4180")
    body = msgspec.json.encode({"procedures": rows}) if media_type != CSV else table
    shown = await door.handed_in("procedures", body, media_type, merge=True, dry_run=True)
    assert [one["code"] for one in shown["differences"] if one["kind"] == "added"] == ["7.000656", "7.000894"]
    await door.handed_in("procedures", body, media_type, merge=True)
    listed = (await door.client.get("/v1/catalogue/30/procedures")).json()["procedures"]
    assert {"7.000656", "7.000894"} <= {one["code"] for one in listed}
    assert all(".H56" not in one["code"] for one in listed)


async def test_an_xlsx_with_vietnamese_headings_is_shown_before_it_applies(door: Door) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["DANH MỤC THỦ TỤC HÀNH CHÍNH"])
    sheet.append(["STT", "Mã TTHC", "Tên thủ tục", "Lĩnh vực", "Mức độ", "Thời hạn giải quyết", "Phí, lệ phí", "Từ ngày",
                  "Giờ chốt nhận"])  # fmt: skip
    sheet.append([1, "1.001193.000.00.00.H23", "Đăng ký khai sinh", "Hộ tịch", "Toàn trình", "03 ngày làm việc", "không",
                  "01/12/2019", None])  # fmt: skip
    sheet.append([2, "9.000001", "Thủ tục mới", "Đất đai", "Một phần", 8, "có", datetime(2026, 1, 1), time(15)])  # noqa: DTZ001
    body = io.BytesIO()
    book.save(body)
    shown = await door.handed_in("procedures", body.getvalue(), XLSX, dry_run=True, merge=True)
    assert shown["unknown_headings"] == ["STT"]
    changes = {one["code"]: one for one in shown["differences"]}
    assert set(changes) == {"1.001193", "9.000001"}
    assert changes["1.001193"]["fields"]["limit"] == [
        {"amount": 1, "unit": "working_days"},
        {"amount": 3, "unit": "working_days"},
    ]
    assert changes["1.001193"]["changes_due_dates"] is True
    assert await door.version() == 2
    applied = await door.handed_in("procedures", body.getvalue(), XLSX, merge=True)
    assert (applied["version"], applied["differences"]) == (3, shown["differences"])
    stored = (await door.client.get("/v1/catalogue/30/procedures")).json()["procedures"]
    assert len(stored) == len(reference_procedures()) + 1
    (added,) = (one for one in stored if one["code"] == "9.000001")
    assert (added["sector"], added["limit"], added["fee_required"]) == ("DD", {"amount": 8, "unit": "working_days"}, True)
    assert added["receipt_cutoff"] == "15:00:00"
    written = (await door.client.get("/v1/catalogue/30/procedures", headers={"Accept": CSV})).text
    assert ",8,working_days,15:00,0,0,1,2026-01-01," in written


async def test_a_plan_of_a_merger_is_checked_before_it_takes_effect(door: Door) -> None:
    """The five communes of 2025 become one; what was forgotten is told."""
    ending = [one for one in reference_structure().at(date(2026, 1, 1)) if one.parent == "31"][:2]
    merged = Agency("99001", "Xã Hà Mới", "Hà Mới commune", ending[0].kind, date(2027, 1, 1), parent="31")
    plan = [
        *(msgspec.structs.replace(one, valid_to=date(2027, 1, 1), successors=("99001@2027-01-01",)) for one in ending),
        merged,
    ]
    whole, cut = (msgspec.json.encode({"agencies": rows}) for rows in (plan, plan[:-1]))
    shown = await door.handed_in("agencies", whole, "application/json", dry_run=True, merge=True)
    checked = shown["differences"]["plan"]
    assert checked["moves"] == {one.key: ["99001@2027-01-01"] for one in ending}
    assert (checked["begins"], checked["findings"]) == (["99001@2027-01-01"], [])
    forgotten = await door.handed_in(
        "agencies", msgspec.json.encode({"agencies": plan[:-1]}), "application/json", dry_run=True, merge=True
    )
    assert "names the successor 99001@2027-01-01, which is not listed" in forgotten["differences"]["plan"]["findings"][0]
    refused = await door.client.put(
        "/v1/catalogue/30/agencies?merge=true",
        content=cut,
        headers={"Content-Type": "application/json"},
    )
    assert refused.status_code == 422
    assert await door.version() == 2
    await door.handed_in("agencies", whole, "application/json", merge=True)
    assert await door.version() == 3
    assert len((await door.client.get("/v1/catalogue/30/agencies")).json()["agencies"]) == len(reference_structure()) + 1


async def test_what_cannot_be_read_is_refused_with_what_to_do(door: Door) -> None:
    cases: list[tuple[str, bytes, int, str]] = [
        (CSV, b"code,name_vi,kind,valid_from\n1,A,village,2020-01-01\n", 422, "Row 2"),
        (CSV, b"one,two\n1,2\n", 422, "must name the columns"),
        (CSV, b"", 422, "must name the columns"),
        (CSV, b"code,name_vi,kind\n1,A,commune\ncode,kind,name_vi\n2,commune,B\n", 422, "Row 3 holds headings"),
        (CSV, b"code,\0", 400, "U+0000"),
        (XLSX, b"PK\x03\x04 no zip", 422, "cannot be read"),
        ("text/plain", b"hello", 415, "text/csv"),
        (
            "application/vnd.oasis.opendocument.spreadsheet",
            b"PK\x03\x04",
            415,
            "save it as XLSX (Excel Workbook) and send that",
        ),
        ("application/json", b'{"code": "1"}', 422, "There is no field `code`"),
        ("application/json", b'[{"code": "1"}]', 400, "the list `agencies`"),
        ("application/json", b"{}", 400, "the list `agencies`"),
        ("application/json", b'{"agencys": []}', 422, "Did you mean `agencies`?"),
        ("application/json", b'{"agencies": [{"code": "1"}]}', 422, "Entry 1"),
        ("application/json", b"", 400, "the list `agencies`"),
        ("application/json", _one_agency(code="9" * 3000), 422, "cannot be one"),
        ("application/json", _one_agency(code="10813@2019-01-01"), 422, "cannot be one"),
        ("application/json", _one_agency(name_vi="X" * 1001), 422, "name_vi of 99"),
        ("application/json", _one_agency(parent="nobody"), 422, "is not listed"),
    ]
    for media_type, body, status, said in cases:
        response = await door.client.put("/v1/catalogue/30/agencies", content=body, headers={"Content-Type": media_type})
        assert response.status_code == status, response.text
        assert said in response.text
    assert await door.version() == 2


def _one_agency(**other: str) -> bytes:
    agency = {"code": "99", "name_vi": "A", "name_en": "A", "kind": "commune", "valid_from": "2020-01-01"}
    return msgspec.json.encode({"agencies": [{**agency, **other}]})


async def test_a_file_of_older_office_software_is_read_and_no_cell_becomes_a_formula() -> None:
    async def table_of(body: bytes) -> list[dict[str, object]]:
        async def pieces() -> AsyncIterator[bytes]:
            yield body

        columns, headings = ("code", "name"), {"mã": "code", "tên đơn vị": "name"}
        return (await spreadsheets.table_of(Sandbox(), pieces(), CSV, columns, headings)).rows

    text = "mã;tên đơn vị\n=1+1;Xã Hồng Lạc\n"
    assert await table_of(text.encode()) == [{"code": "=1+1", "name": "Xã Hồng Lạc"}]
    # windows-1258 writes the tones as letters of their own.
    old = "ma\u0303;tên đơn vi\u0323\n1;Xa\u0303 Hô\u0300ng La\u0323c\n".encode("cp1258")
    assert await table_of(old) == [{"code": "1", "name": "Xã Hồng Lạc"}]
    out = to_csv([("code", "name"), ("=1+1", "＝HYPERLINK(1)"), ("'=1", "'đất'")], "rfc4180")
    assert "'=1+1,'＝HYPERLINK(1)" in out.decode("utf-8-sig")
    rows = await table_of(out)
    assert [list(row.values()) for row in rows] == [["=1+1", "＝HYPERLINK(1)"], ["'=1", "'đất'"]]


# --- what they do to dossiers --------------------------------------------------------------------------------------------


async def _feed(client: httpx.AsyncClient, after: int = 0) -> list[dict[str, Any]]:
    body = (await client.get("/v1/feed", params={"province": "30", "after": after})).json()
    return [one["facts"] for one in body["items"]]


async def test_a_decided_day_off_dates_the_touched_dossiers_anew_and_says_by_which_calendar(door: Door) -> None:
    """3 working days from Monday 6/3/2023; the Wednesday is declared off on the 7th."""
    await taken_in(
        door.database,
        new_dossier(1, "2023-03-06T09:00", ended="2023-03-10T09:00", due="2023-03-09T17:00"),
        new_dossier(2, "2023-03-13T09:00", ended="2023-03-14T09:00", due="2023-03-16T17:00"),
    )
    await redated(door.database)
    before = (await door.client.get("/v1/dossiers/D-1/deadline", params={"province": "30"})).json()
    assert (before["due_on"], before["timeliness"], before["cause"]) == ("2023-03-09", "overdue", "staff")
    day = {"day": "2023-03-08", "worked": False, "legal_basis": "Công văn 1/UBND", "known_from": "2023-03-07"}
    day["verified"] = False
    (await door.client.post("/v1/catalogue/30/days", json=[day])).raise_for_status()
    waiting = (await door.client.get("/v1/dossiers/D-1/deadline", params={"province": "30"})).json()
    assert waiting["to_be_redated"] is True
    assert waiting["version_computed_by"]["calendar"] == before["calendar_version"] != waiting["calendar_version"]
    await redated(door.database)
    after = (await door.client.get("/v1/dossiers/D-1/deadline", params={"province": "30"})).json()
    assert (after["due_on"], after["timeliness"], after["portal_timeliness"]) == ("2023-03-10", "on_time", "overdue")
    assert after["cause"] == "calendar_changed"
    assert "quyết định sau khi hẹn trả" in after["cause_explained"]["vi"]["text"]
    assert after["cause_explained"]["en"]["action"].startswith("Bring the software's calendar up to date")
    assert "Công văn 1/UBND" in after["explained"]["vi"]["text"]
    assert "chưa đối chiếu với văn bản công bố: thứ Tư 08/3/2023" in after["explained"]["vi"]["text"]
    assert after["version_computed_by"]["calendar"] == after["calendar_version"]
    assert after["version_computed_by"]["rules"] == [policy.version for policy in policies()]
    assert after["to_be_redated"] is False
    # The one of the week after is as it was, and got no new version.
    assert [facts["code"] for facts in await _feed(door.client, 2)] == ["D-1"]
    redating = (await door.client.get("/v1/catalogue/30/redatings")).json()["redatings"][0]
    assert (redating["reason"], redating["examined"], redating["changed"]) == ("calendar", 2, 1)
    assert (redating["from_position"], redating["to_position"]) == (4, 4), "the change itself has the third"


async def test_a_limit_that_changes_from_a_day_on_dates_only_what_was_received_since(door: Door) -> None:
    await taken_in(door.database, new_dossier(1, "2023-03-06T09:00"), new_dossier(2, "2023-03-13T09:00"))
    assert [facts["due_on"] for facts in await _feed(door.client)] == ["2023-03-09", "2023-03-16"]
    (row,) = (one for one in reference_procedures() if one.code == "1.004873")
    since = date(2023, 3, 10)
    rows = [
        msgspec.structs.replace(row, valid_to=since),
        msgspec.structs.replace(row, valid_from=since, limit=TimeLimit(5)),
    ]
    answer = await door.handed_in("procedures", msgspec.json.encode({"procedures": rows}), "application/json", merge=True)
    assert [(one["kind"], one["changes_due_dates"]) for one in answer["differences"]] == [("changed", True), ("added", True)]
    await redated(door.database)
    assert [(facts["code"], facts["due_on"]) for facts in await _feed(door.client, 2)] == [("D-2", "2023-03-20")]


async def test_office_hours_of_an_agency_hold_for_it_and_all_below_it(door: Door) -> None:
    await taken_in(door.database, new_dossier(1, "2023-03-06T16:30"))
    due = (await _feed(door.client))[0]["due_on"]
    for hours, expected in (
        ({"294": "mon-fri 07:00-11:00 13:00-16:00"}, "2023-03-10"),
        ({"294": "mon-fri 07:00-11:00 13:00-16:00", "10816@2019-12-01": "08:00-12:00 13:00-17:00"}, due),
    ):
        answer = await door.client.put("/v1/catalogue/30/policies", json={"agency_hours": hours})
        assert answer.status_code == 200, answer.text
        await redated(door.database)
        assert (await _feed(door.client))[-1]["due_on"] == expected
    refused = await door.client.put("/v1/catalogue/30/policies", json={"agency_hours": {"77777": "08:00-17:00"}})
    assert (refused.status_code, "77777" in refused.text) == (422, True)
    refused = await door.client.put("/v1/catalogue/30/policies", json={"agency_hours": {"294": "from eight"}})
    assert (refused.status_code, "cannot be read" in refused.text) == (422, True)


async def test_the_event_that_stops_the_clock_is_the_policys(door: Door) -> None:
    """Ready on the due date, handed over later or not yet: by a policy of `delivered` one is overdue, the other open."""
    await taken_in(
        door.database,
        new_dossier(1, "2023-03-06T09:00", ended="2023-03-09T09:00", delivered="2023-03-13T09:00"),
        new_dossier(2, "2023-03-06T09:00", ended="2023-03-09T09:00"),
    )
    ready = await _feed(door.client)
    assert [(one["ended_on"], one["timeliness"]) for one in ready] == [("2023-03-09", "on_time")] * 2
    clock = [{"version": "test@1", "valid_from": "2023-01-01", "stop_event": "delivered", "supplement": "restart"}]
    (await door.client.put("/v1/catalogue/30/policies", json={"clock": clock})).raise_for_status()
    await redated(door.database)
    handed_over, waiting = (await _feed(door.client))[2:]
    assert (handed_over["ended_on"], handed_over["timeliness"], handed_over["outcome"]) == ("2023-03-13", "overdue", "resolved")
    assert {"ended_on", "timeliness", "outcome"} & waiting.keys() == set()
    deadline = (await door.client.get("/v1/dossiers/D-1/deadline", params={"province": "30"})).json()
    assert deadline["rule_version"] == "test@1"


async def test_policies_that_cannot_be_are_refused(ingest_database: Database) -> None:
    await _begin(ingest_database)
    one = Policy("a", date(2023, 1, 1), supplement=Effect.restart, stop_event=StopEvent.delivered)
    for clock, said in (
        ((one, msgspec.structs.replace(one, version="b")), "hold from 2023-01-01"),
        ((msgspec.structs.replace(one, version="clock@3"),), "of published policies"),
    ):
        with pytest.raises(Invalid, match=said):
            async with ingest_database.transaction() as tx:
                await catalogue.put_policies(tx, "30", Policies(clock=clock))


async def test_a_release_with_another_calendar_dates_the_dossiers_anew_once(door: Door) -> None:
    await taken_in(door.database, new_dossier(1, "2023-03-06T09:00"))
    await redated(door.database)
    await door.database.run(lambda tx: catalogue.renew(tx, "30"))
    assert await door.version() == 2
    async with door.database.transaction() as tx:
        await tx.execute("UPDATE ingest.ruleset SET calendar = 'vn-of-the-release-before' WHERE province = '30'")
    for _ in range(2):
        await door.database.run(lambda tx: catalogue.renew(tx, "30"))
        assert await door.version() == 3
    asked = await door.client.post("/v1/catalogue/30/redatings")
    assert asked.json()["version"] == 4
    await redated(door.database)
    redatings = (await door.client.get("/v1/catalogue/30/redatings")).json()["redatings"]
    told = [(one["reason"], one["examined"], one["changed"], one["restatement"]) for one in redatings[:2]]
    assert told == [("asked for", 1, 0, None), ("release", 1, 0, None)]
    missing = await door.client.post("/v1/catalogue/77/redatings")
    assert missing.status_code == 404


async def test_a_release_with_other_rules_dates_anew_also_where_a_province_has_only_its_own(door: Door) -> None:
    own = Policy("own@1", date(1990, 1, 1))
    await door.database.run(lambda tx: catalogue.put_policies(tx, "30", Policies(clock=(own,))))
    version = await door.version()
    await door.database.run(lambda tx: catalogue.renew(tx, "30"))
    assert await door.version() == version
    async with door.database.transaction() as tx:
        known = await tx.fetchval("SELECT rules FROM ingest.ruleset WHERE province = '30' ORDER BY catalogue DESC LIMIT 1")
        assert known == [*(one.version for one in policies()), "own@1"]
        await tx.execute("UPDATE ingest.ruleset SET rules = '{clock@2,own@1}' WHERE province = '30'")
    await door.database.run(lambda tx: catalogue.renew(tx, "30"))
    assert await door.version() == version + 1


async def test_the_portals_own_catalogue_is_shown_and_taken(processes: Processes, new_database: NewDatabase) -> None:
    world = RandomWorld(dossiers=1)
    world.offerings = offerings()
    async with serving(Portal(world, clock=PortalClock(world.starts_at))) as portal:
        url, given = await new_database("ingest"), access(portal)
        processes.worker("ingest", database_url=url, **given)
        del given[f"MOTCUA_SECRET_{SECRET}"]  # the API knows what it is bound to, and not the password
        async with _opened(processes, url, **given) as door:
            await _takes_the_portals_catalogue(door, portal)


async def _takes_the_portals_catalogue(door: Door, url: str) -> None:
    source = {
        "province": "30",
        "kind": "igate",
        "settings": {"base_url": url},
        "secret": SECRET,
        "every_seconds": 3600,
    }
    (await door.client.put("/v1/sources/portal", json=source)).raise_for_status()
    path = "/v1/catalogue/30/procedures/from-source"
    same = await door.client.post(path, params={"source": "portal", "dry_run": True})
    assert same.status_code == 200, same.text
    assert same.json()["differences"] == []
    short = [msgspec.structs.replace(one, limit=None, interlinked=False) for one in reference_procedures()][:5]
    async with door.database.transaction() as tx:
        await catalogue.put_procedures(tx, "30", short)
    words = {"source": "portal", "on": "2026-01-01"}
    shown = (await door.client.post(path, params={**words, "dry_run": True})).json()["differences"]
    assert {one["kind"] for one in shown} == {"added", "changed"}
    (await door.client.post(path, params=words)).raise_for_status()
    stored = msgspec.convert((await door.client.get("/v1/catalogue/30/procedures")).json()["procedures"], list[Procedure])
    now = {one.code: one for one in stored if one.valid_to is None}
    assert {code: one.limit for code, one in now.items()} == {one.code: one.limit for one in reference_procedures()}
    ended = next(one for one in stored if one.code == short[0].code and one.valid_to is not None)
    assert (ended.valid_to, ended.limit) == (date(2026, 1, 1), None)
    missing = await door.client.post(path, params={"source": "nobody"})
    assert missing.status_code == 404
