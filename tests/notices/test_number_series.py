"""Series of numbers: a body has one in a year however its name is spelt, and no later number has an earlier instant."""

from __future__ import annotations

import asyncio
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from services.notices.drafting.store import notices as notices_store
from services.notices.issuing import store as issued_store
from services.notices.issuing.requirements import REQUIREMENTS, Candidate
from shared.civil import VIETNAM
from shared.database import Database
from shared.errors import Invalid, Unavailable
from tests.notices.conftest import Services
from tests.notices.issued import BODY
from tests.notices.test_life import approver
from tests.patience import PATIENCE


def spelt(older: str, newer: str) -> list[str]:
    """A name as people write it, the last one as no document prints it."""
    odd = unicodedata.normalize("NFD", older).replace(" ", "  ")
    return [newer, older, newer.upper(), newer.replace("Đ", "Ð"), newer.replace("Ủy ban nhân dân", "UBND"), odd]


SPELLINGS = {
    BODY: spelt("Uỷ ban nhân dân huyện Thanh Hà", BODY),
    "Ủy ban nhân dân xã Hòa Mỹ Đông": spelt("Uỷ ban nhân dân xã Hoà Mĩ Đông", "Ủy ban nhân dân xã Hòa Mỹ Đông"),
}


async def is_of_one_body_and_the_last_of_its_series(services: Services, number: int) -> None:
    """However a body's name is spelt it corrects its own notices; and nothing is issued before what was issued last."""
    database = Database(services.database_url, size=1)
    corrects, clock = (next(one for one in REQUIREMENTS if one.name == name) for name in ("corrects", "clock"))
    given: dict[str, Any] = dict.fromkeys(("principal", "steps", "hands", "checks", "keys", "timestamp_url", "signer"))
    try:
        async with database.transaction() as tx:
            row, before = await notices_store.find(tx, number), await issued_store.find(tx, number)
            assert row is not None
            assert before is not None
            for body in SPELLINGS[BODY]:
                year = before.issued_on.year
                held = await issued_store.hold_series(tx, province="30", body=body, year=year, series="TB-UBND")
                assert held.of_body.last == (before.number, before.issued_at)
                one = Candidate(row=row, body=body, corrects=row, before=before, held=held, **given)
                await corrects.demand(one)
                await clock.demand(one)
                earlier = held._replace(now=before.issued_at - timedelta(minutes=2))
                with pytest.raises(Unavailable, match=f"number {before.number} of this series was issued at") as refused:
                    await clock.demand(replace(one, held=earlier))
                assert refused.value.headers == {"Retry-After": "120"}
                cited: dict[str, Any] = {"reference": before.reference, "issued_on": before.issued_on}
                assert [one.notice_id for one in await issued_store.find_cited(tx, body=body, **cited)] == [number]
            # What a clock that was a year behind would issue is of another series, and yet too early.
            last_year = await issued_store.hold_series(tx, province="30", body=BODY, year=year - 1, series="TB-UBND")
            assert last_year.of_body.last == (before.number, before.issued_at)
            other = f"{BODY} Bắc"
            others = await issued_store.hold_series(tx, province="30", body=other, year=year, series="TB-UBND")
            assert others.of_body.last is None
            with pytest.raises(Invalid, match="Only a notice of the same body"):
                await corrects.demand(replace(one, body=other))
    finally:
        await database.close()


async def test_a_body_has_one_series_of_numbers_however_its_name_is_spelt(services: Services) -> None:
    chief = await approver(services)
    name = "Ủy ban nhân dân xã Hòa Mỹ Đông"
    spellings, year = SPELLINGS[name], datetime.now(VIETNAM).year
    connection = await asyncpg.connect(services.database_url)
    try:  # series of two spellings, as they began before
        for number, spelling in enumerate(spellings[:2], start=1):
            await connection.execute(
                "WITH series AS (INSERT INTO notices.number_series (province, body, year, series)"
                " VALUES ('30', $1, $2, 'TB-UBND') RETURNING id)"
                " INSERT INTO notices.taken_number (series_id, number, outside, key_id, name, taken_at)"
                " SELECT id, $3, 'Giấy', 'x', 'x', now() FROM series",
                spelling,
                year,
                number,
            )
    finally:
        await connection.close()

    def query(body: str) -> dict[str, Any]:
        return {"province": "30", "body": body, "year": year}

    for spelling in spellings:
        taken = services.http.get("/v1/taken-numbers", params=query(spelling)).json()
        assert ([one["number"] for one in taken["numbers"]], taken["next"]) == ([1, 2], 3)
    async with httpx.AsyncClient(base_url=services.http.base_url, headers=chief, timeout=PATIENCE) as http:
        printed = spellings[:-1]  # a hand that registers names the body as it is printed
        answers = await asyncio.gather(
            *(http.post("/v1/taken-numbers", json=query(one) | {"number": 3, "use": one}) for one in printed)
        )
        assert sorted(one.status_code for one in answers) == [201] + [409] * (len(printed) - 1)
        refused = await http.post("/v1/taken-numbers", json=query(name) | {"number": 2, "use": "Việc khác"})
        assert refused.json()["type"].endswith("number-taken")
        ahead = await http.post("/v1/taken-numbers", json=query(name) | {"number": 9, "use": "Giấy", "year": year + 1})
        assert (ahead.status_code, ahead.json()["errors"][0]["at"]) == (422, "body.year")
        assert str(year) in ahead.json()["detail"]
        assert (await http.get("/v1/taken-numbers", params=query(name) | {"year": year + 1})).json()["numbers"] == []
        other = (await http.get("/v1/taken-numbers", params=query("Ủy ban nhân dân xã Hòa Mỹ Tây"))).json()
        assert other["next"] == 1
        await is_seen_by_the_release_before(services, http, query(f"{name} Bắc"))


async def is_seen_by_the_release_before(services: Services, http: httpx.AsyncClient, query: dict[str, Any]) -> None:
    """While processes are restarted one after another, those that are left look for numbers under the name as it is printed."""
    assert (await http.post("/v1/taken-numbers", json=query | {"number": 1, "use": "Giấy"})).status_code == 201
    connection = await asyncpg.connect(services.database_url)
    try:
        seen = await connection.fetch(
            "SELECT number FROM notices.taken_number JOIN notices.number_series s ON s.id = series_id WHERE body = $1",
            query["body"],
        )
    finally:
        await connection.close()
    assert [row["number"] for row in seen] == [1]
