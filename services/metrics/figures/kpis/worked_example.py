"""The worked example: a small world in which every KPI was computed by hand, and which the catalogue shows. Pure.

Its period is March 2023. The comments beside the examples in the catalogue name the dossiers that count.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.contracts.definitions import ExampleDossier, WorkedExample
from shared.dossier import Channel, Contradiction, ContradictionKind, Facts, Outcome, Status, StepFacts, Timeliness

AGENCY = "10813@2019-12-01"


def _march(day: int) -> date:
    return date(2023, 3, day)


def _dossier(**facts: Any) -> Facts:
    outcome = facts.get("outcome")
    status = Status(outcome.value) if outcome else Status.processing
    # All were held against decision 766, whose end is that of the clock.
    by_index = {"index_judged": True, "index_ended_on": facts.get("ended_on") if facts.get("received_on") else None}
    return Facts(**{"status": status, "agency": AGENCY, **by_index, **facts})


ONE_STOP, JUSTICE = "Bộ phận Một cửa", "Phòng Tư pháp"


def _step(day: int, department: str, step: str, *, due: int | None = None, over: int | None = None) -> StepFacts:
    due_on = None if due is None else _march(due)
    return StepFacts(ended_on=_march(day), department=department, step=step, due_on=due_on, minutes_over=over)


def _example(about: str, **facts: Any) -> ExampleDossier:
    return ExampleDossier(about, _dossier(**facts))


EXAMPLE = WorkedExample(
    since=_march(1),
    until=_march(31),
    dossiers=(
        _example(
            "online, received 2 March, due 10, resolved 6 March: early. Digitised at receipt and with an electronic "
            "result, fee paid online, re-used papers. 960 minutes of a limit of 2.400. Supplemented twice: "
            "late by decision 766. Papers from the storage, identity verified. Two steps, the "
            "desk's without a due time, the department's in time.",
            code="A",
            index_due_on=_march(10),
            index_late=True,
            result_coded=True,
            from_storage=True,
            account_verified=True,
            channel=Channel.online,
            received_on=_march(2),
            due_on=_march(10),
            late_from=_march(11),
            portal_late_from=_march(11),
            due_soon=(_march(9), _march(7), _march(3)),
            ended_on=_march(6),
            outcome=Outcome.resolved,
            timeliness=Timeliness.early,
            portal_timeliness=Timeliness.early,
            digitisation_required=True,
            digitised_intake=True,
            digitised_result=True,
            fee_required=True,
            fee_online=True,
            reused=True,
            spent_minutes=960,
            limit_minutes=2_400,
            supplements=2,
            steps=(
                _step(2, ONE_STOP, "Tiếp nhận hồ sơ"),
                _step(6, JUSTICE, "Thụ lý hồ sơ", due=7, over=0),
            ),
        ),
        _example(
            "at the counter, received 3 March, due 13, resolved 13 March: on the day. Its papers had to be digitised, "
            "and were not. A fee, not online. 2.400 of 2.400 minutes. No papers from the storage, identity not verified.",
            code="B",
            index_due_on=_march(13),
            from_storage=False,
            account_verified=False,
            channel=Channel.counter,
            received_on=_march(3),
            due_on=_march(13),
            late_from=_march(14),
            portal_late_from=_march(14),
            ended_on=_march(13),
            outcome=Outcome.resolved,
            timeliness=Timeliness.on_time,
            portal_timeliness=Timeliness.on_time,
            digitisation_required=True,
            digitised_intake=False,
            digitised_result=False,
            fee_required=True,
            fee_online=False,
            spent_minutes=2_400,
            limit_minutes=2_400,
        ),
        _example(
            "by post, received 20 February (carried over), due 3 March, resolved 8 March: overdue, by the portal too; "
            "slow handling. 4.320 of 2.400 minutes. Interlinked. The portal told of it late. Of its three steps two took too "
            "long, by 480 and 120 minutes; it had gone to the wrong desk and come back.",
            code="C",
            index_due_on=_march(3),
            index_late=True,
            channel=Channel.post,
            received_on=date(2023, 2, 20),
            due_on=_march(3),
            late_from=_march(4),
            portal_late_from=_march(4),
            ended_on=_march(8),
            outcome=Outcome.resolved,
            timeliness=Timeliness.overdue,
            portal_timeliness=Timeliness.overdue,
            cause="staff",
            interlinked=True,
            procedure="1.000001",
            spent_minutes=4_320,
            limit_minutes=2_400,
            synced_late=True,
            steps=(
                _step(2, ONE_STOP, "Phân công thụ lý", due=2, over=0),
                _step(6, JUSTICE, "Thụ lý hồ sơ", due=3, over=480),
                _step(8, ONE_STOP, "Phân công thụ lý", due=8, over=120),
            ),
            misrouted=1,
        ),
        _example(
            "online, received 10 February (carried over), returned 2 March by its steps, resolved by its status: that "
            "contradicts itself, so it is on time.",
            code="D",
            channel=Channel.online,
            received_on=date(2023, 2, 10),
            ended_on=_march(2),
            outcome=Outcome.returned,
            timeliness=Timeliness.on_time,
            contradictions=(Contradiction(ContradictionKind.two_outcomes, "portal"),),
        ),
        _example(
            "online, received 15 March, withdrawn 20 March, after its due date of 17 March.",
            code="E",
            index_due_on=_march(17),
            index_late=True,
            channel=Channel.online,
            received_on=_march(15),
            due_on=_march(17),
            late_from=_march(18),
            ended_on=_march(20),
            outcome=Outcome.withdrawn,
            timeliness=Timeliness.overdue,
        ),
        _example(
            "refused 9 March, never received.",
            code="F",
            channel=Channel.online,
            ended_on=_march(9),
            outcome=Outcome.refused,
        ),
        _example(
            "online, received 21 March, due 4 April, still in process on 31 March: two working days left. Interlinked.",
            code="G",
            index_due_on=date(2023, 4, 4),
            account_verified=True,
            channel=Channel.online,
            received_on=_march(21),
            due_on=date(2023, 4, 4),
            late_from=date(2023, 4, 5),
            due_soon=(date(2023, 4, 3), _march(30), _march(28)),
            interlinked=True,
            procedure="1.000001",
        ),
        _example(
            "at the counter, received 1 March, due 10 March, still in process: overdue since 11 March; the portal does "
            "not know it. Interlinked. A letter gave a new date.",
            code="H",
            index_due_on=_march(10),
            channel=Channel.counter,
            received_on=_march(1),
            due_on=_march(10),
            late_from=_march(11),
            due_soon=(_march(9), _march(7), _march(3)),
            interlinked=True,
            procedure="1.000002",
            cause="extended",
        ),
        _example(
            "online, received 6 March, due 20 March, suspended since 16 March: not overdue.",
            code="I",
            channel=Channel.online,
            received_on=_march(6),
            due_on=_march(20),
            late_from=_march(21),
            portal_late_from=None,
            due_soon=(_march(17), _march(15), _march(13)),
            suspensions=((_march(16), None),),
        ),
        _example(
            "nobody knows how, received 27 March, due 29 May; the portal's date was 29 March: overdue there only, days "
            "off counted.",
            code="J",
            index_due_on=_march(29),
            received_on=_march(27),
            due_on=date(2023, 5, 29),
            late_from=date(2023, 5, 30),
            portal_late_from=_march(30),
            due_soon=(date(2023, 5, 26), date(2023, 5, 24), date(2023, 5, 22)),
            cause="days_off_counted",
        ),
        _example(
            "online, received 5 March, due 15, resolved 14 March; the portal's date was 8 March: overdue there only, "
            "days off counted.",
            code="K",
            index_due_on=_march(8),
            index_late=True,
            channel=Channel.online,
            received_on=_march(5),
            due_on=_march(15),
            late_from=_march(16),
            portal_late_from=_march(9),
            ended_on=_march(14),
            outcome=Outcome.resolved,
            timeliness=Timeliness.early,
            portal_timeliness=Timeliness.overdue,
            cause="days_off_counted",
        ),
        _example(
            "like A, resolved 1 April: in process at the end of March, due that very day (3 April is its first late day).",
            code="L",
            index_due_on=date(2023, 4, 2),
            channel=Channel.online,
            received_on=_march(20),
            due_on=_march(31),
            late_from=date(2023, 4, 3),
            portal_late_from=date(2023, 4, 3),
            due_soon=(_march(30), _march(28), _march(24)),
            ended_on=date(2023, 4, 1),
            outcome=Outcome.resolved,
            timeliness=Timeliness.overdue,
            digitisation_required=True,
            digitised_intake=True,
        ),
        _example(
            "online, received 13 February (carried over), due 24 February, in process by its status and ended on 3 March by a "
            "date: that contradicts itself, so it has no due date that counts, and is in process within limit.",
            code="O",
            channel=Channel.online,
            received_on=date(2023, 2, 13),
            contradictions=(Contradiction(ContradictionKind.in_process_after_end, "portal"),),
        ),
        _example(
            "received 1 May: not there yet.",
            code="M",
            channel=Channel.online,
            received_on=date(2023, 5, 1),
        ),
        _example(
            "deleted at the source.",
            code="N",
            channel=Channel.online,
            received_on=_march(2),
            deleted=True,
        ),
    ),
    manual_inputs={"ratings": 10, "ratings_satisfied": 9, "feedback": 2, "feedback_in_time": 1},
)
