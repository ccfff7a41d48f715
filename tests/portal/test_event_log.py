"""An event log in CSV becomes a world, dirt and all, and its figures are counted a second time from the file."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from deploy.simulator import municipal
from deploy.simulator.event_log import COLUMNS, event_log_world
from deploy.simulator.ledger import Snapshot, civil_day
from deploy.simulator.worlds import make_world
from shared.dossier import Channel, Status

HEADER = ",".join(COLUMNS)


def _row(case: str, step: str, at: str, owner: str, start: str, deadline: str, end: str = "") -> str:
    channel, department, group = owner.split("/")
    return ",".join((case, step, at, channel, department, group, start, deadline, end))


C1 = ("Internet/General/Group 2", "2011-03-01T09:00:00+01:00", "2011-04-26T09:00:00+02:00", "2011-03-05T10:00:00+01:00")
LOG = [
    _row("c1", "Receive", "2011-03-01T09:00:00+01:00", *C1),
    # A step long after the end: the case stays closed.
    _row("c1", "Archive", "2011-06-01T09:00:00+02:00", *C1),
    # An open case, overdue in summer.
    _row(
        "c2", "Receive", "2011-03-10T09:00:00+01:00", "Desk/General/", "2011-03-10T09:00:00+01:00", "2011-05-05T09:00:00+02:00"
    ),
    # Ended before it began.
    _row(
        "c3",
        "Receive",
        "2011-03-12T13:00:00+01:00",
        "e-mail/Experts/",
        "2011-03-12T13:00:00+01:00",
        "2011-05-07T13:00:00+02:00",
        "2011-03-12T00:00:00+01:00",
    ),
    # On the evening of 31 March it is already 1 April in Việt Nam.
    _row(
        "c4",
        "Receive",
        "2011-03-31T20:00:00+02:00",
        "Post/General/Group 2",
        "2011-03-31T20:00:00+02:00",
        "2011-05-20T12:00:00+02:00",
        "2011-05-20T13:00:00+02:00",
    ),
    _row(
        "c5",
        "Receive",
        "2010-12-20T09:00:00+01:00",
        "Intern/General/",
        "2010-12-20T09:00:00+01:00",
        "2011-02-14T09:00:00+01:00",
        "2011-04-02T09:00:00+02:00",
    ),
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text("\n".join([HEADER, *LOG]) + "\n", encoding="utf-8")
    return path


def _shown(path: Path) -> dict[str, Snapshot]:
    world = make_world(str(path))
    return {one.history.code: one for one in world.at(world.starts_at)}


def test_a_case_stays_closed_whatever_steps_follow(log: Path) -> None:
    closed = _shown(log)["c1"]
    assert closed.status is Status.resolved
    assert closed.completed_at is not None
    assert civil_day(closed.completed_at) == date(2011, 3, 5)
    assert civil_day(closed.updated_at) == date(2011, 6, 1)


def test_channels_and_agencies_are_read_from_the_log(log: Path) -> None:
    world = event_log_world(log)
    assert [office.code for office in world.offices] == ["NL", "NL.GENERAL", "NL.GENERAL.GROUP-2", "NL.EXPERTS"]
    assert {code: one.history.channel for code, one in _shown(log).items()} == {
        "c1": Channel.online,
        "c2": Channel.counter,
        "c3": Channel.online,
        "c4": Channel.post,
        "c5": Channel.counter,
    }


def test_the_figures_of_a_small_log_are_the_ones_counted_by_hand(log: Path) -> None:
    whole = municipal.expected(log, date(2011, 3, 1), date(2011, 6, 30))["NL"]
    assert {name: figure["value"] for name, figure in whole.items() if figure["value"]} == {
        "received_online": 2,
        "received_counter": 1,
        "received_post": 1,
        "received_new": 4,
        "carried_over": 1,
        "resolved_early": 2,
        "resolved_on_time": 1,
        "resolved_overdue": 1,
        "resolved": 4,
        "in_process_overdue": 1,
        "in_process": 1,
        "online_share": 0.5,
        "in_time_share": 0.75,
    }
    assert whole["digitised_intake"] == {"numerator": 0, "denominator": 0, "value": None}


def test_a_day_begins_at_midnight_in_vietnam(log: Path) -> None:
    march = municipal.expected(log, date(2011, 3, 1), date(2011, 3, 31))["NL"]
    assert march["received_post"]["value"] == 0
    april = municipal.expected(log, date(2011, 4, 1), date(2011, 4, 30))["NL"]
    assert april["received_post"]["value"] == 1


def test_figures_of_a_department_hold_those_of_its_groups(log: Path) -> None:
    figures = municipal.expected(log, date(2011, 3, 1), date(2011, 6, 30))
    assert figures["NL.GENERAL"]["received_new"]["value"] == 3
    assert figures["NL.GENERAL.GROUP-2"]["received_new"]["value"] == 2


def test_the_file_and_the_world_agree_case_by_case(log: Path) -> None:
    world = event_log_world(log)
    from_world: Counter[tuple[date, date, date | None]] = Counter()
    for one in world.at(world.starts_at):
        assert one.received_at is not None
        assert one.due_at is not None
        received_on = civil_day(one.received_at)
        ended_on = None if one.completed_at is None else max(civil_day(one.completed_at), received_on)
        from_world[received_on, civil_day(one.due_at), ended_on] += 1
    assert from_world == Counter((case.received_on, case.due_on, case.ended_on) for case in municipal.cases(log))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("case:deadline", "deadline", "case:deadline"),
        ("Internet", "Pigeon", "Pigeon"),
        ("2011-03-01T09:00:00+01:00,2011-04", "yesterday,2011-04", "yesterday"),
    ],
)
def test_a_log_that_cannot_be_served_says_why(log: Path, old: str, new: str, reason: str) -> None:
    log.write_text(log.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=reason):
        event_log_world(log)
