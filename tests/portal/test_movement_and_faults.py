"""The list moves while it is read, and bad days come at the rates that were asked for."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson
import pytest

from deploy.simulator.calls import Calls
from deploy.simulator.faults import Faults
from deploy.simulator.ledger import DAY, snapshot
from deploy.simulator.random_world import RandomWorld, live_world
from tests.portal.conftest import RunningPortal

StartPortal = Callable[..., RunningPortal]
LIVE = ("--world", "random", "--dossiers", "600", "--live", "--speed", "0", "--dirt", "0.1")


def _skip(portal: RunningPortal, seconds: int) -> None:
    assert portal.http.post("/_truth/clock", json={"skip_seconds": seconds}).status_code == 200


def test_a_dossier_that_changes_goes_to_the_head_and_pushes_rows_onto_the_next_page(start_portal: StartPortal) -> None:
    portal = start_portal(*LIVE)
    first = portal.search(size=50)["content"]
    _skip(portal, 2 * DAY)
    second = portal.search(size=50, page=1)["content"]
    repeated = {row["code"] for row in first} & {row["code"] for row in second}
    assert repeated
    head = portal.search(size=1)["content"][0]
    assert head["updatedDate"] > first[0]["updatedDate"][:19]


def test_a_row_that_jumps_to_the_head_is_missed_by_the_pass_under_way(start_portal: StartPortal) -> None:
    portal = start_portal(*LIVE)
    seen: set[str] = set()
    at_the_start = {row["code"] for row in portal.everything(size=200)}
    for page in range(1000):
        answer = portal.search(size=4, page=page)
        seen |= {row["code"] for row in answer["content"]}
        if answer["last"]:
            break
        if page < 20:
            _skip(portal, DAY)
    assert at_the_start - seen


def test_a_dossier_deleted_at_the_source_vanishes(start_portal: StartPortal) -> None:
    portal = start_portal(*LIVE)
    before = {row["code"]: row["id"] for row in portal.everything(size=200)}
    _skip(portal, 300 * DAY)
    after = {row["code"] for row in portal.everything(size=200)}
    gone = [code for code in before if code not in after]
    truth = portal.truth()
    assert gone
    assert all(truth[code]["gone"] for code in gone)
    assert all(portal.http.get(f"/pa/dossier/{before[code]}").status_code == 404 for code in gone)
    assert not any(portal.search(code=code)["content"] for code in gone)


def test_one_dossier_in_so_many_as_ordered_is_deleted() -> None:
    world = RandomWorld(dossiers=600, agencies=5, seed=1, province="99", dirt=0.0)
    deleted = [one.index for one in live_world(world, one_in=200).histories() if one.deleted_at is not None]
    assert deleted == [100, 300, 500]
    with pytest.raises(ValueError, match="begins at 1"):
        live_world(world, one_in=0)


def test_time_passes_by_itself_in_a_live_world(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "2000", "--live", "--speed", "864000")
    first = portal.http.get("/_truth/clock").json()
    time.sleep(0.5)
    second = portal.http.get("/_truth/clock").json()
    assert 2 * DAY < second["now"] - first["now"] < 60 * DAY
    assert second["version"] > first["version"]


def test_the_moving_list_is_always_what_the_ledger_shows() -> None:
    world = live_world(RandomWorld(dossiers=400, seed=3, dirt=0.2))
    listing = world.listing()
    for day in range(0, 230, 7):
        now = world.starts_at + day * DAY
        listing.advance(now)
        shown = [one for one in (snapshot(history, now) for history in world.histories()) if one is not None]
        wanted = sorted(((one.updated_at, one.history.index) for one in shown), reverse=True)
        assert list(listing.page(0, len(listing))) == [index for _, index in wanted]
        assert list(listing.page(10, 5)) == [index for _, index in wanted][10:15]
    assert len(listing) > 350


def _ask(portal: RunningPortal, calls: int, **more: Any) -> list[httpx.Response | None]:
    answers: list[httpx.Response | None] = []
    for _ in range(calls):
        try:
            answers.append(portal.http.get("/pa/dossier/search", params={"size": 20, "page": 1}, **more))
        except httpx.TransportError:
            answers.append(None)
    return answers


def _is_page(answer: httpx.Response | None) -> bool:
    if answer is None or answer.status_code != 200:
        return False
    try:
        return "content" in orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return False


def test_faults_come_at_the_rates_that_were_asked_for_and_every_call_is_counted(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "100", "--seed", "11")
    assert portal.http.delete("/_truth/calls").status_code == 200
    rates = {"p5xx": 0.3, "p429": 0.1, "html": 0.05, "cut": 0.1, "drip": 0.02, "repeat": 0.05, "drip_seconds": 0.05}
    portal.http.post("/_truth/faults", json=rates)
    answers = _ask(portal, 1500)
    report = portal.http.get("/_truth/calls").json()
    assert report["total"] == 1500
    for kind, rate in rates.items():
        if kind != "drip_seconds":
            assert report["by_fault"][kind] / 1500 == pytest.approx(rate, abs=0.03), kind
    statuses = Counter(answer.status_code for answer in answers if answer is not None)
    assert sum(statuses[status] for status in (500, 502, 503, 504)) == report["by_fault"]["p5xx"]
    assert statuses[429] == report["by_fault"]["p429"]
    assert sum(map(_is_page, answers)) == 1500 - sum(report["by_fault"][kind] for kind in ("p5xx", "p429", "html", "cut"))
    assert any(answer is None for answer in answers)
    assert report["peak_per_second"] <= 1500


def test_which_call_meets_which_fault_depends_on_the_seed_alone() -> None:
    def sequence(seed: int) -> list[str | None]:
        faults = Faults(p5xx=0.3, cut=0.2, seed=seed)
        return [faults.chosen(call)[0] for call in range(200)]

    assert sequence(4) == sequence(4)
    assert sequence(4) != sequence(5)


def test_too_many_requests_say_when_to_come_back_in_seconds_and_as_a_date(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "10", "--faults", "")
    portal.http.post("/_truth/faults", json={"p429": 1, "retry_after": 3})
    told = [answer.headers["retry-after"] for answer in _ask(portal, 40) if answer is not None]
    seconds = [one for one in told if one.isdecimal()]
    dates = [one for one in told if not one.isdecimal()]
    assert seconds
    assert set(seconds) == {"3"}
    assert dates
    assert all(0 < parsedate_to_datetime(one).timestamp() - time.time() < 6 for one in dates)


def test_a_moved_page_repeats_rows_and_loses_none(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "200")
    kind = portal.search(size=20, page=0)["content"], portal.search(size=20, page=1)["content"]
    portal.http.post("/_truth/faults", json={"repeat": 1})
    moved = portal.search(size=20, page=1)["content"]
    codes = [row["code"] for row in moved]
    assert {row["code"] for row in kind[1]} <= set(codes)
    assert set(codes) & {row["code"] for row in kind[0]}
    assert len(codes) > len(set(codes))


def test_a_page_can_begin_too_late(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "200")
    kind = [row["code"] for row in portal.search(size=20, page=1)["content"]]
    portal.http.post("/_truth/faults", json={"skip": 1})
    late = [row["code"] for row in portal.search(size=20, page=1)["content"]]
    assert kind[0] not in late
    assert len(late) == 20


def test_an_answer_can_be_packed_and_a_bomb_is_small_on_the_wire(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "30")
    plain = portal.search(size=20)
    portal.http.post("/_truth/faults", json={"gzip": 1})
    packed = portal.http.get("/pa/dossier/search", params={"size": 20}, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain
    portal.http.post("/_truth/faults", json={"gzip": 0, "bomb": 1, "bomb_bytes": 50_000_000})
    with portal.http.stream("GET", "/pa/dossier/search") as bomb:
        assert sum(len(piece) for piece in bomb.iter_raw()) < 100_000
        assert bomb.headers["content-encoding"] == "gzip"


def test_a_good_token_can_be_refused_and_a_new_one_is_given(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "30")
    portal.http.post("/_truth/faults", json={"revoke": 1})
    assert portal.http.get("/pa/dossier/search").status_code == 401
    assert portal.token().status_code == 200


def test_above_the_agreed_rate_the_portal_answers_429(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "30", "--max-per-second", "20")
    answers = _ask(portal, 60)
    refused = [answer for answer in answers if answer is not None and answer.status_code == 429]
    assert refused
    assert portal.http.get("/_truth/calls").json()["by_fault"]["over_limit"] == len(refused)


def test_unknown_faults_are_refused(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "30")
    assert portal.http.post("/_truth/faults", json={"plague": 1}).status_code == 400
    assert portal.http.post("/_truth/faults", json={"p5xx": 1.5}).status_code == 400


def test_the_peak_is_the_fullest_window() -> None:
    calls = Calls()
    for arrival in (0.0, 0.5, 0.9, 1.4, 5.0, 61.0):
        calls.arrived(arrival, "/x")
    assert calls.peak(1) == 3
    assert calls.per_minute() == [5, 1]
