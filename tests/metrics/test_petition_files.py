"""Files of petitions: rehearsed, taken once, corrected by a newer file, and set aside where nobody knows what a row means."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.metrics.agencies import store as catalogue
from services.metrics.petitions.service import Otherwise, take_file
from services.metrics.petitions.store import petitions as store
from shared.contracts.petitions import PetitionFile, PetitionsTaken
from shared.errors import NotFound
from shared.workdays import national_calendar
from tests.ingest.test_petition_files import read
from tests.metrics.conftest import Api
from tests.metrics.test_kpis_api import received_now
from tests.patience import until

HEAD = "Mã PAKN,Cơ quan xử lý,Loại PAKN,Ngày tiếp nhận,Ngày xử lý,Ngày công khai,Hài lòng\n"
DONE = "01/03/2023,10/03/2023,13/03/2023"


async def test_a_file_counts_once_and_a_corrected_one_wins(api: Api) -> None:
    await api.count([received_now(1, 1)])
    units = await api.database.run(lambda tx: catalogue.units(tx, api.province))

    async def take(file: PetitionFile, otherwise: Otherwise = Otherwise(), **more: Any) -> PetitionsTaken:
        name = str(more.get("name") or hash(str(file)))
        permitted, dry_run = more.get("permitted"), more.get("dry_run", False)
        found = await api.database.run(
            lambda tx: take_file(
                tx,
                api.province,
                file,
                units,
                permitted,
                national_calendar(),
                otherwise,
                "me",
                name=name,
                corrects=more.get("corrects"),
                dry_run=dry_run,
            )
        )
        assert found.reading.rows == found.new + found.corrected + found.known + found.repeated + found.rejected
        return found

    async def counts() -> tuple[int, int]:
        period = {"since": "2023-03-01", "to": "2023-03-31", "kpi": "petitions_satisfied_share"}
        one = (await api.get("/v1/kpis", **period))["total"]["kpis"]["petitions_satisfied_share"]
        return one["numerator"], one["denominator"]

    lines = [
        f"PA-1,Xã Liên Mạc,Hành vi hành chính,{DONE},Hài lòng",
        f"PA-2,UBND xã LIÊN MẠC,Quy định,{DONE},Không hài lòng",
        f"PA-3,10813,Hành vi,{DONE},",
        f"PA-3,10813,Hành vi,{DONE},",  # the same once more counts once
        "PA-4,10813,Hành vi,01/03/2023,,,",  # late from 23 March
        f"PA-5,Xã Không Có,Hành vi,{DONE},",
        f"PA-6,10813,Hành vi,{DONE},Hài lòng",
        f"PA-6,10813,Hành vi,{DONE},Không hài lòng",
        f"PA-7,,,{DONE},",
        "PA-8,10813,Hành vi,10/03/2023,01/03/2023,,",
        "PA-9,10813,Hành vi,31/02/2023,,,",
    ]
    file = read(HEAD + "\n".join(lines) + "\n")
    rehearsed = await take(file, dry_run=True)
    assert await store_size(api) == 0
    taken = await take(file)
    assert (taken.new, taken.corrected, taken.known, taken.repeated, taken.late) == (4, 0, 0, 1, 0)
    assert [(one.code, one.line, one.reason) for one in taken.problems] == [
        ("PA-5", 7, "unknown_agency"),
        ("PA-6", 8, "said_twice"),
        ("PA-6", 9, "said_twice"),
        ("PA-7", 10, "missing_field"),
        ("PA-8", 11, "contradictory"),
        ("PA-9", 12, "bad_date"),
    ]
    assert "'Xã Không Có'" in taken.problems[0].what.vi
    assert (rehearsed.new, rehearsed.problems, rehearsed.rejected) == (taken.new, taken.problems, taken.rejected)
    await until(counts, lambda found: found == (2, 4))  # PA-2 is disliked, PA-4 late
    again = await take(file)
    assert (again.new, again.corrected, again.known, again.repeated) == (0, 0, 4, 1)
    assert await store_size(api) == 4
    # Of one agency's own list whose rows name neither agency nor subject.
    own = read("Mã PAKN,Ngày nhận,Ngày trả lời,Ngày công khai,Đánh giá\n" + f"PA-2,{DONE},Hài lòng\nPA-7,{DONE},\n")
    corrected = await take(own, Otherwise("10813", "rule"))
    assert (corrected.new, corrected.corrected, corrected.rejected) == (1, 1, 0)
    await until(counts, lambda found: found == (4, 5))
    # A key of other agencies neither states petitions of this one, nor takes one of it over.
    other = units.scope(["10816"], date(2023, 3, 1), None, None).members
    foreign = read(HEAD + f"PA-1,10816,Hành vi,{DONE},Không hài lòng\nPA-X,10813,Hành vi,{DONE},\nPA-Y,10816,Hành vi,{DONE},\n")
    refused = await take(foreign, permitted=other)
    assert [(one.code, one.reason) for one in refused.problems] == [("PA-1", "not_found"), ("PA-X", "unknown_agency")]
    assert refused.new == 1
    await until(counts, lambda found: found == (5, 6))


async def store_size(api: Api) -> int:
    codes = [f"PA-{number}" for number in range(1, 10)]
    known = await api.database.run(lambda tx: store.known(tx, api.province, codes))
    versions = await api.database.run(
        lambda tx: tx.fetchval("SELECT count(*) FROM metrics.petition WHERE province = $1", api.province)
    )
    assert versions >= len(known)
    return int(versions)


async def test_rows_set_aside_make_answers_incomplete_until_they_are_corrected_or_dismissed(api: Api) -> None:
    await api.count([received_now(1, 1)])
    units = await api.database.run(lambda tx: catalogue.units(tx, api.province))

    async def take(name: str, lines: list[str], corrects: str | None = None, head: str = HEAD) -> int:
        file = read(head + "\n".join(lines) + "\n")
        found = await api.database.run(
            lambda tx: take_file(
                tx,
                api.province,
                file,
                units,
                None,
                national_calendar(),
                Otherwise(),
                "me",
                name=name,
                corrects=corrects,
                dry_run=False,
            )
        )
        return found.rejected

    async def count() -> int:
        """Rows that answers say to wait: those of dossiers, of the index and its ranking."""
        words = {"since": "2023-03-01", "to": "2023-03-31"}
        kinds = [
            {one["kind"]: one["count"] for one in (await api.get(path, **words))["freshness"]["reasons"]}
            for path in ("/v1/kpis", "/v1/indices/766", "/v1/indices/766/ranking")
        ]
        found = {one.get("petitions_rejected", 0) for one in kinds}
        return found.pop() if len(found) == 1 else -1

    async def waits(number: int) -> None:
        await until(count, lambda found: found == number)

    async def rows(state: str = "waiting") -> list[dict[str, Any]]:
        return list((await api.get("/v1/petitions/rejected", state=state))["rows"])

    async def dismiss(**which: Any) -> int:
        body = {"province": api.province, "reason": "Rows of a training", **which}
        answer = await api.client.post("/v1/petitions/rejected/dismiss", json=body)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["dismissed"])

    bad = [
        f"PA-1,Xã Không Có,Hành vi,{DONE},",
        f"PA-2,10813,Hành vi,{DONE},Hài lòng",
        f",10813,Hành vi,{DONE},",  # without a code: by a new file only, that says which one it corrects
        "PA-3,10813,Hành vi,31/02/2023,,,",
    ]
    assert await count() == 0
    assert await take("first", bad) == 3
    await waits(3)
    assert await take("first", bad) == 3  # the same file again adds nothing
    await waits(3)
    assert [(one["file"], one["line"], one["code"], one["reason"]) for one in await rows()] == [
        ("first", 2, "PA-1", "unknown_agency"),
        ("first", 4, None, "no_code"),
        ("first", 5, "PA-3", "bad_date"),
    ]
    # Corrected in one row, still wrong in another one: that waits once, by the newer file.
    assert await take("second", [f"PA-1,10813,Hành vi,{DONE},", "PA-3,10813,Hành vi,30/02/2023,,,"]) == 1
    await waits(2)
    assert {(one["file"], one["code"]) for one in await rows()} == {("first", None), ("second", "PA-3")}
    # One by one corrects too.
    stated = {"code": "PA-3", "agency": "10813", "subject": "conduct", "received_on": "2023-02-28"}
    answer = await api.client.post("/v1/petitions", json={"province": api.province, "petitions": [stated]})
    assert answer.status_code == 201
    await waits(1)
    assert await take("third", [f"PA-4,10813,Hành vi,{DONE},"], corrects="first") == 0
    await waits(0)
    assert len(await rows("corrected")) == 4
    assert await take("first", bad) == 3  # what was corrected is not wrong anew when the old file comes once more
    await waits(0)
    # Dismissed by somebody, with a reason: it stays so for the same file, and not where another one has it.
    await take("fourth", [f"PA-5,Xã Không Có,Hành vi,{DONE},", f"PA-6,Xã Không Có,Hành vi,{DONE},"])
    await waits(2)
    waiting = await rows()
    assert await dismiss(numbers=[waiting[0]["id"]]) == 1
    await waits(1)
    assert await dismiss(file="fourth") == 1
    await waits(0)
    dismissed = await rows("dismissed")
    assert [(one["code"], one["dismissed_for"]) for one in dismissed] == [(f"PA-{n}", "Rows of a training") for n in (5, 6)]
    assert all(one["dismissed_by"] for one in dismissed)
    await take("fourth", [f"PA-5,Xã Không Có,Hành vi,{DONE},", f"PA-6,Xã Không Có,Hành vi,{DONE},"])
    assert await count() == 0
    await take("fifth", [f"PA-5,Xã Không Có,Hành vi,{DONE},"])
    await waits(1)
    with pytest.raises(NotFound, match="no file sixth"):
        await take("seventh", [f"PA-5,10813,Hành vi,{DONE},"], corrects="sixth")
    assert await count() == 1
