"""The reference world gives the notice's figures: counted here from the ledger, dossier by dossier, by the law's own clock."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from deploy.simulator.expected import expected, expected_differences, period
from deploy.simulator.ledger import Snapshot, civil_day, moment, suspensions
from deploy.simulator.reference import calibration, reference_world
from deploy.simulator.world import LedgerWorld
from shared.dossier import SUSPENSIONS, Channel, Outcome, Timeliness
from shared.procedures import reference_procedures
from shared.workdays import Deadline, Suspension, calendar_for, deadline, timeliness, timeliness_on
from shared.workdays.causes import DelayCause, DelayFacts, cause_of


@dataclass
class Judged:
    """A dossier with what the law says of it."""

    shown: Snapshot
    agency: str
    received_on: date
    due: Deadline
    due_on: date
    ended_on: date | None
    in_time: Timeliness | None
    interlinked: bool
    required: bool


@pytest.fixture(scope="module")
def world() -> LedgerWorld:
    return reference_world()


@pytest.fixture(scope="module")
def judged(world: LedgerWorld) -> list[Judged]:
    return list(_judge(world))


def _judge(world: LedgerWorld) -> Iterator[Judged]:
    calendar = calendar_for("30")
    for shown in world.at(world.starts_at):
        if shown.received_at is None:
            continue
        received_on = civil_day(shown.received_at)
        offering = world.offerings[shown.history.offering]
        procedure = reference_procedures().get(offering.code, received_on)
        assert procedure is not None
        assert procedure.limit is not None
        pauses = [
            Suspension(moment(begin), None if end is None else moment(end), SUSPENSIONS[kind])
            for begin, end, kind in suspensions(shown)
        ]
        due = deadline(moment(shown.received_at), procedure.limit, calendar, suspensions=pauses)
        yield Judged(
            shown=shown,
            agency=world.offices[shown.history.office].code,
            received_on=received_on,
            due=due,
            due_on=due.due_on,
            ended_on=None if shown.ended_at is None else civil_day(shown.ended_at),
            in_time=None if shown.ended_at is None else timeliness(moment(shown.ended_at), due),
            interlinked=procedure.interlinked,
            required=procedure.digitisation_required,
        )


def _count(judged: list[Judged]) -> dict[str, dict[str, tuple[int, int | None]]]:
    begin, end = period()
    counts: dict[str, Counter[str]] = {code: Counter() for code in expected()}
    for one in judged:
        found: Counter[str] = Counter()
        new = begin <= one.received_on <= end
        carried = one.received_on < begin and (one.ended_on is None or one.ended_on >= begin)
        ended = one.ended_on is not None and begin <= one.ended_on <= end
        still = one.received_on <= end and (one.ended_on is None or one.ended_on > end)
        if new:
            found[f"received_{one.shown.history.channel.value}"] += 1
            found["received_new"] += 1
            found["digitised_intake/"] += one.required
            found["digitised_intake"] += one.required and one.shown.history.digitised_intake
        found["carried_over"] += carried
        if ended:
            found["resolved"] += 1
            with_result = one.shown.outcome is Outcome.resolved
            found["returned"] += one.shown.outcome is Outcome.returned
            kind = one.in_time if with_result else Timeliness.on_time
            assert kind is not None
            found[f"resolved_{kind.value}"] += 1
            found["digitised_result/"] += with_result and one.required
            found["digitised_result"] += with_result and one.required and one.shown.history.digitised_result
        if still:
            found["in_process"] += 1
            found["in_process_overdue" if one.due_on < end else "in_process_within_limit"] += 1
        if one.interlinked:
            found["interlinked_received_new"] += new
            found["interlinked_carried_over"] += carried
            found["interlinked_resolved_in_time"] += found["resolved_early"] + found["resolved_on_time"]
            for name in ("resolved_overdue", "in_process_within_limit", "in_process_overdue"):
                found[f"interlinked_{name}"] += found[name]
        for code in (one.agency, "294"):
            counts[code].update(found)
    figures: dict[str, dict[str, tuple[int, int | None]]] = {}
    for code, count in counts.items():
        rates = {
            "online_share": (count["received_online"], count["received_new"]),
            "in_time_share": (count["resolved_early"] + count["resolved_on_time"], count["resolved"]),
            "digitised_intake": (count["digitised_intake"], count["digitised_intake/"]),
            "digitised_result": (count["digitised_result"], count["digitised_result/"]),
        }
        figures[code] = {name: rates.get(name, (count[name], None)) for name in expected()["294"]}
    return figures


def test_the_ledger_gives_every_expected_figure_of_every_agency(judged: list[Judged]) -> None:
    wanted = {
        code: {name: (figure["numerator"], figure["denominator"]) for name, figure in figures.items()}
        for code, figures in expected().items()
    }
    assert _count(judged) == wanted


def test_the_district_has_the_figures_that_the_notice_prints() -> None:
    district = {name: figure["value"] or 0 for name, figure in expected()["294"].items()}
    assert district["received_online"] == 24_458
    assert district["received_counter"] + district["received_post"] == 6_108
    assert district["carried_over"] == 372
    assert (district["resolved_early"], district["resolved_on_time"], district["resolved_overdue"]) == (29_859, 641, 15)
    assert (district["in_process_within_limit"], district["in_process_overdue"]) == (421, 2)
    assert district["returned"] == 261
    assert (district["interlinked_received_new"], district["interlinked_carried_over"]) == (2_523, 103)
    assert (district["interlinked_resolved_in_time"], district["interlinked_resolved_overdue"]) == (2_405, 10)
    assert (district["interlinked_in_process_within_limit"], district["interlinked_in_process_overdue"]) == (210, 1)
    intake, result = expected()["294"]["digitised_intake"], expected()["294"]["digitised_result"]
    assert (intake["numerator"], intake["denominator"]) == (25_037, 25_318)
    assert (result["numerator"], result["denominator"]) == (24_585, 25_069)


def test_agencies_have_the_overdue_and_returned_figures_that_the_notice_prints() -> None:
    figures = expected()
    by: dict[str, dict[str, float]] = {}
    for name in ("resolved_overdue", "in_process_overdue", "returned"):
        counts = {code: row[name]["value"] or 0 for code, row in figures.items() if code != "294"}
        by[name] = {code: count for code, count in counts.items() if count}
    assert by["resolved_overdue"] == {"294.TNMT": 10, "294.TCKH": 3, "10864": 1, "10846": 1}
    assert by["in_process_overdue"] == {"294.TNMT": 2}
    named = {
        "294.TNMT": 112,
        "294.TCKH": 34,
        "294.KTHT": 28,
        "10885": 11,
        "10825": 9,
        "10831": 8,
        "10828": 6,
        "10882": 6,
        "10843": 5,
    }
    assert {code: by["returned"][code] for code in named} == named
    assert all(count < 5 for code, count in by["returned"].items() if code not in named)


def test_the_five_lowest_online_shares_are_the_ones_the_notice_prints() -> None:
    shares = {
        row.agency: (Decimal(row.received_online) * 100 / row.received_new).quantize(Decimal("0.01"), ROUND_HALF_UP)
        for row in calibration()
        if row.received_new
    }
    lowest = sorted(shares.items(), key=lambda item: item[1])[:5]
    assert [(code, str(share)) for code, share in lowest] == [
        ("10861", "49.42"),
        ("10849", "54.46"),
        ("10834", "59.67"),
        ("10879", "59.72"),
        ("10816", "63.51"),
    ]


def test_eleven_interlinked_procedures_have_dossiers_in_the_period(world: LedgerWorld, judged: list[Judged]) -> None:
    begin, end = period()
    used = {
        world.offerings[one.shown.history.offering].code
        for one in judged
        if one.interlinked and one.received_on <= end and (one.ended_on is None or one.ended_on >= begin)
    }
    assert len(used) == 11


def test_the_portal_calls_overdue_what_the_law_does_not_by_cause(judged: list[Judged]) -> None:
    begin, end = period()
    found: Counter[str] = Counter()
    for one in judged:
        shown = one.shown
        assert shown.due_at is not None
        portal_due = civil_day(shown.due_at)
        if one.ended_on is not None and begin <= one.ended_on <= end and shown.outcome is Outcome.resolved:
            assert shown.completed_at is not None
            late_by_portal = civil_day(shown.completed_at) > portal_due
            late_by_law = one.in_time is Timeliness.overdue
            if late_by_portal and not late_by_law:
                found[shown.history.cause or "no cause"] += 1
            elif late_by_law and not late_by_portal:
                found["unseen"] += 1
        elif one.received_on <= end and (one.ended_on is None or one.ended_on > end) and one.due_on >= end > portal_due:
            found[f"open_{shown.history.cause}"] += 1
    assert found == expected_differences()


def test_the_law_finds_the_cause_that_was_built_in(judged: list[Judged]) -> None:
    wrong: list[tuple[str, str | None, DelayCause | None]] = []
    causes: Counter[str | None] = Counter()
    for one in judged:
        shown = one.shown
        if one.ended_on is None or shown.completed_at is None or shown.due_at is None or one.in_time is None:
            continue
        closed_on, portal_due_on = civil_day(shown.completed_at), civil_day(shown.due_at)
        found = cause_of(
            DelayFacts(
                due=one.due,
                legal=one.in_time,
                portal_due_on=portal_due_on,
                portal=timeliness_on(closed_on, portal_due_on),
                ended_on=one.ended_on,
                closed_on=closed_on,
            )
        )
        causes[shown.history.cause] += 1
        if found != shown.history.cause:
            wrong.append((shown.history.code, shown.history.cause, found))
    assert not wrong
    assert causes["staff"] >= 14
    assert causes["days_off_counted"] > 137


def test_dossiers_lie_around_the_period_so_that_the_window_matters(judged: list[Judged]) -> None:
    begin, end = period()
    assert sum(one.ended_on is not None and one.ended_on < begin for one in judged) == 420
    assert sum(one.received_on > end for one in judged) > 700
    assert any(one.shown.outcome is Outcome.withdrawn for one in judged)
    assert sum(one.shown.history.channel is Channel.online for one in judged) > 24_458


def test_some_days_differ_between_vietnam_and_utc(judged: list[Judged]) -> None:
    receipts = sum(moment(one.shown.received_at or 0).date() != one.received_on for one in judged)
    assert receipts > 500


def _fingerprint(world: LedgerWorld) -> str:
    digest = hashlib.sha256()
    for history in world.histories():
        digest.update(repr(history).encode())
    return digest.hexdigest()


def test_the_world_is_the_same_in_another_process(world: LedgerWorld) -> None:
    program = (
        "from tests.portal.test_reference_world import _fingerprint\n"
        "from deploy.simulator.reference import calibration, reference_world\n"
        "print(_fingerprint(reference_world()))"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == _fingerprint(world)


def test_no_two_dossiers_share_a_code(world: LedgerWorld) -> None:
    assert len({history.code for history in world.histories()}) == len(world)


def test_every_history_goes_forward_in_time(world: LedgerWorld) -> None:
    for history in world.histories():
        begun = [step.at for step in history.steps]
        told = [step.recorded_at for step in history.steps]
        assert begun == sorted(begun), history.code
        assert told == sorted(told), history.code
        assert all(step.at <= step.recorded_at for step in history.steps), history.code
