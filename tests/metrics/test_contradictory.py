"""Dossiers that contradict themselves: counted, shown apart, listed with what to correct, and stated beside every figure."""

from __future__ import annotations

import random
from typing import Any

from shared.contracts.feed import FeedItem
from shared.dossier import CONTRADICTIONS, Channel, Contradiction, ContradictionKind, Facts, Outcome, Status, Timeliness
from tests.metrics import by_hand, worlds
from tests.metrics.conftest import Api
from tests.metrics.worlds import day, random_feed

COMMUNE, OTHER = "10813@2019-12-01", "10816@2019-12-01"
PERIOD = {"scope": "294", "since": str(day(0)), "to": str(day(9))}


def ended(position: int, number: int, *kinds: ContradictionKind, agency: str = COMMUNE) -> FeedItem:
    """A dossier that was received and closed on the third day: sound ones are early."""
    facts = Facts(
        code=f"D{number}",
        status=Status.resolved,
        agency=agency,
        channel=Channel.counter,
        received_on=day(3),
        due_on=None if kinds else day(8),
        ended_on=day(3),
        outcome=Outcome.resolved,
        timeliness=Timeliness.on_time if kinds else Timeliness.early,
        contradictions=tuple(Contradiction(kind, "lists") for kind in kinds),
    )
    return FeedItem(position, number, facts)


def in_process(position: int, number: int, *kinds: ContradictionKind) -> FeedItem:
    facts = Facts(
        code=f"D{number}",
        status=Status.processing,
        agency=COMMUNE,
        received_on=day(2),
        contradictions=tuple(Contradiction(kind, "portal") for kind in kinds),
    )
    return FeedItem(position, number, facts)


def values(answer: Any) -> dict[str, Any]:
    return {name: figure["value"] for name, figure in answer["kpis"].items()}


async def test_they_stay_in_the_sums_and_are_shown_apart_by_agency_with_what_to_correct(api: Api) -> None:
    kinds = ContradictionKind
    feed = [
        ended(1, 1, kinds.ended_before_received, kinds.due_before_received),
        ended(2, 2),
        ended(3, 3, kinds.received_missing, agency=OTHER),
        in_process(4, 4, kinds.in_process_after_end),
        in_process(5, 5),
    ]
    await api.count(feed)
    answer = await api.until(5, "/v1/kpis", **PERIOD, by="agency")
    assert answer["balance"] == {"ok": True, "breaks": []}
    total = values(answer["total"])
    assert (total["resolved"], total["resolved_early"], total["resolved_on_time"], total["in_process"]) == (3, 1, 2, 2)
    assert (total["in_process_within_limit"], total["overdue_by_law"], total["overdue_by_portal"]) == (2, 0, 0)
    assert (total["contradictory"], total["contradictory_ended"], total["contradictory_in_process"]) == (3, 2, 1)
    by_agency = {row["agency"]: values(row)["contradictory"] for row in answer["rows"] if values(row)["contradictory"]}
    assert by_agency == {COMMUNE: 2, OTHER: 1}
    assert answer["freshness"]["doubtful"] == 3
    assert answer["freshness"]["doubtful_figure"] == answer["total"]["kpis"]["contradictory"]["figure"]
    listed = await api.get(f"/v1/figures/{answer['freshness']['doubtful_figure']}")
    assert (listed["sum"], [one["code"] for one in listed["dossiers"]]) == (3, ["D1", "D4", "D3"])
    told = {one["code"]: one["contradictions"] for one in listed["dossiers"]}
    assert [(one["kind"], one["source"]) for one in told["D1"]] == [
        ("ended_before_received", "lists"),
        ("due_before_received", "lists"),
    ]
    words = CONTRADICTIONS[kinds.received_missing]
    (missing,) = told["D3"]
    assert missing["text"] == {"vi": words.means.vi, "en": words.means.en}
    assert missing["action"] == {"vi": words.correct.vi, "en": words.correct.en}
    table = await api.client.get(
        f"/v1/figures/{answer['freshness']['doubtful_figure']}", params={"format": "csv"}, headers={"Accept-Language": "vi"}
    )
    assert "Bổ sung ngày tiếp nhận tại phần mềm nguồn. (lists)" in table.text


async def test_every_answer_says_how_many_of_its_own_dossiers_are_doubtful_whatever_it_was_asked(api: Api) -> None:
    source = random.Random(7)
    world = await api.count(random_feed(source, 120, 300), source)
    since, until = day(5), day(40)
    state = [one for one in worlds.state(world.feed, world.ends[-1]).values() if one.agency is not None]
    expected, _ = by_hand.kpis(state, since, until)["contradictory"]
    assert expected
    words = {"scope": "294", "since": str(since), "to": str(until)}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("/v1/kpis", {"kpi": "online_share"}),
        ("/v1/kpis", {"kpi": "online_share", "by": "procedure"}),
        ("/v1/kpis/series", {"kpi": "received_new", "step": "week"}),
        ("/v1/kpis/comparison", {"kpi": "received_new", "against": "year_before"}),
        ("/v1/kpis/ranking", {"kpi": "online_share"}),
        ("/v1/restatements", {"kpi": "received_new", "after": 0}),
        ("/v1/restatements/dossiers", {"kpi": "received_new", "after": 0}),
        ("/v1/disagreements", {}),
        ("/v1/indices/766", {}),
    ]
    total = (await api.get("/v1/kpis", **words, kpi=["received_new", "steps_overdue"]))["total"]["kpis"]
    asked += [(f"/v1/figures/{figure['figure']}", {}) for figure in total.values()]
    departments = (await api.get("/v1/kpis", **words, kpi="steps_overdue", by="department"))["rows"]
    asked.append((f"/v1/figures/{departments[0]['kpis']['steps_overdue']['figure']}", {}))
    for path, more in asked:
        found = await api.get(path, **({} if path.startswith("/v1/figures/") else words), **more)
        assert found["freshness"]["doubtful"] == expected, path
        listed = await api.get(f"/v1/figures/{found['freshness']['doubtful_figure']}", limit=1000)
        assert listed["value"] == expected == sum(one["contribution"] for one in listed["dossiers"]), path
        assert all(one["contradictions"] for one in listed["dossiers"])
    narrow = await api.get("/v1/kpis", **words | {"scope": "10813"}, kpi="online_share")
    mine, _ = by_hand.kpis([one for one in state if one.agency == COMMUNE], since, until)["contradictory"]
    assert narrow["freshness"]["doubtful"] == (mine or 0) < expected


async def test_a_correction_makes_it_sound_and_both_positions_stay_answerable(api: Api) -> None:
    await api.count([ended(1, 1, ContradictionKind.ended_before_received)])
    first = await api.until(1, "/v1/kpis", **PERIOD, kpi="resolved_early")
    params = {"province": api.province, "scope": "294", "from": PERIOD["since"], "to": PERIOD["to"], "kpi": "resolved_early"}
    etag = (await api.client.get("/v1/kpis", params=params)).headers["etag"]
    unchanged = await api.client.get("/v1/kpis", params=params, headers={"If-None-Match": etag})
    assert (first["freshness"]["doubtful"], unchanged.status_code) == (1, 304)
    await api.count([ended(2, 1)])
    second = await api.until(2, "/v1/kpis", **PERIOD, kpi="resolved_early")
    assert (second["freshness"]["doubtful"], values(second["total"])["resolved_early"]) == (0, 1)
    changed = await api.client.get("/v1/kpis", params=params, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    before = await api.get("/v1/kpis", **PERIOD, kpi="resolved_early", as_of=1)
    assert (before["freshness"]["doubtful"], values(before["total"])["resolved_early"]) == (1, 0)
    listed = await api.get(f"/v1/figures/{before['freshness']['doubtful_figure']}")
    assert [one["code"] for one in listed["dossiers"]] == ["D1"]
    moved = await api.get("/v1/restatements", **PERIOD, after=1, kpi=["resolved_early", "contradictory"])
    figures = moved["total"]["kpis"]
    assert {name: (one["before"]["value"], one["after"]["value"]) for name, one in figures.items()} == {
        "resolved_early": (0, 1),
        "contradictory": (1, 0),
    }
