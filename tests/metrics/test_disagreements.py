"""The list of wrongly overdue dossiers is the KPIs opened, with causes in words."""

from __future__ import annotations

import csv
import io
import random
from typing import Any

from shared.contracts.feed import FeedItem
from shared.dossier import Channel, Facts, Outcome, Status, Timeliness
from tests.metrics.conftest import Api
from tests.metrics.worlds import day, random_feed

SIDES = {"portal_only": "overdue_by_portal_only", "law_only": "overdue_by_law_only"}


async def test_the_list_has_the_dossiers_that_the_kpis_count_now_and_as_of_then(api: Api) -> None:
    source = random.Random(11)
    world = await api.count(random_feed(source, 200, 500), source)
    lines = 0
    for position in (world.ends[len(world.ends) // 2], world.ends[-1]):
        for scope in ({}, {"scope": "294"}, {"scope": "10813"}):
            words: dict[str, Any] = {"since": str(day(10)), "to": str(day(40)), "as_of": position, **scope}
            figures = (await api.get("/v1/kpis", **words))["total"]["kpis"]
            dossiers: list[dict[str, Any]] = []
            following: dict[str, str] = {}
            while True:
                page = await api.get("/v1/disagreements", limit=7, **words, **following)
                assert len(page["dossiers"]) <= 7
                dossiers += page["dossiers"]
                if page["next_cursor"] is None:
                    break
                following = {"cursor": page["next_cursor"]}
            for side, kpi in SIDES.items():
                listed = [one["code"] for one in dossiers if one["side"] == side]
                assert len(listed) == len(set(listed)) == figures[kpi]["value"] == page["counts"][side]["value"]
                assert page["counts"][side]["figure"] == figures[kpi]["figure"]
                alone = await api.get("/v1/disagreements", limit=1000, side=side, **words)
                assert [one["code"] for one in alone["dossiers"]] == listed
            lines += len(dossiers)
    assert lines > 40


def _facts(code: str, **more: Any) -> Facts:
    return Facts(
        code=code,
        status=Status.resolved,
        agency="10816@2019-12-01",
        channel=Channel.online,
        received_on=day(0),
        ended_on=day(5),
        outcome=Outcome.resolved,
        **more,
    )


async def test_each_line_says_what_happened_and_what_to_do_in_both_languages_and_as_csv(api: Api) -> None:
    facts = [
        _facts(
            "=A", due_on=day(6), late_from=day(7), portal_late_from=day(4), timeliness=Timeliness.early,
            portal_timeliness=Timeliness.overdue, cause="days_off_counted",
        ),
        _facts(
            "B", due_on=day(6), late_from=day(7), portal_late_from=day(6), timeliness=Timeliness.early,
            portal_timeliness=Timeliness.overdue, cause="not_closed_in_software",
        ),
        _facts(
            "C", due_on=day(3), late_from=day(4), portal_late_from=day(8), timeliness=Timeliness.overdue,
            portal_timeliness=Timeliness.early, cause="due_moved",
        ),
        _facts("D", due_on=day(6), late_from=day(7), portal_late_from=day(7), timeliness=Timeliness.early),
    ]  # fmt: skip
    await api.count([FeedItem(n, n, one) for n, one in enumerate(facts, 1)])
    words = {"since": str(day(0)), "to": str(day(10))}
    found = await api.get("/v1/disagreements", **words)
    by_code = {one["code"]: one for one in found["dossiers"]}
    assert {code: one["side"] for code, one in by_code.items()} == {"=A": "portal_only", "B": "portal_only", "C": "law_only"}
    # 23/1/2023 was promised, 26/1/2023 is the law's date.
    assert by_code["=A"]["text"]["vi"].startswith("Phần mềm tính cả ngày nghỉ nên hẹn trả thứ Hai 23/01/2023")
    assert "Thursday 2023-01-26" in by_code["=A"]["text"]["en"]
    assert by_code["B"]["text"]["en"].endswith("closed in the software on a later day.")
    assert by_code["C"]["action"]["vi"].startswith("Kiểm tra ai đã sửa ngày hẹn trả")
    assert by_code["=A"]["agency_name"]["vi"] == "Xã Hồng Lạc"
    params = {"province": api.province, "from": words["since"], "to": words["to"], "limit": "2"}
    response = await api.client.get("/v1/disagreements", params=params, headers={"Accept": "text/csv", "Accept-Language": "vi"})
    assert response.headers["content-type"].startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";")
    assert head[2] == "Mã hồ sơ"
    assert [row[2] for row in rows] == ["'=A", "B"]
    rest = await api.client.get(response.headers["link"].split(">")[0][1:], headers={"Accept": "text/csv"})
    assert [row[2] for row in csv.reader(io.StringIO(rest.content.decode("utf-8-sig")))][1:] == ["C"]
    wrong = await api.client.get("/v1/disagreements", params={**params, "cursor": "portal_only:1.1.1"})
    assert (wrong.status_code, "`next_cursor`" in wrong.json()["detail"]) == (422, True)
    first = (await api.client.get("/v1/disagreements", params={**params, "side": "portal_only", "limit": "1"})).json()
    other = {**params, "side": "law_only", "cursor": first["next_cursor"]}
    assert (await api.client.get("/v1/disagreements", params=other)).status_code == 422
