"""One slot per dossier of the calibrated period: what it must become, before it has a single date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from deploy.simulator.draw import Draw
from deploy.simulator.ledger import Offering
from deploy.simulator.reference.calibration import Row, calibration
from shared.dossier import Channel


class Fate(StrEnum):
    """How it stands at the end of the period, by law."""

    early = "early"
    on_time = "on_time"
    overdue = "overdue"
    returned = "returned"
    within_limit = "within_limit"
    in_process_overdue = "in_process_overdue"


OPEN = frozenset({Fate.within_limit, Fate.in_process_overdue})
WITH_RESULT = frozenset({Fate.early, Fate.on_time, Fate.overdue})


class Twist(StrEnum):
    """What makes the portal's judgement and the law's differ, or could."""

    none = "none"
    days_off_counted = "days_off_counted"
    """The software counted days off as working days: its appointment is too early, and missed."""
    suspension_hidden = "suspension_hidden"
    """The applicant was asked for papers; the appointment was not moved, and missed."""
    not_closed_in_software = "not_closed_in_software"
    """The result was ready in time and closed in the software after the appointment."""
    due_moved = "due_moved"
    """A clerk moved the appointment without a letter: late by law, not by the portal."""
    suspension_honoured = "suspension_honoured"
    """Papers or a payment were waited for and the appointment was moved as the law has it."""


WRONGLY_OVERDUE: dict[Twist, dict[str, int]] = {
    Twist.days_off_counted: {"294.TNMT": 61, "294.TCKH": 27, "294.LDTBXH": 19, "10813": 9, "10846": 8, "10864": 7, "10879": 6},
    Twist.suspension_hidden: {"294.TNMT": 26, "294.KTHT": 12, "294.LDTBXH": 20},
    Twist.not_closed_in_software: {"294.TCKH": 14, "294.TP": 8, "10813": 13, "10840": 12, "10852": 11, "10864": 9, "10861": 7},
}
"""Dossiers resolved in time in the period that the portal calls overdue: 137 + 58 + 74."""
WRONGLY_OVERDUE_OPEN = {"294.TNMT": 9}
"""Open and within their limit at the end of the period, overdue by the portal, which counted days off."""
UNSEEN_OVERDUE = {"294.TNMT": 2, "294.TCKH": 1}
"""Resolved overdue by law and in time by the portal."""
SUSPENDED = {"294.TNMT": 96, "294.LDTBXH": 24, "294.KTHT": 15, "294.TP": 6, "10813": 4, "10840": 3, "10885": 5}
"""Resolved in time after a suspension that the portal took into account."""
SUSPENDED_AT_THE_END = {"294.TNMT": 18, "294.LDTBXH": 4}
"""In process on the last day of the period, and waiting for somebody else."""

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
class Slot:
    """A dossier to be."""

    agency: str
    carried: bool
    fate: Fate
    channel: Channel = Channel.online
    offering: Offering | None = None
    interlinked: bool = False
    required: bool = False
    digitised_intake: bool = False
    digitised_result: bool = False
    twist: Twist = Twist.none
    suspended_at_end: bool = False


def slots(offerings: Sequence[Offering]) -> list[Slot]:
    """All slots of the period, agency by agency; `offerings` is the catalogue."""
    by_code = {offering.code: offering for offering in offerings}
    made: list[Slot] = []
    for number, row in enumerate(calibration()):
        made.extend(_of_agency(row, by_code, Draw(294, number)))
    return made


def _of_agency(row: Row, by_code: dict[str, Offering], draw: Draw) -> list[Slot]:
    carried_fates = [Fate.overdue] * (row.resolved_overdue // 3)
    carried_fates += [Fate.on_time] * (row.carried_over // 20)
    carried_fates += [Fate.early] * (row.carried_over - len(carried_fates))
    fates = {
        Fate.early: row.resolved_early,
        Fate.on_time: row.resolved_on_time,
        Fate.overdue: row.resolved_overdue,
        Fate.returned: row.returned,
        Fate.within_limit: row.in_process_within_limit,
        Fate.in_process_overdue: row.in_process_overdue,
    }
    new_fates = [fate for fate, count in fates.items() for _ in range(count - carried_fates.count(fate))]
    channels = (
        [Channel.online] * row.received_online + [Channel.counter] * row.received_counter + [Channel.post] * row.received_post
    )
    made = [
        Slot(row.agency, False, fate, channel)
        for fate, channel in zip(draw.shuffled(new_fates), draw.shuffled(channels), strict=True)
    ]
    made += [
        Slot(row.agency, True, fate, Channel.online if draw.chance(70) else Channel.counter)
        for fate in draw.shuffled(carried_fates)
    ]
    _choose_interlinked(row, made, draw)
    _choose_required(row, made, draw)
    handled = [by_code[code] for code in HANDLED_BY.get(row.agency, OF_COMMUNES)] if made else []
    _choose_twists(row, made, handled, draw)
    weighted: dict[tuple[object, ...], list[Offering]] = {}
    for slot in made:
        kind = (slot.interlinked, slot.required, slot.carried, slot.fate, slot.twist)
        if kind not in weighted:
            weighted[kind] = [one for one in _fitting(slot, slot.twist, handled) for _ in range(5 if one.code in OFTEN else 1)]
        if not weighted[kind]:
            raise ValueError(f"{slot.agency} handles no procedure that a dossier like this could follow: {slot}")
        slot.offering = draw.pick(weighted[kind])
    return made


def _choose_interlinked(row: Row, made: list[Slot], draw: Draw) -> None:
    special = {
        Fate.returned: row.interlinked_returned,
        Fate.overdue: row.interlinked_resolved_overdue,
        Fate.within_limit: row.interlinked_in_process_within_limit,
        Fate.in_process_overdue: row.interlinked_in_process_overdue,
    }
    chosen: list[Slot] = []
    for fate, count in special.items():
        # Carried ones first, so that an overdue one is among them; the rest of the carried ones end in time.
        among = sorted((slot for slot in made if slot.fate is fate), key=lambda slot: not slot.carried)
        chosen += among[:count]
    for carried, wanted in ((True, row.interlinked_carried_over), (False, row.interlinked_received_new)):
        missing = wanted - sum(slot.carried is carried for slot in chosen)
        chosen += draw.sample(
            [slot for slot in made if slot.carried is carried and slot.fate in (Fate.early, Fate.on_time)], missing
        )
    for slot in chosen:
        slot.interlinked = slot.required = True  # every interlinked procedure of the catalogue requires digitisation


def _choose_required(row: Row, made: list[Slot], draw: Draw) -> None:
    """Required ones among new and open or returned (b), carried (c), and new with a result (a): a + b and a + c are given."""
    without = [slot for slot in made if not slot.carried and slot.fate not in WITH_RESULT]
    carried = [slot for slot in made if slot.carried]
    new = [slot for slot in made if not slot.carried and slot.fate in WITH_RESULT]
    surplus = row.digitisation_required_new - row.digitisation_required_resolved
    share = row.digitisation_required_new / row.received_new if row.received_new else 0.0
    least = sum(slot.required for slot in without)
    least_carried = sum(slot.required for slot in carried)
    possible = [b for b in range(least, len(without) + 1) if least_carried <= b - surplus <= len(carried)]
    if not possible:
        raise ValueError(f"the digitised columns of {row.agency} cannot be met")
    b = min(possible, key=lambda count: (abs(count - share * len(without)), count))
    for group, wanted in ((without, b), (carried, b - surplus), (new, row.digitisation_required_new - b)):
        missing = wanted - sum(slot.required for slot in group)
        for slot in draw.sample([slot for slot in group if not slot.required], missing):
            slot.required = True
    for slot in made:
        # Where nothing is required some is digitised all the same; it must not enter the shares.
        slot.digitised_intake = slot.required or draw.chance(40)
        slot.digitised_result = slot.fate in WITH_RESULT and (slot.required or draw.chance(40))
    for slot in draw.sample(
        [slot for slot in made if slot.required and not slot.carried], row.digitisation_required_new - row.digitised_intake
    ):
        slot.digitised_intake = False
    for slot in draw.sample(
        [slot for slot in made if slot.required and slot.fate in WITH_RESULT],
        row.digitisation_required_resolved - row.digitised_result,
    ):
        slot.digitised_result = False


def _choose_twists(row: Row, made: list[Slot], handled: list[Offering], draw: Draw) -> None:
    def twist(kind: Twist, count: int, fates: Sequence[Fate]) -> list[Slot]:
        if not count:
            return []
        free = [
            slot
            for slot in made
            if slot.twist is Twist.none and not slot.carried and slot.fate in fates and _fitting(slot, kind, handled)
        ]
        chosen = draw.sample(free, count)
        for slot in chosen:
            slot.twist = kind
        return chosen

    for kind, counts in WRONGLY_OVERDUE.items():
        twist(kind, counts.get(row.agency, 0), [Fate.early])
    twist(Twist.days_off_counted, WRONGLY_OVERDUE_OPEN.get(row.agency, 0), [Fate.within_limit])
    twist(Twist.due_moved, UNSEEN_OVERDUE.get(row.agency, 0), [Fate.overdue])
    twist(Twist.suspension_honoured, SUSPENDED.get(row.agency, 0), [Fate.early])
    for slot in twist(Twist.suspension_honoured, SUSPENDED_AT_THE_END.get(row.agency, 0), [Fate.within_limit]):
        slot.suspended_at_end = True


def _fitting(slot: Slot, twist: Twist, handled: list[Offering]) -> list[Offering]:
    return [
        one
        for one in handled
        if one.interlinked is slot.interlinked and one.digitisation_required is slot.required and _long_enough(one, slot, twist)
    ]


def _long_enough(offering: Offering, slot: Slot, twist: Twist) -> bool:
    """Whether the limit leaves room for what is asked."""
    if twist in (Twist.days_off_counted, Twist.suspension_hidden, Twist.suspension_honoured):
        return offering.unit == "working_days" and offering.amount >= 3
    if slot.carried or twist is Twist.not_closed_in_software:
        return offering.unit != "hours" and offering.amount >= 3
    return slot.fate in (Fate.early, Fate.returned) or offering.unit != "hours"
