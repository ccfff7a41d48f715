"""The portal speaks the pull contract: token, pages, filters, forms of names and dates, control totals."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared import agencies, procedures
from tests.patience import PATIENCE
from tests.portal.conftest import RunningPortal

StartPortal = Callable[..., RunningPortal]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_wrong_secret_gets_no_token(still: RunningPortal) -> None:
    answer = still.token("guessed")
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize("path", ["/pa/dossier/search", "/ba/agency", "/bd/procedure", "/pa/dossier/x"])
def test_no_route_answers_without_a_token(still: RunningPortal, path: str) -> None:
    assert still.http.get(path, headers={"Authorization": ""}).status_code == 401
    for forged in ("Bearer 99999999999.abc", "Bearer x", "Basic bW90Y3VhOm1vdGN1YQ==", "Bearer \xe9.\xe9"):
        assert still.http.get(path, headers={b"Authorization": forged.encode("latin-1")}).status_code == 401


def test_a_token_expires_in_the_middle_of_a_pull(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "50", "--token-seconds", "1")
    assert portal.search(page=0)["content"]
    time.sleep(1.1)
    assert portal.http.get("/pa/dossier/search", params={"page": 1}).status_code == 401
    portal.log_in()
    assert portal.search(page=1)["content"]


def test_only_spec_page_tells_totals(still: RunningPortal) -> None:
    slice_, page = still.search(spec="slice", size=30), still.search(spec="page", size=30)
    assert "totalElements" not in slice_
    assert (page["totalElements"], page["totalPages"]) == (700, 24)
    assert slice_["content"] == page["content"]


def test_more_rows_than_the_portal_gives_are_cut_to_what_it_gives(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "2300")
    page = portal.search(size=5000)
    assert (page["size"], len(page["content"]), page["last"]) == (2000, 2000, False)
    generous = start_portal("--world", "random", "--dossiers", "2300", "--max-page-size", "5000")
    page = generous.search(size=5000)
    assert (page["size"], len(page["content"]), page["last"]) == (5000, 2300, True)


@pytest.mark.parametrize(
    "query", [{"page": "-1"}, {"size": "0"}, {"page": "x"}, {"sort": "code,asc"}, {"accepted-from": "soon"}]
)
def test_a_senseless_question_is_refused(still: RunningPortal, query: dict[str, str]) -> None:
    assert still.http.get("/pa/dossier/search", params=query).status_code == 400


def test_pages_of_a_still_world_hold_every_dossier_once_newest_change_first(still: RunningPortal) -> None:
    rows = still.everything(size=64)
    assert sorted(row["code"] for row in rows) == sorted(still.truth())
    changes = [_at(row["updatedDate"]) for row in rows]
    assert changes == sorted(changes, reverse=True)


def test_rows_say_what_the_ledger_says(still: RunningPortal) -> None:
    truth = still.truth()
    for row in still.everything(size=700):
        entry = truth[row["code"]]
        for field, name in (
            ("acceptedDate", "received_at"),
            ("completedDate", "completed_at"),
            ("returnedDate", "delivered_at"),
            ("appointmentDate", "portal_due_at"),
            ("dueDate", "first_due_at"),
            ("updatedDate", "updated_at"),
        ):
            told, true = row[field], entry[name]
            assert (None if told is None else _at(told)) == (None if true is None else _at(true)), (row["code"], field)
        assert row["agency"]["code"] == entry["agency"]
        assert procedures.normal_code(row["procedure"]["code"]) == entry["procedure"]
        assert any(form["digitizingStatus"] for form in row["dossierFormFile"]) == entry["digitised_intake"]
        assert bool(row["dossierResultFile"]) == entry["digitised_result"]


def test_dates_come_in_both_offsets_without_a_colon(still: RunningPortal) -> None:
    endings = Counter(row["updatedDate"][-9:] for row in still.everything(size=700))
    assert set(endings) == {".000+0000", ".000+0700"}
    assert min(endings.values()) > 200


def test_names_come_as_lists_as_objects_and_as_text(still: RunningPortal) -> None:
    row = still.search(size=1)["content"][0]
    assert {one["languageId"] for one in row["agency"]["name"]} == {228, 46}
    assert {one["languageId"] for one in row["procedure"]["translate"]} == {228, 46}
    assert isinstance(row["applyMethod"]["name"], str)
    assert still.http.get("/bd/procedure").json()["content"][0]["name"]["languageId"] == 228


def test_rows_hold_personal_data_that_nobody_may_keep(still: RunningPortal) -> None:
    for row in still.everything(size=700):
        assert {"fullname", "identityNumber", "phoneNumber", "email", "address"} <= row["applicant"]["data"].keys()
        assert all(task["assignee"]["fullname"] for task in row["task"])


def test_status_names_and_numbers_differ_between_provinces(start_portal: StartPortal, still: RunningPortal) -> None:
    hai_duong = start_portal("--world", "random", "--dossiers", "700", "--seed", "5", "--province", "30")
    here, there = (
        {(row["dossierStatus"]["id"], row["dossierStatus"]["name"][0]["name"]) for row in portal.everything(size=700)}
        for portal in (hai_duong, still)
    )
    assert len(here) > 10
    assert here.isdisjoint(there)


Row = dict[str, Any]
FILTERS: list[tuple[str, Callable[[Row], dict[str, str]], Callable[[Row, Row], bool]]] = [
    ("code", lambda row: {"code": row["code"]}, lambda row, one: row["code"] == one["code"]),
    (
        "procedure",
        lambda row: {"procedure-id": row["procedure"]["id"]},
        lambda row, one: row["procedure"]["id"] == one["procedure"]["id"],
    ),
    (
        "sector",
        lambda row: {"sector-id": row["procedure"]["sector"]["id"]},
        lambda row, one: row["procedure"]["sector"]["id"] == one["procedure"]["sector"]["id"],
    ),
    (
        "method",
        lambda row: {"apply-method-id": row["applyMethod"]["id"]},
        lambda row, one: row["applyMethod"]["id"] == one["applyMethod"]["id"],
    ),
    (
        "ancestor",
        lambda row: {"ancestor-agency-id": row["agency"]["parent"]["id"]},
        lambda row, one: (
            row["agency"]["parent"]["id"] in [one["agency"]["id"], *(above["id"] for above in one["agency"]["ancestors"])]
        ),
    ),
    (
        "accepted",
        lambda row: {"accepted-from": row["acceptedDate"], "accepted-to": _later(row["acceptedDate"])},
        lambda row, one: _between(row["acceptedDate"], one["acceptedDate"]),
    ),
    (
        "appointment",
        lambda row: {"appointment-from": row["appointmentDate"], "appointment-to": _later(row["appointmentDate"])},
        lambda row, one: _between(row["appointmentDate"], one["appointmentDate"]),
    ),
    (
        "result",
        lambda row: {"result-returned-from": row["returnedDate"], "result-returned-to": _later(row["returnedDate"])},
        lambda row, one: _between(row["returnedDate"], one["returnedDate"]),
    ),
]


def _later(text: str) -> str:
    return (_at(text) + timedelta(days=20)).astimezone(UTC).isoformat()


def _between(begin: str, other: str | None) -> bool:
    return other is not None and _at(begin) <= _at(other) <= _at(begin) + timedelta(days=20)


@pytest.mark.parametrize(("query", "matches"), [one[1:] for one in FILTERS], ids=[one[0] for one in FILTERS])
def test_a_filter_finds_what_it_says_and_nothing_else(
    still: RunningPortal, query: Callable[[Row], dict[str, str]], matches: Callable[[Row, Row], bool]
) -> None:
    rows = still.everything(size=700)
    chosen = next(row for row in rows[50:] if row["returnedDate"] and row["agency"]["parent"])
    found = still.everything(7, query(chosen))
    wanted = [row["code"] for row in rows if matches(chosen, row)]
    assert [row["code"] for row in found] == wanted
    assert 0 < len(wanted) < 700


def test_several_statuses_are_asked_for_with_a_comma(still: RunningPortal) -> None:
    rows = still.everything(size=700)
    numbers = {
        row["dossierStatus"]["id"] for row in rows if row["dossierStatus"]["name"][0]["name"] in ("Rút hồ sơ", "Mới nộp")
    }
    found = still.everything(100, {"dossier-status": ",".join(map(str, numbers))})
    assert {row["code"] for row in found} == {row["code"] for row in rows if row["dossierStatus"]["id"] in numbers}


def test_one_dossier_can_be_asked_for(still: RunningPortal) -> None:
    row = still.search(size=1)["content"][0]
    assert still.http.get(f"/pa/dossier/{row['id']}").json() == row
    for unknown in ("63900000ffffffffffffffff", "nonsense", "63900000zzzzzzzzzzzzzzzz"):
        assert still.http.get(f"/pa/dossier/{unknown}").status_code == 404


STATISTIC = "/pa/dossier-statistic/--statistic-agency-kgg"


def _statistic(portal: RunningPortal, begin: str, end: str, **more: str) -> list[dict[str, Any]]:
    query = {"from-date": begin, "to-date": end, "suppended-cancelled": "true"} | {
        name.replace("_", "-"): value for name, value in more.items()
    }
    answer: list[dict[str, Any]] = portal.http.get(STATISTIC, params=query).json()
    return answer


def test_control_totals_balance_and_equal_the_ledger(still: RunningPortal) -> None:
    begin, end = "2022-06-01T00:00:00.000Z", "2022-09-30T23:59:59.000Z"
    rows = _statistic(still, begin, end)
    assert len(rows) == 23
    totals: Counter[str] = Counter()
    for row in rows:
        assert row["received"] == row["resolved"] + row["unresolved"] + row["cancelled"]
        assert row["resolved"] == row["resolvedEarly"] + row["resolvedOnTime"] + row["resolvedOverdue"]
        assert row["unresolved"] == row["unresolvedOnTime"] + row["unresolvedOverdue"]
        totals.update({name: value for name, value in row.items() if name != "agency"})
    first, last = _at(begin), _at(end)
    ledger = [entry for entry in still.truth().values() if entry["received_at"]]
    new = [one for one in ledger if first <= _at(one["received_at"]) <= last]
    ended = [one for one in ledger if one["completed_at"] and first <= _at(one["completed_at"]) <= last]
    assert totals["receivedOnline"] == sum(one["channel"] == "online" for one in new)
    assert totals["receivedDirect"] == sum(one["channel"] != "online" for one in new)
    assert totals["resolved"] == sum(one["outcome"] == "resolved" for one in ended)
    assert totals["cancelled"] == sum(one["outcome"] in ("returned", "withdrawn") for one in ended)


def test_returned_dossiers_hide_in_the_resolved_ones_unless_asked_for(still: RunningPortal) -> None:
    window = ("2022-01-01T00:00:00.000Z", "2023-12-31T00:00:00.000Z")
    apart = _statistic(still, *window)
    together = _statistic(still, *window, suppended_cancelled="false")
    hidden = sum(row["cancelled"] for row in apart)
    assert hidden > 0
    assert sum(row["resolvedOnTime"] for row in together) == sum(row["resolvedOnTime"] for row in apart) + hidden


def test_the_window_of_the_statistics_lies_seven_hours_late_for_vietnamese_days(still: RunningPortal) -> None:
    day, next_day = "2022-07-04", "2022-07-05"
    counted = sum(row["receivedOnline"] + row["receivedDirect"] for row in _statistic(
        still, f"{day}T00:00:00.000Z", f"{day}T23:59:59.000Z"))  # fmt: skip
    received = [_at(one["received_at"]) for one in still.truth().values() if one["received_at"]]
    literally = sum(one.astimezone(UTC).date().isoformat() == day for one in received)
    assert counted == literally
    of_days = [
        sum((one + timedelta(hours=7)).astimezone(UTC).date().isoformat() == wanted for one in received)
        for wanted in (day, next_day)
    ]
    assert counted not in of_days


def test_statistics_can_be_asked_for_below_an_agency(still: RunningPortal) -> None:
    rows = _statistic(still, "2022-01-01T00:00:00.000Z", "2023-12-31T00:00:00.000Z")
    department = next(row["agency"] for row in rows if row["agency"]["code"] == "V0001")
    below = _statistic(still, "2022-01-01T00:00:00.000Z", "2023-12-31T00:00:00.000Z", agency_id=department["id"])
    assert [row["agency"]["code"] for row in below] == [f"V{number:04d}" for number in range(1, 11)]


def test_the_catalogue_of_the_world_can_be_imported(still: RunningPortal) -> None:
    offices = agencies.Structure(agencies.from_rows(csv.DictReader(still.http.get("/_truth/agencies.csv").text.splitlines())))
    limits = procedures.from_rows(csv.DictReader(still.http.get("/_truth/procedures.csv").text.splitlines()))
    assert len(offices) == 23
    served = {procedures.normal_code(row["code"]) for row in still.everything_of("/bd/procedure")}
    assert {limit.code for limit in limits} == served


def test_millions_of_dossiers_cost_no_start_and_no_memory(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "3000000", "--agencies", "300")
    user, system = Path(f"/proc/{portal.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    assert (int(user) + int(system)) / os.sysconf("SC_CLK_TCK") < 10
    first, far = portal.search(size=50), portal.search(size=50, page=59_000)
    assert len({row["code"] for row in (*first["content"], *far["content"])}) == 100
    with open(f"/proc/{portal.process.pid}/status") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    assert resident < 200_000


def test_it_stops_at_once_and_cleanly(start_portal: StartPortal) -> None:
    portal = start_portal("--world", "random", "--dossiers", "30")
    portal.process.terminate()
    assert portal.process.wait(5) == 0


def test_a_port_that_is_taken_is_said(still: RunningPortal) -> None:
    words = ["--world", "random", "--port", still.url.rpartition(":")[2]]
    done = subprocess.run([sys.executable, "-m", "deploy.simulator", *words], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2
    assert "in use" in done.stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--world", "atlantis"), "no world called atlantis"),
        (("--world", "missing.csv"), "missing.csv"),
        (("--world", "random", "--agencies", "0"), "at least one agency"),
        (("--world", "random", "--faults", "p5xx=2"), "p5xx"),
        (("--world", "random", "--faults", "plague=0.5"), "plague"),
    ],
)
def test_what_cannot_start_says_why_in_one_sentence(words: tuple[str, ...], reason: str) -> None:
    done = subprocess.run([sys.executable, "-m", "deploy.simulator", *words], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
