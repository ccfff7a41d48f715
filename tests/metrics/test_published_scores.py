"""Scores that the portal published: stored as they came, and every planted difference to ours is found, and no other."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.metrics.indices.published import PAYMENT, PROGRESS, Published, cause_of, read_published
from shared.civil import civil_day
from shared.errors import Invalid
from tests.metrics import worlds
from tests.metrics.conftest import Api
from tests.patience import until

PERIOD = {"from": "2023-02-01", "to": "2023-02-28"}


def test_both_shapes_are_read_and_null_stays_unknown() -> None:
    progress = {
        "totalReceived": 597_918,
        "totalOnTime": 528_684,
        "totalOverdue": 1,
        "ratio": 0.88,
        "score": 17.68,
        "maxScore": 20,
    }
    child = {"departmentCode": "H23.1", "totalReceived": 5, "totalOnTime": 3, "score": None, "level": "COMMUNE"}
    answer = {"data": {"parent": progress, "children": [child]}}
    assert read_published(json.dumps(answer).encode()) == [
        Published(PROGRESS, None, 528_684, 597_918, 17.68, 20),
        Published(PROGRESS, "H23.1", 3, 5, None, None),
    ]
    paid = {"totalDossierOnlinePaymentSuccess": 18, "totalDossierFinancialObligation": 18, "totalScore": 7.67}
    assert read_published(json.dumps({"data": {"parent": paid}}).encode()) == [Published(PAYMENT, None, 18, 18, 7.67, None)]
    metrics = [{"code": "DOSSIER_SYNC", "numerator": 9, "denominator": 10, "rate": 0.9, "score": 5.4, "maxScore": 6}]
    expected = [Published("DOSSIER_SYNC", None, 9, 10, 5.4, 6)]
    assert read_published(json.dumps({"data": {"overview": {"metrics": metrics}}}).encode()) == expected
    assert read_published(json.dumps({"data": {"evaluation": [{"metrics": metrics}]}}).encode()) == expected
    # Of last year's dossiers a twelfth is the base: its decimals stay.
    metrics = [{"code": "DOSSIER_SYNC", "numerator": 9.0, "denominator": 12.75, "score": 4.24, "maxScore": 6}]
    read = read_published(json.dumps({"data": {"overview": metrics}}).encode())
    assert read == [Published("DOSSIER_SYNC", None, 9, 12.75, 4.24, 6)]
    assert isinstance(read[0].numerator, int)


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        '{"data": {}}',
        '{"data": {"parent": {"totalReceived": "viele"}}}',
        '{"data": {"parent": {"totalReceived": 1e300}}}',
    ],
)
def test_what_is_no_answer_of_the_portal_is_refused(body: str) -> None:
    with pytest.raises(Invalid):
        read_published(body.encode())


def test_why_counts_may_differ() -> None:
    assert cause_of((3, 5), (3, 5)) is None
    assert cause_of((3, 5), (4, 5)) == "judged_otherwise"
    assert cause_of((3, 5), (4, 6)) == "not_synchronised"
    assert cause_of((3, 5), (3, 4)) == "other_base"
    assert cause_of((3, 5), (None, None)) == "not_scored_here"
    assert cause_of((None, None), (3, 5)) is None
    assert cause_of((3, 5), (4, 6), (3, 5)) == "other_day"
    assert cause_of((3, 5), (4, 6), (3, 4)) == "not_synchronised"
    assert cause_of((3, 5.5), (3, 5)) == "other_base"


async def test_every_planted_difference_is_found_and_no_other(api: Api) -> None:
    await api.count(worlds.random_feed(random.Random(75), 120, 300))
    ranked = (await api.get("/v1/kpis", by="agency", since=PERIOD["from"], to=PERIOD["to"], kpi="received_new"))["rows"]
    codes = [row["code"] for row in ranked if row["code"] is not None and row["kpis"]["received_new"]["value"]]

    async def counts(*scope: str) -> tuple[int, int]:
        score = await api.get("/v1/indices/766", since=PERIOD["from"], to=PERIOD["to"], scope=list(scope))
        part = {one["id"]: one for one in score["components"]}["2.1"]["parts"][0]
        return part["numerator"], part["denominator"]

    def unit(on_time: int, received: int, **more: Any) -> dict[str, Any]:
        return {"totalReceived": received, "totalOnTime": on_time, "score": 20 * on_time / received, **more}

    table = (await api.get("/v1/indices/766/losses", since=PERIOD["from"], to=PERIOD["to"]))["rows"]
    assert table
    whole = await counts()
    children = [unit(1, 2, departmentCode="H99.9")]
    planted = {"H99.9": "unmapped_unit"}
    for number, code in enumerate(sorted(set(codes))):
        on_time, base = await counts(code)
        if number % 3 == 0:
            planted[code], base = "not_synchronised", base - 1
        elif number % 3 == 1:
            planted[code], on_time = "judged_otherwise", on_time + 1 if on_time < base else on_time - 1
        children.append(unit(min(on_time, base), base, departmentCode=code))
    answer = {"data": {"parent": unit(*whole), "children": children}}
    body = {"province": api.province, "published_on": "2023-03-05", "response": json.dumps(answer), **PERIOD}
    response = await api.client.post("/v1/indices/766/published", json=body)
    assert response.status_code == 201, response.text
    query = {"since": PERIOD["from"], "to": PERIOD["to"]}
    found = await until(lambda: api.get("/v1/indices/766/published", **query), lambda one: len(one["rows"]) > 1)
    assert {row["unit"]: row["cause"] for row in found["rows"] if row["cause"] is not None} == planted
    assert found["differing"] == len(planted)
    # Whoever reads a row needs no other list: unit, component and cause have their names.
    for row in found["rows"]:
        assert (row["unit_name"] is None) is (row["cause"] == "unmapped_unit")
        assert row["component_name"] == {"vi": "Hồ sơ giải quyết trước hạn, đúng hạn", "en": "Handled early or on time"}
        assert (row["cause_name"] is None) is (row["cause"] is None)
    names = [(row["code"], row["name"]) for row in ranked]  # codes are used again
    assert all((row["unit"], row["unit_name"]) in names for row in found["rows"] if row["unit"] in codes)
    assert next(row for row in found["rows"] if row["unit"] is None)["unit_name"]["vi"] == "Toàn tỉnh"
    assert next(row for row in found["rows"] if row["unit"] is None)["cause"] is None
    assert all(row["dossiers"] == 1 for row in found["rows"] if row["cause"] == "not_synchronised")
    # A later publication stands beside the first, which stays.
    other = json.dumps({"data": {"parent": unit(whole[0], whole[1] + 2)}})
    later = {**body, "published_on": "2023-04-05", "response": other}
    assert (await api.client.post("/v1/indices/766/published", json=later)).status_code == 201
    again = await until(lambda: api.get("/v1/indices/766/published", **query), lambda one: one["differing"] == len(planted) + 1)
    assert next(row for row in again["rows"] if row["unit"] is None)["cause"] == "other_base"
    async with api.database.transaction() as tx:
        stored = await tx.fetchval("SELECT count(*) FROM metrics.published_score WHERE province = $1", api.province)
    assert stored == len(children) + 2


async def test_ours_of_the_day_of_theirs_tell_another_day_from_a_difference(api: Api) -> None:
    world = await api.count(worlds.random_feed(random.Random(76), 60, 160))
    feed, last = world.feed, world.ends[-1]
    query = {"since": PERIOD["from"], "to": PERIOD["to"]}

    async def counts(**more: Any) -> dict[str, Any]:
        lines = (await api.get("/v1/indices/766", **query, **more))["components"]
        return {line["id"]: line for line in lines}

    then, end = await counts(as_of=world.ends[0]), world.ends[0]
    # The first batch was applied on the day before the portal's, the others after it.
    async with api.database.transaction() as tx:
        moved = "UPDATE metrics.batch SET applied_at = applied_at - interval '40 days' WHERE province = $1 AND position = $2"
        await tx.execute(moved, api.province, end)
    on = str(civil_day(datetime.now(UTC)) - timedelta(days=30))
    part, verified = then["2.1"]["parts"][0], then["4.5"]
    metrics = [
        {"code": "CITIZEN_DATA_CONNECTED", "score": verified["points"] + 0.5, "maxScore": 4},
        {"code": "REUSED_DIGITIZED_DATA", "numerator": 1.5, "denominator": 10**6, "score": 0, "maxScore": 2},
    ]
    unit = {"totalReceived": part["denominator"], "totalOnTime": part["numerator"], "score": then["2.1"]["points"]}
    response = json.dumps({"data": {"parent": unit, "overview": {"metrics": metrics}}})
    body = {"province": api.province, "published_on": on, "response": response, **PERIOD}
    assert (await api.client.post("/v1/indices/766/published", json=body)).status_code == 201
    now = await counts()
    assert len(feed) == last
    assert now["2.1"]["parts"][0]["denominator"] != part["denominator"]
    found = await until(lambda: api.get("/v1/indices/766/published", **query), lambda one: len(one["rows"]) == 3)
    rows = {row["code"]: row for row in found["rows"]}
    assert rows["PROGRESS"]["cause"] == "other_day"
    assert (rows["CITIZEN_DATA_CONNECTED"]["component"], rows["CITIZEN_DATA_CONNECTED"]["cause"]) == ("4.5", "judged_otherwise")
    assert rows["CITIZEN_DATA_CONNECTED"]["our_points"] == now["4.5"]["points"]
    assert (rows["REUSED_DIGITIZED_DATA"]["numerator"], rows["REUSED_DIGITIZED_DATA"]["cause"]) == (1.5, "other_base")
