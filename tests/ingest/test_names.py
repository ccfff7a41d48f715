"""Names and bases that people enter are those that a document can print, whichever way they come in."""

from __future__ import annotations

import unicodedata
from typing import Any

import httpx
import msgspec
import pytest

from shared.agencies import COLUMNS
from shared.printing import Unprintable, printed, without_unprintable
from shared.spreadsheets import CSV
from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE

UNPRINTABLE = {
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "control": "\u0007",
    "next line": "\u0085",
    "emoji": "\U0001f600",
    "private use": "\ue000",
    "full width": "\uff21",
    "full-width stop": "\uff0e",
    "line separator": "\u2028",
    "half a character of a mark": "\u0302",
}
SOME = ("right-to-left override", "zero width space", "emoji", "full width", "soft hyphen")


@pytest.mark.parametrize("kind", UNPRINTABLE)
def test_what_no_document_prints_is_refused_by_its_number(kind: str) -> None:
    sign = UNPRINTABLE[kind]
    with pytest.raises(Unprintable, match=f"U\\+{ord(sign):04X} cannot be printed") as refused:
        printed(f"Xã {sign}An")
    assert f"U+{ord(sign):04X} không in được" in refused.value.message.vi
    assert without_unprintable(f"Xã {sign}An") == "Xã An"


def test_vietnamese_in_any_form_is_printed_in_one() -> None:
    name = "Xã  Thanh Hồng – Đội “Ỹ”\n(số 2)"
    assert printed(unicodedata.normalize("NFD", f" {name} ")) == printed(name) == "Xã Thanh Hồng – Đội “Ỹ” (số 2)"
    with pytest.raises(Unprintable, match="empty"):
        printed(" \n ")


def _agency(**fields: Any) -> dict[str, Any]:
    return {"code": "A", "name_vi": "Xã An", "name_en": "An", "kind": "commune", "valid_from": "2020-01-01", **fields}


def _procedure(**fields: Any) -> dict[str, Any]:
    return {
        "code": "1.000001",
        "name_vi": "Thủ tục",
        "name_en": "Procedure",
        "sector": "HT",
        "valid_from": "2020-01-01",
        **fields,
    }


async def test_names_are_refused_at_every_door_of_the_catalogue_and_folded_where_they_are_taken(
    processes: Processes, new_database: NewDatabase
) -> None:
    url = await new_database("ingest")
    process = processes.api("ingest", database_url=url)
    key = await processes.key("ingest", url, "catalogue:write", "feed:read")
    base = f"{process.url}/v1/catalogue/30/"
    json = {"Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=base, headers={"X-API-Key": key}, timeout=PATIENCE) as door:

        async def refused(response: httpx.Response, sign: str) -> None:
            assert response.status_code == 422, response.text
            assert f"U+{ord(sign):04X}" in response.text

        for kind in SOME:
            sign = UNPRINTABLE[kind]
            for field in ("name_vi", "name_en", "legal_basis", "code"):
                body = msgspec.json.encode({"agencies": [_agency(**{field: f"A{sign}n"})]})
                await refused(await door.put("agencies", content=body, headers=json, params={"dry_run": True}), sign)
            for field in ("name_vi", "name_en", "sector"):
                body = msgspec.json.encode({"procedures": [_procedure(**{field: f"A{sign}n"})]})
                await refused(await door.put("procedures", content=body, headers=json), sign)
            row = ["A", f"Xã {sign}An", "An", "commune", "", "2020-01-01", "", "", ""]
            table = "\n".join((",".join(COLUMNS), ",".join(row))).encode()
            await refused(await door.put("agencies", content=table, headers={"Content-Type": CSV}), sign)
            day = {"day": "2023-09-01", "worked": False, "legal_basis": f"Công văn {sign}", "known_from": "2023-08-20"}
            await refused(await door.post("days", json=[day]), sign)
        name = unicodedata.normalize("NFD", "Xã  Thanh Hồng")
        body = msgspec.json.encode({"agencies": [_agency(name_vi=name)]})
        assert (await door.put("agencies", content=body, headers=json)).status_code == 200
        (listed,) = (await door.get("agencies")).json()["agencies"]
        assert listed["name_vi"] == "Xã Thanh Hồng"
