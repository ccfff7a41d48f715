"""What dossiers name and the catalogue lacks is proposed as a file; handing that in mends the dossiers without a new pull."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from deploy.simulator.app import Portal
from deploy.simulator.clock import PortalClock
from deploy.simulator.random_world import RandomWorld
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.catalogue.store import redatings as redatings_store
from services.ingest.dossiers.redating import redate_next
from services.ingest.proposals.model import NO_SECTOR, Mention, Mentions, propose_agencies, propose_procedures
from services.ingest.provinces import store as provinces_store
from services.ingest.pulls.service import pull_due
from services.ingest.sources.fields.withholding import WITHHELD
from services.ingest.sources.kinds.igate.named_codes import named_codes
from services.ingest.sources.kinds.national.named_codes import named_codes as national_names
from services.ingest.sources.named_codes import NamedCode
from services.ingest.sources.store import sources as sources_store
from shared.agencies import Agency, AgencyKind, Structure
from shared.database import Database
from tests.conftest import NewDatabase, Processes, url_of
from tests.ingest.portals import SECRET, bound_secret, serving
from tests.patience import PATIENCE

DAY = date(2024, 5, 1)


def mention(count: int, first: date = DAY) -> Mention:
    return Mention(count, first, DAY, {"portal"})


def test_a_proposal_names_kind_and_parent_and_can_be_handed_in_with_what_there_is() -> None:
    known = [
        Agency(code="294", name_vi="Huyện Thanh Hà", name_en="x", kind=AgencyKind.district, valid_from=date(2000, 1, 1)),
        Agency(code="7", name_vi="Xã Sau", name_en="x", kind=AgencyKind.commune, valid_from=date(2024, 7, 1)),
    ]
    mentions: Mentions = {
        ("agency", "1"): mention(2),
        ("agency", "2"): mention(9, date(2024, 3, 1)),
        ("agency", "7"): mention(1),
        ("agency", "UBND phường Bình Hàn"): mention(1),
        ("agency", WITHHELD): mention(5),
    }
    named = [
        NamedCode(kind="agency", code="1", name="Xã An Phượng", parent="UBND huyện Nam Sách"),
        NamedCode(kind="agency", code="2", name="UBND huyện Nam Sách", parent="Huyện  Thanh hà"),
    ]
    found = propose_agencies(mentions, named, Structure(known))
    assert [(one.agency.code, one.count) for one in found] == [("2", 9), ("1", 2), ("7", 1), ("UBND phường Bình Hàn", 1)]
    by_code = {one.agency.code: one.agency for one in found}
    assert (by_code["1"].kind, by_code["1"].parent, by_code["1"].valid_from) == (AgencyKind.commune, "2", date(2024, 3, 1))
    assert (by_code["2"].kind, by_code["2"].parent) == (AgencyKind.district, "294")
    assert found[1].parent_name == "UBND huyện Nam Sách"
    assert by_code["7"].valid_to == date(2024, 7, 1), "the unit that bears the code later stays"
    assert by_code["UBND phường Bình Hàn"].kind is AgencyKind.commune
    Structure([*known, *by_code.values()])
    circle = [
        NamedCode(kind="agency", code="1", name="A", parent="B"),
        NamedCode(kind="agency", code="2", name="B", parent="A"),
    ]
    assert {one.agency.parent for one in propose_agencies(mentions, circle, Structure(known))} == {None}


def test_a_procedure_has_the_limit_of_the_reference_or_the_records_name() -> None:
    mentions: Mentions = {
        ("procedure", "1.001612"): mention(3),
        ("procedure", "9.000001"): mention(2),
        ("procedure", "9.9"): mention(1),
    }
    named = [NamedCode(kind="procedure", code="9.000001", name="Cấp thẻ", sector="YT")]
    found = [one.procedure for one in propose_procedures(mentions, named, [])]
    assert found[0].limit is not None
    assert [(one.code, one.name_vi, one.sector) for one in found[1:]] == [
        ("9.000001", "Cấp thẻ", "YT"),
        ("9.9", "9.9", NO_SECTOR),
    ]
    assert {one.valid_from for one in found} == {DAY}


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"MaTTHC": "1.000001.000.00.00.H30", "TenTTHC": " Cấp thẻ "}, "Cấp thẻ"),
        ({"MaTTHC": "1.1", "TenTTHC": "Ông An 0912345678"}, None),
        ({"MaTTHC": "1.1", "TenTTHC": 7}, None),
        ({"MaTTHC": "", "TenTTHC": "Cấp thẻ"}, None),
        ({"TenTTHC": "Cấp thẻ"}, None),
        (7, None),
    ],
)
def test_a_national_record_names_its_procedure(record: object, name: str | None) -> None:
    assert [(one.code, one.name) for one in national_names(record)] == ([("1.000001", name)] if name else [])


@pytest.mark.parametrize(
    ("agency", "names"),
    [
        (
            b'{"code":"1","name":[{"languageId":228,"name":"X\xc3\xa3 A"}],"parent":{"name":"Huy\xe1\xbb\x87n B"}}',
            ("Xã A", "Huyện B"),
        ),
        (b'{"code":1,"name":"X\xc3\xa3 A","parent":"5f3a"}', ("Xã A", None)),
        (b'{"code":"1","name":{"languageId":228,"name":"X\xc3\xa3 A"},"parent":{"name":7}}', ("Xã A", None)),
        (b'{"code":"1","name":"\xc3\x94ng An 0912345678"}', None),
        (b'{"code":"1","name":[7]}', None),
        (b'{"code":"1"}', None),
    ],
)
def test_names_are_read_in_any_form_and_no_persons(agency: bytes, names: tuple[str, str | None] | None) -> None:
    found = [(one.name, one.parent) for one in named_codes(b'{"content":[{"agency":' + agency + b"}]}")]
    assert found == ([names] if names else [])


async def test_a_proposal_is_handed_in_as_it_is_and_the_dossiers_are_mapped_without_a_new_pull(
    processes: Processes, new_database: NewDatabase
) -> None:
    owner = await new_database("ingest")
    database, rulesets = Database(url_of("ingest", owner), size=4), RulesetCache()
    world = RandomWorld(dossiers=60)

    async def notify() -> None:
        """Nobody listens."""

    async with serving(Portal(world, clock=PortalClock(world.starts_at))) as portal:
        now = datetime.now(UTC)

        async def connect(tx: Any) -> None:
            await provinces_store.ensure(tx, "30")
            settings = {"base_url": portal, "rate": 100}
            await sources_store.put_source(
                tx,
                name="p",
                province="30",
                kind="igate",
                settings=settings,
                secret=SECRET,
                every_seconds=60,
                enabled=True,
                now=now,
            )

        await database.run(connect)
        with bound_secret(portal):
            assert await pull_due(database, rulesets, "w", asyncio.Event(), notify, lambda: datetime.now(UTC))
    api = processes.api("ingest", database_url=owner)
    key = await processes.key("ingest", owner, "catalogue:write", "feed:read", "sources:manage", "events:write")
    async with httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": key}, timeout=PATIENCE) as http:
        names = {office.code: office.name_vi for office in world.offices}
        before = {what: (await http.get(f"/v1/catalogue/30/{what}/proposal")).json() for what in ("agencies", "procedures")}
        # As after a release that did not store these codes.
        async with database.transaction() as tx:
            await tx.execute("DELETE FROM ingest.unmapped_code")
        assert (await http.get("/v1/catalogue/30/agencies/proposal")).json()["proposals"] == []
        async with database.transaction() as tx:
            await redatings_store.plan_redating(tx, "30", "release", only_unmapped=True)
        while await database.run(lambda tx: redate_next(tx, rulesets, datetime.now(UTC))) is not None:
            pass
        for what in ("agencies", "procedures"):
            path = f"/v1/catalogue/30/{what}"
            body = (await http.get(f"{path}/proposal")).json()
            assert body == before[what]
            listed, cursor = body["proposals"], None
            paged: list[Any] = []
            while not paged or cursor:
                page = (await http.get(f"{path}/proposal", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
                paged, cursor = paged + page["proposals"], page["next_cursor"]
            assert paged == listed
            assert sum(one["count"] for one in listed) == 60
            file = await http.get(f"{path}/proposal", params={"format": "csv", "source": "p"})
            rows = list(csv.DictReader(io.StringIO(file.text)))
            assert [row["count"] for row in rows] == [str(one["count"]) for one in listed]
            assert {row["sources"] for row in rows} == {"p"}
            if what == "agencies":
                assert all(row["name_vi"] == names[row["code"]] for row in rows)
            first = await http.get(f"{path}/proposal", params={"format": "csv", "limit": 1})
            assert first.headers["link"].endswith('; rel="next"')
            sheet = await http.get(f"{path}/proposal", params={"format": "xlsx"})
            media = {"Content-Type": sheet.headers["content-type"]}
            trial = await http.put(path, content=sheet.content, params={"merge": True, "dry_run": True}, headers=media)
            media = {"Content-Type": "text/csv"}
            put = await http.put(path, content=file.content, params={"merge": True}, headers=media)
            assert put.status_code == 200, put.text
            assert trial.json()["differences"] == put.json()["differences"]
            assert trial.json()["unknown_headings"] == put.json()["unknown_headings"]
            assert put.json()["unknown_headings"] == ["count", "first_seen", "last_seen", "sources", "parent_name"]
            while await database.run(lambda tx: redate_next(tx, rulesets, datetime.now(UTC))) is not None:
                pass
            assert (await http.get(f"{path}/proposal")).json()["proposals"] == []
        assert (await http.get("/v1/catalogue/31/agencies/proposal")).status_code == 404
        (await http.put("/v1/sources/desk", json={"province": "30", "kind": "own", "settings": {}})).raise_for_status()
        waiting = {"code": "H30-1", "id": "1", "at": "2023-06-15T09:00:00+07:00", "status": "registered", "agency": "99"}
        (await http.post("/v1/events?source=desk", json=[waiting])).raise_for_status()
        (one,) = (await http.get("/v1/catalogue/30/agencies/proposal")).json()["proposals"]
        assert (one["first_seen"], one["last_seen"], one["sources"]) == ("2023-06-15", "2023-06-15", ["desk"])
        (await http.put("/v1/sources/nat", json={"province": "30", "kind": "national", "settings": {}})).raise_for_status()
        record = {"MaHoSo": "000.00.19.H30-230615-0042", "TrangThaiHoSo": "4", "NgayTiepNhan": "20230615080000"}
        named = {"MaTTHC": "9.777777.000.00.00.H30", "TenTTHC": "Cấp thẻ nhà báo", "DonViXuLy": "UBND phường Bình Hàn"}
        sent = await http.post("/v1/national/nat", json=[record | named])
        assert sent.json()["error_code"] == 0, sent.text
        (one,) = (await http.get("/v1/catalogue/30/procedures/proposal")).json()["proposals"]
        assert (one["procedure"]["code"], one["procedure"]["name_vi"]) == ("9.777777", "Cấp thẻ nhà báo")
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM ingest.dossier WHERE mapped") == 60
    await database.close()
