"""Files of petitions: rehearsed, taken once, corrected by a newer file, and set aside where nobody knows what a row means."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.metrics.agencies import store as catalogue
from services.metrics.petitions import store
from services.metrics.petitions.service import Otherwise, take_file
from shared.contracts.petitions import PetitionFile, PetitionsTaken
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
        permitted, dry_run = more.get("permitted"), more.get("dry_run", False)
        found = await api.database.run(
            lambda tx: take_file(
                tx, api.province, file, units, permitted, national_calendar(), otherwise, "me", dry_run=dry_run
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
