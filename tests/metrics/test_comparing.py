"""Figures beside others: series, comparisons, rankings, restatements."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import msgspec

from services.metrics.figures.kpis.catalogue import BY_ID
from services.notices.figures.metrics_client import KpiSelection, Metrics
from shared.contracts.feed import FeedItem
from shared.dossier import Channel, Facts, Outcome, Status, Timeliness
from tests.metrics import by_hand, worlds
from tests.metrics.conftest import Api
from tests.metrics.worlds import day, random_feed

TOWN, HONG_LAC, TNMT = "10813@2019-12-01", "10816@2019-12-01", "294.TNMT@2019-12-01"


def resolved(number: int, agency: str, received: int, *, late: bool = False, online: bool = True) -> FeedItem:
    facts = Facts(
        code=f"D{number}",
        status=Status.resolved,
        agency=agency,
        channel=Channel.online if online else Channel.counter,
        received_on=day(received),
        due_on=day(received + 2),
        late_from=day(received + 3),
        ended_on=day(received + (5 if late else 1)),
        outcome=Outcome.resolved,
        timeliness=Timeliness.overdue if late else Timeliness.early,
    )
    return FeedItem(number, number, facts)


def numbered(items: list[FeedItem]) -> list[FeedItem]:
    return [FeedItem(place, place, item.facts) for place, item in enumerate(items, 1)]


async def test_a_series_gives_flows_of_each_piece_and_stocks_at_its_end(api: Api) -> None:
    world = await api.count(random_feed(random.Random(21), 100, 300))
    position = world.ends[len(world.ends) // 2]
    for as_of in (300, position):
        state = list(worlds.state(world.feed, as_of).values())
        for step, pieces in (("day", 40), ("week", 7), ("month", 2)):
            answer = await api.get("/v1/kpis/series", since=str(day(3)), to=str(day(42)), step=step, as_of=as_of)
            assert abs(len(answer["points"]) - pieces) <= 1
            for point in answer["points"]:
                since, until = (date.fromisoformat(point["period"][side]) for side in ("from", "to"))
                expected = by_hand.kpis(state, since, until)
                got = {name: (point["kpis"][name]["numerator"], point["kpis"][name]["denominator"]) for name in expected}
                assert got == expected
        assert answer["points"][0]["period"]["from"] == str(day(3))
        assert answer["points"][-1]["period"]["to"] == str(day(42))


async def test_shares_are_compared_in_points_and_counts_in_per_cent(api: Api) -> None:
    items = [resolved(0, TOWN, 1, online=True), resolved(0, TOWN, 2, online=False)]
    items += [resolved(0, TOWN, 11, online=True) for _ in range(3)] + [resolved(0, TOWN, 12, online=False)]
    await api.count(numbered(items))
    answer = await api.get(
        "/v1/kpis/comparison",
        scope="10813",
        since=str(day(10)),
        to=str(day(19)),
        kpi=["received_new", "online_share", "returned"],
    )
    assert answer["against"] == {"kind": "previous", "period": {"from": str(day(0)), "to": str(day(9)), "days": 10}}
    figures = answer["total"]["kpis"]
    assert figures["online_share"]["difference"] == {"value": 25.0, "unit": "points"}
    assert figures["received_new"]["difference"] == {"value": 2, "unit": "dossiers", "per_cent": 100.0}
    assert figures["received_new"]["before"]["value"] == 2
    assert figures["returned"]["difference"] == {"value": 0, "unit": "dossiers", "per_cent": None}


async def test_agencies_are_compared_like_for_like_across_a_merger(api: Api) -> None:
    def received(agency: str, on: date) -> FeedItem:
        facts = Facts(code="x", status=Status.received, agency=agency, channel=Channel.online, received_on=on)
        return FeedItem(0, 0, facts)

    day_before, day_after = date(2024, 11, 20), date(2024, 12, 10)
    old = [received("10828@2019-12-01", day_before), received("10819@2019-12-01", day_before)]
    await api.count(numbered([*old, received("10828@2024-12-01", day_after)]))
    answer = await api.get(
        "/v1/kpis/comparison", by="agency", since="2024-12-01", to="2024-12-30", kpi="received_new", scope="294"
    )
    assert answer["like_for_like"] is True
    assert answer["structure"] == "2024-12-30"
    row = next(row for row in answer["rows"] if row["agency"] == "10828@2024-12-01")
    assert (row["kpis"]["received_new"]["value"], row["kpis"]["received_new"]["before"]["value"]) == (1, 2)


async def test_a_ranking_shares_places_among_equals_and_sets_small_bases_apart(api: Api) -> None:
    items = [resolved(0, TOWN, 1), resolved(0, TOWN, 2), resolved(0, HONG_LAC, 1), resolved(0, HONG_LAC, 3)]
    items += [resolved(0, TNMT, 1), resolved(0, TNMT, 1, late=True)]
    items += [resolved(0, "10825@2019-12-01", 1)]
    await api.count(numbered(items))
    answer = await api.get("/v1/kpis/ranking", since=str(day(0)), to=str(day(20)), kpi="in_time_share", minimum=2, scope="294")
    assert [(row["rank"], row["code"]) for row in answer["rows"]] == [(1, "10813"), (1, "10816"), (3, "294.TNMT")]
    assert "10825" in [row["code"] for row in answer["unranked"]]
    online = await api.get("/v1/kpis/ranking", since=str(day(0)), to=str(day(20)), kpi="online_share", scope="294")
    assert online["rows"][0]["to_target"] == {"value": 50.0, "unit": "points", "reached": True}
    response = await api.client.get("/v1/kpis/ranking", params={"province": api.province, "kpi": "received_new"})
    assert response.status_code == 422
    response = await api.client.get("/v1/kpis/ranking", params={"province": api.province})
    assert response.status_code == 422


async def test_a_restatement_is_the_difference_of_two_answers_and_names_the_dossiers(api: Api) -> None:
    world = await api.count(random_feed(random.Random(31), 80, 400))
    first, last = world.ends[2], world.ends[-2]
    words: dict[str, Any] = {"since": str(day(5)), "to": str(day(40))}
    then = (await api.get("/v1/kpis", as_of=first, **words))["total"]["kpis"]
    now = (await api.get("/v1/kpis", as_of=last, **words))["total"]["kpis"]
    moved = await api.get("/v1/restatements", after=first, upto=last, **words)
    assert moved["after"]["position"] == first
    assert moved["upto"]["position"] == last
    sides = ("numerator", "denominator", "value")
    for name in BY_ID:
        if BY_ID[name].percentile is not None:
            continue
        same = all(then[name][side] == now[name][side] for side in sides)
        assert same == (name not in moved["total"]["kpis"]), name
        if not same:
            assert {side: moved["total"]["kpis"][name]["before"][side] for side in sides} == {
                side: then[name][side] for side in sides
            }
            assert moved["total"]["kpis"][name]["after"]["figure"] == now[name]["figure"]
    for name in ("in_process_overdue", "resolved", "received_new"):
        dossiers: list[dict[str, Any]] = []
        following: dict[str, str] = {}
        while True:
            page = await api.get("/v1/restatements/dossiers", after=first, upto=last, kpi=name, limit=9, **following, **words)
            dossiers += page["dossiers"]
            if page["next_cursor"] is None:
                break
            following = {"cursor": page["next_cursor"]}
        assert dossiers
        assert sum(one["after"] - one["before"] for one in dossiers) == now[name]["value"] - then[name]["value"]


async def test_the_kinds_of_dossiers_that_moved_a_figure_add_up_to_its_difference(api: Api) -> None:
    world = await api.count(random_feed(random.Random(31), 80, 400))
    words: dict[str, Any] = {"since": str(day(5)), "to": str(day(40)), "after": world.ends[2], "upto": world.ends[-2]}
    moved = await api.get("/v1/restatements", **words)
    changes = await api.get("/v1/restatements/changes", **words)
    assert sum(changes["dossiers"].values()) > 10
    assert len(changes["dossiers"]) >= 4, changes["dossiers"]
    for whole, parts in ((moved["total"], changes["total"]), *_by_agency(moved["rows"], changes["rows"])):
        for name, figure in whole["kpis"].items():
            if BY_ID[name].percentile is not None:
                continue
            effects = parts["kpis"][name].values()
            for side in ("numerator", "denominator"):
                if figure["after"][side] is not None:
                    assert sum(one[side] for one in effects) == figure["after"][side] - (figure["before"][side] or 0), (
                        name,
                        side,
                    )
    async with Metrics(str(api.client.base_url), api.key) as client:
        of = KpiSelection(api.province, None, words["since"], words["to"], None, None)
        read = await client.changes(of, ("resolved",), words["after"], words["upto"])
    assert msgspec.to_builtins(read.total.kpis) == {"resolved": changes["total"]["kpis"]["resolved"]}
    page = await api.get("/v1/restatements/dossiers", kpi="resolved", limit=1000, **words)
    effects = changes["total"]["kpis"]["resolved"].values()
    assert sum(one["dossiers"] for one in effects) == len(page["dossiers"])


def _by_agency(moved: list[dict[str, Any]], changes: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    found = {one["agency"]: one for one in changes}
    return [(one, found[one["agency"]]) for one in moved]


async def test_each_kind_of_change_is_told_from_the_others(api: Api) -> None:
    first = numbered([resolved(number, TOWN, 1, late=True) for number in range(1, 7)])
    running = Facts(code="D7", status=Status.processing, agency=TOWN, channel=Channel.online, received_on=day(1))
    facts = [item.facts for item in first]
    now = [
        msgspec.structs.replace(facts[0], deleted=True),
        msgspec.structs.replace(facts[1], outcome=Outcome.withdrawn, status=Status.withdrawn, timeliness=None),
        msgspec.structs.replace(facts[2], agency=HONG_LAC),
        msgspec.structs.replace(facts[3], due_on=day(9), late_from=day(10), timeliness=Timeliness.early),
        msgspec.structs.replace(facts[4], received_on=day(0), channel=Channel.counter),
        resolved(7, TOWN, 1).facts,
        resolved(8, TOWN, 1).facts,
    ]
    numbers = [1, 2, 3, 4, 5, 7, 8]
    items = [*first, FeedItem(7, 7, running)]
    items += [FeedItem(place, number, one) for place, number, one in zip(range(8, 15), numbers, now, strict=True)]
    await api.count(items, largest=1)
    words: dict[str, Any] = {"since": str(day(0)), "to": str(day(20)), "after": 7}
    changes = await api.get("/v1/restatements/changes", **words)
    kinds = ("deleted", "withdrawn", "redated", "corrected", "ended", "arrived")
    assert {kind: changes["dossiers"].get(kind) for kind in kinds} == dict.fromkeys(kinds, 1)
    rows = {one["agency"]: one["kpis"] for one in changes["rows"]}
    assert rows[TOWN]["resolved"]["transferred"] == {"dossiers": 1, "numerator": -1, "denominator": None}
    assert rows[HONG_LAC]["resolved"] == {"transferred": {"dossiers": 1, "numerator": 1, "denominator": None}}
    assert changes["total"]["kpis"]["resolved_overdue"]["redated"] == {"dossiers": 1, "numerator": -1, "denominator": None}


async def test_a_period_of_a_name_is_the_legal_reporting_period(api: Api) -> None:
    await api.count(numbered([resolved(0, TOWN, 1)]))
    answer = await api.get("/v1/kpis", period="2023-Q1", kpi="received_new")
    assert answer["period"] == {"from": "2022-12-15", "to": "2023-03-14", "days": 90, "name": "2023-Q1"}
    assert answer["total"]["kpis"]["received_new"]["value"] == 1
    rolling = await api.get("/v1/kpis", period="7d", to=str(day(3)), kpi="received_new")
    assert rolling["period"]["from"] == str(day(3) - timedelta(days=6))
