"""One plan per dossier of the calibrated period: how it must end, before it has any date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from deploy.simulator.draw import Draw
from deploy.simulator.ledger import Offering
from deploy.simulator.reference.calibration import Row, calibration
from shared.dossier import Channel


class EndState(StrEnum):
    """State of a dossier at the end of the period, by law."""

    early = "early"
    on_time = "on_time"
    overdue = "overdue"
    returned = "returned"
    within_limit = "within_limit"
    in_process_overdue = "in_process_overdue"


OPEN = frozenset({EndState.within_limit, EndState.in_process_overdue})
WITH_RESULT = frozenset({EndState.early, EndState.on_time, EndState.overdue})


class Divergence(StrEnum):
    """Reason why the portal's judgement and the law's differ, or could differ."""

    none = "none"
    days_off_counted = "days_off_counted"
    """The software counted days off as working days, so its due date is too early and was missed."""
    suspension_hidden = "suspension_hidden"
    """The applicant had to supply papers; the due date was not moved and was missed."""
    not_closed_in_software = "not_closed_in_software"
    """The result was ready in time but the dossier was closed in the software after the due date."""
    due_moved = "due_moved"
    """A clerk moved the due date without a letter: late by law, in time by the portal."""
    suspension_honoured = "suspension_honoured"
    """The dossier waited for papers or a payment and the due date was moved as the law requires."""


WRONGLY_OVERDUE: dict[Divergence, dict[str, int]] = {
    Divergence.days_off_counted: {
        "294.TNMT": 61,
        "294.TCKH": 27,
        "294.LDTBXH": 19,
        "10813": 9,
        "10846": 8,
        "10864": 7,
        "10879": 6,
    },
    Divergence.suspension_hidden: {"294.TNMT": 26, "294.KTHT": 12, "294.LDTBXH": 20},
    Divergence.not_closed_in_software: {
        "294.TCKH": 14,
        "294.TP": 8,
        "10813": 13,
        "10840": 12,
        "10852": 11,
        "10864": 9,
        "10861": 7,
    },
}
"""Dossiers resolved in time in the period that the portal calls overdue: 137 + 58 + 74."""
WRONGLY_OVERDUE_OPEN = {"294.TNMT": 9}
"""Open and within their limit at the end of the period, overdue by the portal, which counted days off."""
UNSEEN_OVERDUE = {"294.TNMT": 2, "294.TCKH": 1}
"""Resolved overdue by law and in time by the portal."""
SUSPENDED = {"294.TNMT": 96, "294.LDTBXH": 24, "294.KTHT": 15, "294.TP": 6, "10813": 4, "10840": 3, "10885": 5}
"""Resolved in time after a suspension that the portal took into account."""
SUSPENDED_AT_THE_END = {"294.TNMT": 18, "294.LDTBXH": 4}
"""In process and suspended on the last day of the period."""
MISROUTED = {"294.TNMT": ("Phòng Kinh tế và Hạ tầng", 6), "294.KTHT": ("Phòng Tài nguyên và Môi trường", 2)}
"""Resolved early, and had gone to another department by mistake: to which, and how many."""

HANDLED_BY: dict[str, tuple[str, ...]] = {
    "294.NV": ("2.000509", "1.000775"),
    "294.TP": ("2.000748", "2.000528", "2.000806", "2.000843", "2.000992"),
    "294.TCKH": ("1.001612", "2.000720", "1.001570", "1.001266", "2.000575"),
    "294.TNMT": (
        "1.003003",
        "2.000889",
        "1.004227",
        "1.004193",
        "1.002273",
        "1.003595",
        "1.004221",
        "1.005187",
        "1.010723",
    ),
    "294.LDTBXH": ("1.001776", "1.010824", "1.001699", "1.001653", "1.010833"),
    "294.VHTT": ("2.000440",),
    "294.GDDT": ("1.004515", "1.005099"),
    "294.YT": ("2.001240",),
    "294.TTR": ("2.002396",),
    "294.KTHT": ("1.009994", "1.009995", "1.009997", "1.009998", "1.002662", "2.000633", "2.000620"),
    "294.NN": ("1.003434",),
}
"""Procedures of the district's offices; every commune handles those of its level."""
OF_COMMUNES = (
    "1.001193",
    "1.000894",
    "1.000656",
    "1.001022",
    "1.004873",
    "1.004859",
    "2.000635",
    "1.004884",
    "1.004746",
    "2.000986",
    "2.001023",
    "2.002622",
    "1.001731",
    "2.000815",
    "2.000884",
    "2.001035",
    "2.001019",
    "1.001653",
    "1.010833",
    "1.008004",
    "1.000775",
    "2.000509",
)
OFTEN = frozenset({"2.000815", "2.000884", "1.001193", "1.004873", "2.000635", "1.001612", "2.000889", "1.005187", "1.001776"})


@dataclass(slots=True)
class DossierPlan:
    """What a dossier must be like."""

    agency: str
    carried: bool
    end_state: EndState
    channel: Channel = Channel.online
    offering: Offering | None = None
    interlinked: bool = False
    required: bool = False
    digitised_intake: bool = False
    digitised_result: bool = False
    divergence: Divergence = Divergence.none
    suspended_at_end: bool = False


def dossier_plans(offerings: Sequence[Offering]) -> list[DossierPlan]:
    """The plans of all dossiers of the period, agency by agency; `offerings` is the catalogue."""
    by_code = {offering.code: offering for offering in offerings}
    plans: list[DossierPlan] = []
    for number, row in enumerate(calibration()):
        plans.extend(_of_agency(row, by_code, Draw(294, number)))
    return plans


def _of_agency(row: Row, by_code: dict[str, Offering], draw: Draw) -> list[DossierPlan]:
    carried_end_states = [EndState.overdue] * (row.resolved_overdue // 3)
    carried_end_states += [EndState.on_time] * (row.carried_over // 20)
    carried_end_states += [EndState.early] * (row.carried_over - len(carried_end_states))
    end_states = {
        EndState.early: row.resolved_early,
        EndState.on_time: row.resolved_on_time,
        EndState.overdue: row.resolved_overdue,
        EndState.returned: row.returned,
        EndState.within_limit: row.in_process_within_limit,
        EndState.in_process_overdue: row.in_process_overdue,
    }
    new_end_states = [
        end_state for end_state, count in end_states.items() for _ in range(count - carried_end_states.count(end_state))
    ]
    channels = (
        [Channel.online] * row.received_online + [Channel.counter] * row.received_counter + [Channel.post] * row.received_post
    )
    plans = [
        DossierPlan(row.agency, False, end_state, channel)
        for end_state, channel in zip(draw.shuffled(new_end_states), draw.shuffled(channels), strict=True)
    ]
    plans += [
        DossierPlan(row.agency, True, end_state, Channel.online if draw.chance(70) else Channel.counter)
        for end_state in draw.shuffled(carried_end_states)
    ]
    _choose_interlinked(row, plans, draw)
    _choose_required(row, plans, draw)
    handled = [by_code[code] for code in HANDLED_BY.get(row.agency, OF_COMMUNES)] if plans else []
    _choose_divergences(row, plans, handled, draw)
    weighted: dict[tuple[object, ...], list[Offering]] = {}
    for plan in plans:
        kind = (plan.interlinked, plan.required, plan.carried, plan.end_state, plan.divergence)
        if kind not in weighted:
            weighted[kind] = [
                one for one in _fitting(plan, plan.divergence, handled) for _ in range(5 if one.code in OFTEN else 1)
            ]
        if not weighted[kind]:
            raise ValueError(f"{plan.agency} handles no procedure that a dossier like this could follow: {plan}")
        plan.offering = draw.pick(weighted[kind])
    return plans


def _choose_interlinked(row: Row, plans: list[DossierPlan], draw: Draw) -> None:
    special = {
        EndState.returned: row.interlinked_returned,
        EndState.overdue: row.interlinked_resolved_overdue,
        EndState.within_limit: row.interlinked_in_process_within_limit,
        EndState.in_process_overdue: row.interlinked_in_process_overdue,
    }
    chosen: list[DossierPlan] = []
    for end_state, count in special.items():
        # Carried ones first, so that an overdue one is among them; the rest of the carried ones end in time.
        among = sorted((plan for plan in plans if plan.end_state is end_state), key=lambda plan: not plan.carried)
        chosen += among[:count]
    for carried, wanted in ((True, row.interlinked_carried_over), (False, row.interlinked_received_new)):
        missing = wanted - sum(plan.carried is carried for plan in chosen)
        chosen += draw.sample(
            [plan for plan in plans if plan.carried is carried and plan.end_state in (EndState.early, EndState.on_time)],
            missing,
        )
    for plan in chosen:
        plan.interlinked = plan.required = True  # every interlinked procedure of the catalogue requires digitisation


def _choose_required(row: Row, plans: list[DossierPlan], draw: Draw) -> None:
    """Required ones among new and open or returned (b), carried (c), and new with a result (a): a + b and a + c are given."""
    without = [plan for plan in plans if not plan.carried and plan.end_state not in WITH_RESULT]
    carried = [plan for plan in plans if plan.carried]
    new = [plan for plan in plans if not plan.carried and plan.end_state in WITH_RESULT]
    surplus = row.digitisation_required_new - row.digitisation_required_resolved
    share = row.digitisation_required_new / row.received_new if row.received_new else 0.0
    least = sum(plan.required for plan in without)
    least_carried = sum(plan.required for plan in carried)
    possible = [b for b in range(least, len(without) + 1) if least_carried <= b - surplus <= len(carried)]
    if not possible:
        raise ValueError(f"the digitised columns of {row.agency} cannot be met")
    b = min(possible, key=lambda count: (abs(count - share * len(without)), count))
    for group, wanted in ((without, b), (carried, b - surplus), (new, row.digitisation_required_new - b)):
        missing = wanted - sum(plan.required for plan in group)
        for plan in draw.sample([plan for plan in group if not plan.required], missing):
            plan.required = True
    for plan in plans:
        # Where nothing is required some is digitised all the same; it must not enter the shares.
        plan.digitised_intake = plan.required or draw.chance(40)
        plan.digitised_result = plan.end_state in WITH_RESULT and (plan.required or draw.chance(40))
    for plan in draw.sample(
        [plan for plan in plans if plan.required and not plan.carried], row.digitisation_required_new - row.digitised_intake
    ):
        plan.digitised_intake = False
    for plan in draw.sample(
        [plan for plan in plans if plan.required and plan.end_state in WITH_RESULT],
        row.digitisation_required_resolved - row.digitised_result,
    ):
        plan.digitised_result = False


def _choose_divergences(row: Row, plans: list[DossierPlan], handled: list[Offering], draw: Draw) -> None:
    def divergence(kind: Divergence, count: int, end_states: Sequence[EndState]) -> list[DossierPlan]:
        if not count:
            return []
        free = [
            plan
            for plan in plans
            if plan.divergence is Divergence.none
            and not plan.carried
            and plan.end_state in end_states
            and _fitting(plan, kind, handled)
        ]
        chosen = draw.sample(free, count)
        for plan in chosen:
            plan.divergence = kind
        return chosen

    for kind, counts in WRONGLY_OVERDUE.items():
        divergence(kind, counts.get(row.agency, 0), [EndState.early])
    divergence(Divergence.days_off_counted, WRONGLY_OVERDUE_OPEN.get(row.agency, 0), [EndState.within_limit])
    divergence(Divergence.due_moved, UNSEEN_OVERDUE.get(row.agency, 0), [EndState.overdue])
    divergence(Divergence.suspension_honoured, SUSPENDED.get(row.agency, 0), [EndState.early])
    for plan in divergence(Divergence.suspension_honoured, SUSPENDED_AT_THE_END.get(row.agency, 0), [EndState.within_limit]):
        plan.suspended_at_end = True


def _fitting(plan: DossierPlan, divergence: Divergence, handled: list[Offering]) -> list[Offering]:
    return [
        one
        for one in handled
        if one.interlinked is plan.interlinked
        and one.digitisation_required is plan.required
        and _long_enough(one, plan, divergence)
    ]


def _long_enough(offering: Offering, plan: DossierPlan, divergence: Divergence) -> bool:
    """Whether the time limit is long enough for the plan."""
    if divergence in (Divergence.days_off_counted, Divergence.suspension_hidden, Divergence.suspension_honoured):
        return offering.unit == "working_days" and offering.amount >= 3
    if plan.carried or divergence is Divergence.not_closed_in_software:
        return offering.unit != "hours" and offering.amount >= 3
    return plan.end_state in (EndState.early, EndState.returned) or offering.unit != "hours"
